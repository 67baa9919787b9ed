"""Computes views one after the other over one spine, sharing what they share.

Rows of a source are read and sorted once for each set of keys, searched once for each window, and
folded once for each argument, whatever number of views asks.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from featurekit.backends.to_polars import PURPOSE, expression, polars_type
from featurekit.errors.data import NoData
from featurekit.ir.definitions import Field, Source, SourceKind
from featurekit.ir.nodes import Aggregate, Column, walk_outside_aggregates
from featurekit.ir.view import View, aggregates, source_columns
from featurekit.lazy import require
from featurekit.training.answers import answered, looked_up
from featurekit.training.history import History, Questions, history, questions
from featurekit.training.sight import Sight
from featurekit.training.sources import SourceData
from featurekit.training.spine import Spine

if TYPE_CHECKING:
    import polars as pl

Progress = Callable[[str, int, int], None]
_AS_OF = "\0as of"


@dataclass(frozen=True, slots=True)
class ViewFacts:
    """How many questions a view could answer.

    Attributes:
        reference: The pinned view.
        kind: ``events``, ``snapshot``, ``request`` or ``derived``.
        matched: Rows whose entity had any history, or whose look-up found a row.
        stale: Rows whose look-up found only rows older than the maximum age. What is left,
            ``rows - matched - stale``, had no row at all.
        median_age: Of the rows that look-ups found, when asked; microseconds.
    """

    reference: str
    kind: str
    matched: int
    stale: int = 0
    median_age: int | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """What views must share to be computed from one sorted history."""

    source: Source
    keys: tuple[Field, ...]
    delay: int = 0


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
        self._spine = spine
        self._views = views
        self._data = data
        self._progress = progress
        self._times = spine.moments.dt.epoch("us")
        self._latest = int(self._times.max() or 0)  # type: ignore[arg-type]  # integers
        self._questions: dict[tuple[Field, ...], Questions] = {}
        self._histories: dict[_Place, History] = {}
        self._sights: dict[_Place, Sight] = {}
        self._folded: dict[tuple[_Place, str], dict[Aggregate, Any]] = {}

    def compute(self, reference: str) -> None:
        """Add the answers of one view; those it uses are there."""
        view = self._views[reference]
        columns: dict[str, Any] = {_AS_OF: self._spine.moments}
        own: dict[Aggregate, str] = {}
        facts = ViewFacts(reference, "derived", len(self._spine.moments))
        if view.source is not None:
            facts = dataclasses.replace(facts, kind=view.source.kind.value)
            if view.source.kind is not SourceKind.REQUEST:
                place = _place(view, view.source)
                for aggregate, answer in self._aggregated(place, view).items():
                    own[aggregate] = f"\0a{len(own)}"
                    columns[own[aggregate]] = answer
                if view.looks_up:
                    found, facts = self._looked_up(place, view, facts)
                    columns.update(found)
                else:
                    facts = dataclasses.replace(facts, matched=self._matched(place))
        self.answers[reference] = self._expressed(view, columns, own)
        self.facts.append(facts)

    def _expressed(
        self, view: View, columns: dict[str, Any], own: Mapping[Aggregate, str]
    ) -> dict[str, pl.Series]:
        """Return the view's features over what was found for each spine row."""
        engine = require("polars", PURPOSE)
        for feature in view.features:
            for node in walk_outside_aggregates(feature.expression):
                if isinstance(node, Column):
                    name = _name(node.relation, node.name)
                    columns[name] = columns[name] if name in columns else self._column(node)
        rows = engine.DataFrame([series.alias(name) for name, series in columns.items()])
        found = {aggregate: engine.col(name) for aggregate, name in own.items()}
        made = [
            expression(
                f.expression,
                lambda c: engine.col(_name(c.relation, c.name)),
                engine.col(_AS_OF),
                found,
            )
            .cast(polars_type(f.expression.type))
            .alias(f.name)
            for f in view.features
        ]
        names = [feature.name for feature in view.features]
        answers: pl.DataFrame = rows.lazy().with_columns(made).select(names).collect()
        return {name: answers[name] for name in names}

    def _column(self, node: Column) -> pl.Series:
        """Return a used view's answer or a request column; look-ups are there already."""
        if node.relation in self.answers:
            return self.answers[node.relation][node.name]
        return self._spine.rows[node.name]

    # --- what views share

    def _asked(self, keys: tuple[Field, ...]) -> Questions:
        if keys not in self._questions:
            self._questions[keys] = questions(self._spine.rows, keys, self._times)
        return self._questions[keys]

    def _sight(self, place: _Place) -> Sight:
        if place not in self._sights:
            undelayed = _Place(place.source, place.keys)
            asked = self._asked(place.keys)
            if undelayed not in self._histories:
                self._histories[undelayed] = self._read(undelayed, asked)
            rows = self._histories[undelayed].delayed(place.delay, self._latest)
            self._sights[place] = Sight(rows, asked)
        return self._sights[place]

    def _read(self, place: _Place, asked: Questions) -> History:
        if place.source.name not in self._data:
            raise NoData(place.source.name)
        columns = {
            name
            for view in self._views.values()
            if view.source == place.source
            for name in source_columns(view)
        }
        self._progress(f"reading {place.source.name}", 0, 1)
        rows = SourceData(place.source, self._data[place.source.name].frame)
        made = history(rows, place.keys, columns, asked)
        self._progress(f"reading {place.source.name}", 1, 1)
        return made

    def _aggregated(self, place: _Place, view: View) -> dict[Aggregate, pl.Series]:
        """Return the view's aggregates for each spine row, folded with those of its likes."""
        alike = (place, view.zone)
        if alike not in self._folded:
            every = dict.fromkeys(
                aggregate
                for other in self._views.values()
                if other.source == place.source
                and (_place(other, place.source), other.zone) == alike
                for aggregate in aggregates(other)
            )
            stage = f"aggregating {place.source.name}"
            self._folded[alike] = answered(
                self._sight(place),
                list(every),
                view.zone,
                lambda done: self._progress(stage, done, len(every)),
            )
        row = self._asked(place.keys).row
        return {a: self._folded[alike][a].gather(row) for a in aggregates(view)}

    def _matched(self, place: _Place) -> int:
        sight = self._sight(place)
        return int(_stretched(sight.knows_any, sight).sum())

    def _looked_up(
        self, place: _Place, view: View, facts: ViewFacts
    ) -> tuple[dict[str, pl.Series], ViewFacts]:
        """Return the columns of the looked-up rows, and how many were found or too old."""
        pl = require("polars", PURPOSE)
        sight = self._sight(place)
        at = looked_up(sight, view.where)
        known = _stretched(at.is_not_null(), sight).sum()
        if view.max_age is not None:
            oldest = sight.asked.time - view.max_age
            young = (sight.history.time.gather(at) >= oldest).fill_null(value=False)
            at = at.zip_with(young, pl.Series([None], dtype=pl.Int64))
        found = _stretched(at, sight)
        matched = int(found.is_not_null().sum())
        self._progress(f"looking up {place.source.name}", 1, 1)
        rows = sight.history.rows
        columns = {
            _name(place.source.name, name): rows[name].gather(found)
            for name in source_columns(view)
        }
        ages = _stretched(sight.asked.time - sight.history.time.gather(at), sight)
        middle = None if ages.median() is None else int(ages.median())  # type: ignore[arg-type]  # integers
        return columns, dataclasses.replace(
            facts, matched=matched, stale=int(known) - matched, median_age=middle
        )


def _place(view: View, source: Source) -> _Place:
    keys = {field.name: field for entity in view.entities for field in entity.keys}
    return _Place(source, tuple(keys.values()), view.delay)


def _name(relation: str, column: str) -> str:
    return f"\0{relation}\0{column}"


def _stretched(one_a_question: pl.Series, sight: Sight) -> pl.Series:
    """Return the value of each spine row's question; null for rows that ask nothing."""
    return one_a_question.extend_constant(None, 1).gather(sight.asked.row)
