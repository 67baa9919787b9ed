"""How two columns vary together.

The sums of squares of both stand in the state, too: beside them what is left of products that
cancel is told from noise. A row where either is null does not count. As for the variance, a value
that is not finite or not below 1e150 makes the answer NaN, on every target.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from featurekit.ops.aggregate import Moments, aggregate
from featurekit.ops.noise import LEAST, SHARE, polars_unless_noise, unless_noise


def tame(pl: Any, x: Any, y: Any) -> Any:
    """Return ``x``, NaN where a pair cannot be multiplied, null where it is not whole."""
    whole = x.is_not_null() & y.is_not_null()
    return pl.when(whole).then(
        pl.when((x.abs() < 1e150) & (y.abs() < 1e150)).then(x).otherwise(math.nan)
    )


def values(pl: Any, x: Any, y: Any) -> dict[str, Any]:
    """Return both numbers of each pair."""
    return {"x": tame(pl, x, y), "y": tame(pl, y, x)}


def _lift(less: int) -> Moments:
    """Return what is divided by the number of pairs less ``less``."""

    def result(pl: Any, s: Mapping[str, Any]) -> Any:
        together = polars_unless_noise(pl, s["xy"], s["xx"], s["yy"])
        return pl.when(s["n"] > less).then(together / (s["n"] - less))

    return Moments(values, result, ("xx", "xy", "yy"))


def _centred(pl: Any, x: Any, y: Any) -> Any:
    """Return the distances from the mean, exactly zero where all values are the same."""
    own = tame(pl, x, y)
    moved = own - own.drop_nulls().first()
    return moved - moved.mean()


def _together(pl: Any, x: Any, y: Any) -> Any:
    far_x, far_y = _centred(pl, x, y), _centred(pl, y, x)
    sums = ((one * other).sum() for one, other in ((far_x, far_y), (far_x, far_x), (far_y, far_y)))
    return polars_unless_noise(pl, *sums)


def _pairs(x: Any, y: Any) -> Any:
    return (x.is_not_null() & y.is_not_null()).sum()


_WILD = "NOT (ABS({x}) < 1e150 AND ABS({y}) < 1e150)"


def _sql(of: str, least: int) -> str:
    tame = "CASE WHEN ABS({x}) < 1e150 AND ABS({y}) < 1e150 THEN"
    x, y = (f"{tame} {{{name}}} END" for name in "xy")
    found = f"COVAR_{of}({x}, {y}) {{filter}}"
    size = f"(STDDEV_{of}({x}) {{filter}} * STDDEV_{of}({y}) {{filter}})"
    return (
        f"CASE WHEN COUNT(CASE WHEN {_WILD} THEN 1 END) {{filter}} > 0 "
        f"AND COUNT({{x}}) {{filter}} >= {least} THEN CAST('NaN' AS DOUBLE) "
        f"WHEN {size} > {LEAST} AND ABS({found}) < {SHARE} * {size} THEN 0.0::DOUBLE "
        f"ELSE {found} END"
    )


@aggregate(
    "COVAR_POP",
    polars=lambda pl, x, y: pl.when(_pairs(x, y) > 0).then(_together(pl, x, y) / _pairs(x, y)),
    sql=_sql("POP", 1),
    lift=_lift(0),
    bound="square",
)
class CovarPop:
    """Return the mean product of the distances from the two means; null when there is no pair.

    What is below 1e-12 of the product of the two deviations is zero: rounding alone leaves it.

    Cases:
        covar_pop([1.0, 3.0, null], [2.0, 6.0, 5.0]) = 2.0
        covar_pop([5.0], [1.0]) = 0.0
        covar_pop([1.1, 2.2, 1.1, 2.2], [0.1, 0.1, 0.7, 0.7]) = 0.0
        covar_pop([1.0, inf], [1.0, 2.0]) = nan
        covar_pop([], []) = null
    """

    @staticmethod
    def start() -> tuple[int, float, float, float, float, float]:
        return 0, 0.0, 0.0, 0.0, 0.0, 0.0

    @staticmethod
    def add(
        state: tuple[int, float, float, float, float, float], x: float, y: float
    ) -> tuple[int, float, float, float, float, float]:
        n, mean_x, mean_y, together, squares_x, squares_y = state
        n += 1
        tame = -1e150 < x < 1e150 and -1e150 < y < 1e150
        delta_x = x - mean_x if tame else math.nan
        delta_y = y - mean_y if tame else math.nan
        mean_x += delta_x / n
        mean_y += delta_y / n
        together += delta_x * (y - mean_y)
        squares_x += delta_x * (x - mean_x)
        squares_y += delta_y * (y - mean_y)
        return n, mean_x, mean_y, together, squares_x, squares_y

    @staticmethod
    def merge(
        first: tuple[int, float, float, float, float, float],
        second: tuple[int, float, float, float, float, float],
    ) -> tuple[int, float, float, float, float, float]:
        n = first[0] + second[0]
        share = second[0] / n if n else 0.0
        weight = first[0] * share
        delta_x, delta_y = second[1] - first[1], second[2] - first[2]
        return (
            n,
            first[1] + delta_x * share,
            first[2] + delta_y * share,
            first[3] + second[3] + delta_x * delta_y * weight,
            first[4] + second[4] + delta_x * delta_x * weight,
            first[5] + second[5] + delta_y * delta_y * weight,
        )

    @staticmethod
    def result(state: tuple[int, float, float, float, float, float]) -> float | None:
        return unless_noise(*state[3:]) / state[0] if state[0] else None


@aggregate(
    "COVAR_SAMP",
    polars=lambda pl, x, y: pl.when(_pairs(x, y) > 1).then(
        _together(pl, x, y) / (_pairs(x, y) - 1)
    ),
    sql=_sql("SAMP", 2),
    makes_null=True,
    lift=_lift(1),
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
    def result(state: tuple[int, float, float, float, float, float]) -> float | None:
        return unless_noise(*state[3:]) / (state[0] - 1) if state[0] > 1 else None
