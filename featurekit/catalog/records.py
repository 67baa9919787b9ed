"""What the log is made of: records, each one fact that stays true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from featurekit.catalog.codec import DEFINITIONS, Codec
from featurekit.ir.canonical import digest
from featurekit.ir.definitions import Entity, FeatureSet, Source, Vocabulary
from featurekit.ir.view import View

HeaderValue = str | int | bool | tuple[str, ...] | None
"""What a flag of a cell's first line can hold."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is said about a definition without being its meaning."""

    owner: str
    description: str = ""
    tags: tuple[str, ...] = ()

    @property
    def hash(self) -> str:
        """Equal exactly when owner, description and tags (in any order) are."""
        return digest([self.owner, self.description, sorted(set(self.tags))])


@dataclass(frozen=True, slots=True)
class Draft:
    """A view as its author last ran it; only the author's, until it is published.

    Attributes:
        name: The view's name.
        header: The values of the cell's first line, by name.
        text: The cell, as written.
        view: Its meaning.
        metadata: Owner (may still be missing), description, tags.
        saved_at: When, as ISO 8601.
    """

    name: str
    header: Mapping[str, HeaderValue]
    text: str
    view: View
    metadata: Metadata
    saved_at: str


@dataclass(frozen=True, slots=True)
class EntityRegistered:
    """An entity, new or changed; versions count from 1."""

    version: int
    entity: Entity


@dataclass(frozen=True, slots=True)
class SourceRegistered:
    """A source, new or changed."""

    version: int
    source: Source


@dataclass(frozen=True, slots=True)
class VocabularyRegistered:
    """A vocabulary, new or changed."""

    version: int
    vocabulary: Vocabulary


@dataclass(frozen=True, slots=True)
class ViewPublished:
    """A version of a view: its author's text and its meaning, whole.

    A second record of the same version describes it anew (cosmetic): the meaning is the same.
    """

    name: str
    version: str
    level: str
    header: Mapping[str, HeaderValue]
    text: str
    view: View
    meaning: str
    metadata: Metadata
    metadata_hash: str


@dataclass(frozen=True, slots=True)
class SetPublished:
    """A version of a feature set; every member is pinned."""

    name: str
    version: str
    level: str
    set: FeatureSet
    meaning: str
    metadata: Metadata
    metadata_hash: str


@dataclass(frozen=True, slots=True)
class MadeCurrent:
    """The version that the bare name means from now on."""

    name: str
    version: str
    reason: str = field(default="published")


@dataclass(frozen=True, slots=True)
class Deprecated:
    """A version that should not be used any more, and why."""

    name: str
    version: str
    reason: str


@dataclass(frozen=True, slots=True)
class FeatureProfile:
    """How the answers of one feature were spread in a training set.

    Attributes:
        column: ``customer_spend__spend_30d``.
        type: The language's.
        nulls: Rows without an answer.
        distinct: Different answers; None for a type that is not compared (a list).
        quantiles: 21 of them, from the least to the greatest finite answer, so that the first, the
            eleventh and the last are minimum, median and maximum; dates and times as microseconds
            since 1970 UTC, of a list its length. Empty for texts and truths, or without answers.
        top: Of texts and truths the most frequent answers and how often each came.
    """

    column: str
    type: str
    nulls: int
    distinct: int | None
    quantiles: tuple[Any, ...] = ()
    top: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class SetProfiled:
    """What the answers of a feature set's version looked like in training; the latest counts."""

    name: str
    version: str
    rows: int
    features: tuple[FeatureProfile, ...]


Record = (
    EntityRegistered
    | SourceRegistered
    | VocabularyRegistered
    | ViewPublished
    | SetPublished
    | MadeCurrent
    | Deprecated
    | SetProfiled
)

CODEC = Codec(
    (
        *DEFINITIONS,
        Metadata,
        Draft,
        EntityRegistered,
        SourceRegistered,
        VocabularyRegistered,
        ViewPublished,
        SetPublished,
        MadeCurrent,
        Deprecated,
        FeatureProfile,
        SetProfiled,
    )
)
