"""Windows: which rows of an entity an aggregate sees when it is asked at moment ``t``.

Every window is half-open in event time, ``[start, end)``, in microseconds since 1970 UTC. The
functions below the classes are the meaning and stand in generated Python as they are; every
other engine is tested against them.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

MICROSECOND = dt.timedelta(microseconds=1)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
UNITS = {"s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
UNITS["w"] = 7 * UNITS["d"]
UNITS["us"] = 1


class CalendarUnit(StrEnum):
    """What a calendar counts in; a week starts on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Rolling:
    """``last_30d``: elapsed time, ``[t - offset - length, t - offset)``, in microseconds.

    What a label looks ahead to has an offset below zero: ``next_30d`` is ``[t, t + 30 d)``,
    ``next_7d_after_7d`` is ``[t + 7 d, t + 14 d)``. No window holds both what was and what comes.
    """

    length: int
    offset: int = 0

    @property
    def ahead(self) -> int:
        """How far after ``t`` it ends, in microseconds; 0 for what looks back."""
        return max(-self.offset, 0)


@dataclass(frozen=True, slots=True)
class Calendar:
    """``calendar_7d``: that many whole local days (weeks, months) before the current one."""

    count: int
    unit: CalendarUnit


@dataclass(frozen=True, slots=True)
class ToDate:
    """``month_to_date``: from the local start of the current unit to ``t``."""

    unit: CalendarUnit


@dataclass(frozen=True, slots=True)
class LastRows:
    """``last_20_rows``: the latest ``count`` visible rows that precede the latest ``offset``."""

    count: int
    offset: int = 0


@dataclass(frozen=True, slots=True)
class AllTime:
    """``all_time``: every visible row with event time before ``t - offset``, in microseconds."""

    offset: int = 0


Window = Rolling | Calendar | ToDate | LastRows | AllTime

EXAMPLES = ("last_30d", "last_6h", "calendar_7d", "month_to_date", "last_20_rows", "all_time")
EXAMPLES_AHEAD = ("next_30d", "next_6h", "next_7d_after_7d", "last_30d", "all_time")
_TO_DATE = {
    "today": CalendarUnit.DAY,
    "week_to_date": CalendarUnit.WEEK,
    "month_to_date": CalendarUnit.MONTH,
    "year_to_date": CalendarUnit.YEAR,
}
_CALENDAR = {"d": CalendarUnit.DAY, "w": CalendarUnit.WEEK, "mo": CalendarUnit.MONTH}
_LONGEST = 400 * 366 * UNITS["d"]
_LENGTH = r"([1-9]\d{0,16})(us|[smhdw])"


def parse_window(name: str) -> Window | None:
    """Return the window that ``name`` spells, or None."""
    name = name.lower()
    if name in _TO_DATE:
        return ToDate(_TO_DATE[name])
    if found := re.fullmatch(rf"all_time(?:_before_{_LENGTH})?", name):
        offset = _length(found[1], found[2])
        return AllTime(offset) if offset <= _LONGEST else None
    if found := re.fullmatch(r"last_([1-9]\d{0,8})_rows(?:_before_([1-9]\d{0,8}))?", name):
        return LastRows(int(found[1]), int(found[2] or 0))
    if found := re.fullmatch(r"calendar_([1-9]\d{0,3})(d|w|mo)", name):
        return Calendar(int(found[1]), _CALENDAR[found[2]])
    if found := re.fullmatch(f"last_{_LENGTH}(?:_before_{_LENGTH})?", name):
        size, offset = _length(found[1], found[2]), _length(found[3], found[4])
        return Rolling(size, offset) if size + offset <= _LONGEST else None
    if found := re.fullmatch(f"next_{_LENGTH}(?:_after_{_LENGTH})?", name):
        size, offset = _length(found[1], found[2]), _length(found[3], found[4])
        return Rolling(size, -size - offset) if size + offset <= _LONGEST else None
    return None


def _length(number: str | None, unit: str | None) -> int:
    return int(number) * UNITS[unit] if number and unit else 0


def length_name(microseconds: int) -> str:
    """Return ``30d``, ``6h``, ... for a length of time, in the largest unit that is exact."""
    unit = next(unit for unit in ("d", "h", "m", "s", "us") if microseconds % UNITS[unit] == 0)
    return f"{microseconds // UNITS[unit]}{unit}"


def window_name(window: Window) -> str:
    """Return the name that spells ``window``; ``parse_window`` reads it back."""
    match window:
        case Rolling(length, offset) if offset < 0:
            after = f"_after_{length_name(-offset - length)}" if length + offset else ""
            return f"next_{length_name(length)}{after}"
        case Rolling(length, offset):
            return f"last_{length_name(length)}{_before(offset and length_name(offset))}"
        case Calendar(count, unit):
            letters = {u: letter for letter, u in _CALENDAR.items()}
            return f"calendar_{count}{letters[unit]}"
        case ToDate(unit):
            return next(name for name, u in _TO_DATE.items() if u is unit)
        case LastRows(count, offset):
            return f"last_{count}_rows{_before(offset)}"
        case AllTime(offset):
            return f"all_time{_before(offset and length_name(offset))}"


def _before(offset: str | int) -> str:
    return f"_before_{offset}" if offset else ""


def window_bounds(window: Window, t: int, zone: str) -> tuple[int | None, int]:
    """Return ``(start, end)`` of ``window`` asked at ``t``; start None: from the first row.

    ``last_N_rows`` has the bounds of ``all_time``; ``row_bounds`` picks among the visible rows.
    """
    match window:
        case Rolling(length, offset):
            return t - offset - length, t - offset
        case Calendar(count, unit):
            return unit_start(t, zone, unit.value, count), unit_start(t, zone, unit.value, 0)
        case ToDate(unit):
            return unit_start(t, zone, unit.value, 0), t
        case AllTime(offset):
            return None, t - offset
        case LastRows():
            return None, t


def row_bounds(window: LastRows, visible: int) -> tuple[int, int]:
    """Return ``(start, end)``: which of ``visible`` rows, in order, the window holds."""
    end = max(visible - window.offset, 0)
    return max(end - window.count, 0), end


# --- the meaning of local time; these three functions are copied into generated packages


def to_micros(moment: dt.datetime) -> int:
    """Return microseconds since 1970 UTC."""
    return (moment - EPOCH) // MICROSECOND


def local_midnight(day: dt.date, zone: str) -> int:
    """Return the instant at which ``day`` begins in ``zone``, in microseconds UTC.

    Where midnight comes twice the earlier instant counts; where it is skipped the clock's jump.
    """
    wall = dt.datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return to_micros(wall.astimezone(dt.UTC))


def unit_start(t: int, zone: str, unit: str, back: int) -> int:
    """Return when the local day, week (Monday), month or year began, ``back`` units before t's.

    Years before 1 answer 0001-01-01.
    """
    today = (EPOCH + t * MICROSECOND).astimezone(ZoneInfo(zone)).date()
    months = today.year * 12 + today.month - 1
    try:
        if unit == "day":
            day = today - dt.timedelta(days=back)
        elif unit == "week":
            day = today - dt.timedelta(days=today.weekday() + 7 * back)
        elif unit == "month":
            day = dt.date((months - back) // 12, (months - back) % 12 + 1, 1)
        else:
            day = dt.date(today.year - back, 1, 1)
        return local_midnight(day, zone)
    except (OverflowError, ValueError):
        return to_micros(dt.datetime(1, 1, 1, tzinfo=dt.UTC))
