"""The sentences: a closed union of typed, frozen expression nodes.

Every node is total: it has a value for every row, NULL included. Nothing here knows how an author
wrote it or which engine will run it; names of features of the same cell are already replaced by
what they stand for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from featurekit.datatypes import BIGINT, NULL, TIMESTAMP, VARCHAR, DataType
from featurekit.ir.definitions import Vocabulary
from featurekit.ir.windows import Window


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant; ``value`` is the type's Python value (see ``datatypes``) or None."""

    value: Any
    type: DataType = NULL


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a relation of the view: its source, a join, a request source, or a used view.

    Inside an aggregate it is the aggregated row's; outside one it is the asked row's: the request,
    the latest visible row of a snapshot, the scored row of a row-grain view, what that row is
    joined with, or a used view's answer (relation ``view@1.0``).
    """

    relation: str
    name: str
    type: DataType
    required: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """An operator of ``ops.OPERATORS`` applied; implicit widenings are calls, too."""

    operator: str
    arguments: tuple[Expression, ...]
    type: DataType


@dataclass(frozen=True, slots=True)
class Case:
    """The value of the first branch whose condition is true, else ``default``."""

    branches: tuple[tuple[Expression, Expression], ...]
    default: Expression
    type: DataType


@dataclass(frozen=True, slots=True)
class InVocabulary:
    """The canonical value of ``argument`` in ``vocabulary``."""

    argument: Expression
    vocabulary: Vocabulary
    type: DataType = VARCHAR


@dataclass(frozen=True, slots=True)
class AsOf:
    """The moment of asking."""

    type: DataType = TIMESTAMP


@dataclass(frozen=True, slots=True)
class Order:
    """What rows are ordered by; null comes last either way, NaN is greater than every number."""

    key: Expression
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregate of ``ops.AGGREGATES`` over the rows of ``window`` for which ``where`` is true.

    The view's own WHERE is already part of ``where``. With ``current`` the row in hand (of a view
    per row) comes after the rows of the window and counts when ``where`` is true of it, too: a
    frame that ends at CURRENT ROW. With ``order`` the rows are put in that order first, the latest
    still the last of equal ones.
    """

    function: str
    arguments: tuple[Expression, ...]
    window: Window
    where: Expression | None = None
    type: DataType = field(default=BIGINT)
    current: bool = False
    order: tuple[Order, ...] = ()


Expression = Literal | Column | Call | Case | InVocabulary | AsOf | Aggregate


def children(node: Expression) -> tuple[Expression, ...]:
    """Return the expressions directly inside ``node``, in order."""
    match node:
        case Literal() | Column() | AsOf():
            return ()
        case Call(_, arguments):
            return arguments
        case Case(branches, default):
            return (*(part for branch in branches for part in branch), default)
        case InVocabulary(argument):
            return (argument,)
        case Aggregate(_, arguments, _, where, order=order):
            parts = (*arguments, *(one.key for one in order))
            return parts if where is None else (*parts, where)


def walk(node: Expression) -> Iterator[Expression]:
    """Yield ``node`` and everything inside it, parents first."""
    yield node
    for child in children(node):
        yield from walk(child)


def walk_outside_aggregates(node: Expression) -> Iterator[Expression]:
    """Yield ``node`` and what is inside it, not going into aggregates."""
    yield node
    if not isinstance(node, Aggregate):
        for child in children(node):
            yield from walk_outside_aggregates(child)
