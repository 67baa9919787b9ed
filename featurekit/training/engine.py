"""Computes views one after the other over one spine, sharing what they share."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from featurekit.backends.to_polars import PURPOSE, expression, polars_type
from featurekit.ir.nodes import Column, walk_outside_aggregates
from featurekit.ir.view import Join, View, aggregates, joins_of, source_columns
from featurekit.lazy import require
from featurekit.training.lookups import looked_up
from featurekit.training.meeting import name_of, young
from featurekit.training.reading import AS_OF
from featurekit.training.shared import Kind, Progress, Shared, clock_of, kind_of
from featurekit.training.sight import Sight
from featurekit.training.sources import SourceData
from featurekit.training.spine import Spine

if TYPE_CHECKING:
    import polars as pl

Moments = Callable[[Join], "pl.Series"]


@dataclass(frozen=True, slots=True)
class ViewFacts:
    """How many questions a view could answer.

    Attributes:
        reference: The pinned view.
        kind: ``events``, ``snapshot``, ``request`` or ``derived``.
        matched: Rows whose entity had any history, or whose look-up found a row.
        stale: Rows whose look-up found only rows older than the maximum age. What is left,
            ``rows - matched - stale``, had no row at all.
        median_age: Of the latest row that questions could see, or of the one that a look-up found,
            when asked; microseconds.
        tied: Of rows in hand: those that share entity and time with another row, which they do
            not see.
    """

    reference: str
    kind: str
    matched: int
    stale: int = 0
    median_age: int | None = None
    tied: int = 0


class Engine:
    """The answers so far: ``answers[reference][feature]``, one a spine row."""

    def __init__(
        self,
        spine: Spine,
        views: Mapping[str, View],
        data: Mapping[str, SourceData],
        progress: Progress,
    ) -> None:
        self.answers: dict[str, dict[str, pl.Series]] = {}
        self.facts: list[ViewFacts] = []
        self._views = views
        self._shared = Shared(spine, views, data, progress)
        self._size = len(spine.moments)

    def compute(self, reference: str) -> None:
        """Add the answers of one view; those it uses are there."""
        view = self._views[reference]
        kind = kind_of(view)
        rows = self._asked(view)
        facts = ViewFacts(reference, "derived", self._size)
        moments: Moments = lambda _: self._shared.moments(clock_of(view))[1]  # noqa: E731  its type is named
        if view.source is not None:
            facts = dataclasses.replace(facts, kind=view.source.kind.value)
        if kind is not None and view.looks_up:
            rows, moments, facts = self._looked_up(view, kind, rows, facts)
        elif kind is not None:
            sight = self._shared.sight(kind.place)
            matched = int(sight.stretched(sight.knows_any).sum())
            tied = int((sight.at_once > 1).sum()) if view.scores_rows else 0
            age = _middle(sight, sight.latest)
            facts = dataclasses.replace(facts, matched=matched, tied=tied, median_age=age)
        joins = joins_of(view.joins, _bare(view))
        rows = self._shared.meeting([view], joins).joined(rows, joins, moments)
        self.answers[reference] = self._expressed(view, kind, rows)
        self.facts.append(facts)

    def _asked(self, view: View) -> pl.DataFrame:
        """Return what each spine row brings, and what the used views answered."""
        bare = _bare(view)
        used = {(node.relation, node.name) for node in bare if node.relation in view.uses}
        answers = [self.answers[r][name].alias(name_of(r, name)) for r, name in sorted(used)]
        return self._shared.spine([view], bare).hstack(answers)

    def _expressed(self, view: View, kind: Kind | None, rows: pl.DataFrame) -> dict[str, pl.Series]:
        """Return the view's features over what was found for each spine row."""
        pl = require("polars", PURPOSE)
        own = {aggregate: f"\0a{number}" for number, aggregate in enumerate(aggregates(view))}
        if kind is not None and own:
            found = self._shared.answers(kind)
            rows = rows.hstack([found[aggregate].alias(name) for aggregate, name in own.items()])
        made = [
            expression(
                f.expression,
                lambda c: pl.col(name_of(c.relation, c.name)),
                pl.col(AS_OF),
                {aggregate: pl.col(name) for aggregate, name in own.items()},
            )
            .cast(polars_type(f.expression.type))
            .alias(f.name)
            for f in view.features
        ]
        names = [feature.name for feature in view.features]
        answers = rows.lazy().with_columns(made).select(names).collect()
        return {name: answers[name] for name in names}

    def _looked_up(
        self, view: View, kind: Kind, rows: pl.DataFrame, facts: ViewFacts
    ) -> tuple[pl.DataFrame, Moments, ViewFacts]:
        """Return ``rows`` with the columns of the looked-up ones, and when these meet others."""
        pl = require("polars", PURPOSE)
        reading = self._shared.reading(kind)
        sight = reading.sight
        at = looked_up(reading, view.where)
        known = int(sight.stretched(at.is_not_null()).sum())
        at = young(sight, at, view.max_age)
        found = sight.stretched(at)
        self._shared.progress(f"looking up {kind.place.source.name}", 1, 1)
        names = [name_of(kind.place.source.name, name) for name in source_columns(view)]
        columns = [reading.rows[name].gather(found) for name in names]
        own, asked = sight.history.time.gather(at), sight.asked.time
        matched = int(found.is_not_null().sum())
        asked = asked.zip_with(at.is_not_null(), pl.Series([None], dtype=pl.Int64))
        times = {False: sight.stretched(own), True: sight.stretched(asked)}
        facts = dataclasses.replace(
            facts, matched=matched, stale=known - matched, median_age=_middle(sight, at)
        )
        return rows.hstack(columns), lambda join: times[join.at_request], facts


def _middle(sight: Sight, found: pl.Series) -> int | None:
    """Return how old the rows at the positions ``found`` were when asked: the median."""
    ages = sight.stretched(sight.asked.time - sight.history.time.gather(found))
    middle = ages.median()
    return None if middle is None else int(middle)  # type: ignore[arg-type]  # integers


def _bare(view: View) -> list[Column]:
    """Return the columns that ``view`` reads outside of aggregates."""
    nodes = [n for feature in view.features for n in walk_outside_aggregates(feature.expression)]
    return [node for node in nodes if isinstance(node, Column)]
