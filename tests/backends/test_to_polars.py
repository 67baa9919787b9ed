"""Expressions of the language in polars: typed constants, branches, vocabularies, refusals."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from featurekit.backends.to_polars import expression, polars_type
from featurekit.datatypes import BIGINT, BOOLEAN, DATE, DOUBLE, TIMESTAMP, VARCHAR, decimal
from featurekit.errors.definition import NoSpelling
from featurekit.ir.definitions import Unknown, Vocabulary
from featurekit.ir.nodes import (
    Aggregate,
    AsOf,
    Call,
    Case,
    Column,
    Expression,
    InVocabulary,
    Literal,
)
from featurekit.ir.windows import AllTime
from featurekit.ops import OPERATORS, Gap

AS_OF = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)


def answers(node: Expression, **columns: list[Any]) -> pl.Series:
    rows = pl.DataFrame(columns).with_columns(at=pl.lit(AS_OF, pl.Datetime("us", "UTC")))
    made = expression(node, lambda c: pl.col(c.name), pl.col("at"), {})
    return rows.with_columns(answer=made)["answer"]


@pytest.mark.parametrize(
    ("node", "dtype"),
    [
        (Literal(value=True, type=BOOLEAN), pl.Boolean),
        (Literal(7, BIGINT), pl.Int64),
        (Literal(0.5, DOUBLE), pl.Float64),
        (Literal(Decimal("1.50"), decimal(10, 2)), pl.Decimal(10, 2)),
        (Literal("a", VARCHAR), pl.String),
        (Literal(dt.date(2024, 2, 29), DATE), pl.Date),
        (Literal(AS_OF, TIMESTAMP), pl.Datetime("us", "UTC")),
    ],
)
def test_a_constant_has_its_type_whether_it_is_null_or_not(node: Literal, dtype: Any) -> None:
    found = answers(node, x=[1, 2])
    assert found.dtype == dtype == polars_type(node.type)
    assert found.to_list() == [node.value] * 2
    null = answers(Literal(None, node.type), x=[1])
    assert (null.dtype, null.to_list()) == (dtype, [None])


def test_a_case_takes_the_first_true_branch_and_null_is_not_true() -> None:
    node = Case(
        (
            (Column("r", "p", BOOLEAN), Literal("first", VARCHAR)),
            (Column("r", "q", BOOLEAN), Literal("second", VARCHAR)),
        ),
        Literal("neither", VARCHAR),
        VARCHAR,
    )
    found = answers(node, p=[True, None, False, None], q=[True, True, True, None])
    assert found.to_list() == ["first", "second", "second", "neither"]


def test_the_moment_of_asking_is_an_instant() -> None:
    assert answers(AsOf(), x=[1]).to_list() == [AS_OF]


def test_an_aggregate_is_what_was_computed_for_it() -> None:
    node = Aggregate("count_rows", (), AllTime())
    made = expression(
        Call("add_double", (node, node), DOUBLE),
        lambda c: pl.col(c.name),
        pl.lit(0),
        {node: pl.col("n")},
    )
    assert pl.DataFrame({"n": [1.5]}).select(made).item() == 3.0


COUNTRIES = Vocabulary(
    "country",
    (("Germany", ("Deutschland", "DE")), ("US", ("USA", "United States"))),
    ignore_case=True,
)
SPELLINGS = ["usa", " United States ", "deutschland", "US", "France", "", None, "Deutschl\u0061nd"]


@pytest.mark.parametrize(
    ("unknown", "bucket", "other"),
    [(Unknown.NULL, None, None), (Unknown.BUCKET, "other", "other"), (Unknown.OUTSIDE, None, None)],
)
def test_spellings_become_the_canonical_value(
    unknown: Unknown, bucket: str | None, other: Any
) -> None:
    words = Vocabulary(
        "country", COUNTRIES.entries, ignore_case=True, unknown=unknown, bucket=bucket
    )
    found = answers(InVocabulary(Column("r", "x", VARCHAR), words), x=SPELLINGS)
    assert found.to_list() == ["US", "US", "Germany", "US", other, other, None, "Germany"]


def test_case_counts_unless_the_vocabulary_ignores_it() -> None:
    words = Vocabulary("country", COUNTRIES.entries)
    found = answers(InVocabulary(Column("r", "x", VARCHAR), words), x=["usa", "USA"])
    assert found.to_list() == [None, "US"]


def test_composed_and_decomposed_letters_are_one_spelling() -> None:
    words = Vocabulary("city", (("K\u00f6ln", ("Cologne",)),))
    found = answers(InVocabulary(Column("r", "x", VARCHAR), words), x=["Ko\u0308ln", "Cologne"])
    assert found.to_list() == ["K\u00f6ln", "K\u00f6ln"]


def test_a_vocabulary_without_entries_knows_nothing() -> None:
    words = Vocabulary("none", (), unknown=Unknown.BUCKET, bucket="?")
    assert answers(InVocabulary(Column("r", "x", VARCHAR), words), x=["a", None]).to_list() == [
        "?",
        None,
    ]


def test_an_operator_without_a_spelling_is_refused_with_its_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = OPERATORS["add_double"]
    monkeypatch.setitem(vars(row), "polars", Gap("this engine rounds it"))
    with pytest.raises(NoSpelling) as refused:
        answers(Call("add_double", (Literal(1.0, DOUBLE), Literal(2.0, DOUBLE)), DOUBLE), x=[1])
    assert (refused.value.code, refused.value.why) == ("FK190", "this engine rounds it")
    assert "add_double" in refused.value.problem
