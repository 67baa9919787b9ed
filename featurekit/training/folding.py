"""Folds ranges of rows with an aggregate's column algebra, many ranges at a time.

Whole numbers are added up once for all rows and subtracted; what is first or last is found in
place. Sums of floats, extremes and variances are swept over where numba is there (``sweeps``).
Whatever is left goes by blocks: states of single rows are merged pairwise into blocks of 2, 4,
8, ... rows; each range is put together from at most two blocks a level, so n rows and m ranges
cost n + m log(length) merges.
Source: the iterative (bottom-up) segment tree, one level for all ranges at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from featurekit.backends.to_polars import PURPOSE
from featurekit.lazy import require
from featurekit.ops import Lift
from featurekit.training import sweeps

if TYPE_CHECKING:
    import polars as pl

_FIRST, _SECOND = "\0first.", "\0second."
_ID, _LOW, _HIGH, _LEFT, _RIGHT = "\0id", "\0low", "\0high", "\0left.", "\0right."


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
    match lift.ranges:
        case "difference":
            return _differences(states, low, high)
        case "first" | "last":
            return _ends(states, low, high, latest=lift.ranges == "last")
        case "sum" | "least" | "most" | "spread":
            if sweeps.worth(len(states) + len(low)) and sweeps.sweepable(states):
                return sweeps.swept(lift.ranges, states, low, high)
        case None:
            pass
    return _by_blocks(lift, states, low, high)


def by_blocks(lift: Lift, states: pl.DataFrame) -> bool:
    """Whether ``fold`` merges blocks, so that many folds cost more than one."""
    if lift.ranges in sweeps.FOLDED:
        return not (sweeps.worth(len(states)) and sweeps.sweepable(states))
    return lift.ranges is None


def _differences(states: pl.DataFrame, low: pl.Series, high: pl.Series) -> pl.DataFrame:
    pl = require("polars", PURPOSE)
    end = high.zip_with(high > low, low)
    made = []
    for column in states:
        zero = pl.Series([0], dtype=column.dtype)
        total = pl.concat([zero, column], rechunk=True).cum_sum()
        made.append((total.gather(end) - total.gather(low)).alias(column.name))
    return pl.DataFrame(made)  # type: ignore[no-any-return]  # loaded late


def _ends(states: pl.DataFrame, low: pl.Series, high: pl.Series, *, latest: bool) -> pl.DataFrame:
    """Return the first or latest state of each range that is not null."""
    pl = require("polars", PURPOSE)
    values = states.to_series(0)
    row = pl.int_range(pl.len(), dtype=pl.Int64)
    strategy = "forward" if latest else "backward"
    nearest = values.to_frame("x").select(
        pl.when(pl.col("x").is_not_null()).then(row).fill_null(strategy=strategy).alias("x")
    )["x"]
    nothing = pl.Series([None], dtype=pl.Int64)
    some = high > low
    at = nearest.gather((high - 1 if latest else low).zip_with(some, nothing))
    inside = at >= low if latest else at < high
    return values.gather(at.zip_with(inside.fill_null(value=False), nothing)).to_frame()


def _by_blocks(lift: Lift, states: pl.DataFrame, low: pl.Series, high: pl.Series) -> pl.DataFrame:
    """Return what ``fold`` does, from blocks of 2, 4, 8, ... rows."""
    pl = require("polars", PURPOSE)
    names = states.columns
    nothing = empty_states(lift, states, len(low))
    ranges = pl.DataFrame([low.alias(_LOW), high.alias(_HIGH)]).with_row_index(_ID)
    ranges = ranges.hstack(nothing.rename({n: _LEFT + n for n in names}))
    ranges = ranges.hstack(nothing.rename({n: _RIGHT + n for n in names}))
    parked: list[Any] = []
    while len(ranges):
        going = ranges.select((pl.col(_LOW) < pl.col(_HIGH)).sum()).item()
        if going * 2 < len(ranges):  # set aside what is finished, so that long ranges cost alone
            open_ = pl.col(_LOW) < pl.col(_HIGH)
            parked.append(_closed(lift, states, ranges.filter(~open_)))
            ranges = ranges.filter(open_)
            continue
        ranges = _stepped(lift, states, ranges)
        states = _paired(lift, states)
    if not parked:
        return empty_states(lift, states, 0)
    return pl.concat(parked).sort(_ID).drop(_ID)  # type: ignore[no-any-return]  # loaded late


def _stepped(lift: Lift, states: pl.DataFrame, ranges: pl.DataFrame) -> pl.DataFrame:
    """Take the block at either end that the next level's blocks would cut, and go up a level."""
    pl = require("polars", PURPOSE)
    low, high = pl.col(_LOW), pl.col(_HIGH)
    names = states.columns
    open_ = low < high
    sides = ((_LEFT, open_ & (low % 2 == 1), low), (_RIGHT, open_ & (high % 2 == 1), high - 1))
    made = [pl.col(_ID), ((low + 1) // 2).alias(_LOW), (high // 2).alias(_HIGH)]
    for side, taking, place in sides:
        at = pl.when(taking).then(place).otherwise(0)
        own = {n: pl.col(side + n) for n in names}
        block = {n: pl.lit(states[n]).gather(at) for n in names}
        joined = lift.merge(pl, *((own, block) if side == _LEFT else (block, own)))
        made += [
            pl.when(taking).then(joined[n].cast(kind)).otherwise(own[n]).alias(side + n)
            for n, kind in states.schema.items()
        ]
    return ranges.lazy().select(made).collect()  # lazy: shared parts once


def _paired(lift: Lift, states: pl.DataFrame) -> pl.DataFrame:
    """Return the blocks of the next level: each two neighbours joined."""
    pl = require("polars", PURPOSE)
    count = len(states) // 2
    even, odd = (
        {n: pl.col(n).gather_every(2, offset).head(count) for n in states.columns}
        for offset in (0, 1)
    )
    made = lift.merge(pl, even, odd)
    kept = [made[n].cast(kind).alias(n) for n, kind in states.schema.items()]
    return states.lazy().select(kept).collect()  # lazy: shared parts once


def _closed(lift: Lift, states: pl.DataFrame, ranges: pl.DataFrame) -> pl.DataFrame:
    pl = require("polars", PURPOSE)
    left, right = ({n: pl.col(side + n) for n in states.columns} for side in (_LEFT, _RIGHT))
    made = lift.merge(pl, left, right)
    kept = [made[n].cast(kind).alias(n) for n, kind in states.schema.items()]
    return ranges.lazy().select(*kept, pl.col(_ID)).collect()  # lazy: shared parts once
