"""The training query on PostgreSQL answers rows in hand, frames, joins and refreshes as meant."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from postgres_rows import make_table, typed
from training_queries import Server, grain_cases


@pytest.fixture
def server(postgres: Any) -> Server:
    return Server("postgres", partial(make_table, postgres), partial(typed, postgres))


@pytest.mark.parametrize("case", grain_cases.cases(), ids=lambda case: case.name)
def test_the_query_answers_what_the_oracle_means(case: grain_cases.Case, server: Server) -> None:
    assert server.grain_case(case) == []
