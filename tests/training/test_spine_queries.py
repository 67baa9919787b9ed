"""A spine as a query: files and sources are read, nothing is written, fetched or run."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from trade import published, registered, spine, write_rows

import featurekit as fk
from featurekit import cli
from featurekit.training.queries import is_query

TIME = {"time": "asked_at"}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_rows(tmp_path)
    monkeypatch.chdir(tmp_path)
    published(registered(fk.Workspace("catalog"), "transactions.parquet"))
    return tmp_path


def ask(text: Any) -> pl.DataFrame:
    return fk.Workspace("catalog").training_set(text, "churn", **TIME)


def test_a_query_over_a_file_is_asked_like_the_file_in_the_querys_order(desk: Path) -> None:
    whole = ask("spine.parquet")
    assert_frame_equal(ask("SELECT * FROM 'spine.parquet'"), whole)
    assert_frame_equal(ask("-- asked\n FROM read_parquet('spine.parquet')"), whole)
    text = "SELECT * FROM 'spine.parquet' ORDER BY asked_at DESC NULLS LAST, customer_id"
    columns = ["customer_id", "asked_at"]
    asked = spine().sort("asked_at", "customer_id", descending=[True, False], nulls_last=True)
    assert_frame_equal(ask(text).select(columns), asked.select(columns))


def test_a_query_reads_registered_sources_as_tables(desk: Path) -> None:
    text = """WITH later AS (SELECT customer_id, event_time + INTERVAL 1 DAY AS asked_at
              FROM transactions) SELECT DISTINCT * FROM later ORDER BY ALL"""
    rows = pl.read_parquet("transactions.parquet").select(
        "customer_id", asked_at=pl.col("event_time") + pl.duration(days=1)
    )
    made = ask(text)
    assert_frame_equal(made, ask(rows.unique().sort("customer_id", "asked_at")))
    assert made["customer_spend__orders_7_days"].sum() > 0


def test_a_sources_frame_in_memory_is_a_table_too(churn: fk.Workspace) -> None:
    text = "SELECT customer_id, event_time AS asked_at FROM Transactions"
    assert len(churn.training_set(text, "churn", **TIME)) == 6


def test_every_maker_of_arrow_streams_is_a_spine(churn: fk.Workspace) -> None:
    class Stream:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return spine().__arrow_c_stream__(requested_schema)

    wanted = churn.training_set(spine(), "churn", **TIME)
    assert_frame_equal(churn.training_set(Stream(), "churn", **TIME), wanted)
    assert_frame_equal(churn.training_set(spine().to_arrow(), "churn", **TIME), wanted)
    by_pandas = churn.training_set(spine().to_pandas(), "churn", **TIME)
    assert_frame_equal(by_pandas, wanted, check_dtypes=False)  # pandas' integers with gaps


WRITES = {
    "a copy in a WITH": "WITH x AS (COPY (SELECT 1) TO 'made.csv') SELECT 1",
    "an insert in a WITH": "WITH x AS (INSERT INTO t VALUES (1) RETURNING *) FROM x",
    "two statements": "SELECT 1; COPY (SELECT 1) TO 'made.csv'",
    "a query in a query": "FROM query('COPY (SELECT 1) TO ''made.csv''')",
    "a stored tree": "FROM json_execute_serialized_sql('{}')",
    "a pointer": "SELECT * FROM arrow_scan(1, 2, 3)",
    "a nested one": "SELECT (SELECT 1 FROM (WITH x AS (DELETE FROM t RETURNING 1) FROM x))",
}


@pytest.mark.parametrize("text", WRITES.values(), ids=list(WRITES))
def test_a_text_that_does_more_than_read_is_refused(text: str, desk: Path) -> None:
    with pytest.raises(fk.FeatureError) as caught:
        ask(text)
    assert caught.value.code == "FK219"
    assert not (desk / "made.csv").exists()


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM 'nothing.parquet'",
        "SELECT nothing FROM transactions",
        "SELECT FROM WHERE",
        "SELECT * FROM 'https://example.com/a.parquet'",
        "SELECT INTERVAL 1 MONTH AS asked_at, 'a' AS customer_id",
    ],
)
def test_a_query_that_cannot_be_run_says_why(text: str, desk: Path) -> None:
    with pytest.raises(fk.FeatureError) as caught:
        ask(text)
    assert caught.value.code == "FK218"
    assert caught.value.why


def test_python_variables_are_no_tables(desk: Path) -> None:
    secret = spine()
    assert len(secret)
    with pytest.raises(fk.FeatureError, match="FK218"):
        ask("SELECT * FROM secret")


@pytest.mark.parametrize("name", ["asked_at", "at", 'a "b" $HOME \\'])
def test_a_naive_time_of_a_query_is_refused_with_a_fix_that_works(desk: Path, name: str) -> None:
    asked = pl.read_parquet("spine.parquet").rename({"asked_at": name})
    asked.with_columns(pl.col(name).dt.replace_time_zone(None)).write_parquet("naive.parquet")
    churn = fk.Workspace("catalog")
    with pytest.raises(fk.FeatureError) as caught:
        churn.training_set("SELECT * FROM 'naive.parquet'", "churn", time=name)
    assert caught.value.code == "FK209"
    query = shlex.split("--spine" + caught.value.fix.rpartition("--spine")[2])[1]
    made = churn.training_set(query.replace("spine.parquet", "naive.parquet"), "churn", time=name)
    assert_frame_equal(made, churn.training_set(asked, "churn", time=name))


def test_a_naive_time_of_pandas_is_refused_with_a_fix_that_works(churn: fk.Workspace) -> None:
    meant = churn.training_set(spine(), "churn", **TIME)
    naive = spine().with_columns(pl.col("asked_at").dt.replace_time_zone(None)).to_pandas()
    with pytest.raises(fk.FeatureError) as caught:
        churn.training_set(naive, "churn", **TIME)
    assert "spine['asked_at'] = spine['asked_at'].dt.tz_localize('UTC');" in caught.value.fix
    naive["asked_at"] = naive["asked_at"].dt.tz_localize("UTC")
    made = churn.training_set(naive, "churn", **TIME)  # pandas has no whole numbers with nulls
    assert_frame_equal(made, meant, check_dtypes=False)


def test_text_as_time_is_refused_with_a_fix_that_works(churn: fk.Workspace) -> None:
    text = spine().with_columns(pl.col("asked_at").dt.to_string("iso:strict"))
    with pytest.raises(fk.FeatureError) as caught:
        churn.training_set(text, "churn", **TIME)
    assert "str.to_datetime(time_zone='UTC')" in caught.value.fix
    again = text.with_columns(pl.col("asked_at").str.to_datetime(time_zone="UTC"))
    assert len(churn.training_set(again, "churn", **TIME)) == len(text)


def test_paths_are_no_queries() -> None:
    paths = ("select.parquet", "with/from.csv", "selected rows.csv", "./SELECT a", "spine.parquet")
    assert not any(map(is_query, paths))
    assert all(
        map(is_query, ("select 1", "\n/* a */ -- b\nWITH x AS (SELECT 1) FROM x", "FROM 'a'"))
    )


def test_the_command_line_takes_a_query(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["trainset", "churn", "--time", "asked_at", "--out", "train.parquet", "--json"]
    assert cli.main([*words, "--spine", "SELECT * FROM 'spine.parquet' LIMIT 3"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 3
    assert_frame_equal(pl.read_parquet("train.parquet"), ask("spine.parquet").head(3))
    assert cli.main([*words, "--spine", "SELECT 1; SELECT 2"]) == 2
    assert "FK219" in capsys.readouterr().err


def test_a_query_of_no_rows_has_no_answers(desk: Path) -> None:
    made = ask("SELECT * FROM 'spine.parquet' WHERE false")
    assert made.shape == (0, 6)


def test_a_relation_of_duckdb_is_a_spine(desk: Path) -> None:
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        relation = database.sql("SELECT * FROM 'spine.parquet'")
        assert_frame_equal(ask(relation), ask("spine.parquet"))
