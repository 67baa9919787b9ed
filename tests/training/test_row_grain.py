"""Training sets of views per row, of joined rows and of refreshed answers: spine, errors, facts."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from shop_cases import (
    AMOUNT,
    CUSTOMERS,
    HOUR,
    PAID,
    PURCHASES,
    asked,
    at,
    constant,
    derived_view,
    events_view,
    lookup_view,
    over,
    plus,
    request_view,
    table,
    trained,
    wanted,
)

from featurekit.datatypes import DOUBLE, VARCHAR
from featurekit.errors import DataError
from featurekit.ir.nodes import AsOf, Column
from featurekit.ir.schedules import EXAMPLES, parse_schedule, refreshed
from featurekit.ir.view import Grain, Join, View
from featurekit.training import moments, placing, sight
from featurekit.training.sets import Progress, TrainingSet, training_set
from featurekit.training.sources import open_source

BOUGHT = [
    {"who": "ann", "at": at(hours), "paid": float(hours), "settled": True, "known": at(hours + 2)}
    for hours in (1, 2, 2, 5, 30)
]
HOMES = [
    {"who": "ann", "at": at(0), "city": "Rome", "active": True, "known": at(0)},
    {"who": "ann", "at": at(3), "city": "Oslo", "active": True, "known": at(3)},
]
HOME = Join("customers", CUSTOMERS, (("who", Column("purchases", "who", VARCHAR)),))
CITY = Column("customers", "city", VARCHAR)


def row_view(**features: Any) -> View:
    """Return a view of a purchase in hand."""
    return replace(events_view(**features), grain=Grain.ROW, requests=())


def answered(
    spine: pl.DataFrame,
    views: dict[str, View],
    time: str | None = None,
    progress: Progress | None = None,
) -> TrainingSet:
    """Return the training set over the shop's rows."""
    data = {
        "purchases": open_source(PURCHASES, Path(), table(BOUGHT, PURCHASES)),
        "customers": open_source(CUSTOMERS, Path(), table(HOMES, CUSTOMERS)),
    }
    return training_set(spine, wanted(views), views, data, time=time, progress=progress)


@pytest.fixture
def spine() -> pl.DataFrame:
    """The purchases themselves."""
    return table(BOUGHT, PURCHASES)


@pytest.fixture
def views() -> dict[str, View]:
    total = over("sum_double", "last_1d", PAID, current=True)
    return {"spend@1.0": row_view(total=total, own=PAID)}


def test_a_row_is_asked_at_its_own_time_and_needs_no_other(
    spine: pl.DataFrame, views: dict[str, View]
) -> None:
    expected = [1.0, 3.0, 3.0, 10.0, 30.0]
    assert answered(spine, views).frame["spend__total"].to_list() == expected
    late = spine.with_columns(asked_at=pl.lit(at(999)))
    assert answered(late, views, "asked_at").frame["spend__total"].to_list() == expected


def test_a_view_per_row_and_one_per_entity_are_asked_at_their_own_moments(
    spine: pl.DataFrame, views: dict[str, View]
) -> None:
    count = over("count_rows", "all_time")
    both = {**views, "rows@1.0": replace(events_view(n=count), name="rows", requests=())}
    late = spine.with_columns(asked_at=pl.lit(at(999)))
    made = answered(late, both, "asked_at").frame
    assert made["rows__n"].to_list() == [5] * 5
    assert made["spend__own"].to_list() == [1.0, 2.0, 2.0, 5.0, 30.0]


@pytest.mark.parametrize(
    ("column", "role"),
    [
        ("at", "as the time of the purchases row that view 'spend' scores"),
        ("paid", "as a column of the purchases row that view 'spend' scores"),
        ("who", "as the entity's key"),
    ],
)
def test_a_column_that_the_row_in_hand_lacks_is_named(
    spine: pl.DataFrame, views: dict[str, View], column: str, role: str
) -> None:
    with pytest.raises(DataError) as failure:
        answered(spine.drop(column), views)
    assert failure.value.code == "FK205"
    assert repr(column) in failure.value.problem
    assert role in failure.value.why


def test_a_column_of_the_row_in_hand_has_the_source_s_type(
    spine: pl.DataFrame, views: dict[str, View]
) -> None:
    with pytest.raises(DataError) as failure:
        answered(spine.with_columns(paid=pl.lit("7")), views)
    assert failure.value.code == "FK207"
    naive = spine.with_columns(pl.col("at").dt.replace_time_zone(None))
    with pytest.raises(DataError) as failure:
        answered(naive, views)
    assert failure.value.code == "FK209"


def test_somebody_must_say_when_an_entity_is_asked(
    spine: pl.DataFrame, views: dict[str, View]
) -> None:
    entity = replace(events_view(n=over("count_rows", "all_time")), name="n", requests=())
    joined = replace(request_view(city=CITY), joins=(replace(HOME, at_request=True),))
    later = replace(derived_view(["spend@1.0"], when=AsOf()), uses=("spend@1.0",))
    for other in (entity, joined, later):
        with pytest.raises(DataError) as failure:
            answered(spine.with_columns(amount=1.0), {**views, "other@1.0": other})
        assert failure.value.code == "FK212", other
    quiet = derived_view(["spend@1.0"], twice=plus(Column("spend@1.0", "own", DOUBLE), constant(1)))
    made = answered(spine, {**views, "ratio@1.0": quiet}).frame
    assert made["ratio__twice"].to_list() == [2.0, 3.0, 3.0, 6.0, 31.0]


def test_a_joined_source_without_rows_is_refused(spine: pl.DataFrame) -> None:
    gone = replace(HOME, source=replace(CUSTOMERS, name="gone"))
    view = replace(row_view(city=CITY), joins=(gone,))
    with pytest.raises(DataError) as failure:
        answered(spine, {"spend@1.0": view})
    assert failure.value.code == "FK211"
    assert "gone" in failure.value.problem


def test_rows_without_a_moment_of_their_own_are_counted(
    spine: pl.DataFrame, views: dict[str, View]
) -> None:
    row = {**BOUGHT[0], "at": None}
    made = answered(table([*BOUGHT, row, {**row, "who": None}], PURCHASES), views)
    assert made.report.without_time == 2
    assert made.report.without_key == {"who": 1}
    assert made.frame["spend__total"].to_list()[-2:] == [None, None]
    assert made.frame["spend__own"].to_list()[-2:] == [1.0, 1.0]


def test_one_source_is_read_once_for_views_that_ask_at_other_moments(
    spine: pl.DataFrame, views: dict[str, View]
) -> None:
    told: list[tuple[str, int, int]] = []
    count = over("count_rows", "last_1d")
    every = {
        **views,
        "now@1.0": replace(events_view(n=count), name="now"),
        "daily@1.0": replace(
            events_view(n=count), name="daily", fresh=parse_schedule("daily 02:00 UTC")
        ),
        "slow@1.0": replace(events_view(n=count), name="slow", delay=HOUR, joins=(HOME,)),
        "city@1.0": replace(row_view(city=CITY), name="city", joins=(HOME,)),
        "late@1.0": replace(row_view(city=CITY), name="late", joins=(HOME,), max_age=HOUR),
    }
    asked_at = spine.with_columns(asked_at=pl.lit(at(40)), amount=1.0)
    answered(asked_at, every, "asked_at", lambda *step: told.append(step))
    assert told.count(("reading purchases", 1, 1)) == 1
    assert told.count(("reading customers", 1, 1)) == 1


@pytest.mark.parametrize("most", [1, 7])
@pytest.mark.parametrize("ranked", [False, True])
def test_pieces_of_any_size_and_ranks_give_the_same_answers(
    monkeypatch: pytest.MonkeyPatch, most: int, *, ranked: bool
) -> None:
    monkeypatch.setattr(sight, "MOST_PAIRS", most)
    if ranked:
        monkeypatch.setattr(placing, "_MOST", 10)
    late = replace(PURCHASES, available="known")
    now = replace(HOME, at_request=True)
    views = {
        "spend@1.0": replace(
            events_view(
                late,
                cities=over("count_distinct", "all_time", CITY),
                second=over("last", "last_1_rows_before_1", PAID),
                before=over("sum_double", "all_time_before_3h", PAID),
            ),
            joins=(now,),
        ),
        "home@1.0": replace(lookup_view(), fresh=parse_schedule("every 6h")),
    }
    spine = asked(*(("ann", at(hours / 2)) for hours in range(0, 80, 3)), ("bob", at(3)))
    trained(spine, views, purchases=BOUGHT, customers=HOMES)


@pytest.mark.parametrize("text", [*EXAMPLES[1:], "daily 02:30 America/New_York", "every 24h"])
def test_refreshes_of_many_moments_are_those_of_each(text: str) -> None:
    schedule = parse_schedule(text)
    assert schedule is not None
    start = dt.datetime(2024, 3, 9, 20, tzinfo=dt.UTC)
    near = [start + dt.timedelta(minutes=19 * n, microseconds=n % 3 - 1) for n in range(200)]
    odd = [dt.datetime(year, 7, 1, 2, 30, tzinfo=dt.UTC) for year in (1, 1850, 1969, 9999)]
    found = pl.Series([*near, *odd, None], dtype=pl.Datetime("us", "UTC")).dt.epoch("us")
    means = [None if moment is None else refreshed(moment, schedule) for moment in found]
    assert moments.refreshes(found, schedule).to_list() == means


def test_a_request_meets_what_it_is_joined_with() -> None:
    join = Join("customers", CUSTOMERS, (("who", Column("ask", "who", VARCHAR)),), at_request=True)
    view = replace(request_view(city=CITY, amount=AMOUNT), joins=(join,))
    spine = asked(("ann", at(0)), ("ann", at(1), 3), ("ann", at(4)), ("eve", at(4)))
    made = trained(spine, {"asked@1.0": view}, customers=HOMES).frame
    assert made["asked__city"].to_list() == [None, "Rome", "Oslo", None]
    assert made["asked__amount"].to_list() == [None, 3.0, None, None]


def test_rows_that_tie_with_a_scored_one_are_counted(
    spine: pl.DataFrame, views: dict[str, View]
) -> None:
    bare = {"spend@1.0": replace(lookup_view(), name="spend")}
    assert answered(spine, views).report.views[0].tied == 2
    assert answered(spine.head(2), views).report.views[0].tied == 1
    late = spine.with_columns(asked_at=pl.lit(at(40)))
    assert answered(late, bare, "asked_at").report.views[0].tied == 0
