"""The training query on Spark answers rows in hand, frames, joins and refreshes as meant."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from spark_rows import make_table, typed
from training_queries import Server, grain_cases


@pytest.fixture
def server(spark: Any) -> Server:
    return Server("spark", partial(make_table, spark), partial(typed, spark))


_FAST = ("row_with_2", "joined_now_late", "joined_vocabulary", "refreshed together")
CASES = [
    pytest.param(case, id=case.name, marks=() if case.name in _FAST else pytest.mark.slow)
    for case in grain_cases.cases()
]


@pytest.mark.parametrize("case", CASES)
def test_the_query_answers_what_the_oracle_means(case: grain_cases.Case, server: Server) -> None:
    assert server.grain_case(case) == []
