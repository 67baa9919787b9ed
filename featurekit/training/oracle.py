"""The meaning of a training set in straight loops: slow, short, and what every engine must equal.

It uses the operators' bodies, the aggregates' ``fold`` and ``window_bounds``, and nothing else.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from featurekit.backends.plan import Wanted, needed
from featurekit.ir.definitions import SourceKind, Unknown, Vocabulary
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
from featurekit.ir.view import View
from featurekit.ir.windows import LastRows, to_micros, window_bounds
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
            rows = rows_by_source[view.source.name] if view.source and view.source.time else ()
            at = question[time] if time else None
            answers[reference] = _answer(view, question, at, rows, answers)
        made.append({**question, **{w.column: answers[w.reference][w.feature] for w in wanted}})
    return made


def _answer(
    view: View, question: Row, at: Any, rows: Sequence[Row], answers: Mapping[str, Row]
) -> dict[str, Any]:
    visible = [] if at is None else _visible(view, question, to_micros(at), rows)
    found: Row = {}
    if view.looks_up and at is not None:
        start = to_micros(at) - view.max_age if view.max_age is not None else None
        found = next((r for r in reversed(visible) if _counts(view, r, start, at)), {})

    def column(node: Column) -> Any:
        if node.relation in view.uses:
            return answers[node.relation][node.name]
        if (
            view.source
            and view.source.kind is SourceKind.SNAPSHOT
            and node.relation == view.source.name
        ):
            return found.get(node.name)
        return question[node.name]

    def aggregate(node: Aggregate) -> Any:
        inside = _inside(view, node, at, visible)
        arguments = [
            tuple(_value(a, _reader(r), at, _none) for a in node.arguments)
            for r in inside
            if node.where is None or _value(node.where, _reader(r), at, _none) is True
        ]
        return AGGREGATES[node.function].fold(arguments)

    return {f.name: _value(f.expression, column, at, aggregate) for f in view.features}


def _counts(view: View, row: Row, start: int | None, at: Any) -> bool:
    assert view.source is not None  # noqa: S101  only a snapshot looks up
    assert view.source.time is not None  # noqa: S101  and it has a time
    young = start is None or to_micros(row[view.source.time]) >= start
    return young and (view.where is None or _value(view.where, _reader(row), at, _none) is True)


def _visible(view: View, question: Row, t: int, rows: Sequence[Row]) -> list[Row]:
    """Return the rows of the question's entity that were known before ``t``, in canonical order."""
    source = view.source
    if source is None or source.time is None or None in [question[k] for k in view.keys]:
        return []
    seen: dict[Any, Row] = {}
    columns = [f.name for f in source.fields]
    available = source.available or source.time
    own = [r for r in rows if all(r[k] == question[k] for k in view.keys)]
    own = [r for r in own if r[source.time] is not None and r[available] is not None]
    own.sort(key=lambda r: (r[available] if source.tie else 0, [_sorted(r[c]) for c in columns]))
    for number, row in enumerate(own):
        tie = _sorted(row[source.tie]) if source.tie else (number,)
        seen.setdefault((row[source.time], tie), row)
    return [
        r
        for _, r in sorted(seen.items(), key=lambda item: item[0])
        if to_micros(r[source.time]) < t and to_micros(r[available]) + view.delay < t
    ]


def _sorted(value: Any) -> tuple[Any, ...]:
    """Order nulls first and NaN last."""
    return (0,) if value is None else (2,) if value != value else (1, value)  # noqa: PLR0124  NaN


def _inside(view: View, node: Aggregate, at: Any, visible: list[Row]) -> list[Row]:
    if at is None or view.source is None or view.source.time is None:
        return []
    if isinstance(node.window, LastRows):
        return visible[-node.window.count :]
    start, end = window_bounds(node.window, to_micros(at), view.zone)
    moments = [to_micros(r[view.source.time]) for r in visible]
    inside = [(start is None or start <= moment) and moment < end for moment in moments]
    return [r for r, counts in zip(visible, inside, strict=True) if counts]


def _reader(row: Row) -> Callable[[Column], Any]:
    return lambda node: row[node.name]


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
