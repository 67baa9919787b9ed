"""What texts and times can trip over in Spark: letters, patterns, the stack, the session's zone."""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from spark_rows import Trial, answers

from featurekit.backends.to_sql_expression import expression_sql
from featurekit.datatypes import BIGINT, BOOLEAN, VARCHAR, DataType
from featurekit.errors import FeatureError
from featurekit.frontends.regular_expressions import PatternRefusedError, rewritten
from featurekit.ir.nodes import Call, Column, Literal
from featurekit.ops import OPERATORS
from featurekit.ops.expressions import in_python
from featurekit.ops.spark_patterns import DEEP, too_deep

sys.path.append(str(Path(__file__).parents[1] / "conformance"))

import adversarial
from samples import samples
from targets import call, differences, reference

_LETTERS = [chr(code) for code in range(1, sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF]
_CHARACTERS = r"ab1é.^$|()[]*+?{},2-\dwsnz_ "
_TEXTS = ("", "a", "ab", "aab", "A1_é", "é", "\n", "a\n", "b\nb", " a1b2 ", "a.b", "\\", "٣", "[x]")
_X = Column("t", "c0", VARCHAR)


def _found(pattern: str) -> Call:
    arguments = (_X, Literal(pattern, VARCHAR), Literal(0, BIGINT))
    return Call("regexp_extract", arguments, VARCHAR)


def _matches(pattern: str) -> Call:
    return Call("regexp_matches", (_X, Literal(pattern, VARCHAR)), BOOLEAN)


def _accepted(most: int) -> Iterator[str]:
    chance = random.Random(17)  # noqa: S311  a reproducible draw, not a secret
    found: set[str] = set()
    while len(found) < most:
        drawn = "".join(chance.choice(_CHARACTERS) for _ in range(chance.randrange(1, 11)))
        try:
            made = rewritten(drawn).text
        except PatternRefusedError:
            continue
        if made not in found and not too_deep(made):
            found.add(made)
            yield made


@pytest.mark.parametrize("name", ["upper", "lower", "ascii_fold", "length", "reverse", "sha256"])
def test_every_code_point_is_read_alike_on_spark(name: str, spark: Any) -> None:
    (sample,) = samples(name)
    rows = [("".join(_LETTERS[n : n + 16]),) for n in range(0, len(_LETTERS), 16)]
    ((made,),) = answers(spark, [Trial([VARCHAR], rows, [call(sample, {})])])
    assert not differences(sample, rows, reference(sample, rows), made)


def test_spark_reads_random_patterns_as_python_does(spark: Any) -> None:
    patterns = list(_accepted(400))
    rows = [(text,) for text in _TEXTS]
    (made,) = answers(spark, [Trial([VARCHAR], rows, [_found(one) for one in patterns])])
    for pattern, got in zip(patterns, made, strict=True):
        found = [re.search(in_python(pattern), text) for text in _TEXTS]
        assert got == [None if one is None else one[0] for one in found], pattern


@pytest.mark.parametrize(
    "pattern",
    [
        *("(?:ab|c)*", r"\A(?:[a-z]+\.)+[a-z]+\z", "(?:ab?){2,}?c", "((?:(?:a|b)c)+)d"),
        *("(?:a{2,3}b)+", "(?:(?:ab?)c)*"),
    ],
)
def test_a_group_that_varies_is_not_repeated_without_limit_on_spark(pattern: str) -> None:
    assert rewritten(pattern, group=1).text == pattern
    assert expression_sql(_found(pattern), "duckdb", lambda c: c.name, "NULL", {})
    with pytest.raises(FeatureError) as refused:
        expression_sql(_found(pattern), "spark", lambda c: c.name, "NULL", {})
    assert refused.value.why == DEEP.why


def test_long_texts_do_not_fill_the_stack_of_spark(spark: Any) -> None:
    given = [r"\A(?:ab)*\z", "[ab]*", r"\A[^\n]*b\z", r"\A(?:ab|c){0,330}", r"\Aa[^\n]*?c\z"]
    given += [r"\A(?:[ab]{2}){3,}\z", r"\A(?:[a-c]{1,9}d){0,100}", r"(?:[a|b*]b)*", r"(?:b|\()d*"]
    given += [r"(?:a{2}\|\))*", r"a*(?:b|c)[^\n]*"]
    patterns = [rewritten(one).text for one in given]
    rows = [("ab" * 100_000,), ("ab" * 1_000 + "c",), ("ab" * 20_000 + "\n",)]
    (made,) = answers(spark, [Trial([VARCHAR], rows, [_matches(one) for one in patterns])])
    for pattern, got in zip(patterns, made, strict=True):
        assert got == [bool(re.search(in_python(pattern), text)) for (text,) in rows], pattern


_OF_TIME = ("date_arithmetic", "temporal", "zones")


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Lord_Howe"])
def test_the_zone_of_the_session_does_not_matter(zone: str, spark: Any) -> None:
    names = [n for n in OPERATORS if OPERATORS[n].body.__module__.endswith(_OF_TIME)]
    every = [sample for name in names for sample in samples(name)[:3]]
    listed = [_few(sample.columns) for sample in every]
    trials = [
        Trial(sample.columns, rows, [call(sample, {})])
        for sample, rows in zip(every, listed, strict=True)
    ]
    spark.conf.set("spark.sql.session.timeZone", zone)
    try:
        made = answers(spark, trials)
    finally:
        spark.conf.set("spark.sql.session.timeZone", "UTC")
    for sample, rows, (got,) in zip(every, listed, made, strict=True):
        assert not differences(sample, rows, reference(sample, rows), got), str(sample)


def _few(kinds: Sequence[DataType]) -> list[tuple[Any, ...]]:
    return adversarial.rows(kinds, most=200)
