"""How two columns vary together: covariance and correlation.

A row where either is null does not count. As for the variance, a value that is not finite or not
below 1e150 makes the answer NaN, on every target.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from featurekit.ops.aggregate import Lift, aggregate

_EMPTY = {"n": 0.0, "mean_x": 0.0, "mean_y": 0.0, "together": 0.0}


def _tame(pl: Any, x: Any, y: Any) -> Any:
    """Return ``x``, NaN where a pair cannot be multiplied, null where it is not whole."""
    whole = x.is_not_null() & y.is_not_null()
    return pl.when(whole).then(
        pl.when((x.abs() < 1e150) & (y.abs() < 1e150)).then(x).otherwise(math.nan)
    )


def _start(pl: Any, x: Any, y: Any) -> dict[str, Any]:
    first, second = _tame(pl, x, y), _tame(pl, y, x)
    return {
        "n": first.is_not_null().cast(pl.Float64),
        "mean_x": first.fill_null(0.0),
        "mean_y": second.fill_null(0.0),
        "together": first.fill_null(0.0) * 0.0,  # NaN from the first such row on
    }


def _merge(pl: Any, a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Any]:
    n = a["n"] + b["n"]
    share = b["n"] / pl.when(n > 0).then(n).otherwise(1.0)
    delta_x, delta_y = b["mean_x"] - a["mean_x"], b["mean_y"] - a["mean_y"]
    return {
        "n": n,
        "mean_x": a["mean_x"] + delta_x * share,
        "mean_y": a["mean_y"] + delta_y * share,
        "together": a["together"] + b["together"] + delta_x * delta_y * a["n"] * share,
    }


def _lift(result: Callable[[Any, Mapping[str, Any]], Any]) -> Lift:
    return Lift(_start, _EMPTY, _merge, result)


def _centred(pl: Any, x: Any, y: Any) -> Any:
    """Return the distances from the mean, exactly zero where all values are the same."""
    own = _tame(pl, x, y)
    moved = own - own.drop_nulls().first()
    return moved - moved.mean()


def _together(pl: Any, x: Any, y: Any) -> Any:
    return (_centred(pl, x, y) * _centred(pl, y, x)).sum()


def _pairs(x: Any, y: Any) -> Any:
    return (x.is_not_null() & y.is_not_null()).sum()


_WILD = "NOT (ABS({x}) < 1e150 AND ABS({y}) < 1e150)"


def _sql(function: str, least: int) -> str:
    tame = "CASE WHEN ABS({x}) < 1e150 AND ABS({y}) < 1e150 THEN"
    return (
        f"CASE WHEN COUNT(CASE WHEN {_WILD} THEN 1 END) {{filter}} > 0 "
        f"AND COUNT({{x}}) {{filter}} >= {least} THEN CAST('NaN' AS DOUBLE) "
        f"ELSE {function}({tame} {{x}} END, {tame} {{y}} END) {{filter}} END"
    )


@aggregate(
    "COVAR_POP",
    polars=lambda pl, x, y: pl.when(_pairs(x, y) > 0).then(_together(pl, x, y) / _pairs(x, y)),
    sql=_sql("COVAR_POP", 1),
    lift=_lift(lambda pl, s: pl.when(s["n"] > 0).then(s["together"] / s["n"])),
    bound="square",
)
class CovarPop:
    """Return the mean product of the distances from the two means; null when there is no pair.

    Cases:
        covar_pop([1.0, 3.0, null], [2.0, 6.0, 5.0]) = 2.0
        covar_pop([5.0], [1.0]) = 0.0
        covar_pop([1.0, inf], [1.0, 2.0]) = nan
        covar_pop([], []) = null
    """

    @staticmethod
    def start() -> tuple[int, float, float, float]:
        return 0, 0.0, 0.0, 0.0

    @staticmethod
    def add(
        state: tuple[int, float, float, float], x: float, y: float
    ) -> tuple[int, float, float, float]:
        n, mean_x, mean_y, together = state
        n += 1
        tame = -1e150 < x < 1e150 and -1e150 < y < 1e150
        delta = x - mean_x if tame else math.nan
        mean_x += delta / n
        mean_y += (y - mean_y if tame else math.nan) / n
        return n, mean_x, mean_y, together + delta * (y - mean_y)

    @staticmethod
    def merge(
        first: tuple[int, float, float, float], second: tuple[int, float, float, float]
    ) -> tuple[int, float, float, float]:
        n = first[0] + second[0]
        share = second[0] / n if n else 0.0
        delta_x, delta_y = second[1] - first[1], second[2] - first[2]
        together = first[3] + second[3] + delta_x * delta_y * first[0] * share
        return n, first[1] + delta_x * share, first[2] + delta_y * share, together

    @staticmethod
    def result(state: tuple[int, float, float, float]) -> float | None:
        return state[3] / state[0] if state[0] else None


@aggregate(
    "COVAR_SAMP",
    polars=lambda pl, x, y: pl.when(_pairs(x, y) > 1).then(
        _together(pl, x, y) / (_pairs(x, y) - 1)
    ),
    sql=_sql("COVAR_SAMP", 2),
    lift=_lift(lambda pl, s: pl.when(s["n"] > 1).then(s["together"] / (s["n"] - 1))),
    bound="square",
)
class CovarSamp(CovarPop):
    """Return the covariance of a sample (divided by n - 1); null for fewer than two pairs.

    Cases:
        covar_samp([1.0, 3.0, null], [2.0, 6.0, 5.0]) = 4.0
        covar_samp([5.0, 6.0], [1.0, null]) = null
        covar_samp([nan, 1.0], [1.0, 1.0]) = nan
        covar_samp([], []) = null
    """

    @staticmethod
    def result(state: tuple[int, float, float, float]) -> float | None:
        return state[3] / (state[0] - 1) if state[0] > 1 else None
