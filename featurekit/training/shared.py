"""What the views of one training set share: moments, questions, histories, snapshots, answers.

Rows of a source are read and sorted once for each set of keys, searched once for each window, and
folded once for each argument, whatever number of views asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from featurekit.backends.to_polars import PURPOSE
from featurekit.errors.data import NoData
from featurekit.ir.definitions import Field, Source, SourceKind
from featurekit.ir.nodes import Aggregate, Column
from featurekit.ir.schedules import Schedule
from featurekit.ir.view import (
    Join,
    View,
    aggregates,
    joins_of,
    moment_column,
    relation_columns,
    source_columns,
)
from featurekit.lazy import require
from featurekit.training.answers import answered
from featurekit.training.history import History, Questions, history, questions
from featurekit.training.meeting import (
    Meeting,
    Snapshot,
    columns_in,
    key_fields,
    name_of,
    steady_joins,
)
from featurekit.training.moments import refreshes
from featurekit.training.placing import entities_of
from featurekit.training.reading import AS_OF, Reading
from featurekit.training.sight import Sight
from featurekit.training.sources import SourceData
from featurekit.training.spine import Spine

if TYPE_CHECKING:
    import polars as pl

Progress = Callable[[str, int, int], None]
Clock = Schedule | str | None
"""When views are asked: at their last refresh, at a column's moment, or when the spine says."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What views must share to ask the same questions."""

    keys: tuple[Field, ...]
    clock: Clock
    each: bool


@dataclass(frozen=True, slots=True)
class Place:
    """What views must share to be computed from one sorted history with the same questions."""

    source: Source
    asking: Asking
    delay: int


@dataclass(frozen=True, slots=True)
class Kind:
    """What views must share to be folded together."""

    place: Place
    zone: str
    joins: tuple[Join, ...]
    max_age: int | None


def clock_of(view: View) -> Clock:
    """Return when ``view`` is asked."""
    return moment_column(view).name if view.scores_rows else view.fresh


def kind_of(view: View) -> Kind | None:
    """Return what decides over what ``view`` sees; None where it reads no rows of its own."""
    source = view.source
    if source is None or source.kind is SourceKind.REQUEST:
        return None
    keys = {field.name: field for entity in view.entities for field in entity.keys}
    requests = {request.name for request in view.requests}
    by_request = any(c.relation in requests for join in view.joins for _, c in join.on)
    asking = Asking(tuple(keys.values()), clock_of(view), view.scores_rows or by_request)
    place = Place(source, asking, view.delay)
    return Kind(place, view.zone, view.joins, view.max_age if view.joins else None)


class Shared:
    """What was found so far; nothing is computed before somebody asks for it."""

    def __init__(
        self,
        spine: Spine,
        views: Mapping[str, View],
        data: Mapping[str, SourceData],
        progress: Progress,
    ) -> None:
        self.progress = progress
        self._spine = spine
        self._views = views
        self._data = data
        self._moments: dict[Clock, tuple[pl.Series, pl.Series]] = {}
        self._asked: dict[Asking, Questions] = {}
        self._histories: dict[tuple[Source, tuple[Field, ...]], History] = {}
        self._sights: dict[Place, Sight] = {}
        self._snapshots: dict[tuple[Source, tuple[Field, ...]], Snapshot] = {}
        self._readings: dict[Kind, Reading] = {}
        self._answers: dict[Kind, dict[Aggregate, Any]] = {}

    def moments(self, clock: Clock) -> tuple[pl.Series, pl.Series]:
        """Return when each spine row is asked, as instants and in microseconds."""
        if clock not in self._moments:
            pl = require("polars", PURPOSE)
            own = self._spine.rows[clock] if isinstance(clock, str) else self._spine.moments
            times = own.dt.epoch("us")
            if not isinstance(clock, str | None):
                times = refreshes(times, clock)
                own = times.cast(pl.Datetime("us", "UTC"))
            self._moments[clock] = (own, times)
        return self._moments[clock]

    def spine(self, views: Sequence[View], nodes: Iterable[Column]) -> pl.DataFrame:
        """Return one row a spine row: the moment, and those columns of ``nodes`` that it brings.

        What ``views`` have in hand to meet joined rows is there, too.
        """
        pl = require("polars", PURPOSE)
        first = views[0]
        brought = {request.name for view in views for request in view.requests}
        if first.source is not None and (first.scores_rows or not first.stored):
            brought.add(first.source.name)
        keys = [column for view in views for join in view.joins for _, column in join.on]
        columns = {
            name_of(node.relation, node.name): self._spine.rows[node.name]
            for node in (*nodes, *keys)
            if node.relation in brought
        }
        columns[AS_OF] = self.moments(clock_of(first))[0]
        return pl.DataFrame([series.alias(name) for name, series in columns.items()])  # type: ignore[no-any-return]  # loaded late

    def questions(self, asking: Asking) -> Questions:
        """Return what is asked by those keys at those moments."""
        if asking not in self._asked:
            rows, (_, times) = self._spine.rows, self.moments(asking.clock)
            entities = entities_of(rows, asking.keys)
            self._asked[asking] = questions(entities, rows, times, each=asking.each)
        return self._asked[asking]

    def sight(self, place: Place) -> Sight:
        """Return the questions over the history of ``place``."""
        if place not in self._sights:
            asked = self.questions(place.asking)
            rows = self._history(place.source, asked, place.asking.keys)
            self._sights[place] = Sight(rows.delayed(place.delay, asked), asked)
        return self._sights[place]

    def _history(self, source: Source, asked: Questions, keys: tuple[Field, ...]) -> History:
        if (source, keys) not in self._histories:
            views = [view for view in self._views.values() if view.source == source]
            columns = {name for view in views for name in source_columns(view)}
            with self._opened(source) as data:
                found = history(data, keys, columns, asked.entities)
            self._histories[source, keys] = found
        return self._histories[source, keys]

    def _snapshot(self, join: Join) -> Snapshot:
        source, keys = join.source, key_fields(join)
        if (source, keys) not in self._snapshots:
            views = self._views.values()
            pairs = [(view, j) for view in views for j in view.joins if j.source == source]
            columns = {name for view, j in pairs for name in relation_columns(view, j.name)}
            with self._opened(source) as data:
                found = Snapshot.read(data, keys, columns)
            self._snapshots[source, keys] = found
        return self._snapshots[source, keys]

    @contextmanager
    def _opened(self, source: Source) -> Iterator[SourceData]:
        if source.name not in self._data:
            raise NoData(source.name)
        stage = f"reading {source.name}"
        self.progress(stage, 0, 1)
        yield SourceData(source, self._data[source.name].frame)
        self.progress(stage, 1, 1)

    def meeting(self, views: Sequence[View], joins: Iterable[Join]) -> Meeting:
        """Return how rows of ``views``, which are of one kind, meet what is joined by ``joins``."""
        named = {join.name: join for join in joins}
        columns = {
            name: sorted({column for view in views for column in relation_columns(view, name)})
            for name in named
        }
        snapshots = {name: self._snapshot(join) for name, join in named.items()}
        return Meeting(snapshots, columns, views[0].delay, views[0].max_age)

    def reading(self, kind: Kind) -> Reading:
        """Return how views of ``kind`` read their history."""
        if kind not in self._readings:
            self._readings[kind] = self._read(kind, self._alike(kind))
        return self._readings[kind]

    def _alike(self, kind: Kind) -> list[View]:
        return [view for view in self._views.values() if kind_of(view) == kind]

    def _read(self, kind: Kind, views: Sequence[View]) -> Reading:
        sight = self.sight(kind.place)
        found = [aggregate for view in views for aggregate in aggregates(view)]
        nodes = columns_in([*found, *(view.where for view in views if view.where)])
        joins = joins_of(kind.joins, nodes)
        meeting = self.meeting(views, joins)
        steady = steady_joins(joins, kind.place.source.name)
        own = kind.place.source.name
        rows = sight.history.rows.rename(lambda name: name_of(own, name))
        rows = meeting.joined(rows, steady, lambda _: sight.history.time)
        current = columns_in([aggregate for aggregate in found if aggregate.current])
        spine = self.spine(views, current)
        _, times = self.moments(kind.place.asking.clock)
        hands = meeting.joined(spine, joins_of(joins, current), lambda _: times)
        asking = tuple(join for join in joins if join not in steady)
        return Reading(sight, rows, meeting, asking, spine, hands)

    def answers(self, kind: Kind) -> dict[Aggregate, pl.Series]:
        """Return the aggregates of every view of ``kind``, one a spine row."""
        if kind not in self._answers:
            every = dict.fromkeys(a for view in self._alike(kind) for a in aggregates(view))
            stage = f"aggregating {kind.place.source.name}"
            self._answers[kind] = answered(
                self.reading(kind),
                list(every),
                kind.zone,
                lambda done: self.progress(stage, done, len(every)),
            )
        return self._answers[kind]
