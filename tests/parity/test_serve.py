"""Running a rendered package: asked as production asks, answers keep their type."""

from __future__ import annotations

import datetime as dt
import math
import sys
from collections.abc import Callable
from decimal import Decimal

import pytest

from featurekit.datatypes import BIGINT, BOOLEAN, DATE, DOUBLE, TIMESTAMP, VARCHAR, decimal
from featurekit.errors.export import PackageBroken, PackageTooSlow
from featurekit.ir.windows import to_micros
from featurekit.parity.serve import (
    Conversation,
    Interface,
    package_name,
    serve,
    serve_here,
    timeline,
)

ECHO = """
from dataclasses import dataclass
from .kept import Kept

@dataclass
class Answer:
    values: dict
    status: dict

class Features:
    def __init__(self):
        self.seen = Kept()

    def ingest(self, source, event):
        if event.get("amount") is not None and event["amount"] < 0:
            raise ValueError("amount is negative")
        self.seen.rows.append((source, event))

    def get(self, entity, request=None, as_of=None):
        if entity.get("customer_id") == "boom":
            raise LookupError("no such customer")
        values = {"rows": len(self.seen.rows), "as_of": as_of, **entity, **request}
        if self.seen.rows:
            values["last"] = self.seen.rows[-1][1]["amount"]
        return Answer(values, {name: "PRESENT" for name in values})
"""
PACKAGE = {
    "echo_features/__init__.py": ECHO,
    "echo_features/kept.py": "class Kept:\n    def __init__(self):\n        self.rows = []\n",
    "tests/echo_features/__init__.py": "",
    "README.md": "an echo",
}
INTERFACE = Interface(
    {"payments": {"amount": DOUBLE, "at": TIMESTAMP}},
    {"customer_id": VARCHAR},
    {"a": DOUBLE, "b": decimal(10, 2), "c": DATE, "d": TIMESTAMP, "e": BOOLEAN, "f": BIGINT},
)
MOMENT = dt.datetime(2024, 2, 29, 23, 59, 59, 999999, tzinfo=dt.UTC)
REQUEST = {
    "a": 0.1,
    "b": Decimal("1.50"),
    "c": dt.date(2024, 2, 29),
    "d": MOMENT,
    "e": True,
    "f": 2**63 - 1,
}
Run = Callable[..., Conversation]
NOTHING = dict.fromkeys(REQUEST)


def event(amount: float | None) -> list[object]:
    return INTERFACE.event("payments", {"amount": amount, "at": MOMENT})


def ask(request: dict[str, object] | None = None, customer: str = "c1") -> list[object]:
    return INTERFACE.question({"customer_id": customer}, request or NOTHING, MOMENT)


@pytest.mark.parametrize("run", [serve, serve_here])
def test_every_type_comes_back_as_it_was_sent(run: Run) -> None:
    (answer,) = run(PACKAGE, INTERFACE, [ask(REQUEST)]).answers
    got = {name: answer.values[name] for name in REQUEST}
    assert [(repr(v), type(v)) for v in got.values()] == [
        (repr(v), type(v)) for v in REQUEST.values()
    ]
    assert answer.values["as_of"] == MOMENT
    assert answer.status["a"] == "PRESENT"


@pytest.mark.parametrize("run", [serve, serve_here])
def test_doubles_that_json_lacks_survive(run: Run) -> None:
    lines = [ask({**NOTHING, "a": v}) for v in (math.nan, math.inf, -math.inf, -0.0, 5e-324, 1e308)]
    answers = run(PACKAGE, INTERFACE, lines).answers
    got = [a.values["a"] for a in answers]
    assert math.isnan(got[0])
    assert [repr(v) for v in got[1:]] == ["inf", "-inf", "-0.0", "5e-324", "1e+308"]


@pytest.mark.parametrize("run", [serve, serve_here])
def test_a_fresh_store_forgets_and_a_refused_event_is_reported(run: Run) -> None:
    lines = [event(1.0), event(-1.0), event(None), ask(), ["fresh"], ask()]
    done = run(PACKAGE, INTERFACE, lines)
    assert [a.values["rows"] for a in done.answers] == [2, 0]
    assert (done.refused, done.refusals) == (("ValueError: amount is negative",), 1)


def test_an_error_of_one_question_leaves_the_others_answered() -> None:
    done = serve(PACKAGE, INTERFACE, [ask(customer="boom"), ask()])
    assert done.answers[0].error == "LookupError: no such customer"
    assert done.answers[1].error is None


def test_the_process_has_the_package_and_nothing_of_the_toolkit() -> None:
    text = "import importlib.util\nassert importlib.util.find_spec('featurekit') is None\n" + ECHO
    lonely = {**PACKAGE, "echo_features/__init__.py": text}
    assert len(serve(lonely, INTERFACE, [ask()]).answers) == 1


def test_what_a_package_prints_does_not_disturb_the_answers() -> None:
    chatty = {**PACKAGE, "echo_features/__init__.py": "print('{}')\n" + ECHO}
    assert len(serve(chatty, INTERFACE, [ask()]).answers) == 1


@pytest.mark.parametrize("run", [serve, serve_here])
def test_a_package_that_cannot_be_imported_is_named_broken(run: Run) -> None:
    broken = {**PACKAGE, "echo_features/__init__.py": "from .nowhere import x\n"}
    with pytest.raises(PackageBroken) as found:
        run(broken, INTERFACE, [ask()])
    assert "nowhere" in found.value.why


def test_a_package_that_hangs_is_stopped() -> None:
    hanging = {**PACKAGE, "echo_features/__init__.py": "while True: pass\n"}
    with pytest.raises(PackageTooSlow):
        serve(hanging, INTERFACE, [ask()], seconds=0.5)


def test_a_path_outside_the_folder_is_not_written() -> None:
    with pytest.raises(PackageBroken, match="outside"):
        serve({**PACKAGE, "../x.py": ""}, INTERFACE, [])


def test_running_here_leaves_no_module_behind() -> None:
    serve_here(PACKAGE, INTERFACE, [ask()])
    assert not [name for name in sys.modules if "echo_features" in name]


def test_running_here_ends_when_the_time_is_up() -> None:
    left = iter([True, True, False])
    done = serve_here(PACKAGE, INTERFACE, [ask(), ask(), ask()], before=lambda: next(left))
    assert len(done.answers) == 2


def test_the_package_is_the_top_folder_that_can_be_imported() -> None:
    assert package_name(PACKAGE) == "echo_features"
    with pytest.raises(PackageBroken):
        package_name({"README.md": ""})


def test_events_are_ingested_as_they_arrive_and_the_questions_own_event_before_it() -> None:
    def at(second: int) -> dt.datetime:
        return MOMENT + dt.timedelta(seconds=second)

    rows = {s: {"amount": float(s), "at": at(s)} for s in (3, 1, 2)}
    events = [(to_micros(at(s)), INTERFACE.event("payments", row)) for s, row in rows.items()]
    asked = [({"customer_id": "c1"}, NOTHING, at(s)) for s in (2, 0)]
    lines, order = timeline(INTERFACE, events, asked, [moment for _, _, moment in asked])
    assert order == [1, 0]
    assert [line[0] for line in lines] == ["ask", "event", "event", "ask"]
    assert [line[2][0] for line in lines if line[0] == "event"] == [1.0, 2.0]
