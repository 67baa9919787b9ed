"""Cards: what every kind of facts looks like, how large it gets, and what it can never contain."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pytest
from facts_fixtures import FACTS, PROFILE

from featurekit.notebook import cards, shape, to_html

HOSTILE = [
    "<script>alert(1)</script>",
    "</td></table><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "<style>*{display:none}</style>",
    "<svg onload=alert(1)>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;",
    "]]><script>alert(1)</script>",
    "<!-- comment",
    "--><script>alert(1)</script>",
    "a\x00b",
    "\u202egnp.exe",
    "\ufeffname",
    "line\u2028break",
    "x'); DROP TABLE features; --",
    "../../etc/passwd",
    "${alert(1)}",
    "$\\href{javascript:alert(1)}{x}$",
    "\\(x\\) \\[y\\] \\begin{equation}",
    "{{ 7 * 7 }} {% raw %}",
    "<a href='http://example.com'>x</a>",
    "<details open ontoggle=alert(1)>",
    "<plaintext>",
    "\ud83d",
    "a\r\nb\tc",
    "name" * 400,
]


class Page(HTMLParser):
    """Collects the tags and attributes of a card, and checks that tags are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.words: list[str] = []
        self.open: list[str] = []
        self.sources: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.add(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}
        self.sources += [value or "" for name, value in attrs if name == "src"]
        if tag not in {"br", "img"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the element that was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.words.append(data)

    @property
    def text(self) -> str:
        """What a reader sees."""
        return "".join(self.words)


def poisoned(found: Any, poison: str) -> Any:
    """Return ``found`` with every text (but the kind and levels) replaced by ``poison``."""
    match found:
        case str():
            return poison
        case dict():
            return {
                key: inner if key in {"kind", "level"} else poisoned(inner, poison)
                for key, inner in found.items()
            }
        case list():
            return [poisoned(inner, poison) for inner in found]
        case _:
            return found


@pytest.mark.parametrize("kind", FACTS)
def test_every_card_is_plain_html_of_at_most_ten_kilobytes(kind: str) -> None:
    html = cards.bundle(FACTS[kind])["text/html"]
    page = Page(html)
    assert len(html.encode()) <= 10_000
    assert page.open == []
    assert page.tags <= to_html.TAGS
    assert {name for _, name in page.attributes} <= to_html.ATTRIBUTES
    assert all(source.startswith("data:image/png;base64,") for source in page.sources)
    assert "var(" not in html


@pytest.mark.parametrize("kind", FACTS)
def test_every_card_has_one_line_of_text_and_json_facts(kind: str) -> None:
    bundle = cards.bundle(FACTS[kind])
    assert bundle["text/plain"]
    assert "\n" not in bundle["text/plain"]
    told = json.loads(json.dumps(bundle["application/vnd.featurekit.view+json"]))
    assert told["kind"] == kind
    assert not [key for key in told if key.startswith("_")]


@pytest.mark.parametrize("kind", FACTS)
def test_every_card_ends_with_the_next_command(kind: str) -> None:
    facts = FACTS[kind]
    for command in facts.get("next", []):
        assert Page(cards.bundle(facts)["text/html"]).text.rstrip().endswith(command)
        assert cards.text(facts).splitlines()[-1] == f"next: {command}"


@pytest.mark.parametrize("poison", HOSTILE)
def test_hostile_names_stay_text_in_every_card(poison: str) -> None:
    for kind, facts in FACTS.items():
        clean = Page(cards.bundle(facts)["text/html"])
        html = cards.bundle(poisoned(facts, poison))["text/html"]
        page = Page(html)
        assert page.open == [], kind
        assert page.tags - {"span"} <= clean.tags | to_html.TAGS, kind
        assert {name for _, name in page.attributes} <= to_html.ATTRIBUTES, kind
        assert all(source.startswith("data:image/png;base64,") for source in page.sources), kind
        assert len(html.encode()) <= 10_000, kind
        assert "\x00" not in html
        assert "\u202e" not in html


@pytest.mark.parametrize("poison", HOSTILE)
def test_hostile_names_cannot_break_the_lines_of_the_plain_text(poison: str) -> None:
    text = cards.text(poisoned(FACTS["catalog"], poison))
    assert "\x00" not in text
    assert "\r" not in text
    assert "\u2028" not in text


def test_dollars_and_backslashes_cannot_become_a_formula() -> None:
    html = cards.bundle({**FACTS["feature"], "description": "$x^2$ and \\(y\\)"})["text/html"]
    assert "<span>$</span>x^2<span>$</span>" in html
    assert "<span>\\</span>(y<span>\\</span>)" in html


def test_a_huge_card_is_cut_and_says_how_much_is_missing() -> None:
    row = FACTS["catalog"]["rows"][0]
    rows = [{**row, "feature": f"feature_{number}"} for number in range(5000)]
    html = cards.bundle({**FACTS["catalog"], "rows": rows})["text/html"]
    assert len(html.encode()) <= 10_000
    assert "4,9" in Page(html).text.partition("and ")[2]
    assert "more" in Page(html).text


def test_a_wide_view_with_long_texts_still_fits() -> None:
    facts = FACTS["feature"]
    wide = {
        **facts,
        "features": [{**facts["features"][0], "name": f"f{n}" * 20} for n in range(300)],
        "sql": "SELECT 1,\n" * 5000,
        "python": "x = 1\n" * 9000,
        "lints": [{"code": "L1", "text": "t" * 900, "fix": "f" * 900}] * 60,
        "next": ["%feature publish " + "x" * 20_000],
    }
    html = cards.bundle(wide)["text/html"]
    assert len(html.encode()) <= 10_000
    assert Page(html).open == []


def test_what_a_view_means_is_not_cut_where_its_code_is() -> None:
    columns = [f"column_{n}" for n in range(9)]
    sheet = [[f"window last_{n}d", f"[t - {n}d, t), elapsed time"] for n in range(30, 50)]
    facts = {
        **FACTS["feature"],
        "features": [{**PROFILE, "name": name} for name in columns],
        "sample": {"columns": columns, "rows": [["2024-03-25 01:01:00.000001"] * 9] * 10},
        "sql": "SELECT\n" + "\n".join(f"  SUM(amount) OVER last_{n}d AS s{n}," for n in range(20)),
        "semantics": [*sheet, ["equality", "exact, to the very last line"]],
        "python": "def generated(code: int) -> None:\n" * 200,
    }
    html = cards.bundle(facts)["text/html"]
    assert len(html.encode()) <= 10_000
    assert "exact, to the very last line" in html


def test_facts_with_nothing_but_a_kind_still_make_a_card() -> None:
    for kind in FACTS:
        bundle = cards.bundle({"kind": kind})
        assert Page(bundle["text/html"]).open == []
        assert isinstance(cards.text({"kind": kind}), str)


def test_null_is_written_null_and_is_told_from_an_empty_text() -> None:
    sample = {"columns": ["a", "b", "c"], "rows": [[None, "", "NULL"]]}
    facts = {**FACTS["feature"], "sample": sample}
    assert "NULL  ''  'NULL'" in cards.text(facts)


def test_a_diff_marks_lines_with_del_and_ins() -> None:
    page = Page(cards.bundle(FACTS["diff"])["text/html"])
    assert {"del", "ins"} <= page.tags
    assert "-   SUM(amount) OVER last_30d" in cards.text(FACTS["diff"])


def test_a_card_is_the_same_to_the_byte_each_time() -> None:
    for facts in FACTS.values():
        assert cards.bundle(facts) == cards.bundle(facts)


def test_html_that_an_untrusted_notebook_would_lose_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="does not survive"):
        to_html.element("script", "alert(1)")
    with pytest.raises(ValueError, match="does not survive"):
        to_html.element("div", "x", onclick="alert(1)")


def test_the_shape_picture_is_a_small_png_of_the_right_size() -> None:
    picture = shape.png([0, 1, 5, 10])
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert picture[16:24] == (4 * 5 - 1).to_bytes(4, "big") + (14).to_bytes(4, "big")
    assert len(shape.png(range(24))) < 300


def test_the_fullest_bin_is_a_full_bar_and_an_empty_one_is_blank() -> None:
    assert shape.blocks([0, 1, 1000]) == " ▁█"
    assert shape.blocks([]) == ""


def test_a_fix_is_never_cut_in_plain_text() -> None:
    fix = f"git -C /services/{'scoring-' * 20}service checkout -- churn_features/v1_0/views.py"
    problem = {"problem": "edited", "path": "p" * 200, "text": "edited by hand", "fix": fix}
    told = cards.text({"kind": "check", "held": False, "problems": [problem]})
    assert fix in told
    assert "p" * 200 not in told
