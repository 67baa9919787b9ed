"""Whoever follows a store's changes holds the rows that were delivered, whatever the store."""

from __future__ import annotations

import datetime as dt
import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from package_runs import put, running
from redis_server import redis_url
from sample_packages import thin_package
from store_stories import (
    HOUR,
    MINUTE,
    NOW,
    Follower,
    Rows,
    deliveries,
    entry,
    ordered,
    redis_prefix,
)

from featurekit.export.render import render

SEEDS = range(2)
TRIED = "tests/thin_features/test_redis.py"
Making = Callable[..., Any]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The stores of a rendered package."""
    with running(thin_package(), tmp_path_factory.mktemp("thin")):
        yield importlib.import_module("thin_features.store")


@pytest.fixture(params=["memory", "sqlite", "redis"])
def made(request: pytest.FixtureRequest, held: Any, tmp_path: Path) -> Iterator[Making]:
    """Return what makes an empty store, told how long it keeps what is late."""
    if request.param == "redis":
        with redis_prefix() as prefix:
            kind = importlib.import_module("thin_features.redis_store").RedisStore
            yield lambda slack=None: kind(redis_url(), prefix=prefix, slack=slack)
    elif request.param == "sqlite":
        kind = importlib.import_module("thin_features.sqlite_store").SqliteStore
        yield lambda slack=None: kind(tmp_path / "store.sqlite", slack=slack, flush=False)
    else:
        yield lambda slack=None: held.MemoryStore(slack)


@pytest.mark.parametrize("seed", SEEDS)
def test_following_at_any_time_gives_every_row_once(held: Any, made: Making, seed: int) -> None:
    store, rows = made(), Rows()
    stream = held.Stream("clicks", held.Retention(HOUR))
    often = {key: Follower(store, stream, key) for key in [("a",), ("b",), ("c",)]}
    for count, (key, one) in enumerate(deliveries(held, seed)):
        store.append(stream, key, one)
        rows.append(key, one)
        if count % 3 == 0:
            assert often[key].follow(NOW) == rows.of(key)
    for key, follower in often.items():
        late = Follower(store, stream, key)
        assert follower.follow(NOW) == late.follow(NOW) == rows.of(key)
        assert late.starts == 1


@pytest.mark.parametrize("kept", [0, 2])
@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_question_needs_is_there_though_the_rest_is_forgotten(
    held: Any, made: Making, seed: int, kept: int
) -> None:
    store, rows = made(slack=dt.timedelta(0)), Rows()
    stream = held.Stream("clicks", held.Retention(HOUR, rows=kept, delay=MINUTE))
    followers = {key: Follower(store, stream, key) for key in [("a",), ("b",), ("c",)]}
    now = NOW
    for key, one in deliveries(held, seed, 400):
        now = max(now, one.time + MINUTE)
        store.append(stream, key, one)
        rows.append(key, one)
        every, found = rows.of(key), followers[key].follow(now)
        latest = [row for row in every if row.time < now and row.known < now - MINUTE][-kept:]
        needed = [row for row in every if row.time >= now - HOUR or (kept and row in latest)]
        assert all(row in found for row in needed)
        assert all(row in every for row in found if row.time >= now - HOUR)
    store.sweep(stream)
    settled = max(row.time for key in followers for row in rows.of(key))
    for key in followers:
        every, found = rows.of(key), Follower(store, stream, key).follow(now)
        known = [row for row in every if row.time < settled and row.known < settled - MINUTE]
        oldest = min([settled - HOUR, *(row.time for row in known[-kept:] if kept)])
        assert {row.time for row in found if row.time != oldest} == {
            row.time for row in every if row.time > oldest
        }


def test_a_row_that_took_the_place_of_its_equal_is_told_again(held: Any, made: Making) -> None:
    store, stream = made(), held.Stream("clicks", held.Retention(HOUR))
    later, first = entry(held, NOW, 1, 2), entry(held, NOW, 1, 1)
    store.append(stream, ("a",), later)
    seen = store.changes(stream, ("a",), None, NOW)
    store.append(stream, ("a",), first)
    store.append(stream, ("a",), later)
    changes = store.changes(stream, ("a",), seen.mark, NOW)
    assert (list(changes.entries), changes.anew) == ([first], False)
    again = store.changes(stream, ("a",), changes.mark, NOW)
    assert (list(again.entries), again.mark, again.anew) == ([], changes.mark, False)


def test_who_reads_each_row_as_it_comes_seldom_starts_anew(held: Any, made: Making) -> None:
    store = made(slack=dt.timedelta(0))
    stream = held.Stream("clicks", held.Retention(HOUR))
    follower = Follower(store, stream, ("a",))
    for number in range(700):
        at = NOW + number * MINUTE
        store.append(stream, ("a",), entry(held, at, None))
        assert len(follower.follow(at)) < 4 * 60
    assert follower.starts < 700 / 60 + 3


def test_a_key_that_nobody_wrote_to_has_no_rows(held: Any, made: Making) -> None:
    store, stream = made(), held.Stream("clicks", held.Retention(HOUR))
    store.append(stream, ("a",), entry(held, NOW, 1))
    mark = store.changes(stream, ("a",), None, NOW).mark
    for seen in (None, mark):
        changes = store.changes(stream, ("b",), seen, NOW)
        assert (ordered(changes.entries), changes.anew) == ([], True)


def test_a_note_is_there_when_what_it_was_given_with_is(held: Any, made: Making) -> None:
    store, stream = made(), held.Stream("clicks", held.Retention(HOUR))
    if isinstance(store, held.MemoryStore):
        return
    assert store.notes() == {}
    places = [(stream, ("a",), entry(held, NOW, tie)) for tie in (1, 2, 2)]

    def failing() -> Iterator[Any]:
        yield places[0]
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        store.extend(failing(), ("read", "1"))
    assert store.notes() == {}
    first = store.extend(places, ("read", "ß"))
    again = store.extend(places, ("read", "2"))
    assert (first, again, store.notes()) == (2, 0, {"read": "2"})
    store.append(*places[0])
    assert store.notes() == {"read": "2", "fed clicks": ""}
    assert len(store.changes(stream, ("a",), None, NOW).entries) == 2


@pytest.mark.parametrize(("given", "said"), [(True, "passed"), (False, "skipped")])
def test_a_packages_own_tests_try_redis_where_they_are_given_one(
    *, given: bool, said: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-p", "no:cacheprovider", TRIED],
        cwd=put(render(thin_package()), tmp_path),
        env={**os.environ, "FEATURES_TEST_REDIS": redis_url() if given else ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    outcomes = {word for word in ("passed", "skipped") if f" {word}" in done.stdout}
    assert outcomes == {said}
