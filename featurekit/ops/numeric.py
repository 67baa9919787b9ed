"""Arithmetic on BIGINT and DOUBLE: sums, products, quotients, remainders, signs."""

from __future__ import annotations

import math
from typing import Any

from featurekit.ops.operator import operator


def _wide(pl: Any, expression: Any) -> Any:
    """128 bits hold every sum and product of two 64-bit integers, so nothing wraps around."""
    return expression.cast(pl.Int128)


def _narrow(pl: Any, expression: Any) -> Any:
    """Return the 128-bit integer in 64 bits, null where they do not hold it."""
    return expression.cast(pl.Int64, strict=False)


def true_quotient(pl: Any, a: Any, b: Any) -> Any:
    """Return the correctly rounded a / b in polars; null where a is null.

    By a constant polars multiplies with the reciprocal (3241.0 / 100.0 is 32.410000000000004, but
    32.41 in a frame of one row), and a column may be a constant without looking like one. Adding a
    column of zeros makes it a column of values.
    """
    return a / (b + a.is_null().cast(pl.Float64))


def _towards_zero(pl: Any, quotient: Any) -> Any:
    whole = quotient.cast(pl.Int64, strict=False).cast(pl.Float64)
    return pl.when(quotient.abs() < 2.0**52).then(whole).otherwise(quotient)


@operator(
    "+",
    polars=lambda pl, a, b: _narrow(pl, _wide(pl, a) + _wide(pl, b)),
    sql="TRY_CAST(CAST({a} AS HUGEINT) + CAST({b} AS HUGEINT) AS BIGINT)",
    commutes=True,
)
def add_bigint(a: int, b: int) -> int | None:
    """Return a + b; null where 64 bits do not hold the sum.

    Null, because engines raise or wrap around in silence.

    Cases:
        add_bigint(1, 2) = 3
        add_bigint(9223372036854775807, 1) = null
        add_bigint(null, 1) = null
    """
    total = a + b
    return total if -(2**63) <= total < 2**63 else None


@operator("+", polars=lambda pl, a, b: a + b, sql="{a} + {b}", commutes=True)
def add_double(a: float, b: float) -> float:
    """Return a + b as IEEE double; overflow is infinity.

    Cases:
        add_double(0.1, 0.2) = 0.30000000000000004
        add_double(1.7e308, 1.7e308) = inf
        add_double(null, 1.0) = null
    """
    return a + b


@operator(
    "-",
    polars=lambda pl, a, b: _narrow(pl, _wide(pl, a) - _wide(pl, b)),
    sql="TRY_CAST(CAST({a} AS HUGEINT) - CAST({b} AS HUGEINT) AS BIGINT)",
)
def subtract_bigint(a: int, b: int) -> int | None:
    """Return a - b; null where 64 bits do not hold the difference.

    Cases:
        subtract_bigint(1, 2) = -1
        subtract_bigint(-9223372036854775808, 1) = null
        subtract_bigint(1, null) = null
    """
    difference = a - b
    return difference if -(2**63) <= difference < 2**63 else None


@operator("-", polars=lambda pl, a, b: a - b, sql="{a} - {b}")
def subtract_double(a: float, b: float) -> float:
    """Return a - b as IEEE double; infinity minus infinity is NaN.

    Cases:
        subtract_double(0.3, 0.1) = 0.19999999999999998
        subtract_double(inf, inf) = nan
        subtract_double(null, 1.0) = null
    """
    return a - b


@operator(
    "*",
    polars=lambda pl, a, b: _narrow(pl, _wide(pl, a) * _wide(pl, b)),
    sql="TRY_CAST(CAST({a} AS HUGEINT) * CAST({b} AS HUGEINT) AS BIGINT)",
    commutes=True,
)
def multiply_bigint(a: int, b: int) -> int | None:
    """Return a * b; null where 64 bits do not hold the product.

    Cases:
        multiply_bigint(6, -7) = -42
        multiply_bigint(3037000500, 3037000500) = null
        multiply_bigint(null, 0) = null
    """
    product = a * b
    return product if -(2**63) <= product < 2**63 else None


@operator("*", polars=lambda pl, a, b: a * b, sql="{a} * {b}", commutes=True)
def multiply_double(a: float, b: float) -> float:
    """Return a * b as IEEE double; overflow is infinity.

    Cases:
        multiply_double(3.0, 0.1) = 0.30000000000000004
        multiply_double(1e308, 10.0) = inf
        multiply_double(0.0, inf) = nan
        multiply_double(null, 0.0) = null
    """
    return a * b


@operator(
    "/",
    polars=lambda pl, a, b: pl.when(b != 0).then(true_quotient(pl, a, b)),
    sql="CASE WHEN {b} <> 0 THEN {a} / {b} END",
)
def div_double(a: float, b: float) -> float | None:
    """Return a / b; null where b is zero.

    Null, because engines disagree (raise, infinity, NaN) and one bad row must not fail a request.

    Cases:
        div_double(6.0, 3.0) = 2.0
        div_double(1.0, 0.0) = null
        div_double(null, 2.0) = null
    """
    return None if b == 0.0 else a / b


@operator(
    "//",
    polars=lambda pl, a, b: _narrow(pl, pl.when(b != 0).then(_wide(pl, a).truncdiv(_wide(pl, b)))),
    sql="TRY_CAST(CAST({a} AS HUGEINT) // NULLIF(CAST({b} AS HUGEINT), 0) AS BIGINT)",
)
def div_trunc_bigint(a: int, b: int) -> int | None:
    """Return the whole part of a / b, towards zero; null where b is zero or 64 bits are too few.

    Towards zero, as every SQL engine divides integers; Python and polars would round down.

    Cases:
        div_trunc_bigint(7, 2) = 3
        div_trunc_bigint(-7, 2) = -3
        div_trunc_bigint(1, 0) = null
        div_trunc_bigint(-9223372036854775808, -1) = null
        div_trunc_bigint(null, 2) = null
    """
    if b == 0:
        return None
    quotient = abs(a) // abs(b)
    if (a < 0) != (b < 0):
        return -quotient
    return quotient if quotient < 2**63 else None


@operator(
    "//",
    polars=lambda pl, a, b: pl.when(b != 0).then(_towards_zero(pl, true_quotient(pl, a, b))),
    sql="CASE WHEN {b} <> 0 THEN trunc({a} / {b}) + CAST(0 AS DOUBLE) END",
)
def div_trunc_double(a: float, b: float) -> float | None:
    """Return the whole part of the double a / b, towards zero; null where b is zero.

    Zero is never negative; NaN and infinity stay what they are.

    Cases:
        div_trunc_double(7.5, 2.0) = 3.0
        div_trunc_double(-7.5, 2.0) = -3.0
        div_trunc_double(-0.5, 2.0) = 0.0
        div_trunc_double(1.0, 0.0) = null
        div_trunc_double(null, 2.0) = null
    """
    if b == 0.0:
        return None
    quotient = a / b
    return float(int(quotient)) if abs(quotient) < 2.0**52 else quotient


@operator(
    "%",
    polars=lambda pl, a, b: _narrow(
        pl,
        pl.when(b != 0).then(
            _wide(pl, a) - _wide(pl, b) * _wide(pl, a).truncdiv(_wide(pl, b)),
        ),
    ),
    sql="CAST(CAST({a} AS HUGEINT) % NULLIF(CAST({b} AS HUGEINT), 0) AS BIGINT)",
)
def mod_trunc_bigint(a: int, b: int) -> int | None:
    """Return what a // b leaves over, with the sign of a; null where b is zero.

    Cases:
        mod_trunc_bigint(7, 2) = 1
        mod_trunc_bigint(-7, 2) = -1
        mod_trunc_bigint(7, -2) = 1
        mod_trunc_bigint(-9223372036854775808, -1) = 0
        mod_trunc_bigint(1, 0) = null
        mod_trunc_bigint(null, 2) = null
    """
    if b == 0:
        return None
    rest = abs(a) % abs(b)
    return -rest if a < 0 else rest


def _remainders(pl: Any, rows: Any) -> Any:
    """Return each row's remainder by the body: polars' own ``%`` is lossy (1e308 % 10 is 0)."""
    answers = [
        None if row["a"] is None or row["b"] is None else mod_trunc_double(row["a"], row["b"])
        for row in rows
    ]
    return pl.Series(rows.name, answers, dtype=pl.Float64)


@operator(
    "%",
    polars=lambda pl, a, b: pl.struct(a=a, b=b).map_batches(
        lambda rows: _remainders(pl, rows), return_dtype=pl.Float64, is_elementwise=True
    ),
    sql="CASE WHEN {b} <> 0 THEN {a} % {b} END",
)
def mod_trunc_double(a: float, b: float) -> float | None:
    """Return the exact remainder of a / b, with the sign of a; null where b is zero.

    NaN where a is infinite. Exact as C's ``fmod``; a - b * floor(a / b) would lose digits.

    Cases:
        mod_trunc_double(7.5, 2.0) = 1.5
        mod_trunc_double(-7.5, 2.0) = -1.5
        mod_trunc_double(1e308, 10.0) = 6.0
        mod_trunc_double(1.0, inf) = 1.0
        mod_trunc_double(inf, 2.0) = nan
        mod_trunc_double(1.0, 0.0) = null
        mod_trunc_double(null, 2.0) = null
    """
    if b == 0.0:
        return None
    return math.nan if math.isinf(a) else math.fmod(a, b)


@operator(
    "NEG",
    polars=lambda pl, a: _narrow(pl, pl.lit(0, dtype=pl.Int128) - _wide(pl, a)),
    sql="TRY_CAST(- CAST({a} AS HUGEINT) AS BIGINT)",
)
def negate_bigint(a: int) -> int | None:
    """Return -a; null for the least integer, whose opposite needs 65 bits.

    Cases:
        negate_bigint(5) = -5
        negate_bigint(-9223372036854775808) = null
        negate_bigint(null) = null
    """
    return -a if a != -(2**63) else None


@operator("NEG", polars=lambda pl, a: -a, sql="- {a}")
def negate_double(a: float) -> float:
    """Return -a; the opposite of 0.0 is -0.0, which equals it.

    Cases:
        negate_double(1.5) = -1.5
        negate_double(0.0) = -0.0
        negate_double(null) = null
    """
    return -a


@operator(
    "ABS",
    polars=lambda pl, a: _narrow(pl, _wide(pl, a).abs()),
    sql="TRY_CAST(abs(CAST({a} AS HUGEINT)) AS BIGINT)",
)
def abs_bigint(a: int) -> int | None:
    """Return a without its sign; null for the least integer, whose opposite needs 65 bits.

    Cases:
        abs_bigint(-5) = 5
        abs_bigint(-9223372036854775808) = null
        abs_bigint(null) = null
    """
    return abs(a) if a != -(2**63) else None


@operator("ABS", polars=lambda pl, a: a.abs(), sql="abs({a})")
def abs_double(a: float) -> float:
    """Return a without its sign.

    Cases:
        abs_double(-1.5) = 1.5
        abs_double(-0.0) = 0.0
        abs_double(null) = null
    """
    return abs(a)


@operator("SIGN", polars=lambda pl, a: a.sign(), sql="CAST(sign({a}) AS BIGINT)")
def sign_bigint(a: int) -> int:
    """Return 1, 0 or -1: on which side of zero a lies.

    Cases:
        sign_bigint(7) = 1
        sign_bigint(0) = 0
        sign_bigint(-7) = -1
        sign_bigint(null) = null
    """
    return (a > 0) - (a < 0)


@operator(
    "SIGN",
    polars=lambda pl, a: (
        pl.when(a.is_nan())
        .then(a)
        .when(a > 0)
        .then(1.0)
        .when(a < 0)
        .then(-1.0)
        .when(a == 0)
        .then(0.0)
    ),
    sql="CASE WHEN isnan({a}) THEN {a} ELSE CAST(sign({a}) AS DOUBLE) END",
)
def sign_double(a: float) -> float:
    """Return 1.0, 0.0 or -1.0: on which side of zero a lies; NaN for NaN.

    Cases:
        sign_double(7.5) = 1.0
        sign_double(-0.0) = 0.0
        sign_double(nan) = nan
        sign_double(null) = null
    """
    return a if math.isnan(a) else float((a > 0) - (a < 0))
