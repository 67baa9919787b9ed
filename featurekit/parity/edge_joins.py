"""Edge cases of joins: what a row meets, when that changes, and what it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from featurekit.datatypes import DataType
from featurekit.ir.definitions import SourceKind
from featurekit.ir.nodes import Column
from featurekit.ir.view import Join, View, aggregates
from featurekit.ir.windows import MICROSECOND
from featurekit.parity.edge_times import age, answered_at
from featurekit.parity.edge_values import places, values
from featurekit.parity.ordinary import NOON
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
    times = places(made, source) if stored else []
    rows: dict[str, list[Row]] = {source.name: [{source.time or "": time} for time in times]}
    if join.at_request or not stored:
        yield "it is asked", asked, rows
        return
    yield f"the row of {source.name}", times[-1], rows
    if view.scores_rows:
        yield "the row in hand", asked, {}


def _drafts(
    made: Shape, view: View, join: Join, word: str, moment: dt.datetime, rows: dict[str, list[Row]]
) -> Iterator[Draft]:
    time, available = join.source.time or "", join.source.available
    in_hand = not any(rows.values())

    def draft(what: str, *changed: Row, alone: bool = False) -> Draft:
        meets = Meeting(view, join, changed, in_hand=in_hand, alone=alone)
        return Draft(f"{join.name}: {what}", rows, spread=True, meets=meets)

    known = moment - view.delay * MICROSECOND
    yield draft(f"nothing is known at {word}", alone=True)
    yield draft(f"it changes exactly at {word}", {time: known})
    yield draft(f"it changes 1 us before {word}", {time: known - MICROSECOND})
    if available:
        happened = {time: known - _HOUR / 4}
        yield draft(f"a change is known exactly at {word}", {**happened, available: known})
        before = {**happened, available: known - MICROSECOND}
        yield draft(f"a change is known 1 us before {word}", before)
    if view.max_age is not None:
        oldest = moment - view.max_age * MICROSECOND
        said = age(view.max_age)
        yield draft(f"it is exactly {said} old at {word}", {time: oldest}, alone=True)
        older = {time: oldest - MICROSECOND}
        yield draft(f"it is 1 us more than {said} old at {word}", older, alone=True)
    keys = {name for name, _ in join.on}
    for column, kind in _read(made, join).items():
        if column not in {time, available, join.source.tie, *keys}:
            for name, value in values(made, join.source.name, column, kind):
                changed = {time: known - 2 * MICROSECOND, column: value}
                yield draft(f"{column} is {name} at {word}", changed)


def _read(made: Shape, join: Join) -> dict[str, DataType]:
    name = join.source.name
    return {column: kind for (relation, column), kind in made.read.items() if relation == name}
