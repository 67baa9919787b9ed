"""Times of polars, with polars' meaning."""

from __future__ import annotations

import re
from typing import Any

from featurekit import datatypes as types
from featurekit.datatypes import Kind
from featurekit.errors.names import UnknownZone
from featurekit.errors.polars import PolarsRefused
from featurekit.frontends.binding import apply
from featurekit.frontends.polars_literals import given, number
from featurekit.frontends.polars_operators import refusing
from featurekit.frontends.polars_reader import Called, Function, named_function
from featurekit.frontends.zones import is_zone, zones
from featurekit.ir.nodes import Expression, Literal

_UNITS = {"d": "day", "h": "hour", "m": "minute", "s": "second", "w": "week", "mo": "month"}
_UNITS |= {"q": "quarter", "y": "year"}
_LENGTHS = {
    "TotalDays": 86_400_000_000,
    "TotalHours": 3_600_000_000,
    "TotalMinutes": 60_000_000,
    "TotalSeconds": 1_000_000,
    "TotalMicroseconds": 1,
}


def _part(surface: str) -> Function:
    """Return a part of a moment, by the clock of a zone where it was converted to one."""

    def read(call: Called) -> Expression:
        match call.trees[0]:
            case {"Function": {"input": [inner], "function": function}} if (
                named_function(function)[0] == "TemporalExpr.ConvertTimeZone"
            ):
                zone = named_function(function)[1]["inner"]
                if not is_zone(zone):
                    raise UnknownZone(zone, zones(), None)
                moment = call.reader.reads(inner)
                local = apply("AT TIME ZONE", [moment, Literal(zone, types.VARCHAR)], None)
                return apply(surface, [local], None)
            case tree:
                return apply(surface, [call.reader.reads(tree)], None)

    return read


def _truncated(call: Called) -> Expression:
    count, unit = _every(given(call.trees[1], ".dt.truncate", '.dt.truncate("1d")'))
    if count != 1:
        why = "the language truncates to one unit"
        raise PolarsRefused(f"truncation to {count} {unit}s", why, '.dt.truncate("1h")')
    (moment,) = call.values(1)
    return apply("DATE_TRUNC", [Literal(unit, types.VARCHAR), moment], None)


def _offset(call: Called) -> Expression:
    count, unit = _every(given(call.trees[1], ".dt.offset_by", '.dt.offset_by("1d")'))
    (moment,) = call.values(1)
    return apply("DATE_ADD", [Literal(unit, types.VARCHAR), number(count), moment], None)


def _every(text: Any) -> tuple[int, str]:
    """Return the count and unit of polars' ``1d``, ``-3mo``."""
    found = re.fullmatch(r"(-?\d{1,9})(mo|[ywdhmsq])", text) if isinstance(text, str) else None
    if not found:
        why = "it is one number and one unit: s, m, h, d, w, mo, q or y"
        raise PolarsRefused(f"the length {text!r}", why, '"1d"')
    return int(found[1]), _UNITS[found[2]]


def _moment(call: Called) -> Expression:
    if call.options != "Microseconds":
        why = "moments are whole microseconds"
        raise PolarsRefused(f"a moment in {str(call.options).lower()}", why, '.dt.timestamp("us")')
    return apply("EPOCH_US", call.values(), None)


def _length(unit: str) -> Function:
    """Return ``(a - b).dt.total_hours()``: whole units, rounded towards zero."""

    def read(call: Called) -> Expression:
        match call.trees[0]:
            case {"BinaryExpr": {"left": later, "op": "Minus", "right": earlier}}:
                made = [call.reader.reads(later), call.reader.reads(earlier)]
            case _:
                why = "a length of time is the difference of two moments"
                raise PolarsRefused(f".dt.{unit}", why, "(later - earlier).dt.total_hours()")
        if call.options["fractional"]:
            why = "it divides in another order than the language"
            raise PolarsRefused("fractional=True", why, 'fk.elapsed("hour", earlier, later)')
        if unit == "TotalDays" and all(value.type.kind is Kind.DATE for value in made):
            return apply("DAYS_BETWEEN", [made[1], made[0]], None)
        ends = [apply("EPOCH_US", [value], None) for value in made]
        elapsed = apply("-", ends, None)
        size = _LENGTHS[unit]
        return elapsed if size == 1 else apply("//", [elapsed, number(size)], None)

    return read


FUNCTIONS: dict[str, Function] = {
    "TemporalExpr.Year": _part("YEAR"),
    "TemporalExpr.Quarter": _part("QUARTER"),
    "TemporalExpr.Month": _part("MONTH"),
    "TemporalExpr.Week": _part("WEEK"),
    "TemporalExpr.IsoYear": _part("ISOYEAR"),
    "TemporalExpr.Day": _part("DAY"),
    "TemporalExpr.WeekDay": _part("ISODOW"),
    "TemporalExpr.OrdinalDay": _part("DOY"),
    "TemporalExpr.Hour": _part("HOUR"),
    "TemporalExpr.Minute": _part("MINUTE"),
    "TemporalExpr.Second": _part("SECOND"),
    "TemporalExpr.Date": _part("CAST DATE"),
    "TemporalExpr.Truncate": _truncated,
    "TemporalExpr.OffsetBy": _offset,
    "TemporalExpr.TimeStamp": _moment,
    "TemporalExpr.DatetimeFunction": refusing(
        "pl.datetime(...)", "it is built row by row", "datetime(2024, 1, 1, tzinfo=timezone.utc)"
    ),
    "TemporalExpr.ConvertTimeZone": refusing(
        "convert_time_zone", "only its parts are carried", '.dt.convert_time_zone("Z").dt.hour()'
    ),
    **{f"TemporalExpr.{unit}": _length(unit) for unit in _LENGTHS},
}
