"""How closely two columns follow a straight line together.

Beside what the variances need, the state keeps the least and greatest value of each column: only
these say, on every target alike, whether a column varies at all. Its variance may be lost to
rounding (values that are close together for their size) or to underflow.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from featurekit.ops.aggregate import Lift, aggregate
from featurekit.ops.noise import LEAST, SHARE, polars_unless_noise, unless_noise

_EMPTY = {
    **dict.fromkeys(("n", "mean_x", "mean_y", "together", "squares_x", "squares_y"), 0.0),
    **dict.fromkeys(("least_x", "least_y"), math.inf),
    **dict.fromkeys(("most_x", "most_y"), -math.inf),
}


def _tame(pl: Any, x: Any, y: Any) -> Any:
    """Return ``x``, NaN where a pair cannot be multiplied, null where it is not whole."""
    kept = pl.when((x.abs() < 1e150) & (y.abs() < 1e150)).then(x).otherwise(math.nan)
    return pl.when(x.is_not_null() & y.is_not_null()).then(kept)


def _start(pl: Any, x: Any, y: Any) -> dict[str, Any]:
    first, second = _tame(pl, x, y), _tame(pl, y, x)
    nothing = first.fill_null(0.0) * 0.0  # NaN from the first pair on that cannot be multiplied
    return {
        "n": first.is_not_null().cast(pl.Float64),
        "mean_x": first.fill_null(0.0),
        "mean_y": second.fill_null(0.0),
        **dict.fromkeys(("together", "squares_x", "squares_y"), nothing),
        "least_x": first.fill_null(math.inf),
        "most_x": first.fill_null(-math.inf),
        "least_y": second.fill_null(math.inf),
        "most_y": second.fill_null(-math.inf),
    }


def _merge(pl: Any, a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Any]:
    n = a["n"] + b["n"]
    share = b["n"] / pl.when(n > 0).then(n).otherwise(1.0)
    delta_x, delta_y = b["mean_x"] - a["mean_x"], b["mean_y"] - a["mean_y"]
    weight = a["n"] * share
    return {
        "n": n,
        "mean_x": a["mean_x"] + delta_x * share,
        "mean_y": a["mean_y"] + delta_y * share,
        "together": a["together"] + b["together"] + delta_x * delta_y * weight,
        "squares_x": a["squares_x"] + b["squares_x"] + delta_x * delta_x * weight,
        "squares_y": a["squares_y"] + b["squares_y"] + delta_y * delta_y * weight,
        **{k: pl.min_horizontal(a[k], b[k]) for k in ("least_x", "least_y")},
        **{k: pl.max_horizontal(a[k], b[k]) for k in ("most_x", "most_y")},
    }


def _ratio(pl: Any, s: Mapping[str, Any]) -> Any:
    size = s["squares_x"].sqrt() * s["squares_y"].sqrt()
    together = polars_unless_noise(pl, s["together"], s["squares_x"], s["squares_y"])
    found = pl.when(size > LEAST).then((together / size).clip(-1.0, 1.0)).otherwise(math.nan)
    same = (s["least_x"] == s["most_x"]) | (s["least_y"] == s["most_y"])
    wild = s["together"].is_nan()
    known = pl.when(wild).then(math.nan).when(~same).then(found)
    return pl.when(s["n"] > 1).then(known)


def _group(pl: Any, x: Any, y: Any) -> Any:
    own_x, own_y = _tame(pl, x, y), _tame(pl, y, x)
    moved_x, moved_y = own_x - own_x.drop_nulls().first(), own_y - own_y.drop_nulls().first()
    far_x, far_y = moved_x - moved_x.mean(), moved_y - moved_y.mean()
    state = {"n": own_x.count(), "together": (far_x * far_y).sum()}
    state |= {"squares_x": (far_x * far_x).sum(), "squares_y": (far_y * far_y).sum()}
    state |= {"least_x": own_x.min(), "most_x": own_x.max()}
    return _ratio(pl, state | {"least_y": own_y.min(), "most_y": own_y.max()})


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
    lift=Lift(_start, _EMPTY, _merge, _ratio),
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
