"""Aggregates over windows: by name, or as a frame of the standard."""

from __future__ import annotations

from typing import Any

from featurekit.datatypes import TIMESTAMP
from featurekit.errors.base import closest
from featurekit.errors.definition import FrameRefused
from featurekit.errors.meaning import AggregateRefused, ConstantNeeded, WindowMissing
from featurekit.errors.names import UnknownFunction
from featurekit.frontends.binding import apply, widen
from featurekit.frontends.frames import Over
from featurekit.frontends.read_arguments import event_time, read_arguments
from featurekit.frontends.read_calls import (
    AGGREGATE_ALIASES,
    SINCE,
    aggregates,
    called,
    refuse_by_name,
)
from featurekit.frontends.read_times import UNITS, unit_literal
from featurekit.frontends.read_windows import window_of
from featurekit.frontends.reader import Form, Reader
from featurekit.frontends.window_clauses import written
from featurekit.ir.nodes import Aggregate, AsOf, Expression
from featurekit.ir.windows import AllTime
from featurekit.ops import bind_aggregate


def read_window(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Return ``AGG(x) [FILTER (WHERE c)] OVER window``.

    Raises:
        DefinitionError: FK108 a frame that is no window, FK113 unknown aggregate, FK114 unknown
            window, FK120 wrong types, FK140 a frame that follows, FK144 no rows to aggregate.
    """
    call, condition = _parts(node)
    name, where = _name(reader, call)
    if inside:
        why = "the rows of a window are those of the source, not of another window"
        raise AggregateRefused(name, "inside an aggregate or WHERE", why, "aggregate once", where)
    if reader.no_rows:
        fix = "SUM(amount) OVER last_30d belongs in a view over events"
        raise AggregateRefused(name, "in this view", reader.no_rows, fix, where)
    over = window_of(written(node, reader.rows.clauses, reader.text), reader)
    kept = reader.where
    if condition is not None:
        chosen = reader.condition(condition, "FILTER", inside=True)
        kept = chosen if kept is None else apply("AND", [kept, chosen], where)
    read = _since if name in SINCE else _aggregate
    return read(reader, name, call, over, kept)


def _parts(node: Any) -> tuple[Any, Any]:
    inner = node.this
    if type(inner).__name__ == "Filter":
        return inner.this, inner.expression.this
    return inner, None


def _name(reader: Reader, call: Any) -> tuple[str, Any]:
    where = reader.text.place(call)
    kind = type(call).__name__
    if kind in {"IgnoreNulls", "RespectNulls"} and type(call.this).__name__ == "Anonymous":
        refuse_by_name(called(call.this), where)
        told = "IGNORE NULLS" if kind == "IgnoreNulls" else "RESPECT NULLS"
        raise UnknownFunction(told, (), where, _nulls(called(call.this), kind))
    if kind == "WithinGroup":
        fix = "STRING_AGG(x, ',' ORDER BY y), or QUANTILE_CONT(x, 0.5)"
        raise UnknownFunction("WITHIN GROUP", (), where, fix)
    if kind != "Anonymous":
        shown = reader.text.source_of(call)
        raise UnknownFunction(f"aggregate {shown[:40]!r}", aggregates(), where)
    word = called(call)
    name = AGGREGATE_ALIASES.get(word, word)
    if name not in aggregates():
        refuse_by_name(word, where)
        words = ", ".join(reader.text.source_of(one) for one in call.expressions)
        raise UnknownFunction(f"aggregate {word}", (), where, _instead(word, words))
    return name, where


def _nulls(name: str, kind: str) -> str:
    """Return what to write for IGNORE NULLS or RESPECT NULLS."""
    if name != "LAG":
        return "leave it out: every aggregate but LAG skips NULL"
    if kind == "IgnoreNulls":
        return "LAG(x, 1) FILTER (WHERE x IS NOT NULL)"
    return "leave it out: LAG counts every row"


_SKETCHES = {"APPROX_COUNT_DISTINCT", "APPROX_DISTINCT", "HLL"}
"""What counts different values roughly elsewhere, and differently on each engine."""


def _instead(word: str, words: str) -> str:
    if word in _SKETCHES:
        return f"COUNT(DISTINCT {words})"
    known = aggregates()
    return closest(word, known) or f"one of {', '.join(known)}"


def _aggregate(
    reader: Reader, name: str, call: Any, over: Over, where: Expression | None
) -> Aggregate:
    window, current = over
    if name == "LAG" and current:  # the standard's LAG counts back from the row in hand
        current = False
        if not isinstance(window, AllTime):
            why = "LAG counts rows whatever the frame"
            fix = "leave the frame out, or give the window a name: OVER last_30d"
            at = reader.text.place(call)
            raise FrameRefused("LAG over a frame is ambiguous", why, fix, at)
    found = read_arguments(reader, name, call)
    kind = found.bound.type
    function = found.bound.function.name
    return Aggregate(function, found.arguments, window, where, kind, current, found.order)


def _since(
    reader: Reader, name: str, call: Any, over: Over, where: Expression | None
) -> Expression:
    """Return the time from the last (first) row to the asking: ``ELAPSED(unit, ..., AS_OF())``."""
    at = reader.text.place(call)
    if len(call.expressions) != 1:
        raise ConstantNeeded(name, "unit", UNITS[name], at)
    given = reader.read(call.expressions[0], inside=True)
    unit = unit_literal(name, given, reader.text.place(call.expressions[0]))
    moment = widen(event_time(reader.rows.source), TIMESTAMP)
    bound = bind_aggregate(SINCE[name], [TIMESTAMP])
    assert bound is not None  # noqa: S101  moments have an order
    window, current = over
    found = Aggregate(bound.function.name, (moment,), window, where, TIMESTAMP, current)
    return apply("ELAPSED", [unit, found, AsOf()], at)


def read_filter(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Refuse an aggregate that has FILTER and no OVER."""
    del inside
    raise WindowMissing(reader.text.source_of(node.this), reader.text.place(node.this))


FORMS: dict[str, Form] = {"Window": read_window, "Filter": read_filter}
