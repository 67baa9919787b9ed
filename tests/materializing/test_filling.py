"""A store that was filled answers as one that was fed all along, and holds the same rows."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import shop_floor as floor
from redis_server import redis_url
from replaying import answers, kept, replayed

from featurekit.errors import materializing as errors

MOMENTS = [floor.START + 30 * floor.DAY, floor.START + 31 * floor.DAY + 3 * floor.HOUR]


@pytest.fixture(params=["sqlite", pytest.param("redis", marks=pytest.mark.slow)])
def place(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Where a store can be filled."""
    if request.param == "sqlite":
        yield str(tmp_path / "store.sqlite")
        return
    import redis

    from featurekit.materializing import filling

    name = f"test_{uuid.uuid4().hex}"
    source = Path(filling.__file__).read_text(encoding="utf-8")
    own = tmp_path / "filling.py"
    own.write_text(source.replace("RedisStore(place,", f"RedisStore(place, prefix={name!r},"))
    monkeypatch.setattr(filling, "__file__", str(own))
    yield f"{redis_url()}?client_name={name}"
    with redis.Redis.from_url(redis_url()) as client:
        for key in client.scan_iter(f"{name}:*", count=1000):
            client.delete(key)


def opened(package: Any, place: str) -> Any:
    if "://" in place:
        return package.RedisStore(place, prefix=place.rpartition("=")[2])
    return package.SqliteStore(place)


def require_as_fed(package: Any, place: str, rows: Any, at: Any) -> None:
    """Compare answers and kept rows with those of a store that was fed row by row."""
    store = opened(package, place)
    fed = package.MemoryStore()
    plain = replayed(package, fed, rows, at)
    assert answers(package.Features(store), at) == answers(plain, at)
    replaying = package.MemoryStore()
    replayed(package, replaying, rows, at)
    fresh = opened(package, place)
    assert kept(package, fresh, at) == kept(package, replaying, at)
    store.close()
    fresh.close()


@pytest.mark.parametrize("at", MOMENTS)
def test_a_filled_store_is_as_one_that_was_fed(ws: Any, package: Any, place: str, at: Any) -> None:
    made = ws.materialize("floor", as_of=at, out=place)
    assert (made.since, made.refusals, made.store) == (None, 0, True)
    require_as_fed(package, place, floor.floor(), at)


def test_a_run_goes_on_from_the_one_before(ws: Any, package: Any, place: str) -> None:
    for number, at in enumerate(MOMENTS):
        made = ws.materialize("floor", as_of=at, out=place)
        assert made.since == (MOMENTS[0] if number else None)
    assert 0 < made.rows < 60
    require_as_fed(package, place, floor.floor(), MOMENTS[1])


def test_the_same_run_again_changes_nothing(ws: Any, package: Any, place: str) -> None:
    ws.materialize("floor", as_of=MOMENTS[0], out=place)
    store = opened(package, place)
    notes = store.notes()
    again = ws.materialize("floor", as_of=MOMENTS[0].isoformat(), out=place)
    assert (again.unchanged, again.rows) == (True, 0)
    assert store.notes() == notes
    record = json.loads(notes["materialized floor@1.0"])
    assert record["as_of"] == "2024-03-31T00:00:00Z"
    assert set(record["sources"]) == {"readings", "rounds", "states"}
    assert len(record["sources"]["readings"]["files"]["readings.parquet"]) == 64
    store.close()


@pytest.mark.slow
def test_rows_that_come_behind_the_mark_are_brought_too(
    ws: Any, package: Any, place: str, tmp_path: Path
) -> None:
    rows = floor.floor()
    fewer = {name: frame.gather_every(2) for name, frame in rows.items()}
    floor.write(fewer, tmp_path)
    floor.workspace(tmp_path, fewer).materialize("floor", as_of=MOMENTS[0], out=place)
    made = floor.workspace(tmp_path, rows).materialize("floor", as_of=MOMENTS[1], out=place)
    assert made.since is None
    require_as_fed(package, place, rows, MOMENTS[1])
    with pytest.raises(errors.RowsGone):
        floor.workspace(tmp_path, fewer).materialize("floor", as_of=MOMENTS[1], out=place)


@pytest.mark.slow
def test_live_events_go_on_from_the_filled_store(ws: Any, package: Any, place: str) -> None:
    ws.materialize("floor", as_of=MOMENTS[0], out=place)
    store = opened(package, place)
    features = package.Features(store)
    rows = floor.floor()
    for name, column in (("readings", "known"), ("rounds", "at"), ("states", "at")):
        later = rows[name].filter(pl.col(column).is_between(*MOMENTS, closed="left"))
        for row in later.sort(column, maintain_order=True).iter_rows(named=True):
            features.ingest(name, row)
    plain = replayed(package, package.MemoryStore(), rows, MOMENTS[1])
    assert answers(features, MOMENTS[1]) == answers(plain, MOMENTS[1])
    store.close()


# --- what is refused, and what is left when a run is interrupted


def test_a_store_is_not_turned_back_nor_filled_for_another_set(
    ws: Any, package: Any, place: str
) -> None:
    ws.materialize("floor", as_of=MOMENTS[1], out=place)
    with pytest.raises(errors.GoingBack):
        ws.materialize("floor", as_of=MOMENTS[0], out=place)
    with pytest.raises(errors.NotForStores):
        ws.materialize("floor", as_of=MOMENTS[1], out=place, entities=[{"machine": "m1"}])
    ws.feature_set("other", ["heat@1"], owner=floor.OWNER)
    if "://" not in place:
        with pytest.raises(errors.OutputOfAnother):
            ws.materialize("other", as_of=MOMENTS[1], out=place)
    store = opened(package, place)
    assert [*store.notes()] == ["materialized floor@1.0"]
    store.close()


def test_a_store_that_was_fed_by_somebody_else_is_left_alone(
    ws: Any, package: Any, place: str
) -> None:
    store = opened(package, place)
    package.Features(store).ingest("rounds", floor.floor()["rounds"].row(0, named=True))
    with pytest.raises(errors.OutputNotMade):
        ws.materialize("floor", as_of=MOMENTS[0], out=place)
    store.close()


def test_a_store_that_was_fed_with_what_has_a_tie_is_filled_up(
    ws: Any, package: Any, tmp_path: Path
) -> None:
    out = f"sqlite:{tmp_path / 'store'}"
    rows = floor.floor()
    store = package.SqliteStore(tmp_path / "store")
    replayed(package, store, {"readings": rows["readings"]}, MOMENTS[0] - 9 * floor.DAY)
    ws.materialize("floor", as_of=MOMENTS[0], out=out)
    require_as_fed(package, str(tmp_path / "store"), rows, MOMENTS[0])
    store.close()


def test_a_dry_run_writes_nothing(ws: Any, package: Any, place: str) -> None:
    made = ws.materialize("floor", as_of=MOMENTS[0], out=place, dry_run=True)
    assert made.dry_run
    assert made.rows is None  # what is new is known when it has been brought
    assert [part.visible for part in made.parts] == [534, 196, 39]
    assert "://" in place or not Path(place).exists()
    store = opened(package, place)
    assert store.notes() == {}
    store.close()


def test_places_that_hold_no_store_are_refused(ws: Any, tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("not a database, but long enough to look like one" * 20)
    nowhere = ["no/such/folder/store.sqlite", "redis://127.0.0.1:1/0"]
    for out in [str(tmp_path / "notes.db"), *nowhere]:
        with pytest.raises(errors.StoreRefused):
            ws.materialize("floor", as_of=MOMENTS[0], out=out)
    with pytest.raises(errors.UnknownOutput):
        ws.materialize("floor", as_of=MOMENTS[0], out="postgresql://me:secret@db/x")
    with pytest.raises(errors.StoreRefused) as caught:
        ws.materialize("floor", as_of=MOMENTS[0], out="redis://me:secret@127.0.0.1:1/0")
    assert "secret" not in str(caught.value)


def test_a_failure_in_the_middle_keeps_nothing(
    ws: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from featurekit.materializing import warming

    def failing(*given: Any) -> Iterator[Any]:
        lines = real(*given)
        yield next(lines)
        raise KeyboardInterrupt

    real = warming._lines
    monkeypatch.setattr(warming, "_lines", failing)
    with pytest.raises(KeyboardInterrupt):
        ws.materialize("floor", as_of=MOMENTS[0], out=tmp_path / "store.sqlite")
    with sqlite3.connect(tmp_path / "store.sqlite") as raw:
        for table in ("entries", "keys", "notes"):
            assert raw.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608  ours
    raw.close()


def test_versions_share_a_store_and_each_has_what_it_needs(
    ws: Any, package: Any, tmp_path: Path
) -> None:
    out = str(tmp_path / "store.sqlite")
    ws.materialize("floor", as_of=MOMENTS[0], out=out)
    short = "SELECT COUNT(*) OVER last_1h AS rounds_1h FROM rounds"
    ws.feature("lately", short, source="rounds", entity="machine", owner=floor.OWNER)
    ws.publish("lately")
    ws.feature_set("floor", ["lately@1"], owner=floor.OWNER)
    made = ws.materialize("floor", as_of=MOMENTS[0], out=out)
    assert made.set != "floor@1.0"
    require_as_fed(package, out, floor.floor(), MOMENTS[0])


@pytest.mark.slow
def test_runs_that_are_killed_are_made_good_by_the_next(
    ws: Any, package: Any, tmp_path: Path
) -> None:
    place = str(tmp_path / "store.sqlite")
    said = {**os.environ, "FEATUREKIT_CATALOG": str(tmp_path / "catalog")}
    at = MOMENTS[0].isoformat()
    command = [sys.executable, "-m", "featurekit", "materialize", "floor", "--out", place]
    begun = time.monotonic()
    subprocess.run([*command, "--as-of", at, "--dry-run"], env=said, check=True, timeout=60)
    usual = time.monotonic() - begun
    for part in range(4):
        with subprocess.Popen([*command, "--as-of", at], env=said) as process:
            time.sleep(usual * (0.6 + part / 8))
            os.kill(process.pid, signal.SIGKILL)
    made = ws.materialize("floor", as_of=at, out=place)
    assert made.rows == 70 or made.unchanged
    require_as_fed(package, place, floor.floor(), MOMENTS[0])
