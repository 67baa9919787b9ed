"""Labels: what comes after the moment, by loops of our own; never a feature, null until known."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import nbformat
import polars as pl
import pytest
from labels_by_loops import CHURNED, by_loops, labelled, questions, strayed, trade_rows
from polars.testing import assert_frame_equal
from trade import OWNER, at, define, published, registered, row

import featurekit as fk
from featurekit import cli
from featurekit.notebook import cards
from featurekit.verbs import Session, run_line
from featurekit.verbs.view_facts import of_view

DAY = 86_400_000_000


@pytest.fixture
def traded() -> fk.Workspace:
    workspace = published(registered(fk.Workspace(":memory:"), trade_rows()))
    labelled(workspace)
    return workspace


@pytest.mark.parametrize("how", [{}, {"engine": "duckdb"}, {"memory": "200KB"}], ids=str)
def test_every_engine_answers_what_loops_over_the_events_find(
    traded: fk.Workspace, how: dict[str, Any], tmp_path: Path
) -> None:
    spine = questions(trade_rows())
    made = traded.training_set(spine, "churn", time="asked_at", labels=["churned"], **how)
    features = traded.training_set(spine, "churn", time="asked_at")
    wanted = by_loops(trade_rows(), spine)
    assert made.columns == [*features.columns, *wanted.columns]
    assert_frame_equal(made.select(features.columns), features)
    assert_frame_equal(made.select(wanted.columns), wanted, abs_tol=1e-9)
    assert 0 < wanted["label__churned__gone"].null_count() < len(spine)
    assert wanted["label__churned__gone"].sum() > 3


def test_the_event_of_the_very_moment_is_the_labels_and_not_the_features() -> None:
    rows = [row(1, "a", at(2), amount=7.0), row(2, "b", at(9))]
    workspace = registered(fk.Workspace(":memory:"), rows)
    define(workspace, "SELECT COUNT(*) OVER last_1d AS n FROM transactions")
    labelled(workspace, "SELECT COUNT(*) OVER next_1d AS n FROM transactions")
    moments = [at(2), at(2, micros=1), at(1), at(1, micros=1)]
    spine = pl.DataFrame({"customer_id": ["a"] * 4, "asked_at": moments})
    made = workspace.training_set(spine, "customer_spend", time="asked_at", labels="churned")
    assert made["customer_spend__n"].to_list() == [0, 1, 0, 0]
    assert made["label__churned__n"].to_list() == [1, 0, 0, 1]


def test_a_label_is_null_until_its_window_has_ended_and_the_delay_has_passed() -> None:
    rows = [row(1, "a", at(2)), row(2, "b", at(9))]
    workspace = registered(fk.Workspace(":memory:"), rows)
    text = "SELECT COALESCE(SUM(amount) OVER next_2d, 0) AS spent FROM transactions"
    spine = pl.DataFrame({"customer_id": ["a"] * 3, "asked_at": [at(5), at(7), at(7, micros=1)]})
    labelled(workspace, text)
    made = workspace.training_set(spine, [], time="asked_at", labels=["churned:spent"])
    assert made["label__churned__spent"].to_list() == [0.0, 0.0, None]
    labelled(workspace, text, delay="2d")
    made = workspace.training_set(spine, [], time="asked_at", labels="churned")
    assert made["label__churned__spent"].to_list() == [0.0, None, None]


def test_a_source_without_rows_has_no_label_that_is_known() -> None:
    rows = pl.DataFrame([row(1, "a", at(2))]).clear()
    workspace = registered(fk.Workspace(":memory:"), rows)
    labelled(workspace)
    spine = pl.DataFrame({"customer_id": ["a"], "asked_at": [at(5)]})
    for engine in ("polars", "duckdb"):
        made = workspace.training_set(spine, [], time="asked_at", labels="churned", engine=engine)
        assert made.row(0)[2:] == (None,) * 5


def test_a_later_state_is_looked_up(tmp_path: Path) -> None:
    workspace = fk.Workspace(":memory:")
    workspace.entity("customer", "customer_id:string")
    states = pl.DataFrame(
        {
            "customer_id": ["a", "a", "a", "b"],
            "since": [at(1), at(4), at(20), at(25)],
            "known": [at(1), at(19), at(20), at(25)],
            "plan": ["free", "paid", "left", "free"],
        }
    )
    workspace.source(
        "plans", states, entity="customer", time="since", available="known", kind="snapshot"
    )
    text = "SELECT plan, plan = 'paid' AS pays, COUNT(*) OVER next_3d AS changes FROM plans"
    workspace.label("later", text, owner=OWNER, ahead="3d")
    moments = [at(1), at(1, micros=1), at(2), at(17, micros=1), at(22), at(22, micros=1)]
    spine = pl.DataFrame({"customer_id": ["a"] * 6, "asked_at": moments})
    for engine in ("polars", "duckdb"):
        made = workspace.training_set(spine, [], time="asked_at", labels="later", engine=engine)
        plans = ["free", "paid", "paid", "left", "left", None]
        assert made["label__later__plan"].to_list() == plans
        assert made["label__later__changes"].to_list() == [1, 1, 1, 1, 0, None]


REFUSED = {
    "FK354": (
        lambda w: w.feature_set("x", ["churned@1"], owner=OWNER),
        lambda w: w.training_set(questions(trade_rows()), ["churn", "churned"], time="asked_at"),
        lambda w: w.export("churned", to="nowhere"),
        lambda w: w.parity("churned"),
        lambda w: w.served("churned", questions(trade_rows()), time="asked_at"),
        lambda w: w.feature("d", "SELECT gone AS x FROM churned", owner=OWNER),
        lambda w: labelled(w).sql(),
        lambda w: labelled(w).package(),
        lambda w: labelled(w).python(),
    ),
    "FK355": (lambda w: w.training_set(questions(trade_rows()), [], labels="churn", time="at"),),
    "FK356": (
        lambda w: define(w, "SELECT COUNT(*) OVER last_2d AS n FROM transactions", "churned"),
        lambda w: labelled(w, name="customer_spend"),
    ),
    "FK140": (
        lambda w: define(w, "SELECT COUNT(*) OVER next_2d AS n FROM transactions"),
        lambda w: w.feature(
            "p", 'n = pl.len().over("next_2d")', source="transactions", language="polars",
            owner=OWNER,
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "use"), [(code, use) for code, uses in REFUSED.items() for use in uses]
)
def test_labels_and_features_are_never_taken_for_each_other(
    traded: fk.Workspace, code: str, use: Any
) -> None:
    assert traded.publish("churned") == "1.0"
    with pytest.raises(fk.FeatureError) as caught:
        use(traded)
    assert caught.value.code == code
    assert caught.value.fix


def test_a_label_in_polars_has_the_hash_of_the_equal_label_in_sql(traded: fk.Workspace) -> None:
    sql = labelled(traded, "SELECT COUNT(amount) OVER next_2d AS s FROM transactions", name="one")
    made = labelled(traded, 's = pl.col("amount").count().over("next_2d")', name="two",
                    language="polars")  # fmt: skip
    assert made.view.features == sql.view.features
    assert made.view.is_label


def test_labels_are_versioned_by_meaning(traded: fk.Workspace) -> None:
    assert traded.publish("churned") == "1.0"
    more = CHURNED.replace("FROM", ", COUNT(*) OVER next_60d AS later FROM")
    labelled(traded, more)
    assert traded.publish("churned") == "1.1"
    labelled(traded, more.replace("next_6h", "next_7h"))
    assert traded.publish("churned") == "2.0"
    labelled(traded, more.replace("next_6h", "next_7h"), delay="1d")
    assert traded.publish("churned") == "3.0"


def test_the_report_tells_what_is_not_yet_known_from_what_did_not_happen(
    traded: fk.Workspace,
) -> None:
    spine = questions(trade_rows())
    wanted = by_loops(trade_rows(), spine)
    last = max(one["event_time"] for one in trade_rows())
    early = spine["asked_at"] + dt.timedelta(days=2) > last
    for engine in ("polars", "duckdb"):
        made = traded.training(
            spine, "churn", time="asked_at", labels="churned", engine=engine, lock=True
        )
        assert_frame_equal(made.frame.select(wanted.columns), wanted, abs_tol=1e-9)
        causes = made.report.causes or {}
        for name in ("next_day", "seconds_until"):
            one = causes[f"label__churned__{name}"]
            nulls = wanted[f"label__churned__{name}"].is_null()
            assert one.too_early == early.sum()
            assert one.too_early + one.no_row + one.in_data + one.made == nulls.sum()
            assert one.no_row > one.in_data
        assert causes["label__churned__gone"].no_row == 1  # without a moment nothing is seen
        assert [one.column for one in made.report.columns if one.label] == wanted.columns


def test_a_feature_that_knows_the_label_is_remarked_on_without_being_told(
    trade: fk.Workspace,
) -> None:
    rows = [row(n, f"c{n % 40}", at(1 + n // 40), amount=float(n % 40)) for n in range(200)]
    workspace = registered(fk.Workspace(":memory:"), rows)
    define(workspace, "SELECT AVG(amount) OVER last_1d AS mean FROM transactions")
    labelled(workspace, "SELECT AVG(amount) OVER next_1d >= 20 AS high FROM transactions")
    spine = pl.DataFrame({"customer_id": [f"c{n}" for n in range(40)], "asked_at": [at(2)] * 40})
    report = workspace.training(spine, "customer_spend", time="asked_at", labels="churned").report
    told = [lint.text for lint in report.lints if lint.code == "FK272"]
    assert [text.partition(" ")[0] for text in told] == ["customer_spend__mean"]
    assert "label__churned__high" in told[0]


def test_a_lock_makes_features_and_labels_again(desk: Path) -> None:
    workspace = fk.Workspace("catalog")
    labelled(workspace, "SELECT COUNT(*) OVER next_2d AS soon FROM transactions")
    made = workspace.training(
        "spine.parquet", "churn", time="asked_at", labels="churned", lock=True
    )
    assert made.lock is not None
    Path("train.lock.json").write_text(made.lock.text, encoding="utf-8")
    again = workspace.reproduce("train.lock.json")
    assert_frame_equal(again.frame, made.frame)
    profile = workspace.keep_profile(made) and workspace.profile("churn")
    assert profile
    assert not [one for one in profile.features if one.column.startswith("label__")]
    labelled(workspace, "SELECT COUNT(*) OVER next_3d AS soon FROM transactions")
    with pytest.raises(fk.FeatureError, match="churned"):
        workspace.reproduce("train.lock.json")


def test_the_embargo_is_as_long_as_the_longest_label(traded: fk.Workspace) -> None:
    text = "SELECT COUNT(*) OVER next_40d AS n FROM transactions"
    spine = questions(trade_rows())
    parts = {"train": "/2024-03-10", "test": "2024-03-10/"}
    made = traded.training_set(spine, "churn", time="asked_at", labels="churned")
    assert traded.split(made, time="asked_at", **parts).gap == 30 * DAY
    labelled(traded, text, delay="2d")
    made = traded.training_set(spine, "churn", time="asked_at", labels="churned")
    assert traded.split(made, time="asked_at", **parts).gap == 42 * DAY
    made = traded.training_set(spine, [], time="asked_at", labels="churned")
    assert traded.split(made, time="asked_at", **parts).gap == 42 * DAY
    assert traded.split(spine, time="asked_at", what=["churn", "churned"], **parts).gap == 42 * DAY


def test_the_cells_and_commands_of_labels(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    session = Session()
    line = "churned --from transactions --owner ada@example.com"
    facts = run_line(session, "label", line, "SELECT COUNT(*) OVER next_2d = 0 AS gone")
    (badge,) = facts["badges"]
    assert badge["text"].startswith("looks 2d ahead; never a feature, never served; known of")
    assert facts["python"] is None
    assert dict(facts["semantics"])["window next_2d"].startswith("[t, t + 2d)")
    assert run_line(session, "feature", "edit churned")["cell"].startswith(f"%%label {line}")
    assert cli.main(["publish", "churned"]) == 0
    run_line(session, "label", line, "SELECT COUNT(*) OVER next_3d = 0 AS gone")
    changes = run_line(session, "feature", "diff churned")["changes"]
    assert {"feature": "gone", "change": "values: next_2d → next_3d"} in changes
    for words in ("diff churned", "history churned", "show churned@1"):
        facts = run_line(session, "feature", words)
        assert facts["label"] is True
        assert "[label]" in cards.text(facts)
        assert len(cards.bundle(facts)["text/html"]) < 10_000
    assert run_line(session, "feature", "history customer_spend")["label"] is False
    out = ["--spine", "spine.parquet", "--time", "asked_at", "--out", "t.parquet"]
    assert cli.main(["trainset", "churn", *out, "--labels", "churned"]) == 0
    assert "label__churned__gone" in pl.read_parquet_schema("t.parquet")
    told = capsys.readouterr().out
    assert "not yet known" in told
    assert cli.main(["catalog"]) == 0
    assert "BOOLEAN, label" in capsys.readouterr().out
    notebook = nbformat.v4.new_notebook()
    cells = [
        "%%label churned --from transactions --owner a@example.com\n" + text
        for text in (
            "SELECT COUNT(*) OVER next_2d = 0 AS gone",
            "SELECT COUNT(*) OVER next_9d = 0 AS gone",
        )
    ]
    notebook.cells = [nbformat.v4.new_code_cell(text) for text in cells]
    nbformat.write(notebook, "n.ipynb")
    assert cli.main(["check", "n.ipynb"]) == 1
    assert "cell 2: 'churned' differs from every published version" in capsys.readouterr().out


@pytest.mark.parametrize("how", [{}, {"engine": "duckdb"}, {"memory": "200KB"}], ids=str)
def test_rows_of_a_label_meet_the_state_that_held_when_they_happened(how: dict[str, Any]) -> None:
    workspace = registered(fk.Workspace(":memory:"), trade_rows())
    homes = pl.DataFrame(
        {
            "customer_id": ["a", "b", "a", "c", "b"],
            "moved_at": [at(1), at(2), at(6), at(7), at(11)],
            "heard_at": [at(9), at(2), at(30), at(7), None],
            "city": ["Ulm", "Bonn", "Kiel", "Ulm", "Kiel"],
        }
    )
    named = {"entity": "customer", "time": "moved_at", "available": "heard_at"}
    workspace.source("homes", homes, kind="snapshot", **named)
    text = """SELECT COUNT_IF(h.city = 'Kiel') OVER next_4d AS there, STRING_AGG(h.city, ' ') OVER
      next_4d AS cities, COUNT_IF(h.city = 'Ulm') OVER all_time + COUNT(*) OVER next_1d AS both
      FROM transactions t LEFT JOIN homes h ON h.customer_id = t.customer_id"""
    labelled(workspace, text)
    spine = questions(trade_rows())
    made = workspace.training_set(spine, [], time="asked_at", labels="churned", **how)
    last = max(one["event_time"] for one in trade_rows())

    def city(one: dict[str, Any]) -> str | None:
        own = homes.filter(
            pl.col("customer_id") == one["customer_id"], pl.col("moved_at") < one["event_time"]
        )
        return str(own.sort("moved_at")["city"][-1]) if len(own) else None

    met = [(one["customer_id"], one["event_time"], city(one)) for one in trade_rows()]
    met.sort(key=lambda one: one[1])
    for who, moment, there, cities, both in made.rows():
        if moment is None or moment + dt.timedelta(days=4) > last:
            assert (there, cities) == (None, None)
            continue
        own = [(when, where) for name, when, where in met if name == who]
        ahead = [where for when, where in own if moment <= when < moment + dt.timedelta(days=4)]
        before = [where for when, where in own if when < moment]
        soon = [when for when, _ in own if moment <= when < moment + dt.timedelta(days=1)]
        assert there == ahead.count("Kiel")
        assert cities == (" ".join(filter(None, ahead)) or None)
        assert both == before.count("Ulm") + len(soon)
    assert made["label__churned__there"].sum() > 5


@pytest.mark.parametrize("how", [{}, {"engine": "duckdb"}, {"memory": "1GB"}], ids=str)
def test_a_row_of_the_future_makes_no_label_known_where_rows_say_when_they_became_known(
    how: dict[str, Any],
) -> None:
    workspace, spine = strayed(available="loaded_at")
    made = workspace.training_set(spine, [], time="asked_at", labels="churned", **how)
    assert made["label__churned__n"].to_list() == [1, None, None]


@pytest.mark.parametrize("how", [{}, {"engine": "duckdb"}, {"memory": "1GB"}], ids=str)
def test_what_the_author_says_decides_how_far_a_source_goes(how: dict[str, Any]) -> None:
    workspace, spine = strayed()
    ask = {"time": "asked_at", "labels": "churned"}
    made = workspace.training_set(spine, [], **ask, **how)
    assert made["label__churned__n"].to_list() == [1, 1, 0]
    report = workspace.training(spine, [], **ask).report
    (lint,) = [one for one in report.lints if one.code == "FK276"]
    assert lint.text.startswith("2 values of label__churned__n pass for known by 1 row of")
    assert lint.fix == (
        "%source transactions transactions --entity customer --time event_time "
        f"--until {spine['asked_at'][1].date() + dt.timedelta(days=1)}T04:00:00Z"
    )
    until = lint.fix.rpartition(" ")[2]
    workspace, spine = strayed(until=until)
    made = workspace.training_set(spine, [], **ask, **how)
    assert made["label__churned__n"].to_list() == [1, None, None]
    assert not [o for o in workspace.training(spine, [], **ask).report.lints if o.code == "FK276"]
    workspace, spine = strayed(until=spine["asked_at"][2] + dt.timedelta(days=2))
    made = workspace.training_set(spine, [], **ask, **how)
    assert made["label__churned__n"].to_list() == [1, 1, 0]


def test_a_file_remarks_on_strays_too_and_the_lock_holds_how_far_a_source_goes(
    tmp_path: Path,
) -> None:
    workspace, spine = strayed()
    ask: dict[str, Any] = {"time": "asked_at", "labels": "churned", "lock": True}
    made = workspace.training_file(spine, [], tmp_path / "t.csv", memory="1GB", **ask)
    assert [one.code for one in made.lints if one.code == "FK276"] == ["FK276"]
    lock = workspace.training(spine, [], **ask).lock
    assert lock is not None
    (tmp_path / "t.lock.json").write_text(lock.text)
    workspace, _ = strayed(until="2024-03-20T00:00:00Z")
    with pytest.raises(fk.FeatureError, match="until when the rows of source 'transactions'"):
        workspace.reproduce(tmp_path / "t.lock.json", spine=spine)


def test_how_far_a_source_goes_is_no_part_of_any_meaning(tmp_path: Path) -> None:
    workspace = fk.Workspace(str(tmp_path / "catalog"))
    pl.DataFrame(trade_rows()).write_parquet(tmp_path / "t.parquet")
    workspace.entity("customer", "customer_id:string")
    line = f"transactions {tmp_path}/t.parquet --entity customer --time event_time"
    session = Session()
    session.use(workspace)
    run_line(session, "source", line)
    labelled(workspace)
    assert workspace.publish("churned") == "1.0"
    told = run_line(session, "source", f"{line} --until 2024-03-10T02:00:00+02:00")
    assert told["until"] == "2024-03-10T00:00:00Z"
    assert "complete until 2024-03-10T00:00:00Z" in cards.text(told)
    labelled(workspace)
    assert workspace.publish("churned") == "1.0"
    spine = pl.DataFrame({"customer_id": ["a"] * 2, "asked_at": [at(8), at(9)]})
    made = workspace.training_set(spine, [], time="asked_at", labels="churned@1:gone")
    assert made["label__churned__gone"].is_null().to_list() == [False, True]
    again = fk.Workspace(str(tmp_path / "catalog"))
    assert again.training_set(spine, [], time="asked_at", labels="churned:gone").equals(made)
    for wrong in ("2024-03-10", "soon"):
        with pytest.raises(fk.FeatureError) as refused:
            run_line(session, "source", f"{line} --until {wrong}")
        assert refused.value.code == "FK250"
        assert refused.value.fix.startswith("--until 20")


@pytest.mark.parametrize("until", [None, "2024-03-25T04:00:00Z"])
def test_the_card_of_a_label_says_where_strays_alone_make_it_known(until: str | None) -> None:
    """The far date is what the rule finds; that nothing else says so is a remark."""
    workspace, _ = strayed(until=until)
    card = of_view(workspace, "churned")
    (badge,) = card["badges"]
    known = "2024-03-23 04:00" if until else "2074-03-23 04:00"
    assert f"known of moments up to {known}" in badge["text"]
    assert badge["level"] == ("ok" if until else "warn")
    assert [one["code"] for one in card["lints"]] == ([] if until else ["FK276"])
    for one in card["lints"]:
        assert "labels of moments after 2024-03-23T04:00:00Z pass for known by 1 row" in one["text"]
        assert one["fix"].endswith("--until 2024-03-25T04:00:00Z")


def test_the_card_of_a_label_goes_no_further_than_the_last_moment_of_becoming_known() -> None:
    workspace, _ = strayed(available="loaded_at")
    card = of_view(workspace, "churned")
    assert "known of moments up to 2024-03-23 04:00" in card["badges"][0]["text"]
    assert (card["badges"][0]["level"], card["lints"]) == ("ok", [])
    said = dict(card["semantics"])["not known yet"]
    assert said.endswith("or its last event_time, none later than its last loaded_at")
