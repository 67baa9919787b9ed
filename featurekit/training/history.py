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
from featurekit.ir.definitions import Field, Source
from featurekit.lazy import require
from featurekit.training.sources import SourceData, collected

if TYPE_CHECKING:
    import polars as pl

CODE, TIME, KNOWN, PLACE, TIED = "\0code", "\0time", "\0known", "\0place", "\0tied"
"""Columns of our own; no column of data can be called so."""

_MOST = 2**62


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


def entities_of(rows: pl.DataFrame, keys: Sequence[Field]) -> pl.DataFrame:
    """Return the distinct keys in ``rows``, none null, and their code."""
    pl = require("polars", PURPOSE)
    names = [key.name for key in keys]
    entities = rows.select(names).drop_nulls().unique().sort(names).with_row_index(CODE)
    return entities.with_columns(pl.col(CODE).cast(pl.Int64))


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
    names = [name for name in entities.columns if name != CODE]
    asked = spine.select(names).with_columns(time.alias(TIME))
    coded = asked.join(entities, on=names, how="left", maintain_order="left").select(CODE, TIME)
    if each:
        return _asked_by_each(entities, coded)
    distinct = coded.drop_nulls().unique().sort(CODE, TIME)
    placed = distinct.with_row_index(PLACE)
    row = coded.join(placed, on=[CODE, TIME], how="left", maintain_order="left")[PLACE]
    return Questions(entities, distinct[CODE], distinct[TIME], row.fill_null(len(distinct)))


def _asked_by_each(entities: pl.DataFrame, coded: pl.DataFrame) -> Questions:
    pl = require("polars", PURPOSE)
    asked = coded.with_row_index(PLACE).drop_nulls().sort(CODE, TIME, PLACE)
    origin = asked[PLACE].cast(pl.Int64)
    row = pl.repeat(len(asked), len(coded), dtype=pl.UInt32, eager=True)
    row = row.scatter(origin, pl.int_range(len(asked), dtype=pl.UInt32, eager=True))
    return Questions(entities, asked[CODE], asked[TIME], row, origin)


@dataclass(frozen=True, slots=True)
class Axis:
    """Puts (entity, moment) on one line of integers; by rank where microseconds do not fit."""

    origin: int
    span: int
    ranks: pl.Series | None

    @classmethod
    def over(cls, moments: pl.Series, codes: int) -> Axis:
        """Return the axis for ``moments`` of ``codes`` entities."""
        first = int(moments.min() or 0)  # type: ignore[arg-type]  # integers
        span = int(moments.max() or 0) - first + 1  # type: ignore[arg-type]  # integers
        if codes * (span + 1) < _MOST:
            return cls(first, span, None)
        ranks = moments.unique().sort()
        return cls(0, len(ranks), ranks)

    def place(self, code: pl.Series, moment: pl.Series) -> pl.Series:
        """Return where each moment lies: past the entity's last one at most."""
        if self.ranks is None:
            low, high = self.origin, self.origin + self.span
            return code * self.span + (moment.clip(low, high) - self.origin)
        pl = require("polars", PURPOSE)
        return code * self.span + self.ranks.search_sorted(moment, side="left").cast(pl.Int64)


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
        return len(self.rows)

    def only(self, mask: pl.Series) -> History:
        """Return the rows where ``mask`` is true."""
        parts = (self.code, self.time, self.known)
        return History(self.rows.filter(mask), *(part.filter(mask) for part in parts))

    def delayed(self, delay: int, asked: Questions) -> History:
        """Return the rows as they are known ``delay`` microseconds later, as far as ``asked`` sees.

        What is known only at the last moment that is asked is never seen.
        """
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
    source = data.source
    every = [field.name for field in source.fields]
    reading = {*columns, *(k.name for k in keys), source.time, source.available, source.tie}
    needed = [name for name in every if name in reading]
    if source.tie is not None:
        found = _sorted(_read(data, keys, needed, entities), source, every=None)
        if found is not None:
            return found
    made = _sorted(_read(data, keys, every, entities), source, every=every)
    assert made is not None  # noqa: S101  with every column at hand ties are settled
    return dataclasses.replace(made, rows=made.rows.select(needed))


def _read(
    data: SourceData, keys: Sequence[Field], columns: Sequence[str], entities: pl.DataFrame
) -> pl.DataFrame:
    pl = require("polars", PURPOSE)
    source = data.source
    on = [key.name for key in keys]
    typed = [pl.col(key.name).cast(polars_type(key.type)) for key in keys]
    own = [f"\0{name}" for name in on]
    entities = entities.rename(dict(zip(on, own, strict=True)))
    frame = data.frame.select(columns).drop_nulls(
        [name for name in (source.time, source.available) if name]
    )
    moment = pl.col(source.time).dt.epoch("us")
    known = pl.col(source.available or source.time).dt.epoch("us")
    frame = frame.join(entities.lazy(), left_on=typed, right_on=own, how="inner")
    frame = frame.with_columns(moment.alias(TIME), known.alias(KNOWN))
    return collected(frame.select(*columns, CODE, TIME, KNOWN), f"source {source.name!r}")


def _sorted(rows: pl.DataFrame, source: Source, every: Sequence[str] | None) -> History | None:
    """Sort by entity, time and order; None where ties need columns that were not read."""
    pl = require("polars", PURPOSE)
    codes = int(rows[CODE].max() or 0) + 1 if len(rows) else 1  # type: ignore[arg-type]  # integers
    place = Axis.over(rows[TIME], codes).place(rows[CODE], rows[TIME])
    order = [PLACE, *([source.tie] if source.tie else [])]
    rows = rows.with_columns(place.alias(PLACE)).sort(order)
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift(1)) for name in order)
    again = same & (pl.int_range(pl.len()) > 0)
    rows = rows.with_columns(again.alias(TIED))
    if rows[TIED].any():
        if every is None:
            return None
        rows = _settled(rows, [*order, *([KNOWN] if source.tie else []), *every])
        if source.tie:
            rows = rows.filter(~pl.col(TIED))
    own = (CODE, TIME, KNOWN, PLACE, TIED)
    return History(rows.drop(own), rows[CODE], rows[TIME], rows[KNOWN])


def _settled(rows: pl.DataFrame, order: Sequence[str]) -> pl.DataFrame:
    """Bring rows that tie into ``order``; they lie side by side, so positions stay."""
    pl = require("polars", PURPOSE)
    tied = pl.col(TIED) | pl.col(TIED).shift(-1, fill_value=False)
    at = pl.int_range(pl.len()).alias("\0at")
    rows = rows.with_columns(at)
    some = rows.filter(tied)
    flags = some.select("\0at", TIED)
    settled = some.drop("\0at", TIED).sort(order).hstack(flags).select(rows.columns)
    return pl.concat([rows.filter(~tied), settled]).sort("\0at").drop("\0at")  # type: ignore[no-any-return]  # loaded late
