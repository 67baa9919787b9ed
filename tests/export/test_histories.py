"""The states of a package: made of what a store keeps, held for the keys asked about last."""

from __future__ import annotations

import importlib
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from package_runs import running
from sample_packages import thin_package
from shop_events import HOUR, NOW, REQUEST, payment

from featurekit.export.python_plan import TAKEN


@pytest.fixture(scope="module")
def thin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with running(thin_package(), tmp_path_factory.mktemp("thin")) as module:
        yield module


def spend(features: Any, customer: str) -> Any:
    return features.get({"customer_id": customer}, REQUEST, as_of=NOW).values["spend_30d"]


def test_states_are_held_for_the_keys_asked_about_last(thin: Any) -> None:
    features = thin.Features()
    held = importlib.import_module(f"{thin.__name__}.histories")
    features._histories = held.Histories(features._store, cached=2)
    for number, customer in enumerate("abcab"):
        event = payment(number, NOW - HOUR, 1.0, customer_id=customer)
        features.ingest("payments", event)
    assert [spend(features, customer) for customer in "abcba"] == [2.0, 2.0, 1.0, 2.0, 2.0]
    assert [key for _, key, _ in features._histories._states] == [("b",), ("a",)]


def test_no_view_is_called_what_a_state_has_already(thin: Any) -> None:
    held = importlib.import_module(f"{thin.__name__}.histories")
    assert {name for name in vars(held.State) if name[0] != "_"} <= {*TAKEN}


def test_strangers_take_nobodys_room(thin: Any) -> None:
    features = thin.Features()
    for number in range(5):
        assert spend(features, f"stranger {number}") is None
    assert not features._histories._states


def test_rows_that_were_handed_out_do_not_change(thin: Any) -> None:
    held = importlib.import_module(f"{thin.__name__}.histories")
    version = importlib.import_module(f"{thin.__name__}.v1_0")
    state = held.State()
    for number in (2, 1):
        for _, _, entry in version.entries("payments", payment(number, NOW - number * HOUR)):
            before = state.rows
            state.add(entry)
            assert len(before) == len(state.rows) - 1
    assert [row["number"] for row in state.rows] == [2, 1]


def test_rows_that_are_all_forgotten_are_handed_out_no_more(thin: Any) -> None:
    held = importlib.import_module(f"{thin.__name__}.histories")
    store = importlib.import_module(f"{thin.__name__}.store")
    version = importlib.import_module(f"{thin.__name__}.v1_0")
    state = held.State()
    for _, _, entry in version.entries("payments", payment(1, NOW - HOUR)):
        state.add(entry)
    assert len(state.rows) == 1
    state.follow(store.Changes(None, (), anew=True))
    assert list(state.rows) == []


def test_threads_that_ingest_and_ask_at_once_leave_states_that_are_right(thin: Any) -> None:
    features, alone = thin.Features(), thin.Features()
    events = [
        payment(number, NOW - number * HOUR / 50, 1.0, customer_id=f"c{number % 3}")
        for number in range(600)
    ]
    draw = random.Random(1)  # noqa: S311  repeatable, not secret
    parts = [draw.sample(events, 400) for _ in range(4)]

    def work(part: list[dict[str, Any]]) -> None:
        for event in part:
            features.ingest("payments", event)
            spend(features, event["customer_id"])

    with ThreadPoolExecutor(len(parts)) as pool:
        list(pool.map(work, [*parts, events]))
    for event in events:
        alone.ingest("payments", event)
    for customer in ("c0", "c1", "c2"):
        assert spend(features, customer) == spend(alone, customer) > 0.0


def test_a_moment_in_the_past_is_answered_between_later_ones(thin: Any) -> None:
    features = thin.Features()
    for number in range(50):
        features.ingest("payments", payment(number, NOW - number * HOUR, 1.0))
    asked = [NOW, NOW - 20 * HOUR, NOW - 1 * HOUR, NOW - 49 * HOUR, NOW]
    entity = {"customer_id": "c1"}
    answers = [features.get(entity, REQUEST, as_of=at).values["spend_30d"] for at in asked]
    assert answers == [49.0, 29.0, 48.0, None, 49.0]
