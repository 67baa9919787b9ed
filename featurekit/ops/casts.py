"""Casts between numbers, truth values and times, and the widenings that need no asking.

Casts are total: what the wanted type cannot hold is null. Text has modules of its own
(``casts_from_text``, ``casts_to_text``).
"""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from featurekit import datatypes as types
from featurekit.datatypes import DataType, Kind
from featurekit.ops.decimals import EXACT, of_units, to_places
from featurekit.ops.operator import ConstantInt, operator

WIDENINGS: dict[tuple[Kind, Kind], str] = {
    (Kind.BIGINT, Kind.DOUBLE): "bigint_to_double",
    (Kind.BIGINT, Kind.DECIMAL): "bigint_to_decimal",
    (Kind.DECIMAL, Kind.DOUBLE): "decimal_to_double",
    (Kind.DECIMAL, Kind.DECIMAL): "decimal_to_decimal",
    (Kind.DATE, Kind.TIMESTAMP): "date_to_timestamp",
}
"""The operator by which a value becomes, unasked, the type that is wanted of it."""


def decimal_of(_: DataType, precision: int, scale: int) -> DataType:
    """Return the type that the constants of a cast to DECIMAL name."""
    return types.decimal(precision, scale)


@operator("CAST DOUBLE", polars=lambda pl, a: a.cast(pl.Float64), sql="CAST({a} AS DOUBLE)")
def bigint_to_double(a: int) -> float:
    """Return the integer as a double, rounded to the nearest; the widening that needs no asking.

    Cases:
        bigint_to_double(7) = 7.0
        bigint_to_double(9007199254740993) = 9007199254740992.0
        bigint_to_double(null) = null
    """
    return float(a)


@operator(
    "CAST DECIMAL",
    polars=lambda pl, a, precision, scale, *, result: a.cast(result, strict=False),
    sql="TRY_CAST({a} AS {type})",
    result=decimal_of,
)
def bigint_to_decimal(a: int, precision: ConstantInt, scale: ConstantInt) -> Decimal | None:
    """Return the integer as a DECIMAL; null where it has too few digits before the point.

    Cases:
        bigint_to_decimal(7, 10, 2) = DECIMAL "7.00"
        bigint_to_decimal(1000, 5, 2) = null
        bigint_to_decimal(-9223372036854775808, 19, 0) = DECIMAL "-9223372036854775808"
        bigint_to_decimal(null, 10, 2) = null
    """
    if abs(a) >= 10 ** (precision - scale):
        return None
    return Decimal(a).quantize(Decimal((0, (1,), -scale)), context=EXACT)


@operator(
    "CAST DOUBLE",
    # by way of text: polars and DuckDB divide the digits as a double, off by one unit past 2**53
    polars=lambda pl, a: a.cast(pl.String).cast(pl.Float64),
    sql="CAST(CAST({a} AS VARCHAR) AS DOUBLE)",
)
def decimal_to_double(a: Decimal) -> float:
    """Return the double nearest to the DECIMAL.

    Cases:
        decimal_to_double(DECIMAL "0.10") = 0.1
        decimal_to_double(DECIMAL "12345678901234567.8901234567") = 12345678901234568.0
        decimal_to_double(null) = null
    """
    return float(a)


@operator(
    "CAST DECIMAL",
    polars=lambda pl, a, precision, scale, *, result: to_places(pl, a, result),
    sql="TRY_CAST({a} AS {type})",
    result=decimal_of,
)
def decimal_to_decimal(a: Decimal, precision: ConstantInt, scale: ConstantInt) -> Decimal | None:
    """Return the DECIMAL with other digits: halves away from zero; null where it has too few.

    Cases:
        decimal_to_decimal(DECIMAL "1.45", 10, 1) = DECIMAL "1.5"
        decimal_to_decimal(DECIMAL "-1.45", 10, 1) = DECIMAL "-1.5"
        decimal_to_decimal(DECIMAL "-0.04", 10, 1) = DECIMAL "0.0"
        decimal_to_decimal(DECIMAL "99.95", 3, 1) = null
        decimal_to_decimal(DECIMAL "1.5", 38, 10) = DECIMAL "1.5000000000"
        decimal_to_decimal(null, 10, 1) = null
    """
    rounded = EXACT.plus(a.quantize(Decimal((0, (1,), -scale)), ROUND_HALF_UP, EXACT))
    return rounded if rounded.adjusted() < precision - scale else None


@operator(
    "CAST TIMESTAMP",
    polars=lambda pl, a: a.cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
    sql="CAST({a} AS TIMESTAMP)",
)
def date_to_timestamp(a: dt.date) -> dt.datetime:
    """Return midnight UTC, the instant at which the day begins.

    Cases:
        date_to_timestamp(DATE "2024-02-29") = TIMESTAMP "2024-02-29T00:00:00Z"
        date_to_timestamp(DATE "0001-01-01") = TIMESTAMP "0001-01-01T00:00:00Z"
        date_to_timestamp(null) = null
    """
    return dt.datetime(a.year, a.month, a.day, tzinfo=dt.UTC)


@operator("CAST DATE", polars=lambda pl, a: a.dt.date(), sql="CAST({a} AS DATE)")
def timestamp_to_date(a: dt.datetime) -> dt.date:
    """Return the day in UTC that the instant falls on; for another zone use AT TIME ZONE before.

    Cases:
        timestamp_to_date(TIMESTAMP "2024-02-29T23:59:59.999999Z") = DATE "2024-02-29"
        timestamp_to_date(TIMESTAMP "1969-12-31T23:59:59.999999Z") = DATE "1969-12-31"
        timestamp_to_date(null) = null
    """
    return a.date()


@operator(
    "CAST BIGINT",
    polars=lambda pl, a: a.cast(pl.Int64, strict=False),
    sql="TRY_CAST(trunc({a}) AS BIGINT)",
)
def double_to_bigint(a: float) -> int | None:
    """Return the whole part, towards zero; null for NaN, infinity and what 64 bits do not hold.

    Cases:
        double_to_bigint(2.9) = 2
        double_to_bigint(-2.9) = -2
        double_to_bigint(9223372036854775808.0) = null
        double_to_bigint(nan) = null
        double_to_bigint(null) = null
    """
    return int(a) if -(2.0**63) <= a < 2.0**63 else None


@operator(
    "CAST BIGINT",
    polars=lambda pl, a: a.cast(pl.Int128).cast(pl.Int64, strict=False),
    sql="TRY_CAST(trunc({a}) AS BIGINT)",
)
def decimal_to_bigint(a: Decimal) -> int | None:
    """Return the whole part, towards zero; null where 64 bits do not hold it.

    Cases:
        decimal_to_bigint(DECIMAL "2.50") = 2
        decimal_to_bigint(DECIMAL "-2.99") = -2
        decimal_to_bigint(DECIMAL "9223372036854775808.0") = null
        decimal_to_bigint(null) = null
    """
    whole = int(a)
    return whole if -(2**63) <= whole < 2**63 else None


def _scaled(pl: Any, a: Any, scale: int, result: Any) -> Any:
    size = a.abs() * float(f"1e{scale}")
    whole = size.floor() + pl.when(size - size.floor() >= 0.5).then(1.0).otherwise(0.0)
    counted = whole.cast(pl.Int128, strict=False)
    return of_units(pl, pl.when(a < 0).then(0 - counted).otherwise(counted), result)


@operator(
    "CAST DECIMAL",
    polars=lambda pl, a, precision, scale, *, result: _scaled(pl, a, scale, result),
    sql="TRY_CAST({a} AS {type})",
    result=decimal_of,
)
def double_to_decimal(a: float, precision: ConstantInt, scale: ConstantInt) -> Decimal | None:
    """Return the DECIMAL nearest to the double a * 10**scale, halves away from zero.

    Null for NaN, infinity and what has too many digits.

    Cases:
        double_to_decimal(0.1, 10, 2) = DECIMAL "0.10"
        double_to_decimal(1.005, 10, 2) = DECIMAL "1.00"
        double_to_decimal(-0.125, 10, 2) = DECIMAL "-0.13"
        double_to_decimal(-0.001, 10, 2) = DECIMAL "0.00"
        double_to_decimal(100000000.0, 10, 2) = null
        double_to_decimal(nan, 10, 2) = null
        double_to_decimal(null, 10, 2) = null
    """
    size = abs(a) * float(f"1e{scale}")
    if not size < 1e39:
        return None
    whole = int(size)
    if size - whole >= 0.5:
        whole += 1
    if whole >= 10**precision:
        return None
    return EXACT.scaleb(Decimal(-whole if a < 0.0 else whole), -scale)


@operator("CAST BIGINT", polars=lambda pl, a: a.cast(pl.Int64), sql="CAST({a} AS BIGINT)")
def boolean_to_bigint(a: bool) -> int:
    """Return 1 for true and 0 for false.

    Cases:
        boolean_to_bigint(true) = 1
        boolean_to_bigint(false) = 0
        boolean_to_bigint(null) = null
    """
    return int(a)


@operator("CAST DOUBLE", polars=lambda pl, a: a.cast(pl.Float64), sql="CAST({a} AS DOUBLE)")
def boolean_to_double(a: bool) -> float:
    """Return 1.0 for true and 0.0 for false.

    Cases:
        boolean_to_double(true) = 1.0
        boolean_to_double(false) = 0.0
        boolean_to_double(null) = null
    """
    return float(a)


@operator("CAST BOOLEAN", polars=lambda pl, a: a != 0, sql="{a} <> 0")
def bigint_to_boolean(a: int) -> bool:
    """Return false for 0 and true for every other integer.

    Cases:
        bigint_to_boolean(0) = false
        bigint_to_boolean(-7) = true
        bigint_to_boolean(null) = null
    """
    return a != 0


# --- A type cast to itself: rows of their own, so that no cast goes by way of another type


@operator("CAST BIGINT", polars=lambda pl, a: a, sql="{a}")
def bigint_to_bigint(a: int) -> int:
    """Return the integer as it is.

    Cases:
        bigint_to_bigint(7) = 7
        bigint_to_bigint(9223372036854775807) = 9223372036854775807
        bigint_to_bigint(null) = null
    """
    return a


@operator("CAST DOUBLE", polars=lambda pl, a: a, sql="{a}")
def double_to_double(a: float) -> float:
    """Return the double as it is.

    Cases:
        double_to_double(-0.0) = -0.0
        double_to_double(nan) = nan
        double_to_double(null) = null
    """
    return a


@operator("CAST BOOLEAN", polars=lambda pl, a: a, sql="{a}")
def boolean_to_boolean(a: bool) -> bool:
    """Return the truth value as it is.

    Cases:
        boolean_to_boolean(true) = true
        boolean_to_boolean(false) = false
        boolean_to_boolean(null) = null
    """
    return a


@operator("CAST DATE", polars=lambda pl, a: a, sql="{a}")
def date_to_date(a: dt.date) -> dt.date:
    """Return the day as it is.

    Cases:
        date_to_date(DATE "2024-02-29") = DATE "2024-02-29"
        date_to_date(DATE "9999-12-31") = DATE "9999-12-31"
        date_to_date(null) = null
    """
    return a


@operator("CAST TIMESTAMP", polars=lambda pl, a: a, sql="{a}")
def timestamp_to_timestamp(a: dt.datetime) -> dt.datetime:
    """Return the instant as it is.

    Cases:
        timestamp_to_timestamp(TIMESTAMP "2024-02-29T10:00:00Z") = TIMESTAMP "2024-02-29T10:00:00Z"
        timestamp_to_timestamp(TIMESTAMP "1970-01-01T00:00:01Z") = TIMESTAMP "1970-01-01T00:00:01Z"
        timestamp_to_timestamp(null) = null
    """
    return a
