"""Casts, date parts, units, and dates moved by intervals."""

from __future__ import annotations

import re
from typing import Any

from featurekit import datatypes as types
from featurekit.datatypes import DataType, Kind
from featurekit.errors import Where
from featurekit.errors.meaning import BadLiteral, ConstantNeeded
from featurekit.errors.names import UnknownFunction, UnknownType
from featurekit.frontends.binding import apply, widen
from featurekit.frontends.read_values import read_binary, timed
from featurekit.frontends.reader import Form, Reader
from featurekit.ir.nodes import Expression, Literal

_PARTS = (
    *("YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "DOW", "ISODOW", "DOY", "HOUR", "MINUTE"),
    *("SECOND", "ISOYEAR"),
)
PART_ALIASES = {
    "DAYOFWEEK": "DOW",
    "WEEKDAY": "DOW",
    "DAYOFYEAR": "DOY",
    "DAYOFMONTH": "DAY",
    "WEEKOFYEAR": "WEEK",
}
_ELAPSED_UNITS = ("microsecond", "second", "minute", "hour", "day")
_CALENDAR_UNITS = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
UNITS = {
    **dict.fromkeys(("ELAPSED", "TIME_SINCE_LAST", "TIME_SINCE_FIRST"), _ELAPSED_UNITS),
    "DATE_TRUNC": _CALENDAR_UNITS,
    "DATE_ADD": ("microsecond", *_CALENDAR_UNITS),
}
_KINDS = {
    "BOOLEAN": types.BOOLEAN,
    **dict.fromkeys(("TINYINT", "SMALLINT", "INT", "BIGINT"), types.BIGINT),
    **dict.fromkeys(("FLOAT", "DOUBLE"), types.DOUBLE),
    **dict.fromkeys(("TEXT", "VARCHAR"), types.VARCHAR),
    "DATE": types.DATE,
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMPNTZ", "TIMESTAMPTZ", "DATETIME"), types.TIMESTAMP),
}
_TYPED_KINDS = {Kind.DATE, Kind.TIMESTAMP}
_TYPED = re.compile(r"\b(?:date|timestamp|timestamptz|datetime|zone)\s*$", re.IGNORECASE)


def unit_literal(name: str, given: Expression, where: Where | None) -> Literal:
    """Return the unit of time that an argument names, which must be a literal."""
    if isinstance(given, Literal) and isinstance(given.value, str):
        unit = given.value.lower().removesuffix("s")
        if unit in UNITS[name]:
            return Literal(unit, types.VARCHAR)
    raise ConstantNeeded(name, "unit", UNITS[name], where)


def read_named_part(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Return ``DATE_PART('year', x)``."""
    where = reader.text.place(node)
    parts = node.expressions
    if len(parts) != 2 or type(parts[0]).__name__ != "Literal":  # noqa: PLR2004  part and moment
        raise ConstantNeeded("DATE_PART", "part", ("year", "month", "day", "hour"), where)
    return _part(reader, str(parts[0].this), parts[1], where, inside=inside)


def read_part(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Return ``EXTRACT(part FROM x)``."""
    where = reader.text.place(node)
    return _part(reader, node.this.name, node.expression, where, inside=inside)


def _part(
    reader: Reader, part: str, value: Any, where: Where | None, *, inside: bool
) -> Expression:
    name = part.upper()
    name = name if name in _PARTS else PART_ALIASES.get(name, name.removesuffix("S"))
    if name not in _PARTS:
        instead = "EPOCH_US(x) / 1000000" if name == "EPOCH" else ""
        raise UnknownFunction(f"date part {part.upper()}", _PARTS, where, instead)
    return apply(name, [reader.read(value, inside=inside)], where)


def read_cast(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Return CAST, TRY_CAST or ``::``, which are the same: what does not parse is null.

    Raises:
        DefinitionError: FK119 unknown type, FK120 no such cast, FK124 bad date literal.
    """
    where = reader.text.place(node)
    target = _type(reader, node)
    inner = node.this
    if type(inner).__name__ == "Literal" and inner.is_string and target.kind in _TYPED_KINDS:
        start = inner.meta.get("start", 0)
        if _TYPED.search(reader.text.text[:start]):
            return timed(reader, inner, target.kind)
    if node.args.get("format") is not None or node.args.get("default") is not None:
        raise UnknownFunction("CAST with a format", (), where)
    made = reader.read(inner, inside=inside)
    if made.type == target or (isinstance(made, Literal) and made.value is None):
        return widen(made, target)
    digits = (target.precision, target.scale) if target.kind is Kind.DECIMAL else ()
    constants = [Literal(n, types.BIGINT) for n in digits]
    return apply(f"CAST {target.kind}", [made, *constants], where, [reader.text.source_of(inner)])


def _type(reader: Reader, node: Any) -> DataType:
    wanted = node.args["to"]
    name = getattr(wanted.this, "name", str(wanted.this))
    digits = [str(part.this.this) for part in wanted.expressions if hasattr(part.this, "this")]
    where = reader.text.place(node)
    if name == "DECIMAL":
        found = types.parse_type(f"decimal({','.join(digits)})")
        if found is None:
            raise UnknownType(f"DECIMAL({', '.join(digits)})" if digits else "DECIMAL alone", where)
        return found
    if name not in _KINDS or wanted.expressions:
        raise UnknownType(wanted.sql(dialect="duckdb"), where)
    return _KINDS[name]


def read_sum(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Return ``+`` or ``-``; with an INTERVAL it moves a date or an instant."""
    sides = [node.this, node.expression]
    if type(node).__name__ == "Add" and type(sides[0]).__name__ == "Interval":
        sides.reverse()
    if type(sides[1]).__name__ != "Interval":
        return read_binary(reader, node, inside=inside)
    where = reader.text.place(node)
    moved, interval = reader.read(sides[0], inside=inside), sides[1]
    unit = getattr(interval.args.get("unit"), "name", "")
    count = _count(reader, interval, back=type(node).__name__ == "Sub", inside=inside)
    at = reader.text.place(interval)
    step = unit_literal("DATE_ADD", Literal(unit, types.VARCHAR), at)
    return apply("DATE_ADD", [step, count, moved], where)


def _count(reader: Reader, interval: Any, *, back: bool, inside: bool) -> Expression:
    amount = interval.this
    where = reader.text.place(interval)
    if amount is None:
        raise BadLiteral("INTERVAL", Kind.INTERVAL, where)
    if type(amount).__name__ == "Literal":
        if not re.fullmatch(r"-?\d{1,18}", str(amount.this)):
            raise BadLiteral(f"'{amount.this}'", Kind.INTERVAL, where)
        return Literal(-int(amount.this) if back else int(amount.this), types.BIGINT)
    made = reader.read(amount, inside=inside)
    return apply("NEG", [made], where) if back else made


def read_interval(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Refuse a length of time that stands alone."""
    del inside
    instead = "x + INTERVAL '1' DAY, or ELAPSED('hour', a, b) for the time between"
    raise UnknownFunction("INTERVAL by itself", (), reader.text.place(node), instead)


FORMS: dict[str, Form] = {
    "Cast": read_cast,
    "TryCast": read_cast,
    "Extract": read_part,
    "Add": read_sum,
    "Sub": read_sum,
    "Interval": read_interval,
}
