"""The report on a training set: why answers are null, what is doubtful; the answers stay."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from trade import ROWS, at, define, published, registered, spine, write_rows

import featurekit as fk
from featurekit import cli
from featurekit.training.causes import Causes
from featurekit.training.sets import Report

OWNER = "ada@example.com"


def report(workspace: fk.Workspace, what: Any, asked: Any, **more: Any) -> Report:
    made = workspace.training(asked, what, time="asked_at", **more)
    answers = workspace.training_set(asked, what, time="asked_at")
    assert_frame_equal(made.frame, answers)
    causes = made.report.causes
    assert causes is not None
    for column in made.report.columns:
        one = causes[column.column]
        assert one.no_row + one.too_old + one.in_data + one.made == column.nulls, column
    return made.report


def questions(*asked: tuple[str | None, dt.datetime | None]) -> pl.DataFrame:
    schema = {"customer_id": pl.String, "asked_at": pl.Datetime("us", "UTC")}
    return pl.DataFrame(asked, schema=schema, orient="row")


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_nulls_are_counted_by_cause(churn: fk.Workspace, engine: str) -> None:
    found = report(churn, "churn", spine(), engine=engine)
    causes = found.causes or {}
    # b had one row, without an amount; a, nobody and the two without key or time had none
    assert causes["customer_spend__spend_30d"] == Causes(no_row=4, in_data=1)
    # c had rows, but none in seven days: 0 orders, and zero divides nothing
    assert causes["customer_spend__spend_per_order"] == Causes(no_row=4, made=1)
    assert causes["customer_spend__orders_7_days"] == Causes()


def test_an_aggregate_of_one_row_made_its_own_null(trade: fk.Workspace) -> None:
    define(trade, "SELECT STDDEV_SAMP(amount) OVER all_time AS spread FROM transactions")
    found = report(trade, "customer_spend", questions(("c", at(9)), ("b", at(6, 1)), ("c", at(1))))
    expected = Causes(no_row=1, in_data=1, made=1)
    assert (found.causes or {})["customer_spend__spread"] == expected


def homes(workspace: fk.Workspace, max_age: str | None = "2d") -> fk.Workspace:
    rows = [
        {"customer_id": "a", "moved_at": at(1), "city": "Ulm"},
        {"customer_id": "b", "moved_at": at(6), "city": None},
    ]
    workspace.source("homes", rows, entity="customer", time="moved_at", kind="snapshot")
    text = "SELECT city AS home, UPPER(city) AS loud FROM homes"
    workspace.feature(
        "place", text, source="homes", entity="customer", owner=OWNER, max_age=max_age
    )
    return workspace


def test_a_look_up_says_whether_there_was_none_or_an_old_one(trade: fk.Workspace) -> None:
    asked = questions(("a", at(2)), ("a", at(9)), ("b", at(7)), ("b", at(6)), (None, at(7)))
    found = report(homes(trade), "place", asked)
    expected = Causes(no_row=2, too_old=1, in_data=1)
    assert found.causes == {"place__home": expected, "place__loud": expected}
    assert found.views[0].median_age == 86_400_000_000


def test_a_view_of_views_passes_on_why_its_own_columns_are_null(trade: fk.Workspace) -> None:
    homes(trade)
    text = "SELECT home || '!' AS shout FROM place"
    trade.feature("known", text, source="place", entity="customer", owner=OWNER)
    asked = questions(("a", at(9)), ("b", at(7)), ("c", at(7)), ("a", at(2)))
    found = report(trade, "known", asked)
    assert found.causes == {"known__shout": Causes(no_row=1, too_old=1, in_data=1)}


def test_a_used_view_that_no_null_rests_on_is_left_alone(churn: fk.Workspace) -> None:
    define(churn, "SELECT COUNT(*) OVER all_time AS n FROM transactions", "visits")
    text = "SELECT spend_30d / 2 AS half, n + 1 AS more"
    churn.feature("both", text, source="customer_spend,visits", owner=OWNER)
    found = report(churn, "both", spine())
    assert (found.causes or {})["both__half"] == Causes(no_row=4, in_data=1)
    assert (found.causes or {})["both__more"] == Causes()


def test_joined_columns_say_whether_they_met_a_row(trade: fk.Workspace) -> None:
    homes(trade)
    text = """SELECT LAST(homes.city) OVER all_time AS city
              FROM transactions LEFT JOIN homes ON homes.customer_id = transactions.customer_id"""
    define(trade, text)
    found = report(trade, "customer_spend", questions(("a", at(9)), ("b", at(9)), ("x", at(9))))
    assert (found.causes or {})["customer_spend__city"] == Causes(no_row=1, in_data=1)


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_joins_say_how_many_rows_met_one_and_how_old_it_was(
    trade: fk.Workspace, engine: str
) -> None:
    homes(trade)
    join = "FROM transactions LEFT JOIN homes ON homes.customer_id = transactions.customer_id"
    text = f"SELECT LAST(homes.city) OVER all_time AS city {join}"
    trade.feature(
        "known", text, source="transactions", entity="customer", owner=OWNER, max_age="3d"
    )
    text = f"SELECT homes.city AS own, amount * 2 AS twice {join}"
    trade.feature("hand", text, source="transactions", owner=OWNER, per="row")
    asked = questions(("a", at(9)), ("b", at(9)), ("c", at(9)), (None, at(9)), ("a", None))
    (one,) = trade.training(asked, "known", time="asked_at", engine=engine).report.joins
    # a moved on day 1 and bought then (not seen yet), on day 5 and on day 6; b on day 6 and 7
    expected = ("known@draft", "homes", "transactions", 6, 1, 2, 86_400_000_000)
    assert dataclasses.astuple(one) == expected
    (other,) = trade.training(pl.DataFrame(ROWS), "hand", engine=engine).report.joins
    assert (other.of, other.rows, other.matched, other.stale) == ("spine", 6, 3, 0)
    assert other.median_age == pytest.approx(4.5 * 86_400_000_000)


def test_every_engine_says_how_many_questions_matched_and_how_old_the_rows_were(
    churn: fk.Workspace,
) -> None:
    homes(churn, "2d")
    what = ["churn", "place"]
    asked = spine()
    one, other = (report(churn, what, asked, engine=e).views for e in ("polars", "duckdb"))
    assert {view.reference: view for view in one} == {view.reference: view for view in other}
    assert [view.matched for view in one] == [4, 1]


def test_request_columns_are_data_too(trade: fk.Workspace) -> None:
    trade.source("offer", kind="request", schema="price:float")
    define(trade, "SELECT offer.price - AVG(amount) OVER all_time AS above FROM transactions")
    asked = questions(("a", at(9)), ("b", at(9))).with_columns(price=pl.Series([None, 1.0]))
    found = report(trade, "customer_spend", asked)
    assert (found.causes or {})["customer_spend__above"] == Causes(in_data=1)


def test_columns_of_the_spine_may_be_called_like_ours(churn: fk.Workspace) -> None:
    asked = spine().with_columns(pl.lit(1).alias("__0"), pl.lit(2).alias("___1"))
    assert report(churn, "churn", asked).rows == len(asked)


def test_the_questions_are_described(churn: fk.Workspace) -> None:
    facts = report(churn, "churn", spine()).spine
    assert facts is not None
    assert facts.types == {"customer_id": "VARCHAR"}
    assert (facts.rows, facts.duplicates, facts.without_time) == (8, 1, 1)
    assert facts.without_key == {"customer_id": 1}
    assert (facts.time, facts.zone, facts.extra) == ("asked_at", "UTC", ("left",))
    assert (facts.first, facts.last) == (at(1), at(31))


def test_an_instant_of_another_zone_is_the_same_question(churn: fk.Workspace) -> None:
    there = spine().with_columns(pl.col("asked_at").dt.convert_time_zone("Europe/Berlin"))
    found = report(churn, "churn", there)
    assert found.spine is not None
    assert found.spine.zone == "Europe/Berlin"
    one, other = (churn.training_set(s, "churn", time="asked_at") for s in (spine(), there))
    assert_frame_equal(one.drop("asked_at"), other.drop("asked_at"))


def codes(found: Report) -> list[str]:
    return [lint.code for lint in found.lints]


def test_asking_at_the_events_own_times_is_remarked_on(churn: fk.Workspace) -> None:
    events = questions(*[(r["customer_id"], r["event_time"]) for r in ROWS])
    assert "FK271" in codes(report(churn, "churn", events))
    later = events.with_columns(pl.col("asked_at") + pl.duration(microseconds=1))
    assert "FK271" not in codes(report(churn, "churn", later))
    others = events.with_columns(customer_id=pl.lit("z"))
    assert "FK271" not in codes(report(churn, "churn", others))


def test_rows_in_hand_are_asked_at_their_own_time_and_no_remark_is_due(
    trade: fk.Workspace,
) -> None:
    text = "SELECT amount * 2 AS twice FROM transactions"
    trade.feature("own", text, source="transactions", entity="customer", owner=OWNER, per="row")
    asked = pl.DataFrame(ROWS)
    assert "FK271" not in codes(trade.training(asked, "own").report)


def test_what_is_null_or_the_same_everywhere_is_named(trade: fk.Workspace) -> None:
    define(
        trade,
        "SELECT COUNT(*) OVER all_time AS n, MAX(amount) OVER all_time AS most FROM transactions",
    )
    found = report(trade, "customer_spend", questions(("x", at(9)), ("y", at(9))))
    assert codes(found) == ["FK273", "FK274"]
    assert "customer_spend__most" in found.lints[0].text
    assert "customer_spend__n" in found.lints[1].text


def labelled(label: str) -> pl.DataFrame:
    """Return forty questions about a and b, who differ in every answer, with a label."""
    rows = [("ab"[n % 2], at(8, 0, n), n) for n in range(40)]
    schema = {"customer_id": pl.String, "asked_at": pl.Datetime("us", "UTC"), "n": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    is_a = pl.col("customer_id") == "a"
    made = {
        "known": is_a.cast(pl.Int64),
        "text": pl.when(is_a).then(pl.lit("yes")).otherwise(pl.lit("no")),
        "truth": is_a,
        "number": pl.when(is_a).then(3.5).otherwise(7.25) + pl.col("n") / 1000,
        "chance": (pl.col("n") // 2) % 2,
        "constant": pl.lit(1),
    }
    return frame.with_columns(made[label].alias("label"))


SPENT = "SELECT SUM(amount) OVER all_time AS spent FROM transactions"


@pytest.mark.parametrize("label", ["known", "text", "truth", "number"])
def test_a_feature_that_knows_the_label_is_named(trade: fk.Workspace, label: str) -> None:
    define(trade, SPENT)
    asked = labelled(label)
    assert "FK272" in codes(report(trade, "customer_spend", asked, label="label"))
    assert "FK272" not in codes(report(trade, "customer_spend", asked))


@pytest.mark.parametrize("label", ["chance", "constant"])
def test_a_feature_that_knows_nothing_of_the_label_is_not(trade: fk.Workspace, label: str) -> None:
    define(trade, SPENT)
    assert "FK272" not in codes(report(trade, "customer_spend", labelled(label), label="label"))


def test_a_category_or_a_null_that_knows_the_label_is_named(trade: fk.Workspace) -> None:
    define(trade, "SELECT LAST(country) OVER all_time AS land FROM transactions")
    assert "FK272" in codes(report(trade, "customer_spend", labelled("known"), label="label"))
    define(trade, "SELECT SUM(amount) OVER all_time AS spent FROM transactions", "other")
    absent = labelled("known").with_columns(pl.col("customer_id").replace("b", "nobody"))
    found = report(trade, "other", absent, label="label")
    assert any("null says it all" in lint.text for lint in found.lints)


def test_a_label_that_is_no_column_is_refused(churn: fk.Workspace) -> None:
    with pytest.raises(fk.FeatureError) as caught:
        churn.training(spine(), "churn", time="asked_at", label="lefd")
    assert caught.value.code == "FK205"
    assert caught.value.fix == "--label left"


def test_no_rows_have_a_report(churn: fk.Workspace) -> None:
    found = report(churn, "churn", spine().head(0), label="left")
    assert (found.rows, found.lints) == (0, ())
    assert found.spine is not None
    assert found.spine.first is None


def test_the_card_and_json_say_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_rows(tmp_path)
    monkeypatch.chdir(tmp_path)
    published(registered(fk.Workspace("catalog"), "transactions.parquet"))
    words = ["trainset", "churn", "--spine", "spine.parquet", "--time", "asked_at"]
    assert cli.main([*words, "--label", "left", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["features"][0]["causes"]["no_row"] > 0
    assert facts["spine"]["duplicates"] == 1
    labels = {badge["label"] for badge in facts["badges"]}
    assert labels == {"no key", "no time", "asked twice"}
    assert cli.main([*words, "--label", "left"]) == 0
    shown = capsys.readouterr().out
    assert "no row" in shown
    assert "1 rows have no key" in shown
