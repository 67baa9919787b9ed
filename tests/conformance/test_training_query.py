"""The training query on DuckDB: every aggregate over every window answers what the oracle means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest
from window_cases import (
    SPINE_SCHEMA,
    VARIANTS,
    WINDOWS,
    Variant,
    events,
    every_aggregate,
    numbers,
    spine,
    typed,
    view,
    wanted_of,
)

from featurekit.ir.view import View
from featurekit.ops import AggregateFunction
from featurekit.ops.bounds import agree
from featurekit.training.duckdb_engine import duckdb_answers
from featurekit.training.oracle import naive
from featurekit.training.sources import SourceData

Rows = list[dict[str, Any]]
_ROWS = {variant.name: events(11, wild=variant.wild) for variant in VARIANTS}


def both(one: View, rows: Rows, asked: Rows) -> tuple[Rows, Rows]:
    """Return the query's and the oracle's rows."""
    assert one.source is not None
    views = {f"{one.name}@1.0": one}
    data = {one.source.name: SourceData(one.source, typed(rows, one.source).lazy())}
    questions = pl.DataFrame(asked, schema=SPINE_SCHEMA)
    made = duckdb_answers(questions, wanted_of(views), views, data, time="asked_at")
    meant = naive(asked, wanted_of(views), views, {one.source.name: rows}, "asked_at")
    return made.to_dicts(), meant


def differences(row: AggregateFunction, rows: Rows, made: Rows, meant: Rows) -> list[str]:
    """Return one line an answer that is not what the oracle means."""
    found = []
    for got, want in zip(made, meant, strict=True):
        for column in got:
            own = [r for r in rows if r["customer"] == want["customer"]]
            values = numbers(row, column.partition("__")[2], own)
            if not agree(row.bound, values, got[column], want[column]):
                where = f"{column} of {want['customer']} at {want['asked_at']}"
                found.append(f"{where}: got {got[column]!r}, means {want[column]!r}")
    return found


def check(row: AggregateFunction, variant: Variant, windows: Sequence[str]) -> None:
    rows = _ROWS[variant.name]
    one = view(row, variant, windows)
    assert one.features, f"{row.name} has no argument to try"
    made, meant = both(one, rows, spine())
    assert differences(row, rows, made, meant) == []


@pytest.mark.parametrize("row", every_aggregate(), ids=lambda row: row.name)
@pytest.mark.parametrize("third", [0, 1, 2])
def test_the_query_answers_what_the_oracle_means(row: AggregateFunction, third: int) -> None:
    check(row, VARIANTS[third + 3 * (len(row.name) % 2)], WINDOWS[third::3])


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: v.name)
@pytest.mark.parametrize("row", every_aggregate(), ids=lambda row: row.name)
def test_so_it_does_in_every_variant_for_every_window(
    row: AggregateFunction, variant: Variant
) -> None:
    check(row, variant, WINDOWS)
