"""What a name in a cell answers to: a column, a feature of the same cell, or nothing."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from featurekit.errors import Where
from featurekit.errors.meaning import BareColumn, NotPerRow
from featurekit.errors.names import AmbiguousName, BadName, UnknownColumn, UnknownSource
from featurekit.ir.definitions import Field, Source
from featurekit.ir.nodes import Column, Expression
from featurekit.ir.rules import guarded

LONGEST_NAME = 63


class Holds(StrEnum):
    """What a relation's columns are outside an aggregate."""

    EVENTS = "events"
    IN_HAND = "in hand"
    LATEST = "latest"
    ASKED = "asked"
    ANSWERS = "answers"


@dataclass(frozen=True, slots=True)
class Relation:
    """Something whose columns a cell may name.

    Attributes:
        name: How the IR calls it.
        words: How an author may call it before a dot.
        fields: Its columns.
        holds: Events, an event that is in hand, the latest row of a snapshot, the question, or
            another view's answers.
        own: Whether it is what the cell selects FROM or joins; other relations come second.
        hidden: Columns that a bare name does not mean: they equal another's by USING.
        source: What it is the rows of; None for another view's answers.
    """

    name: str
    words: tuple[str, ...]
    fields: tuple[Field, ...]
    holds: Holds
    own: bool = True
    hidden: frozenset[str] = frozenset()
    source: Source | None = None

    @property
    def has_rows(self) -> bool:
        """Whether aggregates may run over it."""
        return self.holds in {Holds.EVENTS, Holds.IN_HAND, Holds.LATEST}

    @property
    def subject(self) -> str:
        """How a sentence calls it."""
        if self.holds is Holds.ANSWERS:
            return f"view {self.name!r}"
        return f"source {self.name.partition('#')[0]!r}"


@dataclass(frozen=True, slots=True)
class Name:
    """A name as written: ``word`` or ``qualifier.word``, each perhaps in quotes."""

    word: str
    quoted: bool
    qualifier: str | None
    qualifier_quoted: bool
    where: Where | None


@dataclass(frozen=True, slots=True)
class Reference:
    """Another feature of the same cell."""

    feature: str


@dataclass(frozen=True, slots=True)
class Names:
    """Everything that names may answer to in one cell.

    Attributes:
        relations: Those with ``own`` first.
        features: The cell's features by name, each with its unread expression.
        plain: Whether a feature is nothing but the column of the same name.
    """

    relations: tuple[Relation, ...]
    features: Mapping[str, Any]
    plain: Callable[[str, Relation], bool]

    def meaning(self, column: Column) -> Expression:
        """Return what reading ``column`` means under the rules of its source."""
        relation = next(r for r in self.relations if r.name == column.relation)
        source = relation.source
        rule = source.rule(column.name) if source else None
        return column if source is None or rule is None else guarded(rule, column, source)

    def find(self, name: Name, *, inside: bool, current: str | None) -> Column | Reference:
        """Return what ``name`` answers to, inside an aggregate (or WHERE) or outside.

        Raises:
            DefinitionError: FK110, FK111 unknown, FK112 ambiguous, FK143 a column of events outside
                an aggregate, FK145 what belongs to the question inside one.
        """
        if name.qualifier is not None:
            return self._qualified(name, name.qualifier, inside=inside)
        own = self._columns(name, own=True)
        if inside:
            return self._inside(name, own)
        feature = self._feature(name, current)
        asked = [(r, f) for r, f in own if r.holds is not Holds.EVENTS]
        if feature and asked and not (len(asked) == 1 and self.plain(feature, asked[0][0])):
            choices = [f"{r.words[0]}.{f.name}" for r, f in asked]
            raise AmbiguousName(name.word, [*choices, f"the feature {feature}"], name.where)
        if feature:
            return Reference(feature)
        if asked:
            return self._one(name, asked)
        others = self._columns(name, own=False)
        if own:
            requests = [r.name for r, _ in others]
            raise BareColumn(self.relations[0].name, own[0][1].name, name.where, requests)
        if others:
            return self._one(name, others)
        raise self._unknown(name)

    def column(self, name: Name) -> Column:
        """Return the column that ``name`` means, wherever it may stand: one that is joined on.

        Raises:
            DefinitionError: FK110, FK111 unknown, FK112 ambiguous.
        """
        if name.qualifier is not None:
            return _column(*self._field(name, name.qualifier))
        found = self._columns(name, own=True) or self._columns(name, own=False)
        if not found:
            raise self._unknown(name)
        return self._one(name, found)

    def _qualified(self, name: Name, qualifier: str, *, inside: bool) -> Column:
        relation, field = self._field(name, qualifier)
        if inside and not (relation.own and relation.has_rows):
            raise NotPerRow(f"{relation.words[0]}.{field.name}", name.where)
        if not inside and relation.holds is Holds.EVENTS:
            raise BareColumn(self.relations[0].name, f"{qualifier}.{field.name}", name.where)
        return _column(relation, field)

    def _field(self, name: Name, qualifier: str) -> tuple[Relation, Field]:
        found = [
            r for r in self.relations if matching(qualifier, r.words, quoted=name.qualifier_quoted)
        ]
        if not found:
            words = [word for r in self.relations for word in r.words]
            raise UnknownSource(qualifier, words, name.where)
        relation = found[0]
        if len(found) > 1:
            pinned = [f'"{r.name}"' for r in found]
            raise AmbiguousName(qualifier, pinned, name.where)
        known = {f.name: f for f in relation.fields}
        fields = matching(name.word, known, quoted=name.quoted)
        if not fields:
            raise UnknownColumn(relation.subject, name.word, list(known), name.where)
        if len(fields) > 1:
            raise AmbiguousName(name.word, [f'"{f}"' for f in fields], name.where)
        return relation, known[fields[0]]

    def _inside(self, name: Name, own: Sequence[tuple[Relation, Field]]) -> Column:
        rows = [(r, f) for r, f in own if r.has_rows]
        if rows:
            return self._one(name, rows)
        feature = self._feature(name, None)
        if feature:
            raise NotPerRow(f"the feature {feature!r}", name.where)
        if self._columns(name, own=False) or own:
            raise NotPerRow(repr(name.word), name.where)
        raise self._unknown(name)

    def _columns(self, name: Name, *, own: bool) -> list[tuple[Relation, Field]]:
        found: list[tuple[Relation, Field]] = []
        for relation in self.relations:
            if relation.own is own:
                known = {f.name: f for f in relation.fields if f.name not in relation.hidden}
                meant = matching(name.word, known, quoted=name.quoted)
                found += [(relation, known[word]) for word in meant]
        return found

    def _feature(self, name: Name, current: str | None) -> str | None:
        word = name.word if name.quoted else name.word.lower()
        return word if word in self.features and word != current else None

    def _one(self, name: Name, found: Sequence[tuple[Relation, Field]]) -> Column:
        if len(found) > 1:
            same = len({r.name for r, _ in found}) == 1
            choices = [f'"{f.name}"' if same else f"{r.words[0]}.{f.name}" for r, f in found]
            raise AmbiguousName(name.word, choices, name.where)
        relation, field = found[0]
        return _column(relation, field)

    def _unknown(self, name: Name) -> UnknownColumn:
        own = [r for r in self.relations if r.own]
        known = [f.name for r in own for f in r.fields]
        known += [f for f in self.features if f not in known]
        subject = own[0].subject if len(own) == 1 else ", ".join(r.name for r in own) or "the view"
        return UnknownColumn(subject, name.word, known, name.where)


def _column(relation: Relation, field: Field) -> Column:
    return Column(relation.name, field.name, field.type, field.required)


def matching(word: str, known: Iterable[str], *, quoted: bool) -> list[str]:
    """Return the names that ``word`` means: an exact match wins, else case is ignored."""
    every = list(known)
    if word in every:
        return [word]
    return [] if quoted else [k for k in every if k.lower() == word.lower()]


def checked_name(kind: str, name: str, where: Where | str | None = None) -> str:
    """Return ``name`` in lower case when it may name a feature or a view.

    Raises:
        BadName: FK131, with a name that would do.
    """
    lower = name.lower()
    good = (
        re.fullmatch(r"[a-z][a-z0-9_]*", lower)
        and "__" not in lower
        and len(lower) <= LONGEST_NAME
        and not keyword.iskeyword(lower)
    )
    if not good:
        raise BadName(kind, name, suggested_name(name, kind), where)
    return lower


def suggested_name(name: str, kind: str = "feature") -> str:
    """Return a name near to ``name`` that may be one."""
    words = re.sub(r"[^a-z0-9]+", "_", name.lower().encode("ascii", "ignore").decode())
    made = words.strip("_")[: LONGEST_NAME - 10].strip("_")
    if not made or not made[0].isalpha():
        made = f"{kind}_{made}".rstrip("_")
    return f"{made}_{kind}" if keyword.iskeyword(made) else made
