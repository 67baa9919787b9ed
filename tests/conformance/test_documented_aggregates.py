"""Aggregates in Snowflake's and BigQuery's words: read in their grammar, evaluated by DuckDB."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import test_aggregates as tried
from documented import DIALECTS, Stand, column

from featurekit import datatypes as types
from featurekit.backends.to_sql_expression import aggregate_sql
from featurekit.errors import FeatureError
from featurekit.ir.nodes import Aggregate, Column, Literal
from featurekit.ir.windows import AllTime
from featurekit.ops import AGGREGATES, Gap
from featurekit.ops.aggregate import BoundAggregate
from featurekit.ops.bounds import agree, compared
from featurekit.ops.spellings import aggregate_said

DEFECTS: dict[str, dict[str, str]] = {
    "snowflake": {},
    "bigquery": {"sum_decimal": "BIGNUMERIC becomes a DECIMAL of 38 digits"},
}
"""What sqlglot's translation, or DuckDB, does otherwise than the engine's documentation says."""


def _said(dialect: str, bound: BoundAggregate) -> str | Gap:
    kinds = [kind.kind for kind in bound.arguments]
    return aggregate_said(bound.function.name, bound.function.sql, dialect, kinds)


CASES = [
    pytest.param(dialect, bound, id=f"{dialect}-{name}")
    for dialect in DIALECTS
    for name, bound in zip(tried.IDS, tried.BOUND, strict=True)
]


@pytest.fixture(scope="module")
def stands() -> Iterator[dict[str, Stand]]:
    """One DuckDB a dialect."""
    made = {dialect: Stand(dialect) for dialect in DIALECTS}
    yield made
    for stand in made.values():
        stand.close()


def _node(bound: BoundAggregate) -> Aggregate:
    fixed = [tried._fixed(bound, place) for place in range(len(bound.arguments))]
    arguments = tuple(
        Column("t", f"c{n}", kind) if one is None else Literal(one[0], kind)
        for n, (kind, one) in enumerate(zip(bound.arguments, fixed, strict=True))
    )
    return Aggregate(bound.function.name, arguments, AllTime(), type=bound.type)


def _text(dialect: str, bound: BoundAggregate) -> str:
    return aggregate_sql(_node(bound), dialect, lambda c: c.name, "now", "kept", "g * 0 + row")


def wrong(dialect: str, bound: BoundAggregate, stand: Stand) -> list[str]:
    """Return one line a group whose answer is not the fold's, or why there is none."""
    function = bound.function
    listed = [group for group in tried._rows(bound) if not tried._too_long(bound, group)]
    stand.table("given", tried._table(bound, listed))
    text = f"SELECT {_text(dialect, bound)} AS answer FROM given GROUP BY g ORDER BY g"  # noqa: S608  the spelling under test
    try:
        _, made = stand.rows(text)
    except Exception as error:  # noqa: BLE001  what DuckDB does not do is told from what differs by the list
        return [str(error)]
    answers = column([row[0] for row in made], bound.type)
    return [
        f"{str(group)[:200]}: expected {meant!r}, got {got!r}"
        for group, got in zip(listed, answers, strict=True)
        if not agree(function.bound, compared(function, group), meant := function.fold(group), got)
    ]


@pytest.mark.parametrize(("dialect", "bound"), CASES)
def test_an_aggregate_means_the_same_or_is_refused(
    dialect: str, bound: BoundAggregate, stands: dict[str, Stand]
) -> None:
    gap = _said(dialect, bound)
    if isinstance(gap, Gap):
        with pytest.raises(FeatureError) as refused:
            _text(dialect, bound)
        assert refused.value.code == "FK190"
        assert refused.value.why == gap.why
        return
    found = wrong(dialect, bound, stands[dialect])
    if bound.function.name in DEFECTS[dialect]:
        assert found, "it differs no more: strike it off the list"
    else:
        assert found == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_people_count_with_is_said(dialect: str) -> None:
    plain = ("count_rows", "count_distinct", "sum_double", "avg_double", "max_double", "last")
    for name in (*plain, "sum_bigint", "stddev_samp", "string_agg", "bool_or"):
        assert not isinstance(aggregate_said(name, AGGREGATES[name].sql, dialect, ()), Gap), name
    asked = Aggregate("count_rows", (), AllTime(), type=types.BIGINT)
    text = aggregate_sql(asked, dialect, lambda c: c.name, "now", "kept AND late", "row")
    assert text == "COUNT(CASE WHEN kept AND late THEN 1 END)"
