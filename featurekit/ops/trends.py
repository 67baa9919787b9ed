"""How fast values change with time.

The state counts time from its first row, so that rows a microsecond apart are told apart in any
year, and keeps the least and greatest time: only these say, on every target alike, whether there
are two.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from featurekit.ops.aggregate import Moments, aggregate
from featurekit.ops.noise import LEAST, SHARE, polars_unless_noise, unless_noise
from featurekit.ops.parameters import EventTime
from featurekit.ops.temporal import EPOCH, MICROSECOND

_DAY = 8.64e10


def _tame(pl: Any, x: Any) -> Any:
    kept = pl.when(x.abs() < 1e150).then(x).otherwise(math.nan)
    return pl.when(x.is_not_null()).then(kept)


def _values(pl: Any, x: Any, time: Any) -> dict[str, Any]:
    return {"t": pl.when(x.is_not_null()).then(time.dt.epoch("us")), "x": _tame(pl, x)}


def _ratio(pl: Any, s: Mapping[str, Any]) -> Any:
    """Return the slope, given sums of products with "t" in days."""
    together = polars_unless_noise(pl, s["tx"], s["tt"], s["xx"])
    return pl.when(s["t varies"]).then(together / s["tt"])


def _of_moments(pl: Any, s: Mapping[str, Any]) -> Any:
    day = 1 / _DAY  # by which polars multiplies, too, but not where there is a single row
    days = {"tx": s["tx"] * day, "tt": s["tt"] * day * day}
    return _ratio(pl, {**s, **days})


def _group(pl: Any, x: Any, time: Any) -> Any:
    own = _tame(pl, x)
    at = pl.when(x.is_not_null()).then(time.dt.epoch("us"))
    days, moved = (at - at.min()).cast(pl.Float64) / _DAY, own - own.drop_nulls().first()
    far_t, far_x = days - days.mean(), moved - moved.mean()
    found = {"tx": (far_t * far_x).sum(), "t varies": at.min() < at.max()}
    return _ratio(pl, found | {"tt": (far_t * far_t).sum(), "xx": (far_x * far_x).sum()})


def _sql() -> str:
    moved = "struct_pack(t := CAST(e.t - o.t AS DOUBLE) / 8.64e10, x := e.x - o.x)"
    sums = {
        "n": "CAST(len(m) AS DOUBLE)",
        "t": "list_sum(list_transform(m, lambda e: e.t))",
        "x": "list_sum(list_transform(m, lambda e: e.x))",
    }
    far = {name: f"(e.{name} - s.{name} / s.n)" for name in "tx"}

    def total(one: str, other: str) -> str:
        return f"list_sum(list_transform(m, lambda e: {far[one]} * {far[other]}))"

    both = f"together := {total('t', 'x')}, t := {total('t', 't')}, x := {total('x', 'x')}"
    size = "(sqrt(r.t) * sqrt(r.x))"
    kept = f"CASE WHEN {size} > {LEAST} AND ABS(r.together) < {SHARE} * {size} THEN 0.0::DOUBLE"
    ratio = f"list_transform([struct_pack({both})], lambda r: {kept} ELSE r.together / r.t END)[1]"
    packed = ", ".join(f"{name} := {text}" for name, text in sums.items())
    inner = f"list_transform([struct_pack({packed})], lambda s: {ratio})[1]"
    centred = f"list_transform([list_transform(v, lambda e: {moved})], lambda m: {inner})[1]"
    slope = (
        "list_transform([LIST(struct_pack(t := EPOCH_US({time}), x := {x})) {filter}], "
        f"lambda v: list_transform([v[1]], lambda o: {centred})[1])[1]"
    )
    return (
        "CASE WHEN MIN({time}) {filter} < MAX({time}) {filter} THEN "
        "CASE WHEN COUNT(CASE WHEN NOT ABS({x}) < 1e150 THEN 1 END) {filter} > 0 "
        f"THEN CAST('NaN' AS DOUBLE) ELSE {slope} END END"
    )


@aggregate(
    "SLOPE",
    polars=_group,
    sql=_sql(),
    makes_null=True,
    lift=Moments(_values, _of_moments, ("tt", "tx", "xx")),
    bound="slope",
)
class Slope:
    """Return by how much ``x`` grows per day of 24 hours, by least squares over the event times.

    With t in days it is sum((t - mean t) * (x - mean x)) / sum((t - mean t) ** 2), which is
    COVAR_POP(t, x) / VAR_POP(t) (source: ordinary least squares; SQL's REGR_SLOPE(x, t)). Null
    where the values lie at fewer than two different times. A value that is not finite or not below
    1e150 makes the answer NaN. What is below 1e-12 of the steepest is zero: rounding leaves it.

    Cases:
        slope([1.1, 3.3, 1.1], [TIMESTAMP "2024-01-01T00:00Z", TIMESTAMP "2024-01-01T01:00Z", TIMESTAMP "2024-01-01T02:00Z"]) = 0.0
        slope([1.0, 3.0], [TIMESTAMP "2024-01-01T00:00Z", TIMESTAMP "2024-01-02T00:00Z"]) = 2.0
        slope([1.0, null, 2.0], [TIMESTAMP "2024-01-01T00:00Z", TIMESTAMP "2024-01-01T01:00Z", TIMESTAMP "2024-01-01T12:00Z"]) = 2.0
        slope([1.0, 3.0], [TIMESTAMP "2024-01-01T00:00Z", TIMESTAMP "2024-01-01T00:00Z"]) = null
        slope([5.0, inf], [TIMESTAMP "2024-01-01T00:00Z", TIMESTAMP "2024-01-02T00:00Z"]) = nan
        slope([5.0], [TIMESTAMP "2024-01-01T00:00Z"]) = null
        slope([], []) = null
    """  # noqa: E501  a case is one line

    @staticmethod
    def start() -> tuple[int, int, int, int, float, float, float, float, float]:
        return 0, 0, 0, 0, 0.0, 0.0, 0.0, 0.0, 0.0

    @staticmethod
    def add(
        state: tuple[int, int, int, int, float, float, float, float, float],
        x: float,
        time: EventTime,
    ) -> tuple[int, int, int, int, float, float, float, float, float]:
        n, origin, least, most, mean_t, mean_x, together, squares_t, squares_x = state
        at = (time - EPOCH) // MICROSECOND
        if not n:
            origin = least = most = at
        days = (at - origin) / 8.64e10
        n += 1
        delta_t = days - mean_t
        mean_t += delta_t / n
        delta_x = x - mean_x if -1e150 < x < 1e150 else math.nan
        mean_x += delta_x / n
        together += delta_t * (x - mean_x)
        squares_t += delta_t * (days - mean_t)
        squares_x += delta_x * (x - mean_x)
        least, most = min(least, at), max(most, at)
        return n, origin, least, most, mean_t, mean_x, together, squares_t, squares_x

    @staticmethod
    def merge(
        first: tuple[int, int, int, int, float, float, float, float, float],
        second: tuple[int, int, int, int, float, float, float, float, float],
    ) -> tuple[int, int, int, int, float, float, float, float, float]:
        if not first[0] or not second[0]:
            return first if first[0] else second
        n = first[0] + second[0]
        share = second[0] / n
        weight = first[0] * share
        delta_t = second[4] + (second[1] - first[1]) / 8.64e10 - first[4]
        delta_x = second[5] - first[5]
        return (
            n,
            first[1],
            min(first[2], second[2]),
            max(first[3], second[3]),
            first[4] + delta_t * share,
            first[5] + delta_x * share,
            first[6] + second[6] + delta_t * delta_x * weight,
            first[7] + second[7] + delta_t * delta_t * weight,
            first[8] + second[8] + delta_x * delta_x * weight,
        )

    @staticmethod
    def result(state: tuple[int, int, int, int, float, float, float, float, float]) -> float | None:
        _, _, least, most, _, _, together, squares_t, squares_x = state
        if least == most:
            return None
        return unless_noise(together, squares_t, squares_x) / squares_t
