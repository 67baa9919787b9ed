"""How training asks for labels: as views like any other, asked when they can be known.

A label over the next 30 days is the feature over the last 30 days, asked 30 days later. So every
engine answers labels with what it has for features. Two things differ. A label is read in
hindsight: rows count by when they happened, whenever they became known. And it is null as long as
its window has not ended by the moment up to which the source is known to hold every row: nothing
yet is not the same as none. That moment is what the source's author says, else that of the last
row; where rows say when they became known, none later than the last of these, so that what is
planned or dated wrongly does not pass for what has happened.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from featurekit.backends.plan import Wanted
from featurekit.backends.to_polars import PURPOSE
from featurekit.datatypes import BIGINT, BOOLEAN, TIMESTAMP, VARCHAR
from featurekit.errors.data import NoData
from featurekit.frontends.binding import apply, widen
from featurekit.ir.definitions import Source
from featurekit.ir.nodes import Aggregate, AsOf, Call, Case, Expression, InVocabulary, Literal
from featurekit.ir.schedules import Later
from featurekit.ir.view import Feature, Join, View, horizon, longest_horizon
from featurekit.ir.windows import EPOCH, MICROSECOND, AllTime, Rolling, Window, to_micros
from featurekit.lazy import require
from featurekit.training.sources import SourceData, collected

if TYPE_CHECKING:
    import polars as pl

Latest = Callable[[Source], int | None]
"""Up to which moment a source goes by its rows, in microseconds; None: it has no rows."""
_FIRST = to_micros(dt.datetime.min.replace(tzinfo=dt.UTC))
_LAST = to_micros(dt.datetime.max.replace(tzinfo=dt.UTC))


def asked_later(views: Mapping[str, View], latest: Latest) -> dict[str, View]:
    """Return ``views`` with labels as views that are asked at their horizon."""
    return {
        reference: _later(view, latest) if view.is_label else view
        for reference, view in views.items()
    }


def latest_rows(data: Mapping[str, SourceData]) -> Latest:
    """Return up to which moment each source of ``data`` goes; read when it is asked for."""
    pl = require("polars", PURPOSE)
    found: dict[str, int | None] = {}

    def latest(source: Source) -> int | None:
        if source.name not in data:
            raise NoData(source.name)
        if source.name not in found:
            ends = [pl.col(name).max().dt.epoch("us") for name in ends_of(source)]
            last = data[source.name].frame.select(pl.min_horizontal(ends))
            found[source.name] = collected(last, f"source {source.name!r}").item()
        return found[source.name]

    return latest


def ends_of(source: Source) -> tuple[str, ...]:
    """Return the columns whose latest values say how far a source goes: the earlier one counts."""
    return tuple(dict.fromkeys(name for name in (source.time, source.available) if name))


def known_until(view: View, latest: Latest) -> dt.datetime | None:
    """Return the last moment of which every label of ``view`` is known; None: of no moment."""
    until = min(_known_until(view, f.expression, latest) for f in view.features)
    return EPOCH + until * MICROSECOND if until > _FIRST else None


def too_early(
    wanted: Sequence[Wanted], views: Mapping[str, View], moments: pl.Series, latest: Latest
) -> dict[str, pl.Series]:
    """Return for each label's column which moments have none yet; null where there is no moment."""
    times = moments.dt.epoch("us")
    found = {}
    for one in wanted:
        view = views[one.reference]
        feature = view.feature(one.feature)
        if view.is_label and feature is not None:
            until = _known_until(view, feature.expression, latest)
            found[one.column] = times > until
    return found


def _known_until(view: View, expression: Expression, latest: Latest) -> int:
    """Return the last moment whose label ``expression`` is known, in microseconds.

    A window that ends at the very moment of the last row is known: it does not hold that moment.
    """
    source = view.source
    if source is not None and source.until is not None:
        last: int | None = to_micros(dt.datetime.fromisoformat(source.until))
    else:
        last = latest(source) if source is not None else None
    if last is None:
        return _FIRST
    return max(last - horizon(view, expression) - view.delay, _FIRST)


def _later(view: View, latest: Latest) -> View:
    length = longest_horizon(view)
    features = tuple(
        Feature(f.name, _known(f.expression, length, _known_until(view, f.expression, latest)))
        for f in view.features
    )
    return replace(
        view,
        features=features,
        source=view.source and _in_hindsight(view.source),
        where=view.where and _moved(view.where, length),
        joins=tuple(_joined(join) for join in view.joins),
        delay=0,
        fresh=Later(length),
        ahead=None,
    )


def _known(node: Expression, length: int, until: int) -> Expression:
    """Return ``node`` asked ``length`` later, null for moments after ``until``."""
    latest = EPOCH + min(until + length, _LAST) * MICROSECOND
    ripe = Call("le", (AsOf(), Literal(latest, TIMESTAMP)), BOOLEAN)
    return Case(((ripe, _moved(node, length)),), widen(Literal(None), node.type), node.type)


def _in_hindsight(source: Source) -> Source:
    return replace(source, available=None, until=None)


def _joined(join: Join) -> Join:
    return replace(join, source=_in_hindsight(join.source))


def _moved(node: Expression, length: int) -> Expression:
    """Return ``node``, which speaks of a moment, for a moment that is ``length`` later."""
    match node:
        case AsOf():
            unit, back = Literal("microsecond", VARCHAR), Literal(-length, BIGINT)
            return apply("DATE_ADD", [unit, back, node], None)
        case Aggregate():
            where = node.where and _moved(node.where, length)
            return replace(node, window=_window(node.window, length), where=where)
        case Call():
            return replace(node, arguments=tuple(_moved(a, length) for a in node.arguments))
        case Case(branches, default):
            pairs = tuple((_moved(c, length), _moved(v, length)) for c, v in branches)
            return replace(node, branches=pairs, default=_moved(default, length))
        case InVocabulary(argument):
            return replace(node, argument=_moved(argument, length))
        case _:
            return node


def _window(window: Window, length: int) -> Window:
    match window:
        case Rolling() | AllTime():
            return replace(window, offset=window.offset + length)
        case _:
            msg = f"a label over {window}"
            raise TypeError(msg)
