"""Dates, instants and zones in Spark's words.

An instant is a TIMESTAMP_NTZ that means UTC. Every word here reads and makes that type itself: one
that takes Spark's other TIMESTAMP would go through the zone of the session.
"""

from __future__ import annotations

from collections.abc import Mapping

from featurekit.ops.date_arithmetic import EARLIEST, LATEST
from featurekit.ops.gap import Gap
from featurekit.ops.spark_numbers import named

_EPOCH = "TIMESTAMP_NTZ '1970-01-01 00:00:00'"
_PARTS = ("year", "quarter", "month", "week", "day", "doy", "hour", "minute")


def microseconds(text: str) -> str:
    """Return an instant as microseconds since 1970, exactly."""
    return f"CAST(CAST({text} - {_EPOCH} AS DECIMAL(18,6)) * 1000000 AS BIGINT)"


def moment(text: str) -> str:
    """Return the instant so many microseconds (BIGINT) after 1970."""
    return f"{_EPOCH} + INTERVAL '0.000001' SECOND * {text}"


def _part(word: str, text: str = "{x}") -> str:
    return f"CAST(EXTRACT({word} FROM {text}) AS BIGINT)"


def _truncated() -> str:
    size = "CASE {unit} WHEN 'hour' THEN 3600000000 WHEN 'minute' THEN 60000000 ELSE 1000000 END"
    return named(
        "CASE WHEN {unit} IN ('year', 'quarter', 'month', 'week')"
        " THEN CAST(TRUNC(CAST(fk_v.x AS DATE), {unit}) AS TIMESTAMP_NTZ)"
        " WHEN {unit} = 'day' THEN CAST(CAST(fk_v.x AS DATE) AS TIMESTAMP_NTZ)"
        f" ELSE {moment(f'(fk_v.n - PMOD(fk_v.n, {size}))')} END",
        x="{x}",
        n=microseconds("{x}"),
    )


def _later() -> str:
    size = (
        "CASE {unit} WHEN 'year' THEN 12 WHEN 'quarter' THEN 3 WHEN 'week' THEN 604800000000"
        " WHEN 'day' THEN 86400000000 WHEN 'hour' THEN 3600000000 WHEN 'minute' THEN 60000000"
        " WHEN 'second' THEN 1000000 ELSE 1 END"
    )
    by_month = (
        "CASE WHEN YEAR(fk_v.x) * 12 + MONTH(fk_v.x) - 1 + fk_v.n BETWEEN 12 AND 119999"
        " THEN fk_v.x + MAKE_YM_INTERVAL(0, CAST(fk_v.n AS INT)) END"
    )
    moved = f"{microseconds('fk_v.x')} + fk_v.n"
    by_time = (
        f"CASE WHEN {moved} BETWEEN {EARLIEST} AND {LATEST}"
        f" THEN {moment(f'CAST({moved} AS BIGINT)')} END"
    )
    return named(
        f"CASE WHEN {{unit}} IN ('year', 'quarter', 'month') THEN {by_month} ELSE {by_time} END",
        x="CAST({x} AS TIMESTAMP_NTZ)",
        n=f"CAST({{n}} AS DECIMAL(20,0)) * {size}",
    )


def _clock(before: str, after: str) -> str:
    """Return a clock's reading in another zone: of two instants the earlier, in a gap moved on."""
    known = (
        "fk_v.x >= TIMESTAMP_NTZ '0001-01-02 00:00:00'"
        " AND fk_v.x < TIMESTAMP_NTZ '2100-01-01 00:00:00'"
    )
    return named(f"CASE WHEN {known} THEN CONVERT_TIMEZONE({before}, {after}, fk_v.x) END", x="{x}")


OPERATORS: Mapping[str, str | Gap | None] = {
    **{name: _part(name.upper()) for name in _PARTS},
    "isoyear": _part("YEAROFWEEK"),
    "dow": "CAST(DAYOFWEEK({x}) - 1 AS BIGINT)",
    "isodow": _part("DAYOFWEEK_ISO"),
    "second": "CAST(SECOND({x}) AS BIGINT)",
    "epoch_us": microseconds("{x}"),
    "days_between": "CAST(DATEDIFF(CAST({b} AS DATE), CAST({a} AS DATE)) AS BIGINT)",
    "months_between": "CAST((YEAR({b}) - YEAR({a})) * 12 + MONTH({b}) - MONTH({a}) AS BIGINT)",
    "elapsed": (
        f"CAST({microseconds('{b}')} - {microseconds('{a}')} AS DOUBLE) / CASE {{unit}}"
        " WHEN 'second' THEN 1e6D WHEN 'minute' THEN 6e7D WHEN 'hour' THEN 3.6e9D"
        " WHEN 'day' THEN 8.64e10D ELSE 1e0D END"
    ),
    "date_trunc": _truncated(),
    "date_trunc_date": "CASE {unit} WHEN 'day' THEN {x} ELSE TRUNC({x}, {unit}) END",
    "date_add": _later(),
    "date_add_date": f"CAST({_later()} AS DATE)",
    "at_time_zone": _clock("'UTC'", "{zone}"),
    "from_time_zone": _clock("{zone}", "'UTC'"),
}
"""Words of each operator; None: DuckDB's mean the same here. Other operators are not tried yet."""
