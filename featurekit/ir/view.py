"""A view: named features over one source (or over other views), checked and complete."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from featurekit.ir.definitions import Entity, Source, SourceKind
from featurekit.ir.nodes import Aggregate, AsOf, Column, Expression, walk, walk_outside_aggregates


class Grain(StrEnum):
    """ENTITY: answered for an entity at any moment. ROW: answered for a row that is in hand."""

    ENTITY = "entity"
    ROW = "row"


@dataclass(frozen=True, slots=True)
class Feature:
    """One named answer."""

    name: str
    expression: Expression


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
        max_age: Microseconds after which a look-up is stale; None: never.
        delay: Microseconds that are added to a row's availability.
        fresh: ``realtime``.
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
    fresh: str = "realtime"

    def feature(self, name: str) -> Feature | None:
        """Return the feature called ``name``, or None."""
        return next((f for f in self.features if f.name == name), None)

    @property
    def looks_up(self) -> bool:
        """Whether bare columns are those of the latest visible row of a snapshot."""
        return self.source is not None and self.source.kind is SourceKind.SNAPSHOT

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


def source_columns(view: View) -> tuple[str, ...]:
    """Return the columns of the view's own source that it reads besides keys and times, sorted."""
    if view.source is None:
        return ()
    roots = [f.expression for f in view.features] + ([view.where] if view.where else [])
    return tuple(
        sorted(
            {
                node.name
                for root in roots
                for node in walk(root)
                if isinstance(node, Column) and node.relation == view.source.name
            }
        )
    )


def request_columns(view: View) -> tuple[Column, ...]:
    """Return the distinct request columns that ``view`` reads, in order of first use."""
    names = {source.name for source in view.requests}
    found = [
        node
        for feature in view.features
        for node in walk(feature.expression)
        if isinstance(node, Column) and node.relation in names
    ]
    return tuple(dict.fromkeys(found))


def asks_the_time(view: View) -> bool:
    """Whether an answer depends on the moment of asking other than through which rows it sees."""
    return any(
        isinstance(node, AsOf)
        for feature in view.features
        for node in walk_outside_aggregates(feature.expression)
    )
