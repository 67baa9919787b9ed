"""A package answers alike from each store: as from the plain list of all that was delivered."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from package_runs import running
from redis_server import redis_url
from sample_packages import shop_package
from shop_events import DAY, HOUR, NOW, REQUEST, payment, weather
from store_stories import redis_prefix

KINDS = ["sqlite", "redis"]
Event = tuple[str, dict[str, Any]]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with running(shop_package(), tmp_path_factory.mktemp("shop")) as module:
        yield module


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, shop: Any, tmp_path: Path) -> Iterator[Any]:
    if request.param == "redis":
        with redis_prefix() as prefix:
            yield shop.RedisStore(redis_url(), prefix=prefix)
    else:
        made = shop.SqliteStore(tmp_path / "store.sqlite", flush=False)
        yield made
        made.close()


def story(seed: int) -> list[Event]:
    """Return events of some customers and cities: ties, repetitions, nulls, in any order."""
    draw = random.Random(seed)  # noqa: S311  a reproducible draw, not a secret
    made: list[Event] = []
    for number in range(150):
        at = NOW - draw.randrange(40 * 24) * HOUR
        who = {"customer_id": draw.choice(["c1", "ç2", "", None]), "city": draw.choice("ab")}
        amount = draw.choice([1.5, -0.0, float("inf"), None])
        booked = at + draw.choice([0, 0, 3, 60]) * HOUR
        paid = payment(number // 2, at, amount, booked=booked, **who)  # numbers are given twice
        made += [("payments", paid)] * draw.choice([1, 1, 2])
        made.append(("visits", {"customer_id": "c1", "at": at, "page": draw.choice("xy")}))
        made.append(("weather", weather(at, float(number), city=draw.choice("ab"))))
    draw.shuffle(made)
    return made


def answers(features: Any, seed: int) -> list[Any]:
    draw = random.Random(seed)  # noqa: S311  a reproducible draw, not a secret
    made = []
    for _ in range(30):
        who = {"customer_id": draw.choice(["c1", "ç2", "", "new"]), "city": draw.choice("ab")}
        answer = features.get(who, REQUEST, as_of=NOW - draw.randrange(200) * HOUR)
        made.append((repr(dict(answer.values)), dict(answer.status)))
    return made


@pytest.mark.parametrize("seed", range(2))
def test_answers_are_those_from_all_rows_whatever_the_order(
    shop: Any, store: Any, seed: int
) -> None:
    events = story(seed)
    features, plain = shop.Features(store), shop.Features(shop.MemoryStore(slack=None))
    for count, (source, event) in enumerate(events):
        features.ingest(source, event)
        if count % 150 == 0:
            features.get({"customer_id": "c1", "city": "a"}, REQUEST, as_of=NOW - 10 * DAY)
    once: list[Event] = []
    for source, event in sorted(events, key=repr):
        if source == "payments" and (source, event) in once:
            continue
        once.append((source, event))
        plain.ingest(source, event)
    wanted = answers(plain, seed)
    assert answers(features, seed) == wanted
    assert answers(shop.Features(store), seed) == wanted


def test_answers_are_whole_while_others_write(shop: Any, store: Any) -> None:
    features = shop.Features(store)
    paid = [payment(number, NOW - HOUR, 1.0) for number in range(40)]
    asked = {"customer_id": "c1", "city": "Leeds"}
    with ThreadPoolExecutor(3) as pool:
        written = [pool.submit(features.ingest, "payments", one) for one in [*paid, *paid]]
        seen = [0.0]
        while not all(one.done() for one in written):
            spent = features.get(asked, REQUEST, as_of=NOW).values["spend_30d"]
            seen.append(spent or 0.0)
    assert [one.result() for one in written] == [None] * 80
    assert seen == sorted(seen)
    assert features.get(asked, REQUEST, as_of=NOW).values["spend_30d"] == 40.0
