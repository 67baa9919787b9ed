"""A cell in polars and the SQL cell that says the same are one definition: the hash is equal."""

from __future__ import annotations

import pytest
from front_scope import read
from polars_shop import read_cell

from featurekit.errors import FeatureError
from featurekit.frontends.to_text import view_text
from featurekit.ir.canonical import meaning_hash
from featurekit.training.against_polars import try_against_polars

INF = "CAST('1e400' AS DOUBLE)"
AGGREGATES = [
    ('pl.col("amount").sum()', "COALESCE(SUM(amount) OVER last_30d, 0)"),
    ('pl.sum("amount")', "COALESCE(SUM(amount) OVER last_30d, 0)"),
    ("pl.col.amount.mean()", "AVG(amount) OVER last_30d"),
    ('pl.col("amount").min()', "MIN(amount) OVER last_30d"),
    (
        'pl.col("amount").max()',
        (
            f"COALESCE(MAX(amount) FILTER (WHERE amount <= {INF}) OVER last_30d, "
            "MAX(amount) OVER last_30d)"
        ),
    ),
    ('pl.col("amount").nan_max()', "MAX(amount) OVER last_30d"),
    ('pl.col("qty").max()', "MAX(qty) OVER last_30d"),
    ('pl.col("status").max()', "MAX(status) OVER last_30d"),
    ('pl.col("amount").std()', "STDDEV_SAMP(amount) OVER last_30d"),
    ('pl.col("amount").std(ddof=0)', "STDDEV_POP(amount) OVER last_30d"),
    ('pl.col("amount").var()', "VAR_SAMP(amount) OVER last_30d"),
    ('pl.col("amount").var(ddof=0)', "VAR_POP(amount) OVER last_30d"),
    ('pl.col("amount").median()', "MEDIAN(amount) OVER last_30d"),
    (
        'pl.col("amount").quantile(0.9, interpolation="linear")',
        "QUANTILE_CONT(amount, 0.9) OVER last_30d",
    ),
    ("pl.len()", "COUNT(*) OVER last_30d"),
    ('pl.col("amount").len()', "COUNT(*) OVER last_30d"),
    ('pl.col("amount").count()', "COUNT(amount) OVER last_30d"),
    ('pl.col("amount").drop_nulls().len()', "COUNT(amount) OVER last_30d"),
    ('pl.col("status").drop_nulls().n_unique()', "COUNT(DISTINCT status) OVER last_30d"),
    (
        'pl.col("status").n_unique()',
        "COUNT(DISTINCT status) OVER last_30d + LEAST(COUNT_IF(status IS NULL) OVER last_30d, 1)",
    ),
    ('pl.col("amount").drop_nulls().last()', "LAST(amount) OVER last_30d"),
    ('pl.col("amount").first(ignore_nulls=True)', "FIRST(amount) OVER last_30d"),
    ('pl.col("ok").sum()', "COUNT_IF(ok) OVER last_30d"),
    ('(pl.col("status") == "ok").sum()', "COUNT_IF(status = 'ok') OVER last_30d"),
    ('pl.col("ok").mean()', "AVG(CAST(ok AS BIGINT)) OVER last_30d"),
    ('pl.col("ok").any()', "COALESCE(BOOL_OR(ok) OVER last_30d, FALSE)"),
    ('pl.col("ok").all()', "COALESCE(BOOL_AND(ok) OVER last_30d, TRUE)"),
    ('pl.col("qty").null_count()', "COUNT_IF(qty IS NULL) OVER last_30d"),
    ('pl.cov("amount", "qty")', "COVAR_SAMP(amount, qty) OVER last_30d"),
    ('pl.corr("amount", "qty")', f"COALESCE(CORR(amount, qty) OVER last_30d, {INF} - {INF})"),
    ('pl.col("price").sum()', "COALESCE(SUM(price) OVER last_30d, 0)"),
    (
        'pl.col("amount").filter(pl.col("status") == "ok").sum()',
        "COALESCE(SUM(amount) FILTER (WHERE status = 'ok') OVER last_30d, 0)",
    ),
    (
        'pl.col("amount").filter(pl.col("ok"), pl.col("qty") > 1).mean()',
        "AVG(amount) FILTER (WHERE qty > 1 AND ok) OVER last_30d",
    ),
    (
        '(pl.col("amount") * pl.col("qty")).sum() / pl.len()',
        "COALESCE(SUM(amount * qty) OVER last_30d, 0) / COUNT(*) OVER last_30d",
    ),
    ('fk.streak(pl.col("ok"))', "STREAK(ok) OVER last_30d"),
    ('fk.arg_max(pl.col("status"), pl.col("qty"))', "ARG_MAX(status, qty) OVER last_30d"),
    ('fk.upper(pl.col("status")).drop_nulls().last()', "LAST(UPPER(status)) OVER last_30d"),
]
VALUES = [
    ('pl.col("amount") / pl.col("qty")', "amount / qty"),
    ('pl.col("qty") + 1 - pl.col("qty") * 2', "qty + 1 - qty * 2"),
    ('pl.col("qty") // 3', "CASE WHEN qty % 3 < 0 THEN qty // 3 - 1 ELSE qty // 3 END"),
    ('pl.col("qty") % 3', "CASE WHEN qty % 3 < 0 THEN qty % 3 + 3 ELSE qty % 3 END"),
    ('pl.col("amount") // 0.4', "FLOOR(amount / 0.4)"),
    ('pl.col("amount") % 0.4', "amount - FLOOR(amount / 0.4) * 0.4"),
    ('pl.col("amount") ** 2', "POWER(amount, 2)"),
    ('pl.col("qty") ** 2', "qty * qty"),
    ('-pl.col("amount").abs()', "-ABS(amount)"),
    ('pl.col("amount").sqrt()', "SQRT(amount)"),
    ('pl.col("amount").log()', "LN(amount)"),
    ('pl.col("amount").log(10)', "LOG10(amount)"),
    ('pl.col("amount").log1p()', "LOG1P(amount)"),
    ('pl.col("amount").exp()', "EXP(amount)"),
    ('pl.col("amount").floor()', "FLOOR(amount)"),
    ('pl.col("amount").round(2, mode="half_away_from_zero")', "ROUND(amount, 2)"),
    (
        'pl.col("amount").clip(0, 10)',
        f"CASE WHEN amount > {INF} THEN amount ELSE CLIP(amount, 0, 10) END",
    ),
    ('pl.col("qty").clip(0, 10)', "CLIP(qty, 0, 10)"),
    ('pl.col("qty").clip(0)', "CASE WHEN qty < 0 THEN 0 ELSE qty END"),
    ('pl.col("amount").fill_null(0)', "COALESCE(amount, 0)"),
    ('pl.coalesce("amount", "qty", pl.lit(0))', "COALESCE(amount, qty, 0)"),
    ('pl.col("amount").is_nan()', f"amount > {INF}"),
    ('pl.col("amount").is_finite()', f"ABS(amount) < {INF}"),
    ('pl.col("amount").is_null()', "amount IS NULL"),
    ('pl.col("amount").is_between(1, 10)', "amount BETWEEN 1 AND 10"),
    ('pl.col("amount").is_between(1, 10, closed="left")', "1 <= amount AND amount < 10"),
    ('pl.col("qty").is_in([1, 2, None])', "qty IN (1, 2)"),
    ('pl.col("qty").is_in([1], nulls_equal=True)', "COALESCE(qty IN (1), FALSE)"),
    ('pl.col("qty").eq_missing(3)', "qty IS NOT DISTINCT FROM 3"),
    ('(pl.col("qty") > 1) & ~pl.col("flag")', "NOT flag AND 1 < qty"),
    ('(pl.col("qty") > 1) ^ pl.col("flag")', "(qty > 1) <> flag"),
    ('pl.max_horizontal("qty", pl.lit(3))', "GREATEST(qty, 3)"),
    ('pl.min_horizontal("amount", "qty")', "LEAST(amount, qty)"),
    ('pl.sum_horizontal("qty", pl.lit(3))', "COALESCE(qty, 0) + COALESCE(3, 0)"),
    (
        'pl.when(pl.col("qty") > 1).then(1).when("flag").then(2).otherwise(3)',
        "CASE WHEN qty > 1 THEN 1 WHEN flag THEN 2 ELSE 3 END",
    ),
    ('pl.when(pl.col("qty") > 1).then(pl.lit("a"))', "CASE WHEN qty > 1 THEN 'a' END"),
    ('pl.col("amount").cast(pl.Int64, strict=False)', "CAST(amount AS BIGINT)"),
    ('pl.col("amount").cast(pl.Decimal(10, 2))', "CAST(amount AS DECIMAL(10, 2))"),
    ('pl.col("flag").cast(pl.String)', "CAST(flag AS VARCHAR)"),
    ('fk.cast(pl.col("channel"), "BIGINT")', "CAST(channel AS BIGINT)"),
    ('pl.col("channel") + "-" + pl.col("channel")', "channel || '-' || channel"),
    ('pl.concat_str("channel", "channel", separator="-")', "channel || '-' || channel"),
    ('pl.col("channel").str.len_chars()', "LENGTH(channel)"),
    ('pl.col("channel").str.slice(1, 3)', "SUBSTRING(channel, 2, 3)"),
    ('pl.col("channel").str.head(2)', "LEFT(channel, 2)"),
    ('pl.col("channel").str.tail(2)', "RIGHT(channel, 2)"),
    ('pl.col("channel").str.strip_chars(" ")', "TRIM(channel)"),
    ('pl.col("channel").str.contains("a.b", literal=True)', "CONTAINS(channel, 'a.b')"),
    ('pl.col("channel").str.contains("^[0-9]+$")', "REGEXP_MATCHES(channel, '^[0-9]+$')"),
    ('pl.col("channel").str.starts_with("a")', "STARTS_WITH(channel, 'a')"),
    ('pl.col("channel").str.replace_all("a", "b", literal=True)', "REPLACE(channel, 'a', 'b')"),
    ('pl.col("channel").str.extract("([a-z]+)-", 1)', "REGEXP_EXTRACT(channel, '([a-z]+)-', 1)"),
    (
        'pl.col("channel").str.pad_start(5, "0")',
        "CASE WHEN LENGTH(channel) < 5 THEN LPAD(channel, 5, '0') ELSE channel END",
    ),
    ('pl.col("sent").dt.weekday()', "ISODOW(sent)"),
    ('pl.col("sent").dt.week()', "WEEK(sent)"),
    ('pl.col("sent").dt.truncate("1mo")', "DATE_TRUNC('month', sent)"),
    ('pl.col("sent").dt.offset_by("-1mo")', "sent - INTERVAL '1' MONTH"),
    ('pl.col("sent") + pl.duration(hours=1)', "DATE_ADD('microsecond', 3600000000, sent)"),
    (
        'pl.col("sent").dt.convert_time_zone("Europe/London").dt.hour()',
        "HOUR(sent AT TIME ZONE 'Europe/London')",
    ),
    ('pl.col("asked_on") > date(2024, 1, 1)', "asked_on > DATE '2024-01-01'"),
    (
        'pl.col("sent") < datetime(2024, 1, 1, 10, tzinfo=timezone.utc)',
        "sent < TIMESTAMP '2024-01-01 10:00:00'",
    ),
    (
        '(pl.col("asked_on") - date(2024, 1, 1)).dt.total_days()',
        "DAYS_BETWEEN(DATE '2024-01-01', asked_on)",
    ),
    ('fk.vocab(pl.col("channel"), "country")', "VOCAB(channel, country)"),
    ('fk.elapsed("hour", pl.col("sent"), fk.as_of())', "ELAPSED('hour', sent, AS_OF())"),
]
CELLS = [
    (
        (
            'a = pl.col("amount").sum().rolling(index_column="event_time", period="30d", '
            'closed="left")'
        ),
        "SELECT COALESCE(SUM(amount) OVER last_30d, 0) AS a",
    ),
    (
        (
            'a = pl.col("amount").mean().rolling("event_time", period="7d", offset="-14d", '
            'closed="left")'
        ),
        "SELECT AVG(amount) OVER last_7d_before_7d AS a",
    ),
    (
        (
            'a = pl.col("amount").rolling_sum_by("event_time", "6h", closed="left")'
            '.over("customer_id")'
        ),
        "SELECT COALESCE(SUM(amount) OVER last_6h, 0) AS a",
    ),
    (
        'a = pl.col("amount").rolling_std_by("event_time", "1w", closed="left", ddof=0)',
        "SELECT STDDEV_POP(amount) OVER last_7d AS a",
    ),
    (
        (
            'n = pl.len().over("last_30d")\n'
            'spend = pl.col("amount").sum().over("last_30d")\n'
            'each = pl.col("spend") / pl.col("n")\n'
        ),
        (
            "SELECT COUNT(*) OVER last_30d AS n, COALESCE(SUM(amount) OVER last_30d, 0) AS spend, "
            "spend / n AS each"
        ),
    ),
    (
        (
            '_ok = pl.col("status") == "ok"\nlimit = 10\nspend = pl.col("amount").filter(_ok).sum()'
            '.over("today")\nlarge = spend > limit'
        ),
        (
            "SELECT COALESCE(SUM(amount) FILTER (WHERE status = 'ok') OVER today, 0) AS spend, "
            "COALESCE(SUM(amount) FILTER (WHERE status = 'ok') OVER today, 0) > 10 AS large"
        ),
    ),
    (
        (
            '# comment\n[pl.len().over("calendar_7d").alias("n"),\n'
            ' pl.col("qty").mean().over("last_20_rows").alias("m")]'
        ),
        "SELECT COUNT(*) OVER calendar_7d AS n, AVG(qty) OVER last_20_rows AS m",
    ),
    (
        (
            'import polars as pl\nfilter(pl.col("qty") > 0, pl.col("ok"))\n'
            'select(n=pl.len().over("all_time"), m=pl.col("qty").filter(pl.col("qty") < 9).sum()'
            '.over("all_time"))'
        ),
        (
            "SELECT COUNT(*) OVER all_time AS n, COALESCE(SUM(qty) FILTER (WHERE qty < 9) OVER "
            "all_time, 0) AS m FROM txn WHERE ok AND qty > 0"
        ),
    ),
    (
        'r = pl.col("scoring.amount") / pl.col("amount").mean().over("last_30d")',
        "SELECT scoring.amount / AVG(amount) OVER last_30d AS r",
    ),
    (
        '(pl.col("amount").sum() / pl.len()).over("month_to_date").alias("each")',
        "SELECT COALESCE(SUM(amount) OVER month_to_date, 0) / COUNT(*) OVER month_to_date AS each",
    ),
]


def same(cell: str, sql: str, source: str | None) -> None:
    """Check that both mean one thing, that polars agrees, and that the canonical text does."""
    made = read_cell(cell, source)
    other = read(sql, source)
    assert meaning_hash(made.view) == meaning_hash(other)
    assert meaning_hash(read(view_text(made.view), source)) == meaning_hash(other)
    try_against_polars(made)


@pytest.mark.parametrize(("polars", "sql"), AGGREGATES, ids=lambda text: text[:60])
def test_an_aggregate_in_polars_is_the_one_in_sql(polars: str, sql: str) -> None:
    same(f'x = ({polars}).over("last_30d")', f"SELECT {sql} AS x", "txn")


@pytest.mark.parametrize(("polars", "sql"), VALUES, ids=lambda text: text[:60])
def test_an_expression_in_polars_is_the_one_in_sql(polars: str, sql: str) -> None:
    same(f"x = {polars}", f"SELECT {sql} AS x", "scoring")


@pytest.mark.parametrize(("polars", "sql"), CELLS, ids=lambda text: text[:60])
def test_a_cell_in_polars_is_the_one_in_sql(polars: str, sql: str) -> None:
    same(polars, sql, "txn")


def test_a_look_up_and_a_derived_view_are_the_same_in_polars() -> None:
    same(
        'filter(pl.col("vip"))\nselect(pl.col("country"), pl.col("age") + 1 > 18)'.replace(
            'pl.col("age") + 1 > 18', '(pl.col("age") + 1 > 18).alias("adult")'
        ),
        "SELECT country, age + 1 > 18 AS adult FROM customers WHERE vip",
        "customers",
    )
    same(
        'x = pl.col("spend.total") / pl.col("profile.n")',
        "SELECT spend.total / profile.n AS x",
        "spend,profile",
    )


def test_the_row_in_hand_counts_where_a_window_is_closed_on_both_sides() -> None:
    rolling = 'pl.col("amount").sum().rolling("event_time", period="30d", closed="{}")'
    frame = "RANGE BETWEEN INTERVAL '30' DAY PRECEDING AND CURRENT ROW"
    for closed, window in (("both", f"({frame})"), ("left", "last_30d")):
        made = read_cell(f"x = {rolling.format(closed)}", per="row")
        other = read(f"SELECT COALESCE(SUM(amount) OVER {window}, 0) AS x", per="row")
        assert meaning_hash(made.view) == meaning_hash(other)
        try_against_polars(made)


def test_there_are_pairs_enough() -> None:
    assert len(AGGREGATES) + len(VALUES) + len(CELLS) >= 100


def test_a_python_name_means_the_feature_as_its_column_does() -> None:
    by_name = read_cell('a = pl.len().over("today")\nb = a + 1').view
    by_column = read_cell('a = pl.len().over("today")\nb = pl.col("a") + 1').view
    assert meaning_hash(by_name) == meaning_hash(by_column)


def test_columns_are_called_as_they_are_spelled() -> None:
    assert view_text(read_cell('x = pl.col("Order No").mean().over("today")').view)
    with pytest.raises(FeatureError) as raised:
        read_cell('x = pl.col("AMOUNT").mean().over("today")')
    assert raised.value.code == "FK111"
