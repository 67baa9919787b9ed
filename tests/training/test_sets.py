"""Training sets: look-ups, requests, derived views, late rows, and what is refused."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shop_cases import (
    AMOUNT,
    CUSTOMERS,
    HOUR,
    PAID,
    PURCHASES,
    SPINE,
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

from featurekit.datatypes import BOOLEAN, DOUBLE, TIMESTAMP
from featurekit.errors import DataError
from featurekit.ir.nodes import AsOf, Call, Case, Column, Literal
from featurekit.ir.view import View
from featurekit.training import placing, sight
from featurekit.training.sets import training_set
from featurekit.training.sources import open_source

HOMES = [
    {"who": "ann", "at": at(0), "city": "Rome", "active": True, "known": at(0)},
    {"who": "ann", "at": at(10), "city": None, "active": True, "known": at(30)},
    {"who": "ann", "at": at(20), "city": "Oslo", "active": False, "known": at(20)},
    {"who": "bob", "at": at(5), "city": "Lima", "active": None, "known": None},
    {"who": None, "at": at(5), "city": "Bonn", "active": True, "known": at(5)},
]
BOUGHT = [
    {
        "who": "ann",
        "at": at(h),
        "paid": float(h),
        "settled": h % 4 == 0,
        "known": at(h + 6 * (h % 6)),
    }
    for h in range(0, 48, 2)
]


def cities(spine: list[dict[str, Any]], view: View) -> list[Any]:
    return trained(spine, {"home@1.0": view}, customers=HOMES).frame["home__city"].to_list()


def test_a_look_up_answers_with_the_latest_row_strictly_before() -> None:
    spine = asked(
        ("ann", at(0)), ("ann", at(0, 1)), ("ann", at(10)), ("ann", at(10, 1)), ("ann", at(99))
    )
    assert cities(spine, lookup_view()) == [None, "Rome", "Rome", None, "Oslo"]


def test_a_look_up_skips_rows_that_are_not_known_yet() -> None:
    late = replace(CUSTOMERS, available="known")
    spine = asked(("ann", at(15)), ("ann", at(25)), ("ann", at(31)), ("bob", at(99)))
    assert cities(spine, lookup_view(late)) == ["Rome", "Oslo", "Oslo", None]


def test_a_row_of_exactly_the_maximum_age_still_answers() -> None:
    view = lookup_view(max_age=5 * HOUR)
    spine = asked(("ann", at(5)), ("ann", at(5, 1)), ("ann", at(25)), ("ann", at(26)))
    assert cities(spine, view) == ["Rome", None, "Oslo", None]


def test_the_report_tells_stale_from_never_known() -> None:
    view = lookup_view(max_age=5 * HOUR)
    spine = asked(("ann", at(4)), ("ann", at(7)), ("ann", at(11)), ("eve", at(4)), (None, at(4)))
    made = trained(spine, {"home@1.0": view}, customers=HOMES)
    (facts,) = made.report.views
    assert (facts.matched, facts.stale, facts.kind) == (2, 1, "snapshot")
    assert facts.median_age == 2.5 * HOUR
    (column,) = made.report.columns
    assert (column.column, column.type, column.nulls) == ("home__city", "VARCHAR", 4)


def test_a_condition_decides_which_rows_of_a_look_up_count() -> None:
    view = lookup_view(where=Column("customers", "active", BOOLEAN))
    assert cities(asked(("ann", at(9)), ("ann", at(99)), ("bob", at(99))), view) == [
        "Rome",
        None,
        None,
    ]


def test_a_condition_on_the_moment_of_asking_is_tried_row_by_row() -> None:
    active = Column("customers", "active", BOOLEAN)
    asked_now = Case(((active, AsOf()),), Literal(None, TIMESTAMP), TIMESTAMP)
    known = Call("eq", (asked_now, AsOf()), BOOLEAN)
    view = lookup_view(where=known)
    assert cities(asked(("ann", at(9)), ("ann", at(99)), ("eve", at(9))), view) == [
        "Rome",
        None,
        None,
    ]


def test_a_look_up_without_maximum_age_and_rows_finds_nothing() -> None:
    made = trained(asked(("ann", at(1))), {"home@1.0": lookup_view()}, customers=[])
    assert made.frame["home__city"].to_list() == [None]
    assert made.report.views[0].matched == 0


def test_requests_windows_and_derived_views_meet_in_one_row() -> None:
    views = {
        "asked@1.0": request_view(double=plus(AMOUNT, AMOUNT)),
        "spend@1.0": events_view(total=plus(over("sum_double", "last_1d", PAID), AMOUNT)),
        "ratio@1.0": derived_view(
            ["spend@1.0", "asked@1.0"],
            both=plus(Column("spend@1.0", "total", DOUBLE), Column("asked@1.0", "double", DOUBLE)),
        ),
    }
    made = trained(
        asked(("ann", at(3), 10), ("bob", at(3), 1), ("ann", at(5), 1)), views, purchases=BOUGHT
    )
    assert made.frame["ratio__both"].to_list() == [32.0, None, 9.0]
    assert [facts.reference for facts in made.report.views] == [
        "asked@1.0",
        "spend@1.0",
        "ratio@1.0",
    ]


def test_a_used_view_is_computed_and_not_shown() -> None:
    views = {
        "asked@1.0": request_view(double=plus(AMOUNT, AMOUNT)),
        "ratio@1.0": derived_view(
            ["asked@1.0"], more=plus(Column("asked@1.0", "double", DOUBLE), constant(1))
        ),
    }
    spine = pl.DataFrame(asked(("ann", at(1), 2)), schema=SPINE)
    only = [w for w in wanted(views) if w.view_name == "ratio"]
    made = training_set(spine, only, views, {}, time=None)
    assert made.frame.columns == [*SPINE, "ratio__more"]
    assert made.frame["ratio__more"].to_list() == [5.0]


def test_order_repetitions_and_other_columns_of_the_spine_stay() -> None:
    spine = pl.DataFrame(
        asked(("ann", at(9)), ("bob", at(1)), ("ann", at(9)), ("ann", at(3))), schema=SPINE
    )
    spine = spine.with_columns(note=pl.Series([[1], None, [2, 3], []]), label=pl.lit("x"))
    views = {"spend@1.0": events_view(n=over("count_rows", "all_time"))}
    data = {"purchases": open_source(PURCHASES, Path(), table(BOUGHT, PURCHASES))}
    made = training_set(spine, wanted(views), views, data, time="asked_at").frame
    assert made.select(spine.columns).equals(spine)
    assert made["spend__n"].to_list() == [5, 0, 5, 2]


def test_constants_fill_every_row_and_no_rows_are_fine() -> None:
    views = {"asked@1.0": request_view(one=constant(1.0), when=AsOf())}
    made = trained(asked(("ann", at(1)), ("bob", at(2))), views).frame
    assert made["asked__one"].to_list() == [1.0, 1.0]
    assert made["asked__when"].to_list() == [at(1), at(2)]
    views["spend@1.0"] = events_view(
        n=over("count_rows", "last_2_rows"), s=over("sum_double", "today", PAID)
    )
    empty = trained([], views, purchases=BOUGHT).frame
    assert empty.height == 0
    assert empty.schema["spend__n"] == pl.Int64


def test_an_aggregate_may_ask_for_the_moment_of_asking() -> None:
    recent = Case(
        ((Column("purchases", "settled", BOOLEAN), AsOf()),),
        Literal(None, AsOf().type),
        AsOf().type,
    )
    node = over("count_values", "last_1d", recent)
    views = {"spend@1.0": events_view(n=node)}
    made = trained(asked(("ann", at(9)), ("eve", at(9)), ("ann", at(60))), views, purchases=BOUGHT)
    assert made.frame["spend__n"].to_list() == [3, 0, 3]


@pytest.mark.parametrize("most", [1, 7, 50])
def test_pieces_of_any_size_give_the_same_answers(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(sight, "MOST_PAIRS", most)
    late = replace(PURCHASES, available="known")
    views = {
        "spend@1.0": events_view(
            late,
            total=over("sum_double", "last_1d", PAID),
            last=over("last", "last_3_rows", PAID),
            n=over("count_distinct_double", "last_1d", PAID),
        )
    }
    spine = asked(*(("ann", at(h / 2)) for h in range(0, 120, 3)))
    trained(spine, views, purchases=BOUGHT)


def test_times_too_far_apart_for_one_line_of_integers_are_ranked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(placing, "_MOST", 10)
    late = replace(PURCHASES, available="known")
    views = {
        "spend@1.0": events_view(
            late, n=over("count_rows", "last_1d"), m=over("max_double", "today", PAID)
        )
    }
    trained(
        asked(*(("ann", at(h)) for h in range(0, 60, 5)), ("bob", at(3))), views, purchases=BOUGHT
    )


def test_a_row_known_in_the_far_future_is_never_seen() -> None:
    never = [{**BOUGHT[0], "known": dt.datetime(9999, 12, 31, tzinfo=dt.UTC)}]
    views = {
        "spend@1.0": events_view(
            replace(PURCHASES, available="known"), n=over("count_rows", "all_time")
        )
    }
    made = trained(asked(("ann", at(99))), views, purchases=never)
    assert made.frame["spend__n"].to_list() == [0]
    assert made.report.views[0].matched == 0


def test_views_that_differ_in_delay_see_different_rows() -> None:
    node = over("count_rows", "all_time")
    slow = replace(events_view(n=node), name="slow", delay=3 * HOUR)
    made = trained(
        asked(("ann", at(5))),
        {"spend@1.0": events_view(n=node), "slow@1.0": slow},
        purchases=BOUGHT,
    )
    assert (made.frame["spend__n"].item(), made.frame["slow__n"].item()) == (3, 1)


def test_progress_is_told_to_the_end() -> None:
    told: list[tuple[str, int, int]] = []
    views = {
        "spend@1.0": events_view(
            n=over("count_rows", "last_1d"), s=over("sum_double", "today", PAID)
        )
    }
    spine = pl.DataFrame(asked(("ann", at(5))), schema=SPINE)
    data = {"purchases": open_source(PURCHASES, Path(), table(BOUGHT, PURCHASES))}
    training_set(
        spine, wanted(views), views, data, time="asked_at", progress=lambda *step: told.append(step)
    )
    assert ("reading purchases", 1, 1) in told
    assert told[-1] == ("aggregating purchases", 2, 2)


# --- what is refused


def refused(code: str, spine: pl.DataFrame, views: dict[str, View], time: str | None) -> DataError:
    data = {"purchases": open_source(PURCHASES, Path(), table(BOUGHT, PURCHASES))}
    with pytest.raises(DataError) as failure:
        training_set(spine, wanted(views), views, data, time=time)
    assert failure.value.code == code, failure.value
    return failure.value


@pytest.fixture
def views() -> dict[str, View]:
    return {"spend@1.0": events_view(total=plus(over("sum_double", "last_1d", PAID), AMOUNT))}


@pytest.fixture
def spine() -> pl.DataFrame:
    return pl.DataFrame(asked(("ann", at(1), 2)), schema=SPINE)


@pytest.mark.parametrize("column", ["who", "amount", "asked_at"])
def test_a_column_that_the_spine_lacks_is_named(
    spine: pl.DataFrame, views: dict[str, View], column: str
) -> None:
    failure = refused("FK205", spine.drop(column), views, "asked_at")
    assert repr(column) in failure.problem
    assert "the spine" in failure.problem


def test_a_key_of_another_type_is_refused(spine: pl.DataFrame, views: dict[str, View]) -> None:
    refused("FK207", spine.with_columns(who=pl.lit(7)), views, "asked_at")
    refused("FK207", spine.with_columns(amount=pl.lit("7")), views, "asked_at")
    refused("FK207", spine.with_columns(asked_at=pl.lit("2024-01-01")), views, "asked_at")


def test_a_naive_moment_is_refused_with_the_line_that_gives_it_a_zone(
    spine: pl.DataFrame, views: dict[str, View]
) -> None:
    naive = spine.with_columns(pl.col("asked_at").dt.replace_time_zone(None))
    assert "replace_time_zone" in refused("FK209", naive, views, "asked_at").fix


def test_a_moment_is_needed_where_answers_depend_on_it(
    spine: pl.DataFrame, views: dict[str, View]
) -> None:
    refused("FK212", spine, views, None)
    refused("FK212", spine, {"asked@1.0": request_view(when=AsOf())}, None)


def test_an_answer_never_overwrites_a_column(spine: pl.DataFrame, views: dict[str, View]) -> None:
    refused("FK213", spine.with_columns(spend__total=1), views, "asked_at")


def test_a_source_without_rows_is_refused(spine: pl.DataFrame) -> None:
    other = replace(PURCHASES, name="gone")
    refused(
        "FK211",
        spine,
        {"spend@1.0": events_view(other, n=over("count_rows", "all_time"))},
        "asked_at",
    )


def test_nulls_in_the_spine_are_counted(views: dict[str, View]) -> None:
    made = trained(
        asked(("ann", at(9), 1), (None, at(9), 1), ("ann", None, 1)), views, purchases=BOUGHT
    )
    assert made.report.without_key == {"who": 1}
    assert made.report.without_time == 1
    assert made.frame["spend__total"].to_list() == [21.0, None, None]


# --- any history

_MOMENT = st.integers(0, 30).map(lambda n: at(n // 3, n % 3))
_HOME = st.fixed_dictionaries(
    {
        "who": st.sampled_from(["ann", "bob"]),
        "at": st.none() | _MOMENT,
        "city": st.none() | st.sampled_from(["Rome", "Oslo", "Lima"]),
        "active": st.none() | st.booleans(),
        "known": st.none() | _MOMENT,
    }
)


@settings(max_examples=60, deadline=None, database=None, derandomize=True)
@given(
    homes=st.lists(_HOME, max_size=12),
    spine=st.lists(
        st.tuples(st.sampled_from(["ann", "bob", None]), st.none() | _MOMENT), max_size=5
    ),
    late=st.booleans(),
    only_active=st.booleans(),
    max_age=st.sampled_from([None, HOUR, 3 * HOUR + 1]),
    delay=st.sampled_from([0, HOUR]),
)
def test_any_look_up_is_answered_as_it_is_meant(
    homes: list[dict[str, Any]],
    spine: list[tuple[Any, Any]],
    late: bool,  # noqa: FBT001  drawn by hypothesis
    only_active: bool,  # noqa: FBT001  drawn by hypothesis
    max_age: int | None,
    delay: int,
) -> None:
    source = replace(CUSTOMERS, available="known" if late else None)
    where = Column("customers", "active", BOOLEAN) if only_active else None
    view = lookup_view(source, max_age=max_age, delay=delay, where=where)
    trained(asked(*spine), {"home@1.0": view}, customers=homes)
