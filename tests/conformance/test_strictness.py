"""Strict views: a null is outside of the contract exactly where all that was read has a value.

For each operator the reference's body says which rows that are; for views of every kind training
does, and the package says the same, question by question, as it does without strictness.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import adversarial
import pytest
from grain_cases import SPINE_FIELDS, Case, cases
from grain_data import frame, shop, spine
from samples import Sample, samples
from targets import call, reference
from test_aggregates import BOUND
from test_aggregates import _rows as groups_of
from test_grain_serving import dated, served

from featurekit.export.package import Described, PackageSpec
from featurekit.export.render import render
from featurekit.ir.definitions import FeatureSet, Field, Member, Source, SourceKind
from featurekit.ir.nodes import Expression
from featurekit.ir.view import Feature, Grain, View
from featurekit.ops import AGGREGATES, OPERATORS
from featurekit.parity.serve import Interface, Served, serve_here
from featurekit.training.engines import run
from featurekit.training.reporting import reported
from featurekit.training.sources import open_source

NAMES = sorted(OPERATORS)
MOMENT = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
CASES = {case.name: case for case in cases()}


def rendered(fields: Sequence[Field], features: Mapping[str, Expression]) -> dict[str, str]:
    """Return the package of a strict view over requests."""
    source = Source("asked", SourceKind.REQUEST, tuple(fields))
    made = tuple(Feature(name, node) for name, node in features.items())
    view = View("v", Grain.ROW, made, source, requests=(source,), strict=True)
    members = (Member("v", "1.0", tuple(features)),)
    spec = PackageSpec(
        FeatureSet("s", members), "1.0", "0", {"v@1.0": Described(view)}, "0.1.0", ""
    )
    return render(spec)


def statuses(sample: Sample, rows: Sequence[tuple[Any, ...]]) -> Iterator[tuple[str, str]]:
    """Yield, row by row, the status that a package says and the one that is meant."""
    fields = [Field(f"c{n}", kind) for n, kind in enumerate(sample.columns)]
    interface = Interface({}, {}, {field.name: field.type for field in fields})
    lines = [
        interface.question({}, {f"c{n}": value for n, value in enumerate(row)}, MOMENT)
        for row in rows
    ]
    given = serve_here(rendered(fields, {"f": call(sample)}), interface, lines).answers
    for row, answer, meant in zip(rows, given, reference(sample, rows), strict=True):
        assert answer.error is None, (row, answer.error)
        made = "NULL" if None in row else "OUTSIDE_CONTRACT"
        yield answer.status["v__f"], "PRESENT" if meant is not None else made


@pytest.mark.parametrize("name", NAMES)
def test_a_null_that_an_operator_makes_of_values_is_outside_of_the_contract(name: str) -> None:
    came: set[str] = set()
    for sample in samples(name)[:4]:
        rows = [row for row in adversarial.rows(sample.columns, most=120) if _sendable(row)]
        pairs = list(statuses(sample, rows))
        assert [pair for pair in pairs if pair[0] != pair[1]] == [], str(sample)
        came |= {status for status, _ in pairs}
    if not OPERATORS[name].makes_null_of_values:
        assert "OUTSIDE_CONTRACT" not in came


def test_the_table_says_which_aggregates_make_null_of_rows_with_values() -> None:
    made: dict[str, bool] = {}
    for bound in BOUND:
        whole = (rows for rows in groups_of(bound) if any(None not in row for row in rows))
        null = any(bound.function.fold(rows) is None for rows in whole)
        made[bound.function.name] = made.get(bound.function.name, False) or null
    assert made == {name: row.makes_null for name, row in AGGREGATES.items()}


def _sendable(row: Sequence[Any]) -> bool:
    """Whether every value can be part of a question: text without halves of characters."""
    return not any(isinstance(v, str) and not v.isprintable() for v in row)


def strictly(case: Case) -> Case:
    """Return the same views, strict."""
    return replace(case, views={r: replace(view, strict=True) for r, view in case.views.items()})


def asked_and_served(case: Case) -> tuple[list[dict[str, Any]], tuple[Served, ...]]:
    rows = shop()
    asked = dated(case, spine(rows["payments"]))
    return asked, served(case, rows, asked)


@pytest.mark.parametrize("name", CASES)
def test_training_counts_the_nulls_that_serving_says_are_outside(name: str) -> None:
    case = strictly(CASES[name])
    asked, strict = asked_and_served(case)
    _, plain = asked_and_served(CASES[name])
    rows = shop()
    data = {
        n: open_source(source, Path(), frame(rows[n], source.fields))
        for n, source in case.sources.items()
    }
    table = frame(asked, SPINE_FIELDS)
    made = run("polars", table, case.wanted, case.views, data, time="asked_at")
    told = reported("polars", made, table, case.wanted, case.views, data, time="asked_at").report
    assert told.causes is not None
    assert {answer.error for answer in (*strict, *plain)} == {None}
    for one in case.wanted:
        said = [answer.status[one.column] for answer in strict]
        before = [answer.status[one.column] for answer in plain]
        assert said.count("OUTSIDE_CONTRACT") == told.causes[one.column].outside, one.column
        assert told.causes[one.column].made == 0
        changed = {(b, s) for b, s in zip(before, said, strict=True) if b != s}
        assert {s for _, s in changed} <= {"OUTSIDE_CONTRACT"}
        assert {b for b, _ in changed} <= {"NULL", "NOT_FOUND"}
    assert [a.values for a in strict] == [a.values for a in plain]
