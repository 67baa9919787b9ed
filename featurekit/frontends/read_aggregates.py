"""Aggregates over windows: by name, or as a frame of the standard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from featurekit.datatypes import BIGINT
from featurekit.errors.base import closest
from featurekit.errors.meaning import (
    AggregateRefused,
    ConstantNeeded,
    ConstantRefused,
    WindowMissing,
    WrongTypes,
)
from featurekit.errors.names import UnknownFunction
from featurekit.frontends.binding import apply, widen
from featurekit.frontends.frames import Over
from featurekit.frontends.misfits import place_of_misfit
from featurekit.frontends.read_calls import (
    AGGREGATE_ALIASES,
    aggregates,
    called,
    refuse_by_name,
)
from featurekit.frontends.read_windows import window_of
from featurekit.frontends.reader import Form, Reader
from featurekit.frontends.window_clauses import written
from featurekit.ir.nodes import Aggregate, Expression, Literal
from featurekit.ops import AGGREGATES_BY_SURFACE, bind_aggregate


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
    return _aggregate(reader, name, call, over, kept)


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
        raise UnknownFunction(told, (), where, "leave it out: every aggregate skips NULL")
    if kind != "Anonymous":
        shown = reader.text.source_of(call)
        raise UnknownFunction(f"aggregate {shown[:40]!r}", aggregates(), where)
    word = called(call)
    name = AGGREGATE_ALIASES.get(word, word)
    if name not in aggregates():
        refuse_by_name(word, where)
        raise UnknownFunction(f"aggregate {word}", (), where, _instead(word))
    return name, where


def _instead(word: str) -> str:
    known = aggregates()
    return closest(word, known) or f"one of {', '.join(known)}"


def _aggregate(
    reader: Reader, name: str, call: Any, over: Over, where: Expression | None
) -> Expression:
    arguments, distinct, at = call.expressions, False, reader.text.place(call)
    surface = name
    match [type(argument).__name__ for argument in arguments]:
        case ["Star"]:
            arguments, surface = [], f"{name}(*)"
        case ["Distinct"] if not arguments[0].args.get("on"):
            arguments, distinct = arguments[0].expressions, True
            surface = "COUNT DISTINCT" if name == "COUNT" else name
        case _:
            pass
    made = [reader.read(argument, inside=True) for argument in arguments]
    made += [Literal(1, BIGINT)] if name == "LAG" and len(made) == 1 else []
    constants = [argument.value if isinstance(argument, Literal) else ... for argument in made]
    try:
        bound = bind_aggregate(surface, [argument.type for argument in made], constants)
    except ConstantRefused as error:
        error.where = at
        raise
    if bound is None:
        refused = _misfit(name, surface, made, at)
        if isinstance(refused, WrongTypes):
            rows = [row.parameters for row in AGGREGATES_BY_SURFACE.get(surface, ())]
            places = [reader.text.place(argument) for argument in arguments]
            refused.where = place_of_misfit(rows, [a.type for a in made], places, at)
        raise refused
    if distinct and surface == name and not bound.function.distinct:
        raise UnknownFunction(f"{name}(DISTINCT ...)", (), at, "COUNT(DISTINCT x)")
    widened = tuple(widen(a, t) for a, t in zip(made, bound.arguments, strict=True))
    apart = distinct and surface == name
    window, current = over
    return Aggregate(bound.function.name, widened, window, where, apart, bound.type, current)


def _misfit(name: str, surface: str, given: Sequence[Expression], at: Any) -> Exception:
    fix = ""
    for row in AGGREGATES_BY_SURFACE.get(surface, ()):
        if any(parameter.constant for parameter in row.parameters):
            fix = f"featurekit ops {row.name}   # says what its arguments may be"
        for parameter, argument in zip(row.parameters, given, strict=False):
            fixed = isinstance(argument, Literal) and argument.value is not None
            if parameter.constant and len(row.parameters) == len(given) and not fixed:
                return ConstantNeeded(name, parameter.name, (), at)
    return WrongTypes(name, [a.type for a in given] or ["*"], _accepted(surface), at, fix)


def _accepted(surface: str) -> Sequence[str]:
    rows = AGGREGATES_BY_SURFACE.get(surface, ())
    return [f"({', '.join(map(str, row.parameters))})" for row in rows][:4]


def read_filter(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Refuse an aggregate that has FILTER and no OVER."""
    del inside
    raise WindowMissing(reader.text.source_of(node.this), reader.text.place(node.this))


FORMS: dict[str, Form] = {"Window": read_window, "Filter": read_filter}
