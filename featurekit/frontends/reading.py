"""What reading a cell takes in any language: features that use each other, and bounds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from featurekit.datatypes import BOOLEAN, Kind
from featurekit.errors import Where
from featurekit.errors.definition import TooComplex
from featurekit.errors.meaning import NotACondition
from featurekit.errors.names import Cycle
from featurekit.frontends.binding import widen
from featurekit.frontends.naming import Name, Names, Reference
from featurekit.ir.definitions import Vocabulary
from featurekit.ir.nodes import Expression, children

MOST_DEEP = 64
MOST_NODES = 5_000


@dataclass(kw_only=True)
class Reading(ABC):
    """One cell being read.

    Attributes:
        names: What names answer to.
        vocabularies: Those that VOCAB may name.
        no_rows: Why there are no rows to aggregate; empty where there are.
        where: The view's WHERE, once read.
    """

    names: Names
    vocabularies: Mapping[str, Vocabulary]
    no_rows: str = ""
    where: Expression | None = None
    _done: dict[str, Expression] = field(default_factory=dict)
    _doing: list[str] = field(default_factory=list)
    _sizes: dict[int, tuple[int, int]] = field(default_factory=dict)
    _depth: int = 0

    @abstractmethod
    def place(self, node: Any) -> Where | None:
        """Return where ``node`` stands in the author's text."""

    @abstractmethod
    def formed(self, node: Any, *, inside: bool) -> Expression:
        """Return the meaning of ``node``; ``inside`` an aggregate (or WHERE) or outside."""

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
            raise Cycle("feature", path, self.place(asked) if asked is not None else None)
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
                raise TooComplex(measure, most, self.place(node))
        self._depth = outer
        self._doing.pop()
        self._done[name] = made
        return made

    def read(self, node: Any, *, inside: bool) -> Expression:
        """Return the meaning of ``node``.

        Raises:
            DefinitionError: FK102 when it is nested too deep, and whatever its form says.
        """
        self._depth += 1
        if self._depth > 4 * MOST_DEEP:
            raise TooComplex("levels of nesting", 4 * MOST_DEEP, self.place(node))
        made = self.formed(node, inside=inside)
        self._depth -= 1
        return made

    def condition(self, node: Any, place: str, *, inside: bool) -> Expression:
        """Return ``node``, which must be true, false or null.

        Raises:
            DefinitionError: FK123.
        """
        made = self.read(node, inside=inside)
        if made.type.kind not in {Kind.BOOLEAN, Kind.NULL}:
            raise NotACondition(place, made.type, self.place(node))
        return widen(made, BOOLEAN)

    def named(self, name: Name, asked: Any, *, inside: bool) -> Expression:
        """Return what ``name`` means: a column under its rule, or a feature of this cell."""
        found = self.names.find(name, inside=inside, current=self.current)
        if isinstance(found, Reference):
            return self.feature(found.feature, asked)
        return self.names.meaning(found)

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
