"""Folds ranges of rows with an aggregate's column algebra, many ranges at a time.

Whole numbers are added up once for all rows and subtracted; what is first or last is found in
place. Sums of floats, extremes and variances are swept over where numba is there (``sweeps``).
Whatever is left goes by blocks: states of single rows are merged pairwise into blocks of 2, 4,
8, ... rows; each range is put together from at most two blocks a level, so n rows and m ranges
cost n + m log(length) merges.
Source: the iterative (bottom-up) segment tree, one level for all ranges at once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from featurekit.backends.to_polars import PURPOSE
from featurekit.lazy import require
from featurekit.ops import Lift
from featurekit.ops.decimals import of_units
from featurekit.training import sweeps

if TYPE_CHECKING:
    import polars as pl

    Range = tuple[pl.Series, pl.Series]
    """Where each question's rows begin and end; none where begin >= end."""

_FIRST, _SECOND = "\0first.", "\0second."
_SHORT = 2**62
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


@dataclass(frozen=True, slots=True)
class Singles:
    """The states after each single row, made from what was read of the rows as far as needed.

    Attributes:
        lift: Whose states they are.
        found: What was read of each row.
        started: The states over it, by column.
    """

    lift: Lift
    found: pl.DataFrame
    started: Mapping[str, pl.Expr]

    def __len__(self) -> int:
        return len(self.found)

    def states(self, *names: str) -> pl.DataFrame:
        """Return the columns ``names`` of the states, all by default."""
        return columns(self.found, {name: self.started[name] for name in names or self.started})

    def column(self, name: str) -> pl.Series:
        """Return a column of the states; where it was read as it is, without a copy."""
        own = self.started[name]
        if own.meta.is_column():
            return self.found[own.meta.output_name()]
        return self.states(name)[name]

    def constant(self, name: str) -> pl.Series | None:
        """Return the state that all rows have in the column ``name``, where there is one."""
        pl = require("polars", PURPOSE)
        states = self.found.lazy().with_columns(self.started[name].alias(name))
        ends = states.select(least=pl.col(name).min(), most=pl.col(name).max()).collect()
        least, most = ends["least"], ends["most"]
        return least if len(least.drop_nulls()) and least.item() == most.item() else None

    @property
    def value(self) -> str:
        """The column that holds what is compared."""
        return next(iter(self.started))

    @property
    def swept(self) -> bool:
        """Whether ranges are swept over: else many folds cost more than one."""
        if self.lift.ranges not in sweeps.FOLDED or not sweeps.worth(len(self)):
            return False
        return sweeps.sweepable(self.head(0).states(self.value)[self.value])

    def swept_parts(self) -> tuple[pl.Series, pl.Series | None]:
        """Return what is compared, and which rows count; None: all do."""
        values = self.states(self.value)[self.value]
        return values, values.is_not_null() if values.null_count() else None

    def gather(self, rows: pl.Series) -> Singles:
        """Return the states of ``rows``."""
        return dataclasses.replace(self, found=self.found[rows])

    def head(self, count: int) -> Singles:
        """Return the first states."""
        return dataclasses.replace(self, found=self.found.head(count))

    def then(self, other: Singles) -> Singles:
        """Return these states and those of ``other`` after them."""
        pl = require("polars", PURPOSE)
        return dataclasses.replace(self, found=pl.concat([self.found, other.found]))


def columns(rows: pl.DataFrame, made: Mapping[str, pl.Expr]) -> pl.DataFrame:
    """Return ``made`` over ``rows`` by name, each in one piece; constants are stretched."""
    named = [expression.alias(f"\0{name}") for name, expression in made.items()]
    kept = [f"\0{name}" for name in made]
    found = rows.lazy().with_columns(named).select(kept).collect(engine="in-memory")
    return found.rename(lambda n: n[1:])


def fold(singles: Singles, ranges: Sequence[Range]) -> list[pl.DataFrame]:
    """Return the states of some ranges ``[low, high)`` of rows, of each range by itself.

    Shapes: a frame for each of ``ranges``, in it one row a question; all have the same number.
    """
    pl = require("polars", PURPOSE)
    match singles.lift.ranges:
        case "difference":
            return _differences(singles, ranges)
        case "first" | "last" as end:
            values = singles.states().to_series(0)
            return [_ends(values, *one, latest=end == "last") for one in ranges]
        case "least" | "most" as how if singles.swept:
            return sweeps.extremes(how, singles.value, *singles.swept_parts(), ranges)
        case _:
            pass
    # all ranges at once, for a fold costs by its levels
    low, high = (pl.concat(ends) for ends in zip(*ranges, strict=True))
    found = _by_blocks(singles.lift, singles.states(), low, high)
    size = len(ranges[0][0])
    return [found.slice(number * size, size) for number in range(len(ranges))]


def _differences(singles: Singles, ranges: Sequence[Range]) -> list[pl.DataFrame]:
    pl = require("polars", PURPOSE)
    ends = [(low, high.zip_with(high > low, low)) for low, high in ranges]
    made: list[dict[str, Any]] = [{} for _ in ranges]
    for name in singles.started:
        same = singles.constant(name) if name == "n" else None
        if same is not None:  # as where every row counts
            for frame, (low, high) in zip(made, ends, strict=True):
                frame[name] = (high - low).cast(same.dtype) * same.item()
            continue
        found = _added(singles.column(name), ends)
        for frame, total in zip(made, found, strict=True):
            frame[name] = total
    return [pl.DataFrame(frame) for frame in made]


def _added(column: pl.Series, ends: Sequence[Range]) -> list[pl.Series]:
    """Return what ``column``, of whole numbers or DECIMALs, adds up to from each low to its high.

    What is too large on the way wraps around, and back.
    """
    pl = require("polars", PURPOSE)
    units, kind = column.to_physical(), column.dtype
    long = units.dtype == pl.Int128
    if long and _most(units) * len(units) < _SHORT:
        units = units.cast(pl.Int64)
    if units.dtype == pl.Int64 and sweeps.worth(len(units)):
        found = sweeps.added(units, ends)
    else:
        zero = pl.Series([0], dtype=units.dtype)
        before = pl.concat([zero, units], rechunk=True).cum_sum()
        found = [before.gather(high) - before.gather(low) for low, high in ends]
    if long:
        found = [total.cast(pl.Int128) for total in found]
    if isinstance(kind, pl.Decimal):
        widest = pl.Decimal(38, kind.scale)
        totals = (total.to_frame("x") for total in found)
        found = [frame.select(of_units(pl, pl.col("x"), widest))["x"] for frame in totals]
    return found


def _most(units: pl.Series) -> int:
    """Return the greatest size of whole numbers."""
    return max(int(units.max() or 0), -int(units.min() or 0))  # type: ignore[arg-type]  # integers


def _ends(values: pl.Series, low: pl.Series, high: pl.Series, *, latest: bool) -> pl.DataFrame:
    """Return the first or latest of ``values`` in each range that is not null."""
    pl = require("polars", PURPOSE)
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
