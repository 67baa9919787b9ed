"""Operators inside operators on a server: what they should answer, and a vocabulary's spellings."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from featurekit.ir.definitions import Unknown, Vocabulary
from featurekit.ir.nodes import Expression

sys.path.append(str(Path(__file__).parents[1] / "conformance"))

import adversarial
import test_expressions as tried
from targets import same

__all__ = ["SPELLINGS", "STREETS", "adversarial", "tried", "wrong"]

STREETS = Vocabulary(
    "street",
    (("Straße", ("STRASSE", "é")),),
    ignore_case=True,
    unknown=Unknown.BUCKET,
    bucket="another",
)
SPELLINGS = {
    "straße": "Straße",
    " strasse ": "Straße",
    "e\u0301": "Straße",
    "É": "Straße",
    "x": "another",
    "": "another",
    None: None,
}
"""What is written, and what of ``STREETS`` it is."""


def wrong(
    trees: Sequence[Expression], rows: Sequence[Sequence[Any]], made: Iterable[Sequence[Any]]
) -> list[str]:
    """Return where the answers to ``trees``, a column each, are not what they should be."""
    found = []
    for tree, column in zip(trees, made, strict=True):
        for row, got in zip(rows, column, strict=True):
            want = tried._meaning(tree, row)
            if not same(want, got, signed_zero=False):
                found.append(f"{tried._sql(tree)[:500]} on {row!r}: {want!r}, got {got!r}")
    return found
