"""Edge cases derived from a definition: each named for what it tests.

What happens when is in ``edge_times``, values are in ``edge_values``, joins in ``edge_joins``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from featurekit.ir.definitions import Source
from featurekit.ir.view import request_columns
from featurekit.ir.windows import EPOCH, MICROSECOND, to_micros
from featurekit.parity.admission import let_in, refusals
from featurekit.parity.conditions import conditions, passing
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
from featurekit.parity.rows import Case, Draft, Row, Shape, source_row

_BACKGROUND = 3
_VARIETY = 12
_MET = 1_000

Choices = tuple[tuple[int, ...], ...]
"""For each condition on the rows of a source, numbers whose rows pass it."""

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
        tuple(passing(made, source, condition, _VARIETY)) for condition in conditions(made, source)
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
            for some in numbers if draft.spread else numbers[:1]:
                value = some[(place + _BACKGROUND) % _VARIETY]
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
    for name, joined in list(_joined(made, draft, history, {**asked, **request})):
        history[name].append((0, joined))
    rows_of = {name: tuple(row for _, row in rows) for name, rows in history.items()}
    return Case(draft.name, rows_of, asked, request, draft.as_of)


def _joined(
    made: Shape, draft: Draft, history: Mapping[str, list[Numbered]], question: Row
) -> Iterator[tuple[str, Row]]:
    """Yield the rows that those of ``history`` and the question are joined with, by source."""
    meets = draft.meets
    for view in made.views.values():
        source = view.source
        stored = history.get(source.name, []) if source and view in made.readers else []
        rows = [*stored, *([] if view.looks_up else [(0, question)])]
        for number, row in rows:
            found = met(made, view, row, question, number)
            for join in view.joins:
                if not (meets and meets.alone and meets.join == join):
                    yield join.source.name, found[join.name]
        if meets and meets.view == view and rows:
            number, row = stored[-1] if stored and not meets.in_hand else rows[-1]
            found = met(made, view, row, question, number)
            key = meeting_key(view, meets.join, row, question, found)
            for changed in meets.rows:
                yield (
                    meets.join.source.name,
                    _special(made, meets.join.source, number, changed, key),
                )


def _special(made: Shape, source: Source, number: int, changed: Row, key: Row) -> Row:
    """Return a row that is met, with other values than the ordinary one behind it."""
    time = changed[source.time or ""]
    return source_row(made, source, {}, time, number + 1, _MET + number, {**changed, **key})


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
        for some in numbers:
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
