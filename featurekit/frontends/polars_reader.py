"""Walks polars' own trees: each kind of node has one function, and what has none is refused.

A tree is ``Expr.meta.serialize(format="json")`` as JSON values: a text, or a dict of one key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from featurekit.errors import Where
from featurekit.errors.definition import DefinitionError
from featurekit.errors.meaning import WindowMissing
from featurekit.errors.polars import PolarsRefused
from featurekit.frontends.polars_cell import Cell
from featurekit.frontends.reading import Reading
from featurekit.ir.nodes import Expression
from featurekit.ir.windows import Window

Tree = Any
Form = Callable[["PolarsReader", Any], Expression]
"""Reads the value of a node's one key."""
Function = Callable[["Called"], Expression]
"""Reads a call of a function."""

_SPACES = {
    *("Boolean", "StringExpr", "TemporalExpr", "ListExpr", "StructExpr", "ArrayExpr"),
    *("Trigonometry", "Pow", "BinaryExpr", "CategoricalExpr", "Range", "Bitwise"),
}


@dataclass(kw_only=True)
class PolarsReader(Reading):
    """One cell in polars being read.

    Attributes:
        cell: What it says, and where each expression stands.
        time: The column of event time of the view's source, or None.
        forms: Who reads each kind of node.
        inside: Whether what is being read stands in an aggregate or a filter.
        in_hand: Whether a row is in hand when the view is asked.
        window: The window that aggregates are over here, or None.
        with_row: Whether the row in hand counts, too.
        aggregated: How many aggregates were read so far.
        meant: What each ``pl.col(...)`` and ``fk.name(...)`` was, by its word and by ``inside``.
    """

    cell: Cell
    time: str | None
    forms: Mapping[str, Form]
    inside: bool = False
    in_hand: bool = False
    window: Window | None = None
    with_row: bool = False
    aggregated: int = 0
    meant: dict[tuple[str, bool], Expression] = field(default_factory=dict)

    def place(self, node: Tree) -> Where | None:
        """Return where the expression stands whose tree is ``node``."""
        return self.cell.place(node)

    def formed(self, node: Tree, *, inside: bool) -> Expression:
        """Return the meaning of ``node``.

        Raises:
            DefinitionError: FK161 for what the language cannot carry, and whatever its form says.
        """
        kind, body = opened(node)
        outer, self.inside = self.inside, inside
        try:
            form = self.forms.get(kind)
            if form is None:
                raise PolarsRefused(kind, "the language has no such construct", "the same in SQL")
            return form(self, body)
        except DefinitionError as error:
            if error.where is None:
                error.where = self.place(node)
                if isinstance(error, WindowMissing):
                    error.fix = f'{self.cell.source_of(node)}.over("last_30d")'
            raise
        finally:
            self.inside = outer

    def feature(self, name: str, asked: Any = None) -> Expression:
        """Return the feature called ``name``, which has windows of its own."""
        outer, self.window = self.window, None
        made = super().feature(name, asked)
        self.window = outer
        return made

    def reads(self, node: Tree) -> Expression:
        """Return the meaning of ``node``, which stands where this is: in an aggregate or not."""
        return self.read(node, inside=self.inside)


@dataclass(frozen=True, slots=True)
class Called:
    """One call of a function of polars: its inputs, unread, and its options."""

    reader: PolarsReader
    trees: Sequence[Tree]
    options: Any

    def values(self, count: int | None = None) -> list[Expression]:
        """Return what the first ``count`` inputs mean, or all of them."""
        return [self.reader.reads(tree) for tree in self.trees[:count]]

    def conditions(self, place: str) -> list[Expression]:
        """Return what all inputs mean, which must be conditions."""
        inside = self.reader.inside
        return [self.reader.condition(tree, place, inside=inside) for tree in self.trees]


def opened(node: Tree) -> tuple[str, Any]:
    """Return the kind of a node and what it holds."""
    if isinstance(node, dict) and len(node) == 1:
        ((kind, body),) = node.items()
        return str(kind), body
    return str(node), None


def named_function(function: Any) -> tuple[str, Any]:
    """Return ``StringExpr.Slice`` or ``Abs`` and the options that come with it."""
    kind, options = opened(function)
    if kind in _SPACES and options is not None:
        name, inner = opened(options)
        return f"{kind}.{name}", inner
    return kind, options
