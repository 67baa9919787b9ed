"""PostgreSQL's names, types and constants."""

from __future__ import annotations

from featurekit.backends.to_sql_dialect import Dialect
from featurekit.datatypes import Kind

POSTGRES = Dialect(
    name="postgres",
    quote='"',
    types={
        Kind.BOOLEAN: "BOOLEAN",
        Kind.BIGINT: "BIGINT",
        Kind.DOUBLE: "DOUBLE PRECISION",
        Kind.DECIMAL: "NUMERIC({precision},{scale})",
        Kind.VARCHAR: "VARCHAR",
        Kind.DATE: "DATE",
        Kind.TIMESTAMP: "TIMESTAMP",
        Kind.INTERVAL: "INTERVAL",
        Kind.LIST: "{element}[]",
    },
    infinities=("Infinity", "-Infinity", "NaN"),
    nul=None,
    nfc="normalize({x}, NFC)",
    # TIMESTAMP has no zone, so a DAY added to it is 24 hours
    interval="INTERVAL '{n} {unit}'",
    calendar_back="{x} - INTERVAL '{n} {unit}'",
    unit_start="date_trunc('{unit}', {x})",
    local_clock="timezone({zone}, timezone('UTC', {x}))",
    largest="unnest((array_agg({x} ORDER BY {x} DESC))[{first}:{last}])",
    stretch="CAST(EXTRACT(EPOCH FROM {x}) * 1000000 AS BIGINT) / {width}",
    stretch_start="date_bin(INTERVAL '{width} MICROSECOND', {x}, TIMESTAMP '1970-01-01')",
    # a cast would read it in the session's zone; either branch is right for one type
    instant=(
        "CASE WHEN pg_typeof({x}) = 'timestamptz'::regtype"
        " THEN timezone('UTC', CAST({x} AS TIMESTAMPTZ)) ELSE CAST({x} AS TIMESTAMP) END"
    ),
    numbers="generate_series({first}, {last})",
    collate=' COLLATE "C"',
    longest_name=63,
    qualify=False,
    once="MATERIALIZED ",
)
