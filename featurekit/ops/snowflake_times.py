"""Dates, instants and zones in Snowflake's words.

An instant is a TIMESTAMP_NTZ that means UTC. What a parameter of the session decides (when weeks
begin, how texts are read) is said in words that ask none.
"""

from __future__ import annotations

from collections.abc import Mapping

from featurekit.ops.date_arithmetic import EARLIEST, LATEST
from featurekit.ops.gap import Gap

_PARTS = ("year", "quarter", "month", "day", "hour", "minute", "second")
_WEEK = "DATEADD(DAY, 1 - DAYOFWEEKISO({x}), DATE_TRUNC('day', {x}))"
_TRUNCATED = f"CASE {{unit}} WHEN 'week' THEN {_WEEK} ELSE DATE_TRUNC({{unit}}, {{x}}) END"
_COVERED = (
    "{x} >= TO_TIMESTAMP_NTZ('0001-01-02', 'YYYY-MM-DD')"
    " AND {x} < TO_TIMESTAMP_NTZ('2100-01-01', 'YYYY-MM-DD')"
)


def microseconds(text: str) -> str:
    """Return an instant as microseconds since 1970, exactly."""
    return f"DATE_PART(EPOCH_MICROSECOND, {text})"


def _later(moment: str) -> str:
    months = "{n} * CASE {unit} WHEN 'year' THEN 12 WHEN 'quarter' THEN 3 ELSE 1 END"
    length = (
        "{n} * CASE {unit} WHEN 'week' THEN 604800000000 WHEN 'day' THEN 86400000000"
        " WHEN 'hour' THEN 3600000000 WHEN 'minute' THEN 60000000 WHEN 'second' THEN 1000000"
        " ELSE 1 END"
    )
    place = f"YEAR({moment}) * 12 + MONTH({moment}) - 1 + {months}"
    return (
        "CASE WHEN {unit} IN ('year', 'quarter', 'month') THEN"
        f" CASE WHEN {place} BETWEEN 12 AND 119999 THEN DATEADD(MONTH, {months}, {moment}) END"
        f" ELSE CASE WHEN {microseconds(moment)} + {length} BETWEEN {EARLIEST} AND {LATEST}"
        f" THEN DATEADD(MICROSECOND, {length}, {moment}) END END"
    )


def _clock(text: str) -> str:
    return f"CONVERT_TIMEZONE('UTC', {{zone}}, {text})"


def _from_zone() -> str:
    """Return the instant at which a wall clock reads so: by the offset a day before, or after."""

    def by(side: int) -> str:
        near = f"DATEADD(DAY, {side}, {{x}})"
        offset = f"{microseconds(_clock(near))} - {microseconds(near)}"
        return f"DATEADD(MICROSECOND, - ({offset}), {{x}})"

    return (
        f"CASE WHEN NOT ({_COVERED}) THEN NULL WHEN {_clock(by(-1))} <> {{x}}"
        f" AND {_clock(by(1))} = {{x}} THEN {by(1)} ELSE {by(-1)} END"
    )


OPERATORS: Mapping[str, str | Gap | None] = {
    **{name: f"EXTRACT({name.upper()} FROM {{x}})" for name in _PARTS},
    "week": "WEEKISO({x})",
    "isoyear": "YEAROFWEEKISO({x})",
    "dow": "MOD(DAYOFWEEKISO({x}), 7)",
    "isodow": "DAYOFWEEKISO({x})",
    "doy": "DAYOFYEAR({x})",
    "epoch_us": microseconds("{x}"),
    "days_between": "DATEDIFF(DAY, {a}, {b})",
    "months_between": "DATEDIFF(MONTH, {a}, {b})",
    "elapsed": (
        f"CAST({microseconds('{b}')} - {microseconds('{a}')} AS FLOAT) / CAST(CASE {{unit}}"
        " WHEN 'second' THEN 1000000 WHEN 'minute' THEN 60000000 WHEN 'hour' THEN 3600000000"
        " WHEN 'day' THEN 86400000000 ELSE 1 END AS FLOAT)"
    ),
    "date_trunc": _TRUNCATED,
    "date_trunc_date": f"CAST({_TRUNCATED} AS DATE)",
    "date_add": _later("{x}"),
    "date_add_date": f"CAST({_later('CAST({x} AS TIMESTAMP_NTZ(6))')} AS DATE)",
    "date_to_timestamp": "CAST({a} AS TIMESTAMP_NTZ(6))",
    **dict.fromkeys(("timestamp_to_date", "date_to_date", "timestamp_to_timestamp")),
    "at_time_zone": f"CASE WHEN {_COVERED} THEN {_clock('{x}')} END",
    "from_time_zone": _from_zone(),
}
"""Words of each operator; None: DuckDB's mean the same there. Others are not claimed."""
