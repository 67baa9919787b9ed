"""Snowflake's SQL as an author writes it, in the words of the language."""

from __future__ import annotations

from featurekit.frontends.spoken import FROM_THE_END, Refused, Spoken

_WHOLE = Refused(
    "Snowflake matches the whole text there, the language any part of it",
    "REGEXP_MATCHES(x, '^(?:pattern)$')",
)
_NULLS = "one NULL argument makes it NULL there; here NULLs are skipped"

SPOKEN = Spoken(
    "snowflake",
    ("snowflake.SnowflakeParser", "snowflake.Snowflake"),
    calls={
        "APPROX_COUNT_DISTINCT(x)": "COUNT(DISTINCT x)",
        "BOOLAND_AGG(x)": "BOOL_AND(x)",
        "BOOLOR_AGG(x)": "BOOL_OR(x)",
        "CHARINDEX(part, x)": "POSITION(x, part)",
        "CONCAT(...)": "DPipe",
        "DATEADD(unit, n, x)": "DATE_ADD(unit, n, x)",
        "DATEDIFF('day', a, b)": "DAYS_BETWEEN(a, b)",
        "DATEDIFF('month', a, b)": "MONTHS_BETWEEN(a, b)",
        "DATEDIFF('year', a, b)": "YEAR(b) - YEAR(a)",
        "DATEDIFF('hour', a, b)": (
            "CAST(ELAPSED('hour', DATE_TRUNC('hour', a), DATE_TRUNC('hour', b)) AS BIGINT)"
        ),
        "DATEDIFF('minute', a, b)": (
            "CAST(ELAPSED('minute', DATE_TRUNC('minute', a), DATE_TRUNC('minute', b)) AS BIGINT)"
        ),
        "DATEDIFF('second', a, b)": (
            "CAST(ELAPSED('second', DATE_TRUNC('second', a), DATE_TRUNC('second', b)) AS BIGINT)"
        ),
        "DATE_TRUNC(unit, x)": "DATE_TRUNC(unit, x)",
        "DAYOFWEEKISO(x)": "ISODOW(x)",
        "DAYOFWEEK_ISO(x)": "ISODOW(x)",
        "DIV0(a, b)": "CASE WHEN b = 0 THEN 0 ELSE a / b END",
        "DIV0NULL(a, b)": "CASE WHEN b = 0 OR b IS NULL THEN 0 ELSE a / b END",
        "EDITDISTANCE(a, b)": "LEVENSHTEIN(a, b)",
        "ENDSWITH(x, part)": "ENDS_WITH(x, part)",
        "EQUAL_NULL(a, b)": "a IS NOT DISTINCT FROM b",
        "GREATEST_IGNORE_NULLS(a, b)": "GREATEST(a, b)",
        "LEAST_IGNORE_NULLS(a, b)": "LEAST(a, b)",
        "LOG(b, x)": "LN(x) / LN(b)",
        "MAX_BY(x, y)": "ARG_MAX(x, y)",
        "MIN_BY(x, y)": "ARG_MIN(x, y)",
        "MONTHS_BETWEEN(a, b)": Refused(
            "Snowflake counts fractions of months there, from the second to the first",
            "MONTHS_BETWEEN(earlier, later) of the language counts turns of the calendar: "
            "write DATEDIFF('month', earlier, later)",
        ),
        "NULLIFZERO(x)": "NULLIF(x, 0)",
        "NVL2(x, a, b)": "CASE WHEN x IS NOT NULL THEN a ELSE b END",
        "POSITION(part, x)": "POSITION(x, part)",
        "REGEXP_LIKE(x, pattern)": _WHOLE,
        "RLIKE(x, pattern)": _WHOLE,
        "~(x, pattern)": _WHOLE,
        "REGEXP_SUBSTR(x, pattern)": "REGEXP_EXTRACT(x, pattern)",
        "SHA2(x)": "SHA256(x)",
        "SQUARE(x)": "x * x",
        "STARTSWITH(x, part)": "STARTS_WITH(x, part)",
        "TIMESTAMPADD(unit, n, x)": "DATE_ADD(unit, n, x)",
        "TO_DATE(x)": "CAST(x AS DATE)",
        "TRY_TO_DATE(x)": "CAST(x AS DATE)",
        "TO_DOUBLE(x)": "CAST(x AS DOUBLE)",
        "TRY_TO_DOUBLE(x)": "CAST(x AS DOUBLE)",
        "TO_TIMESTAMP(x)": "CAST(x AS TIMESTAMP)",
        "TRY_TO_TIMESTAMP(x)": "CAST(x AS TIMESTAMP)",
        "TO_BOOLEAN(x)": "CAST(x AS BOOLEAN)",
        "WEEKISO(x)": "WEEK(x)",
        "WITHIN GROUP('percentile_cont', q, x)": "QUANTILE_CONT(x, q)",
        "ZEROIFNULL(x)": "COALESCE(x, 0)",
    },
    parts={
        "DAYOFWEEKISO": "ISODOW(x)",
        "DAYOFWEEK_ISO": "ISODOW(x)",
        "WEEKISO": "WEEK(x)",
        "YEAROFWEEKISO": "ISOYEAR(x)",
    },
    remarks={
        **FROM_THE_END,
        "greatest": _NULLS,
        "least": _NULLS,
        "greatest_double": _NULLS,
        "least_double": _NULLS,
        "div_double": (
            "a quotient of integers has six decimals there and division by zero is an error; here"
            " it is DOUBLE, and NULL"
        ),
        "double_to_bigint": "a cast of a double to an integer rounds there, truncates here",
        "avg_bigint": "AVG of integers has six decimals there; here it is DOUBLE",
        "dow": "the session's WEEK_START decides there; here Sunday is 0",
        "week": "the session's WEEK_OF_YEAR_POLICY decides there; here weeks are ISO's",
    },
    digits=(38, 0),
)
