"""The aggregates: count, sum, average, spread, extremes, first and last."""

from __future__ import annotations

from featurekit.ops.aggregate import Lift, aggregate
from featurekit.ops.operator import T


@aggregate(
    "COUNT(*)",
    polars=lambda pl: pl.len(),
    sql="COUNT(*)",
    lift=Lift(
        start=lambda pl: {"n": pl.lit(1, pl.Int64)},
        empty={"n": 0},
        merge=lambda pl, a, b: {"n": a["n"] + b["n"]},
        result=lambda pl, s: s["n"],
    ),
)
class CountRows:
    """Return how many rows there are; 0 when there are none."""

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
    "LAST",
    polars=lambda pl, x: x.drop_nulls().last(),
    sql="LAST({x} ORDER BY {order})",
    lift=Lift(
        start=lambda pl, x: {"last": x},
        empty={"last": None},
        merge=lambda pl, a, b: {"last": pl.coalesce(b["last"], a["last"])},
        result=lambda pl, s: s["last"],
    ),
    ordered=True,
)
class Last:
    """Return the latest value that is not null; null when there is none.

    Cases:
        last([1, 2, null]) = 2
        last([]) = null
    """

    @staticmethod
    def start() -> None:
        return None

    @staticmethod
    def add(state: T | None, x: T) -> T | None:  # noqa: ARG004
        return x

    @staticmethod
    def merge(first: T | None, second: T | None) -> T | None:
        return first if second is None else second

    @staticmethod
    def result(state: T | None) -> T | None:
        return state
