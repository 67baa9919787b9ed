"""What a package keeps and forgets, and how several versions share it."""

from __future__ import annotations

import datetime as dt
import importlib
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from package_runs import imported, put, running
from sample_packages import package, shop_package, shop_views
from shop_events import DAY, ENTITY, HOUR, NOW, REQUEST, payment, weather

from featurekit.export.render import render

HOUR_US = 3_600_000_000


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with running(shop_package(), tmp_path_factory.mktemp("shop")) as module:
        yield module


# --- the store: what it forgets changes no answer


def story(seed: int) -> list[tuple[dt.datetime, str, dict[str, Any]]]:
    """Return events by their time of arrival: some late, some twice, over half a year."""
    draw = random.Random(seed)  # noqa: S311  a reproducible draw, not a secret
    made: list[tuple[dt.datetime, str, dict[str, Any]]] = []
    for number in range(300):
        at = NOW - draw.randrange(180 * 24) * HOUR
        event = payment(number, at, float(draw.randrange(100)), city=draw.choice(["Leeds", "Bath"]))
        late = draw.choice([0, 0, 1, 20]) * HOUR
        made.append((at + late, "payments", event))
        if draw.random() < 0.3:
            made.append((at + 2 * late, "payments", event))
        made.append((at, "weather", weather(at, float(number), checked=draw.random() < 0.7)))
    return sorted(made, key=lambda one: one[0])


@pytest.mark.parametrize("seed", range(6))
def test_forgetting_what_is_old_changes_no_answer(shop: Any, seed: int) -> None:
    forgetful = shop.Features(shop.MemoryStore())
    faithful = shop.Features(shop.MemoryStore(slack=None))
    for count, (arrival, source, event) in enumerate(story(seed)):
        for features in (forgetful, faithful):
            features.ingest(source, event)
        if count % 7 == 0:
            answers = [f.get(ENTITY, REQUEST, as_of=arrival) for f in (forgetful, faithful)]
            assert dict(answers[0].values) == dict(answers[1].values)
            assert dict(answers[0].status) == dict(answers[1].status)
    entries = forgetful._store._entries
    (stream,) = [name for name in entries if name.startswith("payments by customer_id ")]
    assert len(entries[stream]["c1",].entries) < 250


@pytest.mark.parametrize("seed", range(3))
def test_forgetting_in_turns_changes_no_answer_of_any_key(shop: Any, seed: int) -> None:
    draw = random.Random(100 + seed)  # noqa: S311  a reproducible draw, not a secret
    stores = (shop.MemoryStore(), shop.MemoryStore(slack=None))
    forgetful, faithful = (shop.Features(store) for store in stores)
    events = sorted([*story(seed), *story(seed + 50)], key=lambda one: one[0])
    for arrival, source, event in events:
        customer = f"c{draw.randrange(12)}"
        given = {**event, "customer_id": customer} if source == "payments" else event
        asked = {"customer_id": f"c{draw.randrange(12)}", "city": draw.choice(["Leeds", "Bath"])}
        answers = []
        for features in (forgetful, faithful):
            features.ingest(source, given)
            answers.append(features.get(asked, REQUEST, as_of=arrival))
        assert dict(answers[0].values) == dict(answers[1].values)
        assert dict(answers[0].status) == dict(answers[1].status)
    rows = [
        sum(len(kept.entries) for keys in s._entries.values() for kept in keys.values())
        for s in stores
    ]
    assert rows[0] < rows[1]


def hourly(days: int, *cities: str) -> Iterator[dict[str, Any]]:
    for hour in range(days * 24):
        for city in cities:
            yield weather(NOW + hour * HOUR, float(hour), city=city)


@pytest.fixture(scope="module")
def gusts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A package that needs three hours of weather."""
    view = replace(shop_views("wind")["wind@1.0"], max_age=3 * HOUR_US, where=None)
    with running(package({"wind@1.0": view}, "gusts"), tmp_path_factory.mktemp("gusts")) as module:
        yield module


def kept(features: Any) -> dict[Any, int]:
    (keys,) = features._store._entries.values()
    return {key: len(held.entries) for key, held in keys.items()}


def test_many_days_of_a_few_keys_keep_few_rows(gusts: Any) -> None:
    features = gusts.Features()
    most = 0
    for event in hourly(60, "Leeds", "Bath", "York"):
        features.ingest("weather", event)
        features.get({"city": event["city"]}, as_of=event["hour"] + HOUR)
        most = max(most, *kept(features).values())
    assert most < 28 + 12  # a day and three hours, and what comes between two sweeps


def test_what_came_before_the_first_question_is_forgotten_after_it(gusts: Any) -> None:
    features = gusts.Features()
    events = [*hourly(60, "Leeds", "Bath", "York")]
    for event in events[:-40]:
        features.ingest("weather", event)
    assert features.get({"city": "Bath"}, as_of=NOW).status["wind"].value == "NOT_FOUND"
    features.get({"city": "Bath"}, as_of=events[-1]["hour"])
    for event in events[-40:]:
        features.ingest("weather", event)
    assert max(kept(features).values()) < 28 + 12


def test_keys_that_went_quiet_keep_only_what_tells_them_from_strangers(gusts: Any) -> None:
    features = gusts.Features()
    quiet = [f"city {number}" for number in range(50)]
    for event in hourly(1, *quiet):
        features.ingest("weather", event)
    for event in hourly(60, "Leeds"):
        features.ingest("weather", event)
        features.get({"city": "Leeds"}, as_of=event["hour"] + HOUR)
    assert {kept(features)[city,] for city in quiet} == {1}
    later = features.get({"city": "city 7"}, as_of=NOW + 60 * DAY)
    assert later.status["wind"].value == "STALE"


def test_a_key_of_which_nothing_need_be_kept_is_dropped(gusts: Any) -> None:
    store = gusts.MemoryStore()
    held = importlib.import_module(f"{gusts.__name__}.store")
    stream = held.Stream("clicks", held.Retention(3 * HOUR))
    for number in range(1000):
        at = NOW + number * HOUR
        store.changes(stream, ("asked",), None, at)
        click = held.Entry((at,), unique=False, rank=(at,), known=at, row=number)
        store.append(stream, (f"visitor {number}",), click)
    assert len(store._entries["clicks"]) < 100


def test_one_wrong_clock_does_not_empty_the_store(shop: Any) -> None:
    features = shop.Features()
    features.ingest("payments", payment(1, NOW - HOUR, 1.0))
    features.ingest("payments", payment(2, NOW + 4000 * DAY, 1.0))
    assert features.get(ENTITY, REQUEST, as_of=NOW).values["spend_30d"] == 1.0
    other = shop.Features()
    other.ingest("payments", payment(1, NOW - HOUR, 1.0))
    other.get(ENTITY, REQUEST, as_of=NOW + 4000 * DAY)
    other.ingest("payments", payment(2, NOW - HOUR, 1.0))
    assert other.get(ENTITY, REQUEST, as_of=NOW).values["spend_30d"] == 2.0


def test_without_a_tie_column_every_delivery_is_a_row(shop: Any) -> None:
    features = shop.Features()
    visit = {"customer_id": "c1", "at": NOW - HOUR, "page": "home"}
    features.ingest("visits", visit)
    features.ingest("visits", {**visit, "page": "help"})
    features.ingest("visits", {**visit, "page": None})
    answer = features.get(ENTITY, REQUEST, as_of=NOW)
    assert (answer.values["pages_7d"], answer.values["page"]) == (2, "home")


# --- versions side by side


def both_versions(folder: Path) -> Path:
    first = package(shop_views("customer_spend"), "duo")
    wide = shop_views("customer_spend", "customer_visits")
    second = package(wide, "duo", version="2.0", versions=("1.0", "2.0"))
    for spec in (first, second):
        put(render(spec), folder)
    return folder


def test_every_version_is_fed_so_that_rolling_back_answers_from_the_same_histories(
    tmp_path: Path,
) -> None:
    with imported("duo_features", both_versions(tmp_path)) as module:
        store = module.MemoryStore()
        new = module.Features(store)
        new.ingest("payments", payment(1, NOW - HOUR, 4.0))
        new.ingest("visits", {"customer_id": "c1", "at": NOW - HOUR, "page": "home"})
        assert new.version == "2.0"
        asked = {"customer_id": "c1"}
        assert new.get(asked, as_of=NOW).values["pages_7d"] == 1
        old = module.Features(store, version="1.0")
        answer = old.get(asked, as_of=NOW)
        assert (old.version, answer.version) == ("1.0", "1.0")
        assert answer.values["spend_30d"] == 4.0
        old.ingest("visits", {"customer_id": "c1", "at": NOW - 2 * HOUR, "page": "help"})
        assert new.get(asked, as_of=NOW).values["pages_7d"] == 2


def test_the_settings_are_json_with_the_three_keys() -> None:
    text = render(shop_package())["shop_features/active.json"]
    assert json.loads(text) == {"active": "1.0", "shadow": None, "log_sample": 0.01}
