"""Folds ranges of rows with an aggregate's column algebra, many ranges at a time.

States of single rows are merged pairwise into blocks of 2, 4, 8, ... rows; each range is put
together from at most two blocks a level, so n rows and m ranges cost n + m log(length) merges.
Source: the iterative (bottom-up) segment tree, one level for all ranges at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from featurekit.backends.to_polars import PURPOSE
from featurekit.lazy import require
from featurekit.ops import Lift

if TYPE_CHECKING:
    import polars as pl

_FIRST, _SECOND = "\0first.", "\0second."


def empty_states(lift: Lift, states: pl.DataFrame, count: int) -> pl.DataFrame:
    """Return the state of no rows ``count`` times, typed as ``states``."""
    pl = require("polars", PURPOSE)
    one = [pl.lit(lift.empty[n], dtype=kind).alias(n) for n, kind in states.schema.items()]
    return pl.select(pl.repeat(0, count).alias("\0")).select(*one, pl.col("\0")).drop("\0")  # type: ignore[no-any-return]  # loaded late


def merged(lift: Lift, first: pl.DataFrame, second: pl.DataFrame) -> pl.DataFrame:
    """Return the states of neighbouring stretches joined row by row, the earlier one first."""
    pl = require("polars", PURPOSE)
    names = first.columns
    both = first.rename({n: _FIRST + n for n in names}).hstack(
        second.rename({n: _SECOND + n for n in names})
    )
    made = lift.merge(
        pl,
        {n: pl.col(_FIRST + n) for n in names},
        {n: pl.col(_SECOND + n) for n in names},
    )
    kept = [made[n].cast(first.schema[n]).alias(n) for n in names]
    return both.lazy().select(kept).collect()  # lazy: shared parts are computed once


def fold(lift: Lift, states: pl.DataFrame, low: pl.Series, high: pl.Series) -> pl.DataFrame:
    """Return the state of each range ``[low, high)`` of ``states``; empty where low >= high.

    Shapes: one row a range.
    """
    pl = require("polars", PURPOSE)
    ids = pl.int_range(len(low), eager=True)
    left = right = empty_states(lift, states, len(low))
    parked: list[Any] = []
    while len(low):
        open_ = low < high
        going = int(open_.sum())
        if going * 2 < len(low):  # set aside what is finished, so that long ranges cost alone
            parked.append(_closed(lift, ids, left, right, ~open_))
            ids, low, high = (part.filter(open_) for part in (ids, low, high))
            left, right = left.filter(open_), right.filter(open_)
            continue
        count = len(states)
        blocks = pl.concat([states, empty_states(lift, states, 1)], rechunk=True)
        ends = pl.DataFrame({"low": low, "high": high})
        running = pl.col("low") < pl.col("high")
        taken = ends.select(
            left=pl.when(running & (pl.col("low") % 2 == 1)).then("low").otherwise(count),
            right=pl.when(running & (pl.col("high") % 2 == 1))
            .then(pl.col("high") - 1)
            .otherwise(count),
        )
        left = merged(lift, left, blocks[taken["left"]])
        right = merged(lift, blocks[taken["right"]], right)
        low, high = (low + 1) // 2, high // 2
        even, odd = (states.gather_every(2, offset).head(count // 2) for offset in (0, 1))
        states = merged(lift, even, odd)
    done = pl.concat(parked) if parked else _closed(lift, ids, left, right, ids >= 0)
    return done.sort("\0id").drop("\0id")


def _closed(
    lift: Lift, ids: pl.Series, left: pl.DataFrame, right: pl.DataFrame, done: pl.Series
) -> pl.DataFrame:
    joined = merged(lift, left.filter(done), right.filter(done))
    return joined.with_columns(ids.filter(done).alias("\0id"))
