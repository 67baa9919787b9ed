"""Arithmetic, rounding and mathematics."""

from __future__ import annotations

from featurekit.ops.operator import operator


@operator("+", polars=lambda pl, a, b: a + b, sql="{a} + {b}", commutes=True)
def add_double(a: float, b: float) -> float:
    """Return a + b as IEEE double; overflow is infinity.

    Cases:
        add_double(0.1, 0.2) = 0.30000000000000004
        add_double(null, 1.0) = null
    """
    return a + b


@operator(
    "/",
    polars=lambda pl, a, b: pl.when(b != 0).then(a / b),
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


@operator(polars=lambda pl, a: a.cast(pl.Float64), sql="CAST({a} AS DOUBLE)")
def bigint_to_double(a: int) -> float:
    """Return the integer as a double, rounded to the nearest; the widening that needs no asking.

    Cases:
        bigint_to_double(7) = 7.0
    """
    return float(a)
