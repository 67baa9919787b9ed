"""Whatever comes in is answered or refused with a typed error; nothing else ever comes out."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hostile_payloads import NOW, Fickle, Payloads
from package_runs import running
from sample_packages import grain_package, shop_package
from shop_events import ENTITY, HOUR, REQUEST, payment, weather

from featurekit.export.package import PackageSpec

SEED = 20240612
PACKAGES = {"shop": shop_package(), "grain": grain_package()}
EVENTS = {
    "payments": payment(1, NOW - HOUR),
    "weather": weather(NOW - HOUR),
    "visits": {"customer_id": "c1", "at": NOW - HOUR, "page": "a"},
}


def good_question(module: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return an entity and a request that the package answers."""
    features = module.Features()
    entity, request = dict(ENTITY), dict(REQUEST)
    while True:
        try:
            features.get(entity, request, as_of=NOW)
        except module.ContractError as error:
            where, _, field = error.field.partition(".")
            given = entity if where == "entity" else request
            if error.code == "unknown_field":
                del given[field]
            elif error.code == "missing_field":
                given[field] = payment(1, NOW)[field]
            else:
                raise
        else:
            return entity, request


def outcomes(spec: PackageSpec, folder: Path, number: int) -> Counter[str]:
    """Return how often each came out of ``number`` calls; anything but these is raised.

    Every question is logged, too.
    """
    payloads, found, said = Payloads(SEED), Counter[str](), set[str]()
    with running(spec, folder) as module:
        typed = (module.ContractError, module.StoreError)
        entity, request = good_question(module)
        events = {name: row for name, row in EVENTS.items() if name in module.v1_0.SOURCES}
        settings = folder / "settings.json"
        settings.write_text('{"active": "1.0", "shadow": null, "log_sample": 1.0}')
        for count in range(number):
            if count % 500 == 0:
                told = module.Telemetry(lambda line: found.update(logged=bool(json.loads(line))))
                features = module.Features(settings=settings, telemetry=told)
            try:
                if count % 2:
                    source = payloads.chance.choice(sorted(events))
                    called = source if count % 20 != 1 else payloads.value()
                    features.ingest(called, payloads.like(events[source]))
                    found["stored"] += 1
                else:
                    who = payloads.like(entity) if count % 3 else entity
                    what = payloads.like(request) if count % 4 else request
                    moment = payloads.value() if count % 10 == 0 else NOW
                    answer = features.get(who, what, as_of=moment)
                    checked(answer)
                    found["answered"] += 1
            except typed as error:
                found[error.code] += 1
                said.add(str(error))
    assert all(text.isascii() and text.isprintable() and len(text) < 300 for text in said)
    return found


def checked(answer: Any) -> None:
    """Check that values are of the language's own types and that no status contradicts one."""
    plain = {bool, int, float, str, dt.date, dt.datetime, list, type(None)}
    assert list(answer.values) == list(answer.status)
    for name, value in answer.values.items():
        assert type(value) in plain or type(value).__name__ == "Decimal"
        assert (answer.status[name].value == "PRESENT") == (value is not None)


CODES = {
    *("stored", "answered", "logged", "unknown_source", "wrong_type", "unknown_field"),
    *("missing_field", "naive_time", "out_of_range", "lone_surrogate"),
}


@pytest.mark.parametrize("name", PACKAGES)
def test_hostile_input_is_answered_or_refused_with_a_typed_error(name: str, tmp_path: Path) -> None:
    found = outcomes(PACKAGES[name], tmp_path, 1_500)
    assert set(found) >= CODES


def test_a_key_of_a_row_that_answers_otherwise_each_time_lets_nothing_out(tmp_path: Path) -> None:
    found = Counter[str]()
    with running(PACKAGES["grain"], tmp_path) as module:
        features, good = module.Features(), EVENTS["payments"]
        for name, said in product(("price", "amount"), product((True, False, None), repeat=6)):
            key = Fickle(name).told([])
            event = {**{n: v for n, v in good.items() if n != name}, key: good[name]}
            key.told(said)
            try:
                features.ingest("payments", event)
                found["stored"] += 1
            except module.ContractError as error:
                found[error.code] += 1
    assert set(found) == {"stored", "unknown_field", "missing_field"}


@pytest.mark.slow
@pytest.mark.parametrize("name", PACKAGES)
def test_so_it_is_a_hundred_thousand_times(name: str, tmp_path: Path) -> None:
    found = outcomes(PACKAGES[name], tmp_path, 50_000)
    assert sum(found.values()) - found["logged"] == 50_000
