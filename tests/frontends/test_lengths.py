"""A suggested window or length never changes what was written into something else."""

from __future__ import annotations

import pytest

from featurekit.errors.names import UnknownWindow
from featurekit.frontends.lengths import length_meant, window_meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("last_7days", "last_7d"),
        ("lst_7d", "last_7d"),
        ("last_90_minutes", "last_90m"),
        ("last7d", "last_7d"),
        ("last_20rows", "last_20_rows"),
        ("last_7days_before_1week", "last_7d_before_1w"),
        ("calender_3mo", "calendar_3mo"),
        ("calendar_3months", "calendar_3mo"),
        ("mont_to_date", "month_to_date"),
        ("ytd", "year_to_date"),
    ],
)
def test_another_spelling_of_a_window_is_recognised(written: str, meant: str) -> None:
    assert window_meant(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        "last_1mo",
        "last_3months",
        "last_1y",
        "last_7",
        "last_0d",
        "last_1_5d",
        "last_7d_before_2mo",
        "calendar_1m",
        "calendar_1y",
        "calendar_6h",
        "day_to_date",
        "quarter_to_date",
        "yesterday",
        "next_1mo",
        "monday",
    ],
)
def test_a_window_of_doubtful_meaning_is_never_guessed(written: str) -> None:
    assert window_meant(written) == ""
    error = UnknownWindow(written, window_meant(written), None)
    assert "did you mean" not in error.problem
    assert "calendar_3mo" in error.fix


@pytest.mark.parametrize(
    ("written", "meant"),
    [("3 hours", "3h"), ("90 min", "90m"), ("2weeks", "2w"), ("a week", ""), ("1 month", "")],
)
def test_another_spelling_of_a_length_is_recognised(written: str, meant: str) -> None:
    assert length_meant(written) == meant
