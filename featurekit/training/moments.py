"""Where windows begin and end, for many moments at once; the meaning is ``ir.windows``."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from featurekit.backends.to_polars import PURPOSE
from featurekit.ir.schedules import Every, Later, Schedule, refreshed
from featurekit.ir.windows import (
    EPOCH,
    MICROSECOND,
    AllTime,
    Calendar,
    CalendarUnit,
    LastRows,
    Rolling,
    ToDate,
    Window,
    unit_start,
)
from featurekit.lazy import require

if TYPE_CHECKING:
    import polars as pl

_MINUTE = 60_000_000
_HOUR = 60 * _MINUTE
_LAST_HOUR = 252_000_000_000_000_000
"""In the year 9955: no clock here goes on past 9999."""
_WHOLE_MINUTES_SINCE = 3 * 366 * 1440 * _MINUTE
"""Since 1973 every zone's clock has changed at whole minutes of UTC."""


def bounds(window: Window, t: pl.Series, zone: str) -> tuple[pl.Series | None, pl.Series]:
    """Return start (None: from the first row) and end of ``window`` for each moment.

    Units: microseconds since 1970 UTC; ``t`` holds no nulls.
    """
    match window:
        case Rolling(length, offset):
            return t - (offset + length), t - offset if offset else t
        case Calendar(count, unit):
            return unit_starts(t, zone, unit, count), unit_starts(t, zone, unit, 0)
        case ToDate(unit):
            return unit_starts(t, zone, unit, 0), t
        case AllTime(offset):
            return None, t - offset if offset else t
        case LastRows():
            return None, t


def refreshes(t: pl.Series, schedule: Schedule) -> pl.Series:
    """Return ``refreshed`` of each moment, asking it once for each minute; null stays null."""
    pl = require("polars", PURPOSE)
    if isinstance(schedule, Every):
        return t - t % schedule.length
    if isinstance(schedule, Later):
        return t + schedule.length
    minutes = _minutes(t)
    old = minutes.unique().drop_nulls()
    new = pl.Series([refreshed(moment, schedule) for moment in old.to_list()], dtype=pl.Int64)
    return minutes.replace_strict(old, new, default=None)


def _minutes(t: pl.Series) -> pl.Series:
    """Return the beginning of each moment's minute; of old moments the moment itself."""
    pl = require("polars", PURPOSE)
    exact = pl.col("t") < _WHOLE_MINUTES_SINCE
    minutes = pl.when(exact).then("t").otherwise(pl.col("t") // _MINUTE * _MINUTE)
    return t.to_frame("t").select(minutes=minutes)["minutes"]


def unit_starts(t: pl.Series, zone: str, unit: CalendarUnit, back: int) -> pl.Series:
    """Return ``unit_start`` of each moment, asking it once for each local day.

    Where a zone's clock and day are the same at both ends of an hour, so they are within it.
    """
    clock = ZoneInfo(zone)
    by_day: dict[dt.date, int] = {}

    def start(moment: int, day: dt.date) -> int:
        if day not in by_day:
            by_day[day] = unit_start(moment, zone, unit.value, back)
        return by_day[day]

    steady: dict[int, int] = {}
    near = t.is_between(_WHOLE_MINUTES_SINCE, _LAST_HOUR)
    hours = t - t % _HOUR
    for hour in hours.filter(near).unique().to_list():
        first, last = (_local(moment, clock) for moment in (hour, hour + _HOUR - 1))
        if (first.date(), first.utcoffset()) == (last.date(), last.utcoffset()):
            steady[hour] = start(hour, first.date())
    starts = _mapped(hours, steady)
    rest = starts.is_null()
    minutes = _minutes(t)
    single = {
        moment: start(moment, _local(moment, clock).date())
        for moment in minutes.filter(rest).unique().to_list()
    }
    return _mapped(minutes, single).zip_with(rest, starts)


def _local(moment: int, clock: ZoneInfo) -> dt.datetime:
    return (EPOCH + moment * MICROSECOND).astimezone(clock)


def _mapped(keys: pl.Series, found: dict[int, int]) -> pl.Series:
    pl = require("polars", PURPOSE)
    old, new = (pl.Series(list(part), dtype=pl.Int64) for part in (found, found.values()))
    return keys.replace_strict(old, new, default=None, return_dtype=pl.Int64)
