"""The training query on a PostgreSQL server answers what the oracle means."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from postgres_rows import make_table, typed
from test_postgres_aggregates import UNTRIED
from training_queries import Server, shop_cells, window_cases

from featurekit.backends.plan import Wanted
from featurekit.backends.to_sql import training_query
from featurekit.backends.to_sql_dialects import dialect_named
from featurekit.errors.definition import NoSpelling
from featurekit.ops import AggregateFunction


@pytest.fixture
def server(postgres: Any) -> Server:
    return Server("postgres", partial(make_table, postgres), partial(typed, postgres))


@pytest.mark.parametrize("case", shop_cells.CELLS, ids=lambda case: case.name)
def test_the_golden_cases_answer_what_is_meant(case: Any, server: Server) -> None:
    assert server.golden_case(case) == []


TRIED = [row for row in window_cases.every_aggregate() if row.name not in UNTRIED]


@pytest.mark.parametrize("row", TRIED, ids=lambda row: row.name)
def test_aggregates_over_windows_answer_what_is_meant(
    row: AggregateFunction, server: Server
) -> None:
    third = len(row.name) % 3
    variant = window_cases.VARIANTS[len(row.name) % len(window_cases.VARIANTS)]
    assert server.over_windows([row], variant, window_cases.WINDOWS[third::3]) == []


ORDERED = [row for row in TRIED if row.ordered]


def test_rows_are_put_in_the_order_that_is_written(server: Server) -> None:
    assert server.over_orders(ORDERED, window_cases.VARIANTS[3]) == []


@pytest.mark.slow
@pytest.mark.parametrize("variant", window_cases.VARIANTS, ids=lambda variant: variant.name)
@pytest.mark.parametrize("row", TRIED, ids=lambda row: row.name)
def test_so_they_do_in_every_variant_over_every_window(
    row: AggregateFunction, variant: window_cases.Variant, server: Server
) -> None:
    assert server.over_windows([row], variant, window_cases.WINDOWS) == []


def test_a_column_whose_name_would_be_cut_is_refused() -> None:
    views = shop_cells.views_of(shop_cells.CELLS[0])
    (first, *_) = shop_cells.wanted_of(views)
    long = Wanted(first.reference, first.view_name, first.feature, "x" * 64)
    with pytest.raises(NoSpelling, match="63 bytes"):
        training_query([long], views, "postgres", "asked_at")


@pytest.mark.parametrize("source", ['a"b', "x); DROP TABLE spine; --", "select", "{0}", "n" * 60])
@pytest.mark.parametrize("column", ['c"d', "x'; --", "order", "{x}"])
def test_names_of_any_kind_stay_names(source: str, column: str, server: Server) -> None:
    assert server.of_names(source, column) == [1.5]


def test_a_text_that_no_text_there_can_hold_is_refused() -> None:
    with pytest.raises(NoSpelling, match="U\\+0000"):
        dialect_named("postgres").text("a\0b")
