"""Every aggregate that Spark can say, on a local Spark, against the fold that it means."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from spark_rows import make_table, typed_columns

from featurekit.backends.to_sql_expression import aggregate_sql
from featurekit.datatypes import BIGINT, BOOLEAN
from featurekit.ir.nodes import Aggregate, Column, Literal
from featurekit.ir.windows import AllTime
from featurekit.ops import Gap
from featurekit.ops.aggregate import BoundAggregate
from featurekit.ops.spellings import aggregate_said

sys.path.append(str(Path(__file__).parents[1] / "conformance"))

import test_aggregates as tried


def spoken(bound: BoundAggregate) -> bool:
    kinds = [kind.kind for kind in bound.arguments]
    said = aggregate_said(bound.function.name, bound.function.sql, "spark", kinds)
    return not isinstance(said, Gap)


def _arguments(bound: BoundAggregate) -> list[Column | Literal]:
    fixed = [tried._fixed(bound, place) for place in range(len(bound.arguments))]
    return [
        Column("t", f"c{n}", kind) if one is None else Literal(one[0], kind)
        for n, (kind, one) in enumerate(zip(bound.arguments, fixed, strict=True))
    ]


def _alike() -> Mapping[str, list[BoundAggregate]]:
    """Return the aggregates by their arguments: those of one entry go over the same rows."""
    found: dict[str, list[BoundAggregate]] = {}
    for bound in filter(spoken, tried.BOUND):
        given = [
            repr(a.value) if isinstance(a, Literal) else str(a.type) for a in _arguments(bound)
        ]
        found.setdefault(", ".join(given) or "no argument", []).append(bound)
    return found


ALIKE = _alike()


def _text(bound: BoundAggregate) -> str:
    node = Aggregate(bound.function.name, tuple(_arguments(bound)), AllTime(), type=bound.type)
    return aggregate_sql(node, "spark", lambda c: c.name, "now", "kept", "`row`")


def _table(spark: Any, bound: BoundAggregate, listed: Sequence[Any]) -> None:
    columns = {"row": BIGINT, "g": BIGINT, "kept": BOOLEAN}
    columns |= {f"c{n}": kind for n, kind in enumerate(bound.arguments)}
    make_table(spark, "rows", columns, tried._table(bound, listed).rows())


@pytest.mark.parametrize("kinds", ALIKE)
def test_spark_answers_a_group_as_the_fold_does(kinds: str, spark: Any) -> None:
    listed = tried._rows(ALIKE[kinds][0])
    _table(spark, ALIKE[kinds][0], listed)
    texts = ", ".join(f"{_text(bound)} AS answer{n}" for n, bound in enumerate(ALIKE[kinds]))
    query = f"SELECT g, {texts} FROM rows GROUP BY g ORDER BY g"  # noqa: S608  our own text
    _, *made = typed_columns(spark, query, [BIGINT, *(bound.type for bound in ALIKE[kinds])])
    for bound, answers in zip(ALIKE[kinds], made, strict=True):
        tried._checked(bound, listed, answers)


def test_spark_has_words_for_every_aggregate() -> None:
    assert [b.function.name for b in tried.BOUND if not spoken(b)] == []
