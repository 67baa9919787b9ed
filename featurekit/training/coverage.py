"""Whether a source really goes as far as its last row, or some row is planned or dated wrongly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from featurekit.backends.plan import Wanted
from featurekit.backends.to_polars import PURPOSE
from featurekit.frontends.moments import written_moment
from featurekit.frontends.remarks import Lint
from featurekit.ir.view import View, longest_horizon
from featurekit.ir.windows import EPOCH, MICROSECOND
from featurekit.lazy import require
from featurekit.training.declaring import declaration
from featurekit.training.labels import Latest, too_early
from featurekit.training.sources import SourceData, collected

if TYPE_CHECKING:
    import polars as pl

_FEW = 0.01
"""Which share of the rows is too few to say that a source goes on."""
_ENOUGH = 10
"""Rows; of fewer nothing is usual."""


@dataclass(frozen=True, slots=True)
class Stray:
    """The last rows of a source, far behind all others.

    Attributes:
        rows: How many there are.
        before: When the last row before them happened; microseconds.
        first: When the first of them did.
    """

    rows: int
    before: int
    first: int


def stray_rows(data: SourceData) -> Stray | None:
    """Return the rows behind the longest time without any, when they are too few or too far off.

    Too few: a hundredth of the rows. Too far off: farther than all rows before them are apart.
    """
    pl = require("polars", PURPOSE)
    source = data.source
    moment = pl.col(str(source.time)).dt.epoch("us").drop_nulls().sort().alias("at")
    times = collected(data.frame.select(moment), f"source {source.name!r}")["at"]
    place = times.diff().arg_max() if len(times) >= _ENOUGH else None
    if place is None:
        return None
    before, first, rows = times[place - 1], times[place], len(times) - place
    if rows > len(times) * _FEW and first - before <= before - times[0]:
        return None
    return Stray(rows, before, first)


def known_by_strays(view: View, data: SourceData, latest: Latest) -> Stray | None:
    """Return the last rows of a label's source where some labels are known by these alone."""
    source = view.source
    if source is None or source.until is not None:
        return None
    stray, last = stray_rows(data), latest(source)
    if stray is None or last is None or last <= stray.before:
        return None
    return stray if stray.first - stray.before > longest_horizon(view) else None


def stray_remark(view: View, data: SourceData, latest: Latest) -> Lint | None:
    """Remark on how far a label seems to be known, where that rests on strays (FK276)."""
    stray = known_by_strays(view, data, latest)
    if stray is None:
        return None
    last, next_one = _told(stray.before), _told(stray.first)
    text = (
        f"labels of moments after {_told(stray.before - longest_horizon(view) - view.delay)} pass"
        f" for known by {_rows(stray)} of '{data.source.name}' alone: {_gap(last, next_one)}"
    )
    return Lint("FK276", text, declaration(data.source, until=last))


def rests_on_strays(
    wanted: Sequence[Wanted],
    views: Mapping[str, View],
    moments: pl.Series,
    data: Mapping[str, SourceData],
    latest: Latest,
) -> tuple[Lint, ...]:
    """Remark on labels that are known only by rows far behind all others (FK276)."""
    early = too_early(wanted, views, moments, latest)
    times = moments.dt.epoch("us")
    found: dict[str, Stray | None] = {}
    lints = []
    for one in wanted:
        view = views[one.reference]
        if one.column not in early or view.source is None:
            continue
        if one.reference not in found:
            found[one.reference] = known_by_strays(view, data[view.source.name], latest)
        stray = found[one.reference]
        if stray is None:
            continue
        count = int(((times + longest_horizon(view) > stray.before) & ~early[one.column]).sum())
        if count:
            source, last = data[view.source.name].source, _told(stray.before)
            text = (
                f"{count:,} values of {one.column} pass for known by {_rows(stray)}"
                f" of '{source.name}' alone: {_gap(last, _told(stray.first))}"
            )
            lints.append(Lint("FK276", text, declaration(source, until=last)))
    return tuple(lints)


def _rows(stray: Stray) -> str:
    return "1 row" if stray.rows == 1 else f"{stray.rows:,} rows"


def _gap(last: str, next_one: str) -> str:
    return (
        f"nothing happened to anybody from {last} to {next_one}. "
        "Probably its rows end there, and the last ones are planned or dated wrongly"
    )


def _told(at: int) -> str:
    moment: dt.datetime = EPOCH + at * MICROSECOND
    return written_moment(moment)
