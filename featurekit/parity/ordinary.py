"""Ordinary values: what invented rows hold where a case says nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from featurekit.datatypes import DataType, Kind
from featurekit.ir.definitions import Rule
from featurekit.ir.rules import allows
from featurekit.ir.windows import EPOCH, MICROSECOND

NOON = dt.datetime(2024, 6, 12, 15, 4, 5, 678901, tzinfo=dt.UTC)
"""A Wednesday with nothing special about it: the moment most cases are asked at."""


def key_value(kind: DataType, number: int) -> Any:
    """Return the ``number``-th invented key: different numbers, different keys (BOOLEAN: two)."""
    match kind.kind:
        case Kind.BOOLEAN:
            return number % 2 == 0
        case Kind.BIGINT:
            return number
        case Kind.DOUBLE:
            return float(number)
        case Kind.DECIMAL:
            return scaled(number, kind.scale)
        case Kind.DATE:
            return dt.date(2000, 1, 1) + dt.timedelta(days=number)
        case Kind.TIMESTAMP:
            return EPOCH + number * MICROSECOND
        case _:
            return f"e{number:04}"


_TYPICAL: Mapping[Kind, tuple[Any, ...]] = {
    Kind.BOOLEAN: (True, False, True),
    Kind.BIGINT: (3, -2, 7, 11),
    Kind.DOUBLE: (2.5, -1.25, 4.1, 0.3),
    Kind.VARCHAR: ("a", "b", "A", "c d"),
    Kind.DATE: tuple(dt.date(2024, 6, day) for day in (10, 3, 28)),
    Kind.TIMESTAMP: tuple(NOON - dt.timedelta(hours=h) for h in (3, 50, 700)),
}


def typical(
    kind: DataType, number: int, hints: Sequence[Any] = (), rules: Iterable[Rule] = ()
) -> Any:
    """Return an ordinary value that ``rules`` let in; ``number`` varies it, ``hints`` go first."""
    if kind.kind is Kind.DECIMAL:
        ordinary: tuple[Any, ...] = tuple(scaled(n, kind.scale) for n in (3, -1, 7, 2))
    else:
        ordinary = _TYPICAL[kind.kind]
    near = tuple(value for hint in hints for value in _around(hint, kind))
    choices: tuple[Any, ...] = (*hints, *near, *ordinary)
    for rule in rules:
        ends = (rule.low, rule.high, *rule.options)
        choices = (*choices, *(end for end in ends if end is not None))
        choices = tuple(value for value in choices if allows(rule, value))
    return choices[number % len(choices)]


def _around(hint: Any, kind: DataType) -> tuple[Any, ...]:
    """Return values on either side of a constant, so that a comparison with it is true for one."""
    try:
        match kind.kind:
            case Kind.BIGINT | Kind.DOUBLE:
                return (hint + 1, hint - 1)
            case Kind.DECIMAL:
                step = scaled(1, kind.scale)
                return (hint + step, hint - step)
            case Kind.DATE | Kind.TIMESTAMP:
                return (hint + dt.timedelta(days=1), hint - dt.timedelta(days=1))
            case _:
                return ()
    except OverflowError:
        return ()


def scaled(coefficient: int, scale: int) -> Decimal:
    """Return ``coefficient`` units of the last of ``scale`` decimal places."""
    digits = tuple(int(digit) for digit in str(abs(coefficient)))
    return Decimal((int(coefficient < 0), digits, -scale))
