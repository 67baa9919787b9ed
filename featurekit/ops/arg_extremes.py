"""The value of one column where another one is least or greatest.

A row of which either is null does not count; of equal ones the earliest row in canonical order
answers. A row that is ordered by DOUBLE stands before the one for any type: NaN equals itself and
is greater than every other value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from featurekit.ops.aggregate import Lift, aggregate
from featurekit.ops.operator import K, T


def _start(pl: Any, value: Any, by: Any) -> dict[str, Any]:
    return {"value": value, "by": pl.when(value.is_not_null()).then(by)}


def _lift(beats: Callable[[Any, Any], Any]) -> Lift:
    def merge(pl: Any, a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Any]:
        later = beats(b["by"], a["by"]) | a["by"].is_null()
        return {name: pl.when(later).then(b[name]).otherwise(a[name]) for name in ("value", "by")}

    # a row without ``by`` may have left its value in the state: it is not an answer
    return Lift(
        _start,
        {"value": None, "by": None},
        merge,
        lambda pl, s: pl.when(s["by"].is_not_null()).then(s["value"]),
    )


_LOWER = _lift(lambda b, a: b < a)
_HIGHER = _lift(lambda b, a: b > a)


def _where_least(pl: Any, value: Any, by: Any) -> Any:
    both = value.is_not_null() & by.is_not_null()
    kept = by.filter(both)
    return value.filter(both).filter(kept == kept.min()).first()


def _where_most(pl: Any, value: Any, by: Any) -> Any:
    both = value.is_not_null() & by.is_not_null()
    kept = by.filter(both)
    return value.filter(both).filter(kept == kept.max()).first()


def _where_most_double(pl: Any, value: Any, by: Any) -> Any:
    both = value.is_not_null() & by.is_not_null()
    kept = by.filter(both)
    most = pl.when(kept.is_nan().any()).then(float("nan")).otherwise(kept.max())
    return value.filter(both).filter(kept == most).first()


@aggregate(
    "ARG_MIN",
    polars=_where_least,
    sql="FIRST({value} ORDER BY {by}, {order})",
    lift=_LOWER,
    ordered=True,
)
class ArgMinDouble:
    """Return ``value`` of the earliest row whose ``by`` is least; null when there is none.

    A row where either is null does not count. NaN is greater than every other value.

    Cases:
        arg_min_double(["a", "b", "c"], [2.0, 1.0, 1.0]) = "b"
        arg_min_double(["a", "b"], [nan, 1.0]) = "b"
        arg_min_double(["a", null, "c"], [null, 1.0, nan]) = "c"
        arg_min_double([], []) = null
    """

    @staticmethod
    def start() -> None:
        return None

    @staticmethod
    def add(state: tuple[T, float] | None, value: T, by: float) -> tuple[T, float] | None:
        if state is None or by < state[1] or (state[1] != state[1] and by == by):  # NaN
            return value, by
        return state

    @staticmethod
    def merge(
        first: tuple[T, float] | None, second: tuple[T, float] | None
    ) -> tuple[T, float] | None:
        if first is None or second is None:
            return second if first is None else first
        return (
            second
            if second[1] < first[1] or (first[1] != first[1] and second[1] == second[1])
            else first
        )

    @staticmethod
    def result(state: tuple[T, float] | None) -> T | None:
        return None if state is None else state[0]


@aggregate(
    "ARG_MIN",
    polars=_where_least,
    sql="FIRST({value} ORDER BY {by}, {order})",
    lift=_LOWER,
    ordered=True,
)
class ArgMin:
    """Return ``value`` of the earliest row whose ``by`` is least; null when there is none.

    A row where either is null does not count.

    Cases:
        arg_min(["a", "b", "c"], [2, 1, 1]) = "b"
        arg_min([1, null, 3], ["b", "a", "c"]) = 1
        arg_min([1, 2], [null, null]) = null
        arg_min([], []) = null
    """

    @staticmethod
    def start() -> None:
        return None

    @staticmethod
    def add(state: tuple[T, K] | None, value: T, by: K) -> tuple[T, K] | None:
        if state is None or by < state[1]:
            return value, by
        return state

    @staticmethod
    def merge(first: tuple[T, K] | None, second: tuple[T, K] | None) -> tuple[T, K] | None:
        if first is None or second is None:
            return second if first is None else first
        return second if second[1] < first[1] else first

    @staticmethod
    def result(state: tuple[T, K] | None) -> T | None:
        return None if state is None else state[0]


@aggregate(
    "ARG_MAX",
    polars=_where_most_double,
    sql="FIRST({value} ORDER BY {by} DESC, {order})",
    lift=_HIGHER,
    ordered=True,
)
class ArgMaxDouble:
    """Return ``value`` of the earliest row whose ``by`` is greatest; null when there is none.

    A row where either is null does not count. NaN is greater than every other value.

    Cases:
        arg_max_double(["a", "b", "c"], [1.0, 2.0, 2.0]) = "b"
        arg_max_double(["a", "b", "c"], [1.0, nan, nan]) = "b"
        arg_max_double(["a", null, "c"], [null, 1.0, 0.5]) = "c"
        arg_max_double([], []) = null
    """

    @staticmethod
    def start() -> None:
        return None

    @staticmethod
    def add(state: tuple[T, float] | None, value: T, by: float) -> tuple[T, float] | None:
        if state is None or by > state[1] or (by != by and state[1] == state[1]):  # NaN
            return value, by
        return state

    @staticmethod
    def merge(
        first: tuple[T, float] | None, second: tuple[T, float] | None
    ) -> tuple[T, float] | None:
        if first is None or second is None:
            return second if first is None else first
        return (
            second
            if second[1] > first[1] or (second[1] != second[1] and first[1] == first[1])
            else first
        )

    @staticmethod
    def result(state: tuple[T, float] | None) -> T | None:
        return None if state is None else state[0]


@aggregate(
    "ARG_MAX",
    polars=_where_most,
    sql="FIRST({value} ORDER BY {by} DESC, {order})",
    lift=_HIGHER,
    ordered=True,
)
class ArgMax:
    """Return ``value`` of the earliest row whose ``by`` is greatest; null when there is none.

    A row where either is null does not count.

    Cases:
        arg_max(["a", "b", "c"], [1, 2, 2]) = "b"
        arg_max([1, null, 3], ["a", "c", "b"]) = 3
        arg_max([1, 2], [null, null]) = null
        arg_max([], []) = null
    """

    @staticmethod
    def start() -> None:
        return None

    @staticmethod
    def add(state: tuple[T, K] | None, value: T, by: K) -> tuple[T, K] | None:
        if state is None or by > state[1]:
            return value, by
        return state

    @staticmethod
    def merge(first: tuple[T, K] | None, second: tuple[T, K] | None) -> tuple[T, K] | None:
        if first is None or second is None:
            return second if first is None else first
        return second if second[1] > first[1] else first

    @staticmethod
    def result(state: tuple[T, K] | None) -> T | None:
        return None if state is None else state[0]
