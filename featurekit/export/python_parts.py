"""Tests of what a package is made of: each operator's own cases, and where windows begin."""

from __future__ import annotations

import ast
import datetime as dt
import hashlib
import math
from collections.abc import Iterable, Iterator
from typing import Any

from featurekit.backends.python_sources import definition_of, package_name
from featurekit.backends.python_syntax import literal, quoted, spelled
from featurekit.ir.schedules import last_local_time
from featurekit.ir.windows import to_micros, unit_start
from featurekit.ops import AGGREGATES, OPERATORS, Nulls
from featurekit.parity.ordinary import NOON

_DAY, _MICROSECOND = dt.timedelta(days=1), dt.timedelta(microseconds=1)
_FIRST = dt.datetime.min.replace(tzinfo=dt.UTC)
_LAST = dt.datetime.max.replace(tzinfo=dt.UTC)
_CANCELLING = [(1e16,), (1.0,), (-1e16,), (0.1,)]
_SLOPED: list[list[tuple[float, float]]] = [
    [(1.0, 0.0), (4.0, 2.25), (2.5, -1.5), (-3.0, 9.0), (7.0, 0.5)],
    [(1.0, 1.0), (2.0, 0.0)],
    [(1.0, 0.0)],
    [(1e-15, 0.0), (3e-15, 1.0)],
    [(2.0**20, 0.0), (2.0**20 + 2.0**-21, 1.0)],
    [(1e150, 0.0), (1.0, 1.0)],
    [(-1e150, 0.0), (1.0, 1.0)],
]
_FADED = [(1.0, 0, 1), (-1.0, 1, 1), (-1.0, 950, 1), (1e300, 1000, 1), (1e300, 2001, 2)]
_MORE: dict[str, list[list[tuple[Any, ...]]]] = {
    "sum_double": [_CANCELLING],
    "avg_double": [_CANCELLING],
    "count_rows": [[(), (), ()]],
    "slope": [[(x, NOON + days * _DAY) for x, days in rows] for rows in _SLOPED],
    "decay_sum": [[(x, NOON, NOON + age * _MICROSECOND, half)] for x, age, half in _FADED],
    "string_agg": [[("b", ""), ("a", "")]],
    "top_k_double": [
        [(x, 2) for x in (1.0, 2.0, 2.0, 2.0, 1.0)],
        [(x, 2) for x in (math.nan, 3.0, 3.0, math.nan)],
        [(0.5, 2), (0.0, 2)],
    ],
}
"""Rows that tell what an aggregate's own cases do not: what is lost on the way, what is void, what
is nearly nothing, what is equally good.
"""
_LETTERS = frozenset(("lower", "upper", "ascii_fold"))
_CODES = (*range(0xD800), *range(0xE000, 0x1F000))
_ZONES = ("UTC", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia")
_BACK = (0, 1, 5, 13)


def parts(operators: str, windows: str) -> dict[str, Any]:
    """Return what the tests of the parts are rendered from.

    Args:
        operators: The text of ``operators.py``; empty where there is none.
        windows: The text of ``windows.py``.
    """
    named = _named(operators)
    return {
        "calls": list(_calls(named)),
        "folds": list(_folds(named)),
        "starts": list(_starts()) if "unit_start" in _named(windows) else [],
        "refreshes": list(_refreshes()) if "last_refresh" in _named(windows) else [],
        "letters": [(f"operators.{n}", quoted(_digest(n))) for n in sorted(_LETTERS & named)],
        "moments": "to_moment" in _named(windows),
    }


def _named(text: str) -> set[str]:
    kinds = (ast.FunctionDef, ast.ClassDef)
    return {node.name for node in ast.parse(text).body if isinstance(node, kinds)}


def _calls(named: set[str]) -> Iterator[tuple[str, str, str]]:
    """Yield operator, arguments and answer of each case of the operators that are there."""
    for row in OPERATORS.values():
        name = package_name(definition_of(row.body))
        if name not in named:
            continue
        for case in row.cases:
            if row.nulls is not Nulls.PROPAGATE or None not in case.arguments:
                yield f"operators.{name}", _tuple(case.arguments), _said(case.expected)


def _folds(named: set[str]) -> Iterator[tuple[str, str, str]]:
    """Yield aggregate, rows that count, and answer of each case of those that are there."""
    for row in AGGREGATES.values():
        name = package_name(definition_of(row.algebra))
        if name not in named:
            continue
        listed = [(row.rows(case), case.expected) for case in row.cases]
        more = [(rows, row.fold(rows)) for rows in _MORE.get(row.name, [])]
        for rows, answer in (*listed, *more):
            counted = [one for one in rows if row.keeps_nulls or None not in one]
            yield f"operators.{name}", f"[{', '.join(map(_tuple, counted))}]", _said(answer)


def _starts() -> Iterator[tuple[int, str, str, int, int]]:
    """Yield moment, zone, unit, how many units back, and when that unit began there."""
    for zone in _ZONES:
        for unit in ("day", "week", "month", "year"):
            for back in _BACK:
                t = to_micros(NOON)
                yield t, quoted(zone), quoted(unit), back, unit_start(t, zone, unit, back)
    far, unit = to_micros(NOON.replace(year=2)), "year"
    yield from (
        (far, quoted("UTC"), quoted(u), 99, unit_start(far, "UTC", u, 99)) for u in ("year",)
    )


def _refreshes() -> Iterator[tuple[int, str, int, int | None, int]]:
    """Yield moment, zone, minute, day of the week or none, and the last such time before it."""
    noon, first, last = map(to_micros, (NOON, _FIRST + _DAY, _LAST))
    for zone in _ZONES:
        for minute, weekday in ((0, None), (150, None), (1439, 0), (120, 6)):
            found = last_local_time(noon, zone, minute, weekday)
            for t in (noon, found, found - 1, first, last):
                began = last_local_time(t, zone, minute, weekday)
                yield t, quoted(zone), minute, weekday, began


def _digest(name: str) -> str:
    """Return the hash of what a mapping of letters makes of all of them."""
    (body,) = {row.body for row in OPERATORS.values() if row.body.__name__ == name}
    return hashlib.sha256(body("".join(map(chr, _CODES))).encode()).hexdigest()


def _tuple(values: Iterable[Any]) -> str:
    return f"({''.join(f'{_said(value)}, ' for value in values).rstrip()})"


def _said(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_said, value))}]"
    return spelled(literal(value))
