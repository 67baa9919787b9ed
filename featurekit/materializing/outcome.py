"""What a run did, or would do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Part:
    """A source, and how many of its rows were visible at the moment."""

    source: str
    visible: int


@dataclass(frozen=True, slots=True)
class Materialized:
    """Features written down as of a moment.

    Attributes:
        set: The set's version, ``churn@1.0``.
        as_of: The moment.
        out: Where, without a password.
        store: Whether it is a store; else a file of answers.
        rows: How many rows the file has, or came new into the streams of the store, which a dry
            run does not find out: None.
        parts: The sources that were read.
        since: The moment of the run that this one went on from; None: it began anew.
        replaced: The moment of the file that this one took the place of.
        refused: What the package's contract said to the first rows that it refused.
        refusals: How many it refused.
        unchanged: Whether everything was there already, so nothing was done.
        dry_run: Whether nothing was to be done.
    """

    set: str
    as_of: dt.datetime
    out: str
    store: bool
    rows: int | None
    parts: tuple[Part, ...]
    since: dt.datetime | None = None
    replaced: dt.datetime | None = None
    refused: tuple[str, ...] = ()
    refusals: int = 0
    unchanged: bool = False
    dry_run: bool = False
