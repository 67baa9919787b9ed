"""The latest visible row of each question for which a condition holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurekit.backends.to_polars import PURPOSE
from featurekit.ir.nodes import Expression
from featurekit.lazy import require
from featurekit.training.reading import Reading
from featurekit.training.sight import Sight

if TYPE_CHECKING:
    import polars as pl


def looked_up(reading: Reading, where: Expression | None) -> pl.Series:
    """Return the position of the latest visible row for which ``where`` is true, else null.

    Shapes: one a question.
    """
    pl = require("polars", PURPOSE)
    sight = reading.sight
    if where is None:
        return sight.latest
    if not reading.asks([where]):
        counts = reading.of_rows([where])["0"].fill_null(value=False)
        own = counts.arg_true().cast(pl.Int64)
        return own.gather(Sight(sight.history.only(counts), sight.asked).latest)
    pieces = []
    for pairs in sight.pairs(sight.everything):
        counts = reading.of_pairs([where], pairs)["0"]
        rows = pairs.row.to_frame("row").with_columns(q=pairs.question).filter(counts)
        pieces.append(rows.group_by("q", maintain_order=True).agg(pl.col("row").last()))
    every = pl.int_range(len(sight.asked), eager=True).alias("q").to_frame()
    if not pieces:
        return sight.latest
    return every.join(pl.concat(pieces), on="q", how="left", maintain_order="left")["row"]  # type: ignore[no-any-return]  # loaded late
