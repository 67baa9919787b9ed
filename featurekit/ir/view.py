"""A view: named features over one source (or over other views), checked and complete."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from featurekit.ir.definitions import Entity, Source, SourceKind
from featurekit.ir.nodes import Aggregate, AsOf, Column, Expression, walk, walk_outside_aggregates
from featurekit.ir.schedules import Schedule
from featurekit.ir.windows import Rolling


class Grain(StrEnum):
    """ENTITY: answered for an entity at any moment. ROW: answered for a row that is in hand.

    A row of an events source is asked at its own event time, whatever moment the question names.
    """

    ENTITY = "entity"
    ROW = "row"


@dataclass(frozen=True, slots=True)
class Feature:
    """One named answer."""

    name: str
    expression: Expression


@dataclass(frozen=True, slots=True)
class Join:
    """Each row meets the latest row of a snapshot that was visible at a moment, or nothing.

    A row without a match has null in every joined column; what an author wrote as an inner join
    is a condition that the joined key is not null.

    Attributes:
        name: The relation of its columns: the joined source's name, for a second join of it
            ``source#2``.
        source: The snapshot.
        on: The joined entity's key columns, each with the column that it must equal: of the view's
            source, of a request, or of an earlier join.
        at_request: Whether the moment is that of asking; else it is the row's event time. A
            request and a row in hand have no other time than the moment of asking.
    """

    name: str
    source: Source
    on: tuple[tuple[str, Column], ...]
    at_request: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """The meaning of one cell. Only ``frontends`` make it, so holding one means it was checked.

    Attributes:
        name: The view's name.
        grain: Per entity or per row.
        features: In the author's order.
        source: The source it reads; None for a derived view.
        entities: Those whose keys a question must carry (none for a plain request view).
        requests: The request sources whose columns it uses.
        uses: For a derived view, the pinned views, in order: ``("carrier_delays@1.0", ...)``.
        where: For a look-up of a snapshot, which rows count (aggregates carry their own).
        zone: IANA zone of calendar windows and local time.
        max_age: Microseconds after which what is looked up or joined is stale; None: never.
        delay: Microseconds that are added to a row's availability, joined rows included.
        fresh: When answers are refreshed; None: with every question.
        joins: As-of joins, each after those it rests on.
        ahead: For labels, how many microseconds after the moment a look-up answers; 0: nothing is
            looked up. None: features, which know nothing of what comes.
        strict: Whether a null that an expression made of inputs that have values is said to be
            outside of the contract: the values stay, their status is another.
    """

    name: str
    grain: Grain
    features: tuple[Feature, ...]
    source: Source | None = None
    entities: tuple[Entity, ...] = ()
    requests: tuple[Source, ...] = ()
    uses: tuple[str, ...] = ()
    where: Expression | None = None
    zone: str = "UTC"
    max_age: int | None = None
    delay: int = 0
    fresh: Schedule | None = None
    joins: tuple[Join, ...] = ()
    ahead: int | None = None
    strict: bool = False

    def feature(self, name: str) -> Feature | None:
        """Return the feature called ``name``, or None."""
        return next((f for f in self.features if f.name == name), None)

    @property
    def looks_up(self) -> bool:
        """Whether bare columns are those of the latest visible row of a snapshot."""
        return self.source is not None and self.source.kind is SourceKind.SNAPSHOT

    @property
    def scores_rows(self) -> bool:
        """Whether the question is a row of an events source, asked at its own time."""
        events = self.source is not None and self.source.kind is SourceKind.EVENTS
        return events and self.grain is Grain.ROW

    @property
    def is_label(self) -> bool:
        """Whether its answers are what is to be predicted: known only later, and never served."""
        return self.ahead is not None

    @property
    def stored(self) -> tuple[Source, ...]:
        """The sources whose rows it reads from a store: its own and those it joins, each once."""
        own = (self.source,) if self.source and self.source.kind is not SourceKind.REQUEST else ()
        return tuple(dict.fromkeys([*own, *(join.source for join in self.joins)]))

    @property
    def keys(self) -> tuple[str, ...]:
        """The key columns a question must carry, each once, in order."""
        names = [field.name for entity in self.entities for field in entity.keys]
        return tuple(dict.fromkeys(names))


def aggregates(view: View) -> tuple[Aggregate, ...]:
    """Return the distinct aggregates of ``view``, in order of first use."""
    found = [
        node
        for feature in view.features
        for node in walk(feature.expression)
        if isinstance(node, Aggregate)
    ]
    return tuple(dict.fromkeys(found))


def horizon(view: View, expression: Expression) -> int:
    """Return how long after the moment a label's expression still looks, in microseconds."""
    nodes = list(walk_outside_aggregates(expression))
    windows = [node.window for node in nodes if isinstance(node, Aggregate)]
    reach = [window.ahead for window in windows if isinstance(window, Rolling)]
    looks_up = any(isinstance(node, Column) for node in nodes)
    return max([*reach, (view.ahead or 0) if looks_up else 0], default=0)


def longest_horizon(view: View) -> int:
    """Return the longest horizon of a view's features, in microseconds; 0 for no label."""
    if not view.is_label:
        return 0
    return max((horizon(view, feature.expression) for feature in view.features), default=0)


def _roots(view: View) -> list[Expression]:
    """Return the features' expressions, the condition of a look-up, and what joins are made on."""
    own = [feature.expression for feature in view.features]
    own += [view.where] if view.where else []
    return own + [column for join in view.joins for _, column in join.on]


def joins_of(joins: Sequence[Join], read: Iterable[Column]) -> tuple[Join, ...]:
    """Return those of ``joins`` whose columns are ``read``, and those that they rest on."""
    relations = {column.relation for column in read}
    found: list[Join] = []
    for join in reversed(joins):
        if join.name in relations:
            found.insert(0, join)
            relations |= {column.relation for _, column in join.on}
    return tuple(found)


def joins_read(view: View, roots: Iterable[Expression]) -> tuple[Join, ...]:
    """Return the joins of ``view`` that ``roots`` rest on, in order."""
    read = [n for root in roots for n in walk(root) if isinstance(n, Column)]
    return joins_of(view.joins, read)


def source_columns(view: View) -> tuple[str, ...]:
    """Return the columns of the view's own source that it reads besides keys and times, sorted."""
    return relation_columns(view, view.source.name) if view.source else ()


def relation_columns(view: View, relation: str) -> tuple[str, ...]:
    """Return the columns of a relation (the own source, a join) that ``view`` reads, sorted."""
    return tuple(
        sorted(
            {
                node.name
                for root in _roots(view)
                for node in walk(root)
                if isinstance(node, Column) and node.relation == relation
            }
        )
    )


def used_joins(view: View, relations: Iterable[str]) -> tuple[Join, ...]:
    """Return the joins called ``relations`` and those that they rest on, in the view's order."""
    found = set(relations)
    for join in reversed(view.joins):
        if join.name in found:
            found |= {column.relation for _, column in join.on}
    return tuple(join for join in view.joins if join.name in found)


def request_columns(view: View) -> tuple[Column, ...]:
    """Return the distinct columns that a question must bring, in order of first use.

    Those of requests; of a row in hand its time, the columns that are read outside of aggregates
    and those that frames ending at CURRENT ROW read.
    """
    names = {source.name for source in view.requests}
    found = [
        node
        for root in _roots(view)
        for node in walk(root)
        if isinstance(node, Column) and node.relation in names
    ]
    own = [moment_column(view)] if view.scores_rows else []
    own += [column for column in columns_in_hand(view) if column.name not in view.keys]
    return tuple(dict.fromkeys([*found, *own]))


def columns_in_hand(view: View) -> tuple[Column, ...]:
    """Return the columns of the row in hand that are read, its keys included."""
    if not view.scores_rows or view.source is None:
        return ()
    nodes = [n for feature in view.features for n in walk_outside_aggregates(feature.expression)]
    read = [*nodes, *(column for join in view.joins for _, column in join.on)]
    read += [n for a in nodes if isinstance(a, Aggregate) and a.current for n in walk(a)]
    own = [n for n in read if isinstance(n, Column) and n.relation == view.source.name]
    return tuple(dict.fromkeys(own))


def moment_column(view: View) -> Column:
    """Return the column of a row in hand that says when it is asked."""
    source = view.source
    field = source.field(source.time) if source and source.time else None
    if source is None or field is None:
        msg = f"{view.name} scores no rows"
        raise ValueError(msg)
    return Column(source.name, field.name, field.type, field.required)


def asks_the_time(view: View) -> bool:
    """Whether an answer depends on the moment of asking other than through which rows it sees."""
    return any(
        isinstance(node, AsOf)
        for feature in view.features
        for node in walk_outside_aggregates(feature.expression)
    )
