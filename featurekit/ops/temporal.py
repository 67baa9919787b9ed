"""Parts of dates and instants, and distances between them; all instants are UTC.

Moving and truncating are in ``date_arithmetic``, wall clocks of other places in ``zones``.
"""

from __future__ import annotations

import datetime as dt
from typing import TypeVar

from featurekit.ops.numeric import true_quotient
from featurekit.ops.operator import ConstantText, operator

Day = TypeVar("Day", dt.date, dt.datetime)
"""A date or an instant."""

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)


@operator(
    "YEAR",
    polars=lambda pl, x: x.dt.year().cast(pl.Int64),
    sql="CAST(EXTRACT(YEAR FROM {x}) AS BIGINT)",
)
def year(x: Day) -> int:
    """Return the calendar year.

    Cases:
        year(DATE "2024-02-29") = 2024
        year(TIMESTAMP "1969-12-31T23:59:59Z") = 1969
        year(DATE "0001-01-01") = 1
        year(null) = null
    """
    return x.year


@operator(
    "QUARTER",
    polars=lambda pl, x: x.dt.quarter().cast(pl.Int64),
    sql="CAST(EXTRACT(QUARTER FROM {x}) AS BIGINT)",
)
def quarter(x: Day) -> int:
    """Return the quarter of the year, 1 to 4.

    Cases:
        quarter(DATE "2024-03-31") = 1
        quarter(DATE "2024-04-01") = 2
        quarter(TIMESTAMP "2024-12-31T23:59:59Z") = 4
        quarter(null) = null
    """
    return (x.month + 2) // 3


@operator(
    "MONTH",
    polars=lambda pl, x: x.dt.month().cast(pl.Int64),
    sql="CAST(EXTRACT(MONTH FROM {x}) AS BIGINT)",
)
def month(x: Day) -> int:
    """Return the month of the year, 1 to 12.

    Cases:
        month(DATE "2024-02-29") = 2
        month(TIMESTAMP "2024-12-31T23:59:59Z") = 12
        month(DATE "1969-01-31") = 1
        month(null) = null
    """
    return x.month


@operator(
    "WEEK",
    polars=lambda pl, x: x.dt.week().cast(pl.Int64),
    sql="CAST(EXTRACT(WEEK FROM {x}) AS BIGINT)",
)
def week(x: Day) -> int:
    """Return the ISO week, 1 to 53: weeks begin on Monday, week 1 holds the year's first Thursday.

    Cases:
        week(DATE "2024-01-01") = 1
        week(DATE "2024-12-30") = 1
        week(TIMESTAMP "2021-01-03T12:00:00Z") = 53
        week(null) = null
    """
    return x.isocalendar()[1]


@operator(
    "ISOYEAR",
    polars=lambda pl, x: x.dt.iso_year().cast(pl.Int64),
    sql="CAST(EXTRACT(ISOYEAR FROM {x}) AS BIGINT)",
)
def isoyear(x: Day) -> int:
    """Return the year that the ISO week belongs to.

    Cases:
        isoyear(DATE "2024-12-30") = 2025
        isoyear(DATE "2021-01-03") = 2020
        isoyear(TIMESTAMP "2024-01-01T00:00:00Z") = 2024
        isoyear(null) = null
    """
    return x.isocalendar()[0]


@operator(
    "DAY",
    polars=lambda pl, x: x.dt.day().cast(pl.Int64),
    sql="CAST(EXTRACT(DAY FROM {x}) AS BIGINT)",
)
def day(x: Day) -> int:
    """Return the day of the month, 1 to 31.

    Cases:
        day(DATE "2024-02-29") = 29
        day(TIMESTAMP "2024-12-31T23:59:59Z") = 31
        day(DATE "1900-01-01") = 1
        day(null) = null
    """
    return x.day


@operator(
    "DOW",
    polars=lambda pl, x: x.dt.weekday().cast(pl.Int64) % 7,
    sql="CAST(EXTRACT(DOW FROM {x}) AS BIGINT)",
)
def dow(x: Day) -> int:
    """Return the day of the week, Sunday 0 to Saturday 6.

    Cases:
        dow(DATE "2024-03-10") = 0
        dow(DATE "2024-03-11") = 1
        dow(TIMESTAMP "2024-03-16T00:00:00Z") = 6
        dow(null) = null
    """
    return x.isoweekday() % 7


@operator(
    "ISODOW",
    polars=lambda pl, x: x.dt.weekday().cast(pl.Int64),
    sql="CAST(EXTRACT(ISODOW FROM {x}) AS BIGINT)",
)
def isodow(x: Day) -> int:
    """Return the day of the week, Monday 1 to Sunday 7.

    Cases:
        isodow(DATE "2024-03-10") = 7
        isodow(DATE "2024-03-11") = 1
        isodow(TIMESTAMP "1969-12-31T00:00:00Z") = 3
        isodow(null) = null
    """
    return x.isoweekday()


@operator(
    "DOY",
    polars=lambda pl, x: x.dt.ordinal_day().cast(pl.Int64),
    sql="CAST(EXTRACT(DOY FROM {x}) AS BIGINT)",
)
def doy(x: Day) -> int:
    """Return the day of the year, 1 to 366.

    Cases:
        doy(DATE "2024-12-31") = 366
        doy(DATE "2023-12-31") = 365
        doy(TIMESTAMP "2024-01-01T00:00:00Z") = 1
        doy(null) = null
    """
    return x.timetuple().tm_yday


@operator(
    "HOUR",
    polars=lambda pl, x: x.dt.hour().cast(pl.Int64),
    sql="CAST(EXTRACT(HOUR FROM {x}) AS BIGINT)",
)
def hour(x: dt.datetime) -> int:
    """Return the hour of the day in UTC, 0 to 23.

    Cases:
        hour(TIMESTAMP "2024-02-29T23:59:59Z") = 23
        hour(TIMESTAMP "2024-02-29T00:00:00Z") = 0
        hour(null) = null
    """
    return x.hour


@operator(
    "MINUTE",
    polars=lambda pl, x: x.dt.minute().cast(pl.Int64),
    sql="CAST(EXTRACT(MINUTE FROM {x}) AS BIGINT)",
)
def minute(x: dt.datetime) -> int:
    """Return the minute of the hour, 0 to 59.

    Cases:
        minute(TIMESTAMP "2024-02-29T23:59:00Z") = 59
        minute(TIMESTAMP "1969-12-31T23:30:59Z") = 30
        minute(null) = null
    """
    return x.minute


@operator(
    "SECOND",
    polars=lambda pl, x: x.dt.second().cast(pl.Int64),
    sql="CAST(EXTRACT(SECOND FROM {x}) AS BIGINT)",
)
def second(x: dt.datetime) -> int:
    """Return the whole second of the minute, 0 to 59.

    Cases:
        second(TIMESTAMP "2024-02-29T23:59:59.999999Z") = 59
        second(TIMESTAMP "1969-12-31T23:59:58.5Z") = 58
        second(null) = null
    """
    return x.second


@operator("EPOCH_US", polars=lambda pl, x: x.dt.epoch("us"), sql="EPOCH_US({x})")
def epoch_us(x: dt.datetime) -> int:
    """Return the microseconds since 1970-01-01 00:00:00 UTC, negative before.

    Cases:
        epoch_us(TIMESTAMP "1970-01-01T00:00:00.000001Z") = 1
        epoch_us(TIMESTAMP "1969-12-31T23:59:59Z") = -1000000
        epoch_us(null) = null
    """
    return (x - EPOCH) // MICROSECOND


@operator(
    "DAYS_BETWEEN",
    polars=lambda pl, a, b: (b.cast(pl.Date) - a.cast(pl.Date)).dt.total_days(),
    sql="DATE_DIFF('day', {a}, {b})",
)
def days_between(a: Day, b: Day) -> int:
    """Return how many midnights (UTC) lie between ``a`` and ``b``; negative where b is earlier.

    Cases:
        days_between(DATE "2024-02-28", DATE "2024-03-01") = 2
        days_between(TIMESTAMP "2024-01-01T23:59:59Z", TIMESTAMP "2024-01-02T00:00:00Z") = 1
        days_between(DATE "2024-03-01", DATE "2024-02-28") = -2
        days_between(DATE "2024-03-01", null) = null
    """
    return b.toordinal() - a.toordinal()


@operator(
    "MONTHS_BETWEEN",
    polars=lambda pl, a, b: (
        (b.dt.year().cast(pl.Int64) - a.dt.year().cast(pl.Int64)) * 12
        + b.dt.month().cast(pl.Int64)
        - a.dt.month().cast(pl.Int64)
    ),
    sql="DATE_DIFF('month', {a}, {b})",
)
def months_between(a: Day, b: Day) -> int:
    """Return how many months the calendar turned from ``a`` to ``b``; days do not matter.

    Cases:
        months_between(DATE "2024-01-31", DATE "2024-02-01") = 1
        months_between(DATE "2024-01-01", DATE "2024-01-31") = 0
        months_between(DATE "2024-01-01", DATE "2023-12-31") = -1
        months_between(null, DATE "2024-01-01") = null
    """
    return (b.year - a.year) * 12 + b.month - a.month


_UNIT = {"second": 1e6, "minute": 6e7, "hour": 3.6e9, "day": 8.64e10}


@operator(
    "ELAPSED",
    polars=lambda pl, unit, a, b: true_quotient(
        pl, (b.dt.epoch("us") - a.dt.epoch("us")).cast(pl.Float64), _UNIT.get(unit, 1.0)
    ),
    sql="CAST(EPOCH_US({b}) - EPOCH_US({a}) AS DOUBLE) / CASE {unit} WHEN 'second' THEN 1e6 "
    "WHEN 'minute' THEN 6e7 WHEN 'hour' THEN 3.6e9 WHEN 'day' THEN 8.64e10 ELSE 1e0 END",
)
def elapsed(unit: ConstantText, a: dt.datetime, b: dt.datetime) -> float:
    """Return the time from ``a`` to ``b`` in microseconds, seconds, minutes, hours or days of 24 h.

    ``TIME_SINCE_LAST('hour') OVER w`` is the time from the last row of a window to the moment of
    asking, ``ELAPSED('hour', MAX(time) OVER w, AS_OF())`` where ``time`` is the source's;
    ``TIME_SINCE_FIRST('hour') OVER w`` that from its first row, with MIN.

    Cases:
        elapsed("hour", TIMESTAMP "2024-03-10T00:00:00Z", TIMESTAMP "2024-03-10T01:30:00Z") = 1.5
        elapsed("day", TIMESTAMP "2024-03-11T00:00:00Z", TIMESTAMP "2024-03-10T00:00:00Z") = -1.0
        elapsed("minute", TIMESTAMP "2024-03-10T00:00:00Z", TIMESTAMP "2024-03-10T00:00:30Z") = 0.5
        elapsed("second", TIMESTAMP "1970-01-01T00:00:00Z", null) = null
        elapsed("microsecond", TIMESTAMP "1970-01-01T00:00Z", TIMESTAMP "1970-01-01T00:01Z") = 6e7
    """
    if unit == "second":
        return float((b - a) // MICROSECOND) / 1e6
    if unit == "minute":
        return float((b - a) // MICROSECOND) / 6e7
    if unit == "hour":
        return float((b - a) // MICROSECOND) / 3.6e9
    if unit == "day":
        return float((b - a) // MICROSECOND) / 8.64e10
    return float((b - a) // MICROSECOND)
