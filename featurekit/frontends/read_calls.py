"""Calls: functions of the table, casts, date parts, and what is refused by name."""

from __future__ import annotations

import re
from functools import reduce
from typing import Any

from featurekit import datatypes as types
from featurekit.datatypes import DataType, Kind
from featurekit.errors import Where
from featurekit.errors.definition import FrameRefused
from featurekit.errors.meaning import (
    AggregateRefused,
    BadLiteral,
    ConstantNeeded,
    NotPerRow,
    NotReproducible,
    ReadsTheFuture,
    WindowMissing,
    WrongTypes,
)
from featurekit.errors.names import UnknownFunction, UnknownType, UnknownVocabulary
from featurekit.frontends.binding import apply, choose, widen
from featurekit.frontends.naming import matching
from featurekit.frontends.read_values import read_binary, timed, zone_literal
from featurekit.frontends.reader import Form, Reader
from featurekit.ir.nodes import AsOf, Expression, InVocabulary, Literal
from featurekit.ops import AGGREGATES_BY_SURFACE, BY_SURFACE

FOLDED = {"COALESCE", "GREATEST", "LEAST", "CONCAT"}
_SYNTAX = {"AND", "OR", "NOT", "IN", "NEG", "LIKE", "ILIKE"}
_OWN = {"AS_OF", "VOCAB", "IF", "FROM_TIME_ZONE"}
_ALIASES = {
    "POW": "POWER",
    "CEILING": "CEIL",
    "LEN": "LENGTH",
    "CHAR_LENGTH": "LENGTH",
    "CHARACTER_LENGTH": "LENGTH",
    "UCASE": "UPPER",
    "LCASE": "LOWER",
    "SUBSTR": "SUBSTRING",
    "IFNULL": "COALESCE",
    "NVL": "COALESCE",
    "IFF": "IF",
    "MOD": "%",
    "PREFIX": "STARTS_WITH",
    "SUFFIX": "ENDS_WITH",
    "DATETRUNC": "DATE_TRUNC",
    "DAYOFWEEK": "DOW",
    "WEEKDAY": "DOW",
    "DAYOFYEAR": "DOY",
    "DAYOFMONTH": "DAY",
    "WEEKOFYEAR": "WEEK",
    "ISOYEAR": "ISOYEAR",
}
AGGREGATE_ALIASES = {
    "MEAN": "AVG",
    "STDDEV": "STDDEV_SAMP",
    "VARIANCE": "VAR_SAMP",
    "COUNTIF": "COUNT_IF",
    "FIRST_VALUE": "FIRST",
    "LAST_VALUE": "LAST",
}
_CLOCKS = {
    "CurrentTimestamp": "CURRENT_TIMESTAMP",
    "CurrentDate": "CURRENT_DATE",
    "CurrentTime": "CURRENT_TIME",
    "CurrentDatetime": "CURRENT_DATETIME",
    "Localtime": "LOCALTIME",
    "Localtimestamp": "LOCALTIMESTAMP",
}
_CHANGING = {
    *_CLOCKS.values(),
    *("NOW", "TODAY", "GETDATE", "SYSDATE", "GET_CURRENT_TIME", "GET_CURRENT_TIMESTAMP"),
    *("TRANSACTION_TIMESTAMP", "CLOCK_TIMESTAMP", "STATEMENT_TIMESTAMP", "UTC_TIMESTAMP"),
    *("RANDOM", "RAND", "UUID", "GEN_RANDOM_UUID", "NEXTVAL", "SETSEED"),
}
STANDARD_WINDOW = {
    *("LAG", "ROW_NUMBER", "RANK", "DENSE_RANK", "NTILE", "NTH_VALUE", "CUME_DIST", "PERCENT_RANK"),
}
_ELAPSED_UNITS = ("microsecond", "second", "minute", "hour", "day")
_CALENDAR_UNITS = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
UNITS = {
    "ELAPSED": _ELAPSED_UNITS,
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
_TYPED = re.compile(r"\b(?:date|timestamp|timestamptz|datetime|zone)\s*$", re.IGNORECASE)


def functions() -> list[str]:
    """Return every function's name, in the author's words."""
    names = {s for s in BY_SURFACE if s.isidentifier()} - _SYNTAX
    return sorted(names | _OWN)


def aggregates() -> list[str]:
    """Return every aggregate's name."""
    return sorted({s for s in AGGREGATES_BY_SURFACE if s.isidentifier()})


def read_call(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Return the call of a function of the table, or of one of the language's own.

    Raises:
        DefinitionError: FK113 unknown function, FK140 LEAD, FK141 clocks and chance, FK142 an
            aggregate without a window.
    """
    name, where = called(node), reader.text.place(node)
    refuse_by_name(name, where)
    name = name if name in BY_SURFACE else _ALIASES.get(name, name)
    match name:
        case "AS_OF":
            return _as_of(node, where, inside=inside)
        case "VOCAB":
            return _vocabulary(reader, node, inside=inside)
        case "IF":
            return _if(reader, node, inside=inside)
        case "FROM_TIME_ZONE":
            return _from_zone(reader, node, inside=inside)
        case "DATE_PART" | "DATEPART":
            return _part_of(reader, node, inside=inside)
        case _ if name in _SYNTAX or name not in BY_SURFACE:
            raise _not_a_function(reader, node, inside=inside)
        case _:
            return _call(reader, name, node, inside=inside)


def called(node: Any) -> str:
    """Return the function's name, upper case."""
    name = node.this
    return (name if isinstance(name, str) else str(name.this)).upper()


def refuse_by_name(name: str, where: Where | None) -> None:
    """Refuse functions that no view may call, whatever their arguments.

    Raises:
        DefinitionError: FK108, FK140, FK141.
    """
    if name == "LEAD":
        raise ReadsTheFuture("LEAD", where)
    if name in _CHANGING:
        raise NotReproducible(name, where)
    if name in STANDARD_WINDOW:
        raise FrameRefused(name, where)


def _not_a_function(reader: Reader, node: Any, *, inside: bool) -> Exception:
    name, where = called(node), reader.text.place(node)
    shown = reader.text.source_of(node)
    if name not in aggregates() and AGGREGATE_ALIASES.get(name) not in aggregates():
        return UnknownFunction(name, functions() + aggregates(), where)
    if inside:
        why = "the rows of a window are those of the source, not of another window"
        return AggregateRefused(
            f"{name} inside an aggregate or WHERE", why, "aggregate once", where
        )
    if reader.no_rows:
        fix = "SUM(amount) OVER last_30d belongs in a view over events"
        return AggregateRefused(name, reader.no_rows, fix, where)
    return WindowMissing(shown, where)


def _call(reader: Reader, name: str, node: Any, *, inside: bool) -> Expression:
    where = reader.text.place(node)
    made = [reader.read(argument, inside=inside) for argument in node.expressions]
    words = [reader.text.source_of(argument) for argument in node.expressions]
    if name in UNITS and made:
        made[0] = _unit(name, made[0], reader.text.place(node.expressions[0]))
    if name not in FOLDED or len(made) == 2:  # noqa: PLR2004  the rows of the table take two
        return apply(name, made, where, words)
    if len(made) < 2:  # noqa: PLR2004  the rows of the table take two
        given = [argument.type for argument in made]
        raise WrongTypes(name, given, ["two arguments or more"], where, f"{name}(a, b)")
    return reduce(lambda first, second: apply(name, [first, second], where), made)


def _unit(name: str, given: Expression, where: Where | None) -> Literal:
    if isinstance(given, Literal) and isinstance(given.value, str):
        unit = given.value.lower().removesuffix("s")
        if unit in UNITS[name]:
            return Literal(unit, types.VARCHAR)
    raise ConstantNeeded(name, "unit", UNITS[name], where)


def _as_of(node: Any, where: Where | None, *, inside: bool) -> Expression:
    if inside:
        raise NotPerRow("AS_OF()", where)
    if node.expressions:
        raise WrongTypes("AS_OF", ["an argument"], ["()"], where, "AS_OF()")
    return AsOf()


def _vocabulary(reader: Reader, node: Any, *, inside: bool) -> Expression:
    where = reader.text.place(node)
    arguments = node.expressions
    if len(arguments) != 2:  # noqa: PLR2004  VOCAB takes a text and a name
        raise WrongTypes("VOCAB", arguments, ["(x: VARCHAR, vocabulary)"], where, "VOCAB(x, name)")
    value, named = reader.read(arguments[0], inside=inside), arguments[1]
    at = reader.text.place(named)
    if value.type.kind not in {Kind.VARCHAR, Kind.NULL}:
        raise WrongTypes("VOCAB", [value.type], ["(x: VARCHAR, vocabulary)"], where)
    kind = type(named).__name__
    if not (kind == "Column" and named.args.get("table") is None) and kind != "Literal":
        raise UnknownVocabulary(reader.text.source_of(named), reader.vocabularies, at)
    word = str(named.this if kind == "Literal" else named.name)
    found = matching(word, reader.vocabularies, quoted=kind == "Literal")
    if len(found) != 1:
        raise UnknownVocabulary(word, reader.vocabularies, at)
    return InVocabulary(widen(value, types.VARCHAR), reader.vocabularies[found[0]])


def _if(reader: Reader, node: Any, *, inside: bool) -> Expression:
    where = reader.text.place(node)
    arguments = node.expressions
    if len(arguments) not in {2, 3}:
        words = [reader.text.source_of(a) for a in arguments]
        raise WrongTypes("IF", words, ["(condition, value, other value)"], where, "IF(a, b, c)")
    condition = reader.condition(arguments[0], "IF", inside=inside)
    values = [reader.read(argument, inside=inside) for argument in arguments[1:]]
    default = values[1] if len(values) > 1 else Literal(None)
    return choose("IF", [(condition, values[0])], default, where)


def _from_zone(reader: Reader, node: Any, *, inside: bool) -> Expression:
    where = reader.text.place(node)
    if len(node.expressions) != 2:  # noqa: PLR2004  a wall clock and its zone
        raise WrongTypes("FROM_TIME_ZONE", [], ["(local: TIMESTAMP, zone)"], where)
    made = reader.read(node.expressions[0], inside=inside)
    zone = zone_literal(reader, node.expressions[1], inside=inside)
    return apply("FROM TIME ZONE", [made, zone], where)


def _part_of(reader: Reader, node: Any, *, inside: bool) -> Expression:
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
    name = name if name in BY_SURFACE else _ALIASES.get(name, name.removesuffix("S"))
    parts = ("YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "DOW", "ISODOW", "DOY", "HOUR", "MINUTE")
    if name not in (*parts, "SECOND", "ISOYEAR"):
        instead = "EPOCH_US(x) / 1000000" if name == "EPOCH" else ""
        raise UnknownFunction(f"date part {part.upper()}", parts, where, instead)
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
    return apply(f"CAST {target.kind}", [made, *constants], where)


_TYPED_KINDS = {Kind.DATE, Kind.TIMESTAMP}


def _type(reader: Reader, node: Any) -> DataType:
    wanted = node.args["to"]
    name = getattr(wanted.this, "name", str(wanted.this))
    digits = [str(part.this.this) for part in wanted.expressions if hasattr(part.this, "this")]
    where = reader.text.place(node)
    if name == "DECIMAL":
        found = types.parse_type(f"decimal({','.join(digits)})")
        if found is None:
            raise UnknownType(f"DECIMAL({', '.join(digits)})", where)
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
    step = _unit("DATE_ADD", Literal(unit, types.VARCHAR), at)
    return apply("DATE_ADD", [step, count, moved], where)


def _count(reader: Reader, interval: Any, *, back: bool, inside: bool) -> Expression:
    amount = interval.this
    where = reader.text.place(interval)
    if amount is None:
        raise BadLiteral("INTERVAL", Kind.INTERVAL, where)
    if type(amount).__name__ == "Literal":
        if not re.fullmatch(r"-?\d{1,18}", str(amount.this)):
            raise BadLiteral(f"INTERVAL '{amount.this}'", Kind.INTERVAL, where)
        return Literal(-int(amount.this) if back else int(amount.this), types.BIGINT)
    made = reader.read(amount, inside=inside)
    return apply("NEG", [made], where) if back else made


def read_interval(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Refuse a length of time that stands alone."""
    del inside
    instead = "x + INTERVAL '1' DAY, or ELAPSED('hour', a, b) for the time between"
    raise UnknownFunction("INTERVAL by itself", (), reader.text.place(node), instead)


def read_clock(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Refuse CURRENT_TIMESTAMP and its kin."""
    del inside
    raise NotReproducible(_CLOCKS[type(node).__name__], reader.text.place(node))


FORMS: dict[str, Form] = {
    **dict.fromkeys(_CLOCKS, read_clock),
    "Anonymous": read_call,
    "Cast": read_cast,
    "TryCast": read_cast,
    "Extract": read_part,
    "Add": read_sum,
    "Sub": read_sum,
    "Interval": read_interval,
}
