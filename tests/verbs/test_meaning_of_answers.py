"""What an answer means, checked through the public names on all three paths."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from trade import ALIASES, OWNER, at, row

import featurekit as fk

CELL = {"entity": "customer", "owner": OWNER}
MICRO = dt.timedelta(microseconds=1)


def asked(*moments: dt.datetime | None, customer: str | None = "a", **more: Any) -> pl.DataFrame:
    """Return one question a moment."""
    made = {"customer_id": [customer] * len(moments), "asked_at": list(moments)}
    types = {"customer_id": pl.String, "asked_at": pl.Datetime("us", "UTC")}
    return pl.DataFrame(made, schema=types).with_columns(**more)


def answered(
    rows: list[dict[str, Any]] | pl.DataFrame, features: str, spine: pl.DataFrame, **other: Any
) -> list[tuple[Any, ...]]:
    """Return the answers to ``spine``, the same from training, DuckDB and serving."""
    said = {"entity": "customer", "time": "event_time", "available": "loaded_at"}
    header = {key: other.pop(key) for key in ("zone", "max_age", "delay") if key in other}
    other["zone"] = other.pop("source_zone", None)
    workspace = fk.Workspace(":memory:")
    workspace.entity("customer", "customer_id:string")
    workspace.vocabulary("country", ALIASES, ignore_case=True)
    workspace.source("sales", rows, **(said | other))
    cell = f"SELECT {features} FROM sales"  # noqa: S608  a cell is no SQL that is run
    workspace.feature("v", cell, source="sales", **CELL, **header)
    trained = workspace.training_set(spine, "v", time="asked_at")
    on_duckdb = workspace.training_set(spine, "v", time="asked_at", engine="duckdb")
    assert_frame_equal(on_duckdb, trained)
    assert_frame_equal(workspace.served("v", spine, time="asked_at"), trained)
    assert workspace.parity("v", spine=spine, time="asked_at").differences == 0
    assert trained.columns[: len(spine.columns)] == spine.columns
    assert_frame_equal(trained.select(spine.columns), spine)
    return trained.select(pl.exclude(spine.columns)).rows()


def test_a_row_is_not_visible_at_its_own_moment() -> None:
    rows = [row(1, "a", at(5, 12))]
    given = answered(rows, "COUNT(*) OVER all_time AS n", asked(at(5, 12), at(5, 12) + MICRO))
    assert given == [(0,), (1,)]


def test_a_late_row_is_not_visible_before_it_was_loaded() -> None:
    late = row(1, "a", at(5)) | {"loaded_at": at(7)}
    rows = [late, row(2, "a", at(6)), row(3, "a", at(4)) | {"loaded_at": None}]
    features = "COUNT(*) OVER all_time AS n, COUNT(*) OVER last_48h AS lately"
    given = answered(rows, features, asked(at(6, 12), at(7), at(7) + MICRO, at(8, 1)))
    assert given == [(1, 1), (1, 1), (2, 1), (2, 0)]


def test_a_delay_is_added_to_when_a_row_was_loaded() -> None:
    rows = [row(1, "a", at(5))]
    moments = asked(at(5, 0, 5), at(5, 0, 5) + MICRO)
    assert answered(rows, "COUNT(*) OVER all_time AS n", moments, delay="5m") == [(0,), (1,)]


def test_days_that_elapsed_and_days_of_the_calendar_differ_where_clocks_change() -> None:
    # Sunday, 31 March 2024, had 23 hours in Berlin
    begins = dt.datetime(2024, 3, 30, 23, tzinfo=dt.UTC)  # Berlin's midnight before that Sunday
    rows = [row(n, "a", begins + dt.timedelta(hours=n)) for n in range(24)]
    moments = asked(dt.datetime(2024, 4, 1, 0, tzinfo=dt.UTC))  # 02:00 of Monday in Berlin
    features = (
        "COUNT(*) OVER calendar_1d AS sunday, COUNT(*) OVER last_1d AS elapsed, "
        "COUNT(*) OVER today AS monday, COUNT(*) OVER calendar_7d AS week"
    )
    assert answered(rows, features, moments, zone="Europe/Berlin") == [(23, 23, 1, 23)]
    assert answered(rows, features, moments, zone="UTC") == [(23, 23, 0, 24)]


def test_a_window_begins_with_its_edge_and_ends_before_the_moment() -> None:
    rows = [row(1, "a", at(1)), row(2, "a", at(8))]
    moments = asked(at(8), at(8) + MICRO, at(15), at(15) + MICRO)
    given = answered(rows, "COUNT(*) OVER last_7d AS n", moments)
    assert given == [(1,), (1,), (1,), (0,)]


def test_spellings_of_one_category_are_one() -> None:
    spellings = ["US", "United States", " usa ", "Germany", "Atlantis", "", None]
    rows = [row(n, "a", at(1 + n), country=name) for n, name in enumerate(spellings)]
    features = (
        "COUNT_IF(VOCAB(country, country) = 'US') OVER all_time AS us, "
        "COUNT(DISTINCT VOCAB(country, country)) OVER all_time AS known, "
        "COUNT(VOCAB(country, country)) OVER all_time AS n, "
        "LAST(VOCAB(country, country)) OVER all_time AS latest"
    )
    assert answered(rows, features, asked(at(9))) == [(3, 2, 4, "DE")]


def test_a_vocabulary_of_the_request_is_the_same_in_training_and_serving() -> None:
    workspace = fk.Workspace(":memory:")
    workspace.vocabulary("country", ALIASES, unknown="other", ignore_case=True)
    workspace.source("visit", kind="request", schema="country:string")
    text = "SELECT VOCAB(country, country) AS home FROM visit"
    workspace.feature("v", text, source="visit", owner=OWNER)
    spine = pl.DataFrame({"country": ["US", "United States", "deutschland", "Mars", None]})
    trained = workspace.training_set(spine, "v")
    assert trained["v__home"].to_list() == ["US", "US", "DE", "other", None]
    assert_frame_equal(workspace.served("v", spine), trained)


def test_a_looked_up_row_is_stale_just_after_its_maximum_age() -> None:
    rows = [row(1, "a", at(1), amount=3.0), row(2, "a", at(10), amount=4.0)]
    moments = asked(at(1), at(1) + MICRO, at(4), at(4) + MICRO, at(10), at(10) + MICRO)
    given = answered(rows, "amount AS price", moments, kind="snapshot", max_age="3d")
    assert given == [(None,), (3.0,), (3.0,), (None,), (None,), (4.0,)]


def test_ties_go_by_the_tie_column_and_without_one_by_the_whole_row() -> None:
    rows = [row(n, "a", at(1), amount=amount) for n, amount in ((3, 7.0), (1, 9.0), (2, 8.0))]
    features = "LAST(amount) OVER all_time AS l, FIRST(amount) OVER all_time AS f"
    moments = asked(at(2))
    assert answered(rows, features, moments, tie="transaction_id") == [(7.0, 9.0)]
    assert answered(rows[::-1], features, moments) == [(7.0, 9.0)]
    assert answered(rows, "amount AS price", moments, kind="snapshot") == [(7.0,)]


def test_a_row_that_comes_twice_counts_once_and_the_first_known_wins() -> None:
    first = row(1, "a", at(1), amount=5.0) | {"loaded_at": at(2)}
    again = row(1, "a", at(1), amount=6.0) | {"loaded_at": at(3)}
    features = "COUNT(*) OVER all_time AS n, SUM(amount) OVER all_time AS s"
    moments = asked(at(2), at(2, 12), at(4))
    given = answered([again, first], features, moments, tie="transaction_id")
    assert given == [(0, None), (1, 5.0), (1, 5.0)]
    assert answered([again, first], features, moments) == [(0, None), (1, 5.0), (2, 11.0)]


def test_an_empty_window_is_null_and_a_count_of_it_is_zero() -> None:
    rows = [row(1, "b", at(1))]
    features = (
        "COUNT(*) OVER last_7d AS n, COUNT(amount) OVER last_7d AS m, "
        "SUM(amount) OVER last_7d AS s, AVG(amount) OVER last_7d AS v, "
        "MAX(amount) OVER last_7d AS x, LAST(status) OVER last_7d AS t, "
        "COUNT(DISTINCT status) OVER last_7d AS d, STDDEV(amount) OVER last_7d AS e"
    )
    assert answered(rows, features, asked(at(3))) == [(0, 0, None, None, None, None, 0, None)]


def test_nulls_are_skipped_by_aggregates_and_unknown_to_logic() -> None:
    amounts = [None, 1.0, None, 3.0]
    rows = [row(n, "a", at(1 + n), amount=amount) for n, amount in enumerate(amounts)]
    features = (
        "COUNT(*) OVER all_time AS n, COUNT(amount) OVER all_time AS m, "
        "AVG(amount) OVER all_time AS v, COUNT_IF(amount > 2) OVER all_time AS big, "
        "COUNT(*) FILTER (WHERE NOT amount > 2) OVER all_time AS small, "
        "LAST(amount) OVER all_time AS latest, FIRST(amount) OVER all_time AS earliest"
    )
    assert answered(rows, features, asked(at(9))) == [(4, 2, 2.0, 1, 1, 3.0, 1.0)]


def test_rows_without_a_time_or_a_key_are_nobodys() -> None:
    rows = [row(1, "a", None), row(2, None, at(1)), row(3, "a", at(1))]
    spine = pl.concat([asked(at(9), None), asked(at(9), customer=None)])
    assert answered(rows, "COUNT(*) OVER all_time AS n", spine) == [(1,), (0,), (0,)]


def test_the_spine_keeps_its_order_its_twins_and_its_other_columns() -> None:
    rows = [row(n, "a", at(n), amount=float(n)) for n in range(1, 20)]
    moments = [at(n) for n in (9, 3, 9, 18, 1, 3)]
    spine = asked(*moments, amount=pl.lit("not that one"), status=pl.Series(range(6)))
    given = answered(rows, "COUNT(*) OVER all_time AS n, SUM(amount) OVER last_2d AS s", spine)
    assert given == [(8, 15.0), (2, 3.0), (8, 15.0), (17, 33.0), (0, None), (2, 3.0)]


def test_moments_of_another_zone_are_the_same_moments() -> None:
    rows = [row(1, "a", at(5, 12))]
    spine = asked(at(5, 12), at(5, 13)).with_columns(
        pl.col("asked_at").dt.convert_time_zone("America/New_York")
    )
    assert answered(rows, "COUNT(*) OVER all_time AS n", spine) == [(0,), (1,)]


def test_nothing_asked_is_nothing_answered() -> None:
    assert answered([row(1, "a", at(5))], "COUNT(*) OVER all_time AS n", asked()) == []
    empty = pl.DataFrame(schema=pl.DataFrame([row(1, "a", at(5))]).schema)
    schema = (
        "transaction_id:bigint customer_id:string event_time:timestamp loaded_at:timestamp "
        "amount:double status:string country:string"
    )
    given = answered(empty, "COUNT(*) OVER all_time AS n", asked(at(5)), schema=schema)
    assert given == [(0,)]


def test_a_naive_moment_is_refused_and_says_how_to_name_its_zone(churn: fk.Workspace) -> None:
    naive = asked(at(5)).with_columns(pl.col("asked_at").dt.replace_time_zone(None))
    for ask in (churn.training_set, lambda s, w, **k: churn.served(w, s, **k)):
        with pytest.raises(fk.FeatureError, match="asked_at") as caught:
            ask(naive, "churn", time="asked_at")
        assert caught.value.code == "FK209"
        assert "replace_time_zone" in caught.value.fix


def test_a_label_that_is_called_like_an_answer_is_refused(churn: fk.Workspace) -> None:
    spine = asked(at(5)).with_columns(customer_spend__spend_30d=pl.lit(1.0))
    for engine in ("polars", "duckdb"):
        with pytest.raises(fk.FeatureError) as caught:
            churn.training_set(spine, "churn", time="asked_at", engine=engine)
        assert caught.value.code == "FK213"


def test_moments_beyond_the_calendar_are_no_moments() -> None:
    far = pl.Series([2**62, -(2**62)]).cast(pl.Datetime("us", "UTC"))
    rows = pl.DataFrame([row(1, "a", at(1)), row(2, "a", at(1))]).with_columns(event_time=far)
    spine = asked(at(9), at(9)).with_columns(asked_at=far)
    assert answered(rows, "COUNT(*) OVER all_time AS n", asked(at(9))) == [(0,)]
    rows = pl.DataFrame([row(1, "a", at(1))])
    workspace = fk.Workspace(":memory:")
    workspace.entity("customer", "customer_id:string")
    workspace.source("sales", rows, entity="customer", time="event_time")
    cell = "SELECT COUNT(*) OVER all_time AS n FROM sales"
    workspace.feature("v", cell, source="sales", **CELL)
    given = workspace.training_set(spine, "v", time="asked_at")
    assert given["v__n"].to_list() == [0, 0]
    assert_frame_equal(workspace.served("v", spine, time="asked_at"), given)


def test_a_naive_source_is_read_in_the_zone_that_it_names() -> None:
    wall = dt.datetime(2024, 3, 5, 12)  # noqa: DTZ001  naive on purpose: noon on a wall
    rows = [{"customer_id": "a", "event_time": wall, "amount": 1.0}]
    moments = asked(at(5, 17), at(5, 17) + MICRO)  # New York's noon
    read = {"available": None, "source_zone": "America/New_York"}
    given = answered(rows, "COUNT(*) OVER all_time AS n", moments, **read)
    assert given == [(0,), (1,)]
