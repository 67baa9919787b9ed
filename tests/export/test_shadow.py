"""A version in the shadow agrees, differs, raises, hangs or dawdles, and nobody notices."""

from __future__ import annotations

import json
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from package_runs import imported
from shop_events import HOUR, NOW, payment
from test_active import two_versions

ASKED = {"customer_id": "c1"}
SPENT = "customer_spend__spend_30d"


@pytest.fixture(scope="module")
def duo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with imported("duo_features", two_versions(tmp_path_factory.mktemp("duo"))) as module:
        yield module


class Stage:
    """A package with version 1.0 on it and version 2.0 in its shadow."""

    def __init__(self, duo: Any, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.duo, self.patch, self.file = duo, patch, folder / "active.json"
        self.lines: list[dict[str, Any]] = []
        self.set("1.0", "2.0")
        telemetry = duo.Telemetry(lambda line: self.lines.append(json.loads(line)))
        self.features = duo.Features(settings=self.file, telemetry=telemetry)
        self.real = duo.VERSIONS["2.0"].get

    def set(self, active: str, shadow: str | None) -> None:
        """Write the settings."""
        self.file.write_text(json.dumps({"active": active, "shadow": shadow}))

    def candidate(self, get: Callable[..., Any]) -> None:
        """Let the version in the shadow answer with ``get``."""
        self.patch.setattr(self.duo.VERSIONS["2.0"], "get", get)

    def ask(self, times: int = 1) -> list[float]:
        """Ask, check the answer, and return how long each took."""
        took = []
        for _ in range(times):
            began = time.perf_counter()
            answer = self.features.get(ASKED, as_of=NOW)
            took.append(time.perf_counter() - began)
            assert (answer.version, "customer_visits__page" in answer.values) == ("1.0", False)
        return took

    def counted(self, outcome: str, times: int = 1) -> dict[str, int]:
        """Wait until an outcome was counted so often."""
        until = time.monotonic() + 60.0  # of a thread that never comes to it
        while (found := self.features.metrics().shadow).get(outcome, 0) < times:
            assert time.monotonic() < until, found
            time.sleep(0.002)
        return dict(found)

    def events(self) -> list[str]:
        """Return the codes of the events so far."""
        return [line["code"] for line in self.lines if line["kind"] == "event"]


@pytest.fixture
def stage(duo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    made = Stage(duo, tmp_path, monkeypatch)
    yield made
    made.features.close()


def module_of(duo: Any, name: str) -> Any:
    import sys

    return sys.modules[f"{duo.__name__}.{name}"]


def changed(stage: Stage, **values: Any) -> Callable[..., Any]:
    def get(*asked: Any) -> Any:
        answer = stage.real(*asked)
        return answer._replace(values=type(answer.values)({**answer.values, **values}))

    return get


def test_versions_that_agree_are_counted_and_what_one_lacks_is_listed_apart(stage: Stage) -> None:
    stage.features.ingest("payments", payment(1, NOW - HOUR, 4.0))
    stage.ask(3)
    assert stage.counted("same", 3) == {"same": 3}
    (started,) = stage.lines
    assert (started["code"], started["only_active"]) == ("shadow_started", [])
    assert started["only_shadow"] == ["customer_visits__pages_7d", "customer_visits__page"]


def test_a_difference_is_written_with_both_values_and_without_what_is_personal(
    stage: Stage,
) -> None:
    stage.features.ingest("payments", payment(1, NOW - HOUR, 4.0))
    stage.candidate(changed(stage, **{SPENT: 5.0, "customer_spend__payments_7d": 7}))
    stage.ask()
    stage.counted("different")
    (line,) = [line for line in stage.lines if line["kind"] == "difference"]
    schema = Path(stage.duo.__file__).with_name("telemetry.schema.json").read_text()
    jsonschema.validate(line, json.loads(schema))
    found = {one["feature"]: one for one in line["differences"]}
    assert found.keys() == {SPENT, "customer_spend__payments_7d"}
    counts = found["customer_spend__payments_7d"]
    assert (counts["active"], counts["shadow"]) == (0, 7)  # a count rests on no field
    assert set(found[SPENT]["active"]) == {"sha256"}
    assert found[SPENT]["active"] != found[SPENT]["shadow"]
    assert (line["version"], line["shadow"], len(line["payload"])) == ("1.0", "2.0", 64)
    assert "c1" not in json.dumps(line["entity"])


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (4.0, 4.0 * (1 + 1e-10), True),
        (4.0, 4.0 * (1 + 1e-8), False),
        (4.0, 4, False),
        (1, True, False),
        (None, 0.0, False),
        (0.0, -0.0, True),
        (float("nan"), float("nan"), True),
        (float("inf"), float("-inf"), False),
        (float("inf"), 1e308, False),
        ("a", "a", True),
        ([1.0, None], [1.0 + 1e-12, None], True),
        ([1.0], [1.0, 1.0], False),
        ([1], [1.0], False),
    ],
)
def test_values_are_compared_by_type_and_value(
    duo: Any, one: object, other: object, equal: object
) -> None:
    same = module_of(duo, "shadow").same
    assert (same(one, other), same(other, one)) == (equal, equal)


def test_a_status_that_differs_is_a_difference(stage: Stage) -> None:
    statuses = stage.duo.Status

    def get(*asked: Any) -> Any:
        answer = stage.real(*asked)
        return answer._replace(status=type(answer.status)({**answer.status, SPENT: statuses.STALE}))

    stage.candidate(get)
    stage.ask()
    stage.counted("different")
    (line,) = [line for line in stage.lines if line["kind"] == "difference"]
    (only,) = line["differences"]
    assert (only["active_status"], only["shadow_status"]) == ("NOT_FOUND", "STALE")


@pytest.mark.parametrize("outcome", ["different", "failed"])
def test_what_is_counted_is_written(duo: Any, tmp_path: Path, outcome: str) -> None:
    """Whoever sees the counter rise finds the line: it is written before."""
    counted: list[int] = []

    def sink(line: str) -> None:
        if "difference" in line or "shadow_failed" in line:
            counted.append(features.metrics().shadow.get(outcome, 0))

    (tmp_path / "active.json").write_text('{"active": "1.0", "shadow": "2.0"}')
    features = duo.Features(settings=tmp_path / "active.json", telemetry=duo.Telemetry(sink))
    real = duo.VERSIONS["2.0"].get

    def get(*asked: Any) -> Any:
        if outcome == "failed":
            raise RuntimeError
        answer = real(*asked)
        return answer._replace(values=type(answer.values)({**answer.values, SPENT: 5.0}))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duo.VERSIONS["2.0"], "get", get)
        features.get(ASKED, as_of=NOW)
        until = time.monotonic() + 60.0
        while not features.metrics().shadow.get(outcome):
            assert time.monotonic() < until
            time.sleep(0.002)
        features.close()
    assert counted == [0]


def test_rows_that_come_in_between_are_nobodys_difference(stage: Stage) -> None:
    def get(*asked: Any) -> Any:
        stage.features.ingest("payments", payment(1, NOW - HOUR, 4.0))
        return stage.real(*asked)

    stage.candidate(get)
    stage.ask()
    assert stage.counted("moved") == {"moved": 1}


@pytest.mark.parametrize(
    ("error", "outcome", "event"),
    [
        (RuntimeError("secret c1"), "failed", "shadow_failed"),
        (MemoryError(), "failed", "shadow_failed"),
        (None, "refused", "shadow_refused"),
    ],
    ids=["raises", "no memory", "refuses"],
)
def test_a_version_that_raises_is_counted_and_told_once(
    stage: Stage, error: Exception | None, outcome: str, event: str
) -> None:
    refusal = stage.duo.ContractError("null", "entity.customer_id", "c1", "secret c1")

    def get(*_: Any) -> Any:
        raise error or refusal

    stage.candidate(get)
    stage.ask(3)
    assert stage.counted(outcome, 3) == {outcome: 3}
    assert stage.events() == ["shadow_started", event]
    assert "secret" not in json.dumps(stage.lines)


def test_a_version_that_hangs_is_given_up_and_costs_no_time(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module_of(stage.duo, "shadow"), "PATIENCE", 0.05)
    let_go = threading.Event()
    stage.candidate(lambda *_: let_go.wait(30))
    try:
        took = stage.ask(5)
        time.sleep(0.06)
        took += stage.ask(5)
        assert stage.counted("given_up") == {"given_up": 1}
        assert stage.events() == ["shadow_started", "shadow_given_up"]
        assert statistics.median(took) < 0.02
        for active, shadow in (("1.0", None), ("1.0", "2.0")):  # it stays given up
            stage.set(active, shadow)
            stage.features.reload()
            stage.ask()
        assert stage.features.metrics().shadow == {"given_up": 1}
        assert stage.events()[2:] == []
    finally:
        let_go.set()


def test_a_slow_version_is_asked_less_and_what_does_not_fit_is_counted(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module_of(stage.duo, "shadow"), "WAITING", 10)
    working: list[float] = []

    def get(*asked: Any) -> Any:
        began = time.perf_counter()
        time.sleep(0.01)
        working.append(time.perf_counter() - began)
        return stage.real(*asked)

    stage.candidate(get)
    began = time.perf_counter()
    took = stage.ask(300)
    assert statistics.median(took) < 0.005
    while time.perf_counter() - began < 0.5:
        time.sleep(0.01)
    shadow = stage.features.metrics().shadow
    assert shadow["dropped"] >= 200
    assert sum(working) < 0.35 * (time.perf_counter() - began)  # a fifth, and one in progress


def test_without_a_shadow_no_thread_runs(duo: Any, tmp_path: Path) -> None:
    (tmp_path / "active.json").write_text('{"active": "1.0"}')
    before = threading.active_count()
    features = duo.Features(settings=tmp_path / "active.json")
    features.get(ASKED, as_of=NOW)
    assert (threading.active_count(), features.metrics().shadow) == (before, {})


def test_the_thread_ends_when_the_shadow_is_switched_off(stage: Stage) -> None:
    before = {*threading.enumerate()}  # those of tests before, which may not have ended yet
    stage.ask()
    stage.counted("same")
    (thread,) = [t for t in {*threading.enumerate()} - before if t.name == "shadow 2.0"]
    stage.set("1.0", None)
    stage.features.reload()
    thread.join(5.0)
    assert not thread.is_alive()
    stage.ask()
    assert stage.features.metrics().shadow == {"same": 1}
