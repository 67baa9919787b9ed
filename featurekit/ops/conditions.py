"""Whether a condition was true in every row, or in one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from featurekit.ops.aggregate import Lift, aggregate


def _every(pl: Any, a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Any]:
    # null AND true is null: then the side that is known is the answer
    return {"every": pl.coalesce(a["every"] & b["every"], a["every"], b["every"])}


def _one(pl: Any, a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Any]:
    return {"one": pl.coalesce(a["one"] | b["one"], a["one"], b["one"])}


@aggregate(
    "BOOL_AND",
    polars=lambda pl, x: x.min(),
    sql="BOOL_AND({x})",
    lift=Lift(lambda pl, x: {"every": x}, {"every": None}, _every, lambda pl, s: s["every"]),
)
class BoolAnd:
    """Return whether the condition is true wherever it is not null; null when there is no value.

    Cases:
        bool_and([true, null, true]) = true
        bool_and([true, false]) = false
        bool_and([null]) = null
        bool_and([]) = null
    """

    @staticmethod
    def start() -> bool | None:
        return None

    @staticmethod
    def add(state: bool | None, x: bool) -> bool | None:
        return x if state is None else state and x

    @staticmethod
    def merge(first: bool | None, second: bool | None) -> bool | None:
        if first is None or second is None:
            return second if first is None else first
        return first and second

    @staticmethod
    def result(state: bool | None) -> bool | None:
        return state


@aggregate(
    "BOOL_OR",
    polars=lambda pl, x: x.max(),
    sql="BOOL_OR({x})",
    lift=Lift(lambda pl, x: {"one": x}, {"one": None}, _one, lambda pl, s: s["one"]),
)
class BoolOr:
    """Return whether the condition is true in some row; null when there is no value.

    Cases:
        bool_or([false, null, true]) = true
        bool_or([false, false]) = false
        bool_or([null]) = null
        bool_or([]) = null
    """

    @staticmethod
    def start() -> bool | None:
        return None

    @staticmethod
    def add(state: bool | None, x: bool) -> bool | None:
        return x if state is None else state or x

    @staticmethod
    def merge(first: bool | None, second: bool | None) -> bool | None:
        if first is None or second is None:
            return second if first is None else first
        return first or second

    @staticmethod
    def result(state: bool | None) -> bool | None:
        return state
