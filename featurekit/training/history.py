"""The rows of a source for the entities that are asked about, sorted once, searched often.

Rows lie sorted by entity, time and canonical order, so what a window sees of them is a range of
positions, except for rows that became known late: those are told apart row by row.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from featurekit.backends.to_polars import PURPOSE, expression, polars_type
from featurekit.datatypes import TIMESTAMP
from featurekit.ir.definitions import Field, Source
from featurekit.ir.nodes import Expression
from featurekit.ir.rules import admitted
from featurekit.lazy import require
from featurekit.training import sweeps
from featurekit.training.placing import CODE, KNOWN, TIME, Order, codes_at, codes_of
from featurekit.training.sources import SourceData, collected

if TYPE_CHECKING:
    import polars as pl

TIED, RUN = "\0tied", "\0run"


@dataclass(frozen=True, slots=True)
class Questions:
    """The distinct (entity, moment) pairs that are asked, sorted; spine rows point at them.

    Attributes:
        entities: The distinct keys and their code.
        code: One a question.
        time: Its moment, microseconds.
        row: For each spine row the position of its question; the one past the last for rows
            without a key or a moment, which see nothing.
        complete: Whether every spine row asks.
        origin: One a question: the spine row that asks it, where each asks by itself.
    """

    entities: pl.DataFrame
    code: pl.Series
    time: pl.Series
    row: pl.Series
    complete: bool
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
    codes = len(entities)
    code = codes_of(spine, entities)
    if time.null_count():
        code = code.set(time.is_null(), codes)
    order = Order(code, time.fill_null(0), codes)
    asked = pl.DataFrame([code.gather(order.rows).alias(CODE), order.time.alias(TIME)])
    new = ~_again(asked, [CODE, TIME]) | each
    distinct = asked.filter(new)
    number = new.cum_sum().cast(pl.UInt32) - 1
    row = pl.repeat(len(distinct), len(spine), dtype=pl.UInt32, eager=True)
    row = row.scatter(order.rows, number)
    origin = order.rows.filter(new).cast(pl.Int64) if each else None
    complete = len(asked) == len(spine)
    return Questions(entities, distinct[CODE], distinct[TIME], row, complete, origin)


@dataclass(frozen=True, slots=True)
class History:
    """Rows sorted by (entity, time, order); ``time`` and ``known`` run beside them.

    Attributes:
        rows: The source's columns that are needed.
        begins: Where the rows of each code begin; at the end, how many there are.
        time: Event time, microseconds.
        known: When it became available; once ``delayed``, the moment after which it is visible.
    """

    rows: pl.DataFrame
    begins: pl.Series
    time: pl.Series
    known: pl.Series

    def __len__(self) -> int:
        return len(self.time)

    @property
    def code(self) -> pl.Series:
        """The entity of each row; made anew each time, for it is seldom needed."""
        return codes_at(self.begins)

    def only(self, mask: pl.Series) -> History:
        """Return the rows where ``mask`` is true."""
        pl = require("polars", PURPOSE)
        before = pl.concat([pl.Series([0], dtype=pl.UInt32), mask.cum_sum()], rechunk=True)
        time = self.time.filter(mask)
        known = time if self.prompt else self.known.filter(mask)
        begins = before.gather(self.begins).cast(pl.Int64)
        return History(self.rows.filter(mask), begins, time, known)

    @property
    def known_by(self) -> pl.Series:
        """When a row and all rows of its entity before it are known."""
        pl = require("polars", PURPOSE)
        if sweeps.worth(len(self)):
            return sweeps.latest_so_far(self.begins, self.known)
        rows = pl.DataFrame([self.code.alias(CODE), self.known.alias(KNOWN)]).lazy()
        return rows.select(pl.col(KNOWN).cum_max().over(CODE)).collect()[KNOWN]  # type: ignore[no-any-return]  # loaded late

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
    every = [field.name for field in source.fields]
    wanted = {*columns, source.tie} - {source.time}
    kept = [name for name in every if name in wanted]
    found = _sorted(_read(data, keys, kept, entities), source, len(entities), every=None)
    if found is None:
        found = _sorted(_read(data, keys, every, entities), source, len(entities), every=every)
    assert found is not None  # noqa: S101  with every column at hand ties are settled
    shown = [found.rows[name] for name in kept if name in columns]
    moment = found.time.cast(polars_type(TIMESTAMP)).alias(str(source.time))
    return dataclasses.replace(found, rows=pl.DataFrame([*shown, moment]))


def _read(
    data: SourceData, keys: Sequence[Field], columns: Sequence[str], entities: pl.DataFrame
) -> dict[str, pl.Series]:
    """Return ``columns``, the code of each row's entity, its time and when it was known.

    Without KNOWN each row is known at its time.
    """
    pl = require("polars", PURPOSE)
    source = data.source
    moments = [name for name in (source.time, source.available) if name]
    reading = dict.fromkeys([*columns, *(key.name for key in keys), *moments])
    admits = admitted(source)
    let_in = data.frame if admits is None else data.frame.filter(_met(admits))
    frame = let_in.select(*reading).drop_nulls(moments)
    rows = collected(frame, f"source {source.name!r}")
    typed = rows.select(pl.col(key.name).cast(polars_type(key.type)) for key in keys)
    found = {CODE: codes_of(typed, entities), TIME: rows[moments[0]].dt.epoch("us")}
    if source.available:
        found[KNOWN] = rows[source.available].dt.epoch("us")
    return found | {name: rows[name] for name in columns if name != source.time}


def _met(condition: Expression) -> pl.Expr:
    pl = require("polars", PURPOSE)
    return expression(condition, lambda column: pl.col(column.name), pl.lit(None), {})


def _sorted(
    found: dict[str, pl.Series], source: Source, codes: int, every: Sequence[str] | None
) -> History | None:
    """Sort by entity, time and order; None where ties need columns that were not read.

    What ``found`` holds is taken out of it.
    """
    order = Order(found.pop(CODE), found.pop(TIME), codes)
    rows = order.moved(found)
    history = History(rows, order.begins, order.time, rows.get_column(KNOWN, default=order.time))
    tied = _tied(history)
    return _settled(history, tied, source, every) if tied.any() else history


def _tied(history: History) -> pl.Series:
    """Whether a row has the entity and the moment of the one before it."""
    same = history.time == history.time.shift(1)
    first = history.begins.filter(history.begins < len(history)).unique()
    return same.fill_null(value=False).scatter(first, values=False)


def _settled(
    history: History, tied: pl.Series, source: Source, every: Sequence[str] | None
) -> History | None:
    """Bring rows that tie into order, which is by every column in the end."""
    pl = require("polars", PURPOSE)
    own = [(~tied).cum_sum().alias(RUN), history.time.alias(TIME)]
    rows = pl.DataFrame([*own, *history.rows])
    order = [RUN]
    if source.tie and source.tie in rows:
        order = [RUN, source.tie]
        rows = _reordered(rows, tied, order)
        tied = _again(rows, order)
    if tied.any():
        if every is None:
            return None
        if source.tie and source.available:
            order.append(KNOWN)
        order += [name for name in every if name in rows and name not in order]
        rows = _reordered(rows, tied, order)
    time = rows[TIME]
    settled = History(rows, history.begins, time, rows.get_column(KNOWN, default=time))
    return settled.only(~tied) if source.tie and tied.any() else settled


def _again(rows: pl.DataFrame, order: Sequence[str]) -> pl.Series:
    """Whether a row and the one before it are the same in ``order``."""
    pl = require("polars", PURPOSE)
    same = [pl.col(name).eq_missing(pl.col(name).shift(1)) for name in order]
    return rows.select(pl.all_horizontal(same) & (pl.int_range(pl.len()) > 0)).to_series()


def _reordered(rows: pl.DataFrame, tied: pl.Series, order: Sequence[str]) -> pl.DataFrame:
    """Bring rows that tie into ``order``; they lie side by side, so other rows stay in place."""
    pl = require("polars", PURPOSE)
    at = (tied | tied.shift(-1, fill_value=False)).arg_true()
    some = rows.select(order)[at].with_columns(at.alias(TIED)).sort(order, maintain_order=True)
    whole = pl.int_range(len(rows), dtype=at.dtype, eager=True)
    return rows[whole.scatter(at, some[TIED])]  # type: ignore[no-any-return]  # loaded late
