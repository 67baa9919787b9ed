"""``fk.name(...)``: the language's own operators and aggregates over polars expressions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from featurekit import datatypes as types
from featurekit.datatypes import Kind
from featurekit.errors.meaning import NotPerRow, WrongTypes
from featurekit.errors.names import UnknownType, UnknownVocabulary
from featurekit.frontends.binding import widen
from featurekit.frontends.naming import matching
from featurekit.frontends.polars_aggregates import Rows, aggregated
from featurekit.frontends.polars_operators import cast_between, read_column
from featurekit.frontends.polars_reader import Form, PolarsReader, Tree
from featurekit.frontends.polars_values import Helper
from featurekit.frontends.read_calls import AGGREGATE_ALIASES, ALIASES, function_of
from featurekit.ir.nodes import AsOf, Expression, InVocabulary, Literal
from featurekit.ops import AGGREGATES_BY_SURFACE


def read_column_or_helper(reader: PolarsReader, body: str) -> Expression:
    """Return a column, or what a helper says in its place."""
    helper = reader.cell.helpers.get(body)
    made = read_column(reader, body) if helper is None else _helped(reader, helper)
    reader.meant[body, reader.inside] = made
    return made


def _helped(reader: PolarsReader, helper: Helper) -> Expression:
    name = f"fk.{helper.name.lower()}"
    match helper.name, helper.arguments:
        case "AS_OF", ():
            if reader.inside:
                raise NotPerRow("fk.as_of()", None)
            return AsOf()
        case "VOCAB", (value, word):
            return _vocabulary(reader, reader.reads(value), reader.reads(word))
        case "CAST", (value, word):
            return _cast(reader.reads(value), reader.reads(word))
        case (("AS_OF" | "VOCAB" | "CAST"), given):
            accepted = {"AS_OF": "()", "VOCAB": "(x, 'vocabulary')", "CAST": "(x, 'BIGINT')"}
            raise WrongTypes(name, [f"{len(given)} arguments"], [accepted[helper.name]], None)
        case word, given:
            surface = AGGREGATE_ALIASES.get(word, word)
            if surface in AGGREGATES_BY_SURFACE:
                return _aggregate(reader, surface, given)
            made = [reader.reads(tree) for tree in given]
            return function_of(ALIASES.get(word, word), made, None)


def _aggregate(
    reader: PolarsReader,
    surface: str,
    trees: Sequence[Tree],
) -> Expression:
    def meaning(rows: Rows) -> Expression:
        return rows.over(surface, *rows.values)

    return aggregated(reader, f"fk.{surface.lower()}", trees, None, meaning)


def _vocabulary(reader: PolarsReader, value: Expression, word: Expression) -> Expression:
    name = _word(word)
    found = matching(name, reader.vocabularies, quoted=False)
    if len(found) != 1:
        raise UnknownVocabulary(name, reader.vocabularies, None)
    if value.type.kind not in {Kind.VARCHAR, Kind.NULL}:
        raise WrongTypes("fk.vocab", [value.type], ["(x: VARCHAR, 'vocabulary')"], None)
    return InVocabulary(widen(value, types.VARCHAR), reader.vocabularies[found[0]])


def _cast(value: Expression, word: Expression) -> Expression:
    target = types.parse_type(_word(word))
    if target is None:
        raise UnknownType(_word(word), None)
    return cast_between(value, target)


def _word(node: Expression) -> str:
    value: Any = node.value if isinstance(node, Literal) else None
    return value if isinstance(value, str) else ""


FORMS: dict[str, Form] = {"Column": read_column_or_helper}
