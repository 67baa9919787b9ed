"""Edge cases of joins: what a row meets, when that changes, and what it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from featurekit.datatypes import DataType
from featurekit.ir.definitions import SourceKind
from featurekit.ir.nodes import Column, walk
from featurekit.ir.view import Join, View, aggregates
from featurekit.ir.windows import MICROSECOND
from featurekit.parity.edge_times import age, answered_at, said_late
from featurekit.parity.edge_values import AGO, beside, places, values
from featurekit.parity.ordinary import NOON, key_value
from featurekit.parity.rows import Draft, Meeting, Row, Shape, source_row

_HOUR = dt.timedelta(hours=1)


def met(made: Shape, view: View, row: Row, request: Row, number: int) -> dict[str, Row]:
    """Return an ordinary row of each join that ``row`` meets, by the join's name.

    Args:
        made: What is read.
        view: Whose joins.
        row: A row of the view's source, or the question where it is in hand.
        request: The question.
        number: Different numbers give different values.
    """
    found: dict[str, Row] = {}
    source = view.source
    time = row.get(source.time or "") if source else None
    for join in view.joins:
        key = meeting_key(view, join, row, request, found)
        held = (time or NOON) - _lead(view)
        found[join.name] = source_row(made, join.source, {}, held, number, number, key)
    return found


def meeting_key(
    view: View, join: Join, row: Row, request: Row, found: dict[str, Row]
) -> dict[str, Any]:
    """Return the key of the rows of ``join`` that ``row`` meets."""

    def value(column: Column) -> Any:
        if column.relation in found:
            return found[column.relation][column.name]
        own = view.source is not None and column.relation == view.source.name
        return (row if own else request).get(column.name)

    return {name: value(column) for name, column in join.on}


def _lead(view: View) -> dt.timedelta:
    """Return how long before a row what it ordinarily meets became known."""
    longest = _HOUR if view.max_age is None else view.max_age / 2 * MICROSECOND
    return view.delay * MICROSECOND + min(_HOUR, longest)


def join_drafts(made: Shape) -> Iterator[Draft]:
    """Yield the cases of every join of every view."""
    for view in made.views.values():
        for join in view.joins:
            for word, moment, rows in _anchors(made, view, join):
                yield from _drafts(made, view, join, word, moment, rows)


_Anchor = tuple[str, dt.datetime, dict[str, list[Row]]]


def _anchors(made: Shape, view: View, join: Join) -> Iterator[_Anchor]:
    """Yield the moments at which rows are joined: their name, and the rows that are."""
    source = view.source
    assert source is not None  # noqa: S101  what rests on other views joins nothing
    stored = source.kind is not SourceKind.REQUEST and (view.looks_up or bool(aggregates(view)))
    asked = answered_at(NOON, view.fresh)
    latest = asked - view.delay * MICROSECOND - AGO
    times = [*(time for time in places(made, source) if time != latest), latest] if stored else []
    rows: dict[str, list[Row]] = {source.name: [{source.time or "": time} for time in times]}
    if join.at_request or not stored:
        yield "it is asked", asked, rows
        return
    yield f"the row of {source.name}", latest, rows
    if view.scores_rows:
        yield "the row in hand", asked, {}


def _drafts(
    made: Shape, view: View, join: Join, word: str, moment: dt.datetime, rows: dict[str, list[Row]]
) -> Iterator[Draft]:
    time, available = join.source.time or "", join.source.available
    in_hand = not any(rows.values())

    def draft(what: str, *changed: Row, alone: bool = False, entity: Row | None = None) -> Draft:
        meets = Meeting(view, join, changed, in_hand=in_hand, alone=alone)
        return Draft(f"{join.name}: {what}", rows, entity=entity, spread=True, meets=meets)

    when = word + said_late(view.delay, view.fresh)
    known = moment - view.delay * MICROSECOND
    yield draft(f"nothing is known at {when}", alone=True)
    yield draft(f"it changes exactly at {when}", {time: known})
    yield draft(f"it changes 1 us before {when}", {time: known - MICROSECOND})
    if available:
        happened = {time: known - _HOUR / 4}
        yield draft(f"a change is known exactly at {when}", {**happened, available: known})
        before = {**happened, available: known - MICROSECOND}
        yield draft(f"a change is known 1 us before {when}", before)
        if corrected := _corrected(join, known):
            title = f"a row is corrected before {when}, the correction arriving"
            yield draft(f"{title} first", *corrected)
            yield draft(f"{title} last", *reversed(corrected))
    for what, begins, entity in _beginnings(view, moment, in_hand=in_hand):
        for other, changed in _near_hints(made, view, join):
            special = {time: begins, **changed}
            yield draft(f"{what} {when}{other}", special, alone=True, entity=entity)
    for column, kind in _values_read(made, join).items():
        for name, value in values(made, join.source.name, column, kind):
            changed = {time: known - 2 * MICROSECOND, column: value}
            yield draft(f"{column} is {name} at {word}", changed)


def _beginnings(
    view: View, moment: dt.datetime, *, in_hand: bool
) -> Iterator[tuple[str, dt.datetime, Row | None]]:
    """Yield when a row begins behind which nothing lies, in words, and the keys that are null."""
    known = moment - view.delay * MICROSECOND
    yield "it begins exactly at", known, None
    yield "it begins 1 us before", known - MICROSECOND, None
    for key in view.keys if in_hand else ():
        yield f"{key} is null in", known - MICROSECOND, {key: None}
    if view.max_age is not None:
        oldest, said = moment - view.max_age * MICROSECOND, age(view.max_age)
        yield f"it is exactly {said} old at", oldest, None
        yield f"it is 1 us more than {said} old at", oldest - MICROSECOND, None


def _corrected(join: Join, known: dt.datetime) -> list[Row]:
    """Return a correction of a row, and the row, which was available first and counts.

    Nothing where a source does not say which deliveries are one row.
    """
    source = join.source
    tie = source.field(source.tie) if source.tie not in {None, source.time} else None
    if not tie or not source.available or tie.name == source.available:
        return []
    same = {source.time or "": known - _HOUR / 2, tie.name: key_value(tie.type, 1)}
    return [{**same, source.available: known - _HOUR / part} for part in (4, 3)]


def _near_hints(made: Shape, view: View, join: Join) -> Iterator[tuple[str, Row]]:
    """Yield nothing special, then values beside what decides whether a row counts.

    What is joined may never be seen in an answer and still decide that.
    """
    yield "", {}
    filters = [one.where for one in aggregates(view) if one.where is not None]
    columns = {
        node.name: node.type
        for where in filters
        for node in walk(where)
        if isinstance(node, Column) and node.relation == join.name
    }
    for column, kind in columns.items():
        for hint in made.hints.get((join.source.name, column), ()):
            for word, value in beside(hint, kind)[1:]:
                yield f", {column} is {word}", {column: value}


def _values_read(made: Shape, join: Join) -> dict[str, DataType]:
    """Return the joined columns that are read, but for its key and its times."""
    source = join.source
    fixed = {source.time, source.available, source.tie, *(name for name, _ in join.on)}
    return {
        column: kind
        for (relation, column), kind in made.read.items()
        if relation == source.name and column not in fixed
    }
