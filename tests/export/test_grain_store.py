"""What joins at an event's time, refreshes and frames need is not forgotten; the rest is."""

from __future__ import annotations

import datetime as dt
import importlib
import random
from pathlib import Path
from typing import Any

import pytest
from package_runs import running
from sample_packages import package, shop_views
from shop_events import HOUR, NOW, payment, weather

WHO = {"customer_id": payment(0, NOW, 0.0)["customer_id"]}


def story(seed: int) -> list[tuple[dt.datetime, str, dict[str, Any]]]:
    """Return events by their time of arrival: the wind seldom changes, payments may be late."""
    draw = random.Random(seed)  # noqa: S311  a reproducible draw, not a secret
    made: list[tuple[dt.datetime, str, dict[str, Any]]] = []
    for number in range(400):
        at = NOW - draw.randrange(120 * 24) * HOUR
        city = draw.choice(["Leeds", "Bath"])
        event = payment(number, at, float(draw.randrange(100)), city=city)
        made.append((at + draw.choice([0, 0, 1, 20]) * HOUR, "payments", event))
        if number % 5 == 0:
            blown = {**weather(at, float(draw.randrange(20))), "city": city}
            made.append((at, "weather", blown))
    return sorted(made, key=lambda one: one[0])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["payment_risk", "storms", "nightly", "earlier"])
def test_forgetting_at_once_changes_no_answer(
    name: str, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(package(shop_views(name), "grain"), tmp_path) as grain:
        monkeypatch.setattr(importlib.import_module("grain_features.store"), "_SWEEP_EVERY", 1)
        forgetful = grain.Features(grain.MemoryStore(slack=dt.timedelta(0)))
        faithful = grain.Features(grain.MemoryStore(slack=None))
        read = importlib.import_module("grain_features.v1_0").SOURCES
        request = {"city": "Bath", "amount": 3.0} if name == "payment_risk" else {}
        for arrival, source, event in story(seed):
            if source not in read:
                continue
            answers = []
            for features in (forgetful, faithful):
                features.ingest(source, event)
                asked = {**request, "happened": arrival} if request else {}
                answers.append(features.get(WHO, asked, as_of=arrival))
            assert dict(answers[0].values) == dict(answers[1].values)
            assert dict(answers[0].status) == dict(answers[1].status)
        kept, everything = (
            {
                stream: sum(len(held.entries) for held in keys.values())
                for stream, keys in f._store._entries.items()
            }
            for f in (forgetful, faithful)
        )
        payments = next(stream for stream in kept if stream.startswith("payments"))
        assert kept[payments] < everything[payments] / 2
        if name == "storms":
            wind = next(stream for stream in kept if stream.startswith("weather"))
            assert kept[wind] < everything[wind]
