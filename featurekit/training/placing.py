"""Where rows stand: codes of entities, rows by entity and moment, positions of moments."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from featurekit.backends.to_polars import PURPOSE
from featurekit.ir.definitions import Field
from featurekit.lazy import require
from featurekit.training import sweeps

if TYPE_CHECKING:
    import polars as pl

CODE, TIME, KNOWN, PLACE, ROW = "\0code", "\0time", "\0known", "\0place", "\0row"
"""Columns of our own; no column of data can be called so."""

_MOST = 2**62
_DENSE = 4
"""How many times as many slots as rows a table of codes may have."""


def entities_of(rows: pl.DataFrame, keys: Sequence[Field]) -> pl.DataFrame:
    """Return the distinct keys in ``rows``, none null, and their code."""
    pl = require("polars", PURPOSE)
    names = [key.name for key in keys]
    entities = rows.select(names).drop_nulls().unique().sort(names).with_row_index(CODE)
    return entities.with_columns(pl.col(CODE).cast(pl.UInt32))


def codes_of(rows: pl.DataFrame, entities: pl.DataFrame) -> pl.Series:
    """Return the code of each row's entity; where it is none of ``entities``, their number.

    Args:
        rows: The keys' columns, called and typed as those of ``entities``.
        entities: What ``entities_of`` returned.
    """
    names = [name for name in entities.columns if name != CODE]
    table = _table(rows[names[0]], entities) if len(names) == 1 else None
    if table is not None:
        return table
    found = rows.join(entities, on=names, how="left", maintain_order="left")[CODE]
    return found.fill_null(len(entities))


def _table(key: pl.Series, entities: pl.DataFrame) -> pl.Series | None:
    """Return codes by place in a table, where keys are whole numbers that lie close together."""
    pl = require("polars", PURPOSE)
    own = entities[key.name]
    if key.dtype != pl.Int64 or not len(own):
        return None
    first, last = int(own[0]), int(own[-1])
    if last - first >= _DENSE * (len(key) + len(own)):
        return None
    slots = pl.repeat(len(own), last - first + 1, dtype=pl.UInt32, eager=True)
    slots = slots.scatter(own - first, entities[CODE])
    if sweeps.worth(len(key)) and not key.null_count():
        return sweeps.looked_up(key, first, slots, len(own))
    inside = pl.when(pl.col(key.name).is_between(first, last)).then(pl.col(key.name) - first)
    return slots.gather(key.to_frame().select(inside).to_series()).fill_null(len(own))  # type: ignore[no-any-return]  # loaded late


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
        begin = code.cast(pl.Int64) * self.span
        if self.ranks is not None:
            return begin + self.ranks.search_sorted(moment, side="left").cast(pl.Int64)
        both = pl.DataFrame([begin.alias("begin"), moment.alias("moment")]).lazy()
        after = pl.col("moment").clip(self.origin, self.origin + self.span) - self.origin
        return both.select((pl.col("begin") + after).alias("place")).collect()["place"]  # type: ignore[no-any-return]  # loaded late


class Order:
    """Rows by entity and moment; those that share both stay as they lie.

    Rows that lie in order of time, as logs do, only need to be told apart by entity.

    Attributes:
        begins: Where the rows of each code begin; at the end, how many there are.
    """

    def __init__(self, code: pl.Series, time: pl.Series, codes: int) -> None:
        """Put the rows of codes under ``codes`` in order; others are left out."""
        self._code, self._moment = code, [time]
        self._rises = sweeps.worth(len(code)) and sweeps.rises(time)
        if self._rises:
            self.begins = sweeps.begins_of(code, codes)
        elif sweeps.worth(len(code)):
            self.rows, self.begins, self.time = sweeps.ordered(code, time, codes)
        else:
            self.rows, self.begins, self.time = _ordered(code, time, codes)

    @cached_property
    def time(self) -> pl.Series:
        """The moments of the rows, in this order."""
        return self.laid(self._moment.pop())

    def laid(self, column: pl.Series) -> pl.Series:
        """Return ``column`` in this order."""
        if self._rises and sweeps.plain(column):
            return sweeps.scattered(column, self._code, self.begins)
        return column.rechunk().gather(self.rows)

    def moved(self, columns: dict[str, pl.Series]) -> pl.DataFrame:
        """Return ``columns`` in this order, and take them out of where they are.

        So a column lies in memory twice only while it is moved; ``time`` is moved beside them.
        """
        pl = require("polars", PURPOSE)
        with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
            pool.submit(lambda: self.time)
            names = list(columns)
            laid = pool.map(lambda name: self.laid(columns.pop(name)).alias(name), names)
        return pl.DataFrame(list(laid))  # type: ignore[no-any-return]  # loaded late

    @cached_property
    def rows(self) -> pl.Series:
        """Which row comes at each position."""
        return sweeps.grouped(self._code, self.begins)


def _ordered(
    code: pl.Series, time: pl.Series, codes: int
) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Return the order, where the rows of each code begin, and the moments."""
    pl = require("polars", PURPOSE)
    place = Axis.over(time, codes + 1).place(code, time).alias(PLACE)
    rows = place.to_frame().with_row_index(ROW).sort(PLACE, maintain_order=True)[ROW]
    edges = pl.int_range(codes + 1, dtype=code.dtype, eager=True)
    begins = code.gather(rows).search_sorted(edges, side="left").cast(pl.Int64)
    rows = rows.head(begins[-1])
    return rows, begins, time.gather(rows)


def codes_at(begins: pl.Series) -> pl.Series:
    """Return the code of each row where rows of code c lie from ``begins[c]`` to the next."""
    pl = require("polars", PURPOSE)
    row = pl.int_range(begins[-1], dtype=pl.Int64, eager=True)
    return begins.slice(1).search_sorted(row, side="right").cast(pl.Int64)  # type: ignore[no-any-return]  # loaded late


class Line:
    """Moments that rise within each entity; finds how many lie before others."""

    def __init__(self, begins: pl.Series, time: pl.Series) -> None:
        self._begins = begins
        self._time = time

    def before(self, code: pl.Series, moment: pl.Series) -> pl.Series:
        """Return the position of the entity's first row that is not before ``moment``."""
        pl = require("polars", PURPOSE)
        if sweeps.worth(len(self._time) + len(moment)):
            return sweeps.searched(self._time, self._begins, code, moment)
        axis, places = self._places
        return places.search_sorted(axis.place(code, moment), side="left").cast(pl.Int64)

    @cached_property
    def _places(self) -> tuple[Axis, pl.Series]:
        axis = Axis.over(self._time, len(self._begins))
        return axis, axis.place(codes_at(self._begins), self._time)
