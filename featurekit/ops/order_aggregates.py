"""Extremes, first and last.

A row for DOUBLE stands before the row for any type: of two overloads that cost nothing, ``bind``
takes the first, and DOUBLE has a NaN, which equals itself and is greater than every other value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from featurekit.ops.aggregate import Lift, aggregate
from featurekit.ops.operator import T


def _smaller(pl: Any, a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Any]:
    one, other = a["least"], b["least"]
    return {"least": pl.when((other < one) | one.is_null()).then(other).otherwise(one)}


def _greater(pl: Any, a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Any]:
    one, other = a["most"], b["most"]
    return {"most": pl.when((other > one) | one.is_null()).then(other).otherwise(one)}


# of -0.0 and 0.0, which are equal, an engine keeps either: adding 0.0 leaves one of them
_LEAST_DOUBLE = Lift(
    lambda pl, x: {"least": x}, {"least": None}, _smaller, lambda pl, s: s["least"] + 0.0, "least"
)
_MOST_DOUBLE = Lift(
    lambda pl, x: {"most": x}, {"most": None}, _greater, lambda pl, s: s["most"] + 0.0, "most"
)
_LEAST = Lift(
    lambda pl, x: {"least": x}, {"least": None}, _smaller, lambda pl, s: s["least"], "least"
)
_MOST = Lift(lambda pl, x: {"most": x}, {"most": None}, _greater, lambda pl, s: s["most"], "most")


@aggregate(
    "MIN",
    polars=lambda pl, x: x.min() + 0.0,
    sql="MIN({x}) {filter} + 0.0::DOUBLE",
    lift=_LEAST_DOUBLE,
)
class MinDouble:
    """Return the least value; NaN only when every value is NaN, null when there is none.

    Of -0.0 and 0.0 the answer is 0.0.

    Cases:
        min_double([2.0, 1.0, null]) = 1.0
        min_double([nan, 1.0]) = 1.0
        min_double([nan]) = nan
        min_double([]) = null
    """

    @staticmethod
    def start() -> float | None:
        return None

    @staticmethod
    def add(state: float | None, x: float) -> float | None:
        if state is None or x < state or state != state:  # only NaN differs from itself
            return x
        return state

    @staticmethod
    def merge(first: float | None, second: float | None) -> float | None:
        if first is None or second is None:
            return second if first is None else first
        return second if second < first or first != first else first  # NaN

    @staticmethod
    def result(state: float | None) -> float | None:
        return None if state is None else state + 0.0


@aggregate("MIN", polars=lambda pl, x: x.min(), sql="MIN({x})", lift=_LEAST)
class Min:
    """Return the least value, text by code point; null when there is none.

    Cases:
        min([2, 1, null]) = 1
        min(["b", "B", "é"]) = "B"
        min([]) = null
    """

    @staticmethod
    def start() -> None:
        return None

    @staticmethod
    def add(state: T | None, x: T) -> T | None:
        return x if state is None or x < state else state

    @staticmethod
    def merge(first: T | None, second: T | None) -> T | None:
        if first is None or second is None:
            return second if first is None else first
        return min(first, second)

    @staticmethod
    def result(state: T | None) -> T | None:
        return state


@aggregate(
    "MAX",
    polars=lambda pl, x: pl.when(x.is_nan().any()).then(float("nan")).otherwise(x.max() + 0.0),
    sql="MAX({x}) {filter} + 0.0::DOUBLE",
    lift=_MOST_DOUBLE,
)
class MaxDouble:
    """Return the greatest value, NaN when there is one; null when there is no value.

    Of -0.0 and 0.0 the answer is 0.0.

    Cases:
        max_double([2.0, 1.0, null]) = 2.0
        max_double([nan, 1.0]) = nan
        max_double([]) = null
    """

    @staticmethod
    def start() -> float | None:
        return None

    @staticmethod
    def add(state: float | None, x: float) -> float | None:
        if state is None or x > state or x != x:  # only NaN differs from itself
            return x
        return state

    @staticmethod
    def merge(first: float | None, second: float | None) -> float | None:
        if first is None or second is None:
            return second if first is None else first
        return second if second > first or second != second else first  # NaN

    @staticmethod
    def result(state: float | None) -> float | None:
        return None if state is None else state + 0.0


@aggregate("MAX", polars=lambda pl, x: x.max(), sql="MAX({x})", lift=_MOST)
class Max:
    """Return the greatest value, text by code point; null when there is none.

    Cases:
        max([2, 1, null]) = 2
        max(["b", "B", "é"]) = "é"
        max([]) = null
    """

    @staticmethod
    def start() -> None:
        return None

    @staticmethod
    def add(state: T | None, x: T) -> T | None:
        return x if state is None or x > state else state

    @staticmethod
    def merge(first: T | None, second: T | None) -> T | None:
        if first is None or second is None:
            return second if first is None else first
        return max(first, second)

    @staticmethod
    def result(state: T | None) -> T | None:
        return state


@aggregate(
    "FIRST",
    polars=lambda pl, x: x.drop_nulls().first(),
    sql="FIRST({x} ORDER BY {order})",
    lift=Lift(
        start=lambda pl, x: {"first": x},
        empty={"first": None},
        merge=lambda pl, a, b: {"first": pl.coalesce(a["first"], b["first"])},
        result=lambda pl, s: s["first"],
        ranges="first",
    ),
    ordered=True,
)
class First:
    """Return the earliest value that is not null; null when there is none.

    Cases:
        first([null, 1, 2]) = 1
        first(["a", null]) = "a"
        first([]) = null
    """

    @staticmethod
    def start() -> None:
        return None

    @staticmethod
    def add(state: T | None, x: T) -> T | None:
        return x if state is None else state

    @staticmethod
    def merge(first: T | None, second: T | None) -> T | None:
        return second if first is None else first

    @staticmethod
    def result(state: T | None) -> T | None:
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
        ranges="last",
    ),
    ordered=True,
)
class Last:
    """Return the latest value that is not null; null when there is none.

    Cases:
        last([1, 2, null]) = 2
        last(["a", null]) = "a"
        last([]) = null
    """

    @staticmethod
    def start() -> None:
        return None

    @staticmethod
    def add(state: T | None, x: T) -> T | None:
        return x

    @staticmethod
    def merge(first: T | None, second: T | None) -> T | None:
        return first if second is None else second

    @staticmethod
    def result(state: T | None) -> T | None:
        return state
