"""Where rows stand on one line of (entity, moment): codes of entities, places, order by place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from featurekit.backends.to_polars import PURPOSE
from featurekit.ir.definitions import Field
from featurekit.lazy import require
from featurekit.training import sweeps

if TYPE_CHECKING:
    import polars as pl

CODE, TIME, KNOWN, PLACE = "\0code", "\0time", "\0known", "\0place"
"""Columns of our own; no column of data can be called so."""

_MOST = 2**62
_DENSE = 4
"""How many times as many slots as rows a table of codes may have."""


def entities_of(rows: pl.DataFrame, keys: Sequence[Field]) -> pl.DataFrame:
    """Return the distinct keys in ``rows``, none null, and their code."""
    pl = require("polars", PURPOSE)
    names = [key.name for key in keys]
    entities = rows.select(names).drop_nulls().unique().sort(names).with_row_index(CODE)
    return entities.with_columns(pl.col(CODE).cast(pl.Int64))


def codes_of(rows: pl.DataFrame, entities: pl.DataFrame) -> pl.Series:
    """Return the code of each row's entity, null where it is not one of ``entities``.

    Args:
        rows: The keys' columns, called and typed as those of ``entities``.
        entities: What ``entities_of`` returned.
    """
    names = [name for name in entities.columns if name != CODE]
    table = _table(rows[names[0]], entities) if len(names) == 1 else None
    if table is not None:
        return table
    return rows.join(entities, on=names, how="left", maintain_order="left")[CODE]


def _table(key: pl.Series, entities: pl.DataFrame) -> pl.Series | None:
    """Return codes by place in a table, where keys are whole numbers that lie close together."""
    pl = require("polars", PURPOSE)
    own = entities[key.name]
    if key.dtype != pl.Int64 or not len(own):
        return None
    first, last = int(own[0]), int(own[-1])
    if last - first >= _DENSE * (len(key) + len(own)):
        return None
    slots = pl.repeat(None, last - first + 1, dtype=pl.Int64, eager=True)
    slots = slots.scatter(own - first, entities[CODE])
    inside = pl.when(pl.col(key.name).is_between(first, last)).then(pl.col(key.name) - first)
    return slots.gather(key.to_frame().select(inside).to_series())  # type: ignore[no-any-return]  # loaded late


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
        pl = require("polars", PURPOSE)
        if self.ranks is not None:
            ranks = self.ranks.search_sorted(moment, side="left").cast(pl.Int64)
            return code * self.span + ranks
        both = pl.DataFrame([code.alias("code"), moment.alias("moment")]).lazy()
        after = pl.col("moment").clip(self.origin, self.origin + self.span) - self.origin
        return both.select((pl.col("code") * self.span + after).alias("place")).collect()["place"]  # type: ignore[no-any-return]  # loaded late


def by_place(rows: pl.DataFrame, codes: int) -> pl.DataFrame:
    """Return ``rows`` (with CODE and TIME) sorted by them, PLACE added; ties stay as they lie.

    Rows that lie in order of time, as logs do, only need to be told apart by entity.
    """
    ordered = sweeps.worth(len(rows))
    if ordered:
        order, code = sweeps.order_by_code(rows[CODE], codes)
        rows = rows.drop(CODE)[order].with_columns(code.alias(CODE))
    place = Axis.over(rows[TIME], codes).place(rows[CODE], rows[TIME])
    rows = rows.with_columns(place.alias(PLACE))
    return rows if ordered and place.is_sorted() else rows.sort(PLACE, maintain_order=True)


def searched(places: pl.Series, needles: pl.Series) -> pl.Series:
    """Return how many of the sorted ``places`` are less than each of ``needles``."""
    pl = require("polars", PURPOSE)
    if sweeps.worth(len(places) + len(needles)):
        return sweeps.searched(places, needles)
    return places.search_sorted(needles, side="left").cast(pl.Int64)
