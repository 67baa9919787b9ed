"""Expressions of the language as polars expressions, in the spellings of the operator table.

Nothing here knows an operator: constants reach a spelling as Python values, everything else as an
expression of the argument's exact type.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

from featurekit.datatypes import NULL, DataType, Kind
from featurekit.errors.definition import NoSpelling
from featurekit.ir.definitions import Unknown, Vocabulary
from featurekit.ir.nodes import (
    Aggregate,
    AsOf,
    Call,
    Case,
    Column,
    Expression,
    InVocabulary,
    Literal,
)
from featurekit.lazy import require
from featurekit.ops import BY_SURFACE, OPERATORS, Gap, Operator

if TYPE_CHECKING:
    import polars as pl

PURPOSE = "to compute features in batch"


def polars_type(data_type: DataType) -> pl.DataType | type[pl.DataType]:
    """Return the polars type that holds ``data_type`` exactly; TIMESTAMP is an instant in UTC."""
    pl = require("polars", PURPOSE)
    if data_type.kind is Kind.DECIMAL:
        return pl.Decimal(data_type.precision, data_type.scale)  # type: ignore[no-any-return]  # late
    if data_type.kind is Kind.LIST:
        return pl.List(polars_type(data_type.element or NULL))  # type: ignore[no-any-return]  # late
    plain = {
        Kind.BOOLEAN: pl.Boolean,
        Kind.BIGINT: pl.Int64,
        Kind.DOUBLE: pl.Float64,
        Kind.VARCHAR: pl.String,
        Kind.DATE: pl.Date,
        Kind.TIMESTAMP: pl.Datetime("us", "UTC"),
        Kind.INTERVAL: pl.Duration("us"),
        Kind.NULL: pl.Null,
    }
    return plain[data_type.kind]  # type: ignore[no-any-return]  # the engine is loaded late


def literal(node: Literal) -> pl.Expr:
    """Return the constant, typed: a bare NULL carries its type, too."""
    pl = require("polars", PURPOSE)
    return pl.lit(node.value, dtype=polars_type(node.type))  # type: ignore[no-any-return]  # late


def expression(
    node: Expression,
    column: Callable[[Column], pl.Expr],
    as_of: pl.Expr,
    aggregates: Mapping[Aggregate, pl.Expr],
) -> pl.Expr:
    """Return ``node`` as a polars expression.

    Args:
        node: The sentence.
        column: Where each column of the view's relations lies.
        as_of: The moment of asking, ``Datetime('us', 'UTC')``.
        aggregates: What was computed for each aggregate inside ``node``.

    Raises:
        NoSpelling: FK190, an operator without a polars spelling.
    """
    match node:
        case Literal():
            return literal(node)
        case Column():
            return column(node)
        case AsOf():
            return as_of
        case Aggregate():
            return aggregates[node]
        case Call(name, arguments):
            row = OPERATORS[name]
            given = [
                argument.value
                if constant and isinstance(argument, Literal)
                else expression(argument, column, as_of, aggregates)
                for constant, argument in zip(_constants(row), arguments, strict=False)
            ]
            return spelled(row, *given, result=polars_type(node.type))
        case Case(branches, default):
            pl = require("polars", PURPOSE)
            chained = pl
            for condition, value in branches:
                test, answer = (
                    expression(part, column, as_of, aggregates) for part in (condition, value)
                )
                chained = chained.when(test).then(answer)
            otherwise = expression(default, column, as_of, aggregates)
            return chained.otherwise(otherwise)  # type: ignore[no-any-return]  # loaded late
        case InVocabulary(argument, vocabulary):
            return canonical(expression(argument, column, as_of, aggregates), vocabulary)


def _constants(row: Operator) -> chain[bool]:
    """For each argument whether it is a constant; the last parameter may be repeated."""
    own = [parameter.constant for parameter in row.parameters]
    return chain(own, repeat(own[-1] if own else False))


def spelled(row: Operator, *arguments: Any, result: Any = None) -> pl.Expr:
    """Return the operator of ``row`` applied to expressions and constants.

    ``result`` is the polars type of the answer, which some spellings of DECIMAL ask for.
    """
    if isinstance(row.polars, Gap):
        raise NoSpelling(row.name, "polars", row.polars.why)
    pl = require("polars", PURPOSE)
    return row.in_polars(pl, arguments, result)  # type: ignore[no-any-return]  # late


def canonical(argument: pl.Expr, vocabulary: Vocabulary) -> pl.Expr:
    """Return the canonical value of each spelling, once folded (NFC, outer spaces, case).

    Null stays null. OUTSIDE is null here, too: training has no contract to violate.
    """
    pl = require("polars", PURPOSE)
    known: dict[str, str] = {}
    for value, aliases in vocabulary.entries:
        for spelling in (value, *aliases):
            known.setdefault(_folded(spelling, vocabulary), value)
    folded = argument.str.normalize("NFC").str.strip_chars(" ")
    if vocabulary.ignore_case:
        folded = spelled(_lower(), folded)
    bucket = vocabulary.bucket if vocabulary.unknown is Unknown.BUCKET else None
    unknown = pl.lit(bucket, dtype=pl.String)
    if known:
        old = pl.Series(list(known), dtype=pl.String)
        new = pl.Series(list(known.values()), dtype=pl.String)
        unknown = folded.replace_strict(old, new, default=unknown, return_dtype=pl.String)
    return pl.when(argument.is_not_null()).then(unknown)  # type: ignore[no-any-return]  # late


def _lower() -> Operator:
    (row,) = BY_SURFACE["LOWER"]
    return row


def _folded(text: str, vocabulary: Vocabulary) -> str:
    key = unicodedata.normalize("NFC", text).strip(" ")
    return str(_lower().body(key)) if vocabulary.ignore_case else key
