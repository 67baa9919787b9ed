"""Refresh schedules: an answer is the one of the last refresh at or before the moment of asking.

A label's is the one of a later moment.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from featurekit.ir.windows import EPOCH, MICROSECOND, UNITS, length_name, to_micros

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EXAMPLES = ("realtime", "every 15m", "daily 02:00 Europe/London", "weekly monday 06:30 UTC")


@dataclass(frozen=True, slots=True)
class Every:
    """``every 15m``: at the whole multiples of ``length`` microseconds since midnight UTC."""

    length: int


@dataclass(frozen=True, slots=True)
class At:
    """``daily 02:00 Europe/London``, ``weekly monday 02:00 UTC``: at a local time of day.

    Attributes:
        minute: Minutes after local midnight as the clock shows it; a time that the clock skips is
            the jump's length later, of one that comes twice the first counts.
        zone: IANA zone of the clock.
        weekday: 0 for Monday; None: every day.
    """

    minute: int
    zone: str
    weekday: int | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """Asked ``length`` microseconds after the moment: how training asks for labels.

    No author writes it and no service knows it: nobody has the answer at the moment itself.
    """

    length: int


Schedule = Every | At | Later


def parse_schedule(text: str) -> Schedule | None:
    """Return the schedule that ``text`` spells, or None; the zone is not looked up."""
    words = " ".join(text.split())
    if found := re.fullmatch(r"every ([1-9]\d{0,3})([smh])", words.lower()):
        length = int(found[1]) * UNITS[found[2]]
        return Every(length) if UNITS["d"] % length == 0 else None
    days = "|".join(WEEKDAYS)
    clock = r"([01]\d|2[0-3]):([0-5]\d) ([A-Za-z][\w/+-]*)"
    if found := re.fullmatch(rf"(?i:daily|weekly ({days})) {clock}", words):
        weekday = WEEKDAYS.index(found[1].lower()) if found[1] else None
        return At(int(found[2]) * 60 + int(found[3]), found[4], weekday)
    return None


def schedule_name(schedule: Schedule | None) -> str:
    """Return the text that spells ``schedule``; None is ``realtime``."""
    match schedule:
        case None:
            return "realtime"
        case Every(length):
            return f"every {length_name(length)}"
        case At(minute, zone, weekday):
            often = "daily" if weekday is None else f"weekly {WEEKDAYS[weekday]}"
            return f"{often} {minute // 60:02}:{minute % 60:02} {zone}"
        case Later(length):
            return f"{length_name(length)} later"


def refreshed(t: int, schedule: Schedule | None) -> int:
    """Return the moment whose answer holds at ``t``: the last refresh, ``t`` itself, or later.

    Units: microseconds since 1970 UTC.
    """
    match schedule:
        case None:
            return t
        case Every(length):
            return t - t % length
        case At(minute, zone, weekday):
            return last_local_time(t, zone, minute, weekday)
        case Later(length):
            return t + length


# --- this function is copied into generated packages


def last_local_time(t: int, zone: str, minute: int, weekday: int | None) -> int:
    """Return the last instant at or before ``t`` at which the clock in ``zone`` showed ``minute``.

    Args:
        t: Microseconds since 1970 UTC.
        zone: IANA zone.
        minute: Minutes after midnight.
        weekday: 0 for Monday, or None for any day.

    A time that the clock skips counts as the jump's length later; of one that comes twice the
    first counts. Before the year 1 there is no clock: its beginning answers.
    """
    clock, step = ZoneInfo(zone), dt.timedelta(days=1)
    try:
        today = (EPOCH + t * MICROSECOND).astimezone(clock).date()
        # tomorrow's first hour may come before today's last
        day = min(today, dt.date.max - step) + step
        while True:
            if weekday is None or day.weekday() == weekday:
                found = _instant(day, minute, clock)
                if found is not None and found <= t:
                    return found
            day -= step
    except OverflowError:
        return to_micros(dt.datetime(1, 1, 1, tzinfo=dt.UTC))


def _instant(day: dt.date, minute: int, clock: ZoneInfo) -> int | None:
    """Return when the clock showed ``minute`` that day; None beyond the years 1 to 9999 of UTC."""
    wall = dt.datetime.combine(day, dt.time(minute // 60, minute % 60), clock)
    try:
        return to_micros(wall.astimezone(dt.UTC))
    except OverflowError:
        return None
