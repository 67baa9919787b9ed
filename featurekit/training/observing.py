"""What the rows that a view reads look like, for the remarks on its card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from featurekit.backends.to_polars import PURPOSE
from featurekit.frontends.row_lints import Seen
from featurekit.ir.definitions import Source, SourceKind
from featurekit.ir.nodes import Aggregate
from featurekit.ir.view import View, aggregates
from featurekit.ir.windows import AllTime, LastRows, Rolling, to_micros, window_bounds
from featurekit.lazy import require
from featurekit.ops import AGGREGATES
from featurekit.ops.gap import Gap
from featurekit.training.inspection import tied_rows
from featurekit.training.matching import joins_of_rows, rows_met
from featurekit.training.sources import SourceData

if TYPE_CHECKING:
    import polars as pl

_ASKED = 2_000


def seen(view: View, frames: Mapping[str, pl.DataFrame], data: Mapping[str, SourceData]) -> Seen:
    """Return what is remarkable of the rows of the sources that ``view`` reads.

    Args:
        view: What reads them.
        frames: The rows of each stored source, by name.
        data: The same, as training takes them.
    """
    source = view.source
    if source is None or source.kind is SourceKind.REQUEST:
        return Seen()
    rows = frames[source.name]
    kept = [_kept(node, rows, source, view) for node in aggregates(view)]
    tied = tied_rows(rows, source, view.keys) if view.scores_rows else 0
    return Seen(tied, max(kept, default=0), _matched(view, rows, data))


def _kept(node: Aggregate, rows: pl.DataFrame, source: Source, view: View) -> int:
    """Return how many rows of the busiest entity the window of ``node`` holds, about."""
    pl = require("polars", PURPOSE)
    time = pl.col(str(source.time))
    known = rows.drop_nulls([*view.keys, str(source.time)])
    if known.is_empty():
        return 0
    entities = known.group_by(view.keys).agg(
        pl.len().alias("rows"), (time.max() - time.min()).dt.total_microseconds().alias("span")
    )
    most: int = entities.select(pl.col("rows").max()).item()
    if isinstance(node.window, LastRows):
        return min(node.window.count + node.window.offset, most)
    if isinstance(node.window, AllTime):
        return most if isinstance(AGGREGATES[node.function].lift, Gap) else 0
    latest = to_micros(known.select(time.max()).item())
    start, _ = window_bounds(node.window, latest, view.zone)
    reach = latest - (start or 0)
    if isinstance(node.window, Rolling) and node.window.ahead:
        reach = node.window.length
    share = reach / pl.max_horizontal(pl.col("span"), pl.lit(reach))
    return int(entities.select((pl.col("rows") * share).max()).item())


def _matched(
    view: View, rows: pl.DataFrame, data: Mapping[str, SourceData]
) -> tuple[tuple[str, float], ...]:
    """Return the share of rows that find a match, by join: as rows in hand, at their own time."""
    asked = rows.gather_every(max(len(rows) // _ASKED, 1))
    if asked.is_empty():
        return ()
    met = rows_met(view, joins_of_rows(view), asked, data)
    return tuple((one.join, one.matched / one.rows) for one in met)
