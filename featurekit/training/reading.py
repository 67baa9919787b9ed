"""How the expressions of views are read: over rows of a source, pairs, and rows in hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from featurekit.backends.to_polars import PURPOSE, expression, polars_type
from featurekit.ir.nodes import AsOf, Column, Expression, walk
from featurekit.ir.view import Join
from featurekit.lazy import require
from featurekit.training.folding import columns
from featurekit.training.meeting import Meeting, name_of
from featurekit.training.sight import Pairs, Sight

if TYPE_CHECKING:
    import polars as pl

AS_OF = "\0as of"


@dataclass(frozen=True, slots=True)
class Reading:
    """One history as views read it.

    Attributes:
        sight: The questions over the history.
        rows: One a row of the history: its columns, and those that it is joined with whoever asks.
        meeting: What it is joined with.
        asking: The joins that depend on the question: each (question, row) pair meets its own row.
        spine: One a spine row: the moment, requests and the row in hand.
        hands: The same with what the row in hand is joined with.
    """

    sight: Sight
    rows: pl.DataFrame
    meeting: Meeting
    asking: tuple[Join, ...]
    spine: pl.DataFrame
    hands: pl.DataFrame

    def asks(self, parts: Iterable[Expression]) -> bool:
        """Whether ``parts`` over a row depend on the question."""
        return any(
            isinstance(node, AsOf)
            or (isinstance(node, Column) and name_of(node.relation, node.name) not in self.rows)
            for part in parts
            for node in walk(part)
        )

    def of_rows(self, parts: Sequence[Expression]) -> pl.DataFrame:
        """Return ``parts`` over each row of the history as columns "0", "1", ... beside "row"."""
        return evaluated(parts, self.rows)

    def of_pairs(self, parts: Sequence[Expression], pairs: Pairs) -> pl.DataFrame:
        """Return ``parts`` over each pair; the moment is the question's."""
        if not self.asks(parts):
            return self.of_rows(parts)[pairs.row]
        pl = require("polars", PURPOSE)
        asked = self.sight.asked.time[pairs.question]
        rows = self.rows[pairs.row].with_columns(asked.cast(pl.Datetime("us", "UTC")).alias(AS_OF))
        more = [name for name in self.spine.columns if name not in rows]
        if more and self.sight.asked.origin is not None:
            rows = rows.hstack(self.spine.select(more)[self.sight.asked.origin[pairs.question]])
        own = self.sight.history.time[pairs.row]
        joined = self.meeting.joined(
            rows, self.asking, lambda join: asked if join.at_request else own
        )
        return evaluated(parts, joined)

    def in_hand(self, parts: Sequence[Expression]) -> pl.DataFrame:
        """Return ``parts`` over the row in hand of each question."""
        assert self.sight.asked.origin is not None  # noqa: S101  views per row ask row by row
        return evaluated(parts, self.hands)[self.sight.asked.origin]


def evaluated(parts: Sequence[Expression], rows: pl.DataFrame) -> pl.DataFrame:
    """Return ``parts`` over ``rows`` as columns "0", "1", ... beside "row", which holds nothing."""
    pl = require("polars", PURPOSE)
    made = {
        str(number): expression(
            part, lambda c: pl.col(name_of(c.relation, c.name)), pl.col(AS_OF), {}
        ).cast(polars_type(part.type))
        for number, part in enumerate(parts)
    }
    return columns(rows, {**made, "row": pl.lit(None)})
