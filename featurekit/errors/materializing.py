"""FK25x: what keeps features from being written down as of a moment."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from featurekit.errors.base import listed
from featurekit.errors.data import DataError


class BadMoment(DataError):
    """A moment that is none, or that does not say its zone."""

    code = "FK250"

    def __init__(self, text: str, reason: str, option: str, meant: str = "") -> None:
        super().__init__(
            f"{option} {text!r} {reason}",
            why="what is visible is decided to the microsecond",
            fix=f"{option} {meant or '2024-06-01T00:00:00Z'}   -- with its offset; Z is UTC",
        )


class NothingVisible(DataError):
    """A moment before everything."""

    code = "FK251"

    def __init__(self, as_of: str, earliest: str | None) -> None:
        known = f"the first becomes visible after {earliest}" if earliest else "there are none"
        super().__init__(
            f"no row of any source is visible as of {as_of}: {known}",
            fix="name a later moment, or look at the sources: %fk status",
        )


class EntitiesNotKnown(DataError):
    """Nothing says whom to answer for."""

    code = "FK252"

    def __init__(self, name: str, query: str, reason: str, unknown: Iterable[str]) -> None:
        absent = list(unknown)
        why = f"no source has {listed(absent)}: null in this one" if absent else "each has some"
        super().__init__(
            f"whom to answer for cannot be read from the sources of {name!r}: {reason}",
            why=f"a file or a query must say it; {why}",
            fix=f"--entities {shlex.quote(query)}",
        )


class OutputOfAnother(DataError):
    """What is there was made of another set or version."""

    code = "FK253"

    def __init__(self, out: str, there: str, wanted: str) -> None:
        super().__init__(
            f"{out} holds {there}, not {wanted}",
            where=out,
            why="what somebody may be reading is not replaced by something else",
            fix="name another output, or remove this one first",
        )


class OutputNotMade(DataError):
    """What is there was not written by materialize."""

    code = "FK254"

    def __init__(self, out: str, reason: str) -> None:
        super().__init__(
            f"{out} is there already, and {reason}",
            where=out,
            why="what it holds cannot be told, so it is neither replaced nor added to",
            fix="name another output, or remove this one first",
        )


class GoingBack(DataError):
    """A store is ahead of the moment asked for."""

    code = "FK255"

    def __init__(self, out: str, reached: str, as_of: str) -> None:
        super().__init__(
            f"{out} is filled up to {reached}, after {as_of}",
            where=out,
            why="rows that came later cannot be taken out of a store again",
            fix=f"--as-of {reached} or later, or name another output",
        )


class RowsGone(DataError):
    """Rows that were written into a store are not in their source any more."""

    code = "FK256"

    def __init__(self, source: str, before: int, now: int, reached: str) -> None:
        super().__init__(
            f"source {source!r} had {before:,} rows visible as of {reached}, and has {now:,}",
            why="the store may hold rows that are no longer in the source",
            fix="fill a new store, and let the service use that one",
        )


class StoreRefused(DataError):
    """The store could not be read or written."""

    code = "FK257"

    def __init__(self, out: str, reason: str) -> None:
        super().__init__(
            f"the store could not be filled: {reason}",
            where=out,
            why="what was there before is still there; a run that is repeated goes on from it",
            fix="see that it can be reached, has room, and nobody else writes to it; then repeat",
        )


class UnknownOutput(DataError):
    """An output that is neither a file of answers nor a store."""

    code = "FK258"

    def __init__(self, out: str) -> None:
        super().__init__(
            f"{out[:200]!a} is neither a file of answers nor a store",
            fix="scores.parquet, scores.csv; or a store: store.sqlite, redis://host:6379/0",
        )


class NotForStores(DataError):
    """An argument that only makes sense for a file of answers."""

    code = "FK259"

    def __init__(self) -> None:
        super().__init__(
            "a store is filled for every entity",
            why="the service may be asked for any of them",
            fix="leave --entities out, or write a file of answers: --out scores.parquet",
        )
