"""Truncating and moving dates and instants; what leaves the years 1 to 9999 is null."""

from __future__ import annotations

import calendar
import datetime as dt
from typing import Any

from featurekit import datatypes as types
from featurekit.datatypes import DataType
from featurekit.ops.operator import ConstantText, operator
from featurekit.ops.temporal import EPOCH, MICROSECOND, Day

EARLIEST = -62_135_596_800_000_000
LATEST = 253_402_300_799_999_999
"""The microseconds of 0001-01-01 00:00:00 and 9999-12-31 23:59:59.999999, counted from 1970."""

_TRUNCATE = {
    "year": "1y",
    "quarter": "1q",
    "month": "1mo",
    "week": "1w",
    "day": "1d",
    "hour": "1h",
    "minute": "1m",
    "second": "1s",
}
_MONTHS = {"year": 12, "quarter": 3, "month": 1}
_DAYS = {"week": 7, "day": 1}
_MICROSECONDS = {
    "week": 604_800_000_000,
    "day": 86_400_000_000,
    "hour": 3_600_000_000,
    "minute": 60_000_000,
    "second": 1_000_000,
    "microsecond": 1,
}


def _whole_days(unit: str, *_: Any) -> DataType | None:
    # smaller units have no overload for DATE: the date becomes an instant
    return types.DATE if unit in _MONTHS or unit in _DAYS else None


@operator(
    "DATE_TRUNC",
    polars=lambda pl, unit, x: x.dt.truncate(_TRUNCATE[unit]),
    sql="DATE_TRUNC({unit}, {x})",
)
def date_trunc(unit: ConstantText, x: dt.datetime) -> dt.datetime:
    """Return the beginning (UTC) of the unit that holds ``x``; weeks begin on Monday.

    Cases:
        date_trunc("year", TIMESTAMP "2024-05-06T07:08:09.5Z") = TIMESTAMP "2024-01-01T00:00:00Z"
        date_trunc("quarter", TIMESTAMP "2024-05-06T07:08:09Z") = TIMESTAMP "2024-04-01T00:00:00Z"
        date_trunc("month", TIMESTAMP "2024-05-06T07:08:09Z") = TIMESTAMP "2024-05-01T00:00:00Z"
        date_trunc("week", TIMESTAMP "2024-05-05T07:08:09Z") = TIMESTAMP "2024-04-29T00:00:00Z"
        date_trunc("day", TIMESTAMP "2024-05-06T07:08:09Z") = TIMESTAMP "2024-05-06T00:00:00Z"
        date_trunc("hour", TIMESTAMP "1969-12-31T23:59:59Z") = TIMESTAMP "1969-12-31T23:00:00Z"
        date_trunc("minute", TIMESTAMP "2024-05-06T07:08:09Z") = TIMESTAMP "2024-05-06T07:08:00Z"
        date_trunc("second", TIMESTAMP "2024-05-06T07:08:09.5Z") = TIMESTAMP "2024-05-06T07:08:09Z"
        date_trunc("day", null) = null
    """
    if unit == "second":
        return x.replace(microsecond=0)
    if unit == "minute":
        return x.replace(second=0, microsecond=0)
    if unit == "hour":
        return x.replace(minute=0, second=0, microsecond=0)
    if unit == "day":
        return x.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "week":
        monday = x - dt.timedelta(days=x.weekday())
        return monday.replace(hour=0, minute=0, second=0, microsecond=0)
    return first_of(unit, x.replace(day=1, hour=0, minute=0, second=0, microsecond=0))


def first_of(unit: str, x: Day) -> Day:
    """Return the first of the year, quarter or month, given a first of a month."""
    if unit == "year":
        return x.replace(month=1)
    if unit == "quarter":
        return x.replace(month=x.month - (x.month - 1) % 3)
    return x


@operator(
    "DATE_TRUNC",
    polars=lambda pl, unit, x: x.dt.truncate(_TRUNCATE[unit]),
    sql="CAST(DATE_TRUNC({unit}, {x}) AS DATE)",
    result=_whole_days,
)
def date_trunc_date(unit: ConstantText, x: dt.date) -> dt.date:
    """Return the first day of the year, quarter, month or week (from Monday) that holds ``x``.

    Cases:
        date_trunc_date("year", DATE "2024-05-06") = DATE "2024-01-01"
        date_trunc_date("quarter", DATE "2024-05-06") = DATE "2024-04-01"
        date_trunc_date("month", DATE "2024-02-29") = DATE "2024-02-01"
        date_trunc_date("week", DATE "2024-05-05") = DATE "2024-04-29"
        date_trunc_date("day", DATE "2024-05-05") = DATE "2024-05-05"
        date_trunc_date("day", null) = null
    """
    if unit == "day":
        return x
    if unit == "week":
        return x - dt.timedelta(days=x.weekday())
    return first_of(unit, x.replace(day=1))


def add_months(x: Day, months: int) -> Day | None:
    """Return the same day ``months`` later, or that month's last day where it is shorter."""
    year, month = divmod(x.year * 12 + x.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        return None
    last = calendar.monthrange(year, month + 1)[1]
    return x.replace(year=year, month=month + 1, day=min(x.day, last))


def add_microseconds(x: dt.datetime, count: int) -> dt.datetime | None:
    """Return the instant ``count`` microseconds later."""
    moved = (x - EPOCH) // MICROSECOND + count
    return EPOCH + dt.timedelta(microseconds=moved) if EARLIEST <= moved <= LATEST else None


def _months_later(pl: Any, x: Any, n: Any, size: int) -> Any:
    month = x.dt.year().cast(pl.Int128) * 12 + x.dt.month() - 1 + n.cast(pl.Int128) * size
    year = month // 12
    inside = (year >= 1) & (year <= 9999)
    year = pl.when(inside).then(year).otherwise(1).cast(pl.Int32)
    month = (month % 12 + 1).cast(pl.Int8)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    short = pl.when(month == 2).then(28 + leap.cast(pl.Int8)).otherwise(30)
    last = pl.when(month.is_in([1, 3, 5, 7, 8, 10, 12])).then(31).otherwise(short)
    day = pl.when(x.dt.day() > last).then(last).otherwise(x.dt.day())
    return pl.when(inside & x.is_not_null()).then(pl.date(year, month, day))


def _date_add(pl: Any, unit: str, n: Any, x: Any) -> Any:
    if unit in _MONTHS:
        moved = _months_later(pl, x, n, _MONTHS[unit]).dt.epoch("us")
        return (moved + (x - x.dt.truncate("1d")).dt.total_microseconds()).cast(_instant_type(pl))
    moved = x.dt.epoch("us").cast(pl.Int128) + n.cast(pl.Int128) * _MICROSECONDS[unit]
    inside = (moved >= EARLIEST) & (moved <= LATEST)
    return pl.when(inside).then(moved).cast(pl.Int64).cast(_instant_type(pl))


def _instant_type(pl: Any) -> Any:
    """Return the polars type of an instant."""
    return pl.Datetime("us", "UTC")


_SQL_MONTH = (
    "EXTRACT(YEAR FROM {x}) * 12 + EXTRACT(MONTH FROM {x}) - 1 + CAST({n} AS HUGEINT) * "
    "CASE {unit} WHEN 'year' THEN 12 WHEN 'quarter' THEN 3 ELSE 1 END BETWEEN 12 AND 119999"
)
_SQL_LATER = (
    "{x} + TO_MONTHS(TRY_CAST({n} * CASE {unit} WHEN 'year' THEN 12 WHEN 'quarter' THEN 3 "
    "ELSE 1 END AS INTEGER))"
)
_SQL_MOVED = (
    "EPOCH_US({x}) + CAST({n} AS HUGEINT) * CASE {unit} WHEN 'week' THEN 604800000000 "
    "WHEN 'day' THEN 86400000000 WHEN 'hour' THEN 3600000000 WHEN 'minute' THEN 60000000 "
    "WHEN 'second' THEN 1000000 ELSE 1 END"
)
_SQL_ADD = (
    f"CASE WHEN {{unit}} IN ('year', 'quarter', 'month') THEN CASE WHEN {_SQL_MONTH} "
    f"THEN {_SQL_LATER} END WHEN {_SQL_MOVED} BETWEEN {EARLIEST} AND {LATEST} "
    f"THEN MAKE_TIMESTAMP(TRY_CAST({_SQL_MOVED} AS BIGINT)) END"
)


@operator("DATE_ADD", polars=_date_add, sql=_SQL_ADD)
def date_add(unit: ConstantText, n: int, x: dt.datetime) -> dt.datetime | None:
    """Return ``x`` moved by ``n`` units; a month that is too short gives its last day.

    Cases:
        date_add("month", 1, TIMESTAMP "2024-01-31T10:00:00Z") = TIMESTAMP "2024-02-29T10:00:00Z"
        date_add("quarter", -1, TIMESTAMP "2024-05-31T10:00:00Z") = TIMESTAMP "2024-02-29T10:00:00Z"
        date_add("year", 1, TIMESTAMP "2024-02-29T10:00:00Z") = TIMESTAMP "2025-02-28T10:00:00Z"
        date_add("week", 1, TIMESTAMP "2024-12-31T10:00:00Z") = TIMESTAMP "2025-01-07T10:00:00Z"
        date_add("day", -1, TIMESTAMP "2024-03-01T10:00:00Z") = TIMESTAMP "2024-02-29T10:00:00Z"
        date_add("hour", 25, TIMESTAMP "2024-03-01T10:00:00Z") = TIMESTAMP "2024-03-02T11:00:00Z"
        date_add("minute", 1, TIMESTAMP "9999-12-31T23:59:59Z") = null
        date_add("second", -1, TIMESTAMP "0001-01-01T00:00:00Z") = null
        add("microsecond", 500000, TIMESTAMP "1970-01-01T00Z") = TIMESTAMP "1970-01-01T00:00:00.5Z"
        date_add("day", null, TIMESTAMP "2024-03-01T10:00:00Z") = null
    """
    if unit == "month":
        return add_months(x, n)
    if unit == "quarter":
        return add_months(x, n * 3)
    if unit == "year":
        return add_months(x, n * 12)
    if unit == "week":
        return add_microseconds(x, n * 604_800_000_000)
    if unit == "day":
        return add_microseconds(x, n * 86_400_000_000)
    if unit == "hour":
        return add_microseconds(x, n * 3_600_000_000)
    if unit == "minute":
        return add_microseconds(x, n * 60_000_000)
    return add_microseconds(x, n * 1_000_000 if unit == "second" else n)


def add_days(x: dt.date, count: int) -> dt.date | None:
    """Return the date ``count`` days later."""
    moved = x.toordinal() + count
    return dt.date.fromordinal(moved) if 1 <= moved <= 3_652_059 else None


def _date_add_date(pl: Any, unit: str, n: Any, x: Any) -> Any:
    if unit in _MONTHS:
        return _months_later(pl, x, n, _MONTHS[unit])
    moved = x.cast(pl.Int32).cast(pl.Int128) + n.cast(pl.Int128) * _DAYS[unit]
    inside = (moved >= -719_162) & (moved <= 2_932_896)
    return pl.when(inside).then(moved).cast(pl.Int32).cast(pl.Date)


@operator("DATE_ADD", polars=_date_add_date, sql=f"CAST({_SQL_ADD} AS DATE)", result=_whole_days)
def date_add_date(unit: ConstantText, n: int, x: dt.date) -> dt.date | None:
    """Return the date moved by ``n`` units; a month that is too short gives its last day.

    Cases:
        date_add_date("month", 1, DATE "2024-01-31") = DATE "2024-02-29"
        date_add_date("quarter", -1, DATE "2024-05-31") = DATE "2024-02-29"
        date_add_date("year", -1, DATE "2024-02-29") = DATE "2023-02-28"
        date_add_date("week", 1, DATE "2024-12-31") = DATE "2025-01-07"
        date_add_date("day", 1, DATE "9999-12-31") = null
        date_add_date("year", 9223372036854775807, DATE "2024-01-01") = null
        date_add_date("day", 1, null) = null
    """
    if unit == "month":
        return add_months(x, n)
    if unit == "quarter":
        return add_months(x, n * 3)
    if unit == "year":
        return add_months(x, n * 12)
    return add_days(x, n * 7 if unit == "week" else n)
