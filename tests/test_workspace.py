"""The flow of the interface page, scripted as a reader of that page would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from trade import OWNER, ROWS, SPEND, define, registered, spine

import featurekit as fk

COLUMNS = ["spend_30d", "orders_7_days", "spend_per_order"]


def test_a_draft_says_its_schema_its_query_and_its_serving_source(trade: fk.Workspace) -> None:
    draft = define(trade)
    assert draft.schema == dict(zip(COLUMNS, ["DOUBLE", "BIGINT", "DOUBLE"], strict=True))
    compile(draft.python(), "served.py", "exec")
    assert "spend_30d" in draft.python()
    assert draft.sql("duckdb").count("asked_at") > 0


def test_the_training_query_answers_on_duckdb_what_training_answers(trade: fk.Workspace) -> None:
    draft = define(trade)
    wanted = trade.training_set(spine(), "customer_spend", time="asked_at")
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        for name, frame in (("spine", spine()), ("transactions", pl.DataFrame(ROWS))):
            times = pl.selectors.datetime()
            database.register(name, frame.with_columns(times.dt.replace_time_zone(None)).to_arrow())
        given = database.execute(draft.sql("duckdb")).fetchall()
    assert [line[2:] for line in given] == [line[2:] for line in wanted.rows()]


def test_training_on_each_engine_and_serving_answer_the_same(churn: fk.Workspace) -> None:
    trained = churn.training_set(spine(), "churn", time="asked_at")
    assert trained.columns == [*spine().columns, *(f"customer_spend__{c}" for c in COLUMNS)]
    assert trained["customer_spend__spend_30d"].to_list() == [
        *(None, 12.25, None, 12.25, None, -3.0, None, None),
    ]
    assert trained["customer_spend__orders_7_days"].to_list() == [1, 3, 0, 3, 0, 0, 0, 0]
    by_duckdb = churn.training_set(spine(), "churn", time="asked_at", engine="duckdb")
    assert_frame_equal(by_duckdb, trained)
    assert_frame_equal(churn.served("churn", spine(), time="asked_at"), trained)


def test_parity_finds_no_difference(churn: fk.Workspace) -> None:
    report = churn.parity("churn", rows=200)
    assert report.differences == 0
    assert report.held
    assert report.compared == 200 * len(COLUMNS)


def test_parity_takes_questions_of_ones_own(churn: fk.Workspace) -> None:
    report = churn.parity("churn", spine=spine(), time="asked_at")
    assert (report.rows, report.differences) == (len(spine()), 0)


def test_versions_follow_the_meaning(churn: fk.Workspace) -> None:
    define(churn)
    assert churn.publish("customer_spend") == "1.0"
    define(churn, SPEND.replace("FROM", ", COUNT(*) OVER all_time AS orders\nFROM"))
    assert churn.publish("customer_spend") == "1.1"
    define(churn, SPEND.replace("last_30d", "last_60d"))
    assert churn.publish("customer_spend") == "2.0"
    define(churn, SPEND.replace("last_30d", "last_60d").replace("What", "All that"))
    assert churn.publish("customer_spend") == "2.0"


@pytest.mark.parametrize(
    "asked",
    [
        "customer_spend",
        "customer_spend@1",
        "customer_spend@1.0",
        "churn",
        "churn@1",
        "churn@1.0",
        ["churn"],
        ["customer_spend:spend_30d", "customer_spend:orders_7_days", "customer_spend@1"],
        ("churn", "customer_spend@1:spend_30d"),
    ],
)
def test_a_view_a_set_or_a_list_of_either_is_accepted_where_a_set_is(
    churn: fk.Workspace, asked: Any
) -> None:
    frame = churn.training_set(spine(), asked, time="asked_at")
    assert sorted(frame.columns[3:]) == sorted(f"customer_spend__{c}" for c in COLUMNS)


def test_a_draft_is_asked_for_before_what_is_published_and_never_exported(
    churn: fk.Workspace, tmp_path: Path
) -> None:
    define(churn, "SELECT COUNT(*) OVER all_time AS orders FROM transactions")
    frame = churn.training_set(spine(), "customer_spend", time="asked_at")
    assert frame.columns[3:] == ["customer_spend__orders"]
    assert churn.parity("customer_spend", rows=20).differences == 0
    define(churn, "SELECT COUNT(*) OVER all_time AS n FROM transactions", "fresh_view")
    with pytest.raises(fk.FeatureError):
        churn.export("fresh_view", to=tmp_path / "service")
    assert not (tmp_path / "service").exists()


def test_a_view_of_a_view_follows_it_pinned(churn: fk.Workspace) -> None:
    text = "SELECT spend_30d > 10 AS big FROM customer_spend"
    churn.feature("habits", text, source="customer_spend@1", entity="customer", owner=OWNER)
    assert churn.publish("habits") == "1.0"
    frame = churn.training_set(spine(), "habits", time="asked_at")
    assert frame["habits__big"].to_list()[:3] == [None, True, None]
    assert_frame_equal(churn.served("habits", spine(), time="asked_at"), frame)


def test_request_columns_mix_with_windows(trade: fk.Workspace) -> None:
    trade.source("offer", kind="request", schema="price:float! channel:string")
    define(trade, "SELECT offer.price - AVG(amount) OVER last_30d AS above FROM transactions")
    asked = spine().with_columns(price=pl.lit(3.0), channel=pl.lit("web"))
    frame = trade.training_set(asked, "customer_spend", time="asked_at")
    assert frame["customer_spend__above"].to_list()[1] == 3.0 - (10.0 + 5.5 + 2.25) / 3
    assert_frame_equal(trade.served("customer_spend", asked, time="asked_at"), frame)


def test_a_view_of_a_request_needs_no_time(trade: fk.Workspace) -> None:
    trade.source("offer", kind="request", schema="price:float! channel:string")
    trade.feature("shout", "SELECT UPPER(channel) AS loud FROM offer", source="offer", owner=OWNER)
    asked = pl.DataFrame({"price": [1.0, 2.0], "channel": ["web", None]})
    frame = trade.training_set(asked, "shout")
    assert frame["shout__loud"].to_list() == ["WEB", None]
    assert_frame_equal(trade.served("shout", asked), frame)
    assert trade.parity("shout", rows=50).differences == 0


def _as_pandas(tmp_path: Path) -> Any:
    return pytest.importorskip("pandas") and pl.DataFrame(ROWS).to_pandas()


def _as_parquet(tmp_path: Path) -> Any:
    pl.DataFrame(ROWS).write_parquet(tmp_path / "rows.parquet")
    return str(tmp_path / "rows.parquet")


def _as_glob(tmp_path: Path) -> Any:
    frame = pl.DataFrame(ROWS)
    frame.head(2).write_parquet(tmp_path / "rows-1.parquet")
    frame.tail(-2).write_parquet(tmp_path / "rows-2.parquet")
    return str(tmp_path / "rows-*.parquet")


def _as_csv(tmp_path: Path) -> Any:
    pl.DataFrame(ROWS).write_csv(tmp_path / "rows.csv")
    return tmp_path / "rows.csv"


MAKES = {
    "polars": lambda _: pl.DataFrame(ROWS),
    "lazy": lambda _: pl.LazyFrame(ROWS),
    "arrow": lambda _: pl.DataFrame(ROWS).to_arrow(),
    "dicts": lambda _: ROWS,
    "pandas": _as_pandas,
    "parquet": _as_parquet,
    "glob": _as_glob,
    "csv": _as_csv,
}


@pytest.mark.parametrize("make", MAKES)
def test_data_of_any_make_answers_the_same(make: str, tmp_path: Path, churn: fk.Workspace) -> None:
    workspace = registered(fk.Workspace(":memory:"), MAKES[make](tmp_path))
    define(workspace)
    given = workspace.training_set(spine(), "customer_spend", time="asked_at")
    assert_frame_equal(given, churn.training_set(spine(), "churn", time="asked_at"))


@pytest.mark.parametrize(
    "schema",
    [
        (
            "transaction_id:bigint customer_id:string event_time:timestamp loaded_at:timestamp "
            "amount:decimal(10,2) status:string country:string"
        ),
        {
            "transaction_id": "bigint",
            "customer_id": "string",
            "event_time": "timestamp",
            "loaded_at": "timestamp",
            "amount": "decimal(10, 2)",
            "status": "string",
            "country": "string",
        },
    ],
    ids=["text", "dict"],
)
def test_a_schema_is_text_or_a_dict(schema: Any) -> None:
    workspace = fk.Workspace(":memory:")
    workspace.entity("customer", "customer_id:string")
    exact = pl.DataFrame(ROWS).with_columns(pl.col("amount").cast(pl.Decimal(9, 2)))
    source = workspace.source(
        "transactions", exact.to_dicts(), entity="customer", time="event_time", schema=schema
    )
    assert [str(field.type) for field in source.fields][4] == "DECIMAL(10,2)"
    assert define(workspace).schema["spend_30d"].startswith("DECIMAL(")
    frame = workspace.training_set(spine(), "customer_spend:spend_30d", time="asked_at")
    assert str(frame["customer_spend__spend_30d"].to_list()[1]) == "12.25"


def test_a_folder_keeps_what_was_defined(desk: Path) -> None:
    again = fk.Workspace("catalog")
    assert again.catalog.versions("churn") == ("1.0",)
    frame = again.training_set(spine(), "churn", time="asked_at")
    assert frame.columns[3:] == [f"customer_spend__{c}" for c in COLUMNS]
    assert again.root == desk.resolve()


def test_relative_paths_start_beside_the_catalog(desk: Path, monkeypatch: Any) -> None:
    (desk / "elsewhere").mkdir()
    monkeypatch.chdir(desk / "elsewhere")
    far = fk.Workspace("../catalog")
    assert len(far.training_set(spine(), "churn", time="asked_at")) == len(spine())


def test_an_export_holds_a_package_whose_own_tests_pass(desk: Path) -> None:
    workspace = fk.Workspace("catalog")
    dry = workspace.export("churn", to=desk / "service", dry_run=True)
    assert dry.changes
    assert not (desk / "service").exists()
    made = workspace.export("churn", to=desk / "service", target="python")
    assert made.vectors > 50
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=desk / "service",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
    assert workspace.check_export(desk / "service")["held"]
    again = workspace.export("churn", to=desk / "service")
    assert {change.mark for change in again.changes} <= {"="}


def test_the_operator_table_is_rows(trade: fk.Workspace) -> None:
    rows = trade.ops()
    assert {"operator", "aggregate"} == {line["kind"] for line in rows}
    assert all(line["signature"] and line["nulls"] and line["targets"] for line in rows)
