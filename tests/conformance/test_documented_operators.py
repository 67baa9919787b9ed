"""Operators and aggregates in Snowflake's and BigQuery's words, which nothing here can run.

Each is read in the engine's own grammar and evaluated by DuckDB on the adversarial rows; where the
spelling is plain, the front end reads it back as the same node. What the translation gets wrong is
listed, and must still be wrong.
"""

from __future__ import annotations

from collections.abc import Iterator

import adversarial
import pytest
from documented import DIALECTS, Stand, column
from samples import samples
from targets import call, differences, frame, reference

from featurekit.backends.to_sql import expression_sql
from featurekit.datatypes import BIGINT, BOOLEAN, DOUBLE, VARCHAR
from featurekit.errors import FeatureError
from featurekit.ir.nodes import Call, Column, Literal
from featurekit.ops import OPERATORS, Gap
from featurekit.ops.spellings import refused

DEFECTS: dict[str, dict[str, str]] = {
    "snowflake": {
        "date_add": "DuckDB multiplies a length of microseconds as a double",
        "div_trunc_bigint": "DuckDB divides integers as doubles",
        "substring": "DuckDB's integers have 64 bits",
        "hash_bucket": "TO_NUMBER with a format of hexadecimal digits becomes a cast",
        "hash_bucket_bigint": "TO_NUMBER with a format of hexadecimal digits becomes a cast",
        "levenshtein": "DuckDB's LEVENSHTEIN counts bytes",
        "reverse": "DuckDB's REVERSE keeps clusters of code points together",
        "timestamp_to_text": "the format of TO_CHAR is dropped",
    },
    "bigquery": {
        **dict.fromkeys(
            ("add_decimal", "subtract_decimal", "multiply_decimal", "decimal_to_decimal"),
            "BIGNUMERIC becomes a DECIMAL of 38 digits",
        ),
        "date_add": "DuckDB multiplies a length of microseconds as a double",
        "dow": "DAYOFWEEK becomes DuckDB's, which counts from 0",
        "isodow": "DAYOFWEEK becomes DuckDB's, which counts from 0",
        "exp": "DuckDB's NaN is greater than all numbers",
        "left": "DuckDB's LEFT takes 32 bits",
        "levenshtein": "DuckDB's LEVENSHTEIN counts bytes",
        "reverse": "DuckDB's REVERSE keeps clusters of code points together",
        "sign_double": "DuckDB's SIGN of NaN is 0",
        "substring": "DuckDB's SUBSTRING takes 32 bits",
        "substring_from": "DuckDB's SUBSTRING takes 32 bits",
        "timestamp_to_text": "%E4Y is not translated",
        "week": "ISOWEEK is not translated",
    },
}
"""What sqlglot's translation, or DuckDB, does otherwise than the engine's documentation says."""

WIDE = {n for n in OPERATORS if n.endswith("_bigint")} | {"date_add", "date_add_date"}
"""Operators that count beyond 64 bits on the way."""

SAID = [
    (dialect, name)
    for dialect in DIALECTS
    for name in sorted(OPERATORS)
    if not isinstance(OPERATORS[name].spelled(dialect), Gap)
]


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    """Whose words."""
    return str(request.param)


@pytest.fixture(scope="module")
def stands() -> Iterator[dict[str, Stand]]:
    """One DuckDB a dialect."""
    made = {dialect: Stand(dialect) for dialect in DIALECTS}
    yield made
    for stand in made.values():
        stand.close()


def wrong(dialect: str, name: str, stand: Stand) -> list[str]:
    """Return one line a row whose answer is not the meaning's, or why there is none."""
    found: list[str] = []
    for sample in samples(name):
        rows = adversarial.rows(sample.columns, most=300)
        given = zip(sample.operator.parameters, sample.arguments, strict=False)
        if refused(name, dialect, {p.name: a[0] for p, a in given if isinstance(a, tuple)}):
            continue
        text = expression_sql(call(sample), dialect, lambda c: c.name, "NULL", {})
        wide = dialect == "snowflake" and name in WIDE
        stand.table("given", frame(sample.columns, rows), wide=wide)
        try:
            _, made = stand.rows(f"SELECT {text} FROM given ORDER BY row")  # noqa: S608  the spelling under test
        except Exception as error:  # noqa: BLE001  what DuckDB does not do is told from what differs by the list
            found.append(str(error))
            continue
        got = column([row[0] for row in made], sample.result)
        want = column(reference(sample, rows), sample.result)
        found += differences(sample, rows, want, got, signed_zero=False)
    return found


@pytest.mark.parametrize(("dialect", "name"), SAID)
def test_an_operator_means_the_same(dialect: str, name: str, stands: dict[str, Stand]) -> None:
    found = wrong(dialect, name, stands[dialect])
    if name in DEFECTS[dialect]:
        assert found, "it differs no more: strike it off the list"
    else:
        assert found == []


@pytest.mark.parametrize("name", sorted(OPERATORS))
def test_what_is_not_said_is_refused_with_its_reason(dialect: str, name: str) -> None:
    gap = OPERATORS[name].spelled(dialect)
    asked = call(samples(name)[0])
    if isinstance(gap, Gap):
        with pytest.raises(FeatureError) as error:
            expression_sql(asked, dialect, lambda c: c.name, "NULL", {})
        assert error.value.code == "FK190"
        assert error.value.why == gap.why
    else:
        assert expression_sql(asked, dialect, lambda c: c.name, "NULL", {})


@pytest.mark.parametrize("digits", [301, -301])
def test_bigquery_rounds_to_no_place_where_it_would_raise(digits: int) -> None:
    asked = Call("round_double_to", (Column("t", "x", DOUBLE), Literal(digits, BIGINT)), DOUBLE)
    with pytest.raises(FeatureError, match="ten to the 301 overflows"):
        expression_sql(asked, "bigquery", lambda c: c.name, "NULL", {})


@pytest.mark.parametrize("pattern", ["a\\b", "%\\"])
def test_bigquery_escapes_nothing_else_in_like(pattern: str) -> None:
    asked = Call("like", (Column("t", "x", VARCHAR), Literal(pattern, VARCHAR)), BOOLEAN)
    with pytest.raises(FeatureError, match="a backslash means before"):
        expression_sql(asked, "bigquery", lambda c: c.name, "NULL", {})
