"""DuckDB's names, types and constants."""

from __future__ import annotations

from featurekit.backends.to_sql_dialect import Dialect
from featurekit.datatypes import Kind

DUCKDB = Dialect(
    name="duckdb",
    quote='"',
    types={
        Kind.BOOLEAN: "BOOLEAN",
        Kind.BIGINT: "BIGINT",
        Kind.DOUBLE: "DOUBLE",
        Kind.DECIMAL: "DECIMAL({precision},{scale})",
        Kind.VARCHAR: "VARCHAR",
        Kind.DATE: "DATE",
        Kind.TIMESTAMP: "TIMESTAMP",
        Kind.INTERVAL: "INTERVAL",
        Kind.LIST: "{element}[]",
    },
    infinities=("Infinity", "-Infinity", "NaN"),
    nul="chr(0)",
    nfc="nfc_normalize({x})",
    # TIMESTAMP has no zone in DuckDB, so a DAY added to it is 24 hours
    interval="INTERVAL {n} {unit}",
    calendar_back="{x} - INTERVAL {n} {unit}",
    unit_start="date_trunc('{unit}', {x})",
    local_clock="timezone({zone}, timezone('UTC', {x}))",
    largest="unnest(max({x}, {last})[{first}:])",
    stretch="epoch_us({x}) // {width}",
    stretch_start="time_bucket(INTERVAL {width} MICROSECOND, {x}, TIMESTAMP '1970-01-01')",
    instant="make_timestamp(epoch_us({x}))",
    numbers="unnest(range({first}, {last} + 1))",
    except_own="EXCLUDE",
    frames=True,
)
