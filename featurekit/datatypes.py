"""The types that every target shares, and what widens to what.

Values in Python: BOOLEAN ``bool``, BIGINT ``int`` (64 bit), DOUBLE ``float``, DECIMAL
``decimal.Decimal`` at exactly the declared scale, VARCHAR ``str``, DATE ``datetime.date``,
TIMESTAMP ``datetime.datetime`` with ``tzinfo=UTC`` (an instant, microseconds), LIST<T> a ``list``.
NULL is ``None``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

BIGINT_MIN = -(2**63)
BIGINT_MAX = 2**63 - 1
MOST_DIGITS = 38


class Kind(StrEnum):
    """The families of types; NULL is the type of a bare NULL, INTERVAL of a length of time.

    LIST is what an aggregate may answer: no column of a source has it, no operator takes it.
    """

    BOOLEAN = "BOOLEAN"
    BIGINT = "BIGINT"
    DOUBLE = "DOUBLE"
    DECIMAL = "DECIMAL"
    VARCHAR = "VARCHAR"
    DATE = "DATE"
    TIMESTAMP = "TIMESTAMP"
    INTERVAL = "INTERVAL"
    LIST = "LIST"
    NULL = "NULL"


@dataclass(frozen=True, slots=True)
class DataType:
    """One type; precision and scale count decimal digits and belong to DECIMAL, element to LIST."""

    kind: Kind
    precision: int = 0
    scale: int = 0
    element: DataType | None = None

    def __str__(self) -> str:
        if self.element is not None:
            return f"LIST<{self.element}>"
        if self.kind is Kind.DECIMAL:
            return f"DECIMAL({self.precision},{self.scale})"
        return self.kind.value


BOOLEAN = DataType(Kind.BOOLEAN)
BIGINT = DataType(Kind.BIGINT)
DOUBLE = DataType(Kind.DOUBLE)
VARCHAR = DataType(Kind.VARCHAR)
DATE = DataType(Kind.DATE)
TIMESTAMP = DataType(Kind.TIMESTAMP)
INTERVAL = DataType(Kind.INTERVAL)
NULL = DataType(Kind.NULL)


def decimal(precision: int, scale: int) -> DataType:
    """Return DECIMAL(precision, scale), the precision capped at 38 digits."""
    return DataType(Kind.DECIMAL, min(precision, MOST_DIGITS), scale)


def list_of(element: DataType) -> DataType:
    """Return LIST<element>, whose values hold no null."""
    return DataType(Kind.LIST, element=element)


_WORDS = {
    "bool": BOOLEAN,
    "boolean": BOOLEAN,
    "int": BIGINT,
    "integer": BIGINT,
    "long": BIGINT,
    "int64": BIGINT,
    "smallint": BIGINT,
    "tinyint": BIGINT,
    "bigint": BIGINT,
    "float": DOUBLE,
    "float64": DOUBLE,
    "real": DOUBLE,
    "double": DOUBLE,
    "double precision": DOUBLE,
    "string": VARCHAR,
    "str": VARCHAR,
    "text": VARCHAR,
    "varchar": VARCHAR,
    "date": DATE,
    "datetime": TIMESTAMP,
    "timestamp": TIMESTAMP,
    "timestamptz": TIMESTAMP,
}


def parse_type(text: str) -> DataType | None:
    """Return the type that ``text`` names (``string``, ``DECIMAL(10, 2)``), or None."""
    words = " ".join(text.split()).lower()
    found = re.fullmatch(r"(?:decimal|numeric) ?\( ?(\d{1,2}) ?, ?(\d{1,2}) ?\)", words)
    if found:
        precision, scale = int(found[1]), int(found[2])
        if 1 <= precision <= MOST_DIGITS and scale <= precision:
            return decimal(precision, scale)
        return None
    return _WORDS.get(words)


_BIGINT_AS_DECIMAL = decimal(19, 0)


def widening_cost(given: DataType, wanted: DataType) -> int | None:
    """Return how far ``given`` is from ``wanted`` when it may become it unasked, else None.

    Strings never widen; BIGINT widens to DECIMAL before DOUBLE, DATE to TIMESTAMP (midnight UTC).
    """
    if given == wanted:
        return 0
    steps = {
        (Kind.BIGINT, Kind.DECIMAL): 1,
        (Kind.BIGINT, Kind.DOUBLE): 2,
        (Kind.DECIMAL, Kind.DOUBLE): 2,
        (Kind.DECIMAL, Kind.DECIMAL): 1,
        (Kind.DATE, Kind.TIMESTAMP): 1,
    }
    if given.kind is Kind.NULL:
        return 1
    return steps.get((given.kind, wanted.kind))


def common_type(first: DataType, second: DataType) -> DataType | None:
    """Return the narrowest type that holds both, or None where there is none."""
    if first == second:
        return first
    if first.kind is Kind.NULL:
        return second
    if second.kind is Kind.NULL:
        return first
    kinds = {first.kind, second.kind}
    if kinds <= {Kind.BIGINT, Kind.DECIMAL}:
        one, other = (_BIGINT_AS_DECIMAL if t.kind is Kind.BIGINT else t for t in (first, second))
        scale = max(one.scale, other.scale)
        whole = max(one.precision - one.scale, other.precision - other.scale)
        return decimal(whole + scale, scale) if whole + scale <= MOST_DIGITS else None
    if kinds <= {Kind.BIGINT, Kind.DECIMAL, Kind.DOUBLE}:
        return DOUBLE
    if kinds == {Kind.DATE, Kind.TIMESTAMP}:
        return TIMESTAMP
    return None
