"""Runs of equal values, and texts put together in the rows' order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from featurekit.ops.aggregate import Lift, aggregate
from featurekit.ops.gap import Gap
from featurekit.ops.operator import ConstantText, T


def _streak(pl: Any, x: Any) -> Any:
    backwards = x.drop_nulls().reverse()
    return (backwards == backwards.first()).cast(pl.Int64).cum_min().sum()


_STREAK = (
    "COALESCE(list_transform([LIST({x} ORDER BY {order_back}) {filter}], lambda v: COALESCE("
    "list_position(list_transform(v, lambda e: e IS DISTINCT FROM v[1]), true) - 1, len(v)))[1], 0)"
    "::BIGINT"
)


def _start(pl: Any, x: Any) -> dict[str, Any]:
    one = x.is_not_null().cast(pl.Int64)
    return {"latest": x, "run": one, "n": one}


def _merge(pl: Any, a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Any]:
    reaches = (b["run"] == b["n"]) & (a["latest"] == b["latest"]).fill_null(value=False)
    run = b["run"] + pl.when(reaches).then(a["run"]).otherwise(0)
    return {
        "latest": pl.coalesce(b["latest"], a["latest"]),
        "run": pl.when(b["n"] == 0).then(a["run"]).otherwise(run),
        "n": a["n"] + b["n"],
    }


_RUN = Lift(_start, {"latest": None, "run": 0, "n": 0}, _merge, lambda pl, s: s["run"])


@aggregate("STREAK", polars=_streak, sql=_STREAK, lift=_RUN, ordered=True)
class StreakDouble:
    """Return how many of the latest values in a row are the same; 0 when there is no value.

    Nulls neither count nor interrupt. Every NaN is the same value, and so are -0.0 and 0.0.

    Cases:
        streak_double([1.0, 2.0, null, 2.0]) = 2
        streak_double([1.0, nan, nan]) = 2
        streak_double([0.0, -0.0]) = 2
        streak_double([]) = 0
    """

    @staticmethod
    def start() -> tuple[float | None, int, int]:
        return None, 0, 0

    @staticmethod
    def add(state: tuple[float | None, int, int], x: float) -> tuple[float | None, int, int]:
        latest, run, n = state
        same = latest == x or (n > 0 and latest != latest and x != x)  # NaN
        return x, run + 1 if same else 1, n + 1

    @staticmethod
    def merge(
        first: tuple[float | None, int, int], second: tuple[float | None, int, int]
    ) -> tuple[float | None, int, int]:
        latest, run, n = second
        if not n:
            return first
        same = latest == first[0] or (latest != latest and first[0] != first[0])  # NaN
        return latest, run + first[1] if same and run == n else run, first[2] + n

    @staticmethod
    def result(state: tuple[float | None, int, int]) -> int:
        return state[1]


@aggregate("STREAK", polars=_streak, sql=_STREAK, lift=_RUN, ordered=True)
class Streak:
    """Return how many of the latest values in a row are the same; 0 when there is no value.

    Nulls neither count nor interrupt.

    Cases:
        streak(["b", "a", null, "a"]) = 2
        streak([true, true, false]) = 1
        streak([]) = 0
    """

    @staticmethod
    def start() -> tuple[None, int, int]:
        return None, 0, 0

    @staticmethod
    def add(state: tuple[T | None, int, int], x: T) -> tuple[T | None, int, int]:
        latest, run, n = state
        same = latest == x
        return x, run + 1 if same else 1, n + 1

    @staticmethod
    def merge(
        first: tuple[T | None, int, int], second: tuple[T | None, int, int]
    ) -> tuple[T | None, int, int]:
        latest, run, n = second
        if not n:
            return first
        same = latest == first[0]
        return latest, run + first[1] if same and run == n else run, first[2] + n

    @staticmethod
    def result(state: tuple[T | None, int, int]) -> int:
        return state[1]


@aggregate(
    "STRING_AGG",
    polars=lambda pl, x, separator: pl.when(x.count() > 0).then(x.drop_nulls().str.join(separator)),
    sql="STRING_AGG({x}, {separator} ORDER BY {order})",
    lift=Gap("the texts of a range put together are not a state of fixed size"),
    ordered=True,
)
class StringAgg:
    """Return the texts one behind the other, ``separator`` between two; null when there is none.

    They stand in the rows' order, the earliest first.

    Cases:
        string_agg(["b", null, "a"], ", ") = "b, a"
        string_agg(["", ""], "-") = "-"
        string_agg([null], ", ") = null
        string_agg([], ", ") = null
    """

    @staticmethod
    def start() -> tuple[list[str], str]:
        return [], ""

    @staticmethod
    def add(state: tuple[list[str], str], x: str, separator: ConstantText) -> tuple[list[str], str]:
        state[0].append(x)
        return state[0], separator

    @staticmethod
    def merge(first: tuple[list[str], str], second: tuple[list[str], str]) -> tuple[list[str], str]:
        return [*first[0], *second[0]], second[1] if second[0] else first[1]

    @staticmethod
    def result(state: tuple[list[str], str]) -> str | None:
        return state[1].join(state[0]) if state[0] else None
