"""Casts to VARCHAR: one spelling for each value, which the cast back reads again.

DOUBLE has none: every engine prints doubles in its own way, so that keys made of them never match.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from featurekit.ops.operator import operator


@operator("CAST VARCHAR", polars=lambda pl, a: a.cast(pl.String), sql="CAST({a} AS VARCHAR)")
def bigint_to_text(a: int) -> str:
    """Return the integer's decimal digits, with a minus where it is negative.

    Cases:
        bigint_to_text(42) = "42"
        bigint_to_text(-9223372036854775808) = "-9223372036854775808"
        bigint_to_text(null) = null
    """
    return str(a)


@operator("CAST VARCHAR", polars=lambda pl, a: a.cast(pl.String), sql="CAST({a} AS VARCHAR)")
def decimal_to_text(a: Decimal) -> str:
    """Return the digits of the DECIMAL with all its places: 1.50, never 1.5 or 15E-1.

    Cases:
        decimal_to_text(DECIMAL "1.50") = "1.50"
        decimal_to_text(DECIMAL "-0.0000000001") = "-0.0000000001"
        decimal_to_text(DECIMAL "7") = "7"
        decimal_to_text(null) = null
    """
    return format(a, "f")


@operator(
    "CAST VARCHAR",
    polars=lambda pl, a: pl.when(a).then(pl.lit("true")).when(~a).then(pl.lit("false")),
    sql="CASE WHEN {a} THEN 'true' WHEN NOT {a} THEN 'false' END",
)
def boolean_to_text(a: bool) -> str:
    """Return "true" or "false".

    Cases:
        boolean_to_text(true) = "true"
        boolean_to_text(false) = "false"
        boolean_to_text(null) = null
    """
    return "true" if a else "false"


@operator(
    "CAST VARCHAR",
    polars=lambda pl, a: a.dt.strftime("%Y-%m-%d"),
    sql="strftime({a}, '%Y-%m-%d')",
)
def date_to_text(a: dt.date) -> str:
    """Return the day as YYYY-MM-DD.

    Cases:
        date_to_text(DATE "2024-02-29") = "2024-02-29"
        date_to_text(DATE "0001-01-01") = "0001-01-01"
        date_to_text(null) = null
    """
    return a.isoformat()


@operator(
    "CAST VARCHAR",
    polars=lambda pl, a: a.dt.strftime("%Y-%m-%d %H:%M:%S%.6f"),
    sql="strftime({a}, '%Y-%m-%d %H:%M:%S.%f')",
)
def timestamp_to_text(a: dt.datetime) -> str:
    """Return the instant in UTC as YYYY-MM-DD HH:MM:SS.ffffff, always with six decimal places.

    Cases:
        timestamp_to_text(TIMESTAMP "2024-02-29T10:00:00Z") = "2024-02-29 10:00:00.000000"
        timestamp_to_text(TIMESTAMP "2024-02-29T10:00:00.5Z") = "2024-02-29 10:00:00.500000"
        timestamp_to_text(null) = null
    """
    return a.replace(tzinfo=None).isoformat(" ", "microseconds")


@operator("CAST VARCHAR", polars=lambda pl, a: a, sql="{a}")
def text_to_text(a: str) -> str:
    """Return the text as it is.

    Cases:
        text_to_text(" a ") = " a "
        text_to_text("") = ""
        text_to_text(null) = null
    """
    return a
