"""The training query on a PostgreSQL server answers what the oracle means."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from postgres_rows import make_table, typed

from featurekit.backends.plan import Wanted
from featurekit.backends.to_sql import training_query
from featurekit.backends.to_sql_dialect import dialect_named
from featurekit.datatypes import BIGINT, DATE, DOUBLE, TIMESTAMP, VARCHAR, DataType
from featurekit.errors.definition import NoSpelling
from featurekit.ir.definitions import Entity, Field, Source, SourceKind
from featurekit.ir.nodes import Aggregate, Column
from featurekit.ir.view import Feature, Grain, View
from featurekit.ir.windows import AllTime
from featurekit.ops import AggregateFunction
from featurekit.ops.bounds import agree
from featurekit.parity.compare import answers, compare
from featurekit.training.oracle import naive

sys.path += [str(Path(__file__).parents[1] / part) for part in ("conformance", "backends")]

import shop_cells
import window_cases
from test_postgres_aggregates import UNTRIED

Rows = list[dict[str, Any]]
SHOP_SPINE = {
    "customer_id": VARCHAR,
    "city": VARCHAR,
    "zip": BIGINT,
    "amount": DOUBLE,
    "items": BIGINT,
    "note": VARCHAR,
    "due": DATE,
    "asked_at": TIMESTAMP,
}


def answered(
    postgres: Any,
    spine: tuple[Mapping[str, DataType], Rows],
    views: Mapping[str, View],
    rows: Mapping[str, Rows],
    wanted: Sequence[Wanted],
) -> Rows:
    """Return the query's rows: the spine's columns, then the answers."""
    fields, asked = spine
    make_table(postgres, "spine", fields, [[row[name] for name in fields] for row in asked])
    for source in {v.source.name: v.source for v in views.values() if v.source}.values():
        if source.time:
            columns = {field.name: field.type for field in source.fields}
            held = [[row.get(name) for name in columns] for row in rows[source.name]]
            make_table(postgres, source.name, columns, held)
    kinds = {w.column: views[w.reference].feature(w.feature) for w in wanted}
    every = dict(fields) | {name: f.expression.type for name, f in kinds.items() if f}
    query = training_query(wanted, views, "postgres", "asked_at")
    made = typed(postgres, query, list(every.values()))
    return [dict(zip(every, row, strict=True)) for row in made]


@pytest.mark.parametrize("case", shop_cells.CELLS, ids=lambda case: case.name)
def test_the_golden_cases_answer_what_is_meant(case: Any, postgres: Any) -> None:
    views, made = shop_cells.views_of(case), shop_cells.rows()
    wanted, asked = shop_cells.wanted_of(views), shop_cells.questions()
    meant = naive(asked, wanted, views, made, "asked_at")
    got = answered(postgres, (SHOP_SPINE, asked), views, made, wanted)
    assert [{name: row[name] for name in SHOP_SPINE} for row in got] == [
        {name: row[name] for name in SHOP_SPINE} for row in asked
    ]
    found = compare(meant, got, answers(wanted, views))
    assert [f"{d.row} {d.column}: {d.expected!r}, got {d.got!r}" for d in found] == []


WINDOW_SPINE = {"customer": VARCHAR, "asked_at": TIMESTAMP}
HELD = {
    variant.name: window_cases.events(11, wild=variant.wild) for variant in window_cases.VARIANTS
}


def over_windows(
    postgres: Any, row: AggregateFunction, variant: window_cases.Variant, windows: Sequence[str]
) -> None:
    one = window_cases.view(row, variant, windows)
    assert one.source is not None
    views, rows, asked = {f"{one.name}@1.0": one}, HELD[variant.name], window_cases.spine()
    wanted = window_cases.wanted_of(views)
    meant = naive(asked, wanted, views, {one.source.name: rows}, "asked_at")
    got = answered(postgres, (WINDOW_SPINE, asked), views, {one.source.name: rows}, wanted)
    found = []
    for made, want in zip(got, meant, strict=True):
        own = [r for r in rows if r["customer"] == want["customer"]]
        for name in (w.column for w in wanted):
            values = window_cases.numbers(row, name.partition("__")[2], own)
            if not agree(row.bound, values, made[name], want[name]):
                where = f"{name} of {want['customer']} at {want['asked_at']}"
                found.append(f"{where}: got {made[name]!r}, means {want[name]!r}")
    assert found == []


TRIED = [row for row in window_cases.every_aggregate() if row.name not in UNTRIED]


@pytest.mark.parametrize("row", TRIED, ids=lambda row: row.name)
def test_aggregates_over_windows_answer_what_is_meant(
    row: AggregateFunction, postgres: Any
) -> None:
    third = len(row.name) % 3
    variant = window_cases.VARIANTS[len(row.name) % len(window_cases.VARIANTS)]
    over_windows(postgres, row, variant, window_cases.WINDOWS[third::3])


@pytest.mark.slow
@pytest.mark.parametrize("variant", window_cases.VARIANTS, ids=lambda variant: variant.name)
@pytest.mark.parametrize("row", TRIED, ids=lambda row: row.name)
def test_so_they_do_in_every_variant_over_every_window(
    row: AggregateFunction, variant: window_cases.Variant, postgres: Any
) -> None:
    over_windows(postgres, row, variant, window_cases.WINDOWS)


def test_a_column_whose_name_would_be_cut_is_refused() -> None:
    views = shop_cells.views_of(shop_cells.CELLS[0])
    (first, *_) = shop_cells.wanted_of(views)
    long = Wanted(first.reference, first.view_name, first.feature, "x" * 64)
    with pytest.raises(NoSpelling, match="63 bytes"):
        training_query([long], views, "postgres", "asked_at")


@pytest.mark.parametrize("source", ['a"b', "x); DROP TABLE spine; --", "select", "{0}", "n" * 60])
@pytest.mark.parametrize("column", ['c"d', "x'; --", "order", "{x}"])
def test_names_of_any_kind_stay_names(source: str, column: str, postgres: Any) -> None:
    at = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    fields = (Field("k", VARCHAR), Field("t", TIMESTAMP), Field(column, DOUBLE))
    made = Source(source, SourceKind.EVENTS, fields, ("e",), time="t")
    last = Aggregate("last", (Column(source, column, DOUBLE),), AllTime(), type=DOUBLE)
    entity = Entity("e", (Field("k", VARCHAR),))
    one = View("v", Grain.ENTITY, (Feature("f", last),), made, (entity,))
    spine = {"k": VARCHAR, "asked_at": TIMESTAMP}
    asked = [{"k": "a", "asked_at": at + dt.timedelta(days=1)}]
    rows = {source: [{"k": "a", "t": at, column: 1.5}]}
    wanted = [Wanted("v@1.0", "v", "f", "v__f")]
    got = answered(postgres, (spine, asked), {"v@1.0": one}, rows, wanted)
    assert [row["v__f"] for row in got] == [1.5]


def test_a_text_that_no_text_there_can_hold_is_refused() -> None:
    with pytest.raises(NoSpelling, match="U\\+0000"):
        dialect_named("postgres").text("a\0b")
