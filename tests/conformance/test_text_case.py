"""UPPER and LOWER over every code point there is."""

from __future__ import annotations

import sys

import polars as pl
import pytest
from targets import Duck

from featurekit.ops import OPERATORS
from featurekit.ops.text_case import TO_LOWER, TO_UPPER

_EVERY = [chr(code) for code in range(1, sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF]


@pytest.mark.parametrize("name", ["upper", "lower"])
def test_every_code_point_maps_alike_in_every_target(name: str, duck: Duck) -> None:
    operator = OPERATORS[name]
    spelling = operator.spelled("duckdb")
    assert callable(operator.polars)
    assert isinstance(spelling, str)
    meant = [operator.body(letter) for letter in _EVERY]
    table = pl.DataFrame({"row": range(len(_EVERY)), "c0": _EVERY})
    in_polars = table.select(answer=operator.polars(pl, pl.col("c0")))["answer"].to_list()
    duck.table(table)
    query = f"SELECT {spelling.format(x='c0')} FROM rows ORDER BY row"  # noqa: S608  our own text
    in_duckdb = [row[0] for row in duck._connection.sql(query).fetchall()]
    assert [found for found in zip(_EVERY, meant, in_polars, strict=True) if _differ(*found)] == []
    assert [found for found in zip(_EVERY, meant, in_duckdb, strict=True) if _differ(*found)] == []


def _differ(letter: str, meant: str, made: str) -> bool:
    return meant != made


def test_the_tables_hold_unicode_14_and_keep_letters_without_a_single_counterpart() -> None:
    assert (len(TO_UPPER), len(TO_LOWER)) == (1450, 1432)
    assert not {ord(letter) for letter in "ßŉﬁİ"} & {*TO_UPPER, *(TO_LOWER)}
    assert all(chr(code).isupper() or chr(code).istitle() for code in TO_LOWER)
