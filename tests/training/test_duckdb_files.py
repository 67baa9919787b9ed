"""Tables of DuckDB files as sources: read only, lazily, the same answers as from parquet."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from trade import published, registered, spine, write_rows

import featurekit as fk
from featurekit import cli
from featurekit.training.files import as_frame

MAKE = ["trainset", "churn", "--spine", "spine.parquet", "--time", "asked_at"]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the same transactions in parquet and in a table of a DuckDB file."""
    write_rows(tmp_path)
    monkeypatch.chdir(tmp_path)
    filled("CREATE TABLE transactions AS FROM 'transactions.parquet'")
    return tmp_path


def filled(*statements: str) -> None:
    with duckdb.connect("shop.duckdb") as connection:
        for statement in statements:
            connection.execute(statement)


def churn(location: str) -> fk.Workspace:
    return published(registered(fk.Workspace("catalog"), location))


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_table_answers_as_the_same_rows_in_parquet(desk: Path, engine: str) -> None:
    meant = published(registered(fk.Workspace("other"), "transactions.parquet"))
    found = churn("shop.duckdb::transactions")
    one, other = (
        ws.training_set(spine(), "churn", time="asked_at", engine=engine) for ws in (meant, found)
    )
    assert_frame_equal(one, other)


def test_only_the_columns_that_are_needed_are_read(desk: Path) -> None:
    filled("CREATE VIEW half AS SELECT 1 AS fine, error('was read')::BIGINT AS poison")
    frame = as_frame("shop.duckdb::half", desk)
    assert frame.select("fine").collect().rows() == [(1,)]
    with pytest.raises(Exception, match="was read"):
        frame.collect()


@pytest.mark.parametrize("name", ['a"b', "x; DROP TABLE transactions", "sélect", "a::b", "a.b"])
def test_names_of_any_kind_stay_names(desk: Path, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    filled(f"CREATE TABLE {quoted} AS SELECT 7 AS {quoted}")
    assert as_frame(f"shop.duckdb::{name}", desk).collect().to_dict(as_series=False) == {name: [7]}


def test_a_table_of_another_schema_is_named_with_it(desk: Path) -> None:
    filled("CREATE SCHEMA sales", "CREATE TABLE sales.payments AS SELECT 1 AS x")
    assert as_frame("shop.duckdb::sales.payments", desk).collect().height == 1
    with pytest.raises(fk.FeatureError, match="no table 'payments'"):
        as_frame("shop.duckdb::payments", desk)


def test_times_with_a_zone_are_instants_and_others_keep_their_clock(desk: Path) -> None:
    filled(
        "CREATE TABLE times AS SELECT TIMESTAMPTZ '2024-05-01 02:00:00+02' AS at,"
        " TIMESTAMP '2024-05-01 02:00:00' AS wall"
    )
    kinds = as_frame("shop.duckdb::times", desk).collect_schema()
    assert kinds == {"at": pl.Datetime("us", "UTC"), "wall": pl.Datetime("us")}
    row = as_frame("shop.duckdb::times", desk).collect().row(0)
    assert [time.hour for time in row] == [0, 2]


@pytest.mark.parametrize(
    ("location", "code", "said"),
    [
        ("shop.duckdb::transaction", "FK225", "did you mean 'shop.duckdb::transactions'"),
        ("shop.duckdb::", "FK225", "no table ''"),
        ("shopp.duckdb::transactions", "FK201", "no file at 'shopp.duckdb'"),
        ("transactions.parquet::transactions", "FK202", "cannot be read"),
    ],
)
def test_what_is_not_there_is_said(desk: Path, location: str, code: str, said: str) -> None:
    with pytest.raises(fk.FeatureError, match=said) as refused:
        as_frame(location, desk)
    assert refused.value.code == code


def test_a_view_that_reads_another_file_is_refused(desk: Path) -> None:
    filled("CREATE VIEW outside AS FROM 'spine.parquet'")
    with pytest.raises(fk.FeatureError, match="disabled") as refused:
        as_frame("shop.duckdb::outside", desk)
    assert refused.value.code == "FK202"


def test_nothing_is_written_to_the_file(desk: Path) -> None:
    before = (desk / "shop.duckdb").read_bytes()
    churn("shop.duckdb::transactions").training_set(spine(), "churn", time="asked_at")
    assert (desk / "shop.duckdb").read_bytes() == before
    assert not (desk / "shop.duckdb.wal").exists()


def test_a_lock_holds_the_values_of_the_table_and_not_the_file(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    churn("shop.duckdb::transactions")
    assert cli.main([*MAKE, "--out", "train.parquet"]) == 0
    kept = json.loads((desk / "train.parquet.lock.json").read_text())["sources"]["transactions"]
    assert kept["location"] == "shop.duckdb::transactions"
    filled("CREATE TABLE other AS SELECT 1 AS x")
    again = ["trainset", "--lock", "train.parquet.lock.json", "--out", "again.parquet"]
    assert cli.main(again) == 0
    filled("UPDATE transactions SET amount = amount + 1")
    assert cli.main(again) != 0
    assert "source 'transactions': the column" in capsys.readouterr().err


def test_duckdb_says_how_it_is_going_to_compute(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ws = churn("shop.duckdb::transactions")
    plan = ws.training_plan(spine(), "churn", time="asked_at", engine="duckdb")
    assert "Join" in plan
    assert cli.main([*MAKE, "--engine", "duckdb", "--explain"]) == 0
    assert "Join" in capsys.readouterr().out
    with pytest.raises(fk.FeatureError) as refused:
        ws.training_plan(spine(), "churn", time="asked_at", engine="polars")
    assert refused.value.code == "FK244"
