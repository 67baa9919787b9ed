"""The builder's cell: the text a person would write, and nothing that can break out of it."""

from __future__ import annotations

import shlex

import pytest
from test_cards import HOSTILE

from featurekit.notebook.cell_text import (
    Choices,
    Line,
    cell_text,
    quoted,
    read_choices,
    suggested_name,
)

SPEND = Line("spend_30d", "SUM", "amount", "last_30d", "status = 'settled'")


def test_a_choice_is_written_as_the_cell_a_person_would_write() -> None:
    choices = Choices(
        "customer_spend",
        "transactions",
        "events",
        "customer",
        "risk@example.com",
        (SPEND, Line("orders", "COUNT(*)", "", "calendar_7d")),
    )
    assert cell_text(choices) == (
        "%%feature customer_spend --from transactions --entity customer --owner risk@example.com\n"
        "SELECT\n"
        "  SUM(amount) FILTER (WHERE status = 'settled') OVER last_30d AS spend_30d,\n"
        "  COUNT(*) OVER calendar_7d AS orders\n"
        "FROM transactions"
    )


def test_a_request_is_answered_per_row_and_a_value_has_no_window() -> None:
    choices = Choices("v", "scoring", "request", "", "a@example.com", (Line("a", "value", "x"),))
    assert cell_text(choices) == (
        "%%feature v --from scoring --per row --owner a@example.com\nSELECT\n  x AS a\nFROM scoring"
    )


def test_strictness_is_a_word_of_the_header_and_never_a_text() -> None:
    found = {"view": "v", "source": "scoring", "owner": "a@example.com", "strict": True}
    line = "%%feature v --from scoring --per row --owner a@example.com --strict\n"
    assert cell_text(read_choices(found, "request")).startswith(line)
    wrong = read_choices({**found, "strict": "yes"}, "request")
    assert "--strict" not in cell_text(wrong)


def test_names_that_are_words_of_sql_are_quoted() -> None:
    assert [quoted(name) for name in ("amount", "order", "order total", 'a"b', "2x")] == [
        "amount",
        '"order"',
        '"order total"',
        '"a""b"',
        '"2x"',
    ]


def test_a_feature_without_a_name_is_named_after_its_choices() -> None:
    assert suggested_name(Line("", "SUM", "amount", "last_30d")) == "amount_sum_last_30d"
    assert suggested_name(Line("", "COUNT(*)", "x", "all_time")) == "count_all_time"
    assert suggested_name(Line("", "COUNT DISTINCT", "2nd id", "today")) == (
        "f_2nd_id_count_distinct_today"
    )


@pytest.mark.parametrize("poison", HOSTILE)
def test_a_hostile_name_stays_one_word_of_the_line_and_one_name_of_the_text(poison: str) -> None:
    line = Line("x", "SUM", poison, "last_30d")
    text = cell_text(Choices(poison, poison, "events", poison, poison, (line,)))
    header, _, body = text.partition("\n")
    words = shlex.split(header)
    flat = " ".join(poison.split())
    assert words == ["%%feature", flat, "--from", flat, "--entity", flat, "--owner", flat]
    assert f"  SUM({quoted(poison)}) OVER last_30d AS x" in body


def test_what_a_browser_sends_besides_text_is_dropped() -> None:
    found = read_choices(
        {"view": 7, "source": " t ", "lines": [{"aggregate": "SUM", "column": None}, "x", 3]},
        "events",
    )
    assert found == Choices(source="t", lines=(Line(aggregate="SUM"),))
    assert read_choices({"lines": "SUM"}, "events") == Choices()


def test_what_is_to_be_predicted_is_a_label_cell() -> None:
    line = {"name": "gone", "aggregate": "expression", "expression": "COUNT(*) OVER next_30d = 0"}
    found = {"view": "churned", "source": "t", "entity": "c", "owner": "a@example.com"}
    more = {"label": True, "strict": True, "ahead": "30d", "lines": [line]}
    assert cell_text(read_choices(found | more, "events")) == (
        "%%label churned --from t --entity c --owner a@example.com\n"
        "SELECT\n  COUNT(*) OVER next_30d = 0 AS gone\nFROM t"
    )
    told = cell_text(read_choices(found | more, "snapshot")).partition("\n")[0]
    assert told == "%%label churned --from t --entity c --owner a@example.com --ahead 30d"
    assert cell_text(read_choices({**found, "label": "yes"}, "events")).startswith("%%feature")
