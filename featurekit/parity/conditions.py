"""Whether an invented row passes a definition's condition, by the operators' own bodies.

An edge case is worth nothing when its special row is filtered out. So rows are chosen that pass.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from featurekit.backends.to_sql_expression import folded_entries
from featurekit.ir.definitions import Source, Unknown, Vocabulary
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
)
from featurekit.ir.view import aggregates
from featurekit.ops import BY_SURFACE, OPERATORS, Nulls
from featurekit.parity.edge_joins import met
from featurekit.parity.ordinary import NOON
from featurekit.parity.rows import Row, Shape, source_row

_MOST_TRIES, _FEW_TRIES = 400, 40
Met = Mapping[str, Row]


def conditions(made: Shape, source: Source) -> tuple[Expression | None, ...]:
    """Return the different conditions under which rows of ``source`` count; None: always."""
    found: dict[str, Expression | None] = {}
    for view in made.readers:
        if view.source != source:
            continue
        for aggregate in aggregates(view):
            found.setdefault(repr(aggregate.where), aggregate.where)
        if view.looks_up:
            found.setdefault(repr(view.where), view.where)
    return tuple(found.values()) or (None,)


def passing(made: Shape, source: Source, condition: Expression | None, count: int) -> list[int]:
    """Return ``count`` numbers whose ``source_row`` passes ``condition``.

    Where too few are found among the first few hundred, other numbers fill up: such a condition
    is met by nothing that was thought of.
    """
    found: list[int] = []
    for number in range(_MOST_TRIES):
        if _passes(made, source, condition, number):
            found.append(number)
            if len(found) == count:
                break
    return [*found, *(n for n in range(_MOST_TRIES) if n not in found)][:count]


def still_passing(
    made: Shape, source: Source, condition: Expression | None, number: int, changed: Row
) -> int:
    """Return ``number``, or the next whose row passes ``condition`` with ``changed`` columns.

    Where none of a few does, ``number``.
    """
    read = () if condition is None else walk(condition)
    if not changed.keys() & {node.name for node in read if isinstance(node, Column)}:
        return number
    tried = range(number, number + _FEW_TRIES)
    return next((n for n in tried if _passes(made, source, condition, n, changed)), number)


def _passes(
    made: Shape,
    source: Source,
    condition: Expression | None,
    number: int,
    changed: Row | None = None,
) -> bool:
    row = source_row(made, source, {}, NOON, number, changed=changed)
    beside = _met(made, source, row, number)
    return condition is None or value_of(condition, row, beside) is True


def _met(made: Shape, source: Source, row: Row, number: int) -> Met:
    """Return what the row ordinarily meets in the views over ``source``, by the join's name."""
    views = (view for view in made.readers if view.source == source)
    return {n: r for view in views for n, r in met(made, view, row, {}, number).items()}


def value_of(node: Expression, row: Row, met: Met) -> Any:
    """Return what ``node`` is for ``row``; there is nothing to aggregate in a condition."""
    match node:
        case Literal(value):
            return value
        case Column(relation, name):
            return met.get(relation, row).get(name)
        case AsOf():
            return NOON
        case Case(branches, default):
            holds = (value for test, value in branches if value_of(test, row, met) is True)
            return value_of(next(holds, default), row, met)
        case InVocabulary(argument, words):
            return _canonical(value_of(argument, row, met), words)
        case Call(name, arguments):
            operator = OPERATORS[name]
            given = [value_of(argument, row, met) for argument in arguments]
            if operator.nulls is Nulls.PROPAGATE and None in given:
                return None
            return operator.body(*given)
        case Aggregate():
            return None


def _canonical(value: str | None, words: Vocabulary) -> str | None:
    if value is None:
        return None
    key = unicodedata.normalize("NFC", value).strip(" ")
    key = str(BY_SURFACE["LOWER"][0].body(key)) if words.ignore_case else key
    bucket = words.bucket if words.unknown is Unknown.BUCKET else None
    return folded_entries(words).get(key, bucket)
