"""Views drawn at random: sources, grains, windows, frames, joins, schedules, several in one set."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from grain_cases import (
    BY_REGION,
    CUSTOMERS,
    EVENTS,
    FEE,
    KIND,
    LATE,
    LATE_MERCHANTS,
    MERCHANTS,
    PAID,
    RATE,
    REGIONS,
    REQUEST,
    SETTLED,
    TIED,
    Case,
    equals,
    view,
)
from grain_data import HOUR

from featurekit.datatypes import BIGINT, BOOLEAN, DOUBLE, TIMESTAMP, VARCHAR
from featurekit.ir.nodes import Aggregate, AsOf, Call, Column, Expression, Literal, Order
from featurekit.ir.schedules import Schedule, parse_schedule
from featurekit.ir.view import Grain, Join, View
from featurekit.ir.windows import parse_window

_MERCHANT = Column("payments", "merchant", VARCHAR)
_KNOWN = Column("payments", "known", TIMESTAMP)
_SHOP = Column("checkout", "shop", VARCHAR)
_HOME = Column("customers", "region", VARCHAR)
_ACTIVE = Column("customers", "active", BOOLEAN)
_MOVED = Column("customers", "moved", TIMESTAMP)
_OF_NUMBERS = ("sum_double", "avg_double", "max_double", "median", "count_distinct_double")
_OF_TEXTS = ("max", "count_distinct", "mode", "string_agg")
_OF_ALL = ("first", "last", "count_values")
_COUNTS = ("count_rows", "count_values", "count_distinct", "count_distinct_double")
_WITH_ROW = ("last_1h", "last_1d", "last_90m", "last_1_rows", "last_5_rows", "all_time")
_BEHIND = (
    "last_1h_before_1h",
    "last_1d_before_1us",
    "last_3600000001us_before_3599999999us",
    "last_2_rows_before_1",
    "last_1_rows_before_3",
    "last_30_rows_before_2",
    "all_time_before_25h",
    "all_time_before_1us",
    "today",
    "calendar_1d",
    "week_to_date",
)
_SCHEDULES = ("every 1h", "every 15m", "daily 00:00 UTC", "weekly monday 23:30 America/New_York")


def random_case(seed: int) -> Case:
    """Return a few views that are asked together."""
    draw = random.Random(seed)  # noqa: S311  repeatable, not secret
    makers = (_events, _events, _events, _look_up, _request)
    views = [draw.choice(makers)(draw, f"v{number}") for number in range(draw.randint(2, 4))]
    return Case(f"random {seed}", {f"{made.name}@1.0": made for made in views})


def _events(draw: random.Random, name: str) -> View:
    joins = _joins(draw, draw.choice((_MERCHANT, _MERCHANT, _SHOP)))
    columns = [PAID, _MERCHANT, *_joined(joins)]
    per_row = draw.random() < 0.5
    features: dict[str, Expression] = {
        f"f{number}": _aggregate(draw, columns, current=per_row and draw.random() < 0.6)
        for number in range(draw.randint(2, 6))
    }
    features["asked"] = AsOf()
    if per_row:
        features["bare"] = draw.choice(columns)
    by_request = bool(joins) and joins[0].on[0][1] == _SHOP
    return view(
        name,
        features,
        draw.choice((EVENTS, LATE, TIED)),
        grain=Grain.ROW if per_row else Grain.ENTITY,
        joins=joins,
        fresh=None if per_row or by_request else _schedule(draw),
        requests=(REQUEST,) if by_request else (),
        delay=draw.choice((0, 0, HOUR)),
        max_age=draw.choice((None, 3 * HOUR)),
    )


def _look_up(draw: random.Random, name: str) -> View:
    home = Join("regions", REGIONS, (("region", _HOME),), at_request=draw.random() < 0.5)
    joins = draw.choice(((), (home,), _joins(draw, _SHOP)))
    by_request = bool(joins) and joins[0] != home
    columns = [_HOME, _MOVED, *_joined(joins)]
    wheres = (None, _ACTIVE, _condition(draw, columns, _MOVED))
    return view(
        name,
        {f"f{number}": column for number, column in enumerate([*columns, AsOf()])},
        draw.choice((CUSTOMERS, replace(CUSTOMERS, tie="region"))),
        joins=joins,
        where=draw.choice(wheres),
        requests=(REQUEST,) if by_request else (),
        fresh=None if by_request else _schedule(draw),
        delay=draw.choice((0, HOUR)),
        max_age=draw.choice((None, 24 * HOUR)),
    )


def _request(draw: random.Random, name: str) -> View:
    joins = _joins(draw, _SHOP)
    columns = [Column("checkout", "amount", DOUBLE), *_joined(joins)]
    return view(
        name,
        {f"f{number}": column for number, column in enumerate(columns)},
        REQUEST,
        grain=Grain.ROW,
        entities=(),
        requests=(REQUEST,),
        joins=joins,
        delay=draw.choice((0, HOUR)),
        max_age=draw.choice((None, 24 * HOUR)),
    )


def _joins(draw: random.Random, key: Column) -> tuple[Join, ...]:
    """Return no join, one of the merchants by ``key``, or with it one of their regions."""
    source = draw.choice((MERCHANTS, LATE_MERCHANTS))
    one = Join("merchants", source, (("merchant", key),), at_request=draw.random() < 0.4)
    other = replace(BY_REGION, at_request=draw.random() < 0.4)
    return draw.choice(((), (one,), (one, other)))


def _joined(joins: Sequence[Join]) -> list[Column]:
    found = {"merchants": [KIND, FEE], "regions": [RATE]}
    return [column for join in joins for column in found[join.name]]


def _aggregate(draw: random.Random, columns: Sequence[Column], *, current: bool) -> Aggregate:
    window = parse_window(draw.choice(_WITH_ROW if current else (*_WITH_ROW, *_BEHIND)))
    assert window is not None
    column = draw.choice(columns)
    typed = _OF_NUMBERS if column.type == DOUBLE else _OF_TEXTS
    function = draw.choice(("count_rows", *typed, *_OF_ALL))
    given: tuple[Expression, ...] = () if function == "count_rows" else (column,)
    if function == "string_agg":
        given = (column, Literal("+", VARCHAR))
    kind = BIGINT if function in _COUNTS else column.type
    where = draw.choice((None, SETTLED, _condition(draw, columns, _KNOWN)))
    order = ()
    if function in ("first", "last", "string_agg") and draw.random() < 0.5:
        order = (Order(draw.choice([PAID, *columns]), descending=draw.random() < 0.5),)
    return Aggregate(function, given, window, where, type=kind, current=current, order=order)


def _condition(draw: random.Random, columns: Sequence[Column], moment: Column) -> Expression:
    """Return a condition on the moment of asking or on a joined column."""
    choices: list[Expression] = [Call("gt", (moment, AsOf()), BOOLEAN)]
    choices.append(Call("lt", (moment, AsOf()), BOOLEAN))
    if KIND in columns:
        choices.append(equals(KIND, "food"))
    if RATE in columns:
        choices.append(Call("gt_double", (RATE, Literal(0.5, DOUBLE)), BOOLEAN))
    return draw.choice(choices)


def _schedule(draw: random.Random) -> Schedule | None:
    return parse_schedule(draw.choice((*_SCHEDULES, "")))
