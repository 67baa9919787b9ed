"""What a store holds after everything was ingested as it happened, and what it answers."""

from __future__ import annotations

import datetime as dt
import importlib
from collections import Counter
from typing import Any

import polars as pl

KNOWN = {"readings": "known", "rounds": "at", "states": "at"}


def replayed(package: Any, store: Any, rows: dict[str, pl.DataFrame], as_of: dt.datetime) -> Any:
    """Return features that were fed every row that became available before a moment."""
    features = package.Features(store)
    events = [
        (row[KNOWN[name]], name, row)
        for name, frame in rows.items()
        for row in frame.iter_rows(named=True)
        if row[KNOWN[name]] is not None and row[KNOWN[name]] < as_of
    ]
    for _, name, row in sorted(events, key=lambda event: event[0]):
        features.ingest(name, row)
    return features


def kept(package: Any, store: Any, as_of: dt.datetime) -> dict[Any, Counter[str]]:
    """Return the rows of each stream and key once nothing is kept that no question needs."""
    version = importlib.import_module(f"{package.__name__}.v1_0")
    streams = [one for one in vars(version).values() if type(one).__name__ == "Stream"]
    found = {}
    for stream in streams:
        store.sweep(stream, as_of)
        column = stream.name.split()[2]
        keys = {"machine": ["m1", "m2", "m3", "ß4"], "line": ["a", "b"]}[column]
        for key in keys:
            entries = store.changes(stream, (key,), None, as_of).entries
            found[stream.name, key] = Counter(repr(sorted(e.row.items())) for e in entries)
    return found


def answers(features: Any, as_of: dt.datetime) -> list[Any]:
    """Return what is answered at the moment and for a month after it."""
    hours = [0, 1, 5, 11, 24, 30, 48, 72, 100, 700]
    made = []
    for machine in ("m1", "m2", "m3", "ß4", "stranger"):
        for hour in hours:
            at = as_of + dt.timedelta(hours=hour)
            answer = features.get({"machine": machine}, as_of=at)
            made.append((machine, hour, repr(dict(answer.values)), dict(answer.status)))
    return made
