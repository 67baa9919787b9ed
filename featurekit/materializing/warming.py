"""Filling an online store, so that a service starts warm: as if it had been fed all along."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from featurekit.errors.materializing import (
    GoingBack,
    NothingVisible,
    OutputNotMade,
    OutputOfAnother,
    RowsGone,
    UnknownOutput,
)
from featurekit.export.package import PackageSpec
from featurekit.export.python_plan import plan
from featurekit.export.python_streams import StreamSpec
from featurekit.export.render import render
from featurekit.frontends.moments import written_moment
from featurekit.ir.definitions import Source
from featurekit.ir.windows import to_micros
from featurekit.lazy import require
from featurekit.materializing.outcome import Materialized, Part, Progress
from featurekit.materializing.records import Record, read, there
from featurekit.materializing.stores import Line, OpenStore
from featurekit.materializing.visible import Counted, counted, needed
from featurekit.parity import serve
from featurekit.parity.arrivals import sendable
from featurekit.parity.vectors import PURPOSE
from featurekit.training.fingerprints import of_source, watched
from featurekit.training.sources import SourceData

if TYPE_CHECKING:
    import polars as pl

if TYPE_CHECKING:
    pass

_NOTE = "materialized "
_FED = "fed "
"""What the package's stores begin the name of a note with that says which stream was ingested."""
_NUMBER = "\0number"
_TOLD = 10_000

Counts = Mapping[str, Counted]

_SCHEMES = {"redis", "rediss", "unix"}
_ENDINGS = {".sqlite", ".sqlite3", ".db"}


def store_place(out: str) -> str | None:
    """Return the store that ``out`` names: the URL of a Redis, or a file's path; None: none.

    Raises:
        UnknownOutput: FK258, a URL of something else.
    """
    scheme, marks, _ = out.partition("://")
    if marks and scheme not in _SCHEMES:
        raise UnknownOutput(f"{scheme}://...")
    path = out.removeprefix("sqlite:")
    return path if marks or path != out or Path(out).suffix in _ENDINGS else None


@dataclass(frozen=True, slots=True)
class Warming:
    """What to fill, and with what.

    Attributes:
        spec: The package that will serve from the store.
        reference: The set's version: ``churn@1.0``.
        data: The sources' rows by name.
        root: The folder that relative locations refer to.
        as_of: The moment from which on questions are asked.
        place: A path, or the URL of a Redis.
    """

    spec: PackageSpec
    reference: str
    data: Mapping[str, SourceData]
    root: Path
    as_of: dt.datetime
    place: str

    @property
    def said(self) -> str:
        """The place without a password."""
        if "://" not in self.place:
            return self.place
        parts = urlsplit(self.place)
        host = parts.netloc.rpartition("@")[2]
        return f"{parts.scheme}://{host}{parts.path}"

    @property
    def note(self) -> str:
        """What the record of a run is called in the store."""
        return f"{_NOTE}{self.reference}"


def warm(asked: Warming, progress: Progress, *, dry_run: bool = False) -> Materialized:
    """Fill a store with the rows that questions from ``as_of`` on may need.

    Raises:
        NothingVisible: FK251.
        OutputOfAnother: FK253.
        OutputNotMade: FK254, rows were ingested into it that this would bring once more.
        GoingBack: FK255.
        RowsGone: FK256.
        StoreRefused: FK257.
        UnknownOutput: FK258.
        SourceChanged: FK216, when a file was written to meanwhile.
    """
    missing = "://" not in asked.place and not there(Path(asked.place))
    streams = _streams(asked)
    sources = [asked.data[name].source for name in streams]
    with watched(sources, asked.root):
        if dry_run and missing:
            counts = _counts(asked, streams, None)
            return _outcome(asked, streams, counts, None, {}, dry_run=True)
        fingerprints = {name: of_source(asked.data[name], asked.root) for name in streams}
        with (
            serve.written(render(asked.spec)) as folder,
            OpenStore(folder, asked.spec, asked.place, asked.said) as store,
        ):
            before = _before(asked, store, streams)
            counts = _counts(asked, streams, before)
            record = _record(asked, fingerprints, counts, before)
            since = None if before is None or _anew(asked, before, counts) else before.as_of
            if before is not None and record.same_input(before):
                return _outcome(asked, streams, counts, since, {}, unchanged=True)
            if dry_run:
                return _outcome(asked, streams, counts, since, {}, dry_run=True)
            lines = _lines(asked, streams, counts, since, progress)
            columns = {name: serve.declared(_columns(one[0])) for name, one in streams.items()}
            made = store.fill(columns, (asked.note, record.text), to_micros(asked.as_of), lines)
        return _outcome(asked, streams, counts, since, made)


def _streams(asked: Warming) -> dict[str, list[StreamSpec]]:
    """Return the streams of the package by the name of their source."""
    found: dict[str, list[StreamSpec]] = {}
    for stream in plan(asked.spec).streams:
        found.setdefault(stream.source.name, []).append(stream)
    return found


def _before(
    asked: Warming, store: OpenStore, streams: Mapping[str, Sequence[StreamSpec]]
) -> Record | None:
    """Return what the run before left, which this one goes on from."""
    runs = {name: text for name, text in store.notes.items() if name.startswith(_NOTE)}
    others = [name.removeprefix(_NOTE) for name in runs]
    own = asked.reference.partition("@")[0]
    strange = [name for name in others if name.partition("@")[0] != own]
    if strange:
        raise OutputOfAnother(asked.said, strange[0], asked.reference)
    for name, kept in streams.items():
        if not kept[0].source.tie and any(_FED + one.name in store.notes for one in kept):
            reason = f"rows of {name!r} were ingested into it"
            why = "the source has no tie column, so each would count twice"
            raise OutputNotMade(asked.said, f"{reason}: {why}")
    if asked.note not in runs:
        return None
    before = read(runs[asked.note], asked.said)
    if before.meaning != asked.spec.hash:
        raise OutputOfAnother(asked.said, f"another {before.set}", asked.reference)
    if before.as_of > asked.as_of:
        raise GoingBack(asked.said, written_moment(before.as_of), written_moment(asked.as_of))
    return before


def _counts(
    asked: Warming, streams: Mapping[str, list[StreamSpec]], before: Record | None
) -> Counts:
    since = before.as_of if before else None
    found = {
        name: counted(asked.data[name], own, asked.as_of, since) for name, own in streams.items()
    }
    if found and not any(one.rows for one in found.values()):
        first = min((one.earliest for one in found.values() if one.earliest), default=None)
        raise NothingVisible(written_moment(asked.as_of), written_moment(first) if first else None)
    return found


def _anew(asked: Warming, before: Record, counts: Counts) -> bool:
    """Whether rows came that were visible already when the run before was made.

    Then all that are needed are brought once more; those that are there stay as they are.

    Raises:
        RowsGone: FK256.
    """
    for name, found in counts.items():
        there = int(before.sources.get(name, {}).get("visible", 0))
        if found.before < there:
            raise RowsGone(name, there, found.before, written_moment(before.as_of))
        if found.before > there:
            return True
    return before.as_of == asked.as_of


def _record(
    asked: Warming,
    fingerprints: Mapping[str, Mapping[str, Any]],
    counts: Counts,
    before: Record | None,
) -> Record:
    sources = {
        name: {**fingerprint, "visible": counts[name].rows}
        for name, fingerprint in fingerprints.items()
    }
    return Record(
        asked.reference,
        asked.spec.hash,
        asked.as_of,
        sources,
        sum(found.rows for found in counts.values()),
        before.as_of if before else None,
    )


def _lines(
    asked: Warming,
    streams: Mapping[str, list[StreamSpec]],
    counts: Counts,
    since: dt.datetime | None,
    progress: Progress,
) -> Iterator[Line]:
    """Yield the rows of each source that are needed, in the order in which they lie.

    All of them are read before the first is sent: from then on nobody else writes to the store.
    """
    sent = {
        name: _sent(
            asked.data[name].source,
            needed(asked.data[name], own, counts[name], asked.as_of, since),
        )
        for name, own in streams.items()
    }
    for name, rows in sent.items():
        for done, (*values, number) in enumerate(rows.iter_rows()):
            if done % _TOLD == 0:
                progress(f"rows of {name}", done, len(rows))
            yield [name, values, number]
        progress(f"rows of {name}", len(rows), len(rows))


def _sent(source: Source, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows as they are sent, with their numbers among their equals where those count."""
    pl = require("polars", PURPOSE)
    columns = [field.name for field in source.fields]
    number = pl.lit(0) if source.tie else pl.int_range(pl.len()).over(columns)
    return rows.select(
        *(sendable(pl.col(field.name), field.type.kind) for field in source.fields),
        number.alias(_NUMBER),
    )


def _columns(stream: StreamSpec) -> dict[str, Any]:
    return {field.name: field.type for field in stream.source.fields}


def _outcome(
    asked: Warming,
    streams: Mapping[str, Sequence[StreamSpec]],
    counts: Counts,
    since: dt.datetime | None,
    made: Mapping[str, Any],
    *,
    unchanged: bool = False,
    dry_run: bool = False,
) -> Materialized:
    return Materialized(
        set=asked.reference,
        as_of=asked.as_of,
        out=asked.said,
        store=True,
        rows=None if dry_run else int(made.get("added", 0)),
        parts=tuple(Part(name, counts[name].rows) for name in streams),
        since=since,
        refused=tuple(made.get("refused", ())),
        refusals=int(made.get("refusals", 0)),
        unchanged=unchanged,
        dry_run=dry_run,
    )
