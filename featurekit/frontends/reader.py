"""Walks one SQL cell: each form of the tree has one function, and what has none is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from featurekit.errors import Where
from featurekit.errors.definition import ClauseRefused
from featurekit.errors.names import UnknownFunction
from featurekit.frontends.reading import Reading
from featurekit.frontends.sql_parser import Text
from featurekit.frontends.window_clauses import Rows
from featurekit.ir.nodes import Expression

_QUERIES = {"Select", "Subquery", "Exists", "Union", "Except", "Intersect"}


class Form(Protocol):
    """Reads one kind of node; ``inside`` says whether it stands in an aggregate or WHERE."""

    def __call__(self, reader: Reader, node: Any, *, inside: bool) -> Expression:
        """Return what the node means."""


@dataclass(kw_only=True)
class Reader(Reading):
    """One SQL cell being read.

    Attributes:
        text: The author's text.
        forms: The kinds of nodes that exist, and who reads each.
        rows: The rows that frames run over.
        whole_division: Whether ``/`` between integers truncates, as the text's dialect has it.
    """

    text: Text
    forms: Mapping[str, Form]
    rows: Rows
    whole_division: bool = False

    def place(self, node: Any) -> Where | None:
        """Return where ``node`` stands: a call by its name, anything else from end to end."""
        return self.text.place(node)

    def formed(self, node: Any, *, inside: bool) -> Expression:
        """Return the meaning of ``node``.

        Raises:
            DefinitionError: FK113 for what the language does not have, and whatever its form says.
        """
        kind = type(node).__name__
        form = self.forms.get(kind)
        if form is not None:
            return form(self, node, inside=inside)
        where = self.place(node)
        if kind in _QUERIES:
            raise ClauseRefused(
                "subquery",
                "a second query would read other rows at another moment",
                "make it a view of its own, and derive from both",
                where,
            )
        shown = self.text.source_of(node)
        raise UnknownFunction(repr(shown[:40]) if shown else kind.upper(), (), where)
