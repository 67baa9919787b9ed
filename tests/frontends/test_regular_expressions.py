"""Regular expressions: what engines read alike is written anew, the rest is refused with advice."""

from __future__ import annotations

import re
import time

import duckdb
import polars as pl
import pytest
from front_scope import written
from hypothesis import given, settings
from hypothesis import strategies as st

from featurekit.errors import FeatureError
from featurekit.frontends.regular_expressions import PatternRefusedError, rewritten
from featurekit.ops.expressions import in_python

TEXTS = ("", "a", "ab", "aab", "A1_é", "é", "\n", "a\n", "b\nb", " a1b2 ", "a.b", "\\", "٣", "[x]")


@pytest.mark.parametrize(
    ("pattern", "one_form"),
    [
        (r"^\d+$", r"\A[0-9]+\z"),
        (r"\w\s\D", r"[0-9A-Z_a-z][\x09-\x0a\x0c-\x0d\x20][^0-9]"),
        ("a.c", r"a[^\x0a]c"),
        ("(?i)ab1", "[Aa][Bb]1"),
        ("(?i)[^a-c]", "[^A-Ca-c]"),
        ("(a)(b)", "(?:a)(?:b)"),
        (r"\\n", r"\x5cn"),
        (r"[\]\-x]", r"[\x2d\x5dx]"),
        ("[a-cb-d]{2,3}?", "[a-d]{2,3}?"),
        (r"(\.\d+)*", r"(?:\.[0-9]+)*"),
        ("é+", "é+"),
    ],
)
def test_a_pattern_has_one_form(pattern: str, one_form: str) -> None:
    assert rewritten(pattern).text == one_form
    assert rewritten(one_form).text == one_form


@pytest.mark.parametrize(
    "pattern",
    [
        *("(?=a)", "(?!a)", "(?<=a)", "(?<n>a)", "(?P<n>a)", "(?s)a", "a(?i)b"),
        *(r"(a)\1", r"\bword", r"\Z", r"\p{L}", r"\Q", "[[:alpha:]]", "[a&&b]", "[]a]", "[^]"),
        *("a**", "a*+", "a{2}{3}", "*a", "a{,3}", "{", "^*", "(a", "a)", "[a", "a\\", r"[\D]"),
        *("(a*)*", "(a+)+", "(a|a)*", "(a|ab)+c*", "(a*b*)+", "a{1001}", "(a{100}){100}", "[b-a]"),
        *("(?i)é", "(" * 30 + "a" + ")" * 30, r"(\.\d*\d*)*", "a?a?a?a?", ".*(?:a.*b.*)c*"),
    ],
)
def test_what_engines_read_differently_is_refused_with_what_to_write(pattern: str) -> None:
    with pytest.raises(PatternRefusedError) as refused:
        rewritten(pattern)
    assert refused.value.why
    assert refused.value.fix


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.text(st.sampled_from(r"ab1é.^$|()[]*+?{},2-\dwsnz_ "), max_size=10))
def test_what_is_accepted_is_read_alike_by_every_engine(pattern: str) -> None:
    try:
        made = rewritten(pattern).text
    except PatternRefusedError:
        return
    assert rewritten(made).text == made
    expected = [re.search(in_python(made), text) for text in TEXTS]
    first = [None if found is None else found[0] for found in expected]
    frame = pl.DataFrame({"x": TEXTS})
    assert frame.select(pl.col("x").str.extract(made, 0))["x"].to_list() == first
    rows = duckdb.execute(
        "SELECT CASE WHEN regexp_matches(x, $1) THEN regexp_extract(x, $1, 0) END "
        "FROM (SELECT unnest($2) AS x)",
        [made, list(TEXTS)],
    ).fetchall()
    assert [row[0] for row in rows] == first


@pytest.mark.parametrize("pattern", ["(a|b)*c", "[a-z]+@[a-z]+c", "(?:a{2}b)*c", r"(\.\d+)*x"])
def test_no_accepted_pattern_takes_python_ages(pattern: str) -> None:
    made = in_python(rewritten(pattern).text)
    began = time.perf_counter()
    assert not re.search(made, "aab" * 300 + ".1" * 300)
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        (r"REGEXP_MATCHES(channel, '^\d')", r"REGEXP_MATCHES(channel, '\A[0-9]')"),
        (r"REGEXP_LIKE(channel, 'a|ab')", r"REGEXP_MATCHES(channel, 'a|ab')"),
        ("REGEXP_EXTRACT(channel, 'a+')", "REGEXP_EXTRACT(channel, 'a+', 0)"),
        ("REGEXP_EXTRACT(channel, '(a)(b)', 2)", "REGEXP_EXTRACT(channel, '(?:a)(b)', 1)"),
        ("REGEXP_REPLACE(channel, 'a', 'b', 'g')", "REGEXP_REPLACE(channel, 'a', 'b')"),
    ],
)
def test_calls_have_one_canonical_text(text: str, canonical: str) -> None:
    assert written(text) == canonical


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("REGEXP_MATCHES(channel, '(?=a)')", "FK128"),
        ("REGEXP_MATCHES(channel, channel)", "FK125"),
        ("REGEXP_EXTRACT(channel, '(a)b')", "FK128"),
        ("REGEXP_EXTRACT(channel, '(a)b', 2)", "FK128"),
        ("REGEXP_EXTRACT(channel, '(a)?b', 1)", "FK128"),
        ("REGEXP_EXTRACT(channel, '(a)|b', 1)", "FK128"),
        ("REGEXP_EXTRACT(channel, 'a|ab')", "FK128"),
        ("REGEXP_REPLACE(channel, 'a*', 'b')", "FK128"),
        (r"REGEXP_REPLACE(channel, '(a)', '\1')", "FK128"),
        ("REGEXP_REPLACE(channel, '(a)', '$1')", "FK128"),
        ("REGEXP_REPLACE(channel, 'a', 'b', 'i')", "FK120"),
        ("REGEXP_MATCHES(qty, 'a')", "FK120"),
    ],
)
def test_a_call_that_engines_read_differently_is_refused(text: str, code: str) -> None:
    with pytest.raises(FeatureError) as refused:
        written(text)
    assert refused.value.code == code
    assert refused.value.fix
