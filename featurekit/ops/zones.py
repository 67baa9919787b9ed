"""Wall clocks: what a clock in a zone shows at an instant, and back.

Engines' zone tables reach to the year 2100 (rules of daylight saving beyond it are anybody's
guess), so outside ``0001-01-02`` to ``2099-12-31`` the answer is null.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from featurekit.ops.operator import ConstantText, operator

ZONES_FROM = dt.datetime(1, 1, 2, tzinfo=dt.UTC)
ZONES_UNTIL = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


def _known(x: Any) -> Any:
    return (x >= ZONES_FROM) & (x < ZONES_UNTIL)


def _wall(x: Any, zone: str) -> Any:
    return x.dt.convert_time_zone(zone).dt.replace_time_zone("UTC")


_SQL_KNOWN = "{x} >= TIMESTAMP '0001-01-02 00:00:00' AND {x} < TIMESTAMP '2100-01-01 00:00:00'"


def _sql_wall(instant: str) -> str:
    return f"TIMEZONE({{zone}}, TIMEZONE('UTC', {instant}))"


@operator(
    "AT TIME ZONE",
    polars=lambda pl, x, zone: pl.when(_known(x)).then(_wall(x, zone)),
    sql=f"CASE WHEN {_SQL_KNOWN} THEN {_sql_wall('{x}')} END",
)
def at_time_zone(x: dt.datetime, zone: ConstantText) -> dt.datetime | None:
    """Return what the clock in ``zone`` shows at the instant, as a timestamp.

    Cases:
        at(TIMESTAMP "2024-03-10T07:00Z", "America/New_York") = TIMESTAMP "2024-03-10T03:00Z"
        at(TIMESTAMP "2024-03-10T06:59:59Z", "America/New_York") = TIMESTAMP "2024-03-10T01:59:59Z"
        at(TIMESTAMP "2024-01-01T00:00Z", "Australia/Lord_Howe") = TIMESTAMP "2024-01-01T11:00Z"
        at_time_zone(TIMESTAMP "2024-01-01T00:00:00Z", "UTC") = TIMESTAMP "2024-01-01T00:00:00Z"
        at_time_zone(TIMESTAMP "2100-01-01T00:00:00Z", "UTC") = null
        at_time_zone(null, "Europe/London") = null
    """
    if not ZONES_FROM <= x < ZONES_UNTIL:
        return None
    return x.astimezone(ZoneInfo(zone)).replace(tzinfo=dt.UTC)


def _instant(pl: Any, x: Any, zone: str) -> Any:
    """The clock's offset a day before and a day after give the two instants it may mean."""
    day = dt.timedelta(days=1)
    before, after = (x - (_wall(near, zone) - near) for near in (x - day, x + day))
    later = (_wall(before, zone) != x) & (_wall(after, zone) == x)
    return pl.when(_known(x)).then(pl.when(later).then(after).otherwise(before))


def _sql_instant(near: str) -> str:
    return f"({{x}} - ({_sql_wall(near)} - ({near})))"


_SQL_BEFORE = _sql_instant("{x} - INTERVAL 1 DAY")
_SQL_AFTER = _sql_instant("{x} + INTERVAL 1 DAY")


@operator(
    "FROM TIME ZONE",
    polars=_instant,
    sql=f"CASE WHEN NOT ({_SQL_KNOWN}) THEN NULL WHEN {_sql_wall(_SQL_BEFORE)} <> {{x}} "
    f"AND {_sql_wall(_SQL_AFTER)} = {{x}} THEN {_SQL_AFTER} ELSE {_SQL_BEFORE} END",
)
def from_time_zone(x: dt.datetime, zone: ConstantText) -> dt.datetime | None:
    """Return the instant at which the clock in ``zone`` shows ``x``.

    Where it shows it twice, the earlier; where it never does, as much later as the clock jumps.

    Cases:
        instant(TIMESTAMP "2024-03-10T03:00Z", "America/New_York") = TIMESTAMP "2024-03-10T07:00Z"
        instant(TIMESTAMP "2024-03-10T02:30Z", "America/New_York") = TIMESTAMP "2024-03-10T07:30Z"
        instant(TIMESTAMP "2024-11-03T01:30Z", "America/New_York") = TIMESTAMP "2024-11-03T05:30Z"
        moment(TIMESTAMP "2024-10-06T02:15Z", "Australia/LHI") = TIMESTAMP "2024-10-05T15:45Z"
        instant(TIMESTAMP "2011-12-30T12:00Z", "Pacific/Apia") = TIMESTAMP "2011-12-30T22:00Z"
        from_time_zone(TIMESTAMP "2024-01-01T00:00:00Z", "UTC") = TIMESTAMP "2024-01-01T00:00:00Z"
        from_time_zone(null, "Europe/London") = null
    """
    if not ZONES_FROM <= x < ZONES_UNTIL:
        return None
    # a clock's second reading of an hour carries a mark in Python, which no engine's instants do
    return x.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(dt.UTC)
