"""Operators inside operators on a PostgreSQL server: names of inner steps never meet."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

import pytest
from postgres_rows import answers, make_table

from featurekit.backends import to_sql
from featurekit.datatypes import BIGINT, VARCHAR
from featurekit.errors.definition import NoSpelling
from featurekit.ir.definitions import Unknown, Vocabulary
from featurekit.ir.nodes import Column, Expression, InVocabulary

sys.path.append(str(Path(__file__).parents[1] / "conformance"))

import adversarial
import test_expressions as tried
from targets import same

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
    found = []
    for tree, column in zip(trees, answers(postgres, trees), strict=True):
        for row, got in zip(rows, column, strict=True):
            want = tried._meaning(tree, row)
            if not same(want, got, signed_zero=False):
                found.append(f"{tried._sql(tree)[:500]} on {row!r}: {want!r}, got {got!r}")
    assert found == []


def test_a_vocabulary_knows_its_spellings_on_postgres(postgres: Any) -> None:
    words = Vocabulary(
        "street",
        (("Straße", ("STRASSE", "é")),),
        ignore_case=True,
        unknown=Unknown.BUCKET,
        bucket="another",
    )
    given = ["straße", " strasse ", "e\u0301", "É", "x", "", None]
    make_table(postgres, "rows", {"row": BIGINT, "c0": VARCHAR}, list(enumerate(given)))
    (made,) = answers(postgres, [InVocabulary(Column("asked", "c0", VARCHAR), words)])
    assert made == [*["Straße"] * 4, "another", "another", None]
