"""Median and other quantiles: where values lie when they are put in order.

Between two neighbours the answer is interpolated as ``low * (1 - share) + high * share``, which
cannot overflow, and which every target spells in these words: engines' own quantiles disagree
about infinities and NaN. NaN is greater than every other value.
"""

from __future__ import annotations

import math
from typing import Any

from featurekit import datatypes as types
from featurekit.datatypes import DataType
from featurekit.ops.aggregate import Ranked, aggregate
from featurekit.ops.operator import ConstantDouble

_WHY = "a quantile needs all values of its range, not a state of fixed size"


def _between(low: float, high: float, share: float) -> float:
    return low if share == 0.0 or low == high else low * (1.0 - share) + high * share


def _quantile(values: list[float], q: float) -> float | None:
    """Return the quantile of ``values``; the places before and after it are never further apart."""
    return quantile_of(sorted(values, key=lambda x: (x != x, x)), q)  # only NaN differs from itself


def quantile_of(ordered: list[float], q: float) -> float | None:
    """Return the quantile of values in ascending order."""
    if not ordered:
        return None
    place = (len(ordered) - 1) * q
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return _between(ordered[low], ordered[high], place - low) + 0.0


def _polars(pl: Any, x: Any, q: float) -> Any:
    ordered = x.drop_nulls().sort()
    last = x.count().cast(pl.Int64) - 1
    place = last.cast(pl.Float64) * q
    under = place.floor().cast(pl.Int64)
    low = ordered.get(under, null_on_oob=True)
    high = ordered.get(pl.min_horizontal(under + 1, last), null_on_oob=True)
    share = place - place.floor()
    between = low * (1.0 - share) + high * share
    found = pl.when((share == 0.0) | (low == high)).then(low).otherwise(between) + 0.0
    return pl.when(last >= 0).then(found)


def _sql(q: str) -> str:
    place = f"((len(v) - 1) * {q}::DOUBLE)"
    low = f"v[CAST(floor({place}) AS BIGINT) + 1]"
    high = f"v[least(CAST(floor({place}) AS BIGINT) + 2, len(v))]"
    share = f"({place} - floor({place}))"
    return (
        "list_transform([list_sort(LIST({x}) {filter})], lambda v: "
        f"CASE WHEN {share} = 0 OR {low} = {high} THEN {low} "
        f"ELSE {low} * (1 - {share}) + {high} * {share} END + 0.0::DOUBLE)[1]"
    )


@aggregate(
    "MEDIAN",
    polars=lambda pl, x: _polars(pl, x, 0.5),
    sql=_sql("0.5"),
    lift=Ranked(_WHY, 0.5),
    bound="mean",
)
class Median:
    """Return the middle value, or the mean of the two in the middle; null when there is no value.

    NaN is greater than every other value.

    Cases:
        median([3.0, 1.0, 2.0, null]) = 2.0
        median([1.0, 4.0]) = 2.5
        median([nan, 1.0, 2.0]) = 2.0
        median([-inf, 1.0]) = -inf
        median([]) = null
    """

    @staticmethod
    def start() -> list[float]:
        return []

    @staticmethod
    def add(state: list[float], x: float) -> list[float]:
        state.append(x)
        return state

    @staticmethod
    def merge(first: list[float], second: list[float]) -> list[float]:
        return [*first, *second]

    @staticmethod
    def result(state: list[float]) -> float | None:
        return _quantile(state, 0.5)


def _double_where_share(x: DataType, q: float) -> DataType | None:
    del x
    return types.DOUBLE if 0 <= q <= 1 else None


@aggregate(
    "QUANTILE_CONT",
    polars=_polars,
    sql=_sql("{q}"),
    lift=Ranked(_WHY),
    bound="mean",
    result=_double_where_share,
)
class QuantileCont:
    """Return the value below which the share ``q`` (from 0 to 1) of the values lies.

    Between two values it is interpolated; null when there is no value. NaN is greater than every
    other value.

    Cases:
        quantile_cont([3.0, 1.0, 2.0, null], 0.5) = 2.0
        quantile_cont([10.0, 20.0], 0.25) = 12.5
        quantile_cont([1.0, nan], 0.0) = 1.0
        quantile_cont([1.0, nan], 1.0) = nan
        quantile_cont([], 0.5) = null
    """

    @staticmethod
    def start() -> tuple[list[float], float]:
        return [], 0.0

    @staticmethod
    def add(
        state: tuple[list[float], float], x: float, q: ConstantDouble
    ) -> tuple[list[float], float]:
        state[0].append(x)
        return state[0], q

    @staticmethod
    def merge(
        first: tuple[list[float], float], second: tuple[list[float], float]
    ) -> tuple[list[float], float]:
        return [*first[0], *second[0]], second[1] if second[0] else first[1]

    @staticmethod
    def result(state: tuple[list[float], float]) -> float | None:
        return _quantile(state[0], state[1])
