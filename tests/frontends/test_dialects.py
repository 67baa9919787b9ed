"""Cells in other dialects of SQL: the same meaning as the cell in the language's own words."""

from __future__ import annotations

import re

import pytest
from front_scope import shop
from trade import define

import featurekit as fk
from featurekit.errors import FeatureError
from featurekit.frontends.from_sql import read_view
from featurekit.frontends.lints import lint, page
from featurekit.frontends.scope import Header
from featurekit.frontends.spoken import Refused, dialects, spoken
from featurekit.ir.canonical import meaning_hash
from featurekit.ir.view import View
from featurekit.ops import AGGREGATES, OPERATORS

OTHERS = tuple(name for name in dialects() if name != "duckdb")


def over_rows(expression: str, dialect: str) -> View:
    """Return a view whose only feature is an expression over a request."""
    header = Header("trial", source="scoring", owner="a@example.com", dialect=dialect)
    return read_view(header, f"SELECT {expression} AS answer FROM scoring", shop())  # noqa: S608  read, never run


def over_events(aggregate: str, dialect: str) -> View:
    """Return a view whose only feature is an aggregate over events."""
    header = Header(
        "trial", source="txn", entity="customer", owner="a@example.com", dialect=dialect
    )
    return read_view(header, f"SELECT {aggregate} AS answer FROM txn", shop())  # noqa: S608  read, never run


ROWS = {
    "postgres": [
        ("qty / 2", "qty // 2"),
        ("amount / 2", "amount / 2"),
        ("qty::float8", "CAST(qty AS DOUBLE)"),
        ("channel ~ '^we[bB]$'", "REGEXP_MATCHES(channel, '^we[bB]$')"),
        ("EXTRACT(epoch FROM sent)", "CAST(EPOCH_US(sent) AS DOUBLE) / 1000000"),
        ("EXTRACT(dow FROM asked_on)", "DOW(asked_on)"),
        ("BTRIM(channel)", "TRIM(channel)"),
        ("DIV(qty, 3)", "qty // 3"),
        ("LOG(amount)", "LOG10(amount)"),
        ("POSITION('a' IN channel)", "POSITION(channel, 'a')"),
        ("amount ^ 2", "POWER(amount, 2)"),
        ("qty::numeric(10, 2)", "CAST(qty AS DECIMAL(10, 2))"),
        ("CAST('2024-02-29' AS date)", "CAST('2024-02-29' AS DATE)"),
        ("sent + INTERVAL '3 hours'", "sent + INTERVAL '3' HOUR"),
    ],
    "snowflake": [
        ("DIV0(amount, qty)", "CASE WHEN qty = 0 THEN 0 ELSE amount / qty END"),
        ("ZEROIFNULL(amount) * 2", "COALESCE(amount, 0) * 2"),
        ("IFF(qty > 1, amount, 0)", "CASE WHEN qty > 1 THEN amount ELSE 0 END"),
        ("NVL2(channel, 1, 2)", "CASE WHEN channel IS NOT NULL THEN 1 ELSE 2 END"),
        ("DATEDIFF(day, asked_on, sent::date)", "DAYS_BETWEEN(asked_on, CAST(sent AS DATE))"),
        (
            "DATEDIFF('month', asked_on, CAST(sent AS DATE))",
            "MONTHS_BETWEEN(asked_on, CAST(sent AS DATE))",
        ),
        ("DATEADD(hours, 3, sent)", "DATE_ADD('hour', 3, sent)"),
        ("DATE_TRUNC(month, sent)", "DATE_TRUNC('month', sent)"),
        ("CONCAT(channel, '-', 'x')", "channel || '-' || 'x'"),
        ("CHARINDEX('a', channel)", "POSITION(channel, 'a')"),
        ("STARTSWITH(channel, 'we')", "STARTS_WITH(channel, 'we')"),
        ("EQUAL_NULL(qty, 1)", "qty IS NOT DISTINCT FROM 1"),
        ("qty::number", "CAST(qty AS DECIMAL(38, 0))"),
        ("TRY_TO_DATE(channel)", "CAST(channel AS DATE)"),
        ("DAYOFWEEKISO(asked_on)", "ISODOW(asked_on)"),
        ("SQUARE(amount + 1)", "(amount + 1) * (amount + 1)"),
    ],
    "bigquery": [
        ("SAFE_DIVIDE(amount, qty)", "amount / qty"),
        ("SAFE_CAST(channel AS INT64)", "CAST(channel AS BIGINT)"),
        ("CAST(qty AS FLOAT64)", "CAST(qty AS DOUBLE)"),
        ("IF(`qty` > 1, amount, 0)", "CASE WHEN qty > 1 THEN amount ELSE 0 END"),
        ("DATE_DIFF(DATE(sent), asked_on, DAY)", "DAYS_BETWEEN(asked_on, CAST(sent AS DATE))"),
        ("DATE_ADD(asked_on, INTERVAL 3 DAY)", "asked_on + INTERVAL '3' DAY"),
        ("TIMESTAMP_SUB(sent, INTERVAL 90 MINUTE)", "sent - INTERVAL '90' MINUTE"),
        ("TIMESTAMP_TRUNC(sent, HOUR)", "DATE_TRUNC('hour', sent)"),
        ("DATE_TRUNC(asked_on, ISOWEEK)", "DATE_TRUNC('week', asked_on)"),
        ("EXTRACT(DAYOFWEEK FROM asked_on)", "DOW(asked_on) + 1"),
        ("REGEXP_CONTAINS(channel, r'^\\d+$')", "REGEXP_MATCHES(channel, '^\\d+$')"),
        ('CONCAT(channel, "-x")', "channel || '-x'"),
        ("IFNULL(amount, 0)", "COALESCE(amount, 0)"),
        ("DIV(qty, 3)", "qty // 3"),
        ("UNIX_MICROS(sent)", "EPOCH_US(sent)"),
        ("CAST(qty AS NUMERIC)", "CAST(qty AS DECIMAL(38, 9))"),
        ("LOG(amount)", "LN(amount)"),
    ],
    "spark": [
        ("datediff(to_date(sent), asked_on)", "DAYS_BETWEEN(asked_on, CAST(sent AS DATE))"),
        ("date_add(asked_on, 3)", "DATE_ADD('day', 3, asked_on)"),
        ("date_sub(asked_on, qty)", "DATE_ADD('day', -qty, asked_on)"),
        ("add_months(asked_on, 2)", "DATE_ADD('month', 2, asked_on)"),
        ("qty DIV 3", "qty // 3"),
        ("dayofweek(asked_on)", "DOW(asked_on) + 1"),
        ("weekday(asked_on)", "ISODOW(asked_on) - 1"),
        ("channel RLIKE '^we[bB]$'", "REGEXP_MATCHES(channel, '^we[bB]$')"),
        ("instr(channel, 'a')", "POSITION(channel, 'a')"),
        ("locate('a', channel)", "POSITION(channel, 'a')"),
        ("try_divide(amount, qty)", "amount / qty"),
        ("nvl(amount, 0)", "COALESCE(amount, 0)"),
        ('concat(channel, "-x")', "channel || '-x'"),
        ("CAST(qty AS STRING)", "CAST(qty AS VARCHAR)"),
        ("CAST(channel AS LONG)", "CAST(channel AS BIGINT)"),
        ("unix_micros(sent)", "EPOCH_US(sent)"),
        ("log(amount)", "LN(amount)"),
        ("trunc(asked_on, 'MM')", "DATE_TRUNC('month', asked_on)"),
        (
            "regexp_extract(channel, '(a+)b', 1)",
            (
                "CASE WHEN channel IS NOT NULL"
                " THEN COALESCE(REGEXP_EXTRACT(channel, '(a+)b', 1), '') END"
            ),
        ),
        ("qty <=> 1", "qty IS NOT DISTINCT FROM 1"),
    ],
}
EVENTS = {
    "postgres": [
        (
            "SUM(amount) FILTER (WHERE status ~ 'ok') OVER last_7d",
            "SUM(amount) FILTER (WHERE REGEXP_MATCHES(status, 'ok')) OVER last_7d",
        ),
        ("EVERY(ok) OVER last_7d", "BOOL_AND(ok) OVER last_7d"),
    ],
    "snowflake": [
        ("APPROX_COUNT_DISTINCT(status) OVER last_7d", "COUNT(DISTINCT status) OVER last_7d"),
        ("MAX_BY(status, amount) OVER last_7d", "ARG_MAX(status, amount) OVER last_7d"),
        ("SUM(ZEROIFNULL(amount)) OVER all_time", "SUM(COALESCE(amount, 0)) OVER all_time"),
    ],
    "bigquery": [
        ("COUNTIF(status = 'ok') OVER last_7d", "COUNT_IF(status = 'ok') OVER last_7d"),
        ("LOGICAL_OR(ok) OVER today", "BOOL_OR(ok) OVER today"),
    ],
    "spark": [
        ("count_if(status = 'ok') OVER last_7d", "COUNT_IF(status = 'ok') OVER last_7d"),
        ("percentile(amount, 0.5) OVER last_7d", "QUANTILE_CONT(amount, 0.5) OVER last_7d"),
        ("mean(amount) OVER last_20_rows", "AVG(amount) OVER last_20_rows"),
    ],
}
PAIRS = [(d, said, meant) for d, pairs in ROWS.items() for said, meant in pairs]
OVER_EVENTS = [(d, said, meant) for d, pairs in EVENTS.items() for said, meant in pairs]


@pytest.mark.parametrize(("dialect", "said", "meant"), PAIRS)
def test_a_dialects_expression_means_what_the_languages_does(
    dialect: str, said: str, meant: str
) -> None:
    made, own = over_rows(said, dialect), over_rows(meant, "duckdb")
    assert made.features == own.features
    assert meaning_hash(made) == meaning_hash(own)


@pytest.mark.parametrize(("dialect", "said", "meant"), OVER_EVENTS)
def test_a_dialects_aggregate_means_what_the_languages_does(
    dialect: str, said: str, meant: str
) -> None:
    assert meaning_hash(over_events(said, dialect)) == meaning_hash(over_events(meant, "duckdb"))


REFUSED = [
    (name, said, refused)
    for name in OTHERS
    for said, refused in spoken(name).calls.items()
    if isinstance(refused, Refused) and not said.startswith(("~", "WITHIN"))
]


@pytest.mark.parametrize(("dialect", "said", "refused"), REFUSED)
def test_what_means_something_else_is_refused_with_what_to_write(
    dialect: str, said: str, refused: Refused
) -> None:
    called = re.sub(r"\b(x|part|pattern|separator)\b", "channel", said)
    called = re.sub(r"\b(a|b)\b", "asked_on", re.sub(r"\b(n|y|m|d)\b", "qty", called))
    with pytest.raises(FeatureError) as raised:
        over_rows(called, dialect)
    assert raised.value.code == "FK157"
    assert raised.value.why == refused.why
    assert raised.value.fix == refused.fix
    assert raised.value.where is not None


@pytest.mark.parametrize("name", OTHERS)
def test_every_word_of_a_dialect_is_one_of_the_language(name: str) -> None:
    dialect = spoken(name)
    assert set(dialect.remarks) <= {*OPERATORS, *AGGREGATES}
    for meant in (*dialect.calls.values(), *dialect.parts.values()):
        assert isinstance(meant, Refused) or meant


@pytest.mark.parametrize(
    ("dialect", "said", "word"),
    [
        ("postgres", "ROUND(amount)", "even"),
        ("snowflake", "GREATEST(amount, 1.5)", "NULL"),
        ("bigquery", "CAST(amount AS INT64)", "rounds there"),
        ("spark", "UPPER(channel)", "one letter"),
        ("spark", "SUBSTRING(channel, 0, 2)", "a start of 0"),
        ("snowflake", "SUBSTR(channel, -2)", "from the end"),
        ("bigquery", "SUBSTR(channel, qty, 2)", "a start of 0"),
    ],
)
def test_a_remark_says_where_the_dialect_differs(dialect: str, said: str, word: str) -> None:
    remarks = [r for r in lint(over_rows(said, dialect), dialect) if r.code == "FKL20"]
    assert any(word in remark.text for remark in remarks)
    assert not [r for r in lint(over_rows("qty + 1", dialect), dialect) if r.code == "FKL20"]
    assert not [r for r in lint(over_rows(said, dialect)) if r.code == "FKL20"]


def test_an_unknown_dialect_is_refused_with_those_there_are() -> None:
    with pytest.raises(FeatureError) as raised:
        over_rows("qty", "oracle")
    assert "postgres" in str(raised.value)


@pytest.mark.parametrize("dialect", ["spark", "snowflake", "bigquery"])
def test_a_text_from_its_first_letter_is_the_same_everywhere(dialect: str) -> None:
    assert not lint(over_rows("SUBSTRING(channel, 1, 2)", dialect), dialect)


@pytest.mark.parametrize("dialect", ["postgres", "snowflake", "spark"])
def test_an_ordered_aggregate_without_a_window_is_shown_whole(dialect: str) -> None:
    said = "percentile_cont(0.5) WITHIN GROUP (ORDER BY amount)"
    with pytest.raises(FeatureError) as caught:
        over_events(said, dialect)
    fix, _, _ = (caught.value.fix or "").partition("   --")
    assert fix == f"{said} OVER last_30d"
    assert over_events(fix, dialect)


@pytest.mark.parametrize("length", ["'7 days'::interval", "CAST('168 hours' AS INTERVAL)"])
def test_a_length_that_is_cast_is_a_length(length: str) -> None:
    frame = f"OVER (ORDER BY event_time RANGE BETWEEN {length} PRECEDING AND CURRENT ROW)"
    made = over_events(f"SUM(amount) {frame}", "postgres")
    assert meaning_hash(made) == meaning_hash(over_events("SUM(amount) OVER last_7d", "postgres"))


@pytest.mark.parametrize("length", ["'1 month'::interval", "'week'::interval", "qty::interval"])
def test_a_cast_that_is_no_length_is_refused(length: str) -> None:
    with pytest.raises(FeatureError) as caught:
        over_events(f"SUM(amount) OVER (RANGE {length} PRECEDING)", "postgres")
    assert caught.value.code == "FK108"


def test_an_approximate_count_is_said_to_be_the_exact_one(trade: fk.Workspace) -> None:
    for dialect in ("spark", "snowflake", "bigquery"):
        for said, told in (
            ("approx_count_distinct(status)", True),
            ("COUNT(DISTINCT status)", False),
            ("COUNT_IF(status = 'approx_count_distinct') /* APPROX_COUNT_DISTINCT */", False),
        ):
            text = f"SELECT {said} OVER last_7d AS n FROM transactions -- APPROX_COUNT_DISTINCT"  # noqa: S608  cells of our own
            draft = trade.feature(
                *("counts", text),
                source="transactions",
                entity="customer",
                owner="a@b.c",
                dialect=dialect,
            )
            assert [one.code for one in draft.lints if one.code == "FKL21"] == ["FKL21"] * told
    assert page("FKL21").startswith("FKL21: what is written")
    with pytest.raises(FeatureError) as raised:
        define(trade, "SELECT APPROX_COUNT_DISTINCT(status) OVER last_7d AS n FROM transactions")
    assert raised.value.fix == "COUNT(DISTINCT status)"
