"""What stores are told in tests, and the plain list of rows that they are compared with."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from redis_server import redis_url

NOW = dt.datetime(2024, 6, 12, 15, 4, 5, tzinfo=dt.UTC)
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)


def entry(
    held: Any, at: dt.datetime, tie: int | None, rank: int = 0, *, known: dt.datetime | None = None
) -> Any:
    """Return an entry; without a tie every delivery of it is a row."""
    order = (at, (0,)) if tie is None else (at, (1, tie))
    available = known or at
    ranks = () if tie is None else (available, (1, rank))
    row = {"at": at, "tie": tie, "rank": rank}
    return held.Entry(order, tie is not None, ranks, available, row)


def deliveries(held: Any, seed: int, number: int = 120) -> Iterator[tuple[tuple[str], Any]]:
    """Yield keys and entries: late ones, ties, repetitions, repetitions that win and lose."""
    draw = random.Random(seed)  # noqa: S311  a reproducible draw, not a secret
    given: list[tuple[tuple[str], Any]] = []
    for count in range(number):
        if given and draw.random() < 0.25:
            yield draw.choice(given)
            continue
        at = NOW + count * MINUTE - draw.choice([0, 0, 0, 1, 50, 600]) * MINUTE
        tie = draw.choice([1, 2, 3, None])
        known = at + draw.choice([0, 0, 1, 30]) * MINUTE
        made = entry(held, at, tie, draw.randrange(3), known=known)
        given.append(((draw.choice("abc"),), made))
        yield given[-1]


class Rows:
    """Every row that was delivered to a key, as the definition of a store counts them."""

    def __init__(self) -> None:
        self._of: dict[Any, list[Any]] = {}

    def append(self, key: Any, entry: Any) -> None:
        """Add a delivery."""
        rows = self._of.setdefault(key, [])
        same = [row for row in rows if entry.unique and row.unique and row.order == entry.order]
        if not same:
            rows.append(entry)
        elif entry.rank < same[0].rank:
            rows[rows.index(same[0])] = entry

    def of(self, key: Any) -> list[Any]:
        """Return a key's rows."""
        return ordered(self._of.get(key, []))


class Follower:
    """Holds a key's entries by asking for changes, as the package does."""

    def __init__(self, store: Any, stream: Any, key: Any) -> None:
        self._store, self._stream, self._key = store, stream, key
        self._mark: Any = None
        self._unique: dict[Any, Any] = {}
        self._others: list[Any] = []
        self.starts = 0

    def follow(self, as_of: dt.datetime) -> list[Any]:
        """Return all entries that are held after asking once more."""
        changes = self._store.changes(self._stream, self._key, self._mark, as_of)
        if changes.anew:
            self.starts += 1
            self._unique, self._others = {}, []
        self._mark = changes.mark
        hash(self._mark)
        for one in changes.entries:
            if one.unique:
                self._unique[one.order] = one
            else:
                self._others.append(one)
        return ordered([*self._unique.values(), *self._others])


def ordered(entries: Iterable[Any]) -> list[Any]:
    return sorted(entries, key=lambda one: (one.order, one.unique, one.rank))


@contextmanager
def redis_prefix() -> Iterator[str]:
    """Return a prefix of keys that nobody uses, and remove them afterwards."""
    import redis

    prefix = f"test-{uuid.uuid4().hex}"
    try:
        yield prefix
    finally:
        with redis.Redis.from_url(redis_url()) as client:
            for name in client.scan_iter(f"{prefix}:*", count=1000):
                client.delete(name)
