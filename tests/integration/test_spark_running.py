"""Windows over busy keys answer what the oracle means; here every key with two rows is busy."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from spark_rows import make_table, typed
from training_queries import Server, window_cases

from featurekit.backends import to_sql_bounds
from featurekit.ops.spark_running import RUNNING

SOME = [row for row in window_cases.every_aggregate() if row.name in RUNNING]
GROUPS = 6


@pytest.fixture
def server(spark: Any, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setattr(to_sql_bounds, "MANY", 1)
    monkeypatch.setattr(to_sql_bounds, "OFTEN", 1)
    return Server("spark", partial(make_table, spark), partial(typed, spark))


@pytest.mark.parametrize("group", range(GROUPS))
def test_windows_over_many_rows_answer_what_is_meant(group: int, server: Server) -> None:
    variant = window_cases.VARIANTS[group]
    windows = [name for name in window_cases.WINDOWS if "rows" not in name]
    assert server.over_windows(SOME[group::GROUPS], variant, windows[group % 2 :: 2]) == []
