"""Regular expressions on a PostgreSQL server: what it is asked about, it reads as Python does."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from postgres_rows import answers, make_table

from featurekit.backends.to_sql_expression import expression_sql
from featurekit.datatypes import BIGINT, BOOLEAN, VARCHAR
from featurekit.errors.definition import NoSpelling
from featurekit.frontends.regular_expressions import PatternRefusedError, rewritten
from featurekit.ir.nodes import Call, Column, Literal
from featurekit.ops.expressions import in_python
from featurekit.ops.postgres_patterns import LONGEST, NUL, OFTEN, in_postgres

_CHARACTERS = r"ab1é.^$|()[]*+?{},2-\dwsnz_: ="
_TEXTS = ("", "a", "ab", "aab", "A1_é", "é", "\n", "a\n", "b\nb", " a1b2 ", "a.b", "\\", "٣", "[x]")
_GIVEN = (*_TEXTS, "\\z", "\t", "\x0ba", "a:b", "[=a=]", "***:", "aaaa", "abababab", "-", "]", "^")
_X = Column("t", "c0", VARCHAR)


def _matches(pattern: str) -> Call:
    return Call("regexp_matches", (_X, Literal(pattern, VARCHAR)), BOOLEAN)


def _accepted(most: int, seed: int) -> Iterator[str]:
    chance = random.Random(seed)  # noqa: S311  a reproducible draw, not a secret
    found: set[str] = set()
    while len(found) < most:
        drawn = "".join(chance.choice(_CHARACTERS) for _ in range(chance.randrange(1, 12)))
        try:
            made = rewritten(drawn).text
        except PatternRefusedError:
            continue
        if made not in found:
            found.add(made)
            yield made


def _checked(postgres: Any, patterns: list[str]) -> None:
    make_table(postgres, "rows", {"row": BIGINT, "c0": VARCHAR}, list(enumerate(_GIVEN)))
    made = answers(postgres, [_matches(pattern) for pattern in patterns])
    for pattern, got in zip(patterns, made, strict=True):
        assert got == [bool(re.search(in_python(pattern), text)) for text in _GIVEN], pattern


@pytest.mark.parametrize("seed", range(4))
def test_postgres_reads_random_patterns_as_python_does(seed: int, postgres: Any) -> None:
    _checked(postgres, list(_accepted(300, seed)))


def test_postgres_reads_what_it_writes_otherwise(postgres: Any) -> None:
    given = [r"a$", r"^a$", r"\x0ba", r"[\t\x0b]a", r"\\z", r"\\x0b", "a*?$", "(?:a|ab)(?:c|$)"]
    given += [
        "(?:a|)b",
        "(?:a+?b)*?$",
        "a{0,255}",
        "[^a]",
        "[a-é]",
        r"[\]\^-]",
        "",
        r"\*\*\*:",
        r"[\[:]",
    ]
    _checked(postgres, [rewritten(pattern).text for pattern in given])


def test_codes_end_where_their_digits_do() -> None:
    assert in_postgres(r"\A\x0b1\\x0b\\z\z") == r"\A\u000b1\\x0b\\z\Z"


@pytest.mark.parametrize(
    ("pattern", "gap"), [("a{256}", OFTEN), ("(?:ab){2,256}", OFTEN), (r"[\x00-\x1f]", NUL)]
)
def test_postgres_is_not_asked_about_what_it_cannot_read(pattern: str, gap: Any) -> None:
    with pytest.raises(NoSpelling) as refused:
        expression_sql(_matches(pattern), "postgres", lambda c: c.name, "NULL", {})
    assert refused.value.why == gap.why


def test_nothing_is_extracted_where_the_longest_way_counts() -> None:
    asked = Call("regexp_extract", (_X, Literal("a|ab", VARCHAR), Literal(0, BIGINT)), VARCHAR)
    with pytest.raises(NoSpelling) as refused:
        expression_sql(asked, "postgres", lambda c: c.name, "NULL", {})
    assert refused.value.why == LONGEST.why
