"""What an error tells its reader to write is right, and works when it is pasted."""

from __future__ import annotations

import datetime as dt
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from trade import define

import featurekit as fk
from featurekit import cli


def test_a_draft_that_is_exported_or_put_into_a_set_is_said_to_be_a_draft(
    trade: fk.Workspace,
) -> None:
    define(trade, name="m9")
    for use in (
        lambda: trade.export("m9", to="service"),
        lambda: trade.feature_set("churn", ["m9"], owner="risk@example.com"),
    ):
        with pytest.raises(fk.FeatureError) as caught:
            use()
        assert caught.value.code in {"FK350", "FK303"}
        assert "'m9' is a draft" in caught.value.problem
        assert "did you mean" not in caught.value.problem
        assert caught.value.fix == "%feature publish m9"


TEXT = "customer_id,bought_at,amount\n001,2024-01-01 00:00:00,1.5\n002,2024-01-02 00:00:00,2.5\n"


@pytest.fixture
def shop(tmp_path: Path) -> fk.Workspace:
    """A catalog beside ``data/tx.csv``, whose keys are digits."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "tx.csv").write_text(TEXT, encoding="utf-8")
    workspace = fk.Workspace(tmp_path / "catalog")
    workspace.entity("customer", "customer_id:string")
    return workspace


def refused(use: Callable[..., Any], *given: Any, **named: Any) -> fk.FeatureError:
    with pytest.raises(fk.FeatureError) as caught:
        use(*given, **named)
    return caught.value


def test_a_missing_column_is_mended_by_naming_the_near_one_or_one_of_all(
    shop: fk.Workspace,
) -> None:
    near = refused(shop.source, "tx", "data/tx.csv", time="bougt_at")
    assert (near.code, near.fix) == ("FK205", "--time bought_at")
    far = refused(shop.source, "tx", "data/tx.csv", time="when")
    assert "did you mean" not in far.problem
    assert far.fix == "--time COLUMN, one of: customer_id, bought_at, amount"


def test_a_near_file_is_given_with_its_folder(shop: fk.Workspace) -> None:
    error = refused(shop.source, "tx", "data/txx.csv", time="bought_at")
    assert (error.code, error.fix) == ("FK201", "data/tx.csv")
    assert "did you mean 'data/tx.csv'" in error.problem


def test_a_text_key_that_was_read_as_a_number_is_mended_by_the_fix(
    shop: fk.Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = {"entity": "customer", "time": "bought_at", "zone": "UTC"}
    error = refused(shop.source, "tx", "data/tx.csv", **named)
    assert error.code == "FK207"
    assert "customer_id:varchar" in error.fix
    words = shlex.split(cli.in_shell(error.fix))[1:]
    assert cli.main([*words, "--catalog", str(tmp_path / "catalog")]) == 0, capsys.readouterr()


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (TEXT.replace(",amount", "").replace(",1.5", "").replace(",2.5", ""), "FK205", "'amount'"),
        (TEXT.replace("amount", "price"), "FK205", "'amount'"),
        (TEXT.replace("1.5", "abc"), "FK208", "column 'amount' of source 'tx' holds 'abc'"),
    ],
)
def test_a_file_that_changed_is_refused_in_words_of_its_columns(
    text: str, code: str, said: str, shop: fk.Workspace, tmp_path: Path
) -> None:
    schema = "customer_id:string, bought_at:timestamp, amount:double"
    shop.source("tx", "data/tx.csv", entity="customer", time="bought_at", zone="UTC", schema=schema)
    view = "SELECT SUM(amount) OVER last_7d AS spend FROM tx"
    shop.feature("v", view, source="tx", entity="customer", owner="risk@example.com")
    (tmp_path / "data" / "tx.csv").write_text(text, encoding="utf-8")
    asked = pl.DataFrame({"customer_id": ["001"], "t": [dt.datetime(2024, 1, 3, tzinfo=dt.UTC)]})
    error = refused(shop.training_set, asked, "v", time="t")
    assert error.code == code
    assert said in error.problem
    assert "infer_schema" not in str(error)
    assert "missing_columns" not in str(error)


def test_a_generated_file_is_taken_back_by_the_fix_from_any_folder(
    desk: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    workspace = fk.Workspace(desk / "catalog")
    (desk / "service").mkdir()
    workspace.export("churn", to="service")
    author = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    for words in (("init", "-q"), ("add", "."), (*author, "commit", "-q", "-m", "in")):
        subprocess.run(("git", "-C", "service", *words), check=True)
    next((desk / "service").glob("*/v*/views.py")).unlink()
    (problem,) = workspace.check_export("service")["problems"]
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    subprocess.run(shlex.split(problem["fix"]), check=True)
    assert workspace.check_export(desk / "service")["held"]


@pytest.mark.parametrize("verb", ["feature", "featureset"])
def test_the_help_says_where_a_definition_is_read_from(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([verb, "--help"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "--file FILE" in told
    assert "standard input" in told


def test_the_page_of_an_operator_says_all_of_each_overload(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["ops", "AVG"]) == 0
    told = capsys.readouterr().out
    for said in (
        "avg_bigint(x: BIGINT) -> DOUBLE",
        "avg_decimal(x: DECIMAL) -> DOUBLE",
        "avg_double(x: DOUBLE) -> DOUBLE",
        "nulls: skipped",
        "targets: python, polars, duckdb",
        "gaps: none",
        "avg_bigint([1, 2, null]) = 1.5",
        "the exact sum, divided once",
    ):
        assert said in told
    assert cli.main(["ops", "date_trunc"]) == 0
    assert 'date_trunc("day", null) = null' in capsys.readouterr().out


def test_an_operator_that_is_not_there_is_compared_with_what_is_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["ops", "DATETRUNC"]) == 2
    assert "did you mean 'date_trunc'" in capsys.readouterr().err.lower()


def test_a_list_of_columns_and_a_join_are_said_whole(shop: fk.Workspace) -> None:
    at = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    wide = {"customer_id": "a", "at": at, "Order No": 1, "Note": 2, "NOTE": 3, "group": 4} | {
        f"c{n}": n for n in range(9)
    }
    shop.source("wide", pl.DataFrame([wide]), entity="customer", time="at", kind="snapshot")
    shop.source("events", pl.DataFrame([wide]), entity="customer", time="at")
    owner = "ada@example.com"
    star = refused(shop.feature, "v", "SELECT * FROM events", per="row", owner=owner)
    named = 'customer_id, at, "Order No" AS order_no, Note, NOTE AS note_2, "group", c0'
    assert star.fix.startswith(f"SELECT {named}, c1")
    shop.feature("v", f"{star.fix} FROM events", source="events", per="row", owner=owner)
    cell = "SELECT SUM(wide.c1) OVER last_3d AS n FROM {}"
    two = refused(shop.feature, "w", cell.format("events, wide"), owner=owner)
    assert two.fix == "LEFT JOIN wide ON wide.customer_id = events.customer_id"
    shop.feature("w", cell.format(f"events {two.fix}"), owner=owner)
