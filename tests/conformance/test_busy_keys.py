"""Windows over busy keys on DuckDB answer what the oracle means; here keys with two rows are."""

from __future__ import annotations

import polars as pl
import pytest
from test_training_query import check
from window_cases import (
    SPINE_SCHEMA,
    VARIANTS,
    WINDOWS,
    Variant,
    events,
    every_aggregate,
    spine,
    typed,
    view,
    wanted_of,
)

from featurekit.backends import to_sql_frames
from featurekit.backends.to_sql_duckdb import DUCKDB
from featurekit.backends.to_sql_frames import frames
from featurekit.ir.view import aggregates
from featurekit.ops import AGGREGATES, AggregateFunction
from featurekit.training.duckdb_engine import duckdb_plan
from featurekit.training.sources import SourceData


def _frames(row: AggregateFunction) -> bool:
    one = view(row, VARIANTS[0], ["last_1d"])
    return any(frames(one, node, DUCKDB) for node in aggregates(one))


FRAMED = [row for row in every_aggregate() if _frames(row)]


@pytest.fixture(autouse=True)
def busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(to_sql_frames, "MANY", 1)
    monkeypatch.setattr(to_sql_frames, "OFTEN", 1)


@pytest.mark.parametrize("row", FRAMED, ids=lambda row: row.name)
@pytest.mark.parametrize("variant", [VARIANTS[n] for n in (3, 4)], ids=lambda v: v.name)
def test_frames_answer_what_the_oracle_means(row: AggregateFunction, variant: Variant) -> None:
    check(row, variant, WINDOWS[len(row.name) % 2 :: 2])


@pytest.mark.slow
@pytest.mark.parametrize("row", every_aggregate(), ids=lambda row: row.name)
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: v.name)
def test_so_they_do_in_every_variant_for_every_window(
    row: AggregateFunction, variant: Variant
) -> None:
    check(row, variant, WINDOWS)


def test_most_aggregates_need_not_meet_every_row() -> None:
    names = {row.name for row in FRAMED}
    assert {"count_rows", "sum_double", "avg_bigint", "max", "stddev_pop", "corr"} <= names
    assert not {"median", "first", "list_last"} & names


def _plan(variant: Variant) -> str:
    one = view(AGGREGATES["count_rows"], variant, ["last_1d"])
    assert one.source is not None
    views = {"v@1.0": one}
    data = {one.source.name: SourceData(one.source, typed(events(11), one.source).lazy())}
    asked = pl.DataFrame(spine(), schema=SPINE_SCHEMA)
    return duckdb_plan(asked, wanted_of(views), views, data, time="asked_at")


def test_only_where_a_key_is_busy_it_is_met_in_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "fk_busy_1" in _plan(VARIANTS[0])
    monkeypatch.setattr(to_sql_frames, "OFTEN", 10_000)
    assert "fk_busy_1" not in _plan(VARIANTS[0])


def test_rows_that_are_known_late_are_in_no_frame() -> None:
    assert "fk_busy_1" not in _plan(VARIANTS[1])
