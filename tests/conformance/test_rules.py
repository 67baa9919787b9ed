"""A rule means the same in training, in every engine and in serving: what its author would do."""

from __future__ import annotations

import pytest
from grain_cases import different
from rule_cases import Ruled, answered, rows_and_questions, ruled_cases
from test_grain_engine import trained
from test_grain_query import answered as queried
from test_grain_serving import by_meaning, dated, differences, package, served

from featurekit.parity.edges import derived_cases
from featurekit.parity.prove import prove_cases
from featurekit.parity.rows import shape
from featurekit.parity.vectors import expected
from featurekit.training.oracle import naive

CASES = ruled_cases()


@pytest.fixture(params=CASES, ids=lambda one: one.ruled.name)
def one(request: pytest.FixtureRequest) -> Ruled:
    found: Ruled = request.param
    return found


def test_the_oracle_answers_as_if_each_column_were_made_right_first(one: Ruled) -> None:
    rows, asked = rows_and_questions()
    made = naive(asked, one.ruled.wanted, one.ruled.views, rows, "asked_at")
    meant = one.meant(rows, asked)
    assert different(one.ruled, made, meant) == []
    for wanted in one.ruled.wanted:
        assert len({repr(row[wanted.column]) for row in meant}) > 1, wanted.column


def test_polars_answers_as_if_each_column_were_made_right_first(one: Ruled) -> None:
    rows, asked = rows_and_questions()
    made = trained(one.ruled, rows, asked, "asked_at").frame.to_dicts()
    assert different(one.ruled, made, one.meant(rows, asked)) == []


def test_the_query_answers_as_if_each_column_were_made_right_first(one: Ruled) -> None:
    rows, asked = rows_and_questions()
    assert different(one.ruled, queried(one.ruled, rows, asked), one.meant(rows, asked)) == []


def test_a_package_answers_as_if_each_column_were_made_right_first(one: Ruled) -> None:
    rows, asked = rows_and_questions()
    asked = dated(one.ruled, answered(one.ruled, asked))
    given = served(one.ruled, rows, asked)
    assert differences(one.ruled, given, one.meant(rows, asked)) == []


def test_a_package_refuses_exactly_the_questions_that_a_rule_refuses(one: Ruled) -> None:
    rows, asked = rows_and_questions()
    asked = dated(one.ruled, asked)
    let_in = {id(row) for row in answered(one.ruled, asked)}
    for row, answer in zip(asked, served(one.ruled, rows, asked), strict=True):
        refused = answer.error is not None and answer.error.endswith("[not_allowed]")
        assert refused == (id(row) not in let_in), (row, answer)


def test_every_edge_of_a_rule_is_answered_as_it_is_meant(one: Ruled) -> None:
    made = shape(one.ruled.wanted, one.ruled.views)
    edges = derived_cases(made)
    report = prove_cases(made, package(one.ruled), edges, by_meaning(one.ruled))
    assert [(worst.asked["case"], worst.difference) for worst in report.worst] == []
    told = expected(edges, made, by_meaning(one.ruled))
    for wanted in one.ruled.wanted:
        assert len({repr(row[wanted.column]) for row in told}) > 1, wanted.column
