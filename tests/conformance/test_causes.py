"""Why answers are null is told for every kind of view, and adds up to the nulls there are."""

from __future__ import annotations

from pathlib import Path

import pytest
from grain_cases import SPINE_FIELDS, Case, cases
from grain_data import frame, shop, spine

from featurekit.training.engines import run
from featurekit.training.reporting import reported
from featurekit.training.sources import open_source


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_the_causes_add_up_to_the_nulls(case: Case) -> None:
    rows = shop()
    data = {
        name: open_source(source, Path(), frame(rows[name], source.fields))
        for name, source in case.sources.items()
    }
    asked = frame(spine(rows["payments"]), SPINE_FIELDS)
    made = run("polars", asked, case.wanted, case.views, data, time="asked_at")
    found = reported("polars", made, asked, case.wanted, case.views, data, time="asked_at").report
    assert found.causes is not None
    told = {
        name: one.no_row + one.too_old + one.in_data + one.made
        for name, one in found.causes.items()
    }
    assert told == {column.column: column.nulls for column in found.columns}
