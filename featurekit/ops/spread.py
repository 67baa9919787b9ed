"""Variance and standard deviation.

Engines differ on what cannot be squared (they raise, or answer infinity, NaN or null), so here a
value that is not finite or not below 1e150 makes the answer NaN, on every target.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from featurekit.ops.aggregate import Moments, aggregate


def _tame(pl: Any, x: Any) -> Any:
    return pl.when(x.is_null() | (x.abs() < 1e150)).then(x).otherwise(math.nan)


def _values(pl: Any, x: Any) -> dict[str, Any]:
    return {"x": _tame(pl, x)}


def _lift(result: Callable[[Any, Mapping[str, Any]], Any]) -> Moments:
    return Moments(_values, result, ("xx",))


def _sql(function: str, least: int) -> str:
    wild = "COUNT(CASE WHEN NOT (ABS({x}) < 1e150) THEN 1 END) {filter}"
    return (
        f"CASE WHEN {wild} > 0 AND COUNT({{x}}) {{filter}} >= {least} "
        f"THEN CAST('NaN' AS DOUBLE) "
        f"ELSE {function}(CASE WHEN ABS({{x}}) < 1e150 THEN {{x}} END) {{filter}} END"
    )


@aggregate(
    "VAR_POP",
    polars=lambda pl, x: _tame(pl, x).var(ddof=0),
    sql=_sql("VAR_POP", 1),
    lift=_lift(lambda pl, s: pl.when(s["n"] > 0).then(s["xx"] / s["n"])),
    bound="square",
)
class VarPop:
    """Return the mean squared distance from the mean; null when there is no value.

    Cases:
        var_pop([1.0, 3.0, null]) = 1.0
        var_pop([5.0]) = 0.0
        var_pop([1.0, inf]) = nan
        var_pop([]) = null
    """

    @staticmethod
    def start() -> tuple[int, float, float]:
        return 0, 0.0, 0.0

    @staticmethod
    def add(state: tuple[int, float, float], x: float) -> tuple[int, float, float]:
        n, mean, squares = state[0] + 1, state[1], state[2]
        delta = x - mean if -1e150 < x < 1e150 else math.nan
        mean += delta / n
        return n, mean, squares + delta * (x - mean)

    @staticmethod
    def merge(
        first: tuple[int, float, float], second: tuple[int, float, float]
    ) -> tuple[int, float, float]:
        n = first[0] + second[0]
        share = second[0] / n if n else 0.0
        delta = second[1] - first[1]
        squares = first[2] + second[2] + delta * delta * first[0] * share
        return n, first[1] + delta * share, squares

    @staticmethod
    def result(state: tuple[int, float, float]) -> float | None:
        return state[2] / state[0] if state[0] else None


@aggregate(
    "VAR_SAMP",
    "VARIANCE",
    polars=lambda pl, x: _tame(pl, x).var(ddof=1),
    sql=_sql("VAR_SAMP", 2),
    makes_null=True,
    lift=_lift(lambda pl, s: pl.when(s["n"] > 1).then(s["xx"] / (s["n"] - 1))),
    bound="square",
)
class VarSamp(VarPop):
    """Return the variance of a sample (divided by n - 1); null for fewer than two values.

    Cases:
        var_samp([1.0, 3.0, null]) = 2.0
        var_samp([5.0]) = null
        var_samp([nan]) = null
        var_samp([nan, 1.0]) = nan
    """

    @staticmethod
    def result(state: tuple[int, float, float]) -> float | None:
        return state[2] / (state[0] - 1) if state[0] > 1 else None


@aggregate(
    "STDDEV_POP",
    polars=lambda pl, x: _tame(pl, x).std(ddof=0),
    sql=_sql("STDDEV_POP", 1),
    lift=_lift(lambda pl, s: pl.when(s["n"] > 0).then((s["xx"] / s["n"]).sqrt())),
    bound="mean",
)
class StddevPop(VarPop):
    """Return the square root of VAR_POP; null when there is no value.

    Cases:
        stddev_pop([1.0, 3.0, null]) = 1.0
        stddev_pop([5.0]) = 0.0
        stddev_pop([]) = null
    """

    @staticmethod
    def result(state: tuple[int, float, float]) -> float | None:
        return math.sqrt(state[2] / state[0]) if state[0] else None


@aggregate(
    "STDDEV_SAMP",
    "STDDEV",
    polars=lambda pl, x: _tame(pl, x).std(ddof=1),
    sql=_sql("STDDEV_SAMP", 2),
    makes_null=True,
    lift=_lift(lambda pl, s: pl.when(s["n"] > 1).then((s["xx"] / (s["n"] - 1)).sqrt())),
    bound="mean",
)
class StddevSamp(VarPop):
    """Return the standard deviation of a sample: the root of VAR_SAMP; null below two values.

    Cases:
        stddev_samp([2.0, 2.0, null]) = 0.0
        stddev_samp([5.0]) = null
        stddev_samp([]) = null
    """

    @staticmethod
    def result(state: tuple[int, float, float]) -> float | None:
        return math.sqrt(state[2] / (state[0] - 1)) if state[0] > 1 else None
