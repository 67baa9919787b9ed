"""Wrong types, wrong names, nothing at all: each verb answers with an error that has a code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from trade import OWNER, ROWS, SPEND, define, spine

import featurekit as fk
from featurekit.draft import cell_text
from featurekit.verbs.verb import split_line

NAMES = ("../x", "class", 'a"b', "x); DROP", "", "a__b", "con", "x\n", "1a", "_a", "a" * 64, "\0")
ODD: tuple[Any, ...] = (
    *(5, 1.5, b"x", ["a", 3], {"a": 1}, object(), [None], "\udcff", "\0", "a" * 5000),
    *("customer_spend@", "customer_spend@x", "customer_spend@1.0.0", "@1", "churn@9"),
    *("customer_spend:zz", "churn:spend_30d", "", " ", "{x}", "%s"),
)

Ask = Callable[[fk.Workspace, Any], Any]

DATA: dict[str, Any] = {"entity": "customer", "time": "event_time"}
CELL: dict[str, Any] = {"source": "transactions", "entity": "customer", "owner": OWNER}


def _named(verb: str, *before: Any, given: dict[str, Any], key: str) -> Ask:
    return lambda ws, odd: getattr(ws, verb)(*before, **(given | {key: odd}))


def _asked(**given: Any) -> dict[str, Any]:
    return {"time": "asked_at"} | given


PLACES: dict[str, Ask] = {
    "a folder": lambda _, odd: fk.Workspace(odd) if not isinstance(odd, str) else odd,
    "an entity": lambda ws, odd: ws.entity(odd, "k:string"),
    "a key": lambda ws, odd: ws.entity("thing", odd),
    "a source": lambda ws, odd: ws.source(odd, ROWS, **DATA),
    "data": lambda ws, odd: ws.source("more", odd, **DATA),
    **{
        f"a source's {key}": _named("source", "more", ROWS, given=DATA, key=key)
        for key in ("entity", "time", "available", "tie", "kind", "zone", "schema")
    },
    "a vocabulary": lambda ws, odd: ws.vocabulary(odd, {"a": ["b"]}),
    "entries": lambda ws, odd: ws.vocabulary("words", odd),
    "aliases": lambda ws, odd: ws.vocabulary("words", {"a": odd}),
    "a bucket": lambda ws, odd: ws.vocabulary("words", {"a": ["b"]}, unknown=odd),
    "a view": lambda ws, odd: ws.feature(odd, SPEND, **CELL),
    "a cell": lambda ws, odd: ws.feature("fresh_view", odd, **CELL),
    **{
        f"a view's {key}": _named("feature", "fresh_view", SPEND, given=CELL, key=key)
        for key in (
            *("source", "entity", "owner", "per", "language", "dialect", "zone", "max_age"),
            *("fresh", "delay", "strict", "description", "tags"),
        )
    },
    "a feature": lambda ws, odd: define(ws, SPEND.replace("spend_30d", str(odd)), "fresh_view"),
    "a draft": lambda ws, odd: ws.draft(odd),
    "what to publish": lambda ws, odd: ws.publish(odd),
    "what to deprecate": lambda ws, odd: ws.deprecate(odd),
    "where to roll back to": lambda ws, odd: ws.rollback(odd),
    "a set": lambda ws, odd: ws.feature_set(odd, ["customer_spend"], owner=OWNER),
    "members": lambda ws, odd: ws.feature_set("fresh_set", odd, owner=OWNER),
    "a set's owner": lambda ws, odd: ws.feature_set("fresh_set", ["customer_spend"], owner=odd),
    "a spine": lambda ws, odd: ws.training_set(odd, "churn", time="asked_at"),
    "what to train on": lambda ws, odd: ws.training_set(spine(), odd, time="asked_at"),
    "a moment": lambda ws, odd: ws.training_set(spine(), "churn", time=odd),
    "an engine": lambda ws, odd: ws.training_set(spine(), "churn", time="asked_at", engine=odd),
    "what to serve": lambda ws, odd: ws.served(odd, spine(), time="asked_at"),
    "what to compare": lambda ws, odd: ws.parity(odd, rows=1),
    "how many": lambda ws, odd: ws.parity("churn", rows=1 if odd == 5 else odd),
    "what to export": lambda ws, odd: ws.export(odd, to="service", dry_run=True),
    "where to export to": lambda ws, odd: ws.export("churn", to=odd, dry_run=True),
    "a target": lambda ws, odd: ws.export("churn", to="service", target=odd, dry_run=True),
    "a branch": lambda ws, odd: ws.export("churn", to="service", branch=odd, dry_run=True),
    "a package": lambda ws, odd: ws.check_export(odd),
    "a dialect": lambda ws, odd: define(ws).sql(odd),
}


@pytest.mark.parametrize("place", PLACES)
def test_whatever_stands_in_a_place_is_taken_or_refused_with_a_code(
    place: str, churn: fk.Workspace, tmp_path: Any, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    refused = []
    for odd in (*NAMES, *ODD):
        try:
            PLACES[place](churn, odd)
        except fk.FeatureError as error:
            refused.append(error)
    assert refused
    assert [error for error in refused if not error.code.startswith("FK")] == []
    assert [error for error in refused if not (error.problem and error.fix)] == []
    assert all(str(error).encode("utf-8") for error in refused)
    assert list(tmp_path.iterdir()) == []
    assert churn.catalog.versions("churn")[0] == "1.0"
    assert len(churn.training_set(spine(), "churn", time="asked_at")) == len(spine())


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda ws: ws.entity("thing"), "FK916"),
        (lambda ws: ws.entity("thing", "a:string a:bigint"), "FK915"),
        (lambda ws: ws.feature("f", SPEND, **CELL, per="day"), "FK914"),
        (lambda ws: ws.feature("f", SPEND, **(CELL | {"owner": 5})), "FK913"),
        (lambda ws: ws.training_set(spine(), [], time="asked_at"), "FK353"),
        (lambda ws: ws.served([], spine(), time="asked_at"), "FK353"),
        (lambda ws: ws.parity("churn", rows=0), "FK917"),
        (lambda ws: ws.parity("churn", rows=-3), "FK917"),
        (lambda ws: ws.parity("churn", rows=True), "FK913"),
        (lambda ws: ws.source("more", ROWS, entity="customer", time=""), "FK214"),
        (lambda ws: ws.vocabulary("words", {"a": 5}), "FK913"),
        (lambda ws: ws.vocabulary("words", {"US": ["USA"], "UK": ["USA"]}), "FK918"),
        (lambda ws: ws.vocabulary("words", {"US": ["UK"], "UK": []}), "FK918"),
        (lambda ws: ws.vocabulary("w", {"a": [" x"], "b": ["X"]}, ignore_case=True), "FK918"),
        (lambda ws: ws.publish("customer_spend"), "FK309"),
        (lambda ws: ws.training_set(spine(), "chrun", time="asked_at"), "FK350"),
        (lambda ws: ws.training_set(spine(), "churn"), "FK212"),
        (lambda ws: ws.training_set(spine(), "churn", time="left"), "FK207"),
    ],
)
def test_a_mistake_has_its_own_code(churn: fk.Workspace, ask: Any, code: str) -> None:
    with pytest.raises(fk.FeatureError) as caught:
        ask(churn)
    assert caught.value.code == code


def test_one_name_does_where_a_list_is_wanted(churn: fk.Workspace) -> None:
    assert churn.feature_set("single", "customer_spend:spend_30d", owner=OWNER) == "1.0"
    assert churn.vocabulary("words", {"US": "USA"}).entries == (("US", ("USA",)),)
    draft = churn.feature("tagged", SPEND, **CELL, tags="core")
    assert draft.record.metadata.tags == ("core",)


def test_a_view_is_found_as_its_author_spells_it(churn: fk.Workspace) -> None:
    churn.feature("CustomerOrders", SPEND, **CELL)
    assert churn.training_set(spine(), "CustomerOrders", time="asked_at").width == 6
    assert churn.publish("CustomerOrders") == "1.0"
    churn.feature_set("orders", ["CustomerOrders@1:spend_30d"], owner=OWNER)
    assert churn.training_set(spine(), "CustomerOrders@1", time="asked_at").width == 6
    churn.deprecate("CustomerOrders@1.0", "no more")


def test_what_stands_in_an_option_never_becomes_the_text_of_a_cell(churn: fk.Workspace) -> None:
    draft = churn.feature("customer_spend", SPEND, **(CELL | {"owner": "a'b\nSELECT 1 AS x"}))
    line = cell_text(draft.name, draft.record.header, draft.record.text).splitlines()[0]
    assert "SELECT 1 AS x" in line
    assert split_line(line)[:2] == ["%%feature", "customer_spend"]


def test_a_workspace_is_called_what_its_author_wrote() -> None:
    with pytest.raises(fk.FeatureError, match="Workspace: catalog is 3"):
        fk.Workspace(3)  # type: ignore[arg-type]  # what is tried
