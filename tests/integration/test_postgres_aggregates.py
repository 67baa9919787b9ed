"""Every aggregate that PostgreSQL can say, on a real server, against the fold that it means."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from postgres_rows import make_table, typed

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
    said = aggregate_said(bound.function.name, bound.function.sql, "postgres", kinds)
    return not isinstance(said, Gap)


UNTRIED: set[str] = set()
SPOKEN = [name for name, bound in zip(tried.IDS, tried.BOUND, strict=True) if spoken(bound)]


@pytest.mark.parametrize("name", SPOKEN)
def test_postgres_answers_a_group_as_the_fold_does(name: str, postgres: Any) -> None:
    bound = tried.BOUND[tried.IDS.index(name)]
    listed = tried._rows(bound)
    columns = {"row": BIGINT, "g": BIGINT, "kept": BOOLEAN}
    columns |= {f"c{n}": kind for n, kind in enumerate(bound.arguments)}
    make_table(postgres, "rows", columns, tried._table(bound, listed).rows())
    fixed = [tried._fixed(bound, place) for place in range(len(bound.arguments))]
    arguments = tuple(
        Column("t", f"c{n}", kind) if one is None else Literal(one[0], kind)
        for n, (kind, one) in enumerate(zip(bound.arguments, fixed, strict=True))
    )
    node = Aggregate(bound.function.name, arguments, AllTime(), type=bound.type)
    text = aggregate_sql(node, "postgres", lambda c: c.name, "now", "kept", '"row"')
    query = f"SELECT {text} AS answer FROM rows GROUP BY g ORDER BY g"  # noqa: S608  our own text
    answers = [row[0] for row in typed(postgres, query, [bound.type])]
    tried._checked(bound, listed, answers)


def test_only_these_aggregates_are_not_tried_yet() -> None:
    """They are refused, not guessed."""
    assert {b.function.name for b in tried.BOUND if not spoken(b)} <= UNTRIED
