"""How many rows found a match, in look-ups, histories and joins: for the report, on any engine.

An engine that answers in one statement says nothing of what it saw. So the search of the polars
engine is run by itself, without the aggregates: it costs little, and the meaning is the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from featurekit.backends.plan import Wanted
from featurekit.datatypes import TIMESTAMP
from featurekit.ir.nodes import Aggregate, Column, Expression, walk_outside_aggregates
from featurekit.ir.view import Feature, Join, View, joins_of
from featurekit.ir.windows import AllTime
from featurekit.training.engine import Engine, ViewFacts
from featurekit.training.meeting import name_of, steady_joins
from featurekit.training.sets import training_set
from featurekit.training.shared import Kind, Shared, clock_of, kind_of
from featurekit.training.sources import SourceData
from featurekit.training.spine import Spine, checked_spine

if TYPE_CHECKING:
    import polars as pl

_ASKED = 20_000
"""Questions that joins are counted for; those of a larger spine are spread over all of it."""


@dataclass(frozen=True, slots=True)
class JoinFacts:
    """How many rows met a row of a joined source.

    Attributes:
        view: The pinned view.
        join: The joined source; ``source#2`` for a second join of it.
        of: What meets it: the source whose rows do, or ``spine`` for the questions themselves.
        rows: How many were looked at: those of 20,000 questions at most.
        matched: Of these, how many met a row.
        stale: How many met only rows older than the maximum age. What is left met none.
        median_age: Of the row that was met, at the moment of meeting; microseconds.
    """

    view: str
    join: str
    of: str
    rows: int
    matched: int
    stale: int = 0
    median_age: int | None = None


def view_facts(
    asked: Spine, views: Mapping[str, View], data: Mapping[str, SourceData]
) -> tuple[ViewFacts, ...]:
    """Return how many questions each view could answer, without answering them."""
    bare = {reference: replace(view, features=(), joins=()) for reference, view in views.items()}
    for reference, view in views.items():
        if view.where is not None:
            bare[reference] = replace(view, features=())
    engine = Engine(asked, bare, data, lambda *_: None)
    for reference in views:
        engine.compute(reference)
    return tuple(engine.facts)


def join_facts(
    spine: pl.DataFrame,
    views: Mapping[str, View],
    data: Mapping[str, SourceData],
    time: str | None,
) -> tuple[JoinFacts, ...]:
    """Return how many rows met a row of each joined source.

    Joins whose key the question and the rows bring together are left out: each pair has its own.
    """
    some = spine.gather_every(max(-(-len(spine) // _ASKED), 1))
    found = []
    for reference, view in views.items():
        asked = joins_of(view.joins, _bare(view))
        own = view.source.name if view.source else ""
        kind = kind_of(view)
        steady = steady_joins(view.joins, own) if kind is not None else ()
        for join in view.joins:
            if join in asked:
                found.append(_of_questions(reference, view, join, some, data, time))
            elif join in steady and not view.looks_up:
                found.append(_of_rows(reference, view, join, some, data, time))
    return tuple(found)


def _bare(view: View) -> list[Column]:
    nodes = [n for feature in view.features for n in walk_outside_aggregates(feature.expression)]
    return [node for node in nodes if isinstance(node, Column)]


def _time_of(join: Join) -> Column:
    return Column(join.name, str(join.source.time), TIMESTAMP)


def _asking(view: View, node: Expression, max_age: int | None) -> View:
    return replace(view, features=(Feature("at", node),), max_age=max_age)


def _of_questions(
    reference: str,
    view: View,
    join: Join,
    spine: pl.DataFrame,
    data: Mapping[str, SourceData],
    time: str | None,
) -> JoinFacts:
    """Return what the questions, or the rows that they look up, meet."""
    wanted = [Wanted(reference, view.name, "at", "\0at")]

    def times(max_age: int | None) -> pl.Series:
        made = {reference: _asking(view, _time_of(join), max_age)}
        return training_set(spine, wanted, made, data, time=time).frame["\0at"].dt.epoch("us")

    asked = checked_spine(spine, wanted, {reference: view}, time)
    found = Shared(asked, {reference: view}, data, lambda *_: None)
    _, moments = found.moments(clock_of(view))
    met = times(view.max_age)
    any_age = met if view.max_age is None else times(None)
    return _facts(reference, join, "spine", met, any_age, moments)


def _of_rows(
    reference: str,
    view: View,
    join: Join,
    spine: pl.DataFrame,
    data: Mapping[str, SourceData],
    time: str | None,
) -> JoinFacts:
    """Return what the rows of the questions' entities meet, at their own time."""
    counted = Aggregate("count_values", (_time_of(join),), AllTime())
    column = name_of(join.name, str(join.source.time))

    def times(max_age: int | None) -> tuple[pl.Series, pl.Series]:
        made = _asking(view, counted, max_age)
        wanted: Sequence[Wanted] = [Wanted(reference, view.name, "at", "\0at")]
        asked = checked_spine(spine, wanted, {reference: made}, time)
        kind = kind_of(made)
        assert isinstance(kind, Kind)  # noqa: S101  its rows meet others
        reading = Shared(asked, {reference: made}, data, lambda *_: None).reading(kind)
        return reading.rows[column].dt.epoch("us"), reading.sight.history.time

    met, moments = times(view.max_age)
    any_age = met if view.max_age is None else times(None)[0]
    own = view.source.name if view.source else ""
    return _facts(reference, join, own, met, any_age, moments)


def _facts(
    reference: str,
    join: Join,
    of: str,
    met: pl.Series,
    any_age: pl.Series,
    moments: pl.Series,
) -> JoinFacts:
    matched = len(met) - met.null_count()
    stale = len(any_age) - any_age.null_count() - matched
    age = (moments - met).median()
    middle = None if age is None else int(age)  # type: ignore[arg-type]  # integers
    return JoinFacts(reference, join.name, of, len(met), matched, stale, middle)
