"""Sums and averages.

Float sums carry the rounding error of every addition along (two numbers: ``hi``, what a plain sum
would be, and ``lo``, what it lost), so that training, which adds up exactly, and serving agree.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from featurekit.datatypes import DataType, decimal
from featurekit.ops.aggregate import Lift, Moments, aggregate
from featurekit.ops.decimals import EXACT

_HALF = 10**19
"""38 digits are two halves of 19; each half of a sum of sizes fits an Int128."""


def _bigint_start(pl: Any, x: Any) -> dict[str, Any]:
    return {"n": x.is_not_null().cast(pl.Int64), "total": x.cast(pl.Int128).fill_null(0)}


def _bigint_merge(pl: Any, a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Any]:
    return {"n": a["n"] + b["n"], "total": a["total"] + b["total"]}


@aggregate(
    "SUM",
    polars=lambda pl, x: pl.when(x.count() > 0).then(
        x.cast(pl.Int128).sum().cast(pl.Int64, strict=False)
    ),
    sql="TRY_CAST(SUM({x}) {filter} AS BIGINT)",
    makes_null=True,
    lift=Lift(
        start=_bigint_start,
        empty={"n": 0, "total": 0},
        merge=_bigint_merge,
        result=lambda pl, s: pl.when(s["n"] > 0).then(s["total"].cast(pl.Int64, strict=False)),
        ranges="difference",
    ),
)
class SumBigint:
    """Return the exact sum; null when there is no value or it leaves 64 bits.

    Only the end counts: what leaves 64 bits on the way and comes back is a sum.

    Cases:
        sum_bigint([1, 2, null]) = 3
        sum_bigint([]) = null
        sum_bigint([9223372036854775807, 1]) = null
        sum_bigint([9223372036854775807, 1, -1]) = 9223372036854775807
    """

    @staticmethod
    def start() -> tuple[int, int]:
        return 0, 0

    @staticmethod
    def add(state: tuple[int, int], x: int) -> tuple[int, int]:
        return state[0] + 1, state[1] + x

    @staticmethod
    def merge(first: tuple[int, int], second: tuple[int, int]) -> tuple[int, int]:
        return first[0] + second[0], first[1] + second[1]

    @staticmethod
    def result(state: tuple[int, int]) -> int | None:
        n, total = state
        return total if n and -(2**63) <= total < 2**63 else None


@aggregate(
    "AVG",
    polars=lambda pl, x: pl.when(x.count() > 0).then(
        x.cast(pl.Int128).sum().cast(pl.Float64) / x.count()
    ),
    sql="CAST(SUM({x}) {filter} AS DOUBLE) / COUNT({x}) {filter}",
    lift=Lift(
        start=_bigint_start,
        empty={"n": 0, "total": 0},
        merge=_bigint_merge,
        result=lambda pl, s: pl.when(s["n"] > 0).then(s["total"].cast(pl.Float64) / s["n"]),
        ranges="difference",
    ),
    bound="mean",
)
class AvgBigint(SumBigint):
    """Return the mean as a double: the exact sum, divided once; null when there is no value.

    Cases:
        avg_bigint([1, 2, null]) = 1.5
        avg_bigint([9223372036854775807, 9223372036854775807]) = 9.223372036854775807e18
        avg_bigint([]) = null
    """

    @staticmethod
    def result(state: tuple[int, int]) -> float | None:  # type: ignore[override]  # another result of the same state
        n, total = state
        return float(total) / n if n else None


def _doubles(pl: Any, x: Any) -> dict[str, Any]:
    return {"x": x}


@aggregate(
    "SUM",
    polars=lambda pl, x: pl.when(x.count() > 0).then(x.sum()),
    sql="SUM({x})",
    lift=Moments(_doubles, lambda pl, s: pl.when(s["n"] > 0).then(s["sum"])),
    bound="sum",
)
class SumDouble:
    """Return the sum, compensated for rounding; null when there is no value.

    Infinities and NaN add up as IEEE says; a sum that overflows is infinite.

    Cases:
        sum_double([0.1, 0.2, null]) = 0.30000000000000004
        sum_double([1e16, 1.0, -1e16]) = 1.0
        sum_double([inf, -inf]) = nan
        sum_double([]) = null
    """

    @staticmethod
    def start() -> tuple[int, float, float]:
        return 0, 0.0, 0.0

    @staticmethod
    def add(state: tuple[int, float, float], x: float) -> tuple[int, float, float]:
        n, hi, lo = state
        total = hi + x
        part = total - hi
        return n + 1, total, lo + ((hi - (total - part)) + (x - part))

    @staticmethod
    def merge(
        first: tuple[int, float, float], second: tuple[int, float, float]
    ) -> tuple[int, float, float]:
        total = first[1] + second[1]
        part = total - first[1]
        error = (first[1] - (total - part)) + (second[1] - part)
        return first[0] + second[0], total, first[2] + second[2] + error

    @staticmethod
    def result(state: tuple[int, float, float]) -> float | None:
        n, hi, lo = state
        if not n:
            return None
        return hi + lo if math.isfinite(hi) else hi


@aggregate(
    "AVG",
    polars=lambda pl, x: x.mean(),
    sql="AVG({x})",
    lift=Moments(_doubles, lambda pl, s: pl.when(s["n"] > 0).then(s["sum"] / s["n"])),
    bound="mean",
)
class AvgDouble(SumDouble):
    """Return the mean: the compensated sum, divided once; null when there is no value.

    Cases:
        avg_double([1.0, 2.0, null]) = 1.5
        avg_double([1.0, nan]) = nan
        avg_double([]) = null
    """

    @staticmethod
    def result(state: tuple[int, float, float]) -> float | None:
        n, hi, lo = state
        if not n:
            return None
        return (hi + lo if math.isfinite(hi) else hi) / n


def _fits(coarse: Any, fine: Any) -> Any:
    return coarse + fine // _HALF < _HALF


def _decimal_start(pl: Any, x: Any) -> dict[str, Any]:
    units = x.to_physical().abs()
    coarse = units // _HALF
    return {
        "n": x.is_not_null().cast(pl.Int64),
        "coarse": coarse.fill_null(0),
        "fine": (units - coarse * _HALF).fill_null(0),
        "total": x.fill_null(0),
    }


def _decimal_merge(pl: Any, a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Any]:
    coarse, fine = a["coarse"] + b["coarse"], a["fine"] + b["fine"]
    # polars raises on overflow, also in rows a condition discards: hide the operand instead
    safe = pl.when(_fits(coarse, fine)).then(a["total"])
    return {"n": a["n"] + b["n"], "coarse": coarse, "fine": fine, "total": safe + b["total"]}


def _decimal_total(pl: Any, s: Mapping[str, Any]) -> Any:
    return pl.when((s["n"] > 0) & _fits(s["coarse"], s["fine"])).then(s["total"])


def _decimal_group(pl: Any, x: Any) -> Any:
    s = _decimal_start(pl, x)
    fits = _fits(s["coarse"].sum(), s["fine"].sum())
    return pl.when((x.count() > 0) & fits).then(pl.when(fits).then(x).sum())


def _widest(x: DataType) -> DataType:
    return decimal(38, x.scale)


@aggregate(
    "SUM",
    polars=_decimal_group,
    sql="SUM({x})",
    makes_null=True,
    lift=Lift(
        start=_decimal_start,
        empty={"n": 0, "coarse": 0, "fine": 0, "total": 0},
        merge=_decimal_merge,
        result=_decimal_total,
        ranges="difference",
    ),
    result=_widest,
)
class SumDecimal:
    """Return the exact sum; null when there is no value or 38 digits are too few.

    They are too few when the sum of the absolute values needs more, so that it does not matter in
    which order values of both signs are added. (DuckDB refuses such a query.)

    Cases:
        sum_decimal([DECIMAL "0.10", DECIMAL "0.20", null]) = DECIMAL "0.30"
        sum_decimal([DECIMAL "-1.50"]) = DECIMAL "-1.50"
        sum_decimal([]) = null
    """

    @staticmethod
    def start() -> tuple[int, Decimal, Decimal]:
        return 0, Decimal(0), Decimal(0)

    @staticmethod
    def add(state: tuple[int, Decimal, Decimal], x: Decimal) -> tuple[int, Decimal, Decimal]:
        return state[0] + 1, EXACT.add(state[1], x), EXACT.add(state[2], x.copy_abs())

    @staticmethod
    def merge(
        first: tuple[int, Decimal, Decimal], second: tuple[int, Decimal, Decimal]
    ) -> tuple[int, Decimal, Decimal]:
        total, size = EXACT.add(first[1], second[1]), EXACT.add(first[2], second[2])
        return first[0] + second[0], total, size

    @staticmethod
    def result(state: tuple[int, Decimal, Decimal]) -> Decimal | None:
        n, total, size = state
        return total if n and len(size.as_tuple().digits) <= 38 else None


@aggregate(
    "AVG",
    polars=lambda pl, x: _decimal_group(pl, x).cast(pl.Float64) / x.count(),
    sql="AVG({x})",
    makes_null=True,
    lift=Lift(
        start=_decimal_start,
        empty={"n": 0, "coarse": 0, "fine": 0, "total": 0},
        merge=_decimal_merge,
        result=lambda pl, s: _decimal_total(pl, s).cast(pl.Float64) / s["n"],
        ranges="difference",
    ),
    bound="mean",
)
class AvgDecimal(SumDecimal):
    """Return the mean as a double: the exact sum, divided once; null as the sum is.

    Cases:
        avg_decimal([DECIMAL "0.10", DECIMAL "0.20", null]) = 0.15
        avg_decimal([DECIMAL "-1.50"]) = -1.5
        avg_decimal([]) = null
    """

    @staticmethod
    def result(state: tuple[int, Decimal, Decimal]) -> float | None:  # type: ignore[override]  # another result of the same state
        n, total, size = state
        return float(total) / n if n and len(size.as_tuple().digits) <= 38 else None
