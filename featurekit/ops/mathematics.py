"""Roots, logarithms, exponentials and powers of DOUBLE; outside the domain is null.

Engines use different mathematical libraries: results may differ by four units in the last place.
"""

from __future__ import annotations

import math

from featurekit.ops.operator import operator


@operator(
    "SQRT",
    polars=lambda pl, a: pl.when(a >= 0).then(a.sqrt()),
    sql="CASE WHEN {a} >= 0 THEN sqrt({a}) END",
)
def sqrt(a: float) -> float | None:
    """Return the square root of a; null where a is negative.

    Null, because engines raise or answer NaN.

    Cases:
        sqrt(2.25) = 1.5
        sqrt(-1.0) = null
        sqrt(nan) = nan
        sqrt(null) = null
    """
    return None if a < 0.0 else math.sqrt(a)


@operator(
    "LN",
    polars=lambda pl, a: pl.when(a > 0).then(a.log()),
    sql="CASE WHEN {a} > 0 THEN ln({a}) END",
    ulps=4,
)
def ln(a: float) -> float | None:
    """Return the natural logarithm of a; null where a is not positive.

    Null, because engines raise, answer NaN or minus infinity.

    Cases:
        ln(1.0) = 0.0
        ln(10.0) = 2.302585092994046
        ln(0.0) = null
        ln(null) = null
    """
    return None if a <= 0.0 else math.log(a)


@operator(
    "LOG10",
    polars=lambda pl, a: pl.when(a > 0).then(a.log10()),
    sql="CASE WHEN {a} > 0 THEN log10({a}) END",
    ulps=4,
)
def log10(a: float) -> float | None:
    """Return the logarithm of a to base 10; null where a is not positive.

    Cases:
        log10(1000.0) = 3.0
        log10(0.0) = null
        log10(nan) = nan
        log10(null) = null
    """
    return None if a <= 0.0 else math.log10(a)


@operator(
    "LOG2",
    polars=lambda pl, a: pl.when(a > 0).then(a.log(2.0)),
    sql="CASE WHEN {a} > 0 THEN log2({a}) END",
    ulps=4,
)
def log2(a: float) -> float | None:
    """Return the logarithm of a to base 2; null where a is not positive.

    Cases:
        log2(8.0) = 3.0
        log2(-1.0) = null
        log2(inf) = inf
        log2(null) = null
    """
    return None if a <= 0.0 else math.log2(a)


@operator(
    "LOG1P",
    polars=lambda pl, a: pl.when(a > -1).then(a.log1p()),
    # the compensated form (Kahan): ln(1 + a) alone loses the digits of a small a
    sql=(
        "CASE WHEN {a} <= -1 THEN NULL WHEN 1 + {a} = 1 OR isinf({a}) THEN {a} "
        "ELSE ln(1 + {a}) * ({a} / ((1 + {a}) - 1)) END"
    ),
    ulps=4,
)
def log1p(a: float) -> float | None:
    """Return the natural logarithm of 1 + a, exact also for small a; null where a is at most -1.

    Source: W. Kahan's compensated form, as in D. Goldberg, "What Every Computer Scientist Should
    Know About Floating-Point Arithmetic" (1991), theorem 4, for engines that have no log1p.

    Cases:
        log1p(0.0) = 0.0
        log1p(1e-16) = 1e-16
        log1p(-1.0) = null
        log1p(null) = null
    """
    return None if a <= -1.0 else math.log1p(a)


@operator("EXP", polars=lambda pl, a: a.exp(), sql="exp({a})", ulps=4)
def exp(a: float) -> float:
    """Return e to the power of a; overflow is infinity.

    Cases:
        exp(0.0) = 1.0
        exp(1.0) = 2.718281828459045
        exp(1000.0) = inf
        exp(null) = null
    """
    try:
        return math.exp(a)
    except OverflowError:
        return math.inf


@operator(
    "POWER",
    polars=lambda pl, a, b: pl.when(
        ~(((a == 0) & (b < 0)) | ((a < 0) & a.is_finite() & b.is_finite() & (b != b.floor())))
    ).then(a.pow(b)),
    sql=(
        "CASE WHEN ({a} = 0 AND {b} < 0) OR ({a} < 0 AND isfinite({a}) AND isfinite({b}) "
        "AND {b} <> floor({b})) THEN NULL ELSE power({a}, {b}) END"
    ),
    ulps=4,
)
def power(a: float, b: float) -> float | None:
    """Return a to the power of b; null for 0 to a negative power and for roots of negatives.

    Null as for division by zero; overflow is infinity; anything to the power of 0 is 1.

    Cases:
        power(2.0, 10.0) = 1024.0
        power(0.0, -1.0) = null
        power(-8.0, 0.5) = null
        power(nan, 0.0) = 1.0
        power(-10.0, 309.0) = -inf
        power(null, 0.0) = null
    """
    if a == 0.0 and b < 0.0:
        return None
    try:
        return math.pow(a, b)
    except OverflowError:
        return -math.inf if a < 0.0 and b % 2.0 == 1.0 else math.inf
    except ValueError:
        return None
