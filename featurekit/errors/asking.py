"""FK2xx of asking: spines as queries, data that changes, what a lock file holds."""

from __future__ import annotations

import re
from collections.abc import Sequence

from featurekit.errors.base import closest, listed
from featurekit.errors.data import DataError


class BadQuery(DataError):
    """A query that was given as the spine cannot be run."""

    code = "FK218"

    def __init__(self, text: str, reason: str, tables: Sequence[str] = ()) -> None:
        super().__init__(
            "the query for the spine cannot be run",
            where=text,
            why=" ".join(reason.split())[:300],
            fix=_mended(text, reason, tables),
        )


def _mended(text: str, reason: str, tables: Sequence[str]) -> str:
    """Return the query with the near name in it, else one that shows a table which is there."""
    missing = re.search(r"Table with name \"?(.+?)\"? does not exist", reason)
    column = re.search(r"[Cc]olumn \"(.+?)\" not found", reason)
    named = re.findall(r"\"([^\"]+)\"", reason.partition("Candidate bindings:")[2])
    for found, known in ((missing, tables), (column, named)):
        near = closest(found[1], known) if found else None
        if found and near:
            return near.join(re.split(rf"\b{re.escape(found[1])}\b", text))
    if not tables:
        return "SELECT * FROM 'labels.parquet'"
    quoted = tables[0].replace('"', '""')
    return f'SELECT * FROM "{quoted}"'  # noqa: S608  to be pasted, and quoted


class NotReadOnly(DataError):
    """A text that was given as the spine's query does more than read."""

    code = "FK219"

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(
            f"the text for the spine is not a query that only reads: {reason}",
            where=text,
            why="a spine is read; nothing may change by asking for it",
            fix="one SELECT over files and registered sources: SELECT … FROM 'labels.parquet'",
        )


class SourceChanged(DataError):
    """A source's file changed while it was read: the answers may be half of each."""

    code = "FK216"

    def __init__(self, source: str, file: str) -> None:
        super().__init__(
            f"source {source!r} changed while it was read: {file!r} is another file now",
            why="some answers may rest on the rows before and some on those after",
            fix="ask again when nobody writes to it; replace files whole, under another name",
        )


class LockBroken(DataError):
    """A training set cannot be made again as it was: something that decides over it changed."""

    code = "FK217"

    def __init__(self, lock: str, changes: Sequence[str]) -> None:
        super().__init__(
            f"what {lock!r} locks has changed: {listed(changes)}",
            where=lock,
            why="the same training set is made only of the same definitions, rows and questions",
            fix="bring back what changed, or make a new training set, which writes a new lock",
        )
        self.changes = tuple(changes)


class LockUnreadable(DataError):
    """A file is no lock of a training set, or is damaged."""

    code = "FK220"

    def __init__(self, lock: str, reason: str) -> None:
        super().__init__(
            f"{lock!r} is not a lock file that can be read",
            where=lock,
            why=" ".join(reason.split())[:300],
            fix="name the .lock.json that lies beside a training set",
        )


class SpineNotLocked(DataError):
    """A lock was made of a frame in memory, which only its author can bring again."""

    code = "FK221"

    def __init__(self, lock: str) -> None:
        super().__init__(
            f"the spine of {lock!r} was a frame in memory",
            where=lock,
            why="a lock holds a frame's fingerprint, not its rows",
            fix="give it again: --spine FRAME_OR_FILE",
        )


class BadPart(DataError):
    """A part of a split is neither a range of time nor a share of the rows."""

    code = "FK222"

    def __init__(self, name: str, given: object) -> None:
        super().__init__(
            f"{name!r} is {given!r}, which is neither a range of time nor a share of the rows",
            why="all parts are ranges (begin included, end not), or all are shares from 0 to 1",
            fix="--train /2024-03-01 --test 2024-03-01/, or --train 0.8 --test 0.2",
        )


class PartsOverlap(DataError):
    """Two parts of a split share moments."""

    code = "FK223"

    def __init__(self, one: str, other: str) -> None:
        super().__init__(
            f"the parts {one!r} and {other!r} overlap",
            why="rows in both would be learnt by heart and then tested",
            fix="let the one end where the other begins; shares add up to 1 at most",
        )


class GapNotNamed(DataError):
    """Nothing says how far apart the parts of a split must be."""

    code = "FK224"

    def __init__(self) -> None:
        super().__init__(
            "how far apart the parts must be is not known",
            why="by default it is the longest window of the features; here none has a length",
            fix="name it: --gap 7d (gap='7d'); --gap 0 for none",
        )
