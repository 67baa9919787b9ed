"""Aggregates whose rows are put in another order first: polars, DuckDB and the oracle agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from window_cases import (
    COLUMNS,
    SPINE_SCHEMA,
    VARIANTS,
    Variant,
    both,
    events,
    every_aggregate,
    spine,
    typed,
    view,
    wanted_of,
)

from featurekit.ir.nodes import Aggregate, Column, Order
from featurekit.ir.view import View
from featurekit.ops import AggregateFunction
from featurekit.ops.bounds import agree
from featurekit.training.duckdb_engine import duckdb_answers
from featurekit.training.sources import open_source

WINDOWS = ("last_1d", "last_3_rows", "all_time")
ORDERS = (
    (Order(Column("events", "double", COLUMNS["double"])),),
    (Order(Column("events", "double", COLUMNS["double"]), descending=True),),
    (
        Order(Column("events", "text", COLUMNS["text"]), descending=True),
        Order(Column("events", "bigint", COLUMNS["bigint"])),
    ),
)
ORDERED = [row for row in every_aggregate() if row.ordered]
TRIED = (VARIANTS[2], VARIANTS[3])


def reordered(row: AggregateFunction, variant: Variant, windows: Sequence[str]) -> View:
    """Return the view of every window, each aggregate in one of the orders in turn."""
    one = view(row, variant, windows)
    features = []
    for number, feature in enumerate(one.features):
        assert isinstance(feature.expression, Aggregate)
        order = ORDERS[number % len(ORDERS)]
        features.append(replace(feature, expression=replace(feature.expression, order=order)))
    return replace(one, features=tuple(features))


@pytest.mark.parametrize("variant", TRIED, ids=lambda variant: variant.name)
@pytest.mark.parametrize("row", ORDERED, ids=lambda row: row.name)
def test_engines_answer_in_the_order_that_is_written(
    row: AggregateFunction, variant: Variant
) -> None:
    rows, asked, one = events(7, wild=variant.wild), spine(), reordered(row, variant, WINDOWS)
    made, meant = both(one, rows, asked)
    assert one.source is not None
    views = {f"{one.name}@1.0": one}
    data = {"events": open_source(one.source, Path(), typed(rows, one.source))}
    questions = pl.DataFrame(asked, schema=SPINE_SCHEMA)
    other = duckdb_answers(questions, wanted_of(views), views, data, time="asked_at").to_dicts()
    assert different(made, meant) == []
    assert different(other, meant) == []


def different(made: list[dict[str, Any]], meant: list[dict[str, Any]]) -> list[str]:
    return [
        f"{name} of {want['customer']} at {want['asked_at']}: {got[name]!r}, means {want[name]!r}"
        for got, want in zip(made, meant, strict=True)
        for name in want
        if "__" in name and not agree("exact", [], got[name], want[name])
    ]
