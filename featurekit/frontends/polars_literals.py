"""Constants of polars' trees."""

from __future__ import annotations

import datetime as dt
import io
import json
import math
from decimal import Decimal
from typing import Any

from featurekit import datatypes as types
from featurekit.errors.meaning import BadLiteral
from featurekit.errors.polars import PolarsRefused
from featurekit.frontends.binding import apply
from featurekit.frontends.polars_reader import PolarsReader, Tree, opened
from featurekit.ir.nodes import Expression, Literal
from featurekit.ir.windows import EPOCH, MICROSECOND
from featurekit.lazy import require

INFINITY = apply("CAST DOUBLE", [Literal("1e400", types.VARCHAR)], None)
NAN = apply("-", [INFINITY, INFINITY], None)


def is_nan(value: Expression) -> Expression:
    """Return whether ``value`` is NaN, the one number that is greater than infinity."""
    return apply(">", [value, INFINITY], None)


def is_number(value: Expression) -> Expression:
    """Return whether ``value`` is a number and not NaN."""
    return apply("<=", [value, INFINITY], None)


def number(value: int) -> Literal:
    """Return a whole number as a constant."""
    return Literal(value, types.BIGINT)


def read_literal(reader: PolarsReader, body: Any) -> Expression:
    """Return a constant with the type that polars gives it."""
    del reader
    return constant(body)


def constant(body: Any) -> Literal:
    """Return the constant that polars' literal ``body`` holds.

    Raises:
        DefinitionError: FK124 when its type cannot hold it, FK161 for types the language lacks.
    """
    _, held = opened(body)
    kind, value = opened(held)
    match kind, value:
        case "Null", _:
            return Literal(None)
        case (("Int" | "Int64" | "Int32" | "String" | "Boolean"), int() | str()):
            return literal_of(value)
        case (("Float" | "Float64"), int() | float()):
            return literal_of(float(value))
        case "Decimal", [int() as digits, int(), int() as scale]:
            precision = max(len(str(abs(digits))), scale + 1)
            return Literal(Decimal(digits).scaleb(-scale), types.decimal(precision, scale))
        case _:
            return _timed(kind, value)


def _timed(kind: str, value: Any) -> Literal:
    match kind, value:
        case "Date", int():
            return Literal(dt.date(1970, 1, 1) + dt.timedelta(days=value), types.DATE)
        case "Datetime", [int() as moment, "Microseconds", {"inner": "UTC"}]:
            return Literal(EPOCH + moment * MICROSECOND, types.TIMESTAMP)
        case "Datetime", _:
            why = "a moment without the zone UTC is not an instant"
            fix = "datetime(2024, 2, 29, 10, tzinfo=timezone.utc)"
            raise PolarsRefused("this datetime", why, fix)
        case "Duration", _:
            fix = 'pl.col("time") + pl.duration(days=1), or .dt.total_hours()'
            raise PolarsRefused("a length of time by itself", "no feature is one", fix)
        case _:
            raise PolarsRefused(f"a literal of type {kind}", "the language has no such type", "1.0")


def listed(tree: Tree) -> list[Any] | None:
    """Return the values of a literal list, decoded by polars itself; None where it is none."""
    match tree:
        case {"Literal": {"Scalar": {"List": _}} | {"Series": _}}:
            pl = require("polars", "to read a cell in polars")
            held = pl.Expr.deserialize(io.BytesIO(json.dumps(tree).encode()), format="json")
            values = pl.select(held).to_series()
            nested = values.dtype == pl.List
            return list((values.explode() if nested else values).to_list())
        case _:
            return None


def duration(tree: Tree) -> int | None:
    """Return the microseconds of a literal length of time, or None."""
    match tree:
        case {"Alias": [inner, _]}:
            return duration(inner)
        case {"Literal": {"Scalar": {"Duration": [int() as length, "Microseconds"]}}}:
            return length
        case _:
            return None


def literal_of(value: Any) -> Literal:
    """Return a value of Python as a constant.

    Raises:
        DefinitionError: FK124 when its type cannot hold it, FK161 for types the language lacks.
    """
    match value:
        case bool():
            return Literal(value, types.BOOLEAN)
        case int():
            if not types.BIGINT_MIN <= value <= types.BIGINT_MAX:
                raise BadLiteral(str(value), types.BIGINT, None)
            return Literal(value, types.BIGINT)
        case float() if math.isfinite(value):
            return Literal(value, types.DOUBLE)
        case str():
            return Literal(value, types.VARCHAR)
        case dt.datetime() if value.tzinfo is not None:
            return Literal(value.astimezone(dt.UTC), types.TIMESTAMP)
        case dt.date() if not isinstance(value, dt.datetime):
            return Literal(value, types.DATE)
        case _:
            raise PolarsRefused(f"the constant {value!r}", "the language has no such one", "1.5")


def given(tree: Tree, construct: str, fix: str) -> Any:
    """Return the constant that an argument must be."""
    match tree:
        case {"Literal": body}:
            return constant(body).value
        case _:
            why = "the generated code is fixed when the view is defined"
            raise PolarsRefused(f"{construct} of a column", why, fix)
