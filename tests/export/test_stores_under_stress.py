"""Stores that are killed, held up, fought over and out of reach."""

from __future__ import annotations

import importlib
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import writing_process as writing
from package_runs import put
from redis_server import redis_url
from sample_packages import thin_package
from store_stories import HOUR, NOW, Follower, entry, redis_prefix

from featurekit.export.render import render

KEYS = [(0,), (1,), (2,)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where a rendered package lies that this process has imported."""
    where = put(render(thin_package()), tmp_path_factory.mktemp("thin"))
    sys.path.insert(0, str(where))
    yield where
    sys.path.remove(str(where))
    for module in [m for m in sys.modules if m.partition(".")[0] == "thin_features"]:
        del sys.modules[module]


@pytest.fixture(scope="module")
def held(folder: Path) -> Any:
    assert folder.is_dir()
    return importlib.import_module("thin_features.store")


@pytest.fixture(scope="module")
def package(held: Any) -> Any:
    return importlib.import_module(held.__name__.partition(".")[0])


def told(folder: Path, store: str, place: str, **more: Any) -> dict[str, Any]:
    module = {"SqliteStore": "sqlite_store", "RedisStore": "redis_store"}[store]
    said = {"folder": str(folder), "package": "thin_features", "module": module, "store": store}
    return {**said, "place": place, "options": {}, "seed": 0, "shuffled": False, **more}


def writer(said: dict[str, Any]) -> subprocess.Popen[str]:
    command = [sys.executable, writing.__file__, json.dumps(said)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def stored(held: Any, store: Any) -> Counter[tuple[int, int]]:
    """Return how often each row is there, by number and rank."""
    stream = held.Stream("clicks", held.Retention(None))
    rows = [one.row for key in KEYS for one in Follower(store, stream, key).follow(NOW)]
    return Counter((row["number"], row["rank"]) for row in rows)


def wanted(delivered: list[tuple[int, int]]) -> Counter[tuple[int, int]]:
    """Return what must be there: of even numbers the lowest rank, of odd ones every delivery."""
    least: dict[int, int] = {}
    for number, rank in delivered:
        least[number] = min(rank, least.get(number, rank))
    rows = Counter(row for row in delivered if row[0] % 2)
    rows.update((number, rank) for number, rank in least.items() if number % 2 == 0)
    return rows


# --- SQLite


@pytest.mark.slow
def test_a_writer_killed_at_any_moment_loses_nothing_and_leaves_nothing_half(
    folder: Path, held: Any, package: Any, tmp_path: Path
) -> None:
    path = tmp_path / "store.sqlite"
    draw = random.Random(1)  # noqa: S311  a reproducible draw, not a secret
    certain: list[tuple[int, int]] = []
    for run in range(25):
        said = told(folder, "SqliteStore", str(path), seed=run, rows=5000)
        with writer({**said, "from": 10_000 * run, "options": {"flush": run % 2 == 0}}) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(draw.random() * 0.2)
            os.kill(process.pid, signal.SIGKILL)
            rest = process.stdout.read().splitlines()
            assert process.wait() == -signal.SIGKILL
        certain += [tuple(json.loads(line)) for line in rest if line.endswith("]")]
        with sqlite3.connect(path) as raw:
            assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            uncounted = raw.execute(
                "SELECT count(*) FROM keys k WHERE kept !="
                " (SELECT count(*) FROM entries e WHERE e.key = k.id)"
            ).fetchone()
        raw.close()
        assert uncounted == (0,)
    store = package.SqliteStore(path)
    there = stored(held, store)
    store.close()
    assert len(certain) > 25
    assert all(there[row] == 1 for row in certain)
    assert len(there) - len(certain) <= 2 * 25  # the first, and one that nobody was told of


def test_a_store_that_another_process_holds_is_an_error_in_time(
    held: Any, package: Any, tmp_path: Path
) -> None:
    store = package.SqliteStore(tmp_path / "store.sqlite", timeout=0.2)
    stream = held.Stream("clicks", held.Retention(HOUR))
    store.append(stream, ("a",), entry(held, NOW, 1))
    other = sqlite3.connect(tmp_path / "store.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    begun = time.monotonic()
    with pytest.raises(package.StoreError) as caught:
        store.append(stream, ("a",), entry(held, NOW, 2))
    assert caught.value.code == "store_timeout"
    assert 0.1 < time.monotonic() - begun < 0.6
    assert len(store.changes(stream, ("a",), None, NOW).entries) == 1  # reading goes on
    other.execute("ROLLBACK")
    other.close()
    store.append(stream, ("a",), entry(held, NOW, 2))
    store.append(stream, ("a",), entry(held, NOW, 2))
    assert len(store.changes(stream, ("a",), None, NOW).entries) == 2
    store.close()


def test_a_file_that_is_no_store_is_left_alone(package: Any, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database, but long enough to look like one" * 20)
    with sqlite3.connect(tmp_path / "other.sqlite") as other:
        other.execute("CREATE TABLE accounts (id)")
    other.close()
    with sqlite3.connect(tmp_path / "later.sqlite") as later:
        later.execute("PRAGMA user_version = 99")
    later.close()
    for name in ("notes.txt", "other.sqlite", "later.sqlite"):
        before = (tmp_path / name).read_bytes()
        with pytest.raises(package.StoreError) as caught:
            package.SqliteStore(tmp_path / name)
        assert caught.value.code == "store_format"
        assert (tmp_path / name).read_bytes() == before
    with pytest.raises(package.StoreError) as caught:
        package.SqliteStore(tmp_path / "no such folder" / "store.sqlite")
    assert caught.value.code == "store_unavailable"


def test_a_full_disk_is_an_error_and_loses_nothing(held: Any, package: Any, tmp_path: Path) -> None:
    store = package.SqliteStore(tmp_path / "store.sqlite")
    stream = held.Stream("clicks", held.Retention(HOUR))
    store.append(stream, ("a",), entry(held, NOW, 1))
    full = store._idle[0]
    (pages,) = full.execute("PRAGMA page_count").fetchone()
    full.execute(f"PRAGMA max_page_count = {pages}")
    big = held.Entry(
        (NOW, (1, 2)), unique=True, rank=(NOW,), known=NOW, row={"text": "x" * 100_000}
    )
    with pytest.raises(package.StoreError) as caught:
        store.append(stream, ("a",), big)
    assert caught.value.code == "store_unavailable"
    assert len(store.changes(stream, ("a",), None, NOW).entries) == 1
    store.append(stream, ("a",), big)
    assert len(store.changes(stream, ("a",), None, NOW).entries) == 2
    store.close()


FORKING = """
import os, sys
sys.path.insert(0, sys.argv[1])
import thin_features, writing_process as writing
from thin_features import store as held
store = thin_features.SqliteStore(sys.argv[2])
stream = held.Stream("clicks", held.Retention(None))
store.append(stream, (0,), writing.made(held, 0, 0, 0))
child = os.fork()
for number in (1, 3) if child else (5, 7):
    store.append(stream, (0,), writing.made(held, number, 0, 0))
if child:
    assert os.waitpid(child, 0)[1] == 0
    found = store.changes(stream, (0,), None, writing.NOW).entries
    assert sorted(one.row["number"] for one in found) == [0, 1, 3, 5, 7], found
store.close()
os._exit(0)
"""


def test_a_process_that_forks_goes_on_with_its_child(folder: Path, tmp_path: Path) -> None:
    here = str(Path(writing.__file__).parent)
    command = [sys.executable, "-W", "error", "-c", FORKING, str(folder), str(tmp_path / "s")]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": here}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


# --- Redis


@pytest.fixture
def prefix() -> Iterator[str]:
    with redis_prefix() as made:
        yield made


def test_an_instant_of_any_year_keeps_its_order_and_its_row(
    held: Any, package: Any, prefix: str
) -> None:
    store = package.RedisStore(redis_url(), prefix=prefix, slack=HOUR * 0)
    stream = held.Stream("clicks", held.Retention(HOUR))
    far = NOW.replace(year=9990)
    for micros in range(3):
        store.append(stream, ("a",), entry(held, far.replace(microsecond=micros), None))
    store.changes(stream, ("a",), None, far + HOUR)
    late = far + HOUR + HOUR.resolution * 2
    store.append(stream, ("b",), entry(held, late, None))
    store.changes(stream, ("b",), None, late)
    store.sweep(stream)
    found = store.changes(stream, ("a",), None, late).entries
    assert [one.time.microsecond for one in found] == [2]


def test_a_key_expires_by_its_definition_and_only_where_no_row_is_needed_for_ever(
    held: Any, package: Any, prefix: str
) -> None:
    store = package.RedisStore(redis_url(), prefix=prefix, slack=HOUR)
    bounded = held.Stream("bounded", held.Retention(2 * HOUR, lag=HOUR))
    lasting = held.Stream("lasting", held.Retention(2 * HOUR, rows=1))
    for stream in (bounded, lasting):
        store.append(stream, ("a",), entry(held, NOW, 1))
    raw = store._redis
    for name in store._names(bounded, ("a",)):
        assert 4 * 3600 - 5 < raw.ttl(name) <= 4 * 3600 + 1
    for name in store._names(lasting, ("a",)):
        assert raw.ttl(name) == -1
    for name in store._names(bounded, ("a",)):
        raw.pexpire(name, 1)
    time.sleep(0.01)
    assert len(store.changes(bounded, ("a",), None, NOW).entries) == 0
    store.append(bounded, ("a",), entry(held, NOW, 1))
    assert len(store.changes(bounded, ("a",), None, NOW).entries) == 1


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["RedisStore", "SqliteStore"])
def test_writers_that_race_lose_nothing_and_double_nothing(
    folder: Path, held: Any, package: Any, prefix: str, tmp_path: Path, kind: str
) -> None:
    options: dict[str, Any] = {"timeout": 20.0}
    options |= {"prefix": prefix} if kind == "RedisStore" else {"flush": False}
    place = redis_url() if kind == "RedisStore" else str(tmp_path / "store.sqlite")
    said = told(folder, kind, place, options=options, shuffled=True, rows=120)
    writers = [writer({**said, "seed": seed, "from": 0}) for seed in range(4)]
    store = getattr(package, kind)(place, **options)
    stream = held.Stream("clicks", held.Retention(None))
    reader = Follower(store, stream, KEYS[0])
    delivered: list[tuple[int, int]] = []
    for process in writers:
        assert process.stdout is not None
        for line in process.stdout:
            delivered.append(tuple(json.loads(line)))
            if len(delivered) % 50 == 0:
                reader.follow(NOW)
        assert process.wait() == 0
        process.stdout.close()
    assert stored(held, store) == wanted(delivered)
    assert reader.follow(NOW) == Follower(store, stream, KEYS[0]).follow(NOW)
    assert reader.starts == 1
    store.close()


@pytest.mark.parametrize("kind", ["RedisStore", "SqliteStore", "MemoryStore"])
def test_threads_that_read_and_write_agree_in_the_end(
    held: Any, package: Any, prefix: str, tmp_path: Path, kind: str
) -> None:
    store = {
        "RedisStore": lambda: package.RedisStore(redis_url(), prefix=prefix, timeout=20.0),
        "SqliteStore": lambda: package.SqliteStore(tmp_path / "s", flush=False, timeout=20.0),
        "MemoryStore": package.MemoryStore,
    }[kind]()
    stream = held.Stream("clicks", held.Retention(None))
    rows = [writing.made(held, number, rank, 0) for number in range(60) for rank in (2, 1, 3)]
    follower = Follower(store, stream, KEYS[0])
    with ThreadPoolExecutor(4) as pool:
        written = [pool.submit(store.append, stream, KEYS[0], row) for row in rows]
        while not all(one.done() for one in written):
            follower.follow(NOW)
    assert [one.result() for one in written] == [None] * len(rows)
    found = Counter((one.row["number"], one.row["rank"]) for one in follower.follow(NOW))
    assert found == wanted([(number, rank) for number in range(60) for rank in (2, 1, 3)])
    if kind != "MemoryStore":
        store.close()


class Deaf:
    """A server that takes connections and never says a word."""

    def __enter__(self) -> str:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._taken: list[socket.socket] = []
        self._thread = threading.Thread(target=self._take, daemon=True)
        self._thread.start()
        return f"redis://:secret@127.0.0.1:{self._socket.getsockname()[1]}/0"

    def _take(self) -> None:
        while True:
            try:
                self._taken.append(self._socket.accept()[0])
            except OSError:
                return

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()
        for one in self._taken:
            one.close()


def test_a_server_that_never_answers_is_an_error_in_time(held: Any, package: Any) -> None:
    stream = held.Stream("clicks", held.Retention(HOUR))
    with Deaf() as url:
        store = package.RedisStore(url, timeout=0.4)
        for ask in (
            lambda: store.append(stream, ("a",), entry(held, NOW, 1)),
            lambda: store.changes(stream, ("a",), None, NOW),
            store.notes,
        ):
            begun = time.monotonic()
            with pytest.raises(package.StoreError) as caught:
                ask()
            assert time.monotonic() - begun < 0.5
            assert caught.value.code == "store_timeout"
            assert "secret" not in str(caught.value)
        store.close()


def test_a_server_that_is_not_there_is_an_error_at_once(held: Any, package: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    store = package.RedisStore(f"redis://127.0.0.1:{port}/0", timeout=0.4)
    with pytest.raises(package.StoreError) as caught:
        store.append(held.Stream("clicks", held.Retention(HOUR)), ("a",), entry(held, NOW, 1))
    assert caught.value.code == "store_unavailable"


def test_a_script_that_redis_forgot_is_sent_again(held: Any, package: Any, prefix: str) -> None:
    store = package.RedisStore(redis_url(), prefix=prefix)
    stream = held.Stream("clicks", held.Retention(HOUR))
    store.append(stream, ("a",), entry(held, NOW, 1))
    store._redis.script_flush()
    store.append(stream, ("a",), entry(held, NOW, 2))
    store._redis.script_flush()
    assert store.extend([(stream, ("a",), entry(held, NOW, 3))] * 2) == 1
    assert len(store.changes(stream, ("a",), None, NOW).entries) == 3
    store.close()


def test_a_key_that_was_emptied_and_began_anew_is_told_as_new(
    held: Any, package: Any, prefix: str
) -> None:
    store = package.RedisStore(redis_url(), prefix=prefix, slack=0 * HOUR)
    stream = held.Stream("clicks", held.Retention(HOUR))
    for number in range(20):
        at = NOW + 5 * number * HOUR
        store.append(stream, ("a",), entry(held, at, 1))
        seen = store.changes(stream, ("a",), None, at)
        assert [one.time for one in seen.entries] == [at]
        store.append(stream, ("b",), entry(held, at + 4 * HOUR, 1))
        store.sweep(stream, at + 4 * HOUR)
        store.append(stream, ("a",), entry(held, at + HOUR, 1))
        changes = store.changes(stream, ("a",), seen.mark, at + HOUR)
        assert [one.time for one in changes.entries] == [at + HOUR]
        assert changes.anew
        store.sweep(stream, at + 5 * HOUR)
        store.append(stream, ("b",), entry(held, at + 9 * HOUR, 1))
    store.close()


def test_names_in_redis_hold_nothing_of_what_came_in(held: Any, package: Any, prefix: str) -> None:
    store = package.RedisStore(redis_url(), prefix=prefix)
    stream = held.Stream("clicks *[?]{}\n by who", held.Retention(HOUR, rows=1))
    for key in ("ann@example.com", "}{", "\r\nFLUSHALL\r\n", "*", ""):
        store.append(stream, (key,), entry(held, NOW, 1))
    names = [str(name, "ascii") for name in store._redis.scan_iter(f"{prefix}:*", count=1000)]
    rows = [name for name in names if name.endswith(":rows")]
    assert len(rows) == 5
    assert all(len(name) < 100 and name.isprintable() and "ann" not in name for name in names)
    store.close()
