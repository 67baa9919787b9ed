"""Logged rows asked again: by featurekit, of training and the package, and by the package alone."""

from __future__ import annotations

import datetime as dt
import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from package_runs import imported
from trade import OWNER, at, row

import featurekit as fk
from featurekit.cli import main

DAY = dt.timedelta(days=1)
NOON = at(20, 12)
ROWS = [row(n, "ab"[n % 2], at(1 + n), amount=1.5 * n) for n in range(18)]
LIMITS = [
    {"customer_id": "a", "updated_at": at(19), "limit": 100.0},
    {"customer_id": "b", "updated_at": at(20, 9), "limit": 7.0},
]
Rows = list[dict[str, Any]]
MARKS = {
    "transactions": "customer_id,amount,status",
    "limits": "limit",
    "question": "price,channel,tip",
}
CELLS: dict[str, tuple[str, dict[str, Any]]] = {
    "spend": (
        "SELECT SUM(amount) OVER last_30d AS spent, COUNT(*) OVER last_7d AS n FROM transactions",
        {"source": "transactions", "entity": "customer"},
    ),
    "lim": ("SELECT limit FROM limits", {"source": "limits", "max_age": "1d"}),
    "ask": (
        "SELECT price * 2 AS twice, VOCAB(channel, channel) AS channel, tip FROM question",
        {"source": "question"},
    ),
}


def workspace(folder: Path, marks: dict[str, str], name: str = "churn") -> fk.Workspace:
    """Three sources, a view of each, a set of them."""
    ws = fk.Workspace(folder / "catalog")
    pl.DataFrame(ROWS).write_parquet(folder / "transactions.parquet")
    pl.DataFrame(LIMITS).write_parquet(folder / "limits.parquet")
    ws.entity("customer", "customer_id:string")
    transactions = {"time": "event_time", "available": "loaded_at", "tie": "transaction_id"}
    register(ws, "transactions", marks, "transactions.parquet", entity="customer", **transactions)
    snapshot = {"kind": "snapshot", "time": "updated_at"}
    register(ws, "limits", marks, "limits.parquet", entity="customer", **snapshot)
    schema = "price:double! channel:string tip:double"
    rules = {"tip": "0..10 default 1"}
    register(ws, "question", marks, None, kind="request", schema=schema, rules=rules)
    ws.vocabulary("channel", {"web": ["www"], "shop": []}, unknown="outside")
    for view, (text, options) in CELLS.items():
        ws.feature(view, text, owner=OWNER, **options)
        ws.publish(view)
    ws.feature_set(name, list(CELLS), owner=OWNER)
    return ws


def register(ws: fk.Workspace, name: str, marks: dict[str, str], data: Any, **more: Any) -> None:
    ws.source(name, data, loggable=marks.get(name, ""), **more)


class Service:
    """The package as somebody runs it: fed with rows, asked, logging every question."""

    def __init__(self, package: Any, folder: Path) -> None:
        self.package, self.log = package, folder / "rows.jsonl"
        self.store = package.MemoryStore()
        settings = folder / "settings.json"
        settings.write_text('{"active": "1.0", "log_sample": 1}')
        telemetry = package.Telemetry(self.log)
        self.features = package.Features(self.store, settings=settings, telemetry=telemetry)

    def feed(
        self, rows: list[dict[str, Any]] = ROWS, limits: list[dict[str, Any]] = LIMITS
    ) -> None:
        """Take in rows."""
        fields = ("customer_id", "amount", "event_time", "loaded_at", "transaction_id")
        for one in rows:
            self.features.ingest("transactions", {name: one[name] for name in fields})
        for one in limits:
            self.features.ingest("limits", one)

    def ask(self, customer: str = "b", channel: str | None = "www", **moved: Any) -> Any:
        """Ask one question."""
        request = {"price": 2.5, "channel": channel}
        return self.features.get({"customer_id": customer}, request, as_of=NOON, **moved)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[fk.Workspace, Any]]:
    folder = tmp_path_factory.mktemp("replayed")
    ws = workspace(folder, MARKS)
    ws.export("churn", to=folder / "service")
    with imported("churn_features", folder / "service") as package:
        yield ws, package


@pytest.fixture
def world(exported: tuple[fk.Workspace, Any], tmp_path: Path) -> tuple[fk.Workspace, Service]:
    return exported[0], Service(exported[1], tmp_path)


def spoil(log: Path, **changed: Any) -> None:
    """Change the first logged row."""
    first, *rest = log.read_text().splitlines()
    log.write_text("\n".join([json.dumps({**json.loads(first), **changed}), *rest]) + "\n")


def causes(ws: fk.Workspace, log: Path) -> dict[str, str]:
    return {one.column: one.cause for one in ws.replay(log, "churn").mismatches}


def test_a_log_that_agrees_with_training_holds(
    world: tuple[fk.Workspace, Service], capsys: pytest.CaptureFixture[str]
) -> None:
    ws, service = world
    service.feed()
    for customer in ("a", "b", "nobody"):
        service.ask(customer)
    found = ws.replay(service.log, "churn")
    assert (found.rows, found.compared, found.mismatches, found.held) == (3, 18, (), True)
    words = ["replay", str(service.log), "--set", "churn", "--catalog", ws.url]
    assert main(words) == 0
    assert "as it would be now" in capsys.readouterr().out


def test_a_field_that_was_left_out_because_it_has_a_default_is_replayed_with_it(
    world: tuple[fk.Workspace, Service],
) -> None:
    ws, service = world
    service.feed()
    assert service.ask().values["tip"] == 1.0
    assert "tip" not in json.loads(service.log.read_text())["request"]
    assert ws.replay(service.log, "churn").held
    assert asked_again(service) == []


def test_rows_that_came_late_are_told_and_the_command_says_that_it_did_not_hold(
    world: tuple[fk.Workspace, Service], capsys: pytest.CaptureFixture[str]
) -> None:
    ws, service = world
    service.feed(ROWS[:-1])
    assert service.ask("b").values["n"] == 2
    service.feed(ROWS[-1:], [])
    assert causes(ws, service.log) == {"spend__n": "late rows", "spend__spent": "late rows"}
    words = ["replay", str(service.log), "--set", "churn", "--catalog", ws.url, "--json"]
    assert main(words) == 1
    facts = json.loads(capsys.readouterr().out)
    assert (facts["causes"], facts["held"]) == ({"late rows": 2}, False)
    assert facts["worst"][0]["logged"] == 2


def test_rows_that_came_late_for_a_strict_view_are_told_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A null that was made of the rows there were is no breach of what came in."""
    text = "SELECT STDDEV_SAMP(amount) OVER last_5d AS spread FROM transactions"
    options = {"source": "transactions", "entity": "customer", "strict": True}
    monkeypatch.setitem(CELLS, "spread", (text, options))
    ws = workspace(tmp_path, MARKS, "strictly")
    ws.export("strictly", to=tmp_path / "service")
    with imported("strictly_features", tmp_path / "service") as package:
        service = Service(package, tmp_path)
        service.feed(ROWS[:-1])
        answer = service.ask("b")
        service.feed(ROWS[-1:], [])
        found = ws.replay(service.log, "strictly").mismatches
    assert answer.status["spread__spread"].value == "OUTSIDE_CONTRACT"
    assert {one.column: one.cause for one in found}["spread__spread"] == "late rows"


def test_what_was_too_old_then_is_told_apart(world: tuple[fk.Workspace, Service]) -> None:
    ws, service = world
    old = [{"customer_id": "b", "updated_at": NOON - 2 * DAY, "limit": 5.0}]
    service.feed(limits=old)
    assert service.ask().status["lim__limit"].value == "STALE"
    assert causes(ws, service.log) == {"lim__limit": "stale"}


def test_a_question_outside_the_contract_and_code_that_was_changed_are_told(
    world: tuple[fk.Workspace, Service],
) -> None:
    ws, service = world
    service.feed()
    service.ask(channel="fax")
    values = json.loads(service.log.read_text())["values"]
    spoil(service.log, values={**values, "ask__channel": "web", "ask__twice": 6.0})
    assert causes(ws, service.log) == {"ask__channel": "contract", "ask__twice": "code"}


def test_a_version_that_the_catalog_does_not_hold_is_told_for_the_whole_row(
    world: tuple[fk.Workspace, Service],
) -> None:
    ws, service = world
    service.feed()
    for _ in range(2):
        service.ask()
    spoil(service.log, meaning="0" * 64)
    (only,) = ws.replay(service.log, "churn").mismatches
    assert (only.line, only.column, only.cause) == (1, "", "version")
    spoil(service.log, version="7.0")
    assert causes(ws, service.log) == {"": "version"}


def test_lines_of_a_logger_are_found_and_others_are_counted(
    world: tuple[fk.Workspace, Service],
) -> None:
    ws, service = world
    service.feed()
    service.ask()
    line = service.log.read_text()
    service.log.write_text(f"started\nINFO:churn_features.telemetry:{line}\n\n")
    found = ws.replay(service.log, "churn")
    assert (found.rows, found.others, found.held) == (1, 1, True)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "FK511"),
        ('{"format": 1, "kind": "event", "package": "churn_features"}\n', "FK511"),
        ('{"format": 1, "kind": "row", "package": "other_features"}\n', "FK511"),
        ('{"format": 1, "kind": "row", "package": "churn_features"}\n', "FK510"),
        ('{"format": 9, "kind": "row", "package": "churn_features"}\n', "FK510"),
        ('{"format": 1, "kind": \n', "FK510"),
        (None, "FK510"),
    ],
)
def test_what_is_no_log_is_refused(
    world: tuple[fk.Workspace, Service], tmp_path: Path, text: str | None, code: str
) -> None:
    log = tmp_path / "log.jsonl"
    if text is not None:
        log.write_text(text)
    with pytest.raises(fk.FeatureError) as refused:
        world[0].replay(log, "churn")
    assert refused.value.code == code


@pytest.mark.parametrize("changed", [{"as_of": "soon"}, {"request": {}}, {"entity": {"x": 1}}])
def test_a_row_that_does_not_fit_the_definition_is_refused_with_its_line(
    world: tuple[fk.Workspace, Service], changed: dict[str, Any]
) -> None:
    ws, service = world
    service.ask()
    spoil(service.log, **changed)
    with pytest.raises(fk.FeatureError) as refused:
        ws.replay(service.log, "churn")
    assert refused.value.code == "FK510"
    assert "line 1" in str(refused.value)


def test_a_log_of_hashes_is_refused_and_says_what_to_mark(tmp_path: Path) -> None:
    ws = workspace(tmp_path, {"question": "price"}, "closed")
    ws.export("closed", to=tmp_path / "service")
    with imported("closed_features", tmp_path / "service") as package:
        service = Service(package, tmp_path)
        service.feed()
        service.ask()
        with pytest.raises(fk.FeatureError) as refused:
            ws.replay(service.log, "closed")
        assert refused.value.code == "FK512"
        assert "limits.customer_id, question.channel" in refused.value.problem
        module = importlib.import_module("closed_features.replay")
        with pytest.raises(module.HiddenInputs) as told:
            list(module.replay(service.log.read_text().splitlines(), service.store))
        assert told.value.fields == ("customer_id", "channel")


def test_features_that_were_logged_as_hashes_are_named_and_the_others_compared(
    tmp_path: Path,
) -> None:
    ws = workspace(tmp_path, {**MARKS, "transactions": "customer_id"}, "half")
    ws.export("half", to=tmp_path / "service")
    with imported("half_features", tmp_path / "service") as package:
        service = Service(package, tmp_path)
        service.feed()
        service.ask()
    found = ws.replay(service.log, "half")
    assert (found.hidden, found.compared, found.held) == (("spend__spent",), 5, True)


# --- the package alone


def asked_again(service: Service, store: Any = None) -> list[Any]:
    module = importlib.import_module("churn_features.replay")
    lines = service.log.read_text().splitlines()
    return list(module.replay(lines, store or service.store))


def test_a_package_asks_its_log_again_of_its_own_store(
    world: tuple[fk.Workspace, Service],
) -> None:
    _, service = world
    service.feed(ROWS[:-1])
    for customer in ("a", "b"):
        service.ask(customer)
    assert asked_again(service) == []
    service.feed(ROWS[-1:], [])
    found = asked_again(service)
    assert [(one.line, one.feature, one.cause) for one in found] == [
        *((2, "spend__spent", "rows"), (2, "spend__n", "rows")),
    ]
    assert (found[1].logged, found[1].now) == (2, 3)
    spoil(service.log, meaning="0")
    assert asked_again(service)[0].cause == "version"
