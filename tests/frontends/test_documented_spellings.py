"""Where Snowflake's or BigQuery's words are plain, the front end reads them back as they were."""

from __future__ import annotations

import pytest
from test_dialects import over_rows

from featurekit.backends.to_sql import expression_sql
from featurekit.ir.canonical import meaning_hash

PLAIN = {
    "both": [
        *("channel = 'a'", "qty IS NOT NULL AND NOT (amount IS NULL)", "COALESCE(amount, amount)"),
        *("channel || 'x'", "LENGTH(channel)", "REVERSE(channel)", "channel IN ('a', 'b')"),
        *("CASE WHEN qty IS NULL THEN 'none' ELSE 'some' END", "NULLIF(qty, qty)"),
        *("YEAR(sent)", "MONTH(sent)", "HOUR(sent)", "CAST(qty AS DOUBLE)"),
    ],
    "snowflake": [
        *("STARTS_WITH(channel, 'a')", "ENDS_WITH(channel, 'a')", "CONTAINS(channel, 'a')"),
        *("DAYS_BETWEEN(asked_on, CAST(sent AS DATE))", "ISODOW(asked_on)", "WEEK(asked_on)"),
        *(
            "amount + amount",
            "amount - amount",
            "amount * amount",
            "amount < amount",
            "MD5(channel)",
        ),
    ],
    "bigquery": [
        *("qty + qty", "qty - qty", "qty * qty", "-qty", "qty >= qty"),
        *("STARTS_WITH(channel, 'a')", "ENDS_WITH(channel, 'a')", "WEEK(asked_on)"),
        *("REGEXP_MATCHES(channel, 'a+b')", "channel LIKE 'a%'"),
    ],
}
"""Over columns and texts: a constant number carries a type there, which an author would not."""


@pytest.mark.parametrize(
    ("dialect", "expression"),
    [(d, e) for d in ("snowflake", "bigquery") for e in (*PLAIN["both"], *PLAIN[d])],
)
def test_plain_words_are_read_back_as_the_same_meaning(dialect: str, expression: str) -> None:
    view = over_rows(expression, "duckdb")
    node = view.features[0].expression
    text = expression_sql(node, dialect, lambda column: column.name, "NULL", {})
    assert meaning_hash(over_rows(text, dialect)) == meaning_hash(view), text
