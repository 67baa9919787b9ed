"""SQL text: constants, names and arguments come out exactly as they were meant."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from decimal import Decimal

import duckdb
import pytest

from featurekit import datatypes as types
from featurekit.backends.to_sql import DIALECTS, dialect_named, expression_sql
from featurekit.backends.to_sql_expression import _SINGLES, parenthesised
from featurekit.datatypes import BIGINT, BIGINT_MAX, BIGINT_MIN, DOUBLE, VARCHAR
from featurekit.errors import UsageError
from featurekit.errors.definition import NoSpelling
from featurekit.ir.definitions import Unknown, Vocabulary
from featurekit.ir.nodes import Call, Case, Column, Expression, InVocabulary, Literal

DUCK = DIALECTS["duckdb"]
UTC = dt.UTC


def text(node: object) -> str:
    return expression_sql(
        node,  # type: ignore[arg-type]  # the tests' nodes are expressions
        "duckdb",
        lambda column: DUCK.identifier(column.name),
        '"as_of"',
        {},
    )


def value(sql: str) -> object:
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        (row,) = connection.sql(f"SELECT {sql}, typeof({sql})").fetchall()
    return row


@pytest.mark.parametrize(
    ("constant", "kind"),
    [
        (None, DOUBLE),
        (True, types.BOOLEAN),
        (0, BIGINT),
        (BIGINT_MIN, BIGINT),
        (BIGINT_MAX, BIGINT),
        (0.1, DOUBLE),
        (-0.0, DOUBLE),
        (5e-324, DOUBLE),
        (1.7976931348623157e308, DOUBLE),
        (0.1234567890123456789, DOUBLE),
        (math.inf, DOUBLE),
        (-math.inf, DOUBLE),
        (Decimal("-1.50"), types.decimal(5, 2)),
        (Decimal(10**38 - 1), types.decimal(38, 0)),
        (Decimal("0.0000000000"), types.decimal(38, 10)),
        ("", VARCHAR),
        ("it's", VARCHAR),
        ("'; DROP TABLE spine; --", VARCHAR),
        ("a\nb\\n{x}", VARCHAR),
        ("nul\x00inside", VARCHAR),
        ("\x00", VARCHAR),
        ("İß😀\uffff", VARCHAR),
        (dt.date(1, 1, 1), types.DATE),
        (dt.date(9999, 12, 31), types.DATE),
        (dt.datetime(1, 1, 1, tzinfo=UTC), types.TIMESTAMP),
        (dt.datetime(2024, 2, 29, 23, 59, 59, 999999, tzinfo=UTC), types.TIMESTAMP),
    ],
)
def test_a_constant_keeps_its_exact_value_and_type(constant: object, kind: types.DataType) -> None:
    got, named = value(text(Literal(constant, kind)))
    if isinstance(got, dt.datetime):
        got = got.replace(tzinfo=UTC)
    assert (f"{type(got)} {got!s}", named) == (f"{type(constant)} {constant!s}", str(kind))


def test_nan_is_a_double() -> None:
    got, named = value(text(Literal(math.nan, DOUBLE)))
    assert math.isnan(got)
    assert named == "DOUBLE"


def test_a_quotation_mark_in_a_name_stays_part_of_the_name() -> None:
    assert DUCK.identifier('a"b') == '"a""b"'


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ('"a"', '"a"'),
        ('"t"."a b"', '"t"."a b"'),
        ("CAST(1 AS BIGINT)", "CAST(1 AS BIGINT)"),
        ("lower(f(x))", "lower(f(x))"),
        ("(a + b)", "(a + b)"),
        ("(a) + (b)", "((a) + (b))"),
        ("f(a) || f(b)", "(f(a) || f(b))"),
        ("f(')') || g(x)", "(f(')') || g(x))"),
        ("'a' || 'b'", "('a' || 'b')"),
        ("CASE WHEN a THEN b END", "(CASE WHEN a THEN b END)"),
    ],
)
def test_only_what_is_not_an_atom_is_put_in_parentheses(given: str, expected: str) -> None:
    assert parenthesised(given) == expected


def test_a_spliced_argument_cannot_be_taken_apart() -> None:
    total = Call("add_double", (Literal(1.0, DOUBLE), Literal(2.0, DOUBLE)), DOUBLE)
    assert value(text(Call("div_double", (total, Literal(4.0, DOUBLE)), DOUBLE)))[0] == 0.75


def test_braces_inside_an_argument_are_text() -> None:
    node = Case(
        ((Literal(value=True, type=types.BOOLEAN), Literal("{x} {0} {{", VARCHAR)),),
        Literal(None, VARCHAR),
        VARCHAR,
    )
    assert value(text(node)) == ("{x} {0} {{", "VARCHAR")


def vocabulary(unknown: Unknown, bucket: str | None = None) -> Vocabulary:
    entries = (("AA", ("American Airlines", "o'aa")), ("é", ("e-acute",)))
    return Vocabulary("carrier", entries, ignore_case=True, unknown=unknown, bucket=bucket)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("aa", "AA"),
        ("  American AIRLINES ", "AA"),
        ("O'AA", "AA"),
        ("e\u0301", "é"),
        ("É", "é"),
        ("ZZ", "other"),
        ("", "other"),
        (None, None),
    ],
)
def test_a_vocabulary_folds_case_spaces_and_unicode_forms(
    given: str | None, expected: str | None
) -> None:
    words = vocabulary(Unknown.BUCKET, "other")
    assert value(text(InVocabulary(Literal(given, VARCHAR), words))) == (expected, "VARCHAR")


def test_an_unknown_category_is_null_unless_there_is_a_bucket() -> None:
    words = vocabulary(Unknown.NULL)
    assert value(text(InVocabulary(Literal("ZZ", VARCHAR), words)))[0] is None


def test_an_empty_vocabulary_knows_nothing() -> None:
    words = Vocabulary("none", ())
    assert value(text(InVocabulary(Literal("ZZ", VARCHAR), words)))[0] is None


def test_an_unknown_dialect_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="no SQL target 'duckbd'; did you mean 'duckdb'") as found:
        dialect_named("duckbd")
    assert found.value.fix == "one of: bigquery, duckdb, postgres, snowflake, spark"


def test_a_column_is_whatever_the_caller_says_it_is() -> None:
    assert text(Column("t", 'a"b', BIGINT)) == '"a""b"'


def test_an_expression_whose_text_would_explode_is_refused() -> None:
    node: Expression = Column("t", "x", DOUBLE)
    for _ in range(40):
        node = Call("div_double", (Literal(1.0, DOUBLE), node), DOUBLE)
    with pytest.raises(NoSpelling) as found:
        text(node)
    assert "another view" in found.value.why


def test_what_unicode_makes_ascii_of_is_listed_whole() -> None:
    beyond = (chr(code) for code in range(128, 0x110000))
    single = {c: unicodedata.normalize("NFC", c) for c in beyond}
    assert dict(_SINGLES) == {c: made for c, made in single.items() if made.isascii()}
