"""Labels: what comes after the moment, by loops of our own; never a feature, null until known."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from trade import OWNER, at, define, published, registered, row

import featurekit as fk

CHURNED = """-- Whether nothing came, and what did.
SELECT
  COUNT(*) OVER next_2d = 0 AS gone,
  COUNT(*) OVER next_6h AS soon,
  SUM(amount) FILTER (WHERE status = 'settled') OVER next_1d_after_1d AS next_day,
  COALESCE(SUM(amount) OVER next_2d, 0) - COALESCE(SUM(amount) OVER last_2d, 0) AS grows_by,
  ELAPSED('second', AS_OF(), MIN(event_time) OVER next_2d) AS seconds_until
FROM transactions
"""
AHEAD = {"gone": 48, "soon": 6, "next_day": 48, "grows_by": 48, "seconds_until": 48}
NAMES = tuple(AHEAD)


def labelled(
    workspace: fk.Workspace, text: str = CHURNED, name: str = "churned", **more: Any
) -> Any:
    return workspace.label(name, text, source="transactions", owner=OWNER, **more)


def trade_rows(count: int = 40) -> list[dict[str, Any]]:
    """Return transactions over twenty days, many at equal times, some known only much later."""
    draw = random.Random(11)  # noqa: S311  made-up rows, the same every time
    rows = []
    for number in range(count):
        when = at(1) + dt.timedelta(hours=draw.randrange(24 * 20))
        late = dt.timedelta(days=draw.choice([0, 0, 0, 5]))
        rows.append(
            row(
                number,
                draw.choice("abc"),
                when,
                loaded_at=when + late,
                amount=draw.choice([None, 1.5, 20.25, -4.0]),
                status=draw.choice(["settled", "open"]),
            )
        )
    return rows


def questions(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Return moments at, just before and just after events and window edges, out of order."""
    moves = [0, 1, -1, *(n * 3_600_000_000 + d for n in (6, 24, 48) for d in (0, 1, -1))]
    asked = [
        (one["customer_id"], one["event_time"] - dt.timedelta(microseconds=move))
        for one in rows[::3]
        for move in moves
    ]
    asked += [("nobody", at(3)), (None, at(3)), ("a", None), ("b", at(19)), ("c", at(1))]
    schema = {"customer_id": pl.String, "asked_at": pl.Datetime("us", "UTC")}
    return pl.DataFrame(asked, schema=schema, orient="row")


def by_loops(rows: list[dict[str, Any]], spine: pl.DataFrame) -> pl.DataFrame:
    """Return the labels of CHURNED in straight loops over event times; nothing else is read."""
    last = max(one["event_time"] for one in rows)
    made = []
    for who, moment in spine.rows():
        answers: dict[str, Any] = dict.fromkeys(NAMES)
        if moment is not None:
            own = sorted(
                (one for one in rows if who is not None and one["customer_id"] == who),
                key=lambda one: one["event_time"],
            )

            def between(start: int, end: int, own: Any = own, moment: Any = moment) -> Any:
                low, high = (moment + dt.timedelta(hours=hours) for hours in (start, end))
                return [one for one in own if low <= one["event_time"] < high]

            def total(found: Any) -> Any:
                known = [one["amount"] for one in found if one["amount"] is not None]
                return sum(known) if known else None

            settled = [one for one in between(24, 48) if one["status"] == "settled"]
            first = next((one["event_time"] for one in between(0, 48)), None)
            answers = {
                "gone": not between(0, 48),
                "soon": len(between(0, 6)),
                "next_day": total(settled),
                "grows_by": (total(between(0, 48)) or 0.0) - (total(between(-48, 0)) or 0.0),
                "seconds_until": first and (first - moment).total_seconds(),
            }
            ripe = {name: moment + dt.timedelta(hours=AHEAD[name]) <= last for name in NAMES}
            answers = {name: answers[name] if ripe[name] else None for name in NAMES}
        made.append(answers)
    types = (pl.Boolean, pl.Int64, pl.Float64, pl.Float64, pl.Float64)
    return pl.DataFrame(
        [[one[name] for name in NAMES] for one in made],
        schema={f"label__churned__{n}": t for n, t in zip(NAMES, types, strict=True)},
        orient="row",
    )


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
