"""Literals, names, operators and CASE."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from typing import Any

from featurekit import datatypes as types
from featurekit.datatypes import Kind
from featurekit.errors.definition import ClauseRefused
from featurekit.errors.meaning import BadLiteral, ConstantNeeded
from featurekit.errors.names import UnknownFunction, UnknownZone
from featurekit.frontends.binding import apply, choose
from featurekit.frontends.naming import Name
from featurekit.frontends.reader import Form, Reader
from featurekit.frontends.zones import is_zone, zones
from featurekit.ir.nodes import Expression, Literal

_BINARY = {
    "Add": "+",
    "Sub": "-",
    "Mul": "*",
    "Div": "/",
    "IntDiv": "//",
    "Mod": "%",
    "Pow": "POWER",
    "DPipe": "||",
    "EQ": "=",
    "NEQ": "<>",
    "LT": "<",
    "LTE": "<=",
    "GT": ">",
    "GTE": ">=",
    "NullSafeEQ": "IS NOT DISTINCT FROM",
    "NullSafeNEQ": "IS DISTINCT FROM",
}
_TIMESTAMP = re.compile(
    r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?( ?(Z|[+-]\d\d(:?\d\d)?))?)?"
)


def read_literal(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Return a text, an integer (BIGINT) or a number with a point or exponent (DOUBLE)."""
    del inside
    return Literal(node.this, types.VARCHAR) if node.is_string else number(reader, node, "")


def number(reader: Reader, node: Any, sign: str) -> Literal:
    """Return the number that ``sign`` and the literal ``node`` spell.

    Raises:
        BadLiteral: FK124 when BIGINT or DOUBLE cannot hold it.
    """
    text = sign + node.this
    if re.fullmatch(r"-?\d+", text):
        value = int(text)
        if not types.BIGINT_MIN <= value <= types.BIGINT_MAX:
            raise BadLiteral(text, types.BIGINT, reader.text.place(node))
        return Literal(value, types.BIGINT)
    if not re.fullmatch(r"-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text) or math.isinf(float(text)):
        raise BadLiteral(text, types.DOUBLE, reader.text.place(node))
    return Literal(float(text), types.DOUBLE)


def read_boolean(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Return TRUE or FALSE."""
    del reader, inside
    return Literal(bool(node.this), types.BOOLEAN)


def read_null(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Return NULL, which takes the type of what stands beside it."""
    del reader, node, inside
    return Literal(None)


def read_column(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Return the column, or the feature of the same cell, that a name means."""
    word, table = node.this, node.args.get("table")
    if type(word).__name__ != "Identifier" or node.args.get("db") is not None:
        shown = reader.text.source_of(node)
        raise UnknownFunction(repr(shown), (), reader.text.place(node), "relation.column")
    name = Name(
        word.this,
        bool(word.quoted),
        table.this if table is not None else None,
        bool(table is not None and table.quoted),
        reader.text.place(node),
    )
    return reader.named(name, node, inside=inside)


def read_group(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Return what stands in the parentheses."""
    return reader.read(node.this, inside=inside)


def read_binary(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Return an operator between two values."""
    surface = _BINARY[type(node).__name__]
    operands = (node.this, node.expression)
    made = [reader.read(operand, inside=inside) for operand in operands]
    places = [reader.text.place(operand) for operand in operands]
    if surface == "/" and reader.whole_division and _are_integers(made):
        surface = "//"
    return apply(surface, made, reader.text.place(node), _words(reader, operands), places)


def _are_integers(made: Sequence[Expression]) -> bool:
    return all(operand.type.kind is Kind.BIGINT for operand in made)


def read_chain(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Return ANDs (or ORs) of any number, as a tree that is as flat as can be."""
    surface = type(node).__name__.upper()
    operands: list[Any] = []
    rest = node
    while type(rest) is type(node):
        operands.append(rest.expression)
        rest = rest.this
    operands.append(rest)
    made = [reader.condition(operand, surface, inside=inside) for operand in reversed(operands)]
    return _balanced(surface, made, reader, node)


def _balanced(surface: str, made: Sequence[Expression], reader: Reader, node: Any) -> Expression:
    if len(made) == 1:
        return made[0]
    half = len(made) // 2
    sides = [_balanced(surface, part, reader, node) for part in (made[:half], made[half:])]
    return apply(surface, sides, reader.text.place(node))


def read_not(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Return NOT; ``x IS NOT NULL`` is its own operator."""
    inner = node.this
    if type(inner).__name__ == "Is" and type(inner.expression).__name__ == "Null":
        made = reader.read(inner.this, inside=inside)
        return apply("IS NOT NULL", [made], reader.text.place(node))
    return apply("NOT", [reader.condition(inner, "NOT", inside=inside)], reader.text.place(node))


def read_is(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Return IS NULL, IS TRUE or IS FALSE."""
    made = reader.read(node.this, inside=inside)
    where = reader.text.place(node)
    match type(node.expression).__name__:
        case "Null":
            return apply("IS NULL", [made], where)
        case "Boolean":
            given = reader.read(node.expression, inside=inside)
            return apply("IS NOT DISTINCT FROM", [made, given], where)
        case _:
            shown = reader.text.source_of(node)
            raise UnknownFunction(repr(shown), (), where, "x IS NULL, or x = y")


def read_negative(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Return a negative number, or the negation of a value."""
    inner = node.this
    if type(inner).__name__ == "Literal" and not inner.is_string:
        return number(reader, inner, "-")
    return apply("NEG", [reader.read(inner, inside=inside)], reader.text.place(node))


def read_in(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Return IN over a list of values."""
    where = reader.text.place(node)
    options = node.expressions
    if node.args.get("query") is not None:
        raise ClauseRefused(
            "subquery",
            "a second query would read other rows at another moment",
            "list the values: x IN (1, 2, 3)",
            where,
        )
    if not options:
        shown = reader.text.source_of(node)
        raise UnknownFunction(repr(shown), (), where, "x IN (1, 2, 3)")
    parts = [node.this, *options]
    made = [reader.read(part, inside=inside) for part in parts]
    return apply("IN", made, where, _words(reader, parts))


def read_between(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Return ``low <= x AND x <= high``."""
    where = reader.text.place(node)
    if node.args.get("symmetric"):
        raise UnknownFunction("BETWEEN SYMMETRIC", (), where, "x BETWEEN low AND high")
    parts = (node.this, node.args["low"], node.args["high"])
    value, low, high = (reader.read(part, inside=inside) for part in parts)
    words = _words(reader, parts)
    sides = [
        apply(">=", [value, low], where, [words[0], words[1]]),
        apply("<=", [value, high], where, [words[0], words[2]]),
    ]
    return apply("AND", sides, where)


def read_case(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Return CASE, searched or with a value to compare."""
    subject = node.args.get("this")
    branches: list[tuple[Expression, Expression]] = []
    for branch in node.args["ifs"]:
        if subject is None:
            condition = reader.condition(branch.this, "WHEN", inside=inside)
        else:
            parts = (subject, branch.this)
            sides = [reader.read(part, inside=inside) for part in parts]
            where = reader.text.place(branch.this)
            condition = apply("=", sides, where, _words(reader, parts))
        branches.append((condition, reader.read(branch.args["true"], inside=inside)))
    default = node.args.get("default")
    last = reader.read(default, inside=inside) if default is not None else Literal(None)
    return choose("CASE", branches, last, reader.text.place(node))


def read_zone(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Return an instant's local wall clock: ``x AT TIME ZONE 'Europe/London'``."""
    made = reader.read(node.this, inside=inside)
    zone = zone_literal(reader, node.args["zone"], inside=inside)
    return apply("AT TIME ZONE", [made, zone], reader.text.place(node))


def zone_literal(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Return the name of a zone, which must be a literal and exist.

    Raises:
        DefinitionError: FK118, FK125.
    """
    zone = reader.read(node, inside=inside)
    if not isinstance(zone, Literal) or zone.type.kind is not Kind.VARCHAR:
        raise ConstantNeeded("AT TIME ZONE", "zone", ("Europe/London",), reader.text.place(node))
    if not is_zone(zone.value):
        raise UnknownZone(zone.value, zones(), reader.text.place(node))
    return zone


def timed(reader: Reader, node: Any, kind: Kind) -> Expression:
    """Return ``DATE '2024-02-29'`` or ``TIMESTAMP '2024-02-29 10:00:00'`` (UTC unless it says).

    Raises:
        BadLiteral: FK124.
    """
    text = str(node.this)
    try:
        if kind is Kind.DATE and re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return Literal(dt.date.fromisoformat(text), types.DATE)
        if kind is Kind.TIMESTAMP and _TIMESTAMP.fullmatch(text):
            moment = dt.datetime.fromisoformat(text.replace(" +", "+").replace(" -", "-"))
            aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
            return Literal(aware.astimezone(dt.UTC), types.TIMESTAMP)
    except (ValueError, OverflowError):
        pass  # refused below, like what does not look like one
    raise BadLiteral(f"'{text}'", kind, reader.text.place(node))


def _words(reader: Reader, nodes: Sequence[Any]) -> list[str]:
    return [reader.text.source_of(node) for node in nodes]


FORMS: dict[str, Form] = {
    **dict.fromkeys(_BINARY, read_binary),
    "And": read_chain,
    "Or": read_chain,
    "Not": read_not,
    "Is": read_is,
    "Neg": read_negative,
    "In": read_in,
    "Between": read_between,
    "Case": read_case,
    "AtTimeZone": read_zone,
    "Literal": read_literal,
    "Boolean": read_boolean,
    "Null": read_null,
    "Column": read_column,
    "Paren": read_group,
}
