"""The training query on DuckDB answers rows in hand, frames, joins and refreshes as meant."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from grain_cases import SPINE_FIELDS, Case, cases, different, meant
from grain_data import Rows, frame, shop, spine

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
