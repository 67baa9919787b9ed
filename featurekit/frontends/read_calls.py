"""Calls: functions of the table, casts, date parts, and what is refused by name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

from featurekit import datatypes as types
from featurekit.datatypes import Kind
from featurekit.errors import Where
from featurekit.errors.definition import FrameRefused
from featurekit.errors.meaning import (
    AggregateRefused,
    ConstantNeeded,
    ConstantRefused,
    NotPerRow,
    NotReproducible,
    ReadsTheFuture,
    WindowMissing,
    WrongTypes,
)
from featurekit.errors.names import UnknownFunction, UnknownVocabulary
from featurekit.frontends.binding import apply, choose, widen
from featurekit.frontends.naming import matching
from featurekit.frontends.read_expressions import EXPRESSIONS, one_expression
from featurekit.frontends.read_times import PART_ALIASES, UNITS, read_named_part, unit_literal
from featurekit.frontends.read_values import zone_literal
from featurekit.frontends.reader import Form, Reader
from featurekit.ir.nodes import AsOf, Expression, InVocabulary, Literal
from featurekit.ops import AGGREGATES_BY_SURFACE, BY_SURFACE

FOLDED = {"COALESCE", "GREATEST", "LEAST", "CONCAT"}
_SYNTAX = {"AND", "OR", "NOT", "IN", "NEG", "LIKE", "ILIKE"}
_OWN = {"AS_OF", "VOCAB", "IF", "FROM_TIME_ZONE", "TO_FIXED"}
ALIASES = {
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
    "REGEXP_LIKE": "REGEXP_MATCHES",
    "PREFIX": "STARTS_WITH",
    "SUFFIX": "ENDS_WITH",
    "DATETRUNC": "DATE_TRUNC",
    **PART_ALIASES,
}
AGGREGATE_ALIASES = {
    "MEAN": "AVG",
    "STDDEV": "STDDEV_SAMP",
    "VARIANCE": "VAR_SAMP",
    "COUNTIF": "COUNT_IF",
}
SINCE = {"TIME_SINCE_LAST": "MAX", "TIME_SINCE_FIRST": "MIN"}
"""The time from the last or first row to the asking, and how that row's time is found."""
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
_COMPARES = "it compares a row with all rows of its partition, those that come later included"
_SKIPS = "a NULL is a value to it, and not to an aggregate, so its name would be taken wrongly"
_COUNTED = "COUNT(*) FILTER (WHERE amount > 100) OVER last_30d   -- how many lie above"
STANDARD_WINDOW = {
    "ROW_NUMBER": ("a list has numbers, an entity has counts", "COUNT(*) OVER all_time"),
    **dict.fromkeys(("RANK", "DENSE_RANK", "NTILE"), (_COMPARES, _COUNTED)),
    **dict.fromkeys(("CUME_DIST", "PERCENT_RANK"), (_COMPARES, _COUNTED)),
    "FIRST_VALUE": (_SKIPS, "FIRST(x) OVER last_30d   -- the first that is not NULL"),
    "LAST_VALUE": (_SKIPS, "LAST(x) OVER last_30d   -- the last that is not NULL"),
    "NTH_VALUE": (_SKIPS, "LAG(x, 2) OVER last_30d   -- two rows before the latest"),
}


def functions() -> list[str]:
    """Return every function's name, in the author's words."""
    names = {s for s in BY_SURFACE if s.isidentifier()} - _SYNTAX
    return sorted(names | _OWN)


def aggregates() -> list[str]:
    """Return every aggregate's name."""
    return sorted({s for s in AGGREGATES_BY_SURFACE if s.isidentifier()} | SINCE.keys())


def read_call(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Return the call of a function of the table, or of one of the language's own.

    Raises:
        DefinitionError: FK113 unknown function, FK140 LEAD, FK141 clocks and chance, FK142 an
            aggregate without a window.
    """
    name, where = called(node), reader.text.place(node)
    refuse_by_name(name, where)
    name = name if name in BY_SURFACE else ALIASES.get(name, name)
    match name:
        case "AS_OF":
            return _as_of(node, where, inside=inside)
        case "VOCAB":
            return _vocabulary(reader, node, inside=inside)
        case "IF":
            return _if(reader, node, inside=inside)
        case "FROM_TIME_ZONE":
            return _from_zone(reader, node, inside=inside)
        case "TO_FIXED":
            return _to_fixed(reader, node, inside=inside)
        case "DATE_PART" | "DATEPART":
            return read_named_part(reader, node, inside=inside)
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
        why, fix = STANDARD_WINDOW[name]
        raise FrameRefused(f"the language has no {name}", why, fix, where)


def _not_a_function(reader: Reader, node: Any, *, inside: bool) -> Exception:
    name, where = called(node), reader.text.place(node)
    shown = reader.text.source_of(node)
    if name not in aggregates() and AGGREGATE_ALIASES.get(name) not in aggregates():
        return UnknownFunction(name, functions() + aggregates(), where)
    if inside:
        why = "the rows of a window are those of the source, not of another window"
        return AggregateRefused(name, "inside an aggregate or WHERE", why, "aggregate once", where)
    if reader.no_rows:
        fix = "SUM(amount) OVER last_30d belongs in a view over events"
        return AggregateRefused(name, "in this view", reader.no_rows, fix, where)
    return WindowMissing(shown, where)


def _call(reader: Reader, name: str, node: Any, *, inside: bool) -> Expression:
    made = [reader.read(argument, inside=inside) for argument in node.expressions]
    words = [reader.text.source_of(argument) for argument in node.expressions]
    places = [reader.text.place(argument) for argument in node.expressions]
    return function_of(name, made, reader.text.place(node), words, places)


def function_of(
    name: str,
    given: Sequence[Expression],
    where: Where | None,
    words: Sequence[str] = (),
    places: Sequence[Where | None] = (),
) -> Expression:
    """Return the call of the function ``name`` of the table, its constants in the one form.

    Raises:
        DefinitionError: FK120 to FK128 for arguments that do not fit.
    """
    made = list(given)
    if name in EXPRESSIONS:
        made = one_expression(name, made, where)
    if name in UNITS and made:
        made[0] = unit_literal(name, made[0], places[0] if places else where)
    if name not in FOLDED or len(made) == 2:  # noqa: PLR2004  the rows of the table take two
        return apply(name, made, where, words, places)
    if len(made) < 2:  # noqa: PLR2004  the rows of the table take two
        types_given = [argument.type for argument in made]
        raise WrongTypes(name, types_given, ["two arguments or more"], where, f"{name}(a, b)")
    return reduce(lambda first, second: apply(name, [first, second], where), made)


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


def _to_fixed(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Return the text with so many decimal places: CAST(CAST(x AS DECIMAL(38, n)) AS VARCHAR)."""
    where = reader.text.place(node)
    given = [reader.read(argument, inside=inside) for argument in node.expressions]
    match given:
        case [value, Literal(int() as digits, kind)] if kind == types.BIGINT:
            if not 0 <= digits < types.MOST_DIGITS:
                why = "there are 0 to 37 places after the point"
                raise ConstantRefused("TO_FIXED", "digits", digits, why, "TO_FIXED(x, 2)", where)
            constants = [Literal(n, types.BIGINT) for n in (types.MOST_DIGITS, digits)]
            return apply("CAST VARCHAR", [apply("CAST DECIMAL", [value, *constants], where)], where)
        case [_, _]:
            raise ConstantNeeded("TO_FIXED", "digits", (), where)
        case _:
            kinds = [argument.type for argument in given]
            raise WrongTypes("TO_FIXED", kinds, ["(x, digits)"], where, "TO_FIXED(x, 2)")


def read_clock(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Refuse CURRENT_TIMESTAMP and its kin."""
    del inside
    raise NotReproducible(_CLOCKS[type(node).__name__], reader.text.place(node))


FORMS: dict[str, Form] = {
    **dict.fromkeys(_CLOCKS, read_clock),
    "Anonymous": read_call,
}
