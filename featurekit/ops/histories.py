"""Which values came last: as a list, or the one so many rows back.

The latest ``n`` are kept, so a state never grows beyond them, and ``n`` is at most 1,000.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from featurekit.datatypes import DataType, list_of
from featurekit.errors.meaning import ConstantRefused
from featurekit.ops.aggregate import Lift, aggregate
from featurekit.ops.operator import ConstantInt, T

MOST = 1_000


def _merge(pl: Any, a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Any]:
    most = pl.max_horizontal(a["most"], b["most"])
    both = pl.concat_list(a["latest"], b["latest"]).list.tail(most)
    alone = pl.when(a["latest"].is_null()).then(b["latest"]).otherwise(a["latest"])
    whole = a["latest"].is_not_null() & b["latest"].is_not_null()
    return {"latest": pl.when(whole).then(both).otherwise(alone), "most": most}


def _rows(pl: Any, x: Any, n: int) -> dict[str, Any]:
    return {"latest": pl.concat_list(x), "most": pl.lit(n, pl.Int64)}


def _values(pl: Any, x: Any, n: int) -> dict[str, Any]:
    return {**_rows(pl, x, n), "latest": pl.when(x.is_not_null()).then(pl.concat_list(x))}


_EMPTY = {"latest": None, "most": 0}


def checked(name: str, parameter: str, n: int) -> None:
    """Refuse a number of values or rows that is not from 1 to 1,000.

    Raises:
        ConstantRefused: FK128.
    """
    if not 1 <= n <= MOST:
        why = f"it is a whole number from 1 to {MOST:,}"
        raise ConstantRefused(name, parameter, n, why, f"{name}(x, 3)")


def _listed(x: DataType, n: int) -> DataType:
    checked("LIST_LAST", "n", n)
    return list_of(x)


def _same(x: DataType, n: int) -> DataType:
    checked("LAG", "n", n)
    return x


@aggregate(
    "LIST_LAST",
    polars=lambda pl, x, n: pl.when(x.count() > 0).then(x.drop_nulls().tail(n).implode()),
    sql="list_reverse(list_slice(LIST({x} ORDER BY {order_back}) {filter}, 1, {n}))",
    lift=Lift(_values, _EMPTY, _merge, lambda pl, s: s["latest"]),
    ordered=True,
    result=_listed,
)
class ListLast:
    """Return the latest ``n`` (1 to 1,000) values that are not null, the newest last.

    Fewer where there are fewer; null, not an empty list, when there is none.

    Cases:
        list_last([1, 2, null, 3], 2) = [2, 3]
        list_last(["a", "a"], 5) = ["a", "a"]
        list_last([null], 2) = null
        list_last([], 2) = null
    """

    @staticmethod
    def start() -> tuple[list[T], int]:
        return [], 0

    @staticmethod
    def add(state: tuple[list[T], int], x: T, n: ConstantInt) -> tuple[list[T], int]:
        latest = state[0]
        latest.append(x)
        del latest[:-n]
        return latest, n

    @staticmethod
    def merge(first: tuple[list[T], int], second: tuple[list[T], int]) -> tuple[list[T], int]:
        n = second[1] or first[1]
        return (first[0] + second[0])[-n:], n

    @staticmethod
    def result(state: tuple[list[T], int]) -> list[T] | None:
        return list(state[0]) or None


@aggregate(
    "LAG",
    polars=lambda pl, x, n: x.reverse().get(n - 1, null_on_oob=True),
    sql="list_extract(LIST({x} ORDER BY {order_back}) {filter}, {n})",
    makes_null=True,
    lift=Lift(
        _rows,
        _EMPTY,
        _merge,
        lambda pl, s: pl.when(s["latest"].list.len() == s["most"]).then(s["latest"].list.first()),
    ),
    ordered=True,
    keeps_nulls=True,
    result=_same,
)
class Lag:
    """Return the value of the row ``n`` (1 to 1,000) rows back; 1 is the latest one.

    Rows are counted, whether their value is null or not, as the standard's LAG does (RESPECT
    NULLS): the answer is null where that row's value is, and where there are fewer rows.

    Cases:
        lag([1, 2, 3], 1) = 3
        lag([1, 2, null], 1) = null
        lag([1, 2, null], 2) = 2
        lag(["a"], 2) = null
        lag([], 1) = null
    """

    @staticmethod
    def start() -> tuple[list[T | None], int]:
        return [], 0

    @staticmethod
    def add(
        state: tuple[list[T | None], int], x: T | None, n: ConstantInt
    ) -> tuple[list[T | None], int]:
        latest = state[0]
        latest.append(x)
        del latest[:-n]
        return latest, n

    @staticmethod
    def merge(
        first: tuple[list[T | None], int], second: tuple[list[T | None], int]
    ) -> tuple[list[T | None], int]:
        n = second[1] or first[1]
        return (first[0] + second[0])[-n:], n

    @staticmethod
    def result(state: tuple[list[T | None], int]) -> T | None:
        latest, n = state
        return latest[0] if latest and len(latest) == n else None
