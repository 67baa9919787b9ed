"""Rows in hand, frames, as-of joins and refresh schedules: the engine against the oracle."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from grain_cases import SPINE_FIELDS, Case, cases, meant
from grain_data import Rows, frame, shop, spine
from grain_random import random_case
from window_cases import VARIANTS, Variant, events, every_aggregate, numbers, typed
from window_cases import view as window_view

from featurekit.ir.view import Feature, Grain, View
from featurekit.ops import AGGREGATES, AggregateFunction
from featurekit.ops.bounds import agree
from featurekit.training.oracle import naive
from featurekit.training.sets import TrainingSet, training_set
from featurekit.training.sources import open_source


def trained(case: Case, rows: dict[str, Rows], asked: Rows, time: str | None) -> TrainingSet:
    """Return the engine's training set."""
    data = {
        name: open_source(source, Path(), frame(rows[name], source.fields))
        for name, source in case.sources.items()
    }
    questions = frame(asked, SPINE_FIELDS)
    return training_set(questions, case.wanted, case.views, data, time=time)


def differences(case: Case, rows: dict[str, Rows], asked: Rows) -> list[str]:
    """Return where the engine says something else than the oracle.

    The numbers are few and multiples of 1/4, so that sums are exact in whatever order.
    """
    made = trained(case, rows, asked, "asked_at").frame.to_dicts()
    found = []
    for number, (got, want) in enumerate(zip(made, meant(case, rows, asked), strict=True)):
        for column in [wanted.column for wanted in case.wanted]:
            if not agree("exact", [], got[column], want[column]):
                text = f"{column} of question {number}"
                found.append(f"{text}: got {got[column]!r}, means {want[column]!r}")
    return found


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_the_engine_answers_what_the_oracle_means(case: Case) -> None:
    rows = shop()
    assert differences(case, rows, spine(rows["payments"])) == []


@pytest.mark.parametrize("seed", range(60))
def test_any_views_together_are_answered_as_they_are_meant(seed: int) -> None:
    rows = shop(seed)
    assert differences(random_case(seed), rows, spine(rows["payments"])) == []


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: v.name)
def test_every_aggregate_counts_the_row_in_hand(variant: Variant) -> None:
    rows = events(3, wild=variant.wild)
    made = [v for row in every_aggregate() for v in [per_row(row, variant)] if v.features]
    views = {f"{view.name}@1.0": view for view in made}
    case = Case(variant.name, views)
    data = {"events": open_source(variant.source, Path(), typed(rows, variant.source))}
    asked = typed(rows[:15], variant.source)
    answers = training_set(asked, case.wanted, views, data, time=None).frame.to_dicts()
    means = naive(asked.to_dicts(), case.wanted, views, {"events": rows}, None)
    found = []
    for wanted in case.wanted:
        bound = AGGREGATES[wanted.view_name]
        for got, want in zip(answers, means, strict=True):
            own = [row for row in rows if row["customer"] == want["customer"]]
            values = numbers(bound, wanted.feature, own)
            both = got[wanted.column], want[wanted.column]
            if not agree(bound.bound, values, *both) and not steep(bound, *both):
                found.append((wanted.column, *both))
    assert found == []


def steep(row: AggregateFunction, one: object, other: object) -> bool:
    """Whether two slopes differ by 1e-9 of themselves: less than their bound over their window.

    The values above are those of all windows, whose times lie further apart.
    """
    slopes = isinstance(one, float) and isinstance(other, float) and row.bound == "slope"
    return slopes and math.isclose(one, other, rel_tol=1e-9)


def per_row(row: AggregateFunction, variant: Variant) -> View:
    """Return the aggregate over frames that end at the row in hand."""
    windows = ("last_2h", "last_1d", "last_2_rows", "all_time")
    one = window_view(row, variant, windows)
    features = tuple(
        Feature(f.name, replace(f.expression, current=True))  # type: ignore[type-var]  # an aggregate
        for f in one.features
    )
    return replace(one, grain=Grain.ROW, features=features)
