"""Rounding half away from zero, as SQL users expect it; FLOOR and CEIL; CLIP."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from featurekit import datatypes as types
from featurekit.datatypes import DataType
from featurekit.ops.decimals import EXACT, decimal_literal, to_places
from featurekit.ops.logical import V
from featurekit.ops.numeric import true_quotient
from featurekit.ops.operator import ConstantInt, operator


def _whole_type(a: DataType) -> DataType:
    return types.decimal(a.precision - a.scale + 1, 0)


def _rounded_type(a: DataType, digits: int) -> DataType:
    scale = min(max(digits, 0), a.scale)
    return types.decimal(a.precision - a.scale + scale + 1, scale)


def _decimal_half_away(pl: Any, a: Any, digits: int, result: Any) -> Any:
    if digits >= 0:
        return to_places(pl, a, result)
    if digits < -types.MOST_DIGITS:
        return (a - a).cast(result)
    unit = pl.lit(10**-digits, dtype=pl.Int128)
    wide = a.cast(pl.Int128)
    whole = (wide.abs() + unit // 2).truncdiv(unit) * unit
    return (whole * wide.sign()).cast(result, strict=False)


def _decimal_floor(pl: Any, a: Any, result: Any) -> Any:
    whole = a.truncate(0).cast(pl.Decimal(38, 0))
    step = pl.when(a < whole).then(decimal_literal(pl, 1, 0)).otherwise(decimal_literal(pl, 0, 0))
    return (whole - step).cast(result, strict=False)


def _decimal_ceil(pl: Any, a: Any, result: Any) -> Any:
    whole = a.truncate(0).cast(pl.Decimal(38, 0))
    step = pl.when(a > whole).then(decimal_literal(pl, 1, 0)).otherwise(decimal_literal(pl, 0, 0))
    return (whole + step).cast(result, strict=False)


@operator("ROUND", "FLOOR", "CEIL", polars=lambda pl, a: a, sql="{a}")
def round_bigint(a: int) -> int:
    """Return a: an integer is whole already.

    Cases:
        round_bigint(7) = 7
        round_bigint(9223372036854775807) = 9223372036854775807
        round_bigint(null) = null
    """
    return a


@operator(
    "ROUND",
    polars=lambda pl, a: (
        pl.when(a.abs() < 0.5).then(0.0).otherwise(a.round(0, mode="half_away_from_zero"))
    ),
    sql="round({a}) + CAST(0 AS DOUBLE)",
)
def round_double(a: float) -> float:
    """Return the nearest whole number, halves away from zero; zero is never negative.

    Python and polars would round halves to even.

    Cases:
        round_double(2.5) = 3.0
        round_double(-2.5) = -3.0
        round_double(-0.4) = 0.0
        round_double(0.49999999999999994) = 0.0
        round_double(inf) = inf
        round_double(null) = null
    """
    if not abs(a) < 2.0**52:
        return a
    whole = int(a)
    if abs(a - whole) >= 0.5:
        whole += 1 if a > 0.0 else -1
    return float(whole)


def _half_away(pl: Any, a: Any, digits: int) -> Any:
    unit = float(f"1e{abs(digits)}")
    scaled = a.abs() * unit if digits >= 0 else true_quotient(pl, a.abs(), unit)
    whole = scaled.floor() + pl.when(scaled - scaled.floor() >= 0.5).then(1.0).otherwise(0.0)
    size = true_quotient(pl, whole, unit) if digits >= 0 else whole * unit
    rounded = pl.when(whole == 0).then(0.0).when(a < 0).then(-size).otherwise(size)
    return pl.when(scaled < 2.0**52).then(rounded).otherwise(a)


@operator(
    "ROUND",
    polars=_half_away,
    sql=(
        "CASE WHEN (CASE WHEN {digits} >= 0 THEN abs({a}) * power(CAST(10 AS DOUBLE), {digits}) "
        "ELSE abs({a}) / power(CAST(10 AS DOUBLE), - {digits}) END) >= 4503599627370496 THEN {a} "
        "ELSE round({a}, {digits}) + CAST(0 AS DOUBLE) END"
    ),
)
def round_double_to(a: float, digits: ConstantInt) -> float:
    """Return a rounded to so many decimal places, halves away from zero; zero is never negative.

    What counts is the double a * 10**digits: 1.005 is a little less than it reads, so that
    two places give 1.0. Negative digits round to tens, hundreds, ...

    Cases:
        round_double_to(2.345, 2) = 2.35
        round_double_to(1.005, 2) = 1.0
        round_double_to(-2.5, 0) = -3.0
        round_double_to(1250.0, -2) = 1300.0
        round_double_to(nan, 2) = nan
        round_double_to(1.5, 400) = 1.5
        round_double_to(null, 2) = null
    """
    unit = float(f"1e{abs(digits)}")
    scaled = abs(a) * unit if digits >= 0 else abs(a) / unit
    if not scaled < 2.0**52:
        return a
    whole = int(scaled)
    if scaled - whole >= 0.5:
        whole += 1
    if whole == 0:
        return 0.0
    return math.copysign(whole / unit if digits >= 0 else whole * unit, a)


def _integer_half_away(pl: Any, a: Any, digits: int) -> Any:
    if digits >= 0:
        return a
    unit = 10 ** min(-digits, 20)
    wide = a.cast(pl.Int128)
    whole = (wide.abs() + unit // 2).truncdiv(pl.lit(unit, dtype=pl.Int128)) * unit
    return (whole * wide.sign()).cast(pl.Int64, strict=False)


@operator(
    "ROUND",
    polars=_integer_half_away,
    sql=(
        "CASE WHEN {digits} >= 0 THEN {a} ELSE TRY_CAST(sign({a}) * ((abs(CAST({a} AS HUGEINT)) "
        "+ CAST('5' || repeat('0', least(- {digits}, 20) - 1) AS HUGEINT)) "
        "// CAST('1' || repeat('0', least(- {digits}, 20)) AS HUGEINT) "
        "* CAST('1' || repeat('0', least(- {digits}, 20)) AS HUGEINT)) AS BIGINT) END"
    ),
)
def round_bigint_to(a: int, digits: ConstantInt) -> int | None:
    """Return a rounded to tens, hundreds, ... by negative digits; null where 64 bits are too few.

    Cases:
        round_bigint_to(1250, -2) = 1300
        round_bigint_to(-1250, -2) = -1300
        round_bigint_to(7, 2) = 7
        round_bigint_to(7, -30) = 0
        round_bigint_to(9223372036854775807, -1) = null
        round_bigint_to(null, -1) = null
    """
    if digits >= 0:
        return a
    unit: int = 10 ** min(-digits, 20)
    size = (abs(a) + unit // 2) // unit * unit
    if size >= 2**63:
        return None
    return size if a >= 0 else -size


@operator(
    "ROUND",
    polars=lambda pl, a, *, result: to_places(pl, a, result),
    sql="TRY_CAST({a} AS {type})",
    result=_whole_type,
)
def round_decimal(a: Decimal) -> Decimal:
    """Return the nearest whole number, halves away from zero.

    Cases:
        round_decimal(DECIMAL "2.50") = DECIMAL "3"
        round_decimal(DECIMAL "-2.50") = DECIMAL "-3"
        round_decimal(DECIMAL "-0.49") = DECIMAL "0"
        round_decimal(null) = null
    """
    return EXACT.plus(a.to_integral_value(ROUND_HALF_UP, EXACT))


@operator(
    "ROUND",
    polars=lambda pl, a, digits, *, result: _decimal_half_away(pl, a, digits, result),
    # the guard: DuckDB rounds a null to 0 where the digits are fewer than -precision
    sql="CASE WHEN {a} IS NOT NULL THEN TRY_CAST(TRY(round({a}, {digits})) AS {type}) END",
    result=_rounded_type,
)
def round_decimal_to(a: Decimal, digits: ConstantInt) -> Decimal | None:
    """Return a rounded to so many decimal places, halves away from zero; exact.

    Negative digits round to tens, hundreds, ...; null where 38 digits are too few for that.

    Cases:
        round_decimal_to(DECIMAL "1.005", 2) = DECIMAL "1.01"
        round_decimal_to(DECIMAL "-2.5", 0) = DECIMAL "-3"
        round_decimal_to(DECIMAL "2.5", 5) = DECIMAL "2.5"
        round_decimal_to(DECIMAL "1250.00", -2) = DECIMAL "1300"
        round_decimal_to(DECIMAL "1250.00", -50) = DECIMAL "0"
        round_decimal_to(null, 2) = null
    """
    places = max(min(digits, -int(a.as_tuple().exponent)), -50)
    rounded = a.quantize(Decimal((0, (1,), -places)), ROUND_HALF_UP, EXACT)
    if places < 0:
        rounded = rounded.quantize(Decimal(1), context=EXACT)
    return EXACT.plus(rounded) if rounded.adjusted() < 38 else None


@operator(
    "FLOOR",
    polars=lambda pl, a: pl.when(a.floor() == 0).then(0.0).otherwise(a.floor()),
    sql="floor({a}) + CAST(0 AS DOUBLE)",
)
def floor_double(a: float) -> float:
    """Return the greatest whole number that is not above a; zero is never negative.

    Cases:
        floor_double(1.5) = 1.0
        floor_double(-0.5) = -1.0
        floor_double(-0.0) = 0.0
        floor_double(1e300) = 1e300
        floor_double(nan) = nan
        floor_double(null) = null
    """
    return float(math.floor(a)) if abs(a) < 2.0**52 else a


@operator(
    "FLOOR",
    polars=lambda pl, a, *, result: _decimal_floor(pl, a, result),
    sql="TRY_CAST(floor({a}) AS {type})",
    result=_whole_type,
)
def floor_decimal(a: Decimal) -> Decimal:
    """Return the greatest whole number that is not above a.

    Cases:
        floor_decimal(DECIMAL "1.50") = DECIMAL "1"
        floor_decimal(DECIMAL "-0.01") = DECIMAL "-1"
        floor_decimal(null) = null
    """
    return EXACT.plus(a.to_integral_value(ROUND_FLOOR, EXACT))


@operator(
    "CEIL",
    polars=lambda pl, a: pl.when(a.ceil() == 0).then(0.0).otherwise(a.ceil()),
    sql="ceil({a}) + CAST(0 AS DOUBLE)",
)
def ceil_double(a: float) -> float:
    """Return the least whole number that is not below a; zero is never negative.

    Cases:
        ceil_double(1.5) = 2.0
        ceil_double(-0.5) = 0.0
        ceil_double(inf) = inf
        ceil_double(null) = null
    """
    return float(math.ceil(a)) if abs(a) < 2.0**52 else a


@operator(
    "CEIL",
    polars=lambda pl, a, *, result: _decimal_ceil(pl, a, result),
    sql="TRY_CAST(ceil({a}) AS {type})",
    result=_whole_type,
)
def ceil_decimal(a: Decimal) -> Decimal:
    """Return the least whole number that is not below a.

    Cases:
        ceil_decimal(DECIMAL "1.50") = DECIMAL "2"
        ceil_decimal(DECIMAL "-0.99") = DECIMAL "0"
        ceil_decimal(null) = null
    """
    return EXACT.plus(a.to_integral_value(ROUND_CEILING, EXACT))


def _between(pl: Any, a: Any, low: Any, high: Any) -> Any:
    raised = pl.when(a < low).then(low).otherwise(a)
    known = a.is_not_null() & low.is_not_null() & high.is_not_null()
    return pl.when(known).then(pl.when(raised > high).then(high).otherwise(raised))


_CLIP = (
    "CASE WHEN {a} IS NOT NULL AND {low} IS NOT NULL AND {high} IS NOT NULL "
    "THEN LEAST(GREATEST({a}, {low}), {high}) END"
)


@operator("CLIP", polars=_between, sql=_CLIP)
def clip(a: V, low: V, high: V) -> V:
    """Return a, but low where it is less and high where it is more; null where one is null.

    Where low is above high the answer is high.

    Cases:
        clip(5, 0, 3) = 3
        clip(-5, 0, 3) = 0
        clip(2, 0, 3) = 2
        clip(2, 3, 0) = 0
        clip(2, null, 3) = null
    """
    return min(max(a, low), high)


@operator("CLIP", polars=_between, sql=_CLIP)
def clip_double(a: float, low: float, high: float) -> float:
    """Return a, but low where it is less and high where it is more; null where one is null.

    NaN is greater than every number, so that it becomes high.

    Cases:
        clip_double(5.5, 0.0, 3.0) = 3.0
        clip_double(-inf, 0.0, 3.0) = 0.0
        clip_double(nan, 0.0, 3.0) = 3.0
        clip_double(null, 0.0, 3.0) = null
    """
    raised = low if a < low or (low != low and a == a) else a
    return high if raised > high or (raised != raised and high == high) else raised
