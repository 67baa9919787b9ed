"""Walks one cell: each form of the tree has one function, and what has none is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from featurekit.datatypes import BOOLEAN, Kind
from featurekit.errors.definition import ClauseRefused, TooComplex
from featurekit.errors.meaning import NotACondition
from featurekit.errors.names import Cycle, UnknownFunction
from featurekit.frontends.binding import widen
from featurekit.frontends.naming import Name, Names, Reference
from featurekit.frontends.sql_parser import Text
from featurekit.ir.definitions import Vocabulary
from featurekit.ir.nodes import Expression, children

MOST_DEEP = 64
MOST_NODES = 5_000
_QUERIES = {"Select", "Subquery", "Exists", "Union", "Except", "Intersect"}


class Form(Protocol):
    """Reads one kind of node; ``inside`` says whether it stands in an aggregate or WHERE."""

    def __call__(self, reader: Reader, node: Any, *, inside: bool) -> Expression:
        """Return what the node means."""


@dataclass
class Reader:
    """One cell being read.

    Attributes:
        text: The author's text.
        names: What names answer to.
        vocabularies: Those that VOCAB may name.
        forms: The kinds of nodes that exist, and who reads each.
        no_rows: Why there are no rows to aggregate; empty where there are.
        where: The view's WHERE, once read.
    """

    text: Text
    names: Names
    vocabularies: Mapping[str, Vocabulary]
    forms: Mapping[str, Form]
    no_rows: str = ""
    where: Expression | None = None
    _done: dict[str, Expression] = field(default_factory=dict)
    _doing: list[str] = field(default_factory=list)
    _sizes: dict[int, tuple[int, int]] = field(default_factory=dict)
    _depth: int = 0

    @property
    def current(self) -> str | None:
        """The feature being read."""
        return self._doing[-1] if self._doing else None

    def feature(self, name: str, asked: Any = None) -> Expression:
        """Return the expression of the feature called ``name``, reading it when it is needed.

        Raises:
            DefinitionError: FK133 when features need each other, FK102 when it grew too large.
        """
        if name in self._done:
            return self._done[name]
        if name in self._doing:
            path = [*self._doing[self._doing.index(name) :], name]
            raise Cycle("feature", path, self.text.place(asked) if asked is not None else None)
        self._doing.append(name)
        outer, self._depth = self._depth, 0
        node = self.names.features[name]
        made = self.read(node, inside=False)
        nodes, depth = self._measured(made)
        for measure, found, most in (
            ("parts, its features written out", nodes, MOST_NODES),
            ("levels of nesting, its features written out", depth, MOST_DEEP),
        ):
            if found > most:
                raise TooComplex(measure, most, self.text.place(node))
        self._depth = outer
        self._doing.pop()
        self._done[name] = made
        return made

    def read(self, node: Any, *, inside: bool) -> Expression:
        """Return the meaning of ``node``.

        Raises:
            DefinitionError: FK113 for what the language does not have, and whatever its form says.
        """
        kind = type(node).__name__
        form = self.forms.get(kind)
        where = self.text.place(node)
        if form is None and kind in _QUERIES:
            raise ClauseRefused(
                "subquery",
                "a second query would read other rows at another moment",
                "make it a view of its own, and derive from both",
                where,
            )
        if form is None:
            shown = self.text.source_of(node)
            raise UnknownFunction(repr(shown[:40]) if shown else kind.upper(), (), where)
        self._depth += 1
        if self._depth > 4 * MOST_DEEP:
            raise TooComplex("levels of nesting", 4 * MOST_DEEP, where)
        made = form(self, node, inside=inside)
        self._depth -= 1
        return made

    def condition(self, node: Any, place: str, *, inside: bool) -> Expression:
        """Return ``node``, which must be true, false or null.

        Raises:
            DefinitionError: FK123.
        """
        made = self.read(node, inside=inside)
        if made.type.kind not in {Kind.BOOLEAN, Kind.NULL}:
            raise NotACondition(place, made.type, self.text.place(node))
        return widen(made, BOOLEAN)

    def named(self, name: Name, asked: Any, *, inside: bool) -> Expression:
        """Return the column that ``name`` means, or the feature of this cell, written out."""
        found = self.names.find(name, inside=inside, current=self.current)
        return self.feature(found.feature, asked) if isinstance(found, Reference) else found

    def _measured(self, node: Expression) -> tuple[int, int]:
        """Return how many nodes ``node`` has when written out, and how deep they stand."""
        known = self._sizes.get(id(node))
        if known:
            return known
        parts = [self._measured(child) for child in children(node)]
        size = 1 + sum(nodes for nodes, _ in parts)
        made = (size, 1 + max((depth for _, depth in parts), default=0))
        self._sizes[id(node)] = made
        return made
