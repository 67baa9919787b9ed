"""Spark's SQL as an author writes it, in the words of the language."""

from __future__ import annotations

from featurekit.frontends.spoken import FROM_THE_END, Refused, Spoken

_ANSI = "division by zero is an error there (spark.sql.ansi.enabled), NULL here"

SPOKEN = Spoken(
    "spark",
    ("spark.SparkParser", "spark.Spark"),
    calls={
        "ADD_MONTHS(x, n)": "DATE_ADD('month', n, x)",
        "ANY(x)": "BOOL_OR(x)",
        "APPROX_COUNT_DISTINCT(x)": "COUNT(DISTINCT x)",
        "CBRT(x)": "SIGN(x) * POWER(ABS(x), 1.0 / 3)",
        "CHARINDEX(part, x)": "POSITION(x, part)",
        "CONCAT(...)": "DPipe",
        "DATEDIFF(a, b)": "DAYS_BETWEEN(b, a)",
        "DATE_DIFF(a, b)": "DAYS_BETWEEN(b, a)",
        "DATE_ADD(x, n)": "DATE_ADD('day', n, CAST(x AS DATE))",
        "DATE_SUB(x, n)": "DATE_ADD('day', -n, CAST(x AS DATE))",
        "DATE_TRUNC(unit, x)": "DATE_TRUNC(unit, x)",
        "DAYOFWEEK(x)": "DOW(x) + 1",
        "EVERY(x)": "BOOL_AND(x)",
        "INSTR(x, part)": "POSITION(x, part)",
        "LOCATE(part, x)": "POSITION(x, part)",
        "POSITION(part, x)": "POSITION(x, part)",
        "LOG(x)": "LN(x)",
        "LOG(b, x)": "LN(x) / LN(b)",
        "MAX_BY(x, y)": "ARG_MAX(x, y)",
        "MIN_BY(x, y)": "ARG_MIN(x, y)",
        "MONTHS_BETWEEN(a, b)": Refused(
            "Spark counts fractions of months there, from the second to the first",
            "MONTHS_BETWEEN of the language counts turns of the calendar: "
            "12 * (YEAR(a) - YEAR(b)) + MONTH(a) - MONTH(b)",
        ),
        "NVL2(x, a, b)": "CASE WHEN x IS NOT NULL THEN a ELSE b END",
        "PERCENTILE(x, q)": "QUANTILE_CONT(x, q)",
        "WITHIN GROUP('percentile_cont', q, x)": "QUANTILE_CONT(x, q)",
        "~(x, pattern)": "REGEXP_MATCHES(x, pattern)",
        "REGEXP_LIKE(x, pattern)": "REGEXP_MATCHES(x, pattern)",
        "REGEXP(x, pattern)": "REGEXP_MATCHES(x, pattern)",
        "REGEXP_EXTRACT(x, pattern)": (
            "CASE WHEN x IS NOT NULL THEN COALESCE(REGEXP_EXTRACT(x, pattern, 1), '') END"
        ),
        "REGEXP_EXTRACT(x, pattern, n)": (
            "CASE WHEN x IS NOT NULL THEN COALESCE(REGEXP_EXTRACT(x, pattern, n), '') END"
        ),
        "SHA2(x, n)": Refused("the language has the digest of 256 bits", "SHA256(x)"),
        "STARTSWITH(x, part)": "STARTS_WITH(x, part)",
        "ENDSWITH(x, part)": "ENDS_WITH(x, part)",
        "SUBSTRING_INDEX(x, separator, n)": Refused(
            "it takes all parts up to the n-th", "SPLIT_PART(x, separator, n)"
        ),
        "TO_DATE(x)": "CAST(x AS DATE)",
        "TO_TIMESTAMP(x)": "CAST(x AS TIMESTAMP)",
        "TRUNC(x, unit)": "DATE_TRUNC(unit, CAST(x AS DATE))",
        "TRY_ADD(a, b)": "a + b",
        "TRY_DIVIDE(a, b)": "a / b",
        "TRY_MULTIPLY(a, b)": "a * b",
        "TRY_SUBTRACT(a, b)": "a - b",
        "UNIX_MICROS(x)": "EPOCH_US(x)",
        "UNIX_SECONDS(x)": "CAST(FLOOR(EPOCH_US(x) / 1000000) AS BIGINT)",
        "TIMESTAMP_MICROS(x)": "TIMESTAMP '1970-01-01' + INTERVAL x MICROSECOND",
        "TIMESTAMP_SECONDS(x)": "TIMESTAMP '1970-01-01' + INTERVAL x SECOND",
        "WEEKDAY(x)": "ISODOW(x) - 1",
    },
    parts={
        "DAYOFWEEK": "DOW(x) + 1",
        "DOW": "DOW(x) + 1",
        "DAYOFWEEK_ISO": "ISODOW(x)",
        "DOW_ISO": "ISODOW(x)",
        "YEAROFWEEK": "ISOYEAR(x)",
    },
    remarks={
        **FROM_THE_END,
        "div_double": _ANSI,
        "div_trunc_bigint": _ANSI,
        "mod_trunc_bigint": _ANSI,
        "upper": "one letter can become two there (ß, SS); here one stays one",
        "floor_double": "FLOOR is BIGINT there, DOUBLE here",
        "ceil_double": "CEIL is BIGINT there, DOUBLE here",
    },
    digits=(10, 0),
)
