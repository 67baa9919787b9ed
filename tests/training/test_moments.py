"""Calendar windows begin for many moments at once where they begin for one."""

from __future__ import annotations

import datetime as dt
import random

import polars as pl
import pytest

from featurekit.ir.windows import CalendarUnit, unit_start
from featurekit.training.moments import unit_starts

ZONES = (
    "America/New_York",
    "America/St_Johns",  # changed its clocks at one minute past midnight
    "Asia/Kathmandu",
    "Australia/Lord_Howe",  # by half an hour
    "Pacific/Apia",  # without a 30 December 2011
    "UTC",
)
_HOUR, _MINUTE = 3_600_000_000, 60_000_000


def moments(chance: random.Random) -> list[int]:
    """Return moments of all times, and some around each hour at which St. John's changed."""
    made = [chance.randrange(-(10**15), 2 * 10**15) for _ in range(200)]
    for year in range(1996, 2012, 3):
        for day in range(300):
            at = dt.datetime(year, 1, 1, 2, 31, tzinfo=dt.UTC) + dt.timedelta(days=day)
            near = chance.choice([-_MINUTE, -1, 0, 1, 29 * _MINUTE, _HOUR - 1])
            made.append(int(at.timestamp()) * 1_000_000 + near)
    return made


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("unit", CalendarUnit)
def test_each_moment_has_the_beginning_that_it_has_alone(zone: str, unit: CalendarUnit) -> None:
    asked = moments(random.Random(zone + unit.value))  # noqa: S311  the same rows every time
    made = unit_starts(pl.Series(asked, dtype=pl.Int64), zone, unit, 1).to_list()
    assert made == [unit_start(moment, zone, unit.value, 1) for moment in asked]
