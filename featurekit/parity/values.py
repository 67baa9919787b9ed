"""Values of the language as JSON, exactly: what vectors and the serving conversation are made of.

BOOLEAN, BIGINT and VARCHAR are themselves; a finite DOUBLE is the shortest number that reads back
as it, the others the words ``NaN``, ``Infinity``, ``-Infinity``; DECIMAL is its digits in a string;
DATE and TIMESTAMP are ISO 8601, the latter with microseconds and ``+00:00``; a LIST is a list of
such. NULL is null.
"""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

from featurekit.datatypes import DataType, Kind


def encode(value: Any, kind: DataType) -> Any:
    """Return ``value`` as JSON; ``decode`` reads it back to the bit."""
    if value is None:
        return None
    if kind.element is not None:
        return [encode(member, kind.element) for member in value]
    match kind.kind:
        case Kind.DOUBLE:
            number = float(value)
            if math.isnan(number):
                return "NaN"
            if math.isinf(number):
                return "Infinity" if number > 0 else "-Infinity"
            return number
        case Kind.DECIMAL:
            return f"{value:f}"
        case Kind.DATE:
            return str(value.isoformat())
        case Kind.TIMESTAMP:
            return str(value.astimezone(dt.UTC).isoformat(timespec="microseconds"))
        case _:
            return value


def decode(text: Any, kind: DataType) -> Any:
    """Return the value that ``encode`` wrote.

    Raises:
        ValueError: ``text`` is not such a value.
    """
    if text is None:
        return None
    if kind.element is not None:
        return [decode(member, kind.element) for member in text]
    match kind.kind:
        case Kind.DOUBLE:
            return float(text)
        case Kind.DECIMAL:
            return Decimal(text)
        case Kind.DATE:
            return dt.date.fromisoformat(text)
        case Kind.TIMESTAMP:
            return dt.datetime.fromisoformat(text).astimezone(dt.UTC)
        case _:
            return text
