"""Operators inside operators on a PostgreSQL server: names of inner steps never meet."""

from __future__ import annotations

import random
from typing import Any

import pytest
from nested_expressions import SPELLINGS, STREETS, adversarial, tried, wrong
from postgres_rows import answers, make_table

from featurekit.backends import to_sql
from featurekit.datatypes import BIGINT, VARCHAR
from featurekit.errors.definition import NoSpelling
from featurekit.ir.nodes import Column, Expression, InVocabulary

LONGEST = 40_000
COLUMNS = {"row": BIGINT} | {f"c{n}": kind for n, kind in enumerate(tried._COLUMNS)}


def text(tree: Expression) -> str | None:
    try:
        return to_sql.expression_sql(tree, "postgres", lambda c: c.name, "NULL", {})
    except NoSpelling:
        return None


@pytest.mark.parametrize("seed", [*range(12), 111, 232])
def test_nested_expressions_agree_on_postgres(seed: int, postgres: Any) -> None:
    chance = random.Random(seed)  # noqa: S311  a reproducible draw, not a secret
    roots = [kind for kind in tried._makers() if kind in tried._COLUMNS]
    grown = [tried._grown(chance, chance.choice(roots), 3, required=False) for _ in range(12)]
    trees = [tree for tree in grown if len(text(tree) or "x" * LONGEST) < LONGEST]
    rows = adversarial.rows(tried._COLUMNS, most=60, seed=seed)
    make_table(postgres, "rows", COLUMNS, [(n, *row) for n, row in enumerate(rows)])
    assert len(trees) > 3
    assert wrong(trees, rows, answers(postgres, trees)) == []


def test_a_vocabulary_knows_its_spellings_on_postgres(postgres: Any) -> None:
    make_table(postgres, "rows", {"row": BIGINT, "c0": VARCHAR}, list(enumerate(SPELLINGS)))
    (made,) = answers(postgres, [InVocabulary(Column("asked", "c0", VARCHAR), STREETS)])
    assert made == [*SPELLINGS.values()]
