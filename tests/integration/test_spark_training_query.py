"""The training query on a local Spark answers what the oracle means."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import pytest
from spark_rows import make_table, typed
from training_queries import Server, shop_cells, window_cases

from featurekit.backends.to_sql_dialects import dialect_named
from featurekit.datatypes import TIMESTAMP
from featurekit.errors.definition import NoSpelling


@pytest.fixture
def server(spark: Any) -> Server:
    return Server("spark", partial(make_table, spark), partial(typed, spark))


@pytest.mark.parametrize("case", shop_cells.CELLS, ids=lambda case: case.name)
def test_the_golden_cases_answer_what_is_meant(case: Any, server: Server) -> None:
    assert server.golden_case(case) == []


EVERY = window_cases.every_aggregate()
GROUPS = 9


@pytest.mark.parametrize("group", range(GROUPS))
def test_aggregates_over_windows_answer_what_is_meant(group: int, server: Server) -> None:
    variant = window_cases.VARIANTS[group % len(window_cases.VARIANTS)]
    windows = window_cases.WINDOWS[group % 3 :: 3]
    assert server.over_windows(EVERY[group::GROUPS], variant, windows) == []


@pytest.mark.parametrize("group", range(GROUPS))
def test_so_they_do_in_other_variants_over_other_windows(group: int, server: Server) -> None:
    variant = window_cases.VARIANTS[(group + 2) % len(window_cases.VARIANTS)]
    windows = window_cases.WINDOWS[(group + 1) % 3 :: 3]
    assert server.over_windows(EVERY[group::GROUPS], variant, windows) == []


def test_rows_are_put_in_the_order_that_is_written(server: Server) -> None:
    ordered = [row for row in EVERY if row.ordered]
    assert server.over_orders(ordered, window_cases.VARIANTS[3]) == []


@pytest.mark.parametrize("source", ["a`b", "x); DROP TABLE spine; --", "select", "{0}", "$1"])
@pytest.mark.parametrize("column", ["c`d", "x'; --", "order", "{x}", "\\"])
def test_names_of_any_kind_stay_names(source: str, column: str, server: Server) -> None:
    assert server.of_names(source, column) == [1.5]


def test_a_name_in_whose_place_a_setting_would_stand_is_refused(server: Server) -> None:
    with pytest.raises(NoSpelling, match="a setting"):
        server.of_names("s", "${spark.app.name}")


@pytest.mark.parametrize("value", ["${spark.app.name}", "\\", "\\u0041", "'", '"', "`", "a\0b", ""])
def test_texts_of_any_kind_stay_texts(value: str, spark: Any) -> None:
    text = dialect_named("spark").text(value)
    assert spark.sql(f"SELECT {text} AS answer").collect()[0].answer == value


@pytest.mark.parametrize("stored", ["timestamp_micros({us})", "TIMESTAMP_NTZ '{wall}'"])
@pytest.mark.parametrize("hour", range(4))
def test_instants_are_read_whatever_the_zone_of_the_session(
    stored: str, hour: int, elsewhere: Any
) -> None:
    at = dt.datetime(2024, 3, 10, hour, 30, 0, 1, tzinfo=dt.UTC)
    us = (at - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)
    text = stored.format(us=us, wall=at.replace(tzinfo=None))
    read = dialect_named("spark").read("t", TIMESTAMP)
    query = f"SELECT {read} AS answer FROM (SELECT {text} AS t)"  # noqa: S608  our own text
    assert typed(elsewhere, query, [TIMESTAMP]) == [(at,)]


def test_a_training_set_is_the_same_in_a_session_of_another_zone(elsewhere: Any) -> None:
    server = Server("spark", partial(make_table, elsewhere), partial(typed, elsewhere))
    assert server.golden_case(shop_cells.CELLS[0]) == []


def test_a_session_whose_casts_are_not_ansi_is_refused(spark: Any, server: Server) -> None:
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import PySparkException

    spark.conf.set("spark.sql.ansi.enabled", "false")
    try:
        with pytest.raises((Py4JJavaError, PySparkException), match="SET spark"):
            server.of_names("s", "x")
    finally:
        spark.conf.set("spark.sql.ansi.enabled", "true")
