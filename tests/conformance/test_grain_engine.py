"""Rows in hand, frames, as-of joins and refresh schedules: the engine against the oracle."""

from __future__ import annotations

from pathlib import Path

import pytest
from grain_cases import SPINE_FIELDS, Case, cases, meant
from grain_data import Rows, frame, shop, spine

from featurekit.ops.bounds import agree
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
