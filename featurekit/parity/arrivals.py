"""When the rows of real sources reach a package: those that some question may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from featurekit.datatypes import Kind
from featurekit.ir.definitions import Source
from featurekit.ir.schedules import refreshed
from featurekit.ir.view import View, aggregates, moment_column
from featurekit.ir.windows import to_micros, window_bounds
from featurekit.lazy import require
from featurekit.parity.rows import Shape
from featurekit.parity.serve import Line
from featurekit.parity.vectors import PURPOSE

if TYPE_CHECKING:
    import polars as pl

_ROW, _ASKED = "\0row", "\0asked"


def arrivals(
    made: Shape, source: Source, rows: pl.DataFrame, spine: pl.DataFrame, time: str | None
) -> Iterator[tuple[int | None, Line]]:
    """Yield when each row arrives and the line that ingests it: rows that a question may see.

    Of a source that is joined every row is sent.

    Args:
        made: What is asked.
        source: Whose rows.
        rows: The rows, in the language's types.
        spine: The questions.
        time: Their column of moments.
    """
    pl = require("polars", PURPOSE)
    arrives = source.available or source.time
    numbered = rows.with_row_index(_ROW)
    few = numbered
    if not any(join.source == source for view in made.views.values() for join in view.joins):
        readers = [view for view in made.readers if view.source == source]
        seen = pl.concat([_seen(view, source, numbered, spine, time) for view in readers])
        few = numbered.join(seen.unique(), on=_ROW, how="semi", maintain_order="left")
    sent = few.select(
        pl.col(arrives).dt.epoch("us").alias("\0arrives"),
        *(sendable(pl.col(field.name), field.type.kind) for field in source.fields),
    )
    for at, *values in sent.iter_rows():
        yield at, ["event", source.name, values]


def _seen(
    view: View, source: Source, numbered: pl.DataFrame, spine: pl.DataFrame, time: str | None
) -> pl.DataFrame:
    """Return the numbers of the rows that some question to ``view`` may see.

    A row whose entity is not asked about within the view's longest look back is not sent; a row
    without a time is, although nothing may see it.
    """
    pl = require("polars", PURPOSE)
    keys = list(view.keys)
    own = numbered.join(spine.select(keys).drop_nulls().unique(), on=keys, how="semi")
    moments = moment_column(view).name if view.scores_rows else time
    span = _longest(view, spine[moments].drop_nulls().to_list()) if moments else None
    if span is None:
        return own.select(_ROW)
    asked = spine.select(*keys, pl.col(moments).alias(_ASKED)).drop_nulls().sort(_ASKED)
    ordered = own.filter(pl.col(source.time).is_not_null()).sort(source.time)
    met = ordered.join_asof(
        asked,
        left_on=source.time,
        right_on=_ASKED,
        by=keys,
        strategy="forward",
        check_sortedness=False,  # polars cannot check within keys; both were sorted just above
    )
    waited = (pl.col(_ASKED) - pl.col(source.time)).dt.total_microseconds()
    undated = own.filter(pl.col(source.time).is_null())
    return pl.concat([met.filter(waited <= span).select(_ROW), undated.select(_ROW)])  # type: ignore[no-any-return]  # loaded late


def sendable(column: pl.Expr, kind: Kind) -> pl.Expr:
    """Return a whole column as ``Interface.event`` sends single values."""
    pl = require("polars", PURPOSE)
    match kind:
        case Kind.TIMESTAMP:
            return column.dt.epoch("us")
        case Kind.DATE | Kind.DECIMAL:
            return column.cast(pl.String)
        case _:
            return column


def _longest(view: View, moments: Sequence[dt.datetime]) -> int | None:
    """Return the longest look back of any question, in microseconds; None: no limit."""
    longest = max((t - refreshed(t, view.fresh) for t in map(to_micros, moments)), default=0)
    if view.looks_up:
        if view.max_age is None:
            return None
        longest += view.max_age
    windows = {aggregate.window for aggregate in aggregates(view)}
    for t in map(to_micros, moments):
        for window in windows:
            start, _ = window_bounds(window, refreshed(t, view.fresh), view.zone)
            if start is None:
                return None
            longest = max(longest, t - start)
    return longest
