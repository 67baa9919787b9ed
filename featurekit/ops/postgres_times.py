"""Dates, instants and zones in PostgreSQL's words."""

from __future__ import annotations

from collections.abc import Mapping

from featurekit.ops.gap import Gap
from featurekit.ops.postgres_numbers import DOUBLE, named

_PARTS = ("year", "quarter", "month", "week", "isoyear", "day", "dow", "isodow", "doy")
_FIRST, _LAST = -62135596800000000, 253402300799999999


def microseconds(text: str) -> str:
    """Return an instant as microseconds since 1970, exactly."""
    return f"CAST(EXTRACT(EPOCH FROM {text}) * 1000000 AS BIGINT)"


def moment(text: str) -> str:
    """Return the instant so many microseconds after 1970; null where no year 1 to 9999 has it.

    Whole days and the rest are added apart: a length is multiplied as a double, exact for each.
    """
    return named(
        f"CASE WHEN fk_v.n BETWEEN {_FIRST} AND {_LAST} THEN TIMESTAMP '1970-01-01 00:00:00'"
        f" + CAST(floor(fk_v.n / 86400000000) AS {DOUBLE}) * INTERVAL '1 DAY'"
        f" + CAST(fk_v.n - floor(fk_v.n / 86400000000) * 86400000000 AS {DOUBLE})"
        " * INTERVAL '1 MICROSECOND' END",
        n=f"CAST({text} AS NUMERIC)",
    )


def _later() -> str:
    months = "CASE {unit} WHEN 'year' THEN 12 WHEN 'quarter' THEN 3 ELSE 1 END"
    length = (
        "CASE {unit} WHEN 'week' THEN 604800000000 WHEN 'day' THEN 86400000000"
        " WHEN 'hour' THEN 3600000000 WHEN 'minute' THEN 60000000"
        " WHEN 'second' THEN 1000000 ELSE 1 END"
    )
    place = "EXTRACT(YEAR FROM fk_v.x) * 12 + EXTRACT(MONTH FROM fk_v.x) - 1"
    near = f"LEAST(GREATEST(CAST(fk_v.n AS NUMERIC) * {months}, -200000), 200000)"
    by_month = (
        f"CASE WHEN {place} + CAST(fk_v.n AS NUMERIC) * {months} BETWEEN 12 AND 119999"
        f" THEN fk_v.x + make_interval(months => CAST({near} AS INTEGER)) END"
    )
    by_time = moment(f"{microseconds('fk_v.x')} + CAST(fk_v.n AS NUMERIC) * {length}")
    return named(
        f"CASE WHEN {{unit}} IN ('year', 'quarter', 'month') THEN {by_month} ELSE {by_time} END",
        x="CAST({x} AS TIMESTAMP)",
        n="{n}",
    )


def _clock(text: str) -> str:
    return f"timezone({{zone}}, timezone('UTC', {text}))"


_COVERED = "fk_v.x >= TIMESTAMP '0001-01-02 00:00:00' AND fk_v.x < TIMESTAMP '2100-01-01 00:00:00'"


def _from_zone() -> str:
    """Return the instant at which a wall clock reads so: by the offset a day before, or after."""

    def by(side: str) -> str:
        near = f"(fk_v.x {side} INTERVAL '1 DAY')"
        return f"(fk_v.x - ({_clock(near)} - {near}))"

    return named(
        f"CASE WHEN NOT ({_COVERED}) THEN NULL WHEN {_clock(by('-'))} <> fk_v.x"
        f" AND {_clock(by('+'))} = fk_v.x THEN {by('+')} ELSE {by('-')} END",
        x="{x}",
    )


def _months() -> str:
    return (
        "CAST((EXTRACT(YEAR FROM {b}) - EXTRACT(YEAR FROM {a})) * 12"
        " + EXTRACT(MONTH FROM {b}) - EXTRACT(MONTH FROM {a}) AS BIGINT)"
    )


OPERATORS: Mapping[str, str | Gap | None] = {
    **dict.fromkeys((*_PARTS, "hour", "minute")),
    "second": "CAST(floor(EXTRACT(SECOND FROM {x})) AS BIGINT)",
    "epoch_us": microseconds("{x}"),
    "days_between": "CAST(CAST({b} AS DATE) - CAST({a} AS DATE) AS BIGINT)",
    "months_between": _months(),
    "elapsed": (
        f"CAST({microseconds('{b}')} - {microseconds('{a}')} AS {DOUBLE}) / CAST(CASE {{unit}}"
        " WHEN 'second' THEN 1000000 WHEN 'minute' THEN 60000000 WHEN 'hour' THEN 3600000000"
        f" WHEN 'day' THEN 86400000000 ELSE 1 END AS {DOUBLE})"
    ),
    "date_trunc": None,
    "date_trunc_date": "CAST(DATE_TRUNC({unit}, CAST({x} AS TIMESTAMP)) AS DATE)",
    "date_add": _later(),
    "date_add_date": f"CAST({_later()} AS DATE)",
    "date_to_timestamp": None,
    "timestamp_to_date": None,
    "date_to_date": None,
    "timestamp_to_timestamp": None,
    "date_to_text": "to_char({a}, 'YYYY-MM-DD')",
    "timestamp_to_text": "to_char({a}, 'YYYY-MM-DD HH24:MI:SS.US')",
    "at_time_zone": named(f"CASE WHEN {_COVERED} THEN {_clock('fk_v.x')} END", x="{x}"),
    "from_time_zone": _from_zone(),
}
"""Words of each operator; None: DuckDB's mean the same here. Other operators are not tried yet."""
