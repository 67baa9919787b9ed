"""How values are distributed: the most frequent one, and how much it takes to say which it is.

A row for DOUBLE stands before the row for any type: every NaN is the same value, and so are -0.0
and 0.0.
"""

from __future__ import annotations

import math
from typing import Any

from featurekit.ops.aggregate import aggregate
from featurekit.ops.gap import Gap
from featurekit.ops.operator import T

_COUNTS = Gap("the counts of the different values of a range do not fit a fixed number of columns")


def _mode(pl: Any, x: Any) -> Any:
    return x.drop_nulls().mode().min()


def _mode_sql(x: str) -> str:
    return (
        f"list_transform([HISTOGRAM({x}) {{filter}}], lambda h: list_sort(list_transform("
        "list_filter(map_entries(h), lambda e: e.value = list_max(map_values(h))), "
        "lambda e: e.key))[1])[1]"
    )


def _entropy(pl: Any, x: Any) -> Any:
    counts = x.drop_nulls().unique_counts().cast(pl.Float64)
    share = counts / x.count()
    return pl.when(x.count() > 0).then(-(share * share.log(2)).sum() + 0.0)


def _entropy_sql(x: str) -> str:
    return (
        f"list_transform([map_values(HISTOGRAM({x}) {{filter}})], lambda v: 0.0::DOUBLE - "
        "list_sum(list_transform(v, lambda c: c / list_sum(v) * log2(c / list_sum(v)))))[1]"
    )


def _bits(counts: list[int]) -> float | None:
    """Return the entropy of ``counts``, the same for the same counts in whatever order."""
    if not counts:
        return None
    total = sum(counts)
    return 0.0 - math.fsum(count / total * math.log2(count / total) for count in counts)


def _joined(first: dict[Any, int], second: dict[Any, int]) -> dict[Any, int]:
    both = dict(first)
    for value, count in second.items():
        both[value] = both.get(value, 0) + count
    return both


@aggregate(
    "MODE",
    polars=lambda pl, x: _mode(pl, x + 0.0),
    sql=_mode_sql("{x} + 0.0::DOUBLE"),
    lift=_COUNTS,
)
class ModeDouble:
    """Return the most frequent value, of several the least; null when there is no value.

    Every NaN is the same value, greater than every other; of -0.0 and 0.0 the answer is 0.0.

    Cases:
        mode_double([1.5, 2.5, 2.5, null]) = 2.5
        mode_double([nan, nan, 1.0]) = nan
        mode_double([nan, 1.0]) = 1.0
        mode_double([]) = null
    """

    @staticmethod
    def start() -> dict[float | None, int]:
        return {}

    @staticmethod
    def add(state: dict[float | None, int], x: float) -> dict[float | None, int]:
        value = x + 0.0 if x == x else None  # None stands for NaN, which equals nothing
        state[value] = state.get(value, 0) + 1
        return state

    @staticmethod
    def merge(
        first: dict[float | None, int], second: dict[float | None, int]
    ) -> dict[float | None, int]:
        return _joined(first, second)

    @staticmethod
    def result(state: dict[float | None, int]) -> float | None:
        if not state:
            return None
        most = max(state.values())
        ties = [x for x, count in state.items() if count == most and x is not None]
        return min(ties, default=math.nan)


@aggregate(
    "MODE",
    polars=_mode,
    sql=_mode_sql("{x}"),
    lift=_COUNTS,
)
class Mode:
    """Return the most frequent value, of several the least; null when there is no value.

    Cases:
        mode([1, 2, 2, null]) = 2
        mode(["b", "a"]) = "a"
        mode([]) = null
    """

    @staticmethod
    def start() -> dict[T, int]:
        return {}

    @staticmethod
    def add(state: dict[T, int], x: T) -> dict[T, int]:
        state[x] = state.get(x, 0) + 1
        return state

    @staticmethod
    def merge(first: dict[T, int], second: dict[T, int]) -> dict[T, int]:
        return _joined(first, second)

    @staticmethod
    def result(state: dict[T, int]) -> T | None:
        if not state:
            return None
        most = max(state.values())
        return min(x for x, count in state.items() if count == most)


@aggregate(
    "ENTROPY",
    polars=lambda pl, x: _entropy(pl, x + 0.0),
    sql=_entropy_sql("{x} + 0.0::DOUBLE"),
    lift=_COUNTS,
    bound="unit",
)
class EntropyDouble:
    """Return how many bits it takes on average to say which value it is; null when there is none.

    Every NaN is the same value, and so are -0.0 and 0.0.

    Cases:
        entropy_double([1.5, 2.5, null]) = 1.0
        entropy_double([nan, nan]) = 0.0
        entropy_double([0.0, -0.0]) = 0.0
        entropy_double([]) = null
    """

    @staticmethod
    def start() -> dict[float | None, int]:
        return {}

    @staticmethod
    def add(state: dict[float | None, int], x: float) -> dict[float | None, int]:
        value = x + 0.0 if x == x else None  # None stands for NaN, which equals nothing
        state[value] = state.get(value, 0) + 1
        return state

    @staticmethod
    def merge(
        first: dict[float | None, int], second: dict[float | None, int]
    ) -> dict[float | None, int]:
        return _joined(first, second)

    @staticmethod
    def result(state: dict[float | None, int]) -> float | None:
        return _bits(list(state.values()))


@aggregate(
    "ENTROPY",
    polars=_entropy,
    sql=_entropy_sql("{x}"),
    lift=_COUNTS,
    bound="unit",
)
class Entropy:
    """Return how many bits it takes on average to say which value it is; null when there is none.

    Cases:
        entropy(["a", "b", "c", "d"]) = 2.0
        entropy([7, 7, null]) = 0.0
        entropy([]) = null
    """

    @staticmethod
    def start() -> dict[T, int]:
        return {}

    @staticmethod
    def add(state: dict[T, int], x: T) -> dict[T, int]:
        state[x] = state.get(x, 0) + 1
        return state

    @staticmethod
    def merge(first: dict[T, int], second: dict[T, int]) -> dict[T, int]:
        return _joined(first, second)

    @staticmethod
    def result(state: dict[T, int]) -> float | None:
        return _bits(list(state.values()))
