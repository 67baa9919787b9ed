"""What cancels to nothing is nothing, on a grid of values as in any table, not what rounding left.

Else the sign of a slope that is flat would be one in training and another in serving.
"""

from __future__ import annotations

import datetime as dt
import random

import polars as pl
import pytest

from featurekit import Workspace

CELL = """SELECT
  SLOPE(x) OVER last_3h AS slope, SLOPE(n) OVER last_5_rows AS slope_of_whole,
  COVAR_POP(x, y) OVER last_4h AS covar, COVAR_SAMP(n, y) OVER last_4_rows AS covar_samp,
  CORR(x, y) OVER last_4h AS corr, CORR(n, x) OVER last_24h AS corr_of_whole,
  CASE WHEN SLOPE(x) OVER last_3h > 0 THEN 'up' WHEN slope < 0 THEN 'down' ELSE 'flat' END AS sign
FROM readings"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, pl.DataFrame]:
    """Return a view over hourly readings of few different values, and them as questions."""
    draw = random.Random(3)  # noqa: S311  made-up rows, the same every time
    start = dt.datetime(2024, 3, 1, tzinfo=dt.UTC)
    readings = pl.DataFrame(
        {
            "meter": meter,
            "at": start + dt.timedelta(hours=hour),
            "x": draw.choice([1.1, 2.2, 3.3]),
            "y": draw.choice([0.1, 0.2, 0.7]),
            "n": draw.choice([1, 2, 3]),
        }
        for meter in "ab"
        for hour in range(300)
    ).with_columns(pl.col("at").dt.cast_time_unit("us"))
    workspace = Workspace(str(tmp_path_factory.mktemp("noise") / "catalog"))
    workspace.entity("meter", "meter:string")
    workspace.source("readings", readings, entity="meter", time="at")
    workspace.feature("moves", CELL, source="readings", entity="meter", owner="ada@example.com")
    return workspace, readings.select("meter", asked_at="at")


def test_training_and_serving_agree_where_values_cancel(
    made: tuple[Workspace, pl.DataFrame],
) -> None:
    workspace, spine = made
    report = workspace.parity("moves", spine=spine, time="asked_at")
    assert (report.differences, report.worst) == (0, ())


def test_what_cancels_is_zero_on_each_engine(made: tuple[Workspace, pl.DataFrame]) -> None:
    workspace, spine = made
    by_polars, by_duckdb = (
        workspace.training_set(spine, "moves", time="asked_at", engine=engine)
        for engine in ("polars", "duckdb")
    )
    for name in by_polars.columns[2:-1]:
        level = by_polars[name] == 0.0
        assert level.sum() > 5, name
        assert (by_duckdb[name] == 0.0).equals(level), name
    assert by_polars["moves__sign"].equals(by_duckdb["moves__sign"])
    assert "flat" in by_polars["moves__sign"].to_list()
