"""Dates, instants and zones in BigQuery's words: an instant is a DATETIME that means UTC."""

from __future__ import annotations

from collections.abc import Mapping

from featurekit.ops.date_arithmetic import EARLIEST, LATEST
from featurekit.ops.gap import Gap

_PARTS = ("year", "quarter", "month", "day", "hour", "minute", "second", "isoyear")
_UNITS = ("year", "quarter", "month", "day", "hour", "minute", "second")


def microseconds(text: str) -> str:
    """Return an instant as microseconds since 1970, exactly."""
    return f"DATETIME_DIFF({text}, DATETIME '1970-01-01 00:00:00', MICROSECOND)"


def _truncated(kind: str, units: tuple[str, ...]) -> str:
    whens = "".join(f" WHEN '{unit}' THEN {kind}_TRUNC({{x}}, {unit.upper()})" for unit in units)
    return f"CASE {{unit}} WHEN 'week' THEN {kind}_TRUNC({{x}}, ISOWEEK){whens} END"


def _later(moment: str) -> str:
    months = "SAFE_MULTIPLY({n}, CASE {unit} WHEN 'year' THEN 12 WHEN 'quarter' THEN 3 ELSE 1 END)"
    length = (
        "SAFE_MULTIPLY({n}, CASE {unit} WHEN 'week' THEN 604800000000 WHEN 'day' THEN 86400000000"
        " WHEN 'hour' THEN 3600000000 WHEN 'minute' THEN 60000000 WHEN 'second' THEN 1000000"
        " ELSE 1 END)"
    )
    place = f"EXTRACT(YEAR FROM {moment}) * 12 + EXTRACT(MONTH FROM {moment}) - 1"
    moved = f"SAFE_ADD({microseconds(moment)}, {length})"
    return (
        "CASE WHEN {unit} IN ('year', 'quarter', 'month') THEN"
        f" CASE WHEN SAFE_ADD({place}, {months}) BETWEEN 12 AND 119999"
        f" THEN DATETIME_ADD({moment}, INTERVAL {months} MONTH) END"
        f" ELSE CASE WHEN {moved} BETWEEN {EARLIEST} AND {LATEST}"
        f" THEN DATETIME_ADD({moment}, INTERVAL {length} MICROSECOND) END END"
    )


def _clock(text: str) -> str:
    return f"DATETIME(TIMESTAMP({text}, 'UTC'), {{zone}})"


_COVERED = "{x} >= DATETIME '0001-01-02 00:00:00' AND {x} < DATETIME '2100-01-01 00:00:00'"


def _from_zone() -> str:
    """Return the instant at which a wall clock reads so: by the offset a day before, or after."""

    def by(side: str) -> str:
        near = f"DATETIME_{side}({{x}}, INTERVAL 1 DAY)"
        return (
            f"DATETIME_SUB({{x}}, INTERVAL DATETIME_DIFF({_clock(near)}, {near}, MICROSECOND)"
            " MICROSECOND)"
        )

    before, after = by("SUB"), by("ADD")
    return (
        f"CASE WHEN NOT ({_COVERED}) THEN NULL WHEN {_clock(before)} <> {{x}}"
        f" AND {_clock(after)} = {{x}} THEN {after} ELSE {before} END"
    )


OPERATORS: Mapping[str, str | Gap | None] = {
    **{name: f"EXTRACT({name.upper()} FROM {{x}})" for name in _PARTS},
    "week": "EXTRACT(ISOWEEK FROM {x})",
    "dow": "EXTRACT(DAYOFWEEK FROM {x}) - 1",
    "isodow": "MOD(EXTRACT(DAYOFWEEK FROM {x}) + 5, 7) + 1",
    "doy": "EXTRACT(DAYOFYEAR FROM {x})",
    "epoch_us": microseconds("{x}"),
    "days_between": "DATE_DIFF(CAST({b} AS DATE), CAST({a} AS DATE), DAY)",
    "months_between": "DATE_DIFF(CAST({b} AS DATE), CAST({a} AS DATE), MONTH)",
    "elapsed": (
        f"CAST({microseconds('{b}')} - {microseconds('{a}')} AS FLOAT64) / CAST(CASE {{unit}}"
        " WHEN 'second' THEN 1000000 WHEN 'minute' THEN 60000000 WHEN 'hour' THEN 3600000000"
        " WHEN 'day' THEN 86400000000 ELSE 1 END AS FLOAT64)"
    ),
    "date_trunc": _truncated("DATETIME", _UNITS),
    "date_trunc_date": _truncated("DATE", _UNITS[:4]),
    "date_add": _later("{x}"),
    "date_add_date": f"CAST({_later('CAST({x} AS DATETIME)')} AS DATE)",
    "date_to_timestamp": "CAST({a} AS DATETIME)",
    **dict.fromkeys(("timestamp_to_date", "date_to_date", "timestamp_to_timestamp")),
    "at_time_zone": f"CASE WHEN {_COVERED} THEN {_clock('{x}')} END",
    "from_time_zone": _from_zone(),
}
"""Words of each operator; None: DuckDB's mean the same there. Others are not claimed."""
