"""The training query as text: golden, deterministic, and what it answers is what was meant."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from shop_cells import CELLS, Cell, questions, rows, views_of, wanted_of

from featurekit.backends.to_polars import polars_type
from featurekit.backends.to_sql import training_query
from featurekit.datatypes import DOUBLE, TIMESTAMP, VARCHAR
from featurekit.errors.data import ReservedColumn, SameButForCase
from featurekit.errors.definition import NoSpelling
from featurekit.ir.definitions import Entity, Field, Source, SourceKind
from featurekit.ir.nodes import Aggregate, Column
from featurekit.ir.view import Feature, Grain, View
from featurekit.ir.windows import AllTime
from featurekit.parity.compare import answers, compare
from featurekit.training.duckdb_engine import duckdb_answers
from featurekit.training.oracle import naive
from featurekit.training.sets import training_set
from featurekit.training.sources import SourceData

GOLDEN = Path(__file__).parents[1] / "golden" / "sql"


def frame(given: list[dict[str, Any]], fields: Mapping[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(given, schema={name: polars_type(kind) for name, kind in fields.items()})


def sources(views: Mapping[str, View], made: Mapping[str, Any]) -> dict[str, SourceData]:
    found = {s.name: s for view in views.values() for s in view.stored}
    return {
        name: SourceData(s, frame(made[name], {f.name: f.type for f in s.fields}).lazy())
        for name, s in found.items()
    }


def spine() -> pl.DataFrame:
    schema = {
        "customer_id": pl.String,
        "city": pl.String,
        "zip": pl.Int64,
        "amount": pl.Float64,
        "items": pl.Int64,
        "note": pl.String,
        "due": pl.Date,
        "asked_at": pl.Datetime("us", "UTC"),
    }
    return pl.DataFrame(questions(), schema=schema)


def _golden(case: Cell, dialect: str, made: str) -> None:
    file = GOLDEN / case.name / f"{dialect}.sql"
    if os.environ.get("FEATUREKIT_GOLDEN") == "write":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(made, encoding="utf-8")
    assert made == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
@pytest.mark.parametrize("case", CELLS, ids=lambda case: case.name)
def test_the_query_is_the_golden_one(case: Cell, dialect: str) -> None:
    views = views_of(case)
    made = training_query(wanted_of(views), views, dialect, "asked_at")
    _golden(case, dialect, made)
    assert made == training_query(
        wanted_of(views), dict(reversed(views.items())), dialect, "asked_at"
    )


@pytest.mark.parametrize("dialect", ["snowflake", "bigquery"])
@pytest.mark.parametrize("case", CELLS, ids=lambda case: case.name)
def test_what_the_documentation_says_is_golden_and_the_rest_refused(
    case: Cell, dialect: str
) -> None:
    views = views_of(case)
    said, refused = [], []
    for one in wanted_of(views):
        try:
            training_query([one], views, dialect, "asked_at")
        except NoSpelling as gap:
            refused.append(f"-- not said: {one.column}: {gap.problem}: {gap.why}\n")
        else:
            said.append(one)
    made = training_query(said, views, dialect, "asked_at") + "".join(refused)
    _golden(case, dialect, made)


@pytest.mark.parametrize("engine", ["duckdb", "polars"])
@pytest.mark.parametrize("case", CELLS, ids=lambda case: case.name)
def test_look_ups_requests_and_derived_views_answer_what_is_meant(case: Cell, engine: str) -> None:
    views, made = views_of(case), rows()
    wanted, data = wanted_of(views), sources(views, made)
    if engine == "duckdb":
        got = duckdb_answers(spine(), wanted, views, data, time="asked_at")
    else:
        got = training_set(spine(), wanted, views, data, time="asked_at").frame
    meant = naive(spine().to_dicts(), wanted, views, made, "asked_at")
    found = compare(meant, got.to_dicts(), answers(wanted, views))
    assert [f"{d.row} {d.column}: {d.expected!r}, got {d.got!r}" for d in found] == []


def test_the_cases_answer_something_else_than_null() -> None:
    for case in CELLS:
        views = views_of(case)
        wanted = wanted_of(views)
        meant = naive(spine().to_dicts(), wanted, views, rows(), "asked_at")
        for one in wanted:
            assert len({repr(row[one.column]) for row in meant}) > 1, one.column


def one_view(source: str, column: str) -> dict[str, View]:
    fields = (Field("k", VARCHAR), Field("t", TIMESTAMP), Field(column, DOUBLE))
    made = Source(source, SourceKind.EVENTS, fields, ("e",), time="t")
    total = Aggregate("last", (Column(source, column, DOUBLE),), AllTime(), type=DOUBLE)
    entity = Entity("e", (Field("k", VARCHAR),))
    return {"v@1.0": View("v", Grain.ENTITY, (Feature("f", total),), made, (entity,))}


@pytest.mark.parametrize("source", ['a"b', "x); DROP TABLE spine; --", "select", "a b", "{0}"])
@pytest.mark.parametrize("column", ['c"d', "x'; --", "order", "{x}"])
def test_names_of_any_kind_stay_names(source: str, column: str) -> None:
    views = one_view(source, column)
    at = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    given = {source: [{"k": "a", "t": at, column: 1.5}]}
    asked = pl.DataFrame({"k": ["a"], "t": [at + dt.timedelta(days=1)]})
    data = sources(views, given)
    got = duckdb_answers(asked, wanted_of(views), views, data, time="t")
    assert got["v__f"].to_list() == [1.5]


def test_a_column_with_the_querys_own_prefix_is_refused() -> None:
    views = one_view("s", "FK_time")
    with pytest.raises(ReservedColumn):
        training_query(wanted_of(views), views, "duckdb", "t")


def test_columns_that_differ_only_in_case_are_refused() -> None:
    views = one_view("s", "K")
    asked = pl.DataFrame({"k": ["a"], "t": [dt.datetime(2024, 1, 1, tzinfo=dt.UTC)]})
    data = sources(views, {"s": []})
    with pytest.raises(SameButForCase, match="'k' and 'K' of 's'"):
        duckdb_answers(asked, wanted_of(views), views, data, time="t")


def test_the_answers_keep_the_spines_order_at_scale() -> None:
    views = one_view("s", "x")
    start = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    count = 150_000
    asked = pl.DataFrame({"k": [str(n % 977) for n in range(count)]}).with_columns(
        t=pl.lit(start + dt.timedelta(days=1)).dt.cast_time_unit("us")
    )
    held = [{"k": str(n), "t": start, "x": float(n)} for n in range(977)]
    got = duckdb_answers(asked, wanted_of(views), views, sources(views, {"s": held}), time="t")
    assert got["v__f"].to_list() == [float(n % 977) for n in range(count)]


def test_every_literal_and_order_is_spelled_out() -> None:
    for case in CELLS:
        text = training_query(wanted_of(views_of(case)), views_of(case), "duckdb", "asked_at")
        for order in re.findall(r"ORDER BY ([^()]*)\)", text):
            for part in order.split(", "):
                assert re.search(r" (ASC|DESC)\b|\"fk_order\"$|IS NOT NULL$", part), part
