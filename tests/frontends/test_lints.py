"""Each rule says what may surprise, and stays silent where nothing does."""

from __future__ import annotations

import dataclasses

import pytest
from front_scope import read

from featurekit.frontends import row_lints
from featurekit.frontends.lints import RULES, lint, page
from featurekit.frontends.remarks import Lint
from featurekit.frontends.row_lints import Seen, lint_rows


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("CASE WHEN qty > 1 THEN qty END", "no branch of its CASE holds"),
        ("amount / NULLIF(qty, 0)", "NULLIF(qty, 0) is null"),
        ("VOCAB(channel, country)", "country does not know a category"),
        ("CASE WHEN qty > 1 THEN qty ELSE 0 END", ""),
        ("amount / qty", ""),
    ],
)
def test_a_null_that_is_written_into_a_strict_view_is_remarked_on(text: str, said: str) -> None:
    for strict in (True, False):
        view = read(f"SELECT {text} AS x", "scoring", strict=strict)
        found = [one.text for one in lint(view) if one.code == "FKL12"]
        expected = [f"x is outside of the contract where {said}"] if strict and said else []
        assert found == expected


def codes(text: str, source: str = "txn") -> list[str]:
    return [found.code for found in lint(read(text, source))]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("FKL01", "SELECT SUM(qty) OVER last_30d AS s"),
        ("FKL01", "SELECT 1 + SUM(qty) OVER last_30d AS s"),
        ("FKL02", "SELECT LAST(status) OVER last_30d AS s"),
        ("FKL02", "SELECT COUNT(*) OVER last_20_rows AS n"),
        ("FKL03", "SELECT COUNT(*) OVER all_time AS n"),
        ("FKL03", "SELECT TIME_SINCE_FIRST('hour') OVER all_time AS h"),
        ("FKL04", "SELECT AVG(qty) OVER last_7d = AVG(qty) OVER last_30d AS same"),
        ("FKL04", "SELECT COUNT(*) FILTER (WHERE amount IN (0.1, 0.2)) OVER last_7d AS n"),
        ("FKL05", "SELECT COALESCE(SUM(amount * 2) OVER last_30d, 0) AS s"),
        ("FKL06", "SELECT COUNT(*) OVER last_7_rows AS n_7d"),
        ("FKL06", "SELECT COUNT(*) OVER last_7_rows AS few_days"),
        ("FKL08", "SELECT COUNT(DISTINCT status) OVER all_time AS n"),
        ("FKL08", "SELECT MEDIAN(qty) OVER all_time_before_7d AS m"),
        ("FKL11", "SELECT COUNT(*) FILTER (WHERE ok) OVER last_20_rows AS n"),
    ],
)
def test_what_may_surprise_is_said(code: str, text: str) -> None:
    assert code in codes(text)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("FKL01", "SELECT COALESCE(SUM(qty) OVER last_30d, 0) AS s"),
        ("FKL01", "SELECT COUNT(*) OVER last_30d AS n"),
        ("FKL02", "SELECT MAX(status) OVER last_30d AS s"),
        ("FKL03", "SELECT COUNT(*) OVER last_365d AS n"),
        ("FKL03", "SELECT LAG(qty, 1) OVER all_time AS n"),
        ("FKL03", "SELECT LAST(status) OVER all_time AS s"),
        ("FKL03", "SELECT TIME_SINCE_LAST('hour') OVER all_time AS h"),
        ("FKL04", "SELECT COUNT(*) FILTER (WHERE amount = 0) OVER last_7d AS n"),
        ("FKL04", "SELECT COUNT(*) FILTER (WHERE qty = 3) OVER last_7d AS n"),
        ("FKL05", "SELECT SUM(price) OVER last_30d AS s"),
        ("FKL05", "SELECT SUM(CAST(amount AS DECIMAL(18, 2))) OVER last_30d AS s"),
        ("FKL06", "SELECT COUNT(*) OVER last_7d AS n_7d"),
        ("FKL06", "SELECT COUNT(*) OVER last_7_rows AS recent_daylight"),
        ("FKL08", "SELECT COUNT(DISTINCT status) OVER last_365d AS n"),
        ("FKL08", "SELECT SUM(qty) OVER all_time AS n"),
        ("FKL11", "SELECT COUNT(*) OVER last_20_rows AS n"),
    ],
)
def test_what_surprises_nobody_is_not_said(code: str, text: str) -> None:
    assert code not in codes(text)


def test_a_look_up_without_a_tie_breaker_is_remarked_and_one_with_is_not() -> None:
    view = read("SELECT country FROM customers", "customers")
    assert [found.code for found in lint(view)] == ["FKL02"]
    assert view.source is not None
    numbered = dataclasses.replace(view, source=dataclasses.replace(view.source, tie="score"))
    assert lint(numbered) == ()


def test_a_remark_says_which_feature_and_what_to_write() -> None:
    text = "SELECT SUM(amount) FILTER (WHERE ok) OVER last_30d AS spend_30d"
    assert lint(read(text)) == (
        Lint(
            "FKL01",
            "spend_30d is NULL, not 0, when last_30d has no rows",
            "COALESCE(SUM(amount) FILTER (WHERE ok) OVER last_30d, 0)",
        ),
        Lint(
            "FKL05",
            "amount looks like money and is summed as a float",
            "SUM(CAST(amount AS DECIMAL(18, 2))) OVER last_30d",
        ),
    )


def test_rows_that_tie_with_a_scored_one_are_remarked_where_rows_are_aggregated() -> None:
    scored = read("SELECT COUNT(*) OVER last_7d AS n FROM txn", per="row")
    (found,) = lint_rows(scored, Seen(tied=1234))
    assert found.code == "FKL07"
    assert "1,234 rows of txn share their event_time" in found.text
    assert lint_rows(scored, Seen()) == ()
    assert lint_rows(read("SELECT qty AS q FROM txn", per="row"), Seen(tied=1234)) == ()


def test_very_many_rows_of_one_entity_are_remarked() -> None:
    view = read("SELECT COUNT(*) OVER last_7d AS n FROM txn")
    (found,) = lint_rows(view, Seen(kept=250_000))
    assert (found.code, "250,000 rows of txn" in found.text) == ("FKL09", True)
    assert lint_rows(view, Seen(kept=9_000)) == ()


def test_a_join_that_matches_seldom_is_remarked() -> None:
    view = read("SELECT MAX(fee) OVER today AS x FROM txn LEFT JOIN merchants USING (merchant_id)")
    (found,) = lint_rows(view, Seen(matched=(("merchants", 0.634),)))
    assert (found.code, "63% of the rows found a row of merchants" in found.text) == ("FKL10", True)
    assert "AS OF REQUEST" in found.fix
    assert lint_rows(view, Seen(matched=(("merchants", 0.95),))) == ()


def test_a_joined_snapshot_without_a_tie_breaker_is_remarked() -> None:
    view = read("SELECT MAX(fee) OVER today AS x FROM txn LEFT JOIN merchants USING (merchant_id)")
    assert [(one.code, one.fix) for one in lint(view)] == [
        ("FKL02", "%source merchants ... --tie COLUMN")
    ]


def test_a_sum_that_holds_the_row_in_hand_is_never_of_nothing() -> None:
    text = "SELECT SUM(qty){} OVER (ROWS 3 PRECEDING) AS s FROM txn"
    found = [lint(read(text.format(kept), per="row")) for kept in ("", " FILTER (WHERE ok)")]
    assert [["FKL01" in {one.code for one in some}] for some in found] == [[False], [True]]


@pytest.mark.parametrize("code", [*RULES, *row_lints.RULES])
def test_the_docstring_of_a_rule_is_its_page(code: str) -> None:
    first, _, rest = page(code).partition("\n")
    assert first.startswith(f"{code}: ")
    assert len(rest) > 100


def test_there_is_no_page_for_a_rule_that_is_none() -> None:
    assert page("FKL99") == ""
