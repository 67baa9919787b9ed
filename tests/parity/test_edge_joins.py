"""What is special in a case is not hidden by rows that are there for another view."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "export"))
sys.path.insert(0, str(Path(__file__).parents[1] / "conformance"))

from rule_cases import ruled_cases
from sample_packages import GRAINS, package, shop_views

from featurekit.export.python_plan import plan
from featurekit.ir.windows import MICROSECOND
from featurekit.parity.edges import derived_cases
from featurekit.parity.rows import Case, Shape

HOUR = dt.timedelta(hours=1)


def cases_of(shape: Shape) -> dict[str, Case]:
    """Return the edge cases by name."""
    return {case.name: case for case in derived_cases(shape)}


@pytest.fixture(scope="module")
def whole() -> dict[str, Case]:
    """The cases of look-ups and joins of one source, some only by their schedule's last refresh."""
    planned = plan(package({**shop_views(), **shop_views(*GRAINS)}, "whole"))
    return cases_of(Shape(planned.wanted, planned.views))


@pytest.fixture(scope="module")
def ruled() -> dict[str, Case]:
    """The cases of several views that join the same source."""
    views = {ref: view for one in ruled_cases() for ref, view in one.ruled.views.items()}
    planned = plan(package(views, "rules"))
    return cases_of(Shape(planned.wanted, planned.views))


@pytest.mark.parametrize(
    ("word", "age"), [("exactly", 6 * HOUR), ("1 us more than", 6 * HOUR + MICROSECOND)]
)
def test_nothing_is_met_behind_what_is_too_old(
    whole: dict[str, Case], word: str, age: dt.timedelta
) -> None:
    case = whole[f"weather: it is {word} 6h old at the row of payments, wind is '10.0', above"]
    row = max(case.history["payments"], key=lambda row: row["happened"])
    met = [one for one in case.history["weather"] if one["city"] == row["city"]]
    assert [row["happened"] - one["hour"] for one in met] == [age]


def test_nothing_is_met_behind_it_though_another_view_joins_the_source(
    ruled: dict[str, Case],
) -> None:
    case = ruled["regions: it is 1 us more than 2d old at the row of customers"]
    row = max(case.history["customers"], key=lambda row: row["moved"])
    (met,) = [one for one in case.history["regions"] if one["region"] == row["region"]]
    assert row["moved"] - met["since"] == 48 * HOUR + MICROSECOND


def test_the_only_row_of_a_look_up_is_the_only_one_though_others_join_it(
    whole: dict[str, Case],
) -> None:
    case = whole["weather: the only row is exactly 6h old"]
    assert {case.as_of - row["hour"] for row in case.history["weather"]} == {6 * HOUR}


def test_a_null_that_a_condition_reads_is_in_a_row_that_passes_it(ruled: dict[str, Case]) -> None:
    case = ruled["customers.active is null"]
    rows = [row for row in case.history["customers"] if row["active"] is None]
    assert any(row["region"] == "north" for row in rows)


@pytest.mark.parametrize(("arriving", "later"), [("first", 0), ("last", 1)])
def test_a_joined_row_is_corrected_before_it_is_met(
    ruled: dict[str, Case], arriving: str, later: int
) -> None:
    title = "merchants: a row is corrected before the row of payments, the correction arriving"
    rows = ruled[f"{title} {arriving}"].history["merchants"][-2:]
    assert len({(row["since"], row["line"]) for row in rows}) == 1
    assert len({row["fee"] for row in rows}) == 2
    assert max(rows, key=lambda row: row["told"]) == rows[later]


@pytest.mark.parametrize(
    "name",
    [
        "weather: it begins 1 us before the row of payments, 300000000 us late",
        "weather: it begins exactly at the row in hand, wind is '10.0', above",
        "weather: customer_id is null in the row in hand, wind is '10.0', above",
    ],
)
def test_each_way_to_ask_a_join_has_cases(whole: dict[str, Case], name: str) -> None:
    assert name in whole


def test_the_rows_of_a_refreshed_window_are_known_at_its_refresh(whole: dict[str, Case]) -> None:
    window = "last_3_rows, refreshed daily 02:30 Europe/London"
    case = whole[
        f"payments: only the oldest of one row more than the rows of {window} has values (nightly)"
    ]
    rows = [row for row in case.history["payments"] if row["happened"] < case.as_of - 13 * HOUR]
    assert [row["amount"] is None for row in rows] == [True, True, True, False]
