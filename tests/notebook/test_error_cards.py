"""The card of an error: code, place, why, fix, and the headline as its last line."""

from __future__ import annotations

import pytest
from test_cards import HOSTILE, Page

from featurekit.errors import FeatureError, Where
from featurekit.notebook import errors_card, to_html

TEXT = "SELECT\n  SUM(amout) OVER last_30d AS spend\nFROM txn"


def error(text: str = TEXT, problem: str = "source 'txn' has no column 'amout'") -> FeatureError:
    made = FeatureError(
        problem, where=Where(text, 2, 7, 5), why="it has amount", fix="SUM(amount) OVER last_30d"
    )
    made.code = "FK111"
    return made


def test_an_error_card_shows_code_lines_caret_why_fix_and_headline_last() -> None:
    text = Page(errors_card.bundle(error())["text/html"]).text
    assert "FK111" in text
    assert "   2 |   SUM(amout) OVER last_30d AS spend\n     |       ^^^^^\n" in text
    assert "why: it has amount" in text
    assert "SUM(amount) OVER last_30d" in text
    assert text.rstrip().endswith("FeatureError[FK111]: source 'txn' has no column 'amout'")


def test_the_plain_text_of_an_error_card_is_its_headline() -> None:
    bundle = errors_card.bundle(error())
    assert bundle["text/plain"] == "FeatureError[FK111]: source 'txn' has no column 'amout'"
    facts = bundle["application/vnd.featurekit.view+json"]
    assert facts["where"] == {"name": "cell", "line": 2, "column": 7}


@pytest.mark.parametrize("poison", HOSTILE)
def test_a_hostile_cell_stays_text_in_an_error_card(poison: str) -> None:
    made = error(f"SELECT\n {poison}", poison)
    made.fix = made.why = poison
    html = errors_card.bundle(made)["text/html"]
    page = Page(html)
    assert page.open == []
    assert page.tags <= to_html.TAGS
    assert {name for _, name in page.attributes} <= to_html.ATTRIBUTES
    assert len(html.encode()) <= 10_000


def test_an_error_far_along_a_long_line_keeps_its_place_in_sight() -> None:
    line = "x" * 5000 + "HERE" + "y" * 5000
    made = FeatureError("wrong", where=Where(line, 1, 5001, 4))
    text = Page(errors_card.bundle(made)["text/html"]).text
    shown, carets = [part.split("| ", 1)[1] for part in text.splitlines() if "| " in part]
    assert shown[carets.index("^") : carets.index("^") + 4] == "HERE"


@pytest.mark.parametrize("where", [None, "data/file.csv", Where("", 1, 1), Where("a", 9, 90, 9)])
def test_an_error_without_a_usual_place_still_has_a_card(where: Where | str | None) -> None:
    html = errors_card.bundle(FeatureError("wrong", where=where))["text/html"]
    assert Page(html).open == []
