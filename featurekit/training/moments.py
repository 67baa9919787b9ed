"""Where windows begin and end, for many moments at once; the meaning is ``ir.windows``."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from featurekit.backends.to_polars import PURPOSE
from featurekit.ir.schedules import Every, Schedule, refreshed
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
_WHOLE_MINUTES_SINCE = 3 * 366 * 1440 * _MINUTE
"""Since 1973 every zone's clock has changed at whole minutes of UTC."""


def bounds(window: Window, t: pl.Series, zone: str) -> tuple[pl.Series | None, pl.Series]:
    """Return start (None: from the first row) and end of ``window`` for each moment.

    Units: microseconds since 1970 UTC; ``t`` holds no nulls.
    """
    match window:
        case Rolling(length, offset):
            return t - (offset + length), t - offset
        case Calendar(count, unit):
            return unit_starts(t, zone, unit, count), unit_starts(t, zone, unit, 0)
        case ToDate(unit):
            return unit_starts(t, zone, unit, 0), t
        case AllTime(offset):
            return None, t - offset
        case LastRows():
            return None, t


def refreshes(t: pl.Series, schedule: Schedule) -> pl.Series:
    """Return ``refreshed`` of each moment, asking it once for each minute; null stays null."""
    pl = require("polars", PURPOSE)
    if isinstance(schedule, Every):
        return t - t % schedule.length
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
    """Return ``unit_start`` of each moment, asking it once for each local day."""
    pl = require("polars", PURPOSE)
    minutes = _minutes(t)
    found: dict[int, int] = {}
    by_day: dict[dt.date, int] = {}
    clock = ZoneInfo(zone)
    for moment in minutes.unique().to_list():
        day = (EPOCH + moment * MICROSECOND).astimezone(clock).date()
        start = by_day.get(day)
        if start is None:
            start = by_day[day] = unit_start(moment, zone, unit.value, back)
        found[moment] = start
    old = pl.Series(list(found), dtype=pl.Int64)
    new = pl.Series(list(found.values()), dtype=pl.Int64)
    return minutes.replace_strict(old, new)
