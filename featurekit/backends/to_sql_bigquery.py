"""BigQuery's names, types and constants, as its documentation says them: nothing of it has run.

An instant is a DATETIME that means UTC: it has no zone, holds microseconds, and alone knows months;
a TIMESTAMP knows none and is shown in the zone of whoever reads it.
"""

from __future__ import annotations

from featurekit.backends.to_sql_dialect import Dialect
from featurekit.datatypes import Kind

_MICROSECONDS = "DATETIME_DIFF({x}, DATETIME '1970-01-01 00:00:00', MICROSECOND)"

BIGQUERY = Dialect(
    name="bigquery",
    quote="`",
    types={
        Kind.BOOLEAN: "BOOL",
        Kind.BIGINT: "INT64",
        Kind.DOUBLE: "FLOAT64",
        # 38 digits before and after the point hold every DECIMAL; how many it has, the words see to
        Kind.DECIMAL: "BIGNUMERIC",
        Kind.VARCHAR: "STRING",
        Kind.DATE: "DATE",
        Kind.TIMESTAMP: "DATETIME",
    },
    infinities=("inf", "-inf", "nan"),
    nul=None,
    nfc="NORMALIZE({x}, NFC)",
    # DATETIME has no zone, so a DAY added to it is 24 hours
    interval="INTERVAL {n} {unit}",
    calendar_back="DATETIME_SUB({x}, INTERVAL {n} {unit})",
    unit_start="DATETIME_TRUNC({x}, {unit})",
    week_start="DATETIME_TRUNC({x}, ISOWEEK)",
    local_clock="DATETIME(TIMESTAMP({x}, 'UTC'), {zone})",
    largest="",
    stretch=f"DIV({_MICROSECONDS}, {{width}})",
    stretch_start=(
        f"DATETIME_SUB({{x}}, INTERVAL MOD(MOD({_MICROSECONDS}, {{width}}) + {{width}}, {{width}})"
        " MICROSECOND)"
    ),
    instant="CAST({x} AS DATETIME)",
    numbers="`fk_number`",
    each="\nCROSS JOIN UNNEST(GENERATE_ARRAY({first}, {last})) AS `fk_number`",
    longest_name=300,
    except_own="EXCEPT",
    # steps are computed anew for each that reads them
    numbered="row_number() OVER (ORDER BY {columns})",
    escapes={"\\": "\\\\", "'": r"\u0027", "\n": r"\n", "\r": r"\r"},
    nan_last="IS_NAN({x})",
    moment="DATETIME '{x}'",
    moved="DATETIME_SUB({x}, INTERVAL DATETIME_DIFF({clock}, {moment}, MICROSECOND) MICROSECOND)",
    filters=False,
    strange="[^A-Za-z0-9_]",
    orders_inside=False,
    first=(
        "-- Written from the documentation of BigQuery; it has not been run there.\n"
        "-- TIMESTAMP columns are read in the zone of the session: UTC unless set otherwise.\n"
        "-- No column has a collation.\n"
    ),
)
