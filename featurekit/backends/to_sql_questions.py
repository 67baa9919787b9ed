"""The questions of a training query: the spine's rows numbered, typed, with their window bounds."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from featurekit.backends.to_sql_dialect import Dialect
from featurekit.datatypes import TIMESTAMP, DataType
from featurekit.ir.nodes import Column
from featurekit.ir.view import View, aggregates, request_columns
from featurekit.ir.windows import (
    AllTime,
    Calendar,
    CalendarUnit,
    LastRows,
    Rolling,
    ToDate,
    Window,
)

SPINE, ASKED = "fk_spine", "fk_asked"
ROW, AS_OF, WHOLE = "fk_row", "fk_as_of", "fk_whole"
UTC = "UTC"


@dataclass(frozen=True, slots=True)
class Part:
    """One named step (a CTE) of the query."""

    name: str
    comment: str
    body: str


def select(columns: Iterable[str]) -> str:
    """Return ``SELECT`` with a line a column."""
    return "SELECT\n  " + ",\n  ".join(columns)


_WHOLE = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|--[^\n]*|\n""")


def indented(text: str) -> str:
    """Return SQL two columns further right; what stands in quotes keeps its own line ends."""
    return "  " + _WHOLE.sub(lambda found: "\n  " if found[0] == "\n" else found[0], text)


@dataclass(frozen=True, slots=True, order=True)
class Boundary:
    """When the local ``unit`` began, ``back`` units before the current one."""

    zone: str
    unit: CalendarUnit
    back: int

    @property
    def name(self) -> str:
        """What the column is called."""
        return f"fk_{self.unit.value}_{self.back} {self.zone}"


@dataclass(frozen=True, slots=True)
class Questions:
    """The spine made ready, and how to speak of it.

    Attributes:
        dialect: Whose words.
        parts: The steps that end in ``fk_asked``, one row a spine row.
        names: What a typed spine column is called there.
    """

    dialect: Dialect
    parts: tuple[Part, ...]
    names: Mapping[tuple[str, DataType], str]

    def own(self, name: str) -> str:
        """Return the text for a column of ``fk_asked``."""
        return f"{self.dialect.identifier(ASKED)}.{self.dialect.identifier(name)}"

    def column(self, name: str, kind: DataType) -> str:
        """Return the text for a key or request column of the asked row."""
        return self.own(self.names[name, kind])

    @property
    def row(self) -> str:
        """The spine row's number."""
        return self.own(ROW)

    @property
    def as_of(self) -> str:
        """The moment of asking."""
        return self.own(AS_OF)

    def start(self, window: Window, zone: str) -> str | None:
        """Return the text for the first instant inside ``window``; None: from the first row."""
        match window:
            case Rolling(length, offset):
                return self.before(length + offset)
            case Calendar(count, unit):
                return self.own(Boundary(zone, unit, count).name)
            case ToDate(unit):
                return self.own(Boundary(zone, unit, 0).name)
            case LastRows() | AllTime():
                return None

    def end(self, window: Window, zone: str) -> str | None:
        """Return the text for the first instant after ``window``; None: the moment of asking."""
        match window:
            case Rolling(_, offset) if offset:
                return self.before(offset)
            case Calendar(_, unit):
                return self.own(Boundary(zone, unit, 0).name)
            case _:
                return None

    def before(self, microseconds: int) -> str:
        """Return the text for the instant that long before the moment of asking."""
        return f"{self.as_of} - {self.dialect.length(microseconds)}"


def questions(dialect: Dialect, views: Iterable[View], time: str) -> Questions:
    """Return the steps from the table ``spine`` to typed questions for ``views``.

    Args:
        dialect: Whose words.
        views: Every view that is computed.
        time: The spine's column that says when it is asked.
    """
    every = tuple(views)
    names = _names(every)
    quoted = dialect.identifier
    asked = [f"{quoted(SPINE)}.{quoted(ROW)}", f"{quoted(SPINE)}.{quoted(AS_OF)}"]
    asked += [
        f"{dialect.cast(f'{quoted(SPINE)}.{quoted(name)}', kind)} AS {quoted(alias)}"
        for (name, kind), alias in names.items()
    ]
    given = quoted("spine") if dialect.except_own else quoted("fk_given")
    moment = dialect.cast(f"{given}.{quoted(time)}", TIMESTAMP)
    columns = [f"{dialect.numbered} AS {quoted(ROW)}", f"{moment} AS {quoted(AS_OF)}"]
    # where columns cannot be left out of *, the whole row goes along to be taken apart at the end
    columns += [] if dialect.except_own else [f"{given} AS {quoted(WHOLE)}"]
    table = quoted("spine") + ("" if dialect.except_own else f" AS {given}")
    spine = Part(
        SPINE,
        "the questions: the spine's rows in their order, and when each is asked (UTC)",
        select([*columns, f"{given}.*"]) + f"\nFROM {table}",
    )
    typed = f"{select(asked)}\nFROM {quoted(SPINE)}"
    bounds = _boundaries(every)
    if not bounds:
        return Questions(dialect, (spine, Part(ASKED, "what is asked with, typed", typed)), names)
    first = Part("fk_typed", "what is asked with, typed", typed)
    return Questions(dialect, (spine, first, *_calendar(dialect, bounds)), names)


def _names(views: Iterable[View]) -> dict[tuple[str, DataType], str]:
    """Give each spine column that is read one name a type."""
    read: dict[tuple[str, DataType], None] = {}
    for view in views:
        for entity in view.entities:
            read.update(dict.fromkeys((key.name, key.type) for key in entity.keys))
        columns: tuple[Column, ...] = request_columns(view)
        read.update(dict.fromkeys((column.name, column.type) for column in columns))
    taken: dict[str, int] = {}
    names: dict[tuple[str, DataType], str] = {}
    for name, kind in read:
        taken[name] = taken.get(name, 0) + 1
        names[name, kind] = name if taken[name] == 1 else f"{name} {kind}"
    return names


def _boundaries(views: Iterable[View]) -> tuple[Boundary, ...]:
    found: set[Boundary] = set()
    for view in views:
        for aggregate in aggregates(view):
            match aggregate.window:
                case Calendar(count, unit):
                    found |= {Boundary(view.zone, unit, count), Boundary(view.zone, unit, 0)}
                case ToDate(unit):
                    found.add(Boundary(view.zone, unit, 0))
                case _:
                    pass
    return tuple(sorted(found))


def _calendar(dialect: Dialect, bounds: tuple[Boundary, ...]) -> Iterable[Part]:
    """Yield the steps from the moment of asking to the instants at which local units began."""
    quoted = dialect.identifier
    zones = dict.fromkeys(bound.zone for bound in bounds if bound.zone != UTC)
    clocks = [
        f"{_clock(dialect, zone, quoted(AS_OF))} AS {quoted(f'fk_clock {zone}')}" for zone in zones
    ]
    walls = [_wall(dialect, bound) for bound in bounds]
    both = [text for bound in bounds for text in _candidates(dialect, bound)]
    instants = [_instant(dialect, bound) for bound in bounds]
    steps = (
        ("fk_clocks", "the wall clock where it is asked", clocks),
        ("fk_walls", "when local units began, by the wall clock", walls),
        ("fk_instants", "the instants at which the wall clock may have read so", both),
        (ASKED, "when the windows begin and end, as instants", instants),
    )
    source = "fk_typed"
    for name, comment, columns in steps:
        if columns:
            body = f"{select([f'{quoted(source)}.*', *columns])}\nFROM {quoted(source)}"
            yield Part(name, comment, body)
            source = name


def _clock(dialect: Dialect, zone: str, instant: str) -> str:
    return dialect.local_clock.format(zone=dialect.text(zone), x=instant)


def _wall(dialect: Dialect, bound: Boundary) -> str:
    quoted = dialect.identifier
    now = quoted(AS_OF) if bound.zone == UTC else quoted(f"fk_clock {bound.zone}")
    began = dialect.unit_start.format(unit=bound.unit.value, x=now)
    if bound.back:
        unit = bound.unit.value.upper()
        began = dialect.calendar_back.format(x=began, n=bound.back, unit=unit)
    return f"{began} AS {quoted(f'{bound.name} wall')}"


def _candidates(dialect: Dialect, bound: Boundary) -> list[str]:
    """Return the instants that read as the wall clock with the offset of a day before and after."""
    if bound.zone == UTC:
        return []
    text = dialect.identifier(f"{bound.name} wall")
    made = []
    for side, sign in (("before", "-"), ("after", "+")):
        moment = f"({text} {sign} {dialect.length(86_400_000_000)})"
        offset = f"({_clock(dialect, bound.zone, moment)} - {moment})"
        made.append(f"{text} - {offset} AS {dialect.identifier(f'{bound.name} {side}')}")
    return made


def _instant(dialect: Dialect, bound: Boundary) -> str:
    """Choose the instant at which a wall clock read so.

    A wall clock may be read twice or never. The first instant that reads back as it counts (so of
    two midnights the earlier); where none does, midnight was skipped, and the offset from before
    the change moves it forward.
    """
    chosen = text = dialect.identifier(f"{bound.name} wall")
    if bound.zone != UTC:
        before, after = (dialect.identifier(f"{bound.name} {side}") for side in ("before", "after"))
        chosen = (
            f"CASE WHEN {_clock(dialect, bound.zone, before)} = {text} THEN {before}"
            f" WHEN {_clock(dialect, bound.zone, after)} = {text} THEN {after} ELSE {before} END"
        )
    earliest = dialect.literal(dt.datetime(1, 1, 1, tzinfo=dt.UTC), TIMESTAMP)
    return f"GREATEST({chosen}, {earliest}) AS {dialect.identifier(bound.name)}"
