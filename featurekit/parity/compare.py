"""Comparing what training and serving answered: typed values, never text.

Everything is exact except what floats make inexact on any two engines: a DOUBLE that rests on
summed floats may differ by 1e-9 of itself, one that rests on a transcendental function by 4 units
in the last place (1e-12 of itself once arithmetic follows).
"""

from __future__ import annotations

import datetime as dt
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from featurekit.backends.plan import Wanted
from featurekit.datatypes import DataType, Kind
from featurekit.ir.nodes import Aggregate, Call, Column, Expression, walk
from featurekit.ir.view import View
from featurekit.ops import AGGREGATES, OPERATORS

SUMMED, DERIVED, ULPS = 1e-9, 1e-12, 4


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far two doubles may lie apart: a share of the larger, or units in the last place."""

    relative: float = 0.0
    ulps: int = 0

    def widest(self, other: Tolerance) -> Tolerance:
        """Return the tolerance that allows what either allows."""
        return Tolerance(max(self.relative, other.relative), max(self.ulps, other.ulps))


EXACT = Tolerance()


@dataclass(frozen=True, slots=True)
class Answer:
    """One column of answers: its name, type and tolerance."""

    column: str
    type: DataType
    tolerance: Tolerance = EXACT


@dataclass(frozen=True, slots=True)
class Difference:
    """One answer on which training and serving disagree."""

    row: int
    column: str
    expected: Any
    got: Any
    why: str = ""


def answers(wanted: Sequence[Wanted], views: Mapping[str, View]) -> tuple[Answer, ...]:
    """Return the columns that ``wanted`` makes, with types and tolerances from the definitions."""
    made = []
    for one in wanted:
        feature = views[one.reference].feature(one.feature)
        assert feature is not None  # noqa: S101  a wanted feature was looked up in its view
        kind = feature.expression.type
        inexact = kind.kind is Kind.DOUBLE
        allowed = _tolerance(feature.expression, views) if inexact else EXACT
        made.append(Answer(one.column, kind, allowed))
    return tuple(made)


def _tolerance(root: Expression, views: Mapping[str, View]) -> Tolerance:
    found = EXACT
    for node in walk(root):
        match node:
            case Aggregate(function) if AGGREGATES[function].bound != "exact":
                found = found.widest(Tolerance(relative=SUMMED))
            case Call(operator) if OPERATORS[operator].ulps:
                nested = Tolerance(relative=DERIVED)
                last = Tolerance(ulps=max(ULPS, OPERATORS[operator].ulps))
                found = found.widest(last if node is root else nested)
            case Column(relation, name) if relation in views:
                used = views[relation].feature(name)
                inner = _tolerance(used.expression, views) if used else EXACT
                if inner != EXACT:
                    bare = node is root
                    found = found.widest(
                        inner if bare else Tolerance(max(inner.relative, DERIVED), inner.ulps)
                    )
            case _:
                pass
    return found


_PYTHON: Mapping[Kind, type] = {
    Kind.BOOLEAN: bool,
    Kind.BIGINT: int,
    Kind.DOUBLE: float,
    Kind.DECIMAL: Decimal,
    Kind.VARCHAR: str,
    Kind.DATE: dt.date,
    Kind.TIMESTAMP: dt.datetime,
}


def disagreement(expected: Any, got: Any, answer: Answer) -> str | None:
    """Return why ``got`` is not ``expected``, or None when it is.

    Nulls: null equals null only. NaN equals NaN; 0.0 equals -0.0.
    """
    if expected is None or got is None:
        return None if expected is got else "null against a value"
    if answer.type.element is not None:
        return _lists(expected, got, answer, answer.type.element)
    wanted = _PYTHON.get(answer.type.kind)
    if type(got) is not wanted:
        return f"a {type(got).__name__} where {answer.type} was promised"
    if isinstance(expected, float) and isinstance(got, float):
        return None if _near(expected, got, answer.tolerance) else "the values differ"
    if isinstance(got, Decimal) and -int(got.as_tuple().exponent) != answer.type.scale:
        return f"not at the scale of {answer.type}"
    if isinstance(got, dt.datetime) and got.utcoffset() != dt.timedelta(0):
        return "a time that is not in UTC"
    return None if expected == got else "the values differ"


def _lists(expected: Any, got: Any, answer: Answer, element: DataType) -> str | None:
    """Return why two lists differ: by their length, or by their first members that do."""
    if type(got) is not list:
        return f"a {type(got).__name__} where {answer.type} was promised"
    if len(expected) != len(got):
        return f"{len(got)} members, not {len(expected)}"
    member = Answer(answer.column, element, answer.tolerance)
    found = (disagreement(a, b, member) for a, b in zip(expected, got, strict=True))
    return next((f"member {n}: {why}" for n, why in enumerate(found) if why), None)


def _near(expected: float, got: float, allowed: Tolerance) -> bool:
    if math.isnan(expected) or math.isnan(got):
        return math.isnan(expected) and math.isnan(got)
    if expected == got:
        return True
    if math.isinf(expected) or math.isinf(got):
        return False
    if abs(expected - got) <= allowed.relative * max(abs(expected), abs(got)):
        return True
    return abs(_place(expected) - _place(got)) <= allowed.ulps


def _place(value: float) -> int:
    """Return the double's place among all doubles."""
    (bits,) = struct.unpack("<q", struct.pack("<d", value))
    return int(bits) if bits >= 0 else -(int(bits) & 0x7FFFFFFFFFFFFFFF)


def compare(
    expected: Sequence[Mapping[str, Any]],
    got: Sequence[Mapping[str, Any]],
    columns: Sequence[Answer],
) -> tuple[Difference, ...]:
    """Return every answer that differs, row by row; an answer that is missing differs, too."""
    found = []
    for row, (wanted, given) in enumerate(zip(expected, got, strict=True)):
        for answer in columns:
            if answer.column not in given:
                why: str | None = "no answer"
            else:
                why = disagreement(wanted[answer.column], given[answer.column], answer)
            if why:
                found.append(
                    Difference(
                        row, answer.column, wanted[answer.column], given.get(answer.column), why
                    )
                )
    return tuple(found)
