"""BigQuery's SQL as an author writes it, in the words of the language."""

from __future__ import annotations

from featurekit.frontends.spoken import FROM_THE_END, Refused, Spoken

_SUNDAY = Refused(
    "BigQuery's weeks begin on Sunday there, those of the language on Monday", "ISOWEEK"
)
_NULLS = "one NULL argument makes it NULL there; here NULLs are skipped"
_ELAPSED = {
    f"TIMESTAMP_DIFF(a, b, '{unit}')": f"CAST(ELAPSED('{unit}', b, a) AS BIGINT)"
    for unit in ("microsecond", "second", "minute", "hour", "day")
}

_TRUNCATED = {
    f"{name}({given})": meant
    for name in ("DATE_TRUNC", "TIMESTAMP_TRUNC", "DATETIME_TRUNC")
    for given, meant in (
        ("x, 'week'", _SUNDAY),
        ("x, 'isoweek'", "DATE_TRUNC('week', x)"),
        ("x, unit", "DATE_TRUNC(unit, x)"),
    )
}

SPOKEN = Spoken(
    "bigquery",
    ("bigquery.BigQueryParser", "bigquery.BigQuery"),
    calls={
        "ANY_VALUE(x)": Refused("which value it takes is not said", "FIRST(x) or LAST(x)"),
        "APPROX_COUNT_DISTINCT(x)": "COUNT(DISTINCT x)",
        "BYTE_LENGTH(x)": Refused("the language counts characters", "LENGTH(x)"),
        "CONCAT(...)": "DPipe",
        "DATE(x)": "CAST(x AS DATE)",
        "DATE(x, zone)": "CAST(x AT TIME ZONE zone AS DATE)",
        "DATE_ADD(x, interval)": "x + interval",
        "DATE_DIFF(a, b, 'day')": "DAYS_BETWEEN(b, a)",
        "DATE_DIFF(a, b, 'month')": "MONTHS_BETWEEN(b, a)",
        "DATE_DIFF(a, b, 'year')": "YEAR(a) - YEAR(b)",
        "DATE_SUB(x, interval)": "x - interval",
        "DATETIME_ADD(x, interval)": "x + interval",
        "DATETIME_SUB(x, interval)": "x - interval",
        "TIMESTAMP_ADD(x, interval)": "x + interval",
        "TIMESTAMP_SUB(x, interval)": "x - interval",
        **_ELAPSED,
        **_TRUNCATED,
        "DIV(a, b)": "a // b",
        "EDIT_DISTANCE(a, b)": "LEVENSHTEIN(a, b)",
        "FARM_FINGERPRINT(x)": Refused("no other engine has this hash", "HASH_BUCKET(x, 100, 0)"),
        "IEEE_DIVIDE(a, b)": Refused("it makes infinities and NaN", "a / b"),
        "INSTR(x, part)": "POSITION(x, part)",
        "IS_NAN(x)": "x > CAST('1e400' AS DOUBLE)",
        "LOG(x)": "LN(x)",
        "LOG(x, b)": "LN(x) / LN(b)",
        "LOGICAL_AND(x)": "BOOL_AND(x)",
        "LOGICAL_OR(x)": "BOOL_OR(x)",
        "MAX_BY(x, y)": "ARG_MAX(x, y)",
        "MIN_BY(x, y)": "ARG_MIN(x, y)",
        "PERCENTILE_CONT(x, q)": "QUANTILE_CONT(x, q)",
        "REGEXP_CONTAINS(x, pattern)": "REGEXP_MATCHES(x, pattern)",
        "SAFE_ADD(a, b)": "a + b",
        "SAFE_DIVIDE(a, b)": "a / b",
        "SAFE_MULTIPLY(a, b)": "a * b",
        "SAFE_NEGATE(a)": "-a",
        "SAFE_SUBTRACT(a, b)": "a - b",
        "TIMESTAMP_MICROS(x)": "TIMESTAMP '1970-01-01' + INTERVAL x MICROSECOND",
        "TIMESTAMP_SECONDS(x)": "TIMESTAMP '1970-01-01' + INTERVAL x SECOND",
        "TRUNC(x)": "CASE WHEN x < 0 THEN CEIL(x) ELSE FLOOR(x) END",
        "UNIX_MICROS(x)": "EPOCH_US(x)",
        "UNIX_SECONDS(x)": "CAST(FLOOR(EPOCH_US(x) / 1000000) AS BIGINT)",
    },
    parts={
        "DAYOFWEEK": "DOW(x) + 1",
        "ISOWEEK": "WEEK(x)",
        "WEEK": _SUNDAY,
    },
    remarks={
        **FROM_THE_END,
        "greatest": _NULLS,
        "least": _NULLS,
        "greatest_double": _NULLS,
        "least_double": _NULLS,
        "div_double": "division by zero is an error there unless SAFE_DIVIDE is called, NULL here",
        "div_trunc_bigint": "division by zero is an error there, NULL here",
        "mod_trunc_bigint": "division by zero is an error there, NULL here",
        "double_to_bigint": "a cast of a double to an integer rounds there, truncates here",
    },
    digits=(38, 9),
)
