"""A package under rules: what it refuses, what it makes of the rest, and what its statuses say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hostile_payloads import AngryText, Fickle
from package_runs import imported, put

import featurekit as fk

OWNER = "ann@example.com"
NOW = dt.datetime(2024, 6, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
RULES = {
    "amount": "0..1e6 else refuse",
    "items": "1..100 else null",
    "channel": "one of 'web', 'app' default 'other'",
    "unread": "..5 else refuse",
}
PAID = {"paid": "0..100 else null", "city": "one of 'Leeds', 'York' else refuse"}
SET = """SELECT amount / items AS per_item, COALESCE(items, 1) AS some_items, channel AS said,
items > 3 AND amount > 1 AS many FROM basket"""
SPENT = """SELECT SUM(paid) OVER last_7d AS spent, COUNT(*) OVER last_7d AS times,
LAST(city) OVER last_1_rows AS city_last FROM payments"""
ROW = "SELECT paid * 2 AS twice, city AS there, COUNT(*) OVER last_7d AS before FROM payments"


def event(number: int, **other: Any) -> dict[str, Any]:
    usual = {"customer_id": "a", "at": NOW - number * HOUR, "paid": 5.0, "city": "Leeds"}
    return {**usual, "number": number, **other}


def workspace() -> fk.Workspace:
    made = fk.Workspace(":memory:")
    schema = "amount:double! items:bigint channel:string unread:bigint"
    made.source("basket", kind="request", schema=schema, rules=RULES)
    made.entity("customer", "customer_id:string")
    rows = [event(1), event(2, paid=500.0), event(3, city="Rome"), event(4, city=None)]
    made.source("payments", rows, entity="customer", time="at", tie="number", rules=PAID)
    made.feature("score", SET, source="basket", owner=OWNER)
    made.feature("spend", SPENT, source="payments", owner=OWNER)
    made.feature("risk", ROW, source="payments", per="row", owner=OWNER)
    return made


@cache
def package(name: str) -> Mapping[str, str]:
    return workspace().draft(name).package()


@pytest.fixture
def score(tmp_path: Path) -> Iterator[Any]:
    with imported("preview_features", put(package("score"), tmp_path)) as module:
        yield module


def asked(module: Any, **request: Any) -> Any:
    given = {"amount": 10.0, "items": 4, "channel": "web", **request}
    return module.Features().get({}, {k: v for k, v in given.items() if v is not ...}, as_of=NOW)


def statuses(answer: Any) -> dict[str, str]:
    return {name.split("__")[1]: status.value for name, status in answer.status.items()}


@pytest.mark.parametrize(
    ("given", "values", "said"),
    [
        ({}, (2.5, 4, "web", True), ("PRESENT",) * 4),
        (
            {"items": 0},
            (None, 1, "web", None),
            ("OUTSIDE_CONTRACT", "PRESENT", "PRESENT", "OUTSIDE_CONTRACT"),
        ),
        ({"items": None}, (None, 1, "web", None), ("NULL", "PRESENT", "PRESENT", "NULL")),
        ({"items": 101, "amount": 0.5}, (None, 1, "web", False), None),
        ({"channel": "fax"}, (2.5, 4, "other", True), ("PRESENT",) * 4),
        ({"channel": None}, (2.5, 4, "other", True), ("PRESENT",) * 4),
        ({"channel": ...}, (2.5, 4, "other", True), ("PRESENT",) * 4),
        ({"unread": 5}, (2.5, 4, "web", True), ("PRESENT",) * 4),
    ],
)
def test_a_status_says_what_a_rule_made_null_and_never_contradicts_the_value(
    score: Any, given: dict[str, Any], values: tuple[Any, ...], said: tuple[str, ...] | None
) -> None:
    answer = asked(score, **given)
    assert tuple(answer.values.values()) == values
    found = statuses(answer)
    assert tuple(found.values()) == (said or tuple(found.values()))
    for name, value in answer.values.items():
        assert (answer.status[name].value == "PRESENT") == (value is not None)


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"amount": -0.01}, "not_allowed", "amount"),
        ({"amount": 1e6 + 1}, "not_allowed", "amount"),
        ({"amount": float("nan")}, "not_allowed", "amount"),
        ({"amount": None}, "null", "amount"),
        ({"amount": ...}, "missing_field", "amount"),
        ({"items": ...}, "missing_field", "items"),
        ({"items": "4"}, "wrong_type", "items"),
        ({"channel": 1}, "wrong_type", "channel"),
        ({"unread": 6}, "not_allowed", "unread"),
        ({"chanel": "web"}, "unknown_field", "chanel"),
    ],
)
def test_what_the_definition_refuses_is_a_typed_error_with_the_field_and_the_value(
    score: Any, given: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(score.ContractError) as caught:
        asked(score, **given)
    assert (caught.value.code, caught.value.field) == (code, f"request.{field}")
    value = given[field]
    assert caught.value.value is (None if value is ... else value)
    assert "-0.01" not in str(caught.value)


def test_a_key_that_cannot_be_compared_is_an_unknown_field_where_a_field_has_a_default(
    score: Any,
) -> None:
    request = {"amount": 10.0, "items": 4, AngryText("channel"): "web"}
    with pytest.raises(score.ContractError) as caught:
        score.Features().get({}, request, as_of=NOW)
    assert (caught.value.code, caught.value.field) == ("unknown_field", "request.channel")


@pytest.mark.parametrize("name", ["unread", "channel", "items"])
def test_a_key_that_answers_otherwise_each_time_lets_nothing_out(score: Any, name: str) -> None:
    given = {"amount": 10.0, "items": 4, "channel": "web", "unread": 5}
    for said in product((True, False, None), repeat=5):
        key = Fickle(name).told([])
        request = {**{n: v for n, v in given.items() if n != name}, key: given[name]}
        key.told(said)
        with suppress(score.ContractError):
            score.Features().get({}, request, as_of=NOW)


def test_the_readme_of_a_package_says_what_each_rule_says() -> None:
    readme = package("score")["preview_features/README.md"]
    assert "| `request.amount` | `0.0..1000000.0` | refused: `not_allowed` |" in readme
    assert "| `request.items` | `1..100` | is null;" in readme
    assert "| `request.channel` | `one of 'web', 'app'` | is `'other'`," in readme


def test_a_refused_event_is_as_good_as_none(tmp_path: Path) -> None:
    with imported("preview_features", put(package("spend"), tmp_path)) as module:
        features = module.Features()
        refused: list[Any] = []
        for row in (event(1), event(2, paid=500.0), event(3, city="Rome"), event(4, city=None)):
            try:
                features.ingest("payments", row)
            except module.ContractError as error:
                refused.append((error.code, error.field))
        answer = features.get({"customer_id": "a"}, {}, as_of=NOW)
    assert refused == [("not_allowed", "payments.city")]
    assert tuple(answer.values.values()) == (10.0, 3, "Leeds")
    made = workspace()
    spine = pl.DataFrame({"customer_id": ["a"], "asked_at": [NOW]})
    for engine in ("polars", "duckdb"):
        trained = made.training_set(spine, "spend", time="asked_at", engine=engine)
        assert trained.row(0)[2:] == (10.0, 3, "Leeds")
    assert made.served("spend", spine, time="asked_at").row(0)[2:] == (10.0, 3, "Leeds")


def test_a_row_in_hand_that_a_rule_refuses_is_refused_and_not_compared() -> None:
    made = workspace()
    rows = [event(0), event(0, paid=101.0), event(0, city="Rome")]
    spine = pl.DataFrame([{**row, "asked_at": NOW} for row in rows])
    served = made.served("risk", spine, time="asked_at")
    assert served["risk__twice"].to_list() == [10.0, None, None]
    trained = made.training_set(spine, "risk", time="asked_at")
    assert trained["risk__twice"].to_list() == [10.0, None, 10.0]
    assert trained["risk__before"].to_list() == [3, 3, 3]
    assert served["risk__before"].to_list() == [3, 3, None]
    assert made.parity("risk", spine=spine, time="asked_at").held


def test_a_training_set_and_a_card_count_what_the_rules_do_not_allow() -> None:
    from featurekit.verbs.delivery_facts import of_source

    made = workspace()
    spine = pl.DataFrame([{**event(0, city="Rome"), "asked_at": NOW}])
    for what, texts in (
        ("spend", ("1 rows of 'payments' have a city", "1 rows of 'payments' have a paid")),
        ("score", ("2 questions have a amount",)),
    ):
        asked_with = spine
        if what == "score":
            given = {"amount": [1.0, -1.0, 1e7], "items": [1, 2, 3], "channel": ["web"] * 3}
            asked_with = pl.DataFrame(given)
        report = made.training(asked_with, what, time="asked_at" if what == "spend" else None)
        said = [lint.text for lint in report.report.lints if lint.code == "FK275"]
        assert all(any(one.startswith(text) for one in said) for text in texts), said
    badges = {badge["text"]: badge["level"] for badge in of_source(made, "payments")["badges"]}
    assert badges["paid: 0.0..100.0 else null; 1 rows are outside"] == "warn"
