"""Tries a cell in polars against its canonical form, on rows that tell meanings apart.

Whatever the windows, each stands here for all rows of a group, so that the rest of an expression
is compared as polars itself evaluates it; which rows a window holds is not polars' to say.
Rows on which the language answers null because they are bad (division by zero, overflow, a
logarithm of what has none) are left out: there polars says infinity, NaN, or wraps around. So are
infinities in a median or quantile, which polars makes NaN when it interpolates.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING, Any

from featurekit.backends.to_polars import PURPOSE, expression, polars_type
from featurekit.errors.definition import NoSpelling
from featurekit.errors.polars import PolarsDiffers, PolarsFails
from featurekit.frontends.binding import apply
from featurekit.frontends.from_polars import Read
from featurekit.frontends.polars_trees import aggregates_out, leniently, spelled_out
from featurekit.ir.canonical import expression_hash
from featurekit.ir.nodes import (
    Aggregate,
    Call,
    Column,
    Expression,
    Literal,
    walk,
    walk_outside_aggregates,
)
from featurekit.ir.view import Feature
from featurekit.ir.windows import AllTime
from featurekit.lazy import require
from featurekit.ops import AGGREGATES, OPERATORS, Gap
from featurekit.training.answers import empty_answer
from featurekit.training.ranges import operands
from featurekit.training.trial_rows import QUESTIONS, SIZES, constants, drawn

if TYPE_CHECKING:
    import polars as pl

_GROUP, _TIME = "\1group", "\1time"
_PARTIAL = {"+", "-", "*", "/", "//", "%", "NEG", "ABS", "ROUND", "SQRT", "LN", "LOG10", "LOG2"}
_PARTIAL |= {"LOG1P", "EXP", "POWER", "SIN", "COS", "TAN", "DATE_ADD", "AT TIME ZONE"}
_INTERPOLATED = {"median", "quantile_cont"}
_BOUND, _UNIT = 1e-9, 100.0


def try_against_polars(read: Read, seed: int = 1) -> None:
    """Refuse a cell whose canonical form would not answer what polars answers.

    ``seed`` draws the rows; a definition is always tried on the same ones.

    Raises:
        PolarsFails: FK164, polars does not evaluate it.
        PolarsDiffers: FK165, with the first row on which they differ.
    """
    _Trial(read, seed).compare()


class _Trial:
    """One cell, its rows and its questions, answered both ways."""

    def __init__(self, read: Read, seed: int) -> None:
        self.pl: Any = require("polars", PURPOSE)
        self.read, self.seed = read, seed
        roots = [feature.expression for feature in read.view.features]
        self.near = constants([*roots, *(() if read.view.where is None else (read.view.where,))])
        self.aggregates = [
            node for root in roots for node in walk(root) if isinstance(node, Aggregate)
        ]
        self.events = self._events()
        self.asked = self._asked(roots)

    # --- rows

    def _events(self) -> pl.DataFrame:
        """Return the rows to aggregate, without those on which an operator has no answer."""
        parts = [part for node in self.aggregates for part in _parts(node)]
        nodes = [node for part in parts for node in walk(part)]
        named = [node for (_, inside), node in self.read.meant.items() if inside]
        own = [node for node in (*nodes, *named) if isinstance(node, Column)]
        columns = {node.name: (node.type, node.required) for node in own}
        groups = [group for group, size in enumerate(SIZES) for _ in range(size)]
        plain = [group % 2 == 0 for group in groups]
        rows = drawn(
            columns, len(groups), self.near, plain=plain, seed=self.seed, summed=True
        ).with_columns(
            self.pl.Series(_GROUP, groups, dtype=self.pl.Int64),
            (self.pl.int_range(len(groups)).cast(self.pl.Datetime("us", "UTC"))).alias(_TIME),
        )
        made = [self._inside(node).alias(word) for word, node in self._words(inside=True)]
        bad = [self._bad(node) for node in nodes if _partial(node)]
        between = [a.arguments[0] for a in self.aggregates if a.function in _INTERPOLATED]
        bad += [self._inside(value).is_infinite() for value in between]
        rows = rows.with_columns(made)
        return rows.filter(~self.pl.any_horizontal(bad).fill_null(value=False)) if bad else rows

    def _inside(self, node: Expression) -> pl.Expr:
        return expression(node, lambda column: self.pl.col(column.name), self.pl.lit(None), {})

    def _bad(self, node: Expression) -> pl.Expr:
        arguments = [self._inside(one).is_not_null() for one in _arguments(node)]
        return self.pl.all_horizontal(self._inside(node).is_null(), *arguments)  # type: ignore[no-any-return]  # loaded late

    def _words(self, *, inside: bool) -> list[tuple[str, Expression]]:
        """Return the words of the cell that are not columns of their own name."""
        found = [(word, node) for (word, at), node in self.read.meant.items() if at is inside]
        own = [(w, n) for w, n in found if not (isinstance(n, Column) and n.name == w)]
        return own if inside else found

    def _asked(self, roots: Sequence[Expression]) -> pl.DataFrame:
        """Return the questions: a group, and what is not aggregated."""
        nodes = [node for root in roots for node in walk_outside_aggregates(root)]
        columns = {_name(n): (n.type, n.required) for n in nodes if isinstance(n, Column)}
        groups = [number % len(SIZES) for number in range(QUESTIONS)]
        plain = [number % 3 == 0 for number in range(QUESTIONS)]
        late = self.pl.lit(10**12).cast(self.pl.Datetime("us", "UTC")).alias(_TIME)
        rows = drawn(columns, QUESTIONS, self.near, plain=plain, seed=self.seed, summed=False)
        return rows.with_columns(self.pl.Series(_GROUP, groups, dtype=self.pl.Int64), late)

    # --- answers

    def compare(self) -> None:
        """Refuse the first feature that is answered in two ways."""
        here = self._answers()
        polars = self._of_polars(here)
        for feature in self.read.view.features:
            partial = [n for n in walk_outside_aggregates(feature.expression) if _partial(n)]
            bad = [here[f"bad {_key(node)}"] for node in partial]
            good = [not any(column[row] for column in bad) for row in range(QUESTIONS)]
            self._agree(feature, polars[feature.name], here[feature.name], good)

    def _answers(self) -> pl.DataFrame:
        """Return the canonical form's answers, what helpers are, and where operators have none."""
        wanted = {f.name: f.expression for f in self.read.view.features}
        others = self._words(inside=False)
        wanted |= {word: node for word, node in others if not isinstance(node, Column)}
        for node in [n for e in wanted.values() for n in walk_outside_aggregates(e)]:
            if _partial(node):
                wanted[f"bad {_key(node)}"] = _is_bad(node)
        columns: dict[Aggregate, str] = {}
        rows: dict[str, pl.LazyFrame] = {}
        for node in [n for e in wanted.values() for n in walk(e) if isinstance(n, Aggregate)]:
            columns[node] = f"\1{_key(replace(node, window=AllTime(), current=False))}"
            if columns[node] not in rows:
                rows[columns[node]] = self._folded(node)
        series = zip(rows, self.pl.collect_all(rows.values()), strict=True)
        asked = self.asked.with_columns(self._stretched(name, found) for name, found in series)
        folded = {node: self.pl.col(name) for node, name in columns.items()}
        made = [
            expression(node, lambda c: self.pl.col(_name(c)), self.pl.col(_TIME), folded)
            .cast(polars_type(node.type))
            .alias(name)
            for name, node in wanted.items()
        ]
        return asked.lazy().with_columns(made).select(list(wanted)).collect()

    def _folded(self, node: Aggregate) -> pl.LazyFrame:
        """Return an aggregate over the rows of each group, and last over no rows."""
        row = AGGREGATES[node.function]
        if isinstance(row.polars, Gap):
            raise NoSpelling(row.name, "polars", row.polars.why)
        names = [str(number) for number in range(len(node.arguments))]
        made = [
            self._inside(part).cast(polars_type(part.type)).alias(str(number))
            for number, part in enumerate(_parts(node))
        ]
        rows = self.events.lazy().with_columns(made)
        rows = rows if node.where is None else rows.filter(self.pl.col(str(len(names))))
        answer = row.polars(self.pl, *operands(node)).cast(polars_type(node.type)).alias("answer")
        empty = self.pl.lit(empty_answer(row), dtype=polars_type(node.type)).alias("answer")
        nothing = self.pl.LazyFrame({_GROUP: [None]}, schema={_GROUP: self.pl.Int64})
        groups = rows.group_by(_GROUP, maintain_order=True).agg(answer)
        return self.pl.concat([groups, nothing.with_columns(empty)])  # type: ignore[no-any-return]  # loaded late

    def _stretched(self, name: str, found: pl.DataFrame) -> pl.Series:
        """Return the answer for the group of each question."""
        at = {group: row for row, group in enumerate(found[_GROUP])}
        rows = [at.get(group, at[None]) for group in self.asked[_GROUP]]
        return found["answer"].gather(rows).alias(name)

    def _of_polars(self, here: pl.DataFrame) -> pl.DataFrame:
        """Return what polars answers to the cell's own expressions."""
        found: dict[str, Any] = {}
        outer = {
            name: aggregates_out(spelled_out(tree, self.read.features, name), found)
            for name, tree in self.read.features.items()
        }
        rows = self.asked
        if found:
            rows = rows.hstack(self._aggregated(found).drop(_GROUP))
        words = [
            (self.pl.col(_name(node)).alias(word) if isinstance(node, Column) else here[word])
            for word, node in self._words(inside=False)
            if isinstance(node, Column) or word in here.columns
        ]
        rows = rows.with_columns(words)
        answers = {}
        for name, tree in outer.items():
            found_here = self._select(rows, {name: tree}, name)[name]
            constant = len(found_here) == 1
            answers[name] = found_here.new_from_index(0, QUESTIONS) if constant else found_here
        return self.pl.DataFrame(list(answers.values()))  # type: ignore[no-any-return]  # loaded late

    def _aggregated(self, trees: Mapping[str, Any]) -> pl.DataFrame:
        """Return each aggregate for the group of each question."""
        first = next(iter(self.read.features))
        rows = self.events
        for tree in self.read.filters:
            rows = rows.filter(self._built(tree, first))
        groups = [
            self._select(rows.filter(self.pl.col(_GROUP) == group), trees, first)
            for group in range(len(SIZES))
        ]
        every = self.pl.concat(groups, how="vertical_relaxed").with_row_index(_GROUP)
        asked = self.asked.select(self.pl.col(_GROUP).cast(self.pl.UInt32))
        return asked.join(every, on=_GROUP, how="left", maintain_order="left")

    def _select(self, rows: pl.DataFrame, trees: Mapping[str, Any], feature: str) -> pl.DataFrame:
        made = [self._built(tree, feature).alias(name) for name, tree in trees.items()]
        try:
            found = rows.select(made)
        except (Exception, self.pl.exceptions.PanicException) as refused:  # noqa: BLE001  any of polars' own
            raise PolarsFails(str(refused), self.read.places.get(feature)) from None
        return found

    def _built(self, tree: Any, feature: str) -> pl.Expr:
        text = json.dumps(leniently(tree)).encode()
        try:
            return self.pl.Expr.deserialize(io.BytesIO(text), format="json")  # type: ignore[no-any-return]  # loaded late
        except (Exception, self.pl.exceptions.PanicException) as refused:  # noqa: BLE001  any of polars' own
            raise PolarsFails(str(refused), self.read.places.get(feature)) from None

    # --- differences

    def _agree(
        self, feature: Feature, polars: pl.Series, here: pl.Series, good: Sequence[bool]
    ) -> None:
        both = list(zip(self._values(polars), self._values(here), strict=True))
        differing = [row for row, pair in enumerate(both) if good[row] and not _same(*pair)]
        if not differing:
            return
        sizes = {row: SIZES[int(self.asked[_GROUP][row])] for row in differing}
        row = min(differing, key=lambda one: sizes[one])
        where = self.read.places.get(feature.name)
        said, shown = map(_shown, both[row])
        raise PolarsDiffers(feature.name, said, shown, self._inputs(feature, row), where)

    def _values(self, answers: pl.Series) -> list[Any]:
        """Return answers as Python values; times as text, for Python's end in the year 9999."""
        if answers.dtype.is_temporal():
            texts = answers.cast(self.pl.String).to_list()
            return [None if text is None else _Time(text) for text in texts]
        return answers.to_list()

    def _inputs(self, feature: Feature, row: int) -> str:
        """Return what a feature was asked on, in short."""
        outer = [n for n in walk_outside_aggregates(feature.expression) if isinstance(n, Column)]
        words = {n.name: _shown(self.asked[_name(n)][row]) for n in outer}
        rows = self.events.filter(self.pl.col(_GROUP) == self.asked[_GROUP][row])
        for node in walk(feature.expression):
            if isinstance(node, Column) and node not in outer:
                words[node.name] = f"rows of [{', '.join(map(_shown, rows[node.name].to_list()))}]"
        return "; ".join(f"{name} = {value}" for name, value in words.items())[:240] or "any row"


class _Time(str):
    """A date or an instant as polars writes it."""

    __slots__ = ()


def _same(polars: Any, here: Any) -> bool:
    """Whether two answers are one: numbers of any type by value, sums within their bound."""
    if polars is None or here is None:
        return polars is here
    if isinstance(polars, list) and isinstance(here, list):
        return len(polars) == len(here) and all(map(_same, polars, here))
    if isinstance(polars, bool) or isinstance(here, bool):
        return type(polars) is type(here) and polars == here
    if isinstance(polars, float) or isinstance(here, float):
        numbers = all(isinstance(value, int | float | Decimal) for value in (polars, here))
        return numbers and _near(float(polars), float(here))
    kinds = ({int, Decimal}, {str}, {_Time})
    alike = any({type(polars), type(here)} <= kind for kind in kinds)
    return alike and bool(polars == here)


def _near(one: float, other: float) -> bool:
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    if math.isinf(one) or math.isinf(other):
        return one == other
    return abs(one - other) <= _BOUND * max(abs(one), abs(other), _UNIT)


def _shown(value: Any) -> str:
    match value:
        case None:
            return "null"
        case str() if type(value) is str:
            return repr(value)
        case dt.date():
            return value.isoformat()
        case _:
            return str(value)


def _parts(node: Aggregate) -> tuple[Expression, ...]:
    return node.arguments if node.where is None else (*node.arguments, node.where)


def _name(column: Column) -> str:
    return f"{column.relation}\1{column.name}"


def _key(node: Expression) -> str:
    return expression_hash(node)[:16]


def _partial(node: Expression) -> bool:
    """Whether ``node`` is an operator that has no answer to some values that are not null."""
    return isinstance(node, Call) and not _PARTIAL.isdisjoint(OPERATORS[node.operator].surfaces)


def _arguments(node: Expression) -> list[Expression]:
    given = node.arguments if isinstance(node, Call) else ()
    return [one for one in given if not isinstance(one, Literal)]


def _is_bad(node: Expression) -> Expression:
    """Return whether ``node`` is null though nothing in it is."""
    known = [apply("IS NOT NULL", [one], None) for one in _arguments(node)]
    return reduce(lambda a, b: apply("AND", [a, b], None), known, apply("IS NULL", [node], None))
