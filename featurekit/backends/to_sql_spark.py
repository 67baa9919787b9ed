"""Spark's names, types and constants."""

from __future__ import annotations

from featurekit.backends.to_sql_dialect import SUBSTITUTED, Dialect
from featurekit.datatypes import Kind

SPARK = Dialect(
    name="spark",
    quote="`",
    types={
        Kind.BOOLEAN: "BOOLEAN",
        Kind.BIGINT: "BIGINT",
        Kind.DOUBLE: "DOUBLE",
        Kind.DECIMAL: "DECIMAL({precision},{scale})",
        Kind.VARCHAR: "STRING",
        Kind.DATE: "DATE",
        # TIMESTAMP is read and computed in the zone of the session
        Kind.TIMESTAMP: "TIMESTAMP_NTZ",
        Kind.INTERVAL: "INTERVAL DAY TO SECOND",
        Kind.LIST: "ARRAY<{element}>",
    },
    infinities=("Infinity", "-Infinity", "NaN"),
    nul=r"'\u0000'",
    nfc="try_reflect('com.ibm.icu.text.Normalizer', 'compose', {x}, FALSE)",
    # TIMESTAMP_NTZ has no zone, so a DAY added to it is 24 hours
    interval="INTERVAL {n} {unit}",
    calendar_back="{x} - INTERVAL {n} {unit}",
    # date_trunc would answer in the zone of the session, and trunc knows no days
    unit_start=(
        "CAST(COALESCE(trunc(CAST({x} AS DATE), '{unit}'), CAST({x} AS DATE)) AS TIMESTAMP_NTZ)"
    ),
    local_clock="convert_timezone('UTC', {zone}, {x})",
    largest="explode(slice(sort_array(collect_list({x}), FALSE), {first}, {count}))",
    stretch="unix_micros({x}) DIV {width}",
    stretch_start="timestampadd(MICROSECOND, - pmod(unix_micros({x}), {width}), {x})",
    # a cast would read it in the session's zone; either branch is right for one type
    instant=(
        "CASE WHEN typeof({x}) = 'timestamp' THEN timestampadd(MICROSECOND,"
        " unix_micros(CAST({x} AS TIMESTAMP)), TIMESTAMP_NTZ '1970-01-01 00:00:00')"
        " ELSE CAST({x} AS TIMESTAMP_NTZ) END"
    ),
    numbers="explode(sequence({first}, {last}))",
    moment="TIMESTAMP_NTZ '{x}'",
    orders_inside=False,
    except_own="EXCEPT",
    qualify=False,
    # without ANSI a short DECIMAL's text is 0E-10, which no words here reckon with
    numbered=(
        "CASE WHEN CAST(CAST(0 AS DECIMAL(38, 10)) AS STRING) LIKE '0.0%'"
        " THEN row_number() OVER (ORDER BY monotonically_increasing_id() ASC)"
        " ELSE raise_error('SET spark.sql.ansi.enabled = true') END"
    ),
    escapes={"\\": "\\\\", SUBSTITUTED: r"\u0024{"},
    nfc_varies=True,
    runs=True,
    first="-- Casts are ANSI's: SET spark.sql.ansi.enabled = true before it.\n",
)
