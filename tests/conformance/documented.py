"""Text for engines that are not here: parsed in their own grammar, and evaluated by DuckDB.

sqlglot translates the text. Where it drops or misses something, a repair of its tree or of its text
is listed with the reason, or the documented meaning of a function is a macro; what still differs is
listed with the operators. Each entry must be needed, so that none outlives its reason.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal, localcontext
from functools import cache
from typing import Any

import duckdb
import polars as pl
import sqlglot
from sqlglot import exp

from featurekit.datatypes import DataType, Kind

DIALECTS = ("snowflake", "bigquery")

MACROS = """
CREATE MACRO safe_add(a, b) AS TRY(a + b);
CREATE MACRO safe_subtract(a, b) AS TRY(a - b);
CREATE MACRO safe_multiply(a, b) AS TRY(a * b);
CREATE MACRO safe_negate(a) AS TRY(- a);
CREATE MACRO ieee_divide(a, b) AS a / b;
"""
"""BigQuery's functions that sqlglot leaves as they are: null where the operator would raise."""


def _no_limits(tree: Any) -> bool:
    """DuckDB has no LIMIT in an ARRAY_AGG; what is read of it is the first element either way."""
    found = [limit for made in tree.find_all(exp.ArrayAgg) for limit in made.find_all(exp.Limit)]
    for limit in found:
        limit.replace(limit.this)
    return bool(found)


def _whole_ranges(tree: Any) -> bool:
    """DuckDB's quotient of integers is a double, also where it is rounded down."""
    found = list(tree.find_all(exp.GenerateSeries))
    for numbers in found:
        for end in ("start", "end"):
            numbers.set(end, exp.cast(numbers.args[end], exp.DataType.Type.BIGINT))
    return bool(found)


_FLATTENED = re.compile(
    r",  CROSS JOIN UNNEST\(INPUT => (.+?)\) AS \"fk_number\"\(SEQ, KEY, PATH, INDEX, VALUE, THIS\)"
)
"""sqlglot leaves a comma before the join that a LATERAL FLATTEN becomes, and ``INPUT =>`` in it."""


@cache
def parsed(text: str, dialect: str) -> Any:
    """Return the tree of ``text``, which must hold no statement that the grammar only skips."""
    tree = sqlglot.parse_one(text, read=dialect)
    assert not list(tree.find_all(exp.Command)), text
    return tree


@cache
def translated(text: str, dialect: str) -> tuple[str, frozenset[str]]:
    """Return DuckDB's text for ``text``, and which repairs it needed."""
    tree = parsed(text, dialect).copy()
    used = {repair.__name__ for repair in (_no_limits, _whole_ranges) if repair(tree)}
    made, count = _FLATTENED.subn(
        r' CROSS JOIN UNNEST(\1) AS "fk_number"(VALUE)', tree.sql(dialect="duckdb")
    )
    return made, frozenset(used | ({"_FLATTENED"} if count else set()))


class Stand:
    """DuckDB in the place of an engine that is not here."""

    def __init__(self, dialect: str) -> None:
        self._dialect = dialect
        self._connection = duckdb.connect()
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute(MACROS)

    def table(self, name: str, table: pl.DataFrame, *, wide: bool = False) -> None:
        """Make a table; Snowflake's integers are ``wide``: they have 38 digits, as HUGEINT."""
        naive = table.with_columns(
            pl.col(column).dt.replace_time_zone(None)
            for column, dtype in table.schema.items()
            if dtype == pl.Datetime("us", "UTC")
        )
        whole = [c for c, dtype in table.schema.items() if dtype == pl.Int64]
        cast = ", ".join(f'CAST("{column}" AS HUGEINT) AS "{column}"' for column in whole)
        replaced = f" REPLACE ({cast})" if whole and wide else ""
        self._connection.register("fk_given", naive.to_arrow())
        self._connection.execute(
            f'CREATE OR REPLACE TABLE "{name}" AS SELECT *{replaced} FROM fk_given'  # noqa: S608  names of this test
        )
        self._connection.unregister("fk_given")

    def rows(self, text: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Return the names of the answer's columns and its rows."""
        answer = self._connection.sql(translated(text, self._dialect)[0])
        return list(answer.columns), answer.fetchall()

    def close(self) -> None:
        """Let the database go."""
        self._connection.close()


def _whole(value: Any) -> Any:
    return value if isinstance(value, bool) or value != int(value) else int(value)


def typed(value: Any, kind: DataType) -> Any:
    """Return an answer in Python's type for ``kind``: the numbers' types are DuckDB's own."""
    if value is None:
        return None
    match kind.kind:
        case Kind.BIGINT:
            return _whole(value)
        case Kind.TIMESTAMP if isinstance(value, dt.datetime):
            return value.replace(tzinfo=dt.UTC)
        case Kind.DATE if isinstance(value, dt.datetime):
            return value.date()
        case Kind.DECIMAL:
            with localcontext(prec=120):
                return Decimal(value).quantize(Decimal(1).scaleb(-kind.scale))
        case _:
            return value


def column(values: Sequence[Any], kind: DataType) -> list[Any]:
    """Return answers in Python's type for ``kind``."""
    return [typed(value, kind) for value in values]
