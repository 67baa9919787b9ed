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
WINDOWS = ("last_2h", "last_3d_before_1d", "all_time", "calendar_2w", "today", "month_to_date")
VARIANTS = [window_cases.VARIANTS[place] for place in (2, 3, 5)]


@pytest.fixture
def server(spark: Any, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setattr(to_sql_bounds, "MANY", 1)
    monkeypatch.setattr(to_sql_bounds, "OFTEN", 1)
    return Server("spark", partial(make_table, spark), partial(typed, spark))


@pytest.mark.parametrize("group", range(len(VARIANTS)))
def test_windows_over_many_rows_answer_what_is_meant(group: int, server: Server) -> None:
    windows = WINDOWS[group :: len(VARIANTS)]
    assert server.over_windows(SOME[group :: len(VARIANTS)], VARIANTS[group], windows) == []


def test_the_latest_rows_are_found_on_a_line(server: Server) -> None:
    names = ("last", "count_rows", "median", "list_last")
    some = [row for row in window_cases.every_aggregate() if row.name in names]
    windows = ["last_1_rows", "last_3_rows", "last_2_rows_before_1"]
    assert server.over_windows(some, window_cases.VARIANTS[5], windows) == []
