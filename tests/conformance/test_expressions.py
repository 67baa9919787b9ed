"""Operators inside operators: random typed expressions mean the same in every target.

What this tries beyond single operators: parentheses in SQL, nulls that travel, branches that
engines evaluate although they are not taken, and inlining, naming and folding in Python.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import cache
from typing import Any

import adversarial
import pytest
from samples import Sample, samples
from targets import Duck, Row, frame, generated, in_polars, in_python, same

from featurekit import datatypes as types
from featurekit.backends import to_sql
from featurekit.datatypes import DataType
from featurekit.ir.nodes import Call, Case, Column, Expression, Literal
from featurekit.ops import OPERATORS, Gap, Nulls

_COLUMNS = (
    *(types.BOOLEAN, types.BIGINT, types.BIGINT, types.DOUBLE, types.DOUBLE, types.VARCHAR),
    *(types.DATE, types.TIMESTAMP, types.decimal(10, 2), types.decimal(38, 10)),
)
_TREES = 10
_DEEPEST = 3
_LONGEST_SQL = 5_000


@cache
def _makers() -> Mapping[DataType, list[Sample]]:
    """Return, for each type, the signatures of exact operators that answer it."""
    found: dict[DataType, list[Sample]] = {}
    for name, operator in sorted(OPERATORS.items()):
        if operator.ulps or isinstance(operator.polars, Gap):
            continue
        for sample in samples(name):
            if set(sample.columns) <= set(_COLUMNS):
                found.setdefault(sample.result, []).append(sample)
    return found


def _grown(chance: random.Random, wanted: DataType, depth: int, *, required: bool) -> Expression:
    """Return a random expression of type ``wanted``; constants are branches of a CASE only.

    (Other constants are tried by ``test_operators``; a condition that is constant meets a defect of
    polars 2.1: a column of one row.)
    """

    def grown(kind: DataType) -> Expression:
        return _grown(chance, kind, depth - 1, required=required)

    def branch() -> Expression:
        if chance.random() < 0.3:
            return Literal(chance.choice(adversarial.values(wanted)), wanted)
        return grown(wanted)

    makers = _makers().get(wanted)
    places = [place for place, kind in enumerate(_COLUMNS) if kind == wanted]
    if depth == 0 or not makers or chance.random() < 0.2:
        return Column("asked", f"c{chance.choice(places)}", wanted, required)
    if chance.random() < 0.15:
        return Case(((grown(types.BOOLEAN), branch()),), branch(), wanted)
    sample = chance.choice(makers)
    arguments = tuple(
        grown(argument)
        if isinstance(argument, DataType)
        else Literal(argument[0], types.VARCHAR if isinstance(argument[0], str) else types.BIGINT)
        for argument in sample.arguments
    )
    return Call(sample.operator.name, arguments, wanted)


def _meaning(node: Expression, row: Row) -> Any:
    match node:
        case Literal(value):
            return value
        case Column(_, name):
            return row[int(name[1:])]
        case Call(operator, arguments):
            given = [_meaning(argument, row) for argument in arguments]
            rule = OPERATORS[operator]
            null = rule.nulls is Nulls.PROPAGATE and None in given
            return None if null else rule.body(*given)
        case Case(branches, default):
            for condition, value in branches:
                if _meaning(condition, row) is True:
                    return _meaning(value, row)
            return _meaning(default, row)
    raise AssertionError(node)


@pytest.mark.parametrize("seed", range(14))
@pytest.mark.parametrize("required", [False, True])
def test_nested_expressions_agree_in_every_target(seed: int, *, required: bool, duck: Duck) -> None:
    chance = random.Random(seed)  # noqa: S311  a reproducible draw, not a secret
    roots = [kind for kind in _makers() if kind in _COLUMNS]
    trees = [
        _grown(chance, chance.choice(roots), _DEEPEST, required=required) for _ in range(_TREES)
    ]
    trees = [tree for tree in trees if len(_sql(tree)) <= _LONGEST_SQL]
    rows = adversarial.rows(_COLUMNS, most=60, seed=seed)
    if required:
        rows = [row for row in rows if None not in row]
    table = frame(_COLUMNS, rows)
    duck.table(table)
    expected = [[_meaning(tree, row) for row in rows] for tree in trees]
    answers = {
        "python": in_python(generated(trees, _COLUMNS, required=required), len(trees), rows),
        "polars": in_polars(trees, table),
        "duckdb": duck.answers(trees),
    }
    found = [
        f"{target} {_sql(tree)[:2000]} on {row!r}: expected {one!r}, got {other!r}"
        for target, got in answers.items()
        for tree, want, column in zip(trees, expected, got, strict=True)
        for row, one, other in zip(rows, want, column, strict=True)
        if not same(one, other, signed_zero=False)
    ]
    assert not found, "\n".join([f"{len(found)} differ", *found[:4]])


def _sql(tree: Expression) -> str:
    return to_sql.expression_sql(tree, "duckdb", lambda c: c.name, "NULL", {})
