"""PostgreSQL as an author writes it, in the words of the language."""

from __future__ import annotations

from featurekit.frontends.spoken import Refused, Spoken

_FRACTION = Refused(
    "PostgreSQL counts fractions of a second there",
    "SECOND(x)   -- or EPOCH_US(x) / 1000000 for the time since 1970 with its fraction",
)
_PARSING = "text that does not parse is an error there, NULL here"

SPOKEN = Spoken(
    "postgres",
    ("postgres.PostgresParser", "postgres.Postgres"),
    calls={
        "BTRIM(x)": "TRIM(x)",
        "CBRT(x)": "SIGN(x) * POWER(ABS(x), 1.0 / 3)",
        "DIV(a, b)": "a // b",
        "EVERY(x)": "BOOL_AND(x)",
        "LOG(x)": "LOG10(x)",
        "LOG(b, x)": "LN(x) / LN(b)",
        "DATE_TRUNC(unit, x)": "DATE_TRUNC(unit, x)",
        "REGEXP_LIKE(x, pattern)": "REGEXP_MATCHES(x, pattern)",
        "REGEXP_MATCHES(x, pattern)": Refused(
            "PostgreSQL answers with a set of captured texts there", "x ~ 'pattern'"
        ),
        "~(x, pattern)": "REGEXP_MATCHES(x, pattern)",
        "~*(x, pattern)": Refused(
            "engines differ in which letters are the same when case is ignored",
            "LOWER(x) ~ 'pattern in small letters'",
        ),
        "TO_TIMESTAMP(x)": "TIMESTAMP '1970-01-01' + INTERVAL x SECOND",
        "WITHIN GROUP('percentile_cont', q, x)": "QUANTILE_CONT(x, q)",
        "WITHIN GROUP('mode', x)": "MODE(x)",
        "TRUNC(x)": "CASE WHEN x < 0 THEN CEIL(x) ELSE FLOOR(x) END",
        "MAKE_DATE(y, m, d)": Refused(
            "the language makes dates of text", "CAST('2024-02-29' AS DATE)"
        ),
        "AGE(a, b)": Refused(
            "an age mixes months and days, and engines clamp them differently",
            "DAYS_BETWEEN(b, a), MONTHS_BETWEEN(b, a) or ELAPSED('day', b, a)",
        ),
    },
    parts={
        "EPOCH": "CAST(EPOCH_US(x) AS DOUBLE) / 1000000",
        "SECOND": _FRACTION,
    },
    remarks={
        "round_double": "ROUND of a double goes to the even neighbour there, away from zero here",
        "double_to_bigint": "a cast of a double to an integer rounds there, truncates here",
        "text_to_bigint": _PARSING,
        "text_to_double": _PARSING,
        "text_to_date": _PARSING,
        "text_to_timestamp": _PARSING,
        "avg_bigint": "AVG of integers is NUMERIC there, DOUBLE here",
        "sum_bigint": "SUM of integers is NUMERIC there; here 64 bits, NULL where they overflow",
        "div_double": "division by zero is an error there, NULL here",
        "div_trunc_bigint": "division by zero is an error there, NULL here",
        "mod_trunc_bigint": "division by zero is an error there, NULL here",
        "regexp_matches": "PostgreSQL takes the longest alternative, the language the first",
        "regexp_extract": "PostgreSQL takes the longest alternative, the language the first",
    },
    whole_division=True,
)
