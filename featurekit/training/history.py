"""The rows of a source for the entities that are asked about, sorted once, searched often.

Rows lie sorted by entity, time and canonical order, so what a window sees of them is a range of
positions, except for rows that became known late: those are told apart row by row.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from featurekit.backends.to_polars import PURPOSE, polars_type
from featurekit.datatypes import TIMESTAMP
from featurekit.ir.definitions import Field, Source
from featurekit.lazy import require
from featurekit.training.placing import CODE, KNOWN, PLACE, TIME, by_place, codes_of
from featurekit.training.sources import SourceData, collected

if TYPE_CHECKING:
    import polars as pl

ROW, TIED = "\0row", "\0tied"


@dataclass(frozen=True, slots=True)
class Questions:
    """The distinct (entity, moment) pairs that are asked, sorted; spine rows point at them.

    Attributes:
        entities: The distinct keys and their code.
        code: One a question.
        time: Its moment, microseconds.
        row: For each spine row the position of its question; the one past the last for rows
            without a key or a moment, which see nothing.
        origin: One a question: the spine row that asks it, where each asks by itself.
    """

    entities: pl.DataFrame
    code: pl.Series
    time: pl.Series
    row: pl.Series
    origin: pl.Series | None = None

    def __len__(self) -> int:
        return len(self.code)


def questions(
    entities: pl.DataFrame, spine: pl.DataFrame, time: pl.Series, *, each: bool = False
) -> Questions:
    """Return what ``spine`` asks.

    Args:
        entities: The entities that count; others see nothing.
        spine: Has the keys' columns.
        time: When each row asks, microseconds; null: it sees nothing.
        each: Whether every row asks by itself; else rows with one key and moment ask together.
    """
    pl = require("polars", PURPOSE)
    asked = pl.DataFrame([codes_of(spine, entities).alias(CODE), time.alias(TIME)])
    asked = asked.with_row_index(ROW).drop_nulls()
    asked = by_place(asked, max(len(entities), 1))
    new = asked[PLACE].ne_missing(asked[PLACE].shift(1)) | each
    distinct = asked.filter(new)
    number = new.cum_sum().cast(pl.UInt32) - 1
    row = pl.repeat(len(distinct), len(spine), dtype=pl.UInt32, eager=True)
    row = row.scatter(asked[ROW], number)
    origin = distinct[ROW].cast(pl.Int64) if each else None
    return Questions(entities, distinct[CODE], distinct[TIME], row, origin)


@dataclass(frozen=True, slots=True)
class History:
    """Rows sorted by (entity, time, order); ``code``, ``time``, ``known`` run beside them.

    Attributes:
        rows: The source's columns that are needed.
        code: The entity of each row.
        time: Event time, microseconds.
        known: When it became available; once ``delayed``, the moment after which it is visible.
    """

    rows: pl.DataFrame
    code: pl.Series
    time: pl.Series
    known: pl.Series

    def __len__(self) -> int:
        return len(self.code)

    def only(self, mask: pl.Series) -> History:
        """Return the rows where ``mask`` is true."""
        code, time = self.code.filter(mask), self.time.filter(mask)
        known = time if self.prompt else self.known.filter(mask)
        return History(self.rows.filter(mask), code, time, known)

    @property
    def prompt(self) -> bool:
        """Whether every row is visible as soon as its time is over."""
        return self.known is self.time

    def delayed(self, delay: int, asked: Questions) -> History:
        """Return the rows as they are known ``delay`` microseconds later, as far as ``asked`` sees.

        What is known only at the last moment that is asked is never seen.
        """
        if delay == 0 and self.prompt:
            return self
        pl = require("polars", PURPOSE)
        latest = int(asked.time.max() or 0)  # type: ignore[arg-type]  # integers
        rows = pl.DataFrame({"time": self.time, "known": self.known})
        known = pl.max_horizontal("time", pl.min_horizontal(pl.col("known") + delay, latest))
        return dataclasses.replace(self, known=rows.select(known.alias("known"))["known"])


def history(
    data: SourceData, keys: Sequence[Field], columns: Collection[str], entities: pl.DataFrame
) -> History:
    """Return the visible-at-some-time rows of ``entities``, duplicates removed.

    Args:
        data: The source and its rows.
        keys: The entity's key columns.
        columns: Which other columns are needed.
        entities: The keys of those that count, and their code.

    Raises:
        DataError: FK208 when the rows cannot be read after all.
    """
    pl = require("polars", PURPOSE)
    source = data.source
    codes = max(len(entities), 1)
    every = [field.name for field in source.fields]
    wanted = {*columns, source.tie} - {source.time}
    kept = [name for name in every if name in wanted]
    found = _sorted(_read(data, keys, kept, entities), source, codes, every=None)
    if found is None:
        found = _sorted(_read(data, keys, every, entities), source, codes, every=every)
    assert found is not None  # noqa: S101  with every column at hand ties are settled
    moment = pl.col(TIME).cast(polars_type(TIMESTAMP)).alias(source.time)
    known = found[KNOWN] if KNOWN in found else found[TIME]
    return History(
        found.select(*(n for n in kept if n in columns), moment), found[CODE], found[TIME], known
    )


def _read(
    data: SourceData, keys: Sequence[Field], columns: Sequence[str], entities: pl.DataFrame
) -> pl.DataFrame:
    """Return ``columns`` of the rows of ``entities``, their code, time and when they were known.

    Without KNOWN each row is known at its time. Each column lies in one piece.
    """
    pl = require("polars", PURPOSE)
    source = data.source
    moments = [name for name in (source.time, source.available) if name]
    reading = dict.fromkeys([*columns, *(key.name for key in keys), *moments])
    frame = data.frame.select(*reading).drop_nulls(moments)
    rows = collected(frame, f"source {source.name!r}")
    typed = rows.select(pl.col(key.name).cast(polars_type(key.type)) for key in keys)
    made = [codes_of(typed, entities).alias(CODE), rows[moments[0]].dt.epoch("us").alias(TIME)]
    if source.available:
        made.append(rows[source.available].dt.epoch("us").alias(KNOWN))
    rows = rows.select(n for n in columns if n != source.time)
    rows = rows.hstack(made) if rows.width else pl.DataFrame(made)
    return (rows.drop_nulls(CODE) if made[0].null_count() else rows).rechunk()


def _sorted(
    rows: pl.DataFrame, source: Source, codes: int, every: Sequence[str] | None
) -> pl.DataFrame | None:
    """Sort by entity, time and order; None where ties need columns that were not read."""
    rows = by_place(rows, codes)
    order = [PLACE]
    tied = _again(rows, order)
    if source.tie and source.tie in rows and tied.any():
        order = [PLACE, source.tie]
        rows = _settled(rows, tied, order)
        tied = _again(rows, order)
    if not tied.any():
        return rows
    if every is None:
        return None
    if source.tie and source.available:
        order.append(KNOWN)
    order += [name for name in every if name in rows and name not in order]
    rows = _settled(rows, tied, order)
    return rows.filter(~tied) if source.tie else rows


def _again(rows: pl.DataFrame, order: Sequence[str]) -> pl.Series:
    """Whether a row and the one before it are the same in ``order``."""
    pl = require("polars", PURPOSE)
    same = [pl.col(name).eq_missing(pl.col(name).shift(1)) for name in order]
    return rows.select(pl.all_horizontal(same) & (pl.int_range(pl.len()) > 0)).to_series()


def _settled(rows: pl.DataFrame, tied: pl.Series, order: Sequence[str]) -> pl.DataFrame:
    """Bring rows that tie into ``order``; they lie side by side, so other rows stay in place."""
    pl = require("polars", PURPOSE)
    at = (tied | tied.shift(-1, fill_value=False)).arg_true()
    some = rows.select(order)[at].with_columns(at.alias(TIED)).sort(order, maintain_order=True)
    whole = pl.int_range(len(rows), dtype=at.dtype, eager=True)
    return rows[whole.scatter(at, some[TIED])]  # type: ignore[no-any-return]  # loaded late
