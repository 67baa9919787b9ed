"""What the log adds up to: the catalog at one moment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from featurekit.catalog.codec import Malformed
from featurekit.catalog.log import Commit
from featurekit.catalog.records import (
    Deprecated,
    EntityRegistered,
    HeaderValue,
    MadeCurrent,
    Metadata,
    Record,
    SetProfiled,
    SetPublished,
    SourceRegistered,
    ViewPublished,
    VocabularyRegistered,
)
from featurekit.catalog.versions import Change, version_key
from featurekit.ir.definitions import FeatureSet
from featurekit.ir.view import View


@dataclass(frozen=True, slots=True)
class PublishedView:
    """One version of a view, as the catalog holds it now.

    Attributes:
        name: The view's name.
        version: ``1.0``.
        level: How it differed from the one before: ``new``, ``additive``, ``values``, ``types``.
        header: The values of the cell's first line.
        text: The cell, as its author wrote it.
        view: Its meaning.
        meaning: The hash of the meaning.
        metadata: Owner, description, tags.
        at: When it was published.
        current: Whether the bare name means this version.
        deprecated: Why it should not be used any more, or None.
        previous: The version it was compared to, when it was just published.
        change: What differs from ``previous``, when it was just published.
        equal_to: Other definitions with the same meaning, when it was just published.
    """

    name: str
    version: str
    level: str
    header: Mapping[str, HeaderValue]
    text: str
    view: View
    meaning: str
    metadata: Metadata
    at: str
    current: bool = False
    deprecated: str | None = None
    previous: str | None = None
    change: Change | None = None
    equal_to: tuple[str, ...] = ()

    @property
    def reference(self) -> str:
        """``name@1.0``."""
        return f"{self.name}@{self.version}"


@dataclass(frozen=True, slots=True)
class PublishedSet:
    """One version of a feature set, as the catalog holds it now; see ``PublishedView``."""

    name: str
    version: str
    level: str
    set: FeatureSet
    meaning: str
    metadata: Metadata
    at: str
    current: bool = False
    deprecated: str | None = None

    @property
    def reference(self) -> str:
        """``name@1.0``."""
        return f"{self.name}@{self.version}"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a name's history.

    Attributes:
        sequence: The commit's number.
        at: When, as ISO 8601.
        what: ``published``, ``described``, ``made current``, ``deprecated``.
        version: Which version.
        detail: The level of the change, or the reason given.
        owner: Who answered for it then; empty where nothing was said.
    """

    sequence: int
    at: str
    what: str
    version: str
    detail: str
    owner: str = ""


@dataclass(slots=True)
class State:
    """The sum of the commits so far; ``apply`` adds the next one."""

    entities: dict[str, EntityRegistered] = field(default_factory=dict)
    sources: dict[str, SourceRegistered] = field(default_factory=dict)
    vocabularies: dict[str, VocabularyRegistered] = field(default_factory=dict)
    views: dict[str, dict[str, PublishedView]] = field(default_factory=dict)
    sets: dict[str, dict[str, PublishedSet]] = field(default_factory=dict)
    events: dict[str, list[Event]] = field(default_factory=dict)
    profiles: dict[tuple[str, str], SetProfiled] = field(default_factory=dict)
    sequence: int = 0

    def apply(self, commit: Commit) -> None:
        """Add the records of ``commit``.

        Raises:
            Malformed: When a record speaks of what the log does not hold.
        """
        for record in commit.records:
            self._apply(record, commit)
        self.sequence = commit.sequence

    def _apply(self, record: Record, commit: Commit) -> None:
        match record:
            case EntityRegistered(_, entity):
                self.entities[entity.name] = record
            case SourceRegistered(_, source):
                self.sources[source.name] = record
            case VocabularyRegistered(_, vocabulary):
                self.vocabularies[vocabulary.name] = record
            case ViewPublished():
                self._view(record, commit)
            case SetPublished():
                self._set(record, commit)
            case MadeCurrent(name, version, reason):
                self._point(name, version)
                if reason != "published":
                    self._note(name, commit, "made current", version, reason)
            case Deprecated(name, version, reason):
                self._deprecate(name, version, reason)
                self._note(name, commit, "deprecated", version, reason)
            case SetProfiled(name, version):
                self._published_version(name, version)
                self.profiles[name, version] = record

    def _note(self, name: str, commit: Commit, what: str, version: str, detail: str) -> None:
        event = Event(commit.sequence, commit.at, what, version, detail)
        self.events.setdefault(name, []).append(event)

    def _view(self, record: ViewPublished, commit: Commit) -> None:
        versions = self.views.setdefault(record.name, {})
        known = versions.get(_checked(record.version))
        versions[record.version] = PublishedView(
            record.name,
            record.version,
            known.level if known else record.level,
            record.header,
            record.text,
            record.view,
            record.meaning,
            record.metadata,
            known.at if known else commit.at,
            current=known is not None and known.current,
            deprecated=known.deprecated if known else None,
        )
        self._published(record, commit, anew=known is not None)

    def _set(self, record: SetPublished, commit: Commit) -> None:
        versions = self.sets.setdefault(record.name, {})
        known = versions.get(_checked(record.version))
        versions[record.version] = PublishedSet(
            record.name,
            record.version,
            known.level if known else record.level,
            record.set,
            record.meaning,
            record.metadata,
            known.at if known else commit.at,
            current=known is not None and known.current,
            deprecated=known.deprecated if known else None,
        )
        self._published(record, commit, anew=known is not None)

    def _published(
        self, record: ViewPublished | SetPublished, commit: Commit, *, anew: bool
    ) -> None:
        what = "described" if anew else "published"
        owner = record.metadata.owner
        event = Event(commit.sequence, commit.at, what, record.version, record.level, owner)
        self.events.setdefault(record.name, []).append(event)

    def _point(self, name: str, version: str) -> None:
        self._published_version(name, version)
        views, sets = self.views.get(name, {}), self.sets.get(name, {})
        for number, view in views.items():
            views[number] = replace(view, current=number == version)
        for number, made in sets.items():
            sets[number] = replace(made, current=number == version)

    def _deprecate(self, name: str, version: str, reason: str) -> None:
        self._published_version(name, version)
        if view := self.views.get(name, {}).get(version):
            self.views[name][version] = replace(view, deprecated=reason)
        if made := self.sets.get(name, {}).get(version):
            self.sets[name][version] = replace(made, deprecated=reason)

    def _published_version(self, name: str, version: str) -> None:
        if version not in self.views.get(name, {}) and version not in self.sets.get(name, {}):
            raise Malformed(f"it speaks of {name}@{version}, which was never published")

    def versions(self, name: str) -> tuple[str, ...]:
        """Return the versions of a view or set, oldest first."""
        known = [*self.views.get(name, {}), *self.sets.get(name, {})]
        return tuple(sorted(known, key=version_key))

    def current_view(self, name: str) -> PublishedView | None:
        """Return the version that the bare name means, None for an unknown name."""
        return next((v for v in self.views.get(name, {}).values() if v.current), None)

    def current_set(self, name: str) -> PublishedSet | None:
        """Return the version that the bare name means, None for an unknown name."""
        return next((v for v in self.sets.get(name, {}).values() if v.current), None)


def _checked(version: str) -> str:
    if not re.fullmatch(r"(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})", version):
        raise Malformed(f"{version!r} is not a version")
    return version
