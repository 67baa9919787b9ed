"""What stands in the parentheses of an aggregate: its arguments, DISTINCT, ORDER BY."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from featurekit.datatypes import BIGINT
from featurekit.errors import Where
from featurekit.errors.meaning import ConstantNeeded, ConstantRefused, WrongTypes
from featurekit.errors.names import UnknownFunction
from featurekit.frontends.advice import cast_that_fits, in_own_words, with_constant
from featurekit.frontends.binding import widen
from featurekit.frontends.lengths import length_meant, length_of
from featurekit.frontends.misfits import place_of_misfit
from featurekit.frontends.reader import Reader
from featurekit.ir.definitions import Source
from featurekit.ir.nodes import AsOf, Column, Expression, Literal, Order
from featurekit.ops import AGGREGATES_BY_SURFACE, bind_aggregate
from featurekit.ops.aggregate import BoundAggregate
from featurekit.ops.parameters import EVENT_TIME, LENGTH, Parameter

_LAST_N = "LIST_LAST(x, 3) keeps the latest, FILTER (WHERE ...) some"


@dataclass(frozen=True, slots=True)
class Called:
    """An aggregate without its window: the overload, its arguments, which rows and in what order.

    Attributes:
        bound: The overload.
        arguments: All of its arguments, as it takes them.
        order: What the rows are ordered by; empty: by their time.
    """

    bound: BoundAggregate
    arguments: tuple[Expression, ...]
    order: tuple[Order, ...]


@dataclass(slots=True)
class _Written:
    """The parts of a call as they stand in the text."""

    surface: str
    nodes: list[Any]
    apart: bool = False
    keys: list[Any] = field(default_factory=list)


def read_arguments(reader: Reader, name: str, call: Any) -> Called:
    """Return the overload of ``name`` that takes what stands in the parentheses.

    Raises:
        DefinitionError: FK113 DISTINCT or ORDER BY that means nothing there, FK120 wrong types,
            FK125 a literal is needed, FK128 a literal that means nothing there.
    """
    at = reader.text.place(call)
    written = _written(reader, name, call)
    words = [reader.text.source_of(node) for node in written.nodes]
    try:
        made = _read(reader, name, written)
    except ConstantRefused as error:
        error.fix = in_own_words(error.fix, words)
        raise
    given = [argument.type for argument in made]
    constants = [argument.value if isinstance(argument, Literal) else ... for argument in made]
    try:
        bound = bind_aggregate(written.surface, given, constants)
    except ConstantRefused as error:
        error.where, error.fix = at, in_own_words(error.fix, words)
        raise
    if bound is None:
        refused = _misfit(name, written.surface, made, at, words)
        if isinstance(refused, WrongTypes):
            rows = [_taken(row.parameters) for row in _overloads(written.surface)]
            places = [reader.text.place(node) for node in written.nodes]
            refused.where = place_of_misfit(rows, given, places, at)
        raise refused
    if written.apart:
        fix = f"{name}(x); COUNT(DISTINCT x) counts different values, TOP_K(x, 10) lists them"
        raise UnknownFunction(f"{name}(DISTINCT ...)", (), at, fix)
    if written.keys and not bound.function.ordered:
        fix = f"{name}(x): the order of the rows changes nothing"
        raise UnknownFunction(f"{name}(... ORDER BY ...)", (), at, fix)
    order = tuple(_key(reader, key) for key in written.keys)
    return Called(bound, filled(bound, made, reader.rows.source), order)


def filled(
    bound: BoundAggregate, written: Sequence[Expression], source: Source | None
) -> tuple[Expression, ...]:
    """Return all arguments that ``bound`` takes, those that no author writes among them.

    Args:
        bound: The overload.
        written: What the author wrote.
        source: Whose rows are aggregated; it has a time.
    """
    rest = iter(written)
    made: list[Expression] = []
    for parameter, kind in zip(bound.function.parameters, bound.arguments, strict=True):
        if parameter.mark == EVENT_TIME:
            made.append(widen(event_time(source), kind))
        else:
            made.append(AsOf() if parameter.implicit else widen(next(rest), kind))
    return tuple(made)


def event_time(source: Source | None) -> Column:
    """Return the column that says when a row of ``source`` happened."""
    assert source is not None  # noqa: S101  windows are over rows
    (found,) = [one for one in source.fields if one.name == source.time]
    return Column(source.name, found.name, found.type, found.required)


def _written(reader: Reader, name: str, call: Any) -> _Written:
    nodes = list(call.expressions)
    keys: list[Any] = []
    last: Any = nodes[-1] if nodes else None
    if type(last).__name__ == "Limit":
        raise UnknownFunction(f"LIMIT inside {name}", (), reader.text.place(call), _LAST_N)
    if type(last).__name__ == "Order":
        nodes[-1], keys = last.this, last.expressions
    match [type(node).__name__ for node in nodes]:
        case ["Star"]:
            return _Written(f"{name}(*)", [], keys=keys)
        case ["Distinct"] if not nodes[0].args.get("on"):
            if name == "COUNT":
                return _Written("COUNT DISTINCT", nodes[0].expressions, keys=keys)
            return _Written(name, nodes[0].expressions, apart=True, keys=keys)
        case _:
            return _Written(name, nodes, keys=keys)


def _read(reader: Reader, name: str, written: _Written) -> list[Expression]:
    """Return the arguments; those that are lengths of time as their microseconds."""
    rows = [_taken(row.parameters) for row in _overloads(written.surface)]
    lengths = {place: p for row in rows for place, p in enumerate(row) if p.mark == LENGTH}
    made = [
        _length(reader, name, lengths[place], node)
        if place in lengths
        else reader.read(node, inside=True)
        for place, node in enumerate(written.nodes)
    ]
    if name == "LAG" and len(made) == 1:  # the standard's LAG(x) is LAG(x, 1)
        made.append(Literal(1, BIGINT))
    return made


def _length(reader: Reader, name: str, parameter: Parameter, node: Any) -> Literal:
    at = reader.text.place(node)
    kind = type(node).__name__
    if kind == "Interval":
        shown = f"{getattr(node.this, 'this', '')} {getattr(node.args.get('unit'), 'name', '')}"
        text = length_meant(shown)
    elif kind == "Literal" and node.is_string:
        text = shown = node.this
    else:
        raise ConstantNeeded(name, parameter.name, ("90m", "6h", "7d"), at)
    found = length_of(text)
    if found is None:
        why = "a length is a whole number and s, m (minutes), h, d or w; months differ in length"
        fix = f"{name}(x, '{length_meant(text) or '7d'}')"
        raise ConstantRefused(name, parameter.name, shown, why, fix, at)
    return Literal(found, BIGINT)


def _key(reader: Reader, node: Any) -> Order:
    if node.args.get("nulls_first"):
        shown = reader.text.source_of(node.this)
        fix = f"ORDER BY {shown} IS NULL DESC, {shown}"
        raise UnknownFunction("NULLS FIRST here", (), reader.text.place(node), fix)
    return Order(reader.read(node.this, inside=True), bool(node.args.get("desc")))


def _overloads(surface: str) -> Sequence[Any]:
    return AGGREGATES_BY_SURFACE.get(surface, ())


def _taken(parameters: Sequence[Parameter]) -> tuple[Parameter, ...]:
    return tuple(parameter for parameter in parameters if not parameter.implicit)


def _misfit(
    name: str, surface: str, given: Sequence[Expression], at: Where | None, words: Sequence[str]
) -> Exception:
    constants = [one.value if isinstance(one, Literal) else ... for one in given]
    fix = cast_that_fits(
        [one.type for one in given],
        words,
        lambda kinds: bind_aggregate(surface, kinds, constants) is not None,
    )
    for row in _overloads(surface):
        parameters = _taken(row.parameters)
        if not fix and any(parameter.constant for parameter in parameters):
            fix = f"featurekit ops {row.name}   # says what its arguments may be"
        for parameter, argument in zip(parameters, given, strict=False):
            fixed = isinstance(argument, Literal) and argument.value is not None
            if parameter.constant and len(parameters) == len(given) and not fixed:
                shown = with_constant(name, parameters, row.cases, words)
                return ConstantNeeded(name, parameter.name, (), at, shown)
    return WrongTypes(name, [a.type for a in given] or ["*"], _accepted(surface), at, fix)


def _accepted(surface: str) -> Sequence[str]:
    return [f"({', '.join(map(str, _taken(row.parameters)))})" for row in _overloads(surface)][:4]
