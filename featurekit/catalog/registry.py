"""What cells may name: entities, sources and vocabularies, each with its versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from featurekit.catalog.ledger import Ledger
from featurekit.catalog.names import checked_name, refuse_taken
from featurekit.catalog.records import (
    EntityRegistered,
    Record,
    SourceRegistered,
    VocabularyRegistered,
)
from featurekit.catalog.state import State
from featurekit.catalog.store import Store
from featurekit.ir.definitions import Entity, Source, Vocabulary


@dataclass(frozen=True, slots=True)
class Registered:
    """What registering did: the version it has now, and whether that is new."""

    name: str
    version: int
    changed: bool


class Registry:
    """The part of the catalog that views stand on."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._ledger = Ledger(store)
        self._lock = self._ledger.lock

    def register_entity(self, entity: Entity, at: str) -> Registered:
        """Enter an entity; nothing happens when it is there as it is.

        Raises:
            InvalidName: FK301.
            NameTaken: FK302, when another entity's name differs only by case.
        """

        def decide(state: State) -> tuple[Sequence[Record], Registered]:
            known = state.entities.get(entity.name)
            old = known.entity if known else None
            done = _registered("entity", state.entities, old, entity)
            return [EntityRegistered(done.version, entity)][: done.changed], done

        return self._ledger.write(at, decide)

    def register_source(self, source: Source, at: str) -> Registered:
        """Enter a source; a changed one gets the next version. Raises as ``register_entity``."""

        def decide(state: State) -> tuple[Sequence[Record], Registered]:
            known = state.sources.get(source.name)
            old = known.source if known else None
            done = _registered("source", state.sources, old, source)
            return [SourceRegistered(done.version, source)][: done.changed], done

        return self._ledger.write(at, decide)

    def register_vocabulary(self, vocabulary: Vocabulary, at: str) -> Registered:
        """Enter a vocabulary; a changed one gets the next version, as with a source."""

        def decide(state: State) -> tuple[Sequence[Record], Registered]:
            known = state.vocabularies.get(vocabulary.name)
            old = known.vocabulary if known else None
            done = _registered("vocabulary", state.vocabularies, old, vocabulary)
            return [VocabularyRegistered(done.version, vocabulary)][: done.changed], done

        return self._ledger.write(at, decide)

    def entities(self) -> dict[str, Entity]:
        """Return the entities by name, sorted."""
        with self._lock:
            return {n: r.entity for n, r in sorted(self._ledger.refresh().entities.items())}

    def sources(self) -> dict[str, Source]:
        """Return the sources by name, sorted."""
        with self._lock:
            return {n: r.source for n, r in sorted(self._ledger.refresh().sources.items())}

    def vocabularies(self) -> dict[str, Vocabulary]:
        """Return the vocabularies by name, sorted."""
        with self._lock:
            return {n: r.vocabulary for n, r in sorted(self._ledger.refresh().vocabularies.items())}


def _registered(
    kind: str,
    known: Mapping[str, EntityRegistered | SourceRegistered | VocabularyRegistered],
    old: Entity | Source | Vocabulary | None,
    new: Entity | Source | Vocabulary,
) -> Registered:
    checked_name(kind, new.name)
    refuse_taken(kind, new.name, ((kind, other) for other in known))
    version = known[new.name].version if new.name in known else 0
    changed = old != new
    return Registered(new.name, version + changed, changed)
