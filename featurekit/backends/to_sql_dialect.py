"""How each SQL engine spells names, types and constants, so that nothing is left to its defaults.

Engines read ``0.1`` as a decimal, round a string cast, add a calendar day for 24 hours. So every
constant carries its type, doubles are cast from their shortest exact text, and lengths of time are
spelled in units that the engine adds as elapsed time.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from featurekit.datatypes import DataType, Kind
from featurekit.errors.definition import NoSpelling
from featurekit.ir.windows import UNITS

RESERVED = "fk_"
"""Names that begin so are the query's own: no spine or source column may."""

SUBSTITUTED = "${"
"""Where it means anything, it does so in quotes, too."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One engine's spellings; the query builder knows no engine, only these.

    Attributes:
        name: What an author writes; also the key of the operators' spellings.
        quote: The quotation mark of identifiers, doubled inside.
        types: The word of each type; DECIMAL's takes ``{precision}`` and ``{scale}``, LIST's
            ``{element}``.
        infinities: The text that casts to DOUBLE infinity, minus infinity and NaN.
        nul: The expression for the character U+0000, which no literal can hold; None: no text
            of the engine can.
        nfc: The expression for Unicode NFC of ``{x}``; None: the engine has no word for it.
        nfc_varies: The engine holds that expression for one that varies: no aggregate may have it.
        interval: ``{n}`` of ``{unit}`` as a length of *elapsed* time.
        calendar_back: ``{x}`` (a wall clock) moved back by ``{n}`` calendar ``{unit}``.
        unit_start: The wall clock at which the ``{unit}`` of ``{x}`` began (Monday weeks).
        week_start: The same for weeks, where they are said otherwise; empty: as other units.
        local_clock: The wall clock in ``{zone}`` at the UTC instant ``{x}``.
        largest: A row for each of ``{count}`` values ``{x}`` of a group, from the ``{first}``-th
            largest to the ``{last}``-th; empty: no function makes rows, so they are numbered.
        stretch: The number of the stretch of ``{width}`` microseconds that holds ``{x}``.
        stretch_start: When the stretch of ``{width}`` microseconds that holds ``{x}`` began.
        instant: A stored ``{x}`` as a UTC wall clock: instants with a zone whatever the session's.
        numbers: A row for each integer from ``{first}`` to ``{last}``.
        each: What stands in FROM so that ``numbers`` names one of them; empty: nothing need.
        collate: What follows a text so that it is ordered by code points; empty: it always is.
        longest_name: How many bytes of a name the engine reads; None: all of them.
        except_own: The word that leaves columns out of ``*``; None: there is none.
        qualify: ``QUALIFY`` is there.
        once: The word for a step that is computed once, where a column that is read often would
            otherwise be written out as often.
        numbered: The number of a row in the order of its table, or by the ``{columns}`` that
            answers depend on: where a step may be computed anew for each who reads it, only rows
            of equal answers may change places.
        escapes: What a text literal or a name cannot hold as it is, and how a literal writes it; in
            this order.
        moment: A TIMESTAMP constant of the text ``{x}``, or ``{exact}``, microseconds always there.
        moved: The wall clock ``{x}`` moved back by how far ``{clock}`` is after ``{moment}``.
        day: A DATE constant of the text ``{x}``.
        nan_last: The key before a DOUBLE ``{x}`` in an order, where NaN would come first.
        filters: An aggregate has FILTER; else conditions stand inside its parentheses.
        strange: The pattern of characters that no name can hold; None: it can hold all.
        orders_inside: An aggregate's rows can be put in any order inside its parentheses.
        runs: Windows over keys with many rows are running aggregates (``to_sql_running``), for
            which ``ops.spark_running`` has the words.
        frames: Windows over keys with many rows are frames (``to_sql_frames``).
        first: The comment that a training query begins with: what the session must be.
    """

    name: str
    quote: str
    types: Mapping[Kind, str]
    infinities: tuple[str, str, str]
    nul: str | None
    nfc: str | None
    interval: str
    calendar_back: str
    unit_start: str
    local_clock: str
    largest: str
    stretch: str
    stretch_start: str
    instant: str
    numbers: str
    collate: str = ""
    longest_name: int | None = None
    except_own: str | None = None
    qualify: bool = True
    once: str = ""
    numbered: str = "row_number() OVER ()"
    escapes: Mapping[str, str] = field(default_factory=dict)
    week_start: str = ""
    each: str = ""
    moment: str = "TIMESTAMP '{x}'"
    day: str = "DATE '{x}'"
    moved: str = "{x} - ({clock} - {moment})"
    nan_last: str = ""
    filters: bool = True
    strange: str | None = None
    orders_inside: bool = True
    nfc_varies: bool = False
    runs: bool = False
    frames: bool = False
    first: str = ""

    def identifier(self, name: str) -> str:
        """Return ``name`` quoted; a quotation mark in it is doubled and stays a name.

        A name longer than the engine reads keeps its beginning and gets a digest of the whole:
        cut by the engine, two names could become one. So does one with characters that no name can
        hold.

        Raises:
            NoSpelling: FK190, the engine would read something else.
        """
        if SUBSTITUTED in self.escapes and SUBSTITUTED in name:
            why = f"it would put a setting in the place of {SUBSTITUTED}...}}"
            raise NoSpelling(f"the name {name}", self.name, why)
        whole = name.encode()
        digest = hashlib.sha256(whole).hexdigest()[:12]
        if self.longest_name is not None and len(whole) > self.longest_name:
            name = f"{whole[: self.longest_name - 13].decode(errors='ignore')} {digest}"
        if self.is_strange(name):
            name = f"{re.sub(str(self.strange), '_', name)}_{digest}"
        return f"{self.quote}{name.replace(self.quote, self.quote * 2)}{self.quote}"

    @property
    def in_order(self) -> str:
        """What to say of the spine's rows where its table has an order."""
        return "" if "{columns}" in self.numbered else " in their order"

    def is_strange(self, name: str) -> bool:
        """Whether ``name`` holds characters that no name can."""
        return self.strange is not None and re.search(self.strange, name) is not None

    def text(self, value: str) -> str:
        """Return ``value`` as a VARCHAR literal.

        Raises:
            NoSpelling: FK190, the engine has no such text.
        """
        for plain, escaped in self.escapes.items():
            value = value.replace(plain, escaped)
        pieces = ["'" + piece.replace("'", "''") + "'" for piece in value.split("\x00")]
        if len(pieces) == 1:
            return pieces[0]
        if self.nul is None:
            raise NoSpelling("a text with U+0000", self.name, "no text there holds that character")
        return "(" + f" || {self.nul} || ".join(pieces) + ")"

    def type(self, kind: DataType) -> str:
        """Return the engine's word for a type.

        Raises:
            NoSpelling: FK190, it has not been tried there.
        """
        if kind.kind not in self.types:
            raise NoSpelling(f"the type {kind}", self.name, f"not yet tried on {self.name}")
        inner = self.type(kind.element) if kind.element else ""
        return self.types[kind.kind].format(
            precision=kind.precision, scale=kind.scale, element=inner
        )

    def cast(self, text: str, kind: DataType) -> str:
        """Return ``text`` with its type spelled out."""
        return f"CAST({text} AS {self.type(kind)})"

    def read(self, text: str, kind: DataType) -> str:
        """Return a stored column with its type spelled out."""
        if kind.kind is Kind.TIMESTAMP:
            return self.instant.format(x=text)
        return self.cast(text, kind)

    def literal(self, value: Any, kind: DataType) -> str:
        """Return a constant that has exactly this value and type on the engine."""
        if value is None:
            return "NULL" if kind.kind is Kind.NULL else self.cast("NULL", kind)
        match value:
            case bool():
                return "TRUE" if value else "FALSE"
            case str():
                return self.text(value)
            case float():
                return self.cast(f"'{self._double(value)}'", kind)
            case int():
                return self.cast(str(value), kind)
            case Decimal():
                return self.cast(f"'{value:f}'", kind)
            case dt.datetime():
                naive = value.astimezone(dt.UTC).replace(tzinfo=None)
                exact = naive.isoformat(" ", "microseconds")
                return self.moment.format(x=naive.isoformat(" "), exact=exact)
            case dt.date():
                return self.day.format(x=value.isoformat())
            case dt.timedelta():
                return self.length(value // dt.timedelta(microseconds=1))
            case _:
                msg = f"no SQL literal for {type(value).__name__}"
                raise TypeError(msg)

    def _double(self, value: float) -> str:
        if math.isnan(value):
            return self.infinities[2]
        if math.isinf(value):
            return self.infinities[0 if value > 0 else 1]
        return repr(value)

    def began(self, unit: str, clock: str) -> str:
        """Return the wall clock at which the ``unit`` of ``clock`` began."""
        template = self.week_start if unit == "week" and self.week_start else self.unit_start
        return template.format(unit=unit, x=clock)

    def ordered(self, text: str, kind: DataType, way: str) -> str:
        """Return the keys that order ``text`` of this type as the language does, ``way`` each."""
        if kind.kind is Kind.DOUBLE and self.nan_last:
            return f"{self.nan_last.format(x=text)} {way}, {text} {way}"
        return f"{text}{self.collate if kind.kind is Kind.VARCHAR else ''} {way}"

    def length(self, microseconds: int) -> str:
        """Return a length of elapsed time in the largest unit that says it exactly."""
        for unit, letter in (("DAY", "d"), ("HOUR", "h"), ("MINUTE", "m"), ("SECOND", "s")):
            if microseconds % UNITS[letter] == 0:
                return self.interval.format(n=microseconds // UNITS[letter], unit=unit)
        return self.interval.format(n=microseconds, unit="MICROSECOND")


ColumnText = Callable[[Any], str]
"""From a ``Column`` to the text that stands for it in the query."""
