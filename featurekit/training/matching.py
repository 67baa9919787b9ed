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
from featurekit.ir.definitions import SourceKind
from featurekit.ir.nodes import Column, walk_outside_aggregates
from featurekit.ir.view import Feature, Grain, Join, View, joins_of
from featurekit.training.engine import Engine, ViewFacts
from featurekit.training.meeting import steady_joins
from featurekit.training.sets import training_set
from featurekit.training.shared import Shared, clock_of, kind_of
from featurekit.training.sources import SourceData, collected
from featurekit.training.spine import Spine, checked_spine

if TYPE_CHECKING:
    import polars as pl

_MOST = 100_000
"""Rows, or questions, that joins are counted for; of more they are spread over all."""


@dataclass(frozen=True, slots=True)
class JoinFacts:
    """How many rows met a row of a joined source.

    Attributes:
        view: The pinned view.
        join: The joined source; ``source#2`` for a second join of it.
        of: What meets it: the source whose rows do, or ``spine`` for the questions themselves.
        rows: How many were looked at: 100,000 or so at most.
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

    Of a source they are those of the spine's entities, each at its own time. Joins whose key the
    question and the rows bring together are left out: each pair has its own.
    """
    some = _spread(spine)
    found: list[JoinFacts] = []
    for reference, view in views.items():
        asked = joins_of(view.joins, _bare(view))
        found += _of_questions(reference, view, asked, some, data, time)
        rest = tuple(join for join in joins_of_rows(view) if join not in asked)
        if rest and not view.looks_up and view.source is not None:
            rows = _rows_of(view, spine, data, time)
            found += [replace(one, view=reference) for one in rows_met(view, rest, rows, data)]
    return tuple(found)


def joins_of_rows(view: View) -> tuple[Join, ...]:
    """Return the joins that the rows of the view's own source meet whoever asks."""
    return steady_joins(view.joins, view.source.name) if kind_of(view) and view.source else ()


def rows_met(
    view: View, joins: Sequence[Join], rows: pl.DataFrame, data: Mapping[str, SourceData]
) -> list[JoinFacts]:
    """Return how many of ``rows``, which are of the view's own source, meet a row by each join."""
    source = view.source
    if not joins or source is None:
        return []
    own = replace(source, kind=SourceKind.REQUEST)  # as a request its other rows are not read
    probe = View(
        view.name,
        Grain.ROW,
        (),
        own,
        requests=(own,),
        max_age=view.max_age,
        delay=view.delay,
        joins=view.joins,
    )
    moments = rows[str(source.time)].dt.epoch("us")
    return _met(view.name, probe, joins, rows, data, source.time, (source.name, moments))


def _spread(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.gather_every(max(-(-len(rows) // _MOST), 1))


def _rows_of(
    view: View, spine: pl.DataFrame, data: Mapping[str, SourceData], time: str | None
) -> pl.DataFrame:
    """Return rows of the view's own source, those of the spine's entities."""
    source = view.source
    assert source is not None  # noqa: S101  the caller looked
    asked = checked_spine(spine, (), {"": view}, time).rows.select(view.keys).unique()
    own = data[source.name].frame.drop_nulls(str(source.time))
    mine = own.join(asked.lazy(), on=view.keys, how="semi")
    return _spread(collected(mine, f"source {source.name!r}"))


def _bare(view: View) -> list[Column]:
    nodes = [n for feature in view.features for n in walk_outside_aggregates(feature.expression)]
    return [node for node in nodes if isinstance(node, Column)]


def _of_questions(
    reference: str,
    view: View,
    joins: Sequence[Join],
    spine: pl.DataFrame,
    data: Mapping[str, SourceData],
    time: str | None,
) -> list[JoinFacts]:
    """Return what the questions, or the rows that they look up, meet."""
    if not joins:
        return []
    asked = checked_spine(spine, (), {reference: view}, time)
    _, moments = Shared(asked, {reference: view}, data, lambda *_: None).moments(clock_of(view))
    return _met(reference, view, joins, spine, data, time, ("spine", moments))


def _met(
    reference: str,
    view: View,
    joins: Sequence[Join],
    spine: pl.DataFrame,
    data: Mapping[str, SourceData],
    time: str | None,
    of: tuple[str, pl.Series],
) -> list[JoinFacts]:
    """Return what each row of ``spine`` meets, of the maximum age and of any, asked at once."""
    features = tuple(
        Feature(f"at{number}", Column(join.name, str(join.source.time), TIMESTAMP))
        for number, join in enumerate(joins)
    )
    young = replace(view, features=features)
    asked = {"young": young, "any": replace(young, max_age=None)}
    wanted = [Wanted(name, name, f.name, f"\0{name}{f.name}") for name in asked for f in features]
    times = training_set(spine, wanted, asked, data, time=time).frame
    whose, moments = of
    found = []
    for join, feature in zip(joins, features, strict=True):
        met = times[f"\0young{feature.name}"].dt.epoch("us")
        matched = len(met) - met.null_count()
        stale = len(met) - times[f"\0any{feature.name}"].null_count() - matched
        age = (moments - met).median()
        middle = None if age is None else int(age)  # type: ignore[arg-type]  # integers
        found.append(JoinFacts(reference, join.name, whose, len(met), matched, stale, middle))
    return found
