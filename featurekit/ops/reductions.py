"""How many: rows, values, true conditions, different values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from featurekit.ops.aggregate import Different, Lift, aggregate
from featurekit.ops.operator import T


def _count_merge(pl: Any, a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Any]:
    return {"n": a["n"] + b["n"]}


@aggregate(
    "COUNT(*)",
    polars=lambda pl: pl.len().cast(pl.Int64),
    sql="COUNT(*)",
    lift=Lift(
        start=lambda pl: {"n": pl.lit(1, pl.Int64)},
        empty={"n": 0},
        merge=_count_merge,
        result=lambda pl, s: s["n"],
        ranges="difference",
    ),
)
class CountRows:
    """Return how many rows there are; 0 when there are none.

    Cases:
        count_rows() = 0
    """

    @staticmethod
    def start() -> int:
        return 0

    @staticmethod
    def add(state: int) -> int:
        return state + 1

    @staticmethod
    def merge(first: int, second: int) -> int:
        return first + second

    @staticmethod
    def result(state: int) -> int:
        return state


@aggregate(
    "COUNT",
    polars=lambda pl, x: x.count().cast(pl.Int64),
    sql="COUNT({x})",
    lift=Lift(
        start=lambda pl, x: {"n": x.is_not_null().cast(pl.Int64)},
        empty={"n": 0},
        merge=_count_merge,
        result=lambda pl, s: s["n"],
        ranges="difference",
    ),
)
class CountValues:
    """Return how many values are not null; 0 when there are none.

    Cases:
        count_values([1, 2, null]) = 2
        count_values([null]) = 0
        count_values([]) = 0
    """

    @staticmethod
    def start() -> int:
        return 0

    @staticmethod
    def add(state: int, x: T) -> int:
        return state + 1

    @staticmethod
    def merge(first: int, second: int) -> int:
        return first + second

    @staticmethod
    def result(state: int) -> int:
        return state


@aggregate(
    "COUNT_IF",
    polars=lambda pl, x: x.sum().cast(pl.Int64),
    sql="COUNT(CASE WHEN {x} THEN 1 END)",
    lift=Lift(
        start=lambda pl, x: {"n": x.fill_null(value=False).cast(pl.Int64)},
        empty={"n": 0},
        merge=_count_merge,
        result=lambda pl, s: s["n"],
        ranges="difference",
    ),
)
class CountIf:
    """Return for how many rows the condition is true; 0 when there are none.

    Cases:
        count_if([true, false, null, true]) = 2
        count_if([null]) = 0
        count_if([]) = 0
    """

    @staticmethod
    def start() -> int:
        return 0

    @staticmethod
    def add(state: int, x: bool) -> int:
        return state + 1 if x else state

    @staticmethod
    def merge(first: int, second: int) -> int:
        return first + second

    @staticmethod
    def result(state: int) -> int:
        return state


_SET = Different("the different values of a range do not fit a fixed number of columns")


@aggregate(
    "COUNT DISTINCT",
    polars=lambda pl, x: x.drop_nulls().n_unique().cast(pl.Int64),
    sql="COUNT(DISTINCT {x})",
    lift=_SET,
)
class CountDistinctDouble:
    """Return how many different values there are, every NaN being the same; 0 when there are none.

    Cases:
        count_distinct_double([1.0, 1.0, 2.0, null]) = 2
        count_distinct_double([nan, nan]) = 1
        count_distinct_double([0.0, -0.0]) = 1
        count_distinct_double([]) = 0
    """

    @staticmethod
    def start() -> set[float | None]:
        return set()

    @staticmethod
    def add(state: set[float | None], x: float) -> set[float | None]:
        state.add(x if x == x else None)  # None stands for NaN, which equals nothing
        return state

    @staticmethod
    def merge(first: set[float | None], second: set[float | None]) -> set[float | None]:
        return first | second

    @staticmethod
    def result(state: set[float | None]) -> int:
        return len(state)


@aggregate(
    "COUNT DISTINCT",
    polars=lambda pl, x: x.drop_nulls().n_unique().cast(pl.Int64),
    sql="COUNT(DISTINCT {x})",
    lift=_SET,
)
class CountDistinct:
    """Return how many different values there are; 0 when there are none.

    Cases:
        count_distinct([1, 1, 2, null]) = 2
        count_distinct(["a", "A"]) = 2
        count_distinct([]) = 0
    """

    @staticmethod
    def start() -> set[T]:
        return set()

    @staticmethod
    def add(state: set[T], x: T) -> set[T]:
        state.add(x)
        return state

    @staticmethod
    def merge(first: set[T], second: set[T]) -> set[T]:
        return first | second

    @staticmethod
    def result(state: set[T]) -> int:
        return len(state)
