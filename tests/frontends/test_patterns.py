"""LIKE, ILIKE and POSITION ... IN: what authors write, and the one form it becomes."""

from __future__ import annotations

import pytest
from front_scope import written

from featurekit.errors import FeatureError


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("channel LIKE 'web%'", "channel LIKE 'web%'"),
        ("channel NOT LIKE '_'", "NOT (channel LIKE '_')"),
        ("NOT channel LIKE '_'", "NOT (channel LIKE '_')"),
        ("channel LIKE '100!%' ESCAPE '!'", r"channel LIKE '100\%' ESCAPE '\'"),
        ("channel LIKE 'a!!b' ESCAPE '!'", "channel LIKE 'a!b'"),
        (r"channel LIKE 'a\b!_' ESCAPE '!'", r"channel LIKE 'a\\b\_' ESCAPE '\'"),
        (r"channel LIKE 'a\\b' ESCAPE '\'", r"channel LIKE 'a\\b' ESCAPE '\'"),
        ("channel ILIKE 'ÀB%'", "LOWER(channel) LIKE 'àb%'"),
        ("channel NOT ILIKE 'A!%' ESCAPE '!'", r"NOT (LOWER(channel) LIKE 'a\%' ESCAPE '\')"),
        ("POSITION('a' IN channel)", "POSITION(channel, 'a')"),
        ("POSITION('a' IN channel || 'b')", "POSITION(channel || 'b', 'a')"),
        ("POSITION(channel, 'a')", "POSITION(channel, 'a')"),
        ("STRPOS(channel, 'a')", "POSITION(channel, 'a')"),
        ("HASH_BUCKET(channel, 10, 0)", "HASH_BUCKET(channel, 10, 0)"),
        ("TO_FIXED(amount, 2)", "CAST(CAST(amount AS DECIMAL(38,2)) AS VARCHAR)"),
        ("TO_FIXED(qty, 0)", "CAST(CAST(qty AS DECIMAL(38,0)) AS VARCHAR)"),
        ("BUCKETIZE(amount, 1, 2.5)", "BUCKETIZE(amount, 1.0, 2.5)"),
        ("CYCLIC_SIN(HOUR(sent), 24)", "CYCLIC_SIN(HOUR(sent), 24.0)"),
    ],
)
def test_what_an_author_writes_has_one_canonical_text(text: str, canonical: str) -> None:
    assert written(text) == canonical


@pytest.mark.parametrize(
    ("text", "code", "fix"),
    [
        (r"channel LIKE '100\%'", "FK128", "LIKE '100!%' ESCAPE '!'"),
        ("channel LIKE 'a!b' ESCAPE '!'", "FK128", "!! for it"),
        ("channel LIKE 'a!' ESCAPE '!'", "FK128", "!! for it"),
        ("channel LIKE 'a' ESCAPE 'no'", "FK128", "ESCAPE '!'"),
        ("channel LIKE channel", "FK125", "channel LIKE '%@example.%'"),
        ("channel LIKE NULL", "FK125", "literal"),
        ("qty LIKE 'a'", "FK120", ""),
        ("HASH_BUCKET(channel, 0, 1)", "FK128", "HASH_BUCKET(channel, 100, 0)"),
        ("TO_FIXED(amount, 38)", "FK128", "TO_FIXED(x, 2)"),
        ("TO_FIXED(amount, qty)", "FK125", "literal"),
        ("TO_FIXED(amount)", "FK120", "TO_FIXED(x, 2)"),
        ("HASH_BUCKET(channel, qty, 1)", "FK125", "HASH_BUCKET(channel, 100, 1)"),
    ],
)
def test_a_pattern_that_engines_read_differently_is_refused(text: str, code: str, fix: str) -> None:
    with pytest.raises(FeatureError) as refused:
        written(text)
    assert refused.value.code == code
    assert fix in refused.value.fix
    assert refused.value.where is not None
