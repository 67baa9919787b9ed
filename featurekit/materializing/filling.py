"""The far side of filling a store: a rendered package checks, places and keeps the rows.

This file is run by itself in an interpreter of its own, beside a package that was rendered a
moment ago, so it uses the standard library and nothing of this toolkit. One JSON line opens the
conversation. It is answered with what the store notes; then each line is a row, and the last one
says that there are no more: without it nothing is kept. The answer is one JSON line again.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import importlib
import json
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)  # noqa: UP017  runs on Python 3.10, too
SECONDS = 10.0
"""How long another process that writes to the store is waited for, or Redis for an answer."""
MOST_REFUSALS = 20

_READERS: dict[str, Callable[[Any], Any]] = {
    "DOUBLE": float,
    "DECIMAL": Decimal,
    "DATE": dt.date.fromisoformat,
    "TIMESTAMP": lambda micros: EPOCH + dt.timedelta(microseconds=micros),
}


class Filling:
    """Rows on their way into the streams of one version."""

    def __init__(self, package: Any, version: Any, sources: dict[str, Any]) -> None:
        self.refused: list[str] = []
        self.refusals = 0
        self._version = version
        self._contract_error = package.ContractError
        held = importlib.import_module(f"{package.__name__}.store")
        self.streams = [one for one in vars(version).values() if isinstance(one, held.Stream)]
        everything = held.Retention(None)
        self._lasting = {one.name: held.Stream(one.name, everything) for one in self.streams}
        self._columns = {
            name: [(column, _READERS.get(kind)) for column, kind in declared]
            for name, declared in sources.items()
        }

    def places(self, lines: Iterator[str]) -> Iterator[Any]:
        """Yield where each row belongs: stream, key, entry.

        A row of a source without a tie column comes with its number among its equals. By it the
        row is known again, so that a run that is repeated does not keep it twice. Nothing is
        forgotten on the way: other versions may share a stream, and need more of it.
        """
        for line in lines:
            source, values, number = json.loads(line)
            if source is None:
                return
            try:
                found = self._version.entries(source, self._event(source, values))
            except self._contract_error as error:
                self.refusals += 1
                if len(self.refused) < MOST_REFUSALS:
                    self.refused.append(str(error))
                continue
            for stream, key, entry in found:
                once = entry
                if not entry.unique:
                    order = (*entry.order, number)
                    once = dataclasses.replace(entry, order=order, unique=True, rank=())
                yield self._lasting[stream.name], key, once
        raise EOFError("the rows ended without a word")

    def _event(self, source: str, values: list[Any]) -> dict[str, Any]:
        return {
            name: value if reader is None or value is None else reader(value)
            for (name, reader), value in zip(self._columns[source], values)  # noqa: B905  one list made both
        }


def opened(package: Any, place: str) -> Any:
    """Return the store at ``place``: a path, or the URL of a Redis."""
    if "://" in place:
        return package.RedisStore(place, timeout=SECONDS)
    return package.SqliteStore(place, timeout=SECONDS)


def said(facts: dict[str, Any]) -> None:
    """Answer with one line."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def converse(lines: Iterator[str]) -> None:
    """Hold the conversation."""
    opening = json.loads(next(lines))
    sys.path.insert(0, opening["folder"])
    package = importlib.import_module(opening["package"])
    version = importlib.import_module(f"{opening['package']}.{opening['version']}")
    try:
        store = opened(package, opening["place"])
        said({"notes": store.notes()})
        more = json.loads(next(lines))
        if more is not None:
            said(_filled(Filling(package, version, more["sources"]), store, more, lines))
        store.close()
    except package.StoreError as error:
        said({"error": str(error), "code": error.code})


def _filled(
    filling: Filling, store: Any, asked: dict[str, Any], lines: Iterator[str]
) -> dict[str, Any]:
    """Keep the rows; where this version alone is served from the store, forget what it can."""
    added = store.extend(filling.places(lines), tuple(asked["note"]))
    if asked["alone"]:
        as_of = EPOCH + dt.timedelta(microseconds=asked["as_of"])
        for stream in filling.streams:
            store.sweep(stream, as_of)
    return {"added": added, "refused": filling.refused, "refusals": filling.refusals}


if __name__ == "__main__":
    converse(iter(sys.stdin))
