"""Snowflake's names, types and constants, as its documentation says them: nothing of it has run."""

from __future__ import annotations

from featurekit.backends.to_sql_dialect import Dialect
from featurekit.datatypes import Kind

_MICROSECONDS = "DATE_PART(EPOCH_MICROSECOND, {x})"

SNOWFLAKE = Dialect(
    name="snowflake",
    quote='"',
    types={
        Kind.BOOLEAN: "BOOLEAN",
        Kind.BIGINT: "NUMBER(38,0)",
        Kind.DOUBLE: "FLOAT",
        Kind.DECIMAL: "NUMBER({precision},{scale})",
        Kind.VARCHAR: "VARCHAR",
        Kind.DATE: "DATE",
        Kind.TIMESTAMP: "TIMESTAMP_NTZ(6)",
    },
    infinities=("inf", "-inf", "NaN"),
    nul=r"'\0'",
    nfc=None,
    # TIMESTAMP_NTZ has no zone, so a DAY added to it is 24 hours
    interval="INTERVAL '{n} {unit}'",
    calendar_back="DATEADD({unit}, -{n}, {x})",
    unit_start="DATE_TRUNC('{unit}', {x})",
    # a parameter of the session says when its own weeks begin
    week_start="DATEADD(DAY, 1 - DAYOFWEEKISO({x}), DATE_TRUNC('day', {x}))",
    local_clock="CONVERT_TIMEZONE('UTC', {zone}, {x})",
    largest="",
    stretch=f"FLOOR({_MICROSECONDS} / {{width}})",
    stretch_start=(
        f"DATEADD(MICROSECOND, - MOD(MOD({_MICROSECONDS}, {{width}}) + {{width}}, {{width}}),"
        " {x})"
    ),
    # a cast would take the wall clock of an instant with a zone
    instant=f"TO_TIMESTAMP_NTZ({_MICROSECONDS}, 6)",
    numbers='CAST("fk_number".VALUE AS NUMBER(38,0))',
    each=(', LATERAL FLATTEN(INPUT => ARRAY_GENERATE_RANGE({first}, {last} + 1)) AS "fk_number"'),
    longest_name=255,
    except_own="EXCLUDE",
    numbered="row_number() OVER (ORDER BY {columns})",
    escapes={"\\": "\\\\"},
    moment="TO_TIMESTAMP_NTZ('{exact}', 'YYYY-MM-DD HH24:MI:SS.FF6')",
    day="TO_DATE('{x}', 'YYYY-MM-DD')",
    moved=(
        f"DATEADD(MICROSECOND, {_MICROSECONDS.format(x='{moment}')}"
        f" - {_MICROSECONDS.format(x='{clock}')}, {{x}})"
    ),
    filters=False,
    orders_inside=False,
    first=(
        "-- Written from the documentation of Snowflake; it has not been run there.\n"
        "-- Names are quoted and so keep their case: a table made as SPINE is not this spine.\n"
        "-- No column has a collation, and no time is finer than a microsecond.\n"
    ),
)
