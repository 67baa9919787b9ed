"""Whether all that an answer rests on has a value: a null that is answered then was made.

What a feature reads are the columns outside of its aggregates, the moment of asking and the
aggregates. An aggregate without an answer has values when some row that it counts has one in every
column that its arguments read: a deviation of one row, a sum past 64 bits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import reduce

from featurekit.datatypes import BIGINT, BOOLEAN
from featurekit.ir.nodes import (
    Aggregate,
    AsOf,
    Call,
    Case,
    Column,
    Expression,
    InVocabulary,
    Literal,
    walk,
    walk_outside_aggregates,
)
from featurekit.ops import AGGREGATES, OPERATORS


def reads(expression: Expression) -> tuple[Column | AsOf | Aggregate, ...]:
    """Return what ``expression`` reads, each once, in order of first use."""
    nodes = walk_outside_aggregates(expression)
    return tuple(dict.fromkeys(n for n in nodes if isinstance(n, Column | AsOf | Aggregate)))


def every_row(node: Aggregate) -> Aggregate:
    """Return how many rows ``node`` counts."""
    return replace(node, function="count_rows", arguments=(), type=BIGINT, order=())


def rows_with_values(node: Aggregate) -> Aggregate:
    """Return how many rows that ``node`` counts have a value in every column it aggregates."""
    columns = [part for a in node.arguments for part in walk(a) if isinstance(part, Column)]
    tests = [_known(column) for column in dict.fromkeys(columns)]
    where = _all([*([node.where] if node.where else []), *tests])
    return replace(every_row(node), where=where)


def made_where(expression: Expression) -> Expression | None:
    """Return the condition under which a null of ``expression`` was made; None: under none.

    It is asked where ``expression`` is null: what always has a value is not asked, nor an aggregate
    that is the whole expression.
    """
    if not any(map(_makes_null, walk_outside_aggregates(expression))):
        return None
    tests: list[Expression] = []
    for node in reads(expression):
        if isinstance(node, Aggregate) and _makes_null(node):
            seen = Call("gt", (rows_with_values(node), Literal(0, BIGINT)), BOOLEAN)
            own = node == expression
            tests.append(seen if own else Call("or", (_known(node), seen), BOOLEAN))
        elif not isinstance(node, Aggregate) or AGGREGATES[node.function].null_on_empty:
            tests.append(_known(node))
    return _all(tests) or Literal(value=True, type=BOOLEAN)


def _makes_null(node: Expression) -> bool:
    """Whether ``node`` can be null although what stands in it has a value."""
    match node:
        case Call(operator):
            return OPERATORS[operator].makes_null_of_values
        case Aggregate(function, arguments):
            inside = (part for argument in arguments for part in walk(argument))
            return AGGREGATES[function].makes_null or any(map(_makes_null, inside))
        case Literal(value):
            return value is None
        case Case() | InVocabulary():
            return True
        case _:
            return False


def _known(node: Expression) -> Expression:
    return Call("is_not_null", (node,), BOOLEAN)


def _all(parts: Iterable[Expression]) -> Expression | None:
    every = list(parts)
    return reduce(lambda a, b: Call("and", (a, b), BOOLEAN), every) if every else None
