"""Operators inside operators on a local Spark: names of inner steps never meet."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

import pytest
from spark_rows import Trial, answers

from featurekit.backends import to_sql
from featurekit.datatypes import VARCHAR
from featurekit.errors.definition import NoSpelling
from featurekit.ir.definitions import Unknown, Vocabulary
from featurekit.ir.nodes import Column, Expression, InVocabulary

sys.path.append(str(Path(__file__).parents[1] / "conformance"))

import adversarial
import test_expressions as tried
from targets import same

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
    found = []
    for tree, column in zip(trees, made, strict=True):
        for row, got in zip(rows, column, strict=True):
            want = tried._meaning(tree, row)
            if not same(want, got, signed_zero=False):
                found.append(f"{tried._sql(tree)[:500]} on {row!r}: {want!r}, got {got!r}")
    assert found == []


def test_a_vocabulary_knows_its_spellings_on_spark(spark: Any) -> None:
    words = Vocabulary(
        "street",
        (("Straße", ("STRASSE", "é")),),
        ignore_case=True,
        unknown=Unknown.BUCKET,
        bucket="another",
    )
    given = ["straße", " strasse ", "e\u0301", "É", "x", "", None]
    known = InVocabulary(Column("asked", "c0", VARCHAR), words)
    (((*made,),),) = answers(spark, [Trial([VARCHAR], [(text,) for text in given], [known])])
    assert made == [*["Straße"] * 4, "another", "another", None]
