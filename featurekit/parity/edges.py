"""Edge cases derived from a definition: each named for what it tests.

What happens when is in ``edge_times``, values are in ``edge_values``, joins in ``edge_joins``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from featurekit.ir.definitions import Source
from featurekit.ir.nodes import Expression
from featurekit.ir.view import View, request_columns
from featurekit.ir.windows import EPOCH, MICROSECOND, to_micros
from featurekit.parity.admission import let_in, refusals
from featurekit.parity.conditions import conditions, passing, still_passing
from featurekit.parity.edge_joins import join_drafts, meeting_key, met
from featurekit.parity.edge_times import (
    HOUR,
    answered_at,
    calendar_drafts,
    delays,
    refresh_drafts,
    spans,
    time_drafts,
)
from featurekit.parity.edge_values import request_drafts, value_drafts
from featurekit.parity.ordinary import NOON, key_value, typical
from featurekit.parity.rows import Case, Draft, Meeting, Row, Shape, source_row

_BACKGROUND = 3
_VARIETY = 12
_MET = 1_000

Choices = tuple[tuple[Expression | None, tuple[int, ...]], ...]
"""Each condition on the rows of a source, and numbers whose rows pass it."""

Numbered = tuple[int, Row]
"""A row and the number that it was made with."""


def derived_cases(made: Shape) -> tuple[Case, ...]:
    """Return the edge cases of a selection, names unique, always the same for the same meaning."""
    drafts: list[Draft] = [Draft("an ordinary question", {})]
    drafts += [Draft("an entity without any history", {}, background=False)] if made.keys else []
    for source in made.own.values():
        drafts += time_drafts(made, source)
        drafts += value_drafts(made, source)
    drafts += request_drafts(made)
    drafts += calendar_drafts(made)
    drafts += refresh_drafts(made)
    drafts += join_drafts(made)
    drafts += _key_drafts(made)
    seen: dict[str, Draft] = {}
    for draft in drafts:
        seen.setdefault(draft.name, draft)
    choices = {name: _choices(made, source) for name, source in made.own.items()}
    drawn = (complete(made, d, n, choices) for n, d in enumerate(seen.values(), start=1))
    return let_in(made, (case for case in drawn if _askable(made, case)))


def _askable(made: Shape, case: Case) -> bool:
    """Whether the contract lets the question in: a required request column is never null."""
    asked = {
        *made.requests,
        *(v.source.name for v in made.views.values() if v.scores_rows and v.source),
    }
    promised = {name for source, name in made.required if source in asked}
    return all(case.request[name] is not None for name in promised & case.request.keys())


def _choices(made: Shape, source: Source) -> Choices:
    """Return, for each condition on rows, numbers whose rows pass it."""
    return tuple(
        (condition, tuple(passing(made, source, condition, _VARIETY)))
        for condition in conditions(made, source)
    )


def complete(made: Shape, draft: Draft, number: int, choices: Mapping[str, Choices]) -> Case:
    """Give ``draft`` keys of its own, ordinary rows behind its special ones, and a request."""
    entity = {name: key_value(kind, number) for name, kind in made.keys.items()}
    asked = {**entity, **(draft.entity or {})}
    history: dict[str, list[Numbered]] = {name: [] for name in made.sources}
    for name, source in made.own.items():
        numbers, rows = choices[name], history[name]
        if draft.background:
            rows += _background(made, source, entity, draft.as_of, numbers)
        for place, changed in enumerate(draft.rows.get(name, ())):
            time = changed.get(source.time or "", NOON - HOUR)
            for condition, some in numbers if draft.spread else numbers[:1]:
                value = some[(place + _BACKGROUND) % _VARIETY]
                value = still_passing(made, source, condition, value, changed)
                row = source_row(made, source, entity, time, value, len(rows) + 10, changed)
                rows.append((value, row))
    moments = dict.fromkeys(made.moments, draft.as_of)
    request = ordinary_request(made, {**moments, **(draft.request or {})})
    # a column that is a key and a request column holds one value: a training set has one column
    for shared in set(asked) & set(request):
        if draft.request is not None and shared in draft.request:
            asked[shared] = request[shared]
        else:
            request[shared] = asked[shared]
    question = {**asked, **request}
    ordinary = [
        (name, row)
        for name, row in _joined(made, history, question)
        if draft.background or name not in draft.rows
    ]
    special, key = _special(made, draft.meets, history, question)
    if draft.meets and draft.meets.alone:
        ordinary = _leave_alone(draft.meets, key, history, ordinary)
    for name, joined in (*ordinary, *special):
        history[name].append((0, joined))
    rows_of = {name: tuple(row for _, row in rows) for name, rows in history.items()}
    return Case(draft.name, rows_of, asked, request, draft.as_of)


def _joined(
    made: Shape, history: Mapping[str, list[Numbered]], question: Row
) -> Iterator[tuple[str, Row]]:
    """Yield ordinary rows that those of ``history`` and the question are joined with, by source."""
    for view in made.views.values():
        for number, row in _meeting(made, view, history, question):
            found = met(made, view, row, question, number)
            for join in view.joins:
                yield join.source.name, found[join.name]


def _meeting(
    made: Shape, view: View, history: Mapping[str, list[Numbered]], question: Row
) -> list[Numbered]:
    """Return the rows that joins of ``view`` are asked about: stored ones, and the one in hand."""
    source = view.source
    stored = history.get(source.name, []) if source and view in made.readers else []
    return [*stored, *([] if view.looks_up else [(0, question)])]


def _special(
    made: Shape, meets: Meeting | None, history: Mapping[str, list[Numbered]], question: Row
) -> tuple[list[tuple[str, Row]], Row]:
    """Return the special rows that are met, by source, and the key of what is met."""
    rows = _meeting(made, meets.view, history, question) if meets else []
    if not meets or not rows:
        return [], {}
    view, source = meets.view, meets.join.source
    in_hand = meets.in_hand or len(rows) == 1
    number, row = rows[-1] if in_hand or view.looks_up else rows[-2]
    key = meeting_key(view, meets.join, row, question, met(made, view, row, question, number))
    found: list[tuple[str, Row]] = []
    for place, changed in enumerate(meets.rows, start=1):
        time, values = changed[source.time or ""], {**changed, **key}
        row = source_row(made, source, {}, time, number + place, _MET + number, values)
        found.append((source.name, row))
    return found, key


def _leave_alone(
    meets: Meeting, key: Row, history: dict[str, list[Numbered]], ordinary: list[tuple[str, Row]]
) -> list[tuple[str, Row]]:
    """Take away what would be met behind special rows, whichever view reads it.

    Returns:
        The ``ordinary`` rows that may stay.
    """

    def apart(row: Row) -> bool:
        return any(row[column] != value for column, value in key.items())

    name = meets.join.source.name
    if meets.view.source != meets.join.source:  # else they are also what the view is about
        history[name] = [(number, row) for number, row in history[name] if apart(row)]
    return [(source, row) for source, row in ordinary if source != name or apart(row)]


def ordinary_request(made: Shape, changed: Row | None = None) -> dict[str, Any]:
    """Return a request with ordinary values, those in ``changed`` instead."""
    request = {
        column.name: typical(
            column.type,
            0,
            made.hints.get((column.relation, column.name), ()),
            [rule for rule in refusals(made) if rule.column == column.name],
        )
        for view in made.views.values()
        for column in request_columns(view)
    }
    return {**request, **(changed or {})}


def _background(
    made: Shape, source: Source, entity: Row, as_of: dt.datetime, numbers: Choices
) -> list[Numbered]:
    """Return a few ordinary rows well inside the windows, so that answers are not all null."""
    times: set[int] = {
        to_micros(answered_at(as_of, fresh)) - delay - 1_000_003
        for delay, fresh in delays(made, source)
    }
    for span in spans(made, source):
        start, end = span.bounds(as_of)
        if start is not None:
            times.add((start + end) // 2)
    rows: list[Numbered] = []
    for place, time in enumerate(sorted(times)[-_BACKGROUND:]):
        at = EPOCH + time * MICROSECOND
        for _, some in numbers:
            value = some[place]
            rows.append((value, source_row(made, source, entity, at, value, len(rows))))
    return rows


def _key_drafts(made: Shape) -> Iterator[Draft]:
    for name, kind in made.keys.items():
        yield Draft(f"a question whose {name} is null", {}, entity={name: None})
        other = key_value(kind, 9_999)
        rows = {
            source.name: [{name: other}]
            for source in made.own.values()
            if source.field(name) is not None
        }
        yield Draft(f"rows of another {name}", rows)
        yield Draft(f"only rows of another {name}", rows, background=False)
