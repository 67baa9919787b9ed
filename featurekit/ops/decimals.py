"""Arithmetic on DECIMAL: exact, and null where 38 digits do not hold a value.

Engines count a DECIMAL in units of its last place; both arguments are first brought to the finer of
the two scales, and what does not fit then is null, also where the answer alone would fit.
"""

from __future__ import annotations

from decimal import Context, Decimal, InvalidOperation, Rounded
from typing import Any

from featurekit import datatypes as types
from featurekit.datatypes import DataType
from featurekit.errors.meaning import TooManyDigits
from featurekit.ops.operator import operator

DIGITS = Context(prec=38, Emin=-999, Emax=999, traps=[InvalidOperation, Rounded])
"""38 digits; raises where one more would be needed, so that nothing is rounded unasked."""

EXACT = Context(prec=100, Emin=-999, Emax=999, traps=[InvalidOperation])
"""Digits enough for every intermediate value; the global context has 28."""


def units(pl: Any, a: Any, result: Any) -> Any:
    """Return how many units of the last place of ``result`` the column ``a`` is, as 128 bits."""
    return a.cast(pl.Decimal(38, result.scale), strict=False).to_physical()


def of_units(pl: Any, counted: Any, result: Any) -> Any:
    """Return the DECIMAL that is so many units of the last place; null where it has none."""
    unit = pl.lit(Decimal((0, (1,), -result.scale)), dtype=pl.Decimal(38, result.scale))
    return (counted.cast(pl.Decimal(38, 0), strict=False) * unit).cast(result, strict=False)


def decimal_literal(pl: Any, count: int, scale: int) -> Any:
    """Return so many units of the last of ``scale`` places."""
    value = Decimal((int(count < 0), (abs(count),), -scale))
    return pl.lit(value, dtype=pl.Decimal(38, scale))


def to_places(pl: Any, a: Any, result: Any) -> Any:
    """Return the DECIMAL column rounded half away from zero to the places of ``result``.

    Cut off, then add a unit where half of one was cut: polars' own ``round`` raises near 38 digits.
    """
    scale = result.scale
    if scale == types.MOST_DIGITS:
        return a.cast(result, strict=False)
    kept = a.truncate(scale)
    up = (a - kept).abs() >= decimal_literal(pl, 5, scale + 1)
    step = (
        pl.when(up & (a > 0))
        .then(decimal_literal(pl, 1, scale))
        .when(up)
        .then(decimal_literal(pl, -1, scale))
        .otherwise(decimal_literal(pl, 0, scale))
    )
    return (kept.cast(pl.Decimal(38, scale), strict=False) + step).cast(result, strict=False)


def _sum_type(a: DataType, b: DataType) -> DataType:
    scale = max(a.scale, b.scale)
    return types.decimal(max(a.precision - a.scale, b.precision - b.scale) + scale + 1, scale)


def _product_type(a: DataType, b: DataType) -> DataType:
    if a.scale + b.scale > types.MOST_DIGITS:
        raise TooManyDigits(f"{a} * {b}", a.scale + b.scale)
    return types.decimal(a.precision + b.precision, a.scale + b.scale)


def _quotient_type(a: DataType, b: DataType) -> DataType:
    scale = max(a.scale, b.scale)
    return types.decimal(a.precision - a.scale + b.scale + scale, scale)


def _remainder_type(a: DataType, b: DataType) -> DataType:
    scale = max(a.scale, b.scale)
    return types.decimal(max(a.precision - a.scale, b.precision - b.scale) + scale, scale)


# DuckDB keeps 18 digits for the sum or product of two short DECIMALs: adding this widens them first
_WIDE = "CAST(0 AS DECIMAL(38, 0))"


@operator(
    "+",
    # at most 2e38: beyond 38 digits, or wrapped around to below -1e38; null in both cases
    polars=lambda pl, a, b, *, result: of_units(
        pl, units(pl, a, result) + units(pl, b, result), result
    ),
    sql=f"TRY_CAST(TRY({{a}} + {_WIDE} + {{b}}) AS {{type}})",
    result=_sum_type,
    commutes=True,
)
def add_decimal(a: Decimal, b: Decimal) -> Decimal | None:
    """Return a + b, exactly; null where 38 digits do not hold it.

    Cases:
        add_decimal(DECIMAL "0.10", DECIMAL "0.2") = DECIMAL "0.30"
        add_decimal(DECIMAL "99999999999999999999999999999999999999", DECIMAL "1") = null
        add_decimal(null, DECIMAL "1.00") = null
    """
    try:
        total = DIGITS.add(a, b)
        DIGITS.quantize(a, total)
        DIGITS.quantize(b, total)
    except (InvalidOperation, Rounded):
        return None
    return total


@operator(
    "-",
    polars=lambda pl, a, b, *, result: of_units(
        pl, units(pl, a, result) - units(pl, b, result), result
    ),
    sql=f"TRY_CAST(TRY({{a}} + {_WIDE} - {{b}}) AS {{type}})",
    result=_sum_type,
)
def subtract_decimal(a: Decimal, b: Decimal) -> Decimal | None:
    """Return a - b, exactly; null where 38 digits do not hold it.

    Cases:
        subtract_decimal(DECIMAL "0.30", DECIMAL "0.1") = DECIMAL "0.20"
        subtract_decimal(DECIMAL "-99999999999999999999999999999999999999", DECIMAL "1") = null
        subtract_decimal(DECIMAL "1.00", null) = null
    """
    try:
        difference = DIGITS.subtract(a, b)
        DIGITS.quantize(a, difference)
        DIGITS.quantize(b, difference)
    except (InvalidOperation, Rounded):
        return None
    return difference


def _product(pl: Any, a: Any, b: Any, result: Any) -> Any:
    """Multiply the counts where that does not wrap around: |a| <= (10**38 - 1) // |b|."""
    first, second = a.to_physical(), b.to_physical()
    most = pl.lit(10**38 - 1, dtype=pl.Int128)
    fits = (second == 0) | (first.abs() <= most // second.abs())
    return of_units(pl, pl.when(fits).then(first * second), result)


@operator(
    "*",
    polars=lambda pl, a, b, *, result: _product(pl, a, b, result),
    sql=f"TRY_CAST(TRY(({{a}} + {_WIDE}) * {{b}}) AS {{type}})",
    result=_product_type,
    commutes=True,
)
def multiply_decimal(a: Decimal, b: Decimal) -> Decimal | None:
    """Return a * b, exactly, with the places of both; null where 38 digits do not hold it.

    Cases:
        multiply_decimal(DECIMAL "1.50", DECIMAL "-0.5") = DECIMAL "-0.750"
        multiply_decimal(DECIMAL "0.00", DECIMAL "-1.0") = DECIMAL "0.000"
        multiply_decimal(DECIMAL "10000000000000000000", DECIMAL "10000000000000000000") = null
        multiply_decimal(null, DECIMAL "0.0") = null
    """
    try:
        return DIGITS.plus(DIGITS.multiply(a, b))
    except Rounded:
        return None


def _aligned(a: str, b: str) -> str:
    """Spell how many units of the last place ``a`` is, at the finer scale of the two."""
    at_scale = f"TRY({{{a}}} + {_WIDE} + ({{{b}}} - {{{b}}}))"
    return f"CAST(replace(CAST({at_scale} AS VARCHAR), '.', '') AS HUGEINT)"


_WHOLE = f"{_aligned('a', 'b')} // NULLIF({_aligned('b', 'a')}, 0)"


@operator(
    "//",
    polars=lambda pl, a, b, *, result: (
        pl.when(b != 0)
        .then(units(pl, a, result).truncdiv(units(pl, b, result)))
        .cast(result, strict=False)
    ),
    sql=f"TRY_CAST({_WHOLE} AS {{type}})",
    result=_quotient_type,
)
def div_trunc_decimal(a: Decimal, b: Decimal) -> Decimal | None:
    """Return the whole part of a / b, towards zero; null where b is zero.

    Exact, unlike the double quotient: 0.3 // 0.1 is 3.

    Cases:
        div_trunc_decimal(DECIMAL "0.3", DECIMAL "0.1") = DECIMAL "3.0"
        div_trunc_decimal(DECIMAL "-7.5", DECIMAL "2.00") = DECIMAL "-3.00"
        div_trunc_decimal(DECIMAL "1.0", DECIMAL "0.0") = null
        div_trunc_decimal(null, DECIMAL "2.0") = null
    """
    if not b:
        return None
    try:
        rest = EXACT.remainder(a, b)
        DIGITS.quantize(a, rest)
        DIGITS.quantize(b, rest)
        return DIGITS.plus(DIGITS.quantize(EXACT.divide_int(a, b), rest))
    except InvalidOperation:
        return None


def _remainder(pl: Any, a: Any, b: Any, result: Any) -> Any:
    first, second = units(pl, a, result), units(pl, b, result)
    return of_units(pl, pl.when(second != 0).then(first - second * first.truncdiv(second)), result)


@operator(
    "%",
    polars=lambda pl, a, b, *, result: _remainder(pl, a, b, result),
    # DuckDB's own % turns long DECIMALs into doubles
    sql=(
        f"TRY_CAST(TRY({{a}} + {_WIDE} - ({{b}} + {_WIDE}) * CAST({_WHOLE} AS DECIMAL(38, 0)))"
        " AS {type})"
    ),
    result=_remainder_type,
)
def mod_trunc_decimal(a: Decimal, b: Decimal) -> Decimal | None:
    """Return what a // b leaves over, with the sign of a; null where b is zero.

    Cases:
        mod_trunc_decimal(DECIMAL "0.3", DECIMAL "0.1") = DECIMAL "0.0"
        mod_trunc_decimal(DECIMAL "-7.5", DECIMAL "2.00") = DECIMAL "-1.50"
        mod_trunc_decimal(DECIMAL "1.0", DECIMAL "0.0") = null
        mod_trunc_decimal(null, DECIMAL "2.0") = null
    """
    if not b:
        return None
    try:
        rest = EXACT.plus(EXACT.remainder(a, b))
        DIGITS.quantize(a, rest)
        DIGITS.quantize(b, rest)
    except InvalidOperation:
        return None
    return rest


@operator("NEG", polars=lambda pl, a: -a, sql="- {a}", result=lambda a: a)
def negate_decimal(a: Decimal) -> Decimal:
    """Return -a; zero has no sign.

    Cases:
        negate_decimal(DECIMAL "1.50") = DECIMAL "-1.50"
        negate_decimal(DECIMAL "0.00") = DECIMAL "0.00"
        negate_decimal(null) = null
    """
    return DIGITS.minus(a)


@operator("ABS", polars=lambda pl, a: a.abs(), sql="abs({a})", result=lambda a: a)
def abs_decimal(a: Decimal) -> Decimal:
    """Return a without its sign.

    Cases:
        abs_decimal(DECIMAL "-1.50") = DECIMAL "1.50"
        abs_decimal(DECIMAL "0.00") = DECIMAL "0.00"
        abs_decimal(null) = null
    """
    return a.copy_abs()


@operator("SIGN", polars=lambda pl, a: a.sign().cast(pl.Int64), sql="CAST(sign({a}) AS BIGINT)")
def sign_decimal(a: Decimal) -> int:
    """Return 1, 0 or -1: on which side of zero a lies.

    Cases:
        sign_decimal(DECIMAL "0.01") = 1
        sign_decimal(DECIMAL "0.00") = 0
        sign_decimal(DECIMAL "-7.5") = -1
        sign_decimal(null) = null
    """
    return (a > 0) - (a < 0)
