"""The training query on DuckDB answers rows in hand, frames, joins and refreshes as meant."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import polars as pl
import polars.selectors as cs
import pytest
from grain_cases import (
    SPINE_FIELDS,
    Case,
    cases,
    different,
    joins,
    meant,
    per_row,
    refreshes,
)
from grain_data import Rows, frame, shop, spine
from grain_rare import rare, refresh_case, refresh_questions

from featurekit.backends.to_sql import training_query
from featurekit.training.duckdb_engine import duckdb_answers
from featurekit.training.sources import SourceData


def answered(case: Case, rows: Mapping[str, Rows], asked: Rows) -> Rows:
    """Return the query's rows."""
    data = {
        name: SourceData(source, frame(rows[name], source.fields).lazy())
        for name, source in case.sources.items()
    }
    questions = frame(asked, SPINE_FIELDS)
    return duckdb_answers(questions, case.wanted, case.views, data, time="asked_at").to_dicts()


@pytest.mark.parametrize("seed", [7, 8])
@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_the_query_answers_what_the_oracle_means(case: Case, seed: int) -> None:
    rows = shop(seed)
    asked = spine(rows["payments"])
    made, want = answered(case, rows, asked), meant(case, rows, asked)
    assert different(case, made, want) == []


RARE = [
    pytest.param(case, id=case.name, marks=pytest.mark.slow if case.name == "all" else ())
    for case in rare()
]


@pytest.mark.parametrize("case", RARE)
def test_so_it_does_in_rarer_cases(case: Case) -> None:
    rows = shop()
    asked = spine(rows["payments"])
    want = meant(case, rows, asked)
    assert different(case, answered(case, rows, asked), want) == []
    for wanted in case.wanted:
        assert len({repr(row[wanted.column]) for row in want}) > 1, wanted.column


def test_a_refresh_is_the_last_local_time_wherever_the_clock_changes() -> None:
    case, rows, asked = refresh_case(), {"payments": []}, refresh_questions()
    assert different(case, answered(case, rows, asked), meant(case, rows, asked)) == []


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Apia"])
@pytest.mark.parametrize(
    "case", [*per_row()[-2:], *joins()[1:3], *refreshes()[:1]], ids=lambda case: case.name
)
def test_instants_are_read_whatever_the_zone_of_the_session(case: Case, zone: str) -> None:
    rows = shop()
    asked = spine(rows["payments"])
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"SET TimeZone = '{zone}'")
        tables = {name: frame(rows[name], source.fields) for name, source in case.sources.items()}
        for name, table in {**tables, "spine": frame(asked, SPINE_FIELDS)}.items():
            connection.register(name, table.to_arrow())
        (kind,) = connection.sql("SELECT asked_at FROM spine").types
        assert str(kind) == "TIMESTAMP WITH TIME ZONE"
        query = training_query(case.wanted, case.views, "duckdb", "asked_at")
        made = pl.from_arrow(connection.sql(query).to_arrow_table())
    assert isinstance(made, pl.DataFrame)
    answers = made.select(w.column for w in case.wanted).with_columns(
        cs.datetime(time_zone=None).dt.replace_time_zone("UTC")
    )
    assert different(case, answers.to_dicts(), meant(case, rows, asked)) == []
