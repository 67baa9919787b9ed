"""Columns, operators, conditions and casts of polars, with polars' meaning."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import reduce
from typing import Any

from featurekit import datatypes as types
from featurekit.datatypes import DataType, Kind
from featurekit.errors.meaning import BareColumn
from featurekit.errors.polars import PolarsRefused
from featurekit.frontends.binding import apply, choose, widen
from featurekit.frontends.naming import Name
from featurekit.frontends.polars_literals import (
    INFINITY,
    duration,
    is_nan,
    is_number,
    listed,
    literal_of,
    number,
    read_literal,
)
from featurekit.frontends.polars_reader import Called, Form, Function, PolarsReader, Tree, opened
from featurekit.ir.nodes import Expression, Literal
from featurekit.ir.windows import EPOCH, MICROSECOND

_COMPARED = {
    "Eq": "=",
    "NotEq": "<>",
    "Lt": "<",
    "LtEq": "<=",
    "Gt": ">",
    "GtEq": ">=",
    "EqValidity": "IS NOT DISTINCT FROM",
    "NotEqValidity": "IS DISTINCT FROM",
}
_SUMS = {"Plus": "+", "Minus": "-", "Multiply": "*"}
_BETWEEN = {"Both": (">=", "<="), "Left": (">=", "<"), "Right": (">", "<="), "None": (">", "<")}
_TYPES = {
    "Boolean": types.BOOLEAN,
    "Int64": types.BIGINT,
    "Float64": types.DOUBLE,
    "String": types.VARCHAR,
    "Date": types.DATE,
}
_NARROW = {"Int8", "Int16", "Int32", "UInt8", "UInt16", "UInt32", "UInt64", "Float32"}


def read_alias(reader: PolarsReader, body: Any) -> Expression:
    """Return what is named; the name is the feature's, or nobody's."""
    return reader.reads(body[0])


def read_column(reader: PolarsReader, body: str) -> Expression:
    """Return the column, or the feature of the cell, that ``pl.col(...)`` means.

    ``pl.col("relation.column")`` says which relation is meant where several have the column.
    """
    fields = {field.name for relation in reader.names.relations for field in relation.fields}
    words = [word for relation in reader.names.relations for word in relation.words]
    before = max((w for w in words if body.startswith(f"{w}.")), key=len, default=None)
    qualifier = before if body not in fields else None
    word = body if qualifier is None else body[len(qualifier) + 1 :]
    name = Name(word, True, qualifier, True, None)  # noqa: FBT003  exact names
    try:
        return reader.named(name, {"Column": body}, inside=reader.inside)
    except BareColumn as error:
        error.fix = f'pl.col({json.dumps(body)}).drop_nulls().last().over("all_time")'
        raise


# --- operators


def read_binary(reader: PolarsReader, body: Any) -> Expression:
    """Return an operator between two values."""
    sign = body["op"]
    moved = duration(body["right"])
    left = reader.reads(body["left"])
    if moved is not None and sign in {"Plus", "Minus"}:
        count = Literal(moved if sign == "Plus" else -moved, types.BIGINT)
        return _moved(left, count)
    right = reader.reads(body["right"])
    kinds = {left.type.kind, right.type.kind} - {Kind.NULL}
    if sign in _COMPARED:
        return apply(_COMPARED[sign], [left, right], None)
    if sign in {"And", "Or", "LogicalAnd", "LogicalOr", "Xor"}:
        if kinds - {Kind.BOOLEAN}:
            why = "on numbers it works on their bits"
            raise PolarsRefused(
                f"{sign.lower()} of numbers", why, "compare first: (a > 0) & (b > 0)"
            )
        word = {"Xor": "<>"}.get(sign, sign.removeprefix("Logical").upper())
        return apply(word, [left, right], None)
    if sign == "Plus" and kinds == {Kind.VARCHAR}:
        return apply("||", [left, right], None)
    if sign in _SUMS:
        return apply(_SUMS[sign], [left, right], None)
    match sign:
        case "TrueDivide":
            return apply("/", [left, right], None)
        case "FloorDivide":
            return floored(left, right)
        case "Modulus":
            return remainder(left, right)
        case _:
            raise PolarsRefused(sign, "the language has no such operator", "the same in SQL")


def _moved(moment: Expression, count: Literal) -> Expression:
    if moment.type.kind is Kind.DATE:
        why = "polars drops what is less than a day"
        raise PolarsRefused("a date and a length of time", why, '.dt.offset_by("1d")')
    return apply("DATE_ADD", [Literal("microsecond", types.VARCHAR), count, moment], None)


def floored(left: Expression, right: Expression) -> Expression:
    """Return ``//`` of polars, which rounds down; the language's rounds towards zero."""
    if Kind.DOUBLE in {left.type.kind, right.type.kind}:
        return apply("FLOOR", [apply("/", [left, right], None)], None)
    quotient = apply("//", [left, right], None)
    lower = apply("-", [quotient, number(1)], None)
    return choose("//", [(_uneven(left, right), lower)], quotient, None)


def remainder(left: Expression, right: Expression) -> Expression:
    """Return ``%`` of polars, which has the sign of the divisor."""
    if Kind.DOUBLE in {left.type.kind, right.type.kind}:
        whole = apply("FLOOR", [apply("/", [left, right], None)], None)
        return apply("-", [left, apply("*", [whole, right], None)], None)
    rest = apply("%", [left, right], None)
    return choose("%", [(_uneven(left, right), apply("+", [rest, right], None))], rest, None)


def _uneven(left: Expression, right: Expression) -> Expression:
    """Return whether something is left over whose sign is not the divisor's."""
    rest, zero = apply("%", [left, right], None), number(0)
    if isinstance(right, Literal) and right.value is not None and right.value > 0:
        return apply("<", [rest, zero], None)
    signs = apply("<>", [apply("<", [rest, zero], None), apply("<", [right, zero], None)], None)
    return apply("AND", [apply("<>", [rest, zero], None), signs], None)


def read_ternary(reader: PolarsReader, body: Any) -> Expression:
    """Return ``pl.when(...).then(...)...otherwise(...)``."""
    branches: list[tuple[Expression, Expression]] = []
    rest: Tree = {"Ternary": body}
    while isinstance(rest, dict) and "Ternary" in rest:
        part = rest["Ternary"]
        condition = reader.condition(part["predicate"], "pl.when", inside=reader.inside)
        branches.append((condition, reader.reads(part["truthy"])))
        rest = part["falsy"]
    return choose("pl.when", branches, reader.reads(rest), None)


def read_cast(reader: PolarsReader, body: Any) -> Expression:
    """Return a cast; what does not fit is null, whether strict or not."""
    target = _target(body["dtype"])
    inner = body["expr"]
    while opened(inner)[0] == "Alias":
        inner = inner["Alias"][0]
    match inner:
        case {"Literal": {"Scalar": {"Datetime": [int() as moment, "Microseconds", None]}}} if (
            target.kind is Kind.DATE
        ):
            return Literal((EPOCH + moment * MICROSECOND).date(), types.DATE)
        case _:
            made = reader.reads(inner)
    return cast_to(made, target)


def cast_to(made: Expression, target: DataType) -> Expression:
    """Return ``made`` cast; text is refused, since polars reads it by a grammar of its own."""
    if made.type.kind is Kind.VARCHAR and target != made.type:
        why = "polars does not take spaces around it, nor all the spellings that the language takes"
        raise PolarsRefused(f"cast of a text to {target}", why, f'fk.cast(pl.col("x"), "{target}")')
    return cast_between(made, target)


def cast_between(made: Expression, target: DataType) -> Expression:
    """Return ``made`` cast as the language casts."""
    if made.type == target or (isinstance(made, Literal) and made.value is None):
        return widen(made, target)
    digits = (target.precision, target.scale) if target.kind is Kind.DECIMAL else ()
    return apply(f"CAST {target.kind}", [made, *map(number, digits)], None)


def _target(dtype: Any) -> DataType:
    held = dtype.get("Literal", dtype) if isinstance(dtype, dict) else dtype
    match held:
        case str() if held in _TYPES:
            return _TYPES[held]
        case {"Datetime": ["Microseconds", {"inner": "UTC"}]}:
            return types.TIMESTAMP
        case {"Decimal": [int() as precision, int() as scale]}:
            return types.decimal(precision, scale)
        case {"Datetime": _}:
            fix = '.cast(pl.Datetime("us", "UTC"))'
            raise PolarsRefused("a cast to this datetime", "a moment is an instant in UTC", fix)
        case _:
            kind = opened(held)[0]
            fix = ".cast(pl.Float64)" if kind == "Float32" else ".cast(pl.Int64)"
            why = "numbers have 64 bits" if kind in _NARROW else "the language has no such type"
            raise PolarsRefused(f"a cast to {kind}", why, fix)


# --- conditions


def _is_between(call: Called) -> Expression:
    value, low, high = call.values()
    above, below = _BETWEEN[call.options["closed"]]
    return apply("AND", [apply(above, [value, low], None), apply(below, [value, high], None)], None)


def _is_in(call: Called) -> Expression:
    """Return IN; a null in the list equals nothing, and does not make the answer null."""
    value, options_listed = call.reader.reads(call.trees[0]), listed(call.trees[1])
    if options_listed is None:
        raise PolarsRefused("is_in of a column", "the values are listed", ".is_in([1, 2, 3])")
    known = [option for option in options_listed if option is not None]
    made: Expression
    if known:
        made = apply("IN", [value, *map(literal_of, known)], None)
    else:
        falsity = Literal(value=False, type=types.BOOLEAN)
        made = choose(
            "is_in", [(apply("IS NOT NULL", [value], None), falsity)], Literal(None), None
        )
    if call.options["nulls_equal"]:
        found = Literal(len(known) < len(options_listed), types.BOOLEAN)
        return apply("COALESCE", [made, found], None)
    return made


def simple(surface: str) -> Function:
    """Return the reader of a function that is one operator of the language."""

    def read(call: Called) -> Expression:
        return apply(surface, call.values(), None)

    return read


def refusing(construct: str, why: str, fix: str) -> Function:
    """Return the reader of a function that is known and cannot be carried."""

    def read(call: Called) -> Expression:
        del call
        raise PolarsRefused(construct, why, fix)

    return read


def _folded(surface: str) -> Function:
    def read(call: Called) -> Expression:
        made = call.values()
        return reduce(lambda first, second: apply(surface, [first, second], None), made)

    return read


def _chained(surface: str) -> Function:
    def read(call: Called) -> Expression:
        made = call.conditions(surface)
        return reduce(lambda first, second: apply(surface, [first, second], None), made)

    return read


def _not(call: Called) -> Expression:
    return apply("NOT", call.conditions("~"), None)


def _asked(question: Callable[[Expression], Expression]) -> Function:
    return lambda call: question(call.values(1)[0])


def _against_infinity(sign: str) -> Function:
    def read(call: Called) -> Expression:
        size = apply("ABS", [call.reader.reads(call.trees[0])], None)
        return apply(sign, [size, INFINITY], None)

    return read


FORMS: dict[str, Form] = {
    "Literal": read_literal,
    "Column": read_column,
    "Alias": read_alias,
    "BinaryExpr": read_binary,
    "Ternary": read_ternary,
    "Cast": read_cast,
}
FUNCTIONS: dict[str, Function] = {
    "Boolean.Not": _not,
    "Boolean.IsNull": simple("IS NULL"),
    "Boolean.IsNotNull": simple("IS NOT NULL"),
    "Boolean.IsNan": _asked(is_nan),
    "Boolean.IsNotNan": _asked(is_number),
    "Boolean.IsFinite": _against_infinity("<"),
    "Boolean.IsInfinite": _against_infinity("="),
    "Boolean.IsBetween": _is_between,
    "Boolean.IsIn": _is_in,
    "Boolean.AnyHorizontal": _chained("OR"),
    "Boolean.AllHorizontal": _chained("AND"),
    "Coalesce": _folded("COALESCE"),
    "FillNull": _folded("COALESCE"),
    "MinHorizontal": _folded("LEAST"),
}
