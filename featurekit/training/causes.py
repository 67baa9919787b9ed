"""Why answers are null: nothing to look at, too old, null in the data, or made by the expression.

What an expression reads is asked for in its stead, in the rows where it answered null, by the same
engine: the columns, the aggregates, how many rows and values these saw. So every engine explains
itself, and none is slowed down where nobody asks.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from featurekit.backends.plan import Wanted, trimmed
from featurekit.backends.to_polars import PURPOSE
from featurekit.ir.definitions import Source
from featurekit.ir.nodes import Aggregate, AsOf, Column, Expression
from featurekit.ir.strictness import every_row, reads, rows_with_values
from featurekit.ir.view import Feature, View
from featurekit.lazy import require

if TYPE_CHECKING:
    import polars as pl

Ask = Callable[["pl.DataFrame", Sequence[Wanted], Mapping[str, View]], "pl.DataFrame"]
"""From questions to these with answers in further columns, by whichever engine."""

OUTSIDE, NO_ROW, TOO_OLD, IN_DATA, MADE, NO_NULL = 0, 1, 2, 3, 4, 9


@dataclass(frozen=True, slots=True)
class Causes:
    """How many rows of one answer are null, by the first cause that holds for what it reads.

    Attributes:
        no_row: No row was visible in the window, or a look-up or join found none; rows without
            a key or a moment see nothing.
        too_old: What was found was older than the maximum age.
        in_data: Rows were seen, and the column was null in all of them (or in the question).
        made: Everything it reads has a value: the expression or the aggregate made the null,
            as a division by zero does, or a deviation of one row.
        too_early: It is a label, and what it looks ahead to is not known yet.
        outside: What would be ``made``, but in a strict view, or in one that such a view uses:
            serving says OUTSIDE_CONTRACT.
    """

    no_row: int = 0
    too_old: int = 0
    in_data: int = 0
    made: int = 0
    too_early: int = 0
    outside: int = 0


def causes(
    asked: pl.DataFrame,
    answers: pl.DataFrame,
    wanted: Sequence[Wanted],
    views: Mapping[str, View],
    early: Mapping[str, pl.Series],
    ask: Ask,
) -> dict[str, Causes]:
    """Return by column why the answers in ``answers`` are null.

    Only what is null somewhere is asked about, and only where something is.

    Args:
        asked: The spine.
        answers: Its rows with the columns of ``wanted``.
        wanted: The answers.
        views: Every view that is needed, labels as they are asked.
        early: Of each label's column the rows that cannot be known yet; null without a moment.
        ask: How to ask more.
    """
    pl = require("polars", PURPOSE)
    odd: dict[str, Any] = {}
    found = {one.column: Causes() for one in wanted}
    for one in wanted:
        empty = answers[one.column].is_null()
        if one.column in early:
            count, blind = int(early[one.column].sum()), early[one.column].null_count()
            found[one.column] = Causes(no_row=blind, too_early=count)
            empty &= ~early[one.column].fill_null(value=True)
        if empty.any():
            odd[one.column] = empty
    some = [one for one in wanted if one.column in odd]
    if not some:
        return found
    chosen = pl.DataFrame(odd).select(pl.any_horizontal(pl.all())).to_series()
    codes = _Codes(asked.filter(chosen), some, views, ask)
    for one in some:
        own = codes.of(one.reference, one.feature).filter(odd[one.column].filter(chosen))
        number = dict(own.value_counts().rows())
        more = found[one.column]
        found[one.column] = Causes(
            no_row=number.get(NO_ROW, 0) + more.no_row,
            too_old=number.get(TOO_OLD, 0),
            in_data=number.get(IN_DATA, 0),
            made=number.get(MADE, 0),
            too_early=more.too_early,
            outside=number.get(OUTSIDE, 0),
        )
    return found


@dataclass(frozen=True, slots=True)
class _Leaf:
    """One thing that a view's expressions read, and what tells why it is null.

    Attributes:
        node: What is read: a column outside of aggregates, the moment of asking, an aggregate.
        present: Null exactly where there is no row (a column's), or the count of rows.
        values: For an aggregate, the count of rows that have a value in all that it aggregates.
    """

    node: Column | AsOf | Aggregate
    present: Expression | None
    values: Expression | None = None


class _Codes:
    """The cause of each null, feature by feature; views are asked in the order of their use."""

    def __init__(
        self, rows: pl.DataFrame, wanted: Sequence[Wanted], views: Mapping[str, View], ask: Ask
    ) -> None:
        read = trimmed(wanted, views)
        self._views = {
            reference: dataclasses.replace(view, uses=tuple(u for u in view.uses if u in read))
            for reference, view in read.items()
        }
        self._leaves = {r: tuple(_leaves(view)) for r, view in self._views.items()}
        prefix = "__"
        while any(name.startswith(prefix) for name in rows.columns):
            prefix += "_"
        self._names: dict[tuple[str, Expression], str] = {}
        asked: list[Wanted] = []
        made: dict[str, View] = {}
        for reference, view in self._views.items():
            nodes = [feature.expression for feature in view.features]
            for leaf in self._leaves[reference]:
                nodes += [part for part in (leaf.node, leaf.present, leaf.values) if part]
            more = []
            for node in dict.fromkeys(nodes):
                name = f"{prefix}{len(self._names)}"
                self._names[reference, node] = name
                more.append(Feature(name, node))
                asked.append(Wanted(reference, view.name, name, name))
            made[reference] = dataclasses.replace(view, features=(*view.features, *more))
        # rows of any age are asked for at once with the rest, so that rows are sorted once
        aged = [w for w in asked if views[w.reference].max_age is not None]
        twins = [
            dataclasses.replace(w, reference=_ageless(w.reference), column=_ageless(w.column))
            for w in aged
        ]
        more_views = {
            _ageless(w.reference): dataclasses.replace(made[w.reference], max_age=None)
            for w in aged
        }
        self._found = ask(rows, [*asked, *twins], {**made, **more_views})

    def of(self, reference: str, feature: str) -> pl.Series:
        """Return the code of the cause for each row; NO_NULL where there is an answer."""
        pl = require("polars", PURPOSE)
        view = self._views[reference]
        made = view.feature(feature)
        assert made is not None  # noqa: S101  it was asked for
        asked = set(reads(made.expression))
        read = [leaf for leaf in self._leaves[reference] if leaf.node in asked]
        own = [self._leaf(reference, leaf) for leaf in read]
        empty = self._found[self._names[reference, made.expression]].is_null()
        columns = [code.alias(str(number)) for number, code in enumerate(own)]
        columns.append(pl.repeat(MADE, len(empty), dtype=pl.Int8, eager=True).alias("made"))
        first = pl.DataFrame(columns).select(pl.min_horizontal(pl.all())).to_series()
        if view.strict:
            below = [c for c, leaf in zip(own, read, strict=True) if _is_answer(view, leaf.node)]
            passed_on = reduce(or_, (code == MADE for code in below), _all(0, len(empty)) == 1)
            outside = (first == MADE) & ~passed_on
            first = _all(OUTSIDE, len(empty)).zip_with(outside, first)
        return first.zip_with(empty, _all(NO_NULL, len(empty)))  # type: ignore[no-any-return]  # late

    def _leaf(self, reference: str, leaf: _Leaf) -> pl.Series:
        """Return for each row why ``leaf`` is null."""
        view = self._views[reference]
        empty = self._found[self._names[reference, leaf.node]].is_null()
        size = len(empty)
        none, in_data = _all(NO_NULL, size), _all(IN_DATA, size)
        if isinstance(leaf.node, Column) and _is_answer(view, leaf.node):
            return self.of(leaf.node.relation, leaf.node.name).zip_with(empty, none)
        if leaf.present is None:
            return in_data.zip_with(empty, none)
        name = self._names[reference, leaf.present]
        if isinstance(leaf.node, Aggregate):
            absent = self._found[name] == 0
            assert leaf.values is not None  # noqa: S101  every aggregate's are counted
            without = self._found[self._names[reference, leaf.values]] == 0
            code = in_data.zip_with(without, _all(MADE, size))
            return _all(NO_ROW, size).zip_with(absent, code).zip_with(empty, none)
        young = any_age = self._found[name].is_null()
        if view.max_age is not None:
            any_age = self._found[_ageless(name)].is_null()
        lost = _all(NO_ROW, size).zip_with(any_age, _all(TOO_OLD, size))
        return lost.zip_with(young, in_data).zip_with(empty, none)


def _ageless(name: str) -> str:
    return f"{name} of any age"


def _all(code: int, size: int) -> pl.Series:
    pl = require("polars", PURPOSE)
    return pl.repeat(code, size, dtype=pl.Int8, eager=True)  # type: ignore[no-any-return]  # late


def _leaves(view: View) -> Iterator[_Leaf]:
    """Yield what the features of ``view`` read, each once."""
    nodes = [node for feature in view.features for node in reads(feature.expression)]
    for node in dict.fromkeys(nodes):
        match node:
            case Column(relation):
                source = _looked_up(view, relation)
                field = source.field(source.time) if source and source.time else None
                present = Column(relation, field.name, field.type) if field else None
                yield _Leaf(node, present)
            case AsOf():
                yield _Leaf(node, None)
            case Aggregate():
                yield _Leaf(node, every_row(node), rows_with_values(node))


def _is_answer(view: View, node: Expression) -> bool:
    """Whether ``node`` is what a used view answered."""
    return isinstance(node, Column) and node.relation in view.uses


def _looked_up(view: View, relation: str) -> Source | None:
    """Return the source of a relation that is looked up, so that there may be no row of it."""
    if view.source is not None and view.looks_up and relation == view.source.name:
        return view.source
    return next((join.source for join in view.joins if join.name == relation), None)
