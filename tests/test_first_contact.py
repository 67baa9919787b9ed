"""What somebody meets who knows only the README."""

from __future__ import annotations

import polars as pl
import pytest

import featurekit as fk
from featurekit.verbs import Session, run_line

ROWS = pl.DataFrame(
    {
        "customer_id": ["c1", "c1", "c2"],
        "at": ["2024-03-01T10:00:00", "2024-03-02T10:00:00", "2024-03-03T10:00:00"],
        "amount": [1.0, 2.0, 3.0],
    }
).with_columns(pl.col("at").str.to_datetime(time_zone="UTC"))


def workspace() -> fk.Workspace:
    ws = fk.Workspace(":memory:")
    ws.entity("customer", "customer_id:string")
    ws.source("purchases", ROWS, entity="customer", time="at")
    return ws


def test_the_package_lists_what_it_offers() -> None:
    assert dir(fk) == ["FeatureError", "Workspace", "__version__", "load_ipython_extension"]


def test_a_draft_prints_as_its_name_and_its_features() -> None:
    draft = workspace().feature(
        "spend",
        "SELECT SUM(amount) OVER last_7d AS spend_7d FROM purchases",
        source="purchases",
        owner="a@example.com",
    )
    assert repr(draft) == "<draft of spend: spend_7d DOUBLE>"


def test_a_source_whose_values_do_not_fit_is_not_registered() -> None:
    ws = workspace()
    words = [{"country": "Chile"}]
    with pytest.raises(fk.FeatureError):
        ws.source("scoring", words, kind="request", schema="country:double")
    assert "scoring" not in ws.catalog.sources()


def test_a_card_says_when_its_answers_are_a_drafts() -> None:
    ws = workspace()
    text = "SELECT SUM(amount) OVER last_7d AS spend_7d FROM purchases"
    ws.feature("spend", text, source="purchases", owner="a@example.com")
    session = Session()
    session.use(ws)
    spine = {"spine": ROWS.select("customer_id", asked_at="at")}
    drafted = run_line(session, "trainset", "spend --spine spine --time asked_at", None, spine)
    assert [badge["label"] for badge in drafted["badges"]] == ["draft"]
    assert drafted["next"] == ["%feature publish spend"]
    ws.publish("spend")
    published = run_line(session, "trainset", "spend --spine spine --time asked_at", None, spine)
    assert published["badges"] == []


def test_parity_says_when_a_feature_is_null_in_every_question() -> None:
    ws = workspace()
    text = "SELECT SUM(amount) OVER calendar_3mo AS quarter FROM purchases"
    ws.feature("old", text, source="purchases", owner="a@example.com")
    session = Session()
    session.use(ws)
    facts = run_line(session, "parity", "old --rows 20")
    assert "only nulls" in [badge["label"] for badge in facts["badges"]]


def test_a_deprecated_view_says_so_where_it_is_shown_and_where_it_is_pinned() -> None:
    ws = workspace()
    text = "SELECT SUM(amount) OVER last_7d AS spend_7d FROM purchases"
    ws.feature("spend", text, source="purchases", owner="a@example.com")
    ws.publish("spend")
    ws.deprecate("spend@1.0", "counts refunds twice")
    session = Session()
    session.use(ws)
    shown = run_line(session, "feature", "show spend@1.0")
    assert shown["badges"][0]["text"] == "counts refunds twice"
    pinned = run_line(session, "featureset", "churn --owner a@example.com", "spend@1.0")
    assert pinned["badges"][0]["text"] == "spend@1.0: counts refunds twice"
