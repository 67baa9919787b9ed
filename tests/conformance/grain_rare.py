"""Joins and refreshes that are rarer than those of ``grain_cases``."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from grain_cases import (
    BY_MERCHANT,
    BY_REGION,
    CUSTOMERS,
    EVENTS,
    FEE,
    KIND,
    MERCHANTS,
    RATE,
    REGIONS,
    REQUEST,
    TIED,
    Case,
    joins,
    over,
    view,
)
from grain_data import HOUR, Rows

from featurekit.datatypes import BOOLEAN, DOUBLE, VARCHAR
from featurekit.ir.nodes import AsOf, Call, Column
from featurekit.ir.schedules import parse_schedule
from featurekit.ir.view import Grain, Join

SHOP = Join("merchants", MERCHANTS, (("merchant", Column("checkout", "shop", VARCHAR)),))
HOME = Join("regions", REGIONS, (("region", Column("customers", "region", VARCHAR)),))
AGAIN = Join("merchants#2", MERCHANTS, BY_MERCHANT.on, at_request=True)
NOW = replace(BY_REGION, at_request=True)


def rare() -> list[Case]:
    """Return the cases, each of one view, and one of many views together."""
    fees = {
        "fees": over("sum_double", "last_1d", FEE),
        "kinds": over("count_distinct", "last_3_rows", KIND),
        "amounts": over(
            "count_rows",
            "all_time",
            where=Call("is_not_null", (Column("checkout", "amount", DOUBLE),), BOOLEAN),
        ),
    }
    rates = {"rates": over("sum_double", "last_1d", RATE), "last": over("last", "all_time", RATE)}
    then_and_now = {
        "then": over("last", "last_3_rows", KIND),
        "now": over("last", "last_3_rows", Column("merchants#2", "kind", VARCHAR)),
    }
    matched = Call("is_not_null", (Column("regions", "region", VARCHAR),), BOOLEAN)
    home = {"region": Column("customers", "region", VARCHAR), "rate": RATE}
    counted = {
        **home,
        "homes": over("count_rows", "all_time", where=matched),
        "rates": over("sum_double", "all_time", RATE),
    }
    last_rate = {"rate": over("last", "last_2_rows_before_1", RATE)}
    with_row = {
        "rates": over("sum_double", "last_1d", RATE, current=True),
        "before": over("sum_double", "last_1d", RATE),
        "kinds": over("count_distinct", "last_3_rows", KIND, current=True),
        "rate": RATE,
    }
    both = (BY_MERCHANT, BY_REGION)
    made = [
        view("of_request", fees, EVENTS, joins=(SHOP,), requests=(REQUEST,)),
        view("then_now", rates, TIED, joins=(BY_MERCHANT, NOW), delay=HOUR),
        view("was_and_is", then_and_now, TIED, joins=(BY_MERCHANT, AGAIN)),
        view("home_then", counted, CUSTOMERS, joins=(HOME,), where=matched, max_age=48 * HOUR),
        view(
            "home_now",
            home,
            CUSTOMERS,
            joins=(replace(HOME, at_request=True),),
            where=matched,
            max_age=48 * HOUR,
        ),
        view("rows_behind", last_rate, TIED, joins=both),
        view("row_twice", with_row, TIED, joins=both, grain=Grain.ROW, max_age=24 * HOUR),
        view("row_then_now", with_row, TIED, joins=(BY_MERCHANT, NOW), grain=Grain.ROW),
        view(
            "refreshed_joins",
            {**rates, **then_and_now, "asked": AsOf()},
            EVENTS,
            joins=(BY_MERCHANT, NOW, AGAIN),
            fresh=parse_schedule("daily 02:30 America/New_York"),
        ),
    ]
    together = {reference: one for case in joins() for reference, one in case.views.items()}
    return [*(Case(one.name, {f"{one.name}@1.0": one}) for one in made), Case("all", together)]


SCHEDULES = (
    # put back over midnight: a time of tomorrow was read already
    "daily 00:00 America/St_Johns",
    "daily 23:30 America/St_Johns",
    # a day that was skipped
    "daily 02:30 Pacific/Apia",
    "weekly friday 12:00 Pacific/Apia",
    # half an hour forward and back
    "daily 02:15 Australia/Lord_Howe",
    "weekly sunday 01:45 Australia/Lord_Howe",
    "weekly saturday 23:59 UTC",
    "daily 00:00 UTC",
    "every 45m",
    "every 24h",
    "every 1s",
)


def refresh_case() -> Case:
    """Return views that say when they were refreshed."""
    views = {}
    for number, text in enumerate(SCHEDULES):
        schedule = parse_schedule(text)
        assert schedule is not None, text
        one = view(f"v{number}", {"asked": AsOf()}, EVENTS, fresh=schedule)
        views[f"{one.name}@1.0"] = one
    return Case("schedules", views)


def refresh_moments() -> list[dt.datetime]:
    """Return moments every quarter of an hour, and beside it, around changes of those clocks."""
    tick = dt.timedelta(microseconds=1)
    changes = [(2006, 10, 28), (2006, 4, 1), (2011, 12, 29), (2024, 4, 6), (2024, 10, 5)]
    made = []
    for day in changes:
        start = dt.datetime(*day, 12, tzinfo=dt.UTC)
        quarters = [start + n * dt.timedelta(minutes=15) for n in range(2 * 96)]
        made += [moment + n * tick for moment in quarters for n in (-1, 0)]
    old = ("0001-01-03T00:00:00+00:00", "1900-01-01T00:00:00+00:00", "1969-12-31T23:59:59+00:00")
    return [*made, *map(dt.datetime.fromisoformat, old)]


def refresh_questions() -> Rows:
    """Return a question at each of those moments."""
    names = [field.name for field in (*EVENTS.fields, *REQUEST.fields)]
    empty = dict.fromkeys(names)
    return [{**empty, "customer": "ann", "asked_at": moment} for moment in refresh_moments()]
