"""What an error tells its reader to write is right, and works when it is pasted."""

from __future__ import annotations

import datetime as dt
import shlex
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from trade import define

import featurekit as fk
from featurekit import cli
from featurekit.verbs.facts import of_connection


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


def test_what_comes_next_is_what_the_catalog_does_not_have_yet() -> None:
    workspace = fk.Workspace(":memory:")

    def following() -> str:
        return str(of_connection(workspace)["next"][0])

    assert following().startswith("%entity ")
    workspace.entity("customer", "customer_id:string")
    assert following() == "%source NAME data/*.parquet --entity customer --time COLUMN"
    workspace.source("asked", schema="amount:double", kind="request")
    assert following() == "%%feature NAME --from asked --owner you@example.com"


def test_every_command_of_a_fix_is_as_the_shell_has_it() -> None:
    told = "%feature publish a, %feature publish b, or %trainset --lock x (%source y)"
    assert cli.in_shell(told) == (
        "featurekit publish a, featurekit publish b, or featurekit trainset --lock x "
        "(featurekit source y)"
    )
    for kept in ("run its %%feature cell first", "10 %source", "a%source b", "%sources"):
        assert cli.in_shell(kept) == kept.replace(" %source", " featurekit source")
    assert cli.in_shell("%%featureset NAME  with  x") == "featurekit featureset NAME  with  x"


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


CELL = "SELECT {} AS f FROM transactions"
LAST = "LAST(status) OVER all_time"
TOTAL = "SUM(amount) OVER all_time"


@pytest.mark.parametrize(
    ("code", "wrong", "fix", "mended"),
    [
        ("FK120", "SUM(status) OVER all_time", "CAST(status AS DOUBLE)", "SUM({}) OVER all_time"),
        (
            "FK120",
            "SLOPE(status) OVER all_time",
            "CAST(status AS DOUBLE)",
            "SLOPE({}) OVER all_time",
        ),
        ("FK120", f"ABS({LAST})", f"CAST({LAST} AS DOUBLE)", "ABS({})"),
        ("FK120", f"{LAST} + 1", f"CAST({LAST} AS DOUBLE)", "{} + 1"),
        (
            "FK120",
            "MAX(status + status) OVER all_time",
            "status || status",
            "MAX({}) OVER all_time",
        ),
        ("FK125", f"ROUND({TOTAL}, {TOTAL})", f"ROUND({TOTAL}, 2)", "{}"),
        ("FK128", "LAG(amount, 0) OVER all_time", "LAG(amount, 3)", "{} OVER all_time"),
        (
            "FK128",
            "DECAY_SUM(amount, '7 moons') OVER all_time",
            "DECAY_SUM(amount, '7d')",
            "{} OVER all_time",
        ),
        ("FK128", f"HASH_BUCKET({LAST}, 0, 0)", f"HASH_BUCKET({LAST}, 100, 0)", "{}"),
    ],
)
def test_what_stands_in_a_cell_is_mended_in_the_words_of_the_cell(
    trade: fk.Workspace, code: str, wrong: str, fix: str, mended: str
) -> None:
    caught = refused(define, trade, CELL.format(wrong), name="mended")
    assert (caught.code, caught.fix) == (code, fix)
    made = define(trade, CELL.format(mended.format(fix)), name="mended")
    assert list(made.schema) == ["f"]


def test_a_view_beside_a_request_is_mended_by_a_view_of_the_request(churn: fk.Workspace) -> None:
    trade = churn
    trade.source("asked", None, kind="request", schema="basket:double")
    caught = refused(
        trade.feature,
        "both",
        "SELECT spend_30d / basket AS share FROM customer_spend, asked",
        source="customer_spend,asked",
        owner="risk@example.com",
    )
    assert caught.code == "FK107"
    first, second, third = caught.fix.splitlines()
    assert first == "%%feature asked_values --from asked --owner risk@example.com"
    assert third == "-- then here --from customer_spend,asked_values"
    trade.feature("asked_values", second, source="asked", owner="risk@example.com")
    made = trade.feature(
        "both",
        "SELECT spend_30d / basket AS share FROM customer_spend, asked_values",
        source=third.rpartition(" ")[2],
        owner="risk@example.com",
    )
    assert made.schema == {"share": "DOUBLE"}


@pytest.mark.parametrize(
    ("column", "made"),
    [
        ("customer_id", pl.int_range(pl.len())),
        ("customer_id", pl.lit(1.5)),
        ("basket", pl.lit("1.5")),
        ("basket", pl.lit(value=True)),
        ("day", pl.lit("2024-03-01")),
        ("day", pl.lit(dt.datetime(2024, 3, 1))),  # noqa: DTZ001  what is tried
        ("vip", pl.lit("true")),
        ("vip", pl.lit(1)),
        ("price", pl.lit("1.50")),
        ("items", pl.lit("3")),
        ("items", pl.lit(3.0)),
        ("asked_at", pl.lit("2024-03-01 10:00:00")),
        ("asked_at", pl.lit(1_709_287_200)),
        ("asked_at", pl.lit(dt.date(2024, 3, 1))),
        ("asked_at", pl.lit(dt.datetime(2024, 3, 1))),  # noqa: DTZ001  what is tried
    ],
)
def test_a_column_of_another_type_is_mended_by_the_line_that_is_said(
    churn: fk.Workspace, column: str, made: pl.Expr
) -> None:
    schema = "basket:double day:date vip:boolean price:decimal(9,2) items:bigint"
    churn.source("asked", None, kind="request", schema=schema)
    text = "SELECT basket, day, vip, price, items FROM asked"
    churn.feature("asks", text, source="asked", owner="risk@example.com")
    good = pl.DataFrame(
        {
            "customer_id": ["a"],
            "asked_at": [dt.datetime(2024, 3, 9, tzinfo=dt.UTC)],
            "basket": [1.5],
            "day": [dt.date(2024, 3, 1)],
            "vip": [True],
            "price": [Decimal("1.50")],
            "items": [3],
        }
    )
    spine = good.with_columns(made.alias(column))
    caught = refused(churn.training_set, spine, ["churn", "asks"], time="asked_at")
    assert caught.code in {"FK207", "FK209"}
    line = caught.fix.removeprefix("name its zone: ").partition("; of ")[0]
    mended = eval(line, {"pl": pl, "spine": spine})  # noqa: S307  a line of our own is run as its reader would
    assert len(churn.training_set(mended, ["churn", "asks"], time="asked_at")) == 1


def test_views_that_are_given_as_a_list_are_named_in_one_text(churn: fk.Workspace) -> None:
    define(churn, "SELECT COUNT(*) OVER last_7d AS visits FROM transactions", name="web")
    text = "SELECT spend_30d / visits AS per_visit FROM customer_spend, web"
    owner = {"owner": "risk@example.com"}
    given: Any = ["customer_spend@1", "web"]
    caught = refused(churn.feature, "both", text, source=given, **owner)
    assert (caught.code, caught.fix) == ("FK913", "source='customer_spend@1,web'")
    made = churn.feature("both", text, source=caught.fix.split("'")[1], **owner)
    assert list(made.schema) == ["per_visit"]


def test_a_query_for_the_spine_is_mended_by_the_near_name_or_shows_a_table(
    churn: fk.Workspace,
) -> None:
    def ask(query: str) -> fk.FeatureError:
        error = refused(churn.training_set, query, "churn", time="asked_at")
        assert error.code == "FK218"
        return error

    asked = "SELECT customer_id, event_time AS asked_at FROM transactions"
    assert ask(asked.replace("transactions", "transaction")).fix == asked
    assert ask(asked.replace("event_time", "event_tim")).fix == asked
    assert len(churn.training_set(asked, "churn", time="asked_at"))
    other = ask("SELECT FROM WHERE").fix
    assert len(churn.spine(other))


def test_whom_to_answer_for_is_asked_with_a_query_that_runs(
    churn: fk.Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    churn.source("visit", schema="age:bigint, channel:string", kind="request")
    cell = "SELECT visit.age + 1 AS older, visit.channel AS channel FROM visit"
    churn.feature("visits", cell, source="visit", owner="a@example.com")
    churn.publish("visits")
    churn.feature_set("both", ["visits", "customer_spend"], owner="a@example.com")
    out, as_of = tmp_path / "scores.parquet", "2024-04-01T00:00:00Z"
    error = refused(churn.materialize, "both", as_of=as_of, out=out)
    assert error.code == "FK252"
    option, query = shlex.split(error.fix)
    assert option == "--entities"
    assert "age, channel" in error.why
    churn.materialize("both", as_of=as_of, out=out, entities=query)
    written = pl.read_parquet(out)
    assert written["customer_id"].n_unique() == len(written) > 1
    assert written["visits__older"].null_count() == len(written)
