"""What views are made of besides expressions: entities, sources, vocabularies, feature sets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from featurekit.datatypes import DataType


@dataclass(frozen=True, slots=True)
class Field:
    """A named column; ``required`` promises that it is never null."""

    name: str
    type: DataType
    required: bool = False

    def __str__(self) -> str:
        return f"{self.name}:{self.type}{'!' if self.required else ''}"


@dataclass(frozen=True, slots=True)
class Entity:
    """What a feature is a property of, found by its key columns."""

    name: str
    keys: tuple[Field, ...]


class SourceKind(StrEnum):
    """EVENTS happen; of a SNAPSHOT the latest row holds; a REQUEST comes with the question."""

    EVENTS = "events"
    SNAPSHOT = "snapshot"
    REQUEST = "request"


class Otherwise(StrEnum):
    """What becomes of a value that a rule does not allow."""

    REFUSE = "refuse"
    NULL = "null"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a column may hold, and what becomes of the rest.

    Attributes:
        column: Whose values; ``low``, ``high``, ``options`` and ``default`` are of its type.
        low: The least value; None: as low as it gets.
        high: The greatest value; None: as high as it gets.
        options: The only values there are; empty: whatever lies between the bounds.
        otherwise: What a value outside becomes. A null is outside of nothing.
        default: With DEFAULT, what a value outside becomes, and a null, too.
    """

    column: str
    low: Any = None
    high: Any = None
    options: tuple[Any, ...] = ()
    otherwise: Otherwise = Otherwise.REFUSE
    default: Any = None

    @property
    def bounded(self) -> bool:
        """Whether there are values that it does not allow."""
        return bool(self.options) or self.low is not None or self.high is not None


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from and what their times mean.

    Attributes:
        name: How cells call it.
        kind: Events, snapshot or request.
        fields: Its columns, in the data's order.
        entities: The entities whose keys it carries; empty for a request.
        time: The column of event time; None only for a request.
        available: The column that says when a row became known; None: at its event time. A row
            whose ``available`` is null is not known yet.
        tie: The column that orders rows of equal time and names duplicates.
        zone: The IANA zone of naive time stamps; None: they carry their own.
        location: Path or glob, relative to the workspace's root; None: this session's memory only.
        loggable: The columns that a serving package may write into its log as they are. No part of
            any meaning: it is asked of the source as it is registered now, not of a view's copy.
        rules: What its columns may hold, at most one a column.
        until: From its author: up to which moment all of its rows are there, as ISO 8601 in UTC;
            None: up to its last one. Labels that look further are not known. No part of any
            meaning, and asked like ``loggable``.
    """

    name: str
    kind: SourceKind
    fields: tuple[Field, ...]
    entities: tuple[str, ...] = ()
    time: str | None = None
    available: str | None = None
    tie: str | None = None
    zone: str | None = None
    location: str | None = None
    loggable: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    until: str | None = None

    def field(self, name: str) -> Field | None:
        """Return the column called ``name``, or None."""
        return next((f for f in self.fields if f.name == name), None)

    def rule(self, name: str) -> Rule | None:
        """Return the rule of the column called ``name``, or None."""
        return next((rule for rule in self.rules if rule.column == name), None)

    @property
    def refusals(self) -> tuple[Rule, ...]:
        """The rules by which a whole row is refused."""
        return tuple(rule for rule in self.rules if rule.otherwise is Otherwise.REFUSE)


class Unknown(StrEnum):
    """What a vocabulary answers for a value it does not know."""

    NULL = "null"
    BUCKET = "bucket"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Which spellings mean the same category.

    Attributes:
        name: How cells call it.
        entries: Canonical value and its aliases, sorted by canonical value.
        ignore_case: Whether upper and lower case (Unicode simple mapping) are one.
        unknown: What a value outside the entries becomes.
        bucket: The answer when ``unknown`` is BUCKET.
    """

    name: str
    entries: tuple[tuple[str, tuple[str, ...]], ...]
    ignore_case: bool = False
    unknown: Unknown = Unknown.NULL
    bucket: str | None = None

    @classmethod
    def of(
        cls,
        name: str,
        entries: Mapping[str, Iterable[str]],
        unknown: str | None,
        *,
        ignore_case: bool,
    ) -> Vocabulary:
        """Return the vocabulary in canonical order, as an author states it.

        ``unknown``: None answers null, ``outside`` is a contract violation, else a bucket's name.
        """
        policy = {None: Unknown.NULL, "outside": Unknown.OUTSIDE}.get(unknown, Unknown.BUCKET)
        listed = sorted((value, tuple(sorted(set(other)))) for value, other in entries.items())
        bucket = unknown if policy is Unknown.BUCKET else None
        return cls(name, tuple(listed), ignore_case, policy, bucket)


@dataclass(frozen=True, slots=True)
class Member:
    """One line of a feature set: a pinned view and the features taken from it."""

    view: str
    version: str
    features: tuple[str, ...]

    @property
    def reference(self) -> str:
        """``view@1.0``."""
        return f"{self.view}@{self.version}"


@dataclass(frozen=True, slots=True)
class FeatureSet:
    """What a model uses: features of pinned views, in order."""

    name: str
    members: tuple[Member, ...]
