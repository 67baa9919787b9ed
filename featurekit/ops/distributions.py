"""How values are distributed: the most frequent ones, and how much it takes to say which it is.

A row for DOUBLE stands before the row for any type: every NaN is the same value, and so are -0.0
and 0.0.
"""

from __future__ import annotations

import math
from typing import Any

from featurekit.datatypes import DataType, list_of
from featurekit.ops.aggregate import aggregate
from featurekit.ops.gap import Gap
from featurekit.ops.histories import checked
from featurekit.ops.operator import ConstantInt, T

_COUNTS = Gap("the counts of the different values of a range do not fit a fixed number of columns")


def _mode(pl: Any, x: Any) -> Any:
    return x.drop_nulls().mode().min()


def _mode_sql(x: str) -> str:
    return (
        f"list_transform([HISTOGRAM({x}) {{filter}}], lambda h: list_sort(list_transform("
        "list_filter(map_entries(h), lambda e: e.value = list_max(map_values(h))), "
        "lambda e: e.key))[1])[1]"
    )


def _top(pl: Any, x: Any, k: int) -> Any:
    # sorting by another column goes wrong within groups (polars 2.1): within lists it does not
    different = x.drop_nulls().implode().list.eval(pl.element().alias("v").value_counts(name="c"))
    value, count = (pl.element().struct.field(name) for name in ("v", "c"))
    ordered = pl.struct(count=-count.cast(pl.Int64), value=value).sort().struct.field("value")
    return pl.when(x.count() > 0).then(different.list.eval(ordered.head(k)))


def _top_sql(x: str) -> str:
    counted = "struct_pack(c := -CAST(e.value AS BIGINT), v := e.key)"
    entries = f"list_sort(list_transform(map_entries(h), lambda e: {counted}))"
    return (
        f"list_transform([HISTOGRAM({x}) {{filter}}], lambda h: "
        f"list_transform(list_slice({entries}, 1, {{k}}), lambda e: e.v))[1]"
    )


def _listed(x: DataType, k: int) -> DataType:
    checked("TOP_K", "k", k)
    return list_of(x)


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
    "TOP_K",
    polars=lambda pl, x, k: _top(pl, x + 0.0, k),
    sql=_top_sql("{x} + 0.0::DOUBLE"),
    lift=_COUNTS,
    result=_listed,
)
class TopKDouble:
    """Return the ``k`` (1 to 1,000) most frequent values, of equally frequent ones the least first.

    Every NaN is the same value, greater than every other, and so are -0.0 and 0.0. Fewer where
    there are fewer different values; null, not an empty list, when there is none.

    Cases:
        top_k_double([1.5, 2.5, 2.5, null], 2) = [2.5, 1.5]
        top_k_double([nan, 3.0, nan, 1.0], 2) = [nan, 1.0]
        top_k_double([-0.0, 0.0, 1.0], 1) = [0.0]
        top_k_double([], 1) = null
    """

    @staticmethod
    def start() -> tuple[dict[float | None, int], int]:
        return {}, 0

    @staticmethod
    def add(
        state: tuple[dict[float | None, int], int], x: float, k: ConstantInt
    ) -> tuple[dict[float | None, int], int]:
        counts = state[0]
        value = x + 0.0 if x == x else None  # None stands for NaN, which equals nothing
        counts[value] = counts.get(value, 0) + 1
        return counts, k

    @staticmethod
    def merge(
        first: tuple[dict[float | None, int], int], second: tuple[dict[float | None, int], int]
    ) -> tuple[dict[float | None, int], int]:
        return _joined(first[0], second[0]), second[1] or first[1]

    @staticmethod
    def result(state: tuple[dict[float | None, int], int]) -> list[float] | None:
        counts, k = state
        ordered = sorted(counts, key=lambda x: (-counts[x], x is None, x or 0.0))
        return [math.nan if x is None else x for x in ordered[:k]] or None


@aggregate(
    "TOP_K",
    polars=_top,
    sql=_top_sql("{x}"),
    lift=_COUNTS,
    result=_listed,
)
class TopK:
    """Return the ``k`` (1 to 1,000) most frequent values, of equally frequent ones the least first.

    Fewer where there are fewer different values; null, not an empty list, when there is none.

    Cases:
        top_k(["b", "a", "c", "c"], 2) = ["c", "a"]
        top_k([7, 7, null, null, null], 3) = [7]
        top_k([], 1) = null
    """

    @staticmethod
    def start() -> tuple[dict[T, int], int]:
        return {}, 0

    @staticmethod
    def add(state: tuple[dict[T, int], int], x: T, k: ConstantInt) -> tuple[dict[T, int], int]:
        counts = state[0]
        counts[x] = counts.get(x, 0) + 1
        return counts, k

    @staticmethod
    def merge(
        first: tuple[dict[T, int], int], second: tuple[dict[T, int], int]
    ) -> tuple[dict[T, int], int]:
        return _joined(first[0], second[0]), second[1] or first[1]

    @staticmethod
    def result(state: tuple[dict[T, int], int]) -> list[T] | None:
        counts, k = state
        return sorted(counts, key=lambda x: (-counts[x], x))[:k] or None


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
