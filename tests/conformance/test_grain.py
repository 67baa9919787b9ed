"""The shared cases exercise what they are there for, and the oracle says what the text says."""

from __future__ import annotations

import datetime as dt

import pytest
from grain_cases import Case, cases, meant
from grain_data import shop, spine

from featurekit.ir.schedules import parse_schedule, refreshed, schedule_name
from featurekit.ir.windows import MICROSECOND, to_micros


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_every_answer_of_a_case_differs_between_questions(case: Case) -> None:
    rows = shop()
    answers = meant(case, rows, spine(rows["payments"]))
    for wanted in case.wanted:
        different = {repr(row[wanted.column]) for row in answers}
        assert len(different) > 1, f"{wanted.column} is always {different}"


@pytest.mark.parametrize(
    ("text", "asked", "answered"),
    [
        ("every 15m", "2024-03-10T06:59:59.999999+00:00", "2024-03-10T06:45:00+00:00"),
        ("every 15m", "2024-03-10T07:00:00+00:00", "2024-03-10T07:00:00+00:00"),
        # 02:30 is skipped on 10 March in New York: 03:30 summer time
        ("daily 02:30 America/New_York", "2024-03-10T07:29:59+00:00", "2024-03-09T07:30:00+00:00"),
        ("daily 02:30 America/New_York", "2024-03-10T07:30:00+00:00", "2024-03-10T07:30:00+00:00"),
        # 01:30 comes twice on 3 November: the first counts
        ("daily 01:30 America/New_York", "2024-11-03T05:30:00+00:00", "2024-11-03T05:30:00+00:00"),
        ("daily 01:30 America/New_York", "2024-11-03T06:30:00+00:00", "2024-11-03T05:30:00+00:00"),
        ("weekly monday 00:00 UTC", "2024-03-10T23:59:59+00:00", "2024-03-04T00:00:00+00:00"),
        ("daily 02:00 UTC", "9999-12-31T23:59:59+00:00", "9999-12-31T02:00:00+00:00"),
        (
            "daily 21:00 America/New_York",
            "9999-12-31T23:59:59+00:00",
            "9999-12-31T02:00:00+00:00",
        ),
        ("daily 02:00 UTC", "0001-01-02T01:00:00+00:00", "0001-01-01T02:00:00+00:00"),
        ("daily 02:00 UTC", "0001-01-01T01:00:00+00:00", "0001-01-01T00:00:00+00:00"),
        # the 29th had begun for a minute in St John's when the clock went back to the 28th
        (
            "daily 00:00 America/St_Johns",
            "2006-10-29T02:45:00+00:00",
            "2006-10-29T02:30:00+00:00",
        ),
        ("every 6h", "1969-12-31T23:00:00+00:00", "1969-12-31T18:00:00+00:00"),
    ],
)
def test_a_schedule_answers_with_its_last_refresh(text: str, asked: str, answered: str) -> None:
    schedule = parse_schedule(text)
    assert schedule is not None
    assert schedule_name(schedule) == text
    found = refreshed(to_micros(dt.datetime.fromisoformat(asked)), schedule)
    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    assert epoch + found * MICROSECOND == dt.datetime.fromisoformat(answered)


@pytest.mark.parametrize("text", ["every 7m", "daily 25:00 UTC", "weekly 02:00 UTC", "", "hourly"])
def test_what_is_no_schedule_is_none(text: str) -> None:
    assert parse_schedule(text) is None
