"""Aggregates of polars over windows, with what polars answers for nulls, NaN and no rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

from featurekit import datatypes as types
from featurekit.datatypes import Kind
from featurekit.errors.meaning import AggregateRefused, WindowMissing, WrongTypes
from featurekit.errors.polars import PolarsRefused
from featurekit.frontends.binding import apply, widen
from featurekit.frontends.polars_literals import NAN, constant, is_nan, is_number, number
from featurekit.frontends.polars_reader import Called, Form, Function, PolarsReader, Tree, opened
from featurekit.ir.nodes import Aggregate, Column, Expression, Literal, walk
from featurekit.ops import bind_aggregate

_FALSE = Literal(value=False, type=types.BOOLEAN)
_TRUE = Literal(value=True, type=types.BOOLEAN)


class Rows:
    """What one aggregate of polars is over: an expression's values in the rows that count."""

    def __init__(
        self, reader: PolarsReader, named: str, trees: Sequence[Tree], options: Any
    ) -> None:
        self.options = options
        self.reader = reader
        self.window, self.with_row = reader.window, reader.with_row
        peeled = [_peeled(reader, tree) for tree in trees]
        if len(peeled) > 1 and any(conditions for _, conditions in peeled):
            why = "two columns, each with rows of its own, have no pairs"
            raise PolarsRefused(f"{named} of filtered columns", why, "filter(...) for the view")
        self.values = [value for value, _ in peeled]
        dropped = [apply("IS NOT NULL", [value], None) for value in self.values]
        self.dropped: list[Expression] = []
        self.where = reader.where
        for condition in (c for _, conditions in peeled for c in conditions):
            if condition in dropped:
                self.dropped.append(condition)
            else:
                self.where = _and(self.where, condition)
        required = [isinstance(value, Column) and value.required for value in self.values]
        self.no_nulls = bool(self.dropped) or any(required)

    @property
    def value(self) -> Expression:
        """The only expression."""
        return self.values[0]

    def over(
        self, surface: str, *values: Expression, where: Expression | None = None
    ) -> Expression:
        """Return the language's aggregate over these rows, or over those that ``where`` adds.

        Raises:
            DefinitionError: FK120 for types that it does not take.
        """
        constants = [v.value if isinstance(v, Literal) else ... for v in values]
        bound = bind_aggregate(surface, [v.type for v in values], constants)
        if bound is None or self.window is None:
            raise WrongTypes(surface, [v.type for v in values], (), None)
        widened = tuple(widen(v, t) for v, t in zip(values, bound.arguments, strict=True))
        kept = self.where if where is None else _and(self.where, where)
        if bound.function.keeps_nulls:
            kept = reduce(_and, self.dropped, kept)
        made = Aggregate(bound.function.name, widened, self.window, kept, type=bound.type)
        return replace(made, current=self.with_row)


def _and(first: Expression | None, second: Expression) -> Expression:
    return second if first is None else apply("AND", [first, second], None)


def _peeled(reader: PolarsReader, tree: Tree) -> tuple[Expression, list[Expression]]:
    """Return what is aggregated without its filters, and the filters, the first one first."""
    match tree:
        case {"Filter": {"input": inner, "by": by}}:
            value, conditions = _peeled(reader, inner)
            if conditions:
                why = "polars cannot match the rows that are left with those of the condition"
                raise PolarsRefused(".filter(...) after another", why, ".filter(a, b)")
            return value, [reader.condition(by, "filter", inside=True)]
        case {"Function": {"input": [inner], "function": "DropNulls"}}:
            value, conditions = _peeled(reader, inner)
            return value, [*conditions, apply("IS NOT NULL", [value], None)]
        case {"Function": {"input": [inner], "function": "DropNans"}}:
            value, conditions = _peeled(reader, inner)
            return value, [*conditions, _not_nan(value)]
        case _:
            return reader.read(tree, inside=True), []


def _not_nan(value: Expression) -> Expression:
    return apply("IS DISTINCT FROM", [is_nan(value), _TRUE], None)


Meaning = Callable[[Rows], Expression]
"""What an aggregate of polars means over some rows."""


def aggregated(
    reader: PolarsReader,
    named: str,
    trees: Sequence[Tree],
    options: Any,
    meaning: Meaning,
) -> Expression:
    """Return an aggregate over the window that it stands in: ``meaning`` of its rows.

    Raises:
        DefinitionError: FK142 without a window, FK144 where there are no rows or inside another,
            FK161 of a constant, and whatever its arguments say.
    """
    if reader.inside:
        why = "the rows of a window are those of the source, not of another window"
        fix = 'aggregate once: pl.col("amount").sum().over("last_30d")'
        raise AggregateRefused(named, "inside an aggregate or filter", why, fix, None)
    if reader.no_rows:
        fix = 'pl.col("amount").sum().over("last_30d") belongs in a view over events'
        raise AggregateRefused(named, "in this view", reader.no_rows, fix, None)
    if reader.window is None:
        raise WindowMissing(named, None)
    reader.aggregated += 1
    rows = Rows(reader, named, trees, options)
    parts = [node for value in rows.values for node in walk(value)]
    if trees and not any(isinstance(node, Column) for node in parts):
        why = "polars answers it once, whatever the rows"
        raise PolarsRefused(f"{named} of a constant", why, 'pl.len().over("last_30d")')
    return meaning(rows)


def _sum(rows: Rows) -> Expression:
    """Return the sum, which polars says is 0 where there are no rows; of conditions, a count."""
    if rows.value.type.kind is Kind.BOOLEAN:
        return rows.over("COUNT_IF", rows.value)
    return apply("COALESCE", [rows.over("SUM", rows.value), number(0)], None)


def _mean(rows: Rows) -> Expression:
    value = rows.value
    if value.type.kind is Kind.BOOLEAN:
        value = apply("CAST BIGINT", [value], None)
    return rows.over("AVG", value)


def _min(rows: Rows) -> Expression:
    if rows.options["propagate_nans"] and rows.value.type.kind is Kind.DOUBLE:
        why = "in the language NaN is the greatest number, so MIN passes over it"
        raise PolarsRefused(".nan_min()", why, ".min()")
    return rows.over("MIN", rows.value)


def _max(rows: Rows) -> Expression:
    """Return MAX; polars passes over NaN where there is another number."""
    if rows.options["propagate_nans"] or rows.value.type.kind is not Kind.DOUBLE:
        return rows.over("MAX", rows.value)
    numbers = is_number(rows.value)
    without = rows.over("MAX", rows.value, where=numbers)
    return apply("COALESCE", [without, rows.over("MAX", rows.value)], None)


def _spread(name: str) -> Meaning:
    def meaning(rows: Rows) -> Expression:
        if rows.options not in {0, 1}:
            raise PolarsRefused(
                f"ddof={rows.options}", "the language divides by n or n - 1", "ddof=1"
            )
        return rows.over(f"{name}_{'SAMP' if rows.options else 'POP'}", rows.value)

    return meaning


def _quantile(rows: Rows) -> Expression:
    method, share = rows.options
    if method != "Linear":
        why = f"it takes the {method.lower()} value, and the language interpolates"
        raise PolarsRefused(".quantile()", why, '.quantile(0.9, interpolation="linear")')
    return rows.over("QUANTILE_CONT", rows.value, share)


def _count(rows: Rows) -> Expression:
    """Return how many rows, or how many values that are not null."""
    every = rows.options["include_nulls"] and not rows.dropped
    return rows.over("COUNT(*)") if every else rows.over("COUNT", rows.value)


def _nulls(rows: Rows) -> Expression:
    if rows.dropped:
        raise PolarsRefused(".drop_nulls().null_count()", "there are none", ".null_count()")
    return rows.over("COUNT_IF", apply("IS NULL", [rows.value], None))


def _different(rows: Rows) -> Expression:
    """Return how many different values; to polars null is one of them."""
    known = rows.over("COUNT DISTINCT", rows.value)
    if rows.no_nulls:
        return known
    return apply("+", [known, apply("LEAST", [_nulls(rows), number(1)], None)], None)


def _end(surface: str, *, skips: bool) -> Meaning:
    def meaning(rows: Rows) -> Expression:
        if not (skips or rows.no_nulls):
            word = surface.lower()
            why = (
                f"polars answers null where the {word} row has none, the language the {word} value"
            )
            raise PolarsRefused(f".{word}()", why, f".drop_nulls().{word}()")
        return rows.over(surface, rows.value)

    return meaning


def _every(surface: str, of_none: Literal) -> Meaning:
    def meaning(rows: Rows) -> Expression:
        if not rows.options["ignore_nulls"]:
            why = "it is null where a null could change the answer"
            raise PolarsRefused("ignore_nulls=False", why, "ignore_nulls=True")
        return apply("COALESCE", [rows.over(surface, rows.value), of_none], None)

    return meaning


def _correlation(rows: Rows) -> Expression:
    match rows.options:
        case "Pearson":
            found = rows.over("CORR", *rows.values)
            return apply("COALESCE", [found, NAN], None)
        case {"Covariance": 0 | 1 as less}:
            return rows.over("COVAR_SAMP" if less else "COVAR_POP", *rows.values)
        case _:
            raise PolarsRefused("this correlation", "the language has Pearson's", "pl.corr(a, b)")


MEANINGS: dict[str, Meaning] = {
    "Sum": _sum,
    "Mean": _mean,
    "Min": _min,
    "Max": _max,
    "Std": _spread("STDDEV"),
    "Var": _spread("VAR"),
    "Median": lambda rows: rows.over("MEDIAN", rows.value),
    "Quantile": _quantile,
    "Count": _count,
    "Len": lambda rows: rows.over("COUNT(*)"),
    "NUnique": _different,
    "First": _end("FIRST", skips=False),
    "Last": _end("LAST", skips=False),
    "FirstNonNull": _end("FIRST", skips=True),
    "LastNonNull": _end("LAST", skips=True),
    "Any": _every("BOOL_OR", _FALSE),
    "All": _every("BOOL_AND", _TRUE),
    "NullCount": _nulls,
    "Correlation": _correlation,
}


def _listed(reader: PolarsReader, named: str, trees: Sequence[Tree], options: Any) -> Expression:
    if named not in MEANINGS:
        why = "the language has no such aggregate"
        raise PolarsRefused(f".{named.lower()}()", why, "one that it has: featurekit ops")

    return aggregated(reader, f".{named.lower()}()", trees, options, MEANINGS[named])


def read_aggregate(reader: PolarsReader, body: Any) -> Expression:
    """Return an aggregate that polars keeps as a node of its own."""
    name, given = opened(body)
    match given:
        case [tree, int() as option]:
            return _listed(reader, name, [tree], option)
        case {"input": tree, **options}:
            return _listed(reader, name, [tree], options)
        case tree:
            return _listed(reader, name, [tree], None)


def read_length(reader: PolarsReader, body: Any) -> Expression:
    """Return ``pl.len()``."""
    del body
    return _listed(reader, "Len", [], None)


def _function(named: str) -> Function:
    return lambda call: _listed(call.reader, named, call.trees, call.options)


def _quantile_of(call: Called) -> Expression:
    match call.trees[1]:
        case {"Literal": body}:
            given = (call.options["method"], constant(body))
            return _listed(call.reader, "Quantile", call.trees[:1], given)
        case _:
            why = "the generated code is fixed when the view is defined"
            raise PolarsRefused("a quantile of a column", why, "a number between 0 and 1")


def _correlated(call: Called) -> Expression:
    return _listed(call.reader, "Correlation", call.trees, call.options["method"])


FORMS: dict[str, Form] = {"Agg": read_aggregate, "Len": read_length}
FUNCTIONS: dict[str, Function] = {
    "Boolean.Any": _function("Any"),
    "Boolean.All": _function("All"),
    "NullCount": _function("NullCount"),
    "Quantile": _quantile_of,
    "Correlation": _correlated,
}
