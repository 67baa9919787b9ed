"""What an operator or aggregate takes, read from the annotations of its body."""

from __future__ import annotations

import datetime as dt
import inspect
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, TypeVar, get_args, get_origin

from featurekit import datatypes as types
from featurekit.datatypes import DataType, Kind

CONSTANT, LENGTH = "constant", "length"
EVENT_TIME, MOMENT = "event time", "moment of asking"

ConstantLength = Annotated[int, CONSTANT, LENGTH]
"""A length of elapsed time in microseconds, which an author writes as ``'7d'``."""

EventTime = Annotated[dt.datetime, EVENT_TIME]
"""When the row happened: no author writes it, the reader puts the source's time there."""

Moment = Annotated[dt.datetime, MOMENT]
"""The moment of asking, the same for every row of a window; put there by the reader, too."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument: a concrete type, or a type variable's name, literal or not, repeated or not.

    ``mark`` is ``LENGTH`` for a length of time, ``EVENT_TIME`` or ``MOMENT`` for what the reader
    fills in.
    """

    name: str
    type: DataType | None
    variable: str | None = None
    allowed: tuple[Kind, ...] = ()
    constant: bool = False
    repeated: bool = False
    mark: str = ""

    @property
    def implicit(self) -> bool:
        """Whether the reader fills it in."""
        return self.mark in {EVENT_TIME, MOMENT}

    def __str__(self) -> str:
        kind = str(self.type) if self.type else (self.variable or "any")
        if self.type and self.type.kind is Kind.DECIMAL:
            kind = "DECIMAL"
        return f"{'*' if self.repeated else ''}{self.name}: {self.mark or kind}"


_PYTHON = {
    bool: types.BOOLEAN,
    int: types.BIGINT,
    float: types.DOUBLE,
    str: types.VARCHAR,
    dt.datetime: types.TIMESTAMP,
    dt.date: types.DATE,
    dt.timedelta: types.INTERVAL,
    Decimal: DataType(Kind.DECIMAL, 38, 0),
}


def data_type(hint: Any) -> DataType:
    """Return the language's type for a Python type."""
    return _PYTHON[hint]


def without_none(hint: Any) -> tuple[Any, bool]:
    """Return ``hint`` without ``| None``, and whether that was there."""
    members = get_args(hint)
    if type(None) in members and get_origin(hint) is not Annotated:
        (bare,) = [m for m in members if m is not type(None)]
        return bare, True
    return hint, False


def parameter_of(parameter: inspect.Parameter, hint: Any) -> Parameter:
    """Return what one argument of a body takes."""
    bare, _ = without_none(hint)
    marks: list[str] = []
    if get_origin(bare) is Annotated:
        bare, *marks = get_args(bare)
    constant = CONSTANT in marks
    mark = next((mark for mark in marks if mark != CONSTANT), "")
    repeated = parameter.kind is inspect.Parameter.VAR_POSITIONAL
    if isinstance(bare, TypeVar):
        allowed = tuple(data_type(c).kind for c in bare.__constraints__)
        return Parameter(parameter.name, None, bare.__name__, allowed, constant, repeated)
    return Parameter(parameter.name, data_type(bare), None, (), constant, repeated, mark)
