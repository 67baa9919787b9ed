"""Local time in a training query: when views are refreshed, and when local units began.

A wall clock may read the same twice or skip a time. So each local time is looked for in steps: what
the clock reads, the instants at which it may read so, and which of them counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from featurekit.backends.to_sql_dialect import Dialect
from featurekit.backends.to_sql_parts import Part, select
from featurekit.datatypes import TIMESTAMP
from featurekit.ir.schedules import At, Every, Later, Schedule, schedule_name
from featurekit.ir.windows import UNITS, CalendarUnit

TYPED, ASKED, AS_OF = "fk_typed", "fk_asked", "fk_as_of"
UTC = "UTC"
_EARLIEST = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
_DAY = UNITS["d"]
_DAILY, _WEEKLY = 4, 2
_Step = tuple[str, str, Sequence[str]]
"""The name of a step, what it is about, and the columns that it adds."""


@dataclass(frozen=True, slots=True, order=True)
class Boundary:
    """When the local ``unit`` began, ``back`` units before that of the column ``moment``."""

    zone: str
    unit: CalendarUnit
    back: int
    moment: str = AS_OF

    @property
    def name(self) -> str:
        """What the column is called."""
        return f"fk_{self.unit.value}_{self.back} {self.zone}{self._of_moment}"

    @property
    def clock(self) -> str:
        """What the column with the wall clock of the moment is called."""
        return f"fk_clock {self.zone}{self._of_moment}"

    @property
    def _of_moment(self) -> str:
        return "" if self.moment == AS_OF else f" of {self.moment.removeprefix(f'{AS_OF} ')}"


def refreshed_name(schedule: Schedule) -> str:
    """Return what the column with the moment of the last refresh is called."""
    return f"{AS_OF} {schedule_name(schedule)}"


def local_steps(
    dialect: Dialect, typed: str, schedules: Sequence[Schedule], bounds: Sequence[Boundary]
) -> Iterable[Part]:
    """Yield the steps from typed questions to ``fk_asked``, each with more local times beside them.

    Args:
        dialect: Whose words.
        typed: The body of the first step.
        schedules: By which views are refreshed.
        bounds: Where the windows of views begin and end.
    """
    quoted = dialect.identifier
    steps = [*_refreshes(dialect, schedules), *_calendar(dialect, bounds)]
    some = [(name, comment, columns) for name, comment, columns in steps if columns]
    names = [TYPED, *(name for name, _, _ in some)]
    names[-1] = ASKED
    yield Part(names[0], "what is asked with, typed", typed)
    for (before, name), (_, comment, columns) in zip(pairwise(names), some, strict=True):
        body = f"{select([f'{quoted(before)}.*', *columns])}\nFROM {quoted(before)}"
        yield Part(name, comment, body, once=True)


# --- from what the clock reads to an instant


def _clock(dialect: Dialect, zone: str, instant: str) -> str:
    """Return the text for what the clock in ``zone`` reads at a UTC instant."""
    if zone == UTC:
        return instant
    return dialect.local_clock.format(zone=dialect.text(zone), x=instant)


def _readings(dialect: Dialect, zone: str, name: str) -> list[str]:
    """Return the instants that read as ``name wall`` with the offset of a day before and after."""
    if zone == UTC:
        return []
    text = dialect.identifier(f"{name} wall")
    made = []
    for side, sign in (("before", "-"), ("after", "+")):
        moment = f"({text} {sign} {dialect.length(_DAY)})"
        clock = _clock(dialect, zone, moment)
        instant = dialect.moved.format(x=text, clock=clock, moment=moment)
        made.append(f"{instant} AS {dialect.identifier(f'{name} {side}')}")
    return made


def _instant(dialect: Dialect, zone: str, name: str) -> str:
    """Choose the instant at which a wall clock read so.

    A wall clock may be read twice or never. The first instant that reads back as it counts (so of
    two midnights the earlier); where none does, the time was skipped, and the offset from before
    the change moves it forward.
    """
    chosen = text = dialect.identifier(f"{name} wall")
    if zone != UTC:
        before, after = (dialect.identifier(f"{name} {side}") for side in ("before", "after"))
        chosen = (
            f"CASE WHEN {_clock(dialect, zone, before)} = {text} THEN {before}"
            f" WHEN {_clock(dialect, zone, after)} = {text} THEN {after} ELSE {before} END"
        )
    earliest = dialect.literal(_EARLIEST, TIMESTAMP)
    return f"GREATEST({chosen}, {earliest}) AS {dialect.identifier(name)}"


# --- when local units began


def _calendar(dialect: Dialect, bounds: Sequence[Boundary]) -> Iterable[_Step]:
    quoted = dialect.identifier
    clocks = {
        bound.clock: _clock(dialect, bound.zone, quoted(bound.moment))
        for bound in bounds
        if bound.zone != UTC
    }
    yield (
        "fk_clocks",
        "the wall clock where it is asked",
        [f"{text} AS {quoted(name)}" for name, text in clocks.items()],
    )
    yield (
        "fk_walls",
        "when local units began, by the wall clock",
        [_wall(dialect, bound) for bound in bounds],
    )
    yield (
        "fk_instants",
        "the instants at which the wall clock may have read so",
        [text for bound in bounds for text in _readings(dialect, bound.zone, bound.name)],
    )
    yield (
        ASKED,
        "when the windows begin and end, as instants",
        [_instant(dialect, bound.zone, bound.name) for bound in bounds],
    )


def _wall(dialect: Dialect, bound: Boundary) -> str:
    now = dialect.identifier(bound.moment if bound.zone == UTC else bound.clock)
    began = dialect.began(bound.unit.value, now)
    if bound.back:
        unit = bound.unit.value.upper()
        began = dialect.calendar_back.format(x=began, n=bound.back, unit=unit)
    return f"{began} AS {dialect.identifier(f'{bound.name} wall')}"


# --- when a view was refreshed


def _refreshes(dialect: Dialect, schedules: Sequence[Schedule]) -> Iterable[_Step]:
    turns = [
        (one, f"fk_{schedule_name(one)} {n}", n)
        for one in schedules
        if isinstance(one, At)
        for n in range(_turns(one))
    ]
    yield (
        "fk_refresh_walls",
        "when the latest refreshes may have been, by the wall clock, the latest first",
        [_turn(dialect, one, name, n) for one, name, n in turns],
    )
    yield (
        "fk_refresh_readings",
        "the instants at which the wall clock may have read so",
        [text for one, name, _ in turns for text in _readings(dialect, one.zone, name)],
    )
    yield (
        "fk_refreshes",
        "when the latest refreshes were due, as instants",
        [_instant(dialect, one.zone, name) for one, name, _ in turns],
    )
    yield (
        "fk_refreshed",
        "the last refresh at or before the moment of asking",
        [_last_refresh(dialect, one) for one in schedules],
    )


def _turns(schedule: At) -> int:
    """Return how many turns of a schedule must be looked at so that one is not after the moment.

    The clock can be put back over midnight, so tomorrow's local time may have been already; a day
    that the clock skips puts its time a day later, upon that of the next.
    """
    return _DAILY if schedule.weekday is None else _WEEKLY


def _turn(dialect: Dialect, schedule: At, name: str, back: int) -> str:
    """Return the wall clock of a refresh, ``back`` turns before the latest by tomorrow."""
    weekday = schedule.weekday or 0
    every, unit = (1, "day") if schedule.weekday is None else (7, "week")
    clock = _clock(dialect, schedule.zone, dialect.identifier(AS_OF))
    near = _moved(dialect, clock, (1 - weekday - every * back) * _DAY)
    began = dialect.began(unit, near)
    due = _moved(dialect, began, weekday * _DAY + schedule.minute * UNITS["m"])
    return f"{due} AS {dialect.identifier(f'{name} wall')}"


def _moved(dialect: Dialect, moment: str, microseconds: int) -> str:
    if not microseconds:
        return moment
    return f"{moment} {'-' if microseconds < 0 else '+'} {dialect.length(abs(microseconds))}"


def _last_refresh(dialect: Dialect, schedule: Schedule) -> str:
    quoted = dialect.identifier
    as_of = quoted(AS_OF)
    match schedule:
        case Every(length):
            text = dialect.stretch_start.format(x=as_of, width=length)
        case At():
            names = [quoted(f"fk_{schedule_name(schedule)} {n}") for n in range(_turns(schedule))]
            whens = " ".join(f"WHEN {name} <= {as_of} THEN {name}" for name in names)
            text = f"CASE {whens} END"
        case Later(length):
            text = _moved(dialect, as_of, length)
    return f"{text} AS {quoted(refreshed_name(schedule))}"
