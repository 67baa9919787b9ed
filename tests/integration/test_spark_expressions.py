"""Operators inside operators on a local Spark: names of inner steps never meet."""

from __future__ import annotations

import random
from typing import Any

import pytest
from nested_expressions import SPELLINGS, STREETS, adversarial, tried, wrong
from spark_rows import Trial, answers

from featurekit.backends import to_sql
from featurekit.datatypes import VARCHAR
from featurekit.errors.definition import NoSpelling
from featurekit.ir.nodes import Column, Expression, InVocabulary

LONGEST = 10_000
TREES = 12


def _short(tree: Expression) -> bool:
    try:
        text = to_sql.expression_sql(tree, "spark", lambda c: c.name, "NULL", {})
    except NoSpelling:
        return False
    return len(text) < LONGEST


@pytest.mark.parametrize("seed", range(12))
def test_nested_expressions_agree_on_spark(seed: int, spark: Any) -> None:
    chance = random.Random(seed)  # noqa: S311  a reproducible draw, not a secret
    roots = [kind for kind in tried._makers() if kind in tried._COLUMNS]
    grown = [tried._grown(chance, chance.choice(roots), 3, required=False) for _ in range(TREES)]
    trees = [tree for tree in grown if _short(tree)]
    rows = adversarial.rows(tried._COLUMNS, most=60, seed=seed)
    assert len(trees) > 3
    (made,) = answers(spark, [Trial(tried._COLUMNS, rows, trees)])
    assert wrong(trees, rows, made) == []


def test_a_vocabulary_knows_its_spellings_on_spark(spark: Any) -> None:
    known = InVocabulary(Column("asked", "c0", VARCHAR), STREETS)
    (((*made,),),) = answers(spark, [Trial([VARCHAR], [(text,) for text in SPELLINGS], [known])])
    assert made == [*SPELLINGS.values()]
