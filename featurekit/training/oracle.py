"""The meaning of a training set in straight loops: slow, short, and what every engine must equal.

It uses the operators' bodies, the aggregates' ``fold`` and ``window_bounds``, and nothing else.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from featurekit.backends.plan import Wanted, needed
from featurekit.ir.definitions import Source, Unknown, Vocabulary
from featurekit.ir.nodes import (
    Aggregate,
    AsOf,
    Call,
    Case,
    Column,
    Expression,
    InVocabulary,
    Literal,
    Order,
)
from featurekit.ir.rules import admitted
from featurekit.ir.schedules import refreshed
from featurekit.ir.view import Join, View, moment_column
from featurekit.ir.windows import (
    EPOCH,
    MICROSECOND,
    LastRows,
    row_bounds,
    to_micros,
    window_bounds,
)
from featurekit.ops import AGGREGATES, BY_SURFACE, OPERATORS, Nulls

Row = Mapping[str, Any]


def naive(
    spine: Sequence[Row],
    wanted: Sequence[Wanted],
    views: Mapping[str, View],
    rows_by_source: Mapping[str, Sequence[Row]],
    time: str | None,
) -> list[dict[str, Any]]:
    """Return the spine's rows with the wanted answers, computed row by row."""
    made = []
    for question in spine:
        answers: dict[str, dict[str, Any]] = {}
        for reference in needed(wanted, views):
            view = views[reference]
            at = moment(view, question, question[time] if time else None)
            asked = _Asked(view, question, at, rows_by_source, answers)
            answers[reference] = {f.name: asked.answer(f.expression) for f in view.features}
        made.append({**question, **{w.column: answers[w.reference][w.feature] for w in wanted}})
    return made


def moment(view: View, question: Row, at: dt.datetime | None) -> dt.datetime | None:
    """Return when ``view`` is asked: the time of the row in hand, or of its last refresh."""
    if view.scores_rows:
        return question[moment_column(view).name]  # type: ignore[no-any-return]  # a TIMESTAMP
    if at is None or view.fresh is None:
        return at
    return EPOCH + refreshed(to_micros(at), view.fresh) * MICROSECOND


@dataclass(frozen=True)
class _Asked:
    """One view asked one question at one moment."""

    view: View
    question: Row
    at: dt.datetime | None
    rows: Mapping[str, Sequence[Row]]
    answers: Mapping[str, Row]

    def answer(self, node: Expression) -> Any:
        """Return the value of a feature's expression."""
        return _value(node, self._reader(self._in_hand), self.at, self._aggregate)

    @cached_property
    def _in_hand(self) -> Row | None:
        """The row whose columns stand outside of aggregates; None where a look-up finds none."""
        if not self.view.looks_up:
            return self.question
        counts = (row for row in reversed(self._visible) if self._young(row, self.at))
        where = self.view.where
        return next((row for row in counts if where is None or self._holds(where, row)), None)

    @cached_property
    def _visible(self) -> Sequence[Row]:
        """The rows of the question's entity that were known before it was asked, in order."""
        view = self.view
        if view.source is None or view.source.time is None or self.at is None:
            return ()
        key = [(name, self.question[name]) for name in view.keys]
        return _visible(view.source, view.delay, key, to_micros(self.at), self.rows)

    def _reader(self, row: Row | None) -> Callable[[Column], Any]:
        """Return how columns are read when ``row`` is the row at hand."""

        def read(node: Column) -> Any:
            if node.relation in self.view.uses:
                return self.answers[node.relation][node.name]
            join = next((j for j in self.view.joins if j.name == node.relation), None)
            if join is not None:
                found = None if row is None else self._joined(join, row)
                return None if found is None else found[node.name]
            if self.view.source is not None and node.relation == self.view.source.name:
                return None if row is None else row[node.name]
            return self.question[node.name]

        return read

    def _joined(self, join: Join, row: Row) -> Row | None:
        """Return the joined source's row that ``row`` meets."""
        source = self.view.source
        own = row is not self.question and not join.at_request and source and source.time
        at = row[own] if own else self.at
        if at is None:
            return None
        read = self._reader(row)
        key = [(name, read(column)) for name, column in join.on]
        seen = _visible(join.source, self.view.delay, key, to_micros(at), self.rows)
        return seen[-1] if seen and self._young(seen[-1], at, join.source) else None

    def _young(self, row: Row, at: Any, source: Source | None = None) -> bool:
        age, of = self.view.max_age, source or self.view.source
        if age is None or of is None or of.time is None:
            return True
        return to_micros(row[of.time]) >= to_micros(at) - age

    def _holds(self, where: Expression, row: Row) -> bool:
        return _value(where, self._reader(row), self.at, _none) is True

    def _aggregate(self, node: Aggregate) -> Any:
        inside = list(self._inside(node))
        if node.current and self.at is not None and self._has_key():
            inside.append(self.question)
        inside = [row for row in inside if node.where is None or self._holds(node.where, row)]
        for one in reversed(node.order):
            inside = self._ordered(inside, one)
        arguments = [
            tuple(_value(a, self._reader(row), self.at, _none) for a in node.arguments)
            for row in inside
        ]
        return AGGREGATES[node.function].fold(arguments)

    def _ordered(self, rows: Sequence[Row], by: Order) -> list[Row]:
        """Return the rows by one key, those without it last; equal ones stay as they are."""
        keys = [_sorted(_value(by.key, self._reader(row), self.at, _none)) for row in rows]
        known = [place for place, key in enumerate(keys) if key != _sorted(None)]
        known.sort(key=lambda place: keys[place], reverse=by.descending)
        rest = [place for place, key in enumerate(keys) if key == _sorted(None)]
        return [rows[place] for place in (*known, *rest)]

    def _has_key(self) -> bool:
        return None not in [self.question[key] for key in self.view.keys]

    def _inside(self, node: Aggregate) -> Sequence[Row]:
        visible, source = self._visible, self.view.source
        if self.at is None or source is None or source.time is None:
            return ()
        if isinstance(node.window, LastRows):
            return visible[slice(*row_bounds(node.window, len(visible)))]
        start, end = window_bounds(node.window, to_micros(self.at), self.view.zone)
        moments = [to_micros(row[source.time]) for row in visible]
        inside = [(start is None or start <= moment) and moment < end for moment in moments]
        return [row for row, counts in zip(visible, inside, strict=True) if counts]


def _visible(
    source: Source, delay: int, key: Sequence[tuple[str, Any]], t: int, data: Mapping[str, Any]
) -> list[Row]:
    """Return the rows with that key that were known before ``t``, in canonical order."""
    if source.time is None or None in [value for _, value in key]:
        return []
    seen: dict[Any, Row] = {}
    columns = [f.name for f in source.fields]
    available = source.available or source.time
    own = [r for r in data[source.name] if all(r[name] == value for name, value in key)]
    own = [r for r in own if r[source.time] is not None and r[available] is not None]
    condition = admitted(source)
    if condition is not None:
        own = [r for r in own if _value(condition, lambda c, r=r: r[c.name], None, _none) is True]  # type: ignore[misc]  # bound now
    own.sort(key=lambda r: (r[available] if source.tie else 0, [_sorted(r[c]) for c in columns]))
    for number, row in enumerate(own):
        tie = _sorted(row[source.tie]) if source.tie else (number,)
        seen.setdefault((row[source.time], tie), row)
    return [
        r
        for _, r in sorted(seen.items(), key=lambda item: item[0])
        if to_micros(r[source.time]) < t and to_micros(r[available]) + delay < t
    ]


def _sorted(value: Any) -> tuple[Any, ...]:
    """Order nulls first and NaN last."""
    return (0,) if value is None else (2,) if value != value else (1, value)  # noqa: PLR0124  NaN


def _none(node: Aggregate) -> Any:
    msg = f"an aggregate inside an aggregate: {node}"
    raise TypeError(msg)


def _value(  # noqa: C901  one arm for each node of the closed union
    node: Expression,
    column: Callable[[Column], Any],
    at: Any,
    aggregate: Callable[[Aggregate], Any],
) -> Any:
    match node:
        case Literal(value):
            return value
        case Column():
            return column(node)
        case AsOf():
            return at
        case Aggregate():
            return aggregate(node)
        case Case(branches, default):
            for condition, outcome in branches:
                if _value(condition, column, at, aggregate) is True:
                    return _value(outcome, column, at, aggregate)
            return _value(default, column, at, aggregate)
        case InVocabulary(argument, vocabulary):
            return _canonical(_value(argument, column, at, aggregate), vocabulary)
        case Call(name, arguments):
            row = OPERATORS[name]
            given = [_value(a, column, at, aggregate) for a in arguments]
            if row.nulls is Nulls.PROPAGATE and None in given:
                return None
            return row.body(*given)


def _canonical(value: str | None, vocabulary: Vocabulary) -> str | None:
    def folded(text: str) -> str:
        text = unicodedata.normalize("NFC", text).strip(" ")
        return str(BY_SURFACE["LOWER"][0].body(text)) if vocabulary.ignore_case else text

    if value is None:
        return None
    for entry, aliases in vocabulary.entries:
        if folded(value) in {folded(spelling) for spelling in (entry, *aliases)}:
            return entry
    return vocabulary.bucket if vocabulary.unknown is Unknown.BUCKET else None
