"""Sums in which the past counts less and less.

A weight is at most 1, so a long history does not overflow. What is asked once is weighted as of the
moment of asking itself, value by value; training, which asks often, weighs sums (``Fading``).
"""

from __future__ import annotations

from typing import Any

from featurekit.ops.aggregate import Fading, aggregate
from featurekit.ops.parameters import ConstantLength, EventTime, Moment
from featurekit.ops.sums import SumDouble
from featurekit.ops.temporal import MICROSECOND


def _weighted(pl: Any, x: Any, time: Any, at: Any, half_life: int) -> Any:
    age = (at.dt.epoch("us") - time.dt.epoch("us")).clip(lower_bound=0)
    halves = age.cast(pl.Float64) / half_life
    weight = pl.when(halves < 1000.0).then(pl.lit(2.0).pow(-halves)).otherwise(0.0)
    return pl.when(x.is_finite()).then(x * weight).otherwise(x)


def _group(pl: Any, x: Any, *rest: Any) -> Any:
    """Return the sum of what is left of the values, rounding errors carried along as in SUM."""
    left = _weighted(pl, x, *rest).drop_nulls()
    hi = left.cum_sum()
    before = hi.shift(1, fill_value=0.0)
    part = hi - before
    error = ((before - (hi - part)) + (left - part)).sum()
    total = pl.when(hi.last().is_finite()).then(hi.last() + error).otherwise(hi.last())
    return pl.when(total.abs() < 1e-280).then(0.0).otherwise(total)


def _sql() -> str:
    halves = "greatest(EPOCH_US({at}) - EPOCH_US({time}), 0) / {half_life}"
    weight = f"CASE WHEN {halves} < 1000 THEN pow(2.0::DOUBLE, -({halves})) ELSE 0 END"
    total = f"SUM(CASE WHEN isfinite({{x}}) THEN {{x}} * {weight} ELSE {{x}} END) {{filter}}"
    return f"CASE WHEN ABS({total}) < 1e-280 THEN 0.0::DOUBLE ELSE {total} END"


@aggregate(
    "DECAY_SUM",
    polars=_group,
    sql=_sql(),
    lift=Fading("every moment of asking weighs all rows anew", lasting=1000, least=1e-280),
    bound="sum",
)
class DecaySum:
    """Return the sum of ``x``, each value halved for every ``half_life`` since its event time.

    As of the moment of asking t it is sum(x * 2 ** -((t - time) / half_life)) (source: exponential
    decay, N(t) = N0 * 2 ** -(t / half-life)); null when there is no value. The half life is a
    length such as ``'7d'``, ``'90m'`` or ``INTERVAL 7 DAY``.

    A value 1,000 half lives old weighs nothing, and an answer nearer to 0 than 1e-280 is 0.0.
    Infinities and NaN do not fade: they add up as in SUM.

    Cases:
        decay_sum([8.0, null], [TIMESTAMP "2024-01-01T00:00Z", TIMESTAMP "2024-01-01T00:00Z"], TIMESTAMP "2024-01-03T00:00Z", 86400000000) = 2.0
        decay_sum([8.0, 1.0], [TIMESTAMP "2024-01-01T00:00Z", TIMESTAMP "2024-01-03T00:00Z"], TIMESTAMP "2024-01-03T00:00Z", 86400000000) = 3.0
        decay_sum([inf], [TIMESTAMP "2001-01-01T00:00Z"], TIMESTAMP "2024-01-03T00:00Z", 1000000) = inf
        decay_sum([5.0], [TIMESTAMP "2001-01-01T00:00Z"], TIMESTAMP "2024-01-03T00:00Z", 1000000) = 0.0
        decay_sum([], [], TIMESTAMP "2024-01-03T00:00Z", 86400000000) = null
    """  # noqa: E501  a case is one line

    @staticmethod
    def start() -> tuple[int, float, float]:
        return SumDouble.start()

    @staticmethod
    def add(
        state: tuple[int, float, float],
        x: float,
        time: EventTime,
        at: Moment,
        half_life: ConstantLength,
    ) -> tuple[int, float, float]:
        halves = float(max((at - time) // MICROSECOND, 0)) / half_life
        if x - x == 0.0:  # finite
            x = x * 2.0**-halves if halves < 1000.0 else 0.0
        return SumDouble.add(state, x)

    @staticmethod
    def merge(
        first: tuple[int, float, float], second: tuple[int, float, float]
    ) -> tuple[int, float, float]:
        return SumDouble.merge(first, second)

    @staticmethod
    def result(state: tuple[int, float, float]) -> float | None:
        total = SumDouble.result(state)
        return 0.0 if total is not None and -1e-280 < total < 1e-280 else total
