"""How closely two columns follow a straight line together.

Whether a column varies at all must be said alike on every target, and its variance may be lost to
rounding (values that are close together for their size) or to underflow. So the state keeps the
least and greatest value of each column, too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from featurekit.ops.aggregate import Moments, aggregate
from featurekit.ops.covariance import tame, values
from featurekit.ops.noise import LEAST, SHARE, polars_unless_noise, unless_noise


def _ratio(pl: Any, s: Mapping[str, Any]) -> Any:
    size = s["xx"].sqrt() * s["yy"].sqrt()
    together = polars_unless_noise(pl, s["xy"], s["xx"], s["yy"])
    found = pl.when(size > LEAST).then((together / size).clip(-1.0, 1.0)).otherwise(math.nan)
    known = pl.when(s["xy"].is_nan()).then(math.nan).when(s["x varies"] & s["y varies"]).then(found)
    return pl.when(s["n"] > 1).then(known)


def _group(pl: Any, x: Any, y: Any) -> Any:
    own_x, own_y = tame(pl, x, y), tame(pl, y, x)
    moved_x, moved_y = own_x - own_x.drop_nulls().first(), own_y - own_y.drop_nulls().first()
    far_x, far_y = moved_x - moved_x.mean(), moved_y - moved_y.mean()
    found = {"n": own_x.count(), "xy": (far_x * far_y).sum()}
    found |= {"xx": (far_x * far_x).sum(), "yy": (far_y * far_y).sum()}
    found |= {"x varies": own_x.min() < own_x.max(), "y varies": own_y.min() < own_y.max()}
    return _ratio(pl, found)


def _sql() -> str:
    tame = "ABS({x}) < 1e150 AND ABS({y}) < 1e150"
    x, y = f"CASE WHEN {tame} THEN {{x}} END", f"CASE WHEN {tame} THEN {{y}} END"
    size = f"(STDDEV_POP({x}) {{filter}} * STDDEV_POP({y}) {{filter}})"
    found = f"COVAR_POP({x}, {y}) {{filter}}"
    return (
        "CASE WHEN COUNT({x}) {filter} < 2 THEN NULL "
        f"WHEN COUNT(CASE WHEN NOT ({tame}) THEN 1 END) {{filter}} > 0 "
        "THEN CAST('NaN' AS DOUBLE) "
        "WHEN MIN({x}) {filter} = MAX({x}) {filter} OR MIN({y}) {filter} = MAX({y}) {filter} "
        "THEN NULL "
        f"WHEN {size} > {LEAST} AND ABS({found}) < {SHARE} * {size} THEN 0.0::DOUBLE "
        f"WHEN {size} * COUNT({{x}}) {{filter}} > {LEAST} "
        f"THEN greatest(-1.0::DOUBLE, least(1.0::DOUBLE, {found} / {size})) "
        "ELSE CAST('NaN' AS DOUBLE) END"
    )


@aggregate(
    "CORR",
    polars=_group,
    sql=_sql(),
    makes_null=True,
    lift=Moments(values, _ratio, ("xx", "xy", "yy")),
    bound="correlation",
)
class Corr:
    """Return Pearson's correlation, from -1 to 1; null below two pairs or where one never varies.

    A row where either is null does not count. A value that is not finite or not below 1e150 makes
    the answer NaN, and so do values that are too close together to tell. What is below 1e-12 is
    zero: rounding alone leaves it.

    Cases:
        corr([0.0, 0.0, 2.0, 2.0, null], [1.0, 1.0, 5.0, 5.0, 9.0]) = 1.0
        corr([0.0, 0.0, 2.0, 2.0], [3.0, 3.0, 1.0, 1.0]) = -1.0
        corr([1.1, 2.2, 1.1, 2.2], [0.1, 0.1, 0.7, 0.7]) = 0.0
        corr([1.0, 2.0], [7.0, 7.0]) = null
        corr([1.0], [1.0]) = null
        corr([1.0, nan], [1.0, 2.0]) = nan
        corr([], []) = null
    """

    @staticmethod
    def start() -> tuple[float, ...]:
        return 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, math.inf, -math.inf, math.inf, -math.inf

    @staticmethod
    def add(state: tuple[float, ...], x: float, y: float) -> tuple[float, ...]:
        if not (-1e150 < x < 1e150 and -1e150 < y < 1e150):
            x, y = math.nan, math.nan
        n, mean_x, mean_y, together, squares_x, squares_y, *ends = state
        n += 1.0
        delta_x, delta_y = x - mean_x, y - mean_y
        mean_x += delta_x / n
        mean_y += delta_y / n
        together += delta_x * (y - mean_y)
        squares_x += delta_x * (x - mean_x)
        squares_y += delta_y * (y - mean_y)
        least_x, most_x, least_y, most_y = ends
        ranges = min(least_x, x), max(most_x, x), min(least_y, y), max(most_y, y)
        return n, mean_x, mean_y, together, squares_x, squares_y, *ranges

    @staticmethod
    def merge(first: tuple[float, ...], second: tuple[float, ...]) -> tuple[float, ...]:
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
            min(first[6], second[6]),
            max(first[7], second[7]),
            min(first[8], second[8]),
            max(first[9], second[9]),
        )

    @staticmethod
    def result(state: tuple[float, ...]) -> float | None:
        n, _, _, together, squares_x, squares_y, least_x, most_x, least_y, most_y = state
        if n < 2.0:
            return None
        if together != together:
            return math.nan
        if least_x == most_x or least_y == most_y:
            return None
        size = math.sqrt(squares_x) * math.sqrt(squares_y)
        together = unless_noise(together, squares_x, squares_y)
        return max(-1.0, min(1.0, together / size)) if size > 1e-280 else math.nan
