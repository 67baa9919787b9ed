"""Real flights: a service that starts from a filled store answers as one fed since New Year."""

from __future__ import annotations

import datetime as dt
import importlib
import math
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import featurekit as fk
from featurekit.notebook.demo import notebooks_folder

OWNER = "ada@example.com"
ZONE = "America/New_York"
CARRIERS = """SELECT
  AVG(arr_delay) OVER last_24h AS avg_24h, STDDEV_SAMP(arr_delay) OVER last_7d AS spread_7d,
  MAX(arr_delay) OVER last_7d AS max_7d, COUNT(*) OVER calendar_1d AS yesterday,
  COUNT_IF(arr_delay > 15) OVER last_7d AS late_7d, LAST(dep_delay) OVER last_3_rows AS latest
FROM flights"""
WEATHER = "SELECT temp AS temperature, wind_speed AS wind FROM weather"
MOMENTS = [dt.datetime(2013, 2, day, 13, 30, tzinfo=dt.UTC) for day in (10, 11, 18)]
KNOWN = {"flights": "landed_at", "weather": "observed_at"}


def same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9) or (math.isnan(one) and math.isnan(other))
    return type(one) is type(other) and bool(one == other)


@pytest.mark.slow
def test_flights_are_answered_as_if_the_store_had_been_fed_all_along(tmp_path: Path) -> None:
    data = notebooks_folder() / "data"
    ws = fk.Workspace(tmp_path / "catalog")
    ws.entity("carrier", "carrier:string")
    ws.entity("airport", "origin:string")
    located = {name: str(data / f"{name}.parquet") for name in KNOWN}
    ws.source(
        "flights",
        located["flights"],
        entity="carrier,airport",
        time="sched_dep",
        available="landed_at",
        tie="flight_id",
    )
    ws.source("weather", located["weather"], entity="airport", time="observed_at", kind="snapshot")
    ws.feature("w", CARRIERS, source="flights", entity="carrier", owner=OWNER, zone=ZONE)
    ws.feature("x", WEATHER, source="weather", entity="airport", owner=OWNER, max_age="3h")
    for name in "wx":
        ws.publish(name)
    ws.feature_set("late", ["w@1", "x@1"], owner=OWNER)
    ws.export("late", to=tmp_path)
    sys.path.insert(0, str(tmp_path))
    try:
        package = importlib.import_module("late_features")
    finally:
        sys.path.remove(str(tmp_path))
    store = str(tmp_path / "store.sqlite")
    features = package.Features(package.MemoryStore(slack=None))
    since = None
    for at in MOMENTS:
        assert ws.materialize("late", as_of=at, out=store).since == since
        for name, column in KNOWN.items():
            came = pl.col(column) < at if since is None else pl.col(column).is_between(since, at)
            rows = ws.rows.open(ws.catalog.sources()[name]).frame.filter(
                came & (pl.col(column) < at)
            )
            for row in rows.collect().iter_rows(named=True):
                features.ingest(name, row)
        since = at
        compare(package.Features(package.SqliteStore(store)), features, at)


def compare(warm: Any, fed: Any, at: dt.datetime) -> None:
    """Compare the answers of both for every carrier and airport, then and in the days after."""
    asked = 0
    for carrier in ("UA", "B6", "EV", "DL", "AA", "MQ", "US", "WN", "OO", "HA"):
        for origin in ("EWR", "JFK", "LGA"):
            who = {"carrier": carrier, "origin": origin}
            for hours in (0, 1, 7, 30, 24 * 8):
                moment = at + dt.timedelta(hours=hours)
                one, other = (f.get(who, as_of=moment) for f in (warm, fed))
                assert dict(one.status) == dict(other.status), (who, moment)
                for name, value in one.values.items():
                    assert same(value, other.values[name]), (who, moment, name)
                    asked += value is not None
    assert asked > 500
