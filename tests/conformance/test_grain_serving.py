"""Rows in hand, frames, as-of joins and refreshes: what a package serves equals what they mean.

Events are fed as they arrive, each question between them at its moment, so that the store forgets
in the meantime what it may forget.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import pytest
from grain_cases import SPINE_FIELDS, Case, cases, meant
from grain_data import Rows, frame, shop, spine

from featurekit.export.package import Described, PackageSpec
from featurekit.export.render import render
from featurekit.ir.definitions import FeatureSet, Member
from featurekit.ir.view import View
from featurekit.parity.compare import answers, disagreement
from featurekit.parity.edges import derived_cases
from featurekit.parity.prove import prove_cases, served_answers
from featurekit.parity.rows import shape
from featurekit.parity.samples import sampled_cases, sampled_questions
from featurekit.parity.serve import Served
from featurekit.parity.vectors import CASE, Train, expected
from featurekit.parity.vectors import frame as typed_frame
from featurekit.training.oracle import naive

CASES = {case.name: case for case in cases()}


def package(case: Case) -> dict[str, str]:
    """Return the package that answers every feature of a case."""
    members = tuple(
        Member(view.name, reference.partition("@")[2], tuple(f.name for f in view.features))
        for reference, view in case.views.items()
    )
    views = {reference: Described(view) for reference, view in case.views.items()}
    return render(PackageSpec(FeatureSet("grain", members), "1.0", "0", views, "0.1.0", ""))


def served(case: Case, rows: Mapping[str, Rows], asked: Rows) -> tuple[Served, ...]:
    """Return the package's answers to ``asked``, fed with ``rows`` as they arrive."""
    sources = {name: frame(rows[name], source.fields) for name, source in case.sources.items()}
    questions = frame(asked, SPINE_FIELDS)
    return served_answers(
        shape(case.wanted, case.views), package(case), questions, sources, "asked_at"
    )


def dated(case: Case, asked: Rows) -> Rows:
    """Return the questions that can be asked: a package wants a moment, a row in hand need not."""
    by_row = all(view.scores_rows for view in case.views.values())
    return asked if by_row else [row for row in asked if row["asked_at"] is not None]


def differences(case: Case, given: tuple[Served, ...], wanted: Rows) -> list[str]:
    """Return one line for each answer that is not the one that is meant."""
    found = []
    for answer, row in zip(given, wanted, strict=True):
        if answer.error is not None:
            found.append(answer.error)
            continue
        for column in answers(case.wanted, case.views):
            meant_, got = row[column.column], answer.values[column.column]
            if why := disagreement(meant_, got, column):
                where = f"{column.column} of {row['customer']} at {row['at']} / {row['asked_at']}"
                found.append(f"{where}: {why}: got {got!r}, means {meant_!r}")
            if (answer.status[column.column] == "PRESENT") != (got is not None):
                found.append(f"{column.column} is {got!r} and {answer.status[column.column]}")
    return found


@pytest.mark.parametrize("name", CASES)
def test_a_package_answers_what_is_meant(name: str) -> None:
    case, rows = CASES[name], shop()
    asked = dated(case, spine(rows["payments"]))
    found = differences(case, served(case, rows, asked), meant(case, rows, asked))
    assert found == []


def by_meaning(case: Case) -> Train:
    """Return the training path that is the oracle, each case among its own rows."""

    def train(
        views: Mapping[str, View], asked: pl.DataFrame, rows: Mapping[str, pl.DataFrame], time: str
    ) -> pl.DataFrame:
        own: dict[int, dict[str, Rows]] = {
            number: {name: [] for name in rows} for number in asked[CASE].to_list()
        }
        for name, table in rows.items():
            for row in table.to_dicts():
                own[row[CASE]][name].append(row)
        made = [
            answer
            for question in asked.to_dicts()
            for answer in naive([question], case.wanted, views, own[question[CASE]], time)
        ]
        columns = {answer.column: answer.type for answer in answers(case.wanted, case.views)}
        return typed_frame(made, columns)

    return train


@pytest.mark.parametrize("name", CASES)
def test_every_edge_case_of_a_package_is_answered_as_it_is_meant(name: str) -> None:
    case = CASES[name]
    made = shape(case.wanted, case.views)
    edges = derived_cases(made)
    report = prove_cases(made, package(case), edges, by_meaning(case))
    assert [(worst.asked["case"], worst.difference) for worst in report.worst] == []
    assert report.held
    told = expected(edges, made, by_meaning(case))
    for wanted in case.wanted:
        different = {repr(row[wanted.column]) for row in told}
        assert len(different) > 1, f"{wanted.column} is always {different}"


@pytest.mark.parametrize("name", ["row_with_2", "joined_twice", "joined_row", "joined_request"])
def test_questions_are_drawn_from_rows_and_answered_on_those_around_them(name: str) -> None:
    case, rows = CASES[name], shop()
    made = shape(case.wanted, case.views)
    sources = {n: frame(rows[n], source.fields) for n, source in case.sources.items()}
    requests = {"checkout": pl.DataFrame({"amount": [1.0, None, 2.5]})}
    asked, time = sampled_questions(made, sources, requests, 60)
    assert len(asked) == 60
    drawn = sampled_cases(made, asked, time, sources)
    report = prove_cases(made, package(case), drawn, by_meaning(case))
    assert [(worst.asked["case"], worst.difference) for worst in report.worst] == []
    told = expected(drawn, made, by_meaning(case))
    for wanted in case.wanted:
        different = {repr(row[wanted.column]) for row in told}
        assert len(different) > 1, f"{wanted.column} is always {different}"
