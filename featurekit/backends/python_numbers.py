"""Which expressions are the same, and which of them are needed more than once."""

from __future__ import annotations

from collections.abc import Iterable

from featurekit.ir.nodes import (
    Aggregate,
    AsOf,
    Call,
    Case,
    Column,
    Expression,
    InVocabulary,
    Literal,
    children,
)
from featurekit.ops import OPERATORS


class Numbers:
    """Gives equal expressions the same number; -0.0 and 0.0 differ, as they do in division."""

    def __init__(self) -> None:
        self._by_identity: dict[int, tuple[Expression, int]] = {}
        self._by_content: dict[object, int] = {}

    def of(self, node: Expression) -> int:
        """Return the number of ``node``."""
        if found := self._by_identity.get(id(node)):
            return found[1]
        inner = tuple(self.of(child) for child in children(node))
        if isinstance(node, Call) and OPERATORS[node.operator].commutes:
            inner = tuple(sorted(inner))
        number = self._by_content.setdefault((_head(node), inner), len(self._by_content))
        self._by_identity[id(node)] = (node, number)
        return number


def _head(node: Expression) -> str:
    match node:
        case Literal(value, kind):
            return f"literal {kind} {value!r}"
        case Column(relation, name):
            return f"column {relation!r} {name!r}"
        case Call(operator):
            return f"call {operator}"
        case Case(branches):
            return f"case {len(branches)}"
        case InVocabulary(_, vocabulary):
            return f"vocabulary {vocabulary!r}"
        case AsOf():
            return "as of"
        case Aggregate(function, arguments, window, where):
            order = [one.descending for one in node.order]
            rows = f"{window!r} {where is None} {node.current} {order}"
            return f"{function} {len(arguments)} {rows}"


def used_often(roots: Iterable[Expression], numbers: Numbers) -> set[int]:
    """Return the numbers of what occurs in more than one place below ``roots``."""
    count: dict[int, int] = {}
    seen: set[int] = set()
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        number = numbers.of(node)
        count[number] = count.get(number, 0) + 1
        if number not in seen and not isinstance(node, Aggregate):
            seen.add(number)
            waiting += children(node)
    return {number for number, times in count.items() if times > 1}
