"""Names that generated code, SQL and tables might take for their own: each answers the same."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from trade import OWNER, ROWS, define, spine

import featurekit as fk

COLUMNS = ("x); DROP", 'a"b', "class", "../x", "select", "é", "a b", "spine", "it's", "{x}", "\\")
VIEWS = ("math", "row", "dt", "log", "windows", "operators", "request", "store", "values", "len")
SOURCES = ("operators", "windows", "contract", "answers", "request", "order", "list", "views")
EVERYTHING = (
    "SELECT COUNT(*) OVER all_time AS n, LN(SUM(amount) OVER all_time) AS lg, "
    "MAX(event_time) OVER last_7d AS latest, LAST(UPPER(status)) OVER all_time AS state FROM rows"
)


def answers(workspace: fk.Workspace, what: str, asked: pl.DataFrame, time: str) -> pl.DataFrame:
    """Return the training set, after comparing it with DuckDB's and with what is served."""
    trained = workspace.training_set(asked, what, time=time)
    assert_frame_equal(workspace.training_set(asked, what, time=time, engine="duckdb"), trained)
    assert_frame_equal(workspace.served(what, asked, time=time), trained)
    return trained


def shop(rows: list[dict[str, Any]], name: str = "transactions", **other: str) -> fk.Workspace:
    workspace = fk.Workspace(":memory:")
    workspace.entity("customer", "customer_id:string")
    said = {"time": "event_time", "available": "loaded_at", "tie": "transaction_id"} | other
    workspace.source(name, rows, entity="customer", **said)
    return workspace


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_of_any_name_is_a_column(name: str) -> None:
    rows = [{name: one["event_time"], **one, "amount'": one["amount"]} for one in ROWS]
    quoted = '"' + name.replace('"', '""') + '"'
    workspace = shop(rows, time=name)
    text = 'SELECT MAX(col) OVER all_time AS latest, SUM("amount\'") OVER last_30d AS s FROM t'
    define(workspace, text.replace("col", quoted).replace("FROM t", "FROM transactions"))
    asked = spine().rename({"asked_at": name, "left": "fk_row"})
    given = answers(workspace, "customer_spend", asked, name)
    assert given["customer_spend__s"].to_list()[1] == 17.75


def test_lines_within_names_and_texts_stay_as_they_are() -> None:
    rows = [one | {"a\nb": one["amount"], "status": "on\nhold -- it's"} for one in ROWS]
    workspace = shop(rows)
    text = (
        'SELECT SUM("a\nb") OVER all_time AS s, '
        "COUNT_IF(status = 'on\nhold -- it''s') OVER all_time AS n FROM transactions"
    )
    define(workspace, text)
    given = answers(workspace, "customer_spend", spine(), "asked_at")
    assert given.row(1)[-2:] == (17.75, 3)


@pytest.mark.parametrize(("source", "column"), [("spine", "x"), ("fk_rows", "x"), ("s", "fk_x")])
def test_names_of_the_training_query_are_refused_for_it_alone(source: str, column: str) -> None:
    rows = [one | {column: 1} for one in ROWS]
    workspace = shop(rows, source)
    text = f'SELECT COUNT(*) OVER all_time AS n FROM "{source}"'  # noqa: S608  a cell
    draft = workspace.feature("v", text, source=source, entity="customer", owner=OWNER)
    assert workspace.training_set(spine(), "v", time="asked_at")["v__n"][1] == 3
    for ask in (
        lambda: draft.sql("duckdb"),
        lambda: workspace.training_set(spine(), "v", time="asked_at", engine="duckdb"),
    ):
        with pytest.raises(fk.FeatureError) as caught:
            ask()
        assert caught.value.code in {"FK290", "FK292"}


def test_a_request_column_of_the_querys_own_name_is_refused_for_it_alone() -> None:
    workspace = fk.Workspace(":memory:")
    workspace.source("visit", kind="request", schema="fk_row:double")
    workspace.feature("v", "SELECT fk_row + 1 AS y FROM visit", source="visit", owner=OWNER)
    asked = pl.DataFrame({"fk_row": [1.0, None]})
    assert workspace.training_set(asked, "v")["v__y"].to_list() == [2.0, None]
    with pytest.raises(fk.FeatureError) as caught:
        workspace.training_set(asked, "v", engine="duckdb")
    assert caught.value.code == "FK290"


@pytest.mark.slow
@pytest.mark.parametrize("name", SOURCES)
def test_a_source_of_any_name_is_a_source(name: str) -> None:
    workspace = shop(ROWS, name)
    text = EVERYTHING.replace("rows", f'"{name}"')
    workspace.feature("v", text, source=name, entity="customer", owner=OWNER)
    assert answers(workspace, "v", spine(), "asked_at")["v__n"].to_list()[1] == 3


def test_views_of_any_name_stand_in_one_package() -> None:
    workspace = shop(ROWS)
    names = [*VIEWS, "x", "x_absence", "x_visible", "x_uses"]
    text = EVERYTHING.replace("rows", "transactions")
    for name in names:
        define(workspace, text, name)
        workspace.publish(name)
    workspace.feature_set("all_of_them", names, owner=OWNER)
    given = answers(workspace, "all_of_them", spine(), "asked_at")
    assert {given[f"{name}__n"][1] for name in names} == {3}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["customer", "row", "request", "as_of", "self", "n", "class"])
def test_a_key_of_any_name_is_a_key(name: str) -> None:
    workspace = fk.Workspace(":memory:")
    workspace.entity("customer", f"{name}:string")
    rows = [{name: one["customer_id"], **one} for one in ROWS]
    workspace.source("transactions", rows, entity="customer", time="event_time")
    define(workspace, EVERYTHING.replace("rows", "transactions"))
    asked = spine().rename({"customer_id": name})
    given = answers(workspace, "customer_spend", asked, "asked_at")
    assert given["customer_spend__n"].to_list()[1] == 3


def test_a_package_that_fails_is_never_taken_for_null(
    churn: fk.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from featurekit import proof

    honest = proof.rendered

    def broken(chosen: Any) -> dict[str, str]:
        files = honest(chosen)
        return {
            path: text.replace('"spend_30d": ', '"spend_30d": nothing or ')
            if path.endswith("views.py")
            else text
            for path, text in files.items()
        }

    monkeypatch.setattr(proof, "rendered", broken)
    with pytest.raises(fk.FeatureError) as caught:
        churn.served("churn", spine(), time="asked_at")
    assert caught.value.code == "FK501"
    report = churn.parity("churn", spine=spine(), time="asked_at")
    assert report.differences == report.compared
