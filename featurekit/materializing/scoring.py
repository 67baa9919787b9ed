"""Batch scoring: the answers for all entities as of one moment, as a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from featurekit.backends.to_sql_duckdb import DUCKDB
from featurekit.datatypes import DataType
from featurekit.errors.materializing import (
    EntitiesNotKnown,
    NothingVisible,
    OutputNotMade,
    UnknownOutput,
)
from featurekit.frontends.moments import written_moment
from featurekit.ir.canonical import digest, meaning_hash
from featurekit.lazy import require
from featurekit.materializing.outcome import Materialized, Part, Progress
from featurekit.materializing.records import Record, read, record_path, there
from featurekit.materializing.visible import Counted, counted, visible
from featurekit.parity.rows import Shape, shape
from featurekit.parity.vectors import PURPOSE
from featurekit.selection import Selection
from featurekit.training import orders
from featurekit.training.files import require_output, save_frame, save_text
from featurekit.training.fingerprints import of_file, of_frame, of_source, watched
from featurekit.training.sources import SourceData, collected

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Scoring:
    """What to answer, for whom, and where to.

    Attributes:
        chosen: The answers.
        reference: What they are called: the set's version, or what was asked for.
        data: The sources' rows by name.
        root: The folder that relative locations refer to.
        as_of: The moment.
        out: The file.
        entities: Whom to answer for; None: everybody that the sources know by then.
    """

    chosen: Selection
    reference: str
    data: Mapping[str, SourceData]
    root: Path
    as_of: dt.datetime
    out: Path
    entities: pl.DataFrame | None = None


def score(asked: Scoring, progress: Progress, *, dry_run: bool = False) -> Materialized:
    """Write the answers, and beside them what they were made of; both appear whole or not at all.

    A file of the same set as of another moment is replaced, and the outcome says so.

    Raises:
        NothingVisible: FK251.
        EntitiesNotKnown: FK252.
        OutputOfAnother: FK253.
        OutputNotMade: FK254.
        UnknownOutput: FK258.
        UnwritableFile: FK230, before the work where there is no folder for it.
        DataError: FK2xx for entities or a source that does not do.
    """
    if asked.out.suffix not in {".parquet", ".csv"}:
        raise UnknownOutput(str(asked.out))
    there(asked.out)
    require_output(asked.out)
    with watched((one.source for one in asked.data.values()), asked.root):
        counts = {name: counted(one, (), asked.as_of, None) for name, one in asked.data.items()}
        spine = _spine(asked, counts)
        record = _record(asked, counts, len(spine))
        before = _before(asked, record)
        outcome = _outcome(asked, counts, len(spine), before)
        if before and record.same_input(before) and before.file == _hash(asked.out):
            return replace(outcome, unchanged=True, replaced=None)
        if dry_run:
            return replace(outcome, dry_run=True)
        moment = _moment_column(spine)
        order = orders.Order(
            spine.with_columns(_as_of(asked.as_of).alias(moment)),
            asked.chosen.wanted,
            asked.chosen.views,
            asked.data,
            asked.root,
            moment,
        )
        made = orders.answered(order, progress).frame
    save_frame(made, asked.out)
    save_text(replace(record, file=_hash(asked.out)).text, record_path(asked.out))
    return outcome


def _spine(asked: Scoring, counts: Mapping[str, Counted]) -> pl.DataFrame:
    """Return whom to answer for: as given, else every key that a source knows by then."""
    pl = require("polars", PURPOSE)
    if asked.entities is not None:
        return asked.entities
    chosen = asked.chosen
    made = shape(chosen.wanted, chosen.views)
    keys = list(made.keys)
    if made.request:
        listed = ", ".join(made.request)
        raise _not_known(asked, made, f"a question carries {listed}")
    having = [
        visible(one, asked.as_of).select(keys)
        for one in asked.data.values()
        if keys and {*keys} <= {field.name for field in one.source.fields}
    ]
    if not having:
        raise _not_known(asked, made, "no source has all of the keys")
    found = collected(pl.concat(having).drop_nulls().unique().sort(keys), "the sources' keys")
    if found.is_empty():
        first = min((one.earliest for one in counts.values() if one.earliest), default=None)
        raise NothingVisible(written_moment(asked.as_of), written_moment(first) if first else None)
    return found


def _not_known(asked: Scoring, made: Shape, reason: str) -> EntitiesNotKnown:
    """Return FK252 with a query that runs: the keys that sources hold, null for the rest."""
    rest: dict[str, DataType] = {**made.keys, **made.request}
    tables, columns = [], []
    for name, one in asked.data.items():
        held = {field.name for field in one.source.fields}
        own = [DUCKDB.identifier(key) for key in made.keys if key in rest and key in held]
        if own:
            table = f"{', '.join(own)} FROM {DUCKDB.identifier(name)}"
            tables.append(f"(SELECT DISTINCT {table})")
            columns += own
        rest = {key: kind for key, kind in rest.items() if key not in held or key not in made.keys}
    columns += [f"{DUCKDB.literal(None, k)} AS {DUCKDB.identifier(c)}" for c, k in rest.items()]
    query = f"SELECT {', '.join(columns)}"
    query += f" FROM {', '.join(tables)}" if tables else ""
    return EntitiesNotKnown(asked.reference, query, reason, rest)


def _as_of(moment: dt.datetime) -> pl.Expr:
    pl = require("polars", PURPOSE)
    return pl.lit(moment, dtype=pl.Datetime("us", "UTC"))  # type: ignore[no-any-return]  # loaded late


def _moment_column(spine: pl.DataFrame) -> str:
    name = "as_of"
    while name in spine.columns:
        name += "_"
    return name


def _record(asked: Scoring, counts: Mapping[str, Counted], rows: int) -> Record:
    sources: dict[str, Any] = {
        name: {**of_source(one, asked.root), "visible": counts[name].rows}
        for name, one in sorted(asked.data.items())
    }
    views = {name: meaning_hash(view) for name, view in asked.chosen.views.items()}
    wanted = [one.column for one in asked.chosen.wanted]
    entities = of_frame(asked.entities) if asked.entities is not None else None
    return Record(
        asked.reference, digest([views, wanted]), asked.as_of, sources, rows, entities=entities
    )


def _before(asked: Scoring, record: Record) -> Record | None:
    """Return the record of the file that is there and may be replaced."""
    kept = record_path(asked.out)
    if not there(kept):
        if there(asked.out):
            raise OutputNotMade(str(asked.out), "no manifest beside it says what it holds")
        return None
    try:
        text = kept.read_text(encoding="utf-8")
    except (OSError, ValueError) as problem:
        raise OutputNotMade(str(asked.out), f"its manifest cannot be read: {problem}") from None
    before = read(text, str(asked.out))
    before.require_set(record, str(asked.out))
    return before


def _hash(file: Path) -> str | None:
    return of_file(file) if file.is_file() else None


def _outcome(
    asked: Scoring, counts: Mapping[str, Counted], rows: int, before: Record | None
) -> Materialized:
    return Materialized(
        set=asked.reference,
        as_of=asked.as_of,
        out=str(asked.out),
        store=False,
        rows=rows,
        parts=tuple(Part(name, found.rows) for name, found in sorted(counts.items())),
        replaced=before.as_of if before else None,
    )
