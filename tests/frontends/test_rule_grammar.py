"""Rules as they are written: read with the column's type, refused where they say nothing."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

import featurekit as fk
from featurekit.errors import FeatureError
from featurekit.frontends.fields import parse_fields
from featurekit.frontends.rules import with_rules
from featurekit.ir.canonical import meaning_hash
from featurekit.ir.definitions import Entity, Otherwise, Rule, Source, SourceKind
from featurekit.ir.rules import rule_text

OWNER = "ann@example.com"
CUSTOMER = Entity("customer", parse_fields("customer_id:string"))
FIELDS = parse_fields(
    "customer_id:string at:timestamp known:timestamp number:bigint amount:double! items:bigint "
    "channel:string price:decimal(6,2) due:date sent:timestamp paid:boolean"
)
PAYMENTS = Source(
    "payments", SourceKind.EVENTS, FIELDS, ("customer",), "at", available="known", tie="number"
)
NULL, REFUSE, DEFAULT = Otherwise.NULL, Otherwise.REFUSE, Otherwise.DEFAULT


def rule(column: str, text: str) -> Rule:
    (made,) = with_rules(PAYMENTS, {column: text}, {"customer": CUSTOMER}).rules
    return made


@pytest.mark.parametrize(
    ("column", "text", "made"),
    [
        ("amount", "0..1e6 else null", Rule("amount", 0.0, 1e6, (), NULL)),
        ("amount", " -0.5 .. 1.5  else  refuse ", Rule("amount", -0.5, 1.5)),
        ("amount", "0..", Rule("amount", 0.0)),
        ("amount", "..-.5", Rule("amount", None, -0.5)),
        ("amount", "0..1 default -1", Rule("amount", 0.0, 1.0, (), DEFAULT, -1.0)),
        ("items", "1..1e3 default 0", Rule("items", 1, 1000, (), DEFAULT, 0)),
        ("items", "one of 1, 2,3", Rule("items", options=(1, 2, 3))),
        ("channel", "default 'web'", Rule("channel", otherwise=DEFAULT, default="web")),
        (
            "channel",
            "one of 'web', 'it''s, app else null' default ''",
            Rule("channel", None, None, ("web", "it's, app else null"), DEFAULT, ""),
        ),
        ("price", "0..9999.99", Rule("price", Decimal("0.00"), Decimal("9999.99"))),
        ("due", "2020-01-01..2024-02-29", Rule("due", dt.date(2020, 1, 1), dt.date(2024, 2, 29))),
        (
            "sent",
            "2020-01-01T00:00:00+01:00.. else null",
            Rule("sent", dt.datetime(2019, 12, 31, 23, tzinfo=dt.UTC), None, (), NULL),
        ),
        ("paid", "default false", Rule("paid", otherwise=DEFAULT, default=False)),
    ],
)
def test_a_rule_is_read_with_the_columns_type(column: str, text: str, made: Rule) -> None:
    found = rule(column, text)
    assert found == made
    kinds = [type(value) for value in (found.low, found.high, found.default, *found.options)]
    assert kinds == [type(value) for value in (made.low, made.high, made.default, *made.options)]
    assert rule(column, rule_text(found)) == found


@pytest.mark.parametrize(
    ("column", "text"),
    [
        *(("amount", text) for text in ("", "else null", "else refuse", "..", "0", "x..y", "1..0")),
        *(
            ("amount", text)
            for text in ("0..1e999", "0..nan", "0..1 else 5", "0..1 default", "0-1")
        ),
        *(("amount", text) for text in ("0..1 else null default 2", "default 0", "0..'; --")),
        *(("items", text) for text in ("0..1.5", "..9223372036854775808", "one of", "one of 1,,2")),
        *(("channel", text) for text in ("default web", "'a'..'b'", "one of web", "default 'a")),
        *(("price", text) for text in ("0..1.005", "..10000", "default 1e99", "default 0.001")),
        *(("due", text) for text in ("2024-02-30..", "default today", "..'2024-1-1'")),
        *(("paid", text) for text in ("false..true", "default maybe")),
        *((key, "default 'x'") for key in ("customer_id", "at", "known", "number")),
        ("channel", "one of " + "'a', " * 5000 + "'a'"),
    ],
)
def test_a_rule_that_says_nothing_clear_is_refused(column: str, text: str) -> None:
    with pytest.raises(FeatureError) as caught:
        rule(column, text)
    assert caught.value.code == "FK924"
    assert caught.value.why
    assert caught.value.fix


def test_a_rule_of_no_column_names_the_near_one() -> None:
    with pytest.raises(FeatureError) as caught:
        rule("amout", "0..1")
    assert caught.value.code == "FK205"
    assert "amount" in str(caught.value)


def basket(rules: dict[str, str] | None = None) -> fk.Workspace:
    workspace = fk.Workspace(":memory:")
    schema = "amount:double channel:string"
    workspace.source("basket", kind="request", schema=schema, rules=rules)
    return workspace


def defined(workspace: fk.Workspace, text: str, **more: Any) -> fk.draft.Draft:
    return workspace.feature("v", text, source="basket", owner=OWNER, **more)


def test_what_changes_values_and_what_refuses_is_meaning() -> None:
    texts = ({}, {"amount": "0..1 else null"}, {"amount": "0..2 else null"}, {"amount": "0..1"})
    drafts = [defined(basket(rules), "SELECT amount * 2 AS x FROM basket") for rules in texts]
    assert len({meaning_hash(draft.view) for draft in drafts}) == len(texts)
    unread = defined(basket({"channel": "default 'web'"}), "SELECT amount * 2 AS x FROM basket")
    assert meaning_hash(unread.view) == meaning_hash(drafts[0].view)


def test_a_view_under_rules_is_shown_as_it_was_written_and_read_back_as_it_is() -> None:
    workspace = basket({"amount": "0..1 else null", "channel": "one of 'web' default 'app'"})
    draft = defined(workspace, "SELECT amount * 2 AS x, channel || 'x' AS y FROM basket")
    assert draft.text == "SELECT\n  amount * 2.0 AS x,\n  channel || 'x' AS y\nFROM basket"
    assert defined(workspace, draft.text).view == draft.view


def test_a_cell_in_polars_means_the_same_under_rules() -> None:
    workspace = basket({"amount": "0..1 else null", "channel": "one of 'web' default 'app'"})
    sql = defined(workspace, "SELECT amount * 2 AS x, UPPER(channel) AS y FROM basket").view
    text = 'x = pl.col("amount") * 2\ny = fk.upper(pl.col("channel"))'
    assert meaning_hash(defined(workspace, text, language="polars").view) == meaning_hash(sql)


def test_rows_are_not_joined_on_what_a_rule_changes() -> None:
    workspace = fk.Workspace(":memory:")
    workspace.entity("city", "city:string")
    at = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    rows = [{"city": "Leeds", "at": at, "wind": 1.0}]
    workspace.source("weather", rows, entity="city", time="at", kind="snapshot")
    text = "SELECT w.wind AS wind FROM trip LEFT JOIN weather w ON w.city = trip.town"
    for rules, code in (({"town": "default 'Leeds'"}, "FK107"), ({"town": "one of 'Leeds'"}, "")):
        workspace.source("trip", kind="request", schema="town:string", rules=rules)
        try:
            workspace.feature("v", text, source="trip", owner=OWNER)
            found = ""
        except FeatureError as error:
            found = error.code
        assert found == code
