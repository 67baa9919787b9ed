"""Edge cases derived from a definition: each named for what it tests.

Time first: both edges of each window to the microsecond, the moment itself, availability, ties,
duplicates, the days on which clocks change. Values are in ``edge_values``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from featurekit.ir.definitions import Source
from featurekit.ir.view import View, aggregates
from featurekit.ir.windows import (
    EPOCH,
    MICROSECOND,
    Calendar,
    LastRows,
    ToDate,
    Window,
    length_name,
    to_micros,
    window_bounds,
    window_name,
)
from featurekit.parity.conditions import conditions, passing
from featurekit.parity.edge_values import request_drafts, value_drafts
from featurekit.parity.rows import NOON, Case, Draft, Row, Shape, key_value, source_row, typical

HOUR = dt.timedelta(hours=1)
_BACKGROUND = 3
_VARIETY = 12

Choices = tuple[tuple[int, ...], ...]
"""For each condition on the rows of a source, numbers whose rows pass it."""


def derived_cases(made: Shape) -> tuple[Case, ...]:
    """Return the edge cases of a selection, names unique, always the same for the same meaning."""
    drafts: list[Draft] = [Draft("an ordinary question", {})]
    drafts += [Draft("an entity without any history", {}, background=False)] if made.keys else []
    for source in made.sources.values():
        drafts += _time_drafts(made, source)
        drafts += value_drafts(made, source)
    drafts += request_drafts(made)
    drafts += _calendar_drafts(made)
    drafts += _key_drafts(made)
    seen: dict[str, Draft] = {}
    for draft in drafts:
        seen.setdefault(draft.name, draft)
    choices = {name: _choices(made, source) for name, source in made.sources.items()}
    drawn = (complete(made, d, n, choices) for n, d in enumerate(seen.values(), start=1))
    return tuple(case for case in drawn if _askable(made, case))


def _askable(made: Shape, case: Case) -> bool:
    """Whether the contract lets the question in: a required request column is never null."""
    promised = {name for source, name in made.required if source in made.requests}
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
    history: dict[str, tuple[Row, ...]] = {}
    for name, source in made.sources.items():
        numbers = choices[name]
        rows = _background(made, source, entity, draft.as_of, numbers) if draft.background else []
        for place, changed in enumerate(draft.rows.get(name, ())):
            time = changed.get(source.time or "", NOON - HOUR)
            for some in numbers if draft.spread else numbers[:1]:
                value = some[(place + _BACKGROUND) % _VARIETY]
                rows.append(source_row(made, source, entity, time, value, len(rows) + 10, changed))
        history[name] = tuple(rows)
    request = ordinary_request(made, draft.request)
    # a column that is a key and a request column holds one value: a training set has one column
    for shared in set(asked) & set(request):
        if draft.request is not None and shared in draft.request:
            asked[shared] = request[shared]
        else:
            request[shared] = asked[shared]
    return Case(draft.name, history, asked, request, draft.as_of)


def ordinary_request(made: Shape, changed: Row | None = None) -> dict[str, Any]:
    """Return a request with ordinary values, those in ``changed`` instead."""
    request = {
        field.name: typical(field.type, 0, made.hints.get((source.name, field.name), ()))
        for source in made.requests.values()
        for field in source.fields
        if field.name in made.request
    }
    return {**request, **(changed or {})}


def _background(
    made: Shape, source: Source, entity: Row, as_of: dt.datetime, numbers: Choices
) -> list[Row]:
    """Return a few ordinary rows well inside the windows, so that answers are not all null."""
    t = to_micros(as_of)
    times: set[int] = {t - delay - 1_000_003 for delay in _delays(made, source)}
    for window, zone in _windows(made, source):
        start, end = window_bounds(window, t, zone)
        if start is not None:
            times.add((start + end) // 2)
    rows: list[Row] = []
    for place, time in enumerate(sorted(times)[-_BACKGROUND:]):
        at = EPOCH + time * MICROSECOND
        for some in numbers:
            rows.append(source_row(made, source, entity, at, some[place], len(rows)))
    return rows


def _readers(made: Shape, source: Source) -> list[View]:
    return [view for view in made.readers if view.source == source]


def _delays(made: Shape, source: Source) -> list[int]:
    return sorted({view.delay for view in _readers(made, source)})


def _windows(made: Shape, source: Source) -> list[tuple[Window, str]]:
    """Return the windows over ``source`` with their zones, each once."""
    found = [(a.window, view.zone) for view in _readers(made, source) for a in aggregates(view)]
    return list(dict.fromkeys(found))


def _time_drafts(made: Shape, source: Source) -> Iterator[Draft]:
    name, time = source.name, source.time
    assert time is not None  # noqa: S101  only requests have no time

    def at(moment: dt.datetime, **changed: Any) -> dict[str, Any]:
        return {time: moment, **changed}

    t = to_micros(NOON)
    for window, zone in _windows(made, source):
        for edge, moment in _edges(window, t, zone):
            title = f"{name}: a row {edge} of {window_name(window)}"
            yield Draft(title, {name: [at(moment)]}, background=False, spread=True)
        if isinstance(window, LastRows):
            yield from _count_drafts(made, source, window)
    for delay in _delays(made, source):
        moment = NOON - delay * MICROSECOND
        late = f", {delay} us late" if delay else ""
        title = f"{name}: a row exactly when it is asked{late}"
        yield Draft(title, {name: [at(moment)]}, spread=True)
        before = at(moment - MICROSECOND)
        title = f"{name}: a row 1 us before it is asked{late}"
        yield Draft(title, {name: [before]}, spread=True)
        yield from _availability_drafts(source, moment, late)
    yield Draft(f"{name}: a row of the future", {name: [at(NOON + HOUR)]})
    early, late_row = at(NOON - 2 * HOUR), at(NOON - HOUR)
    yield Draft(f"{name}: rows that arrive in the wrong order", {name: [late_row, early]})
    yield from _tie_drafts(made, source)
    for view in _readers(made, source):
        if view.max_age is not None and view.looks_up:
            oldest = NOON - view.max_age * MICROSECOND
            for word, moment in (("exactly", oldest), ("1 us more than", oldest - MICROSECOND)):
                title = f"{name}: the only row is {word} {_age(view.max_age)} old"
                yield Draft(title, {name: [at(moment)]}, background=False, spread=True)


def _age(microseconds: int) -> str:
    try:
        return length_name(microseconds)
    except ValueError:
        return f"{microseconds} us"


def _edges(window: Window, t: int, zone: str) -> Iterator[tuple[str, dt.datetime]]:
    start, end = window_bounds(window, t, zone)
    if start is not None:
        yield "exactly at the start", EPOCH + start * MICROSECOND
        yield "1 us before the start", EPOCH + (start - 1) * MICROSECOND
    if end != t:
        yield "exactly at the end", EPOCH + end * MICROSECOND
        yield "1 us before the end", EPOCH + (end - 1) * MICROSECOND


def _count_drafts(made: Shape, source: Source, window: LastRows) -> Iterator[Draft]:
    if window.count > 50:  # noqa: PLR2004  a vector is to be read
        return
    name, time = source.name, source.time or ""
    fixed = {time, source.available, source.tie, *made.keys}
    empty = {
        column: None
        for relation, column in made.read
        if relation == name and column not in fixed and (name, column) not in made.required
    }
    for count, word in ((window.count, "exactly"), (window.count + 1, "one row more than")):
        rows: list[Row] = [{time: NOON - HOUR * n} for n in range(1, count + 1)]
        title = f"{name}: {word} the rows of {window_name(window)}"
        yield Draft(title, {name: rows}, background=False)
        rows = [*({**row, **empty} for row in rows[:-1]), rows[-1]]
        title = f"{name}: only the oldest of {word} the rows of {window_name(window)} has values"
        yield Draft(title, {name: rows}, background=False)


def _availability_drafts(source: Source, moment: dt.datetime, late: str) -> Iterator[Draft]:
    name, time, available = source.name, source.time or "", source.available
    if available is None:
        return
    happened = {time: moment - HOUR}
    for word, known in (
        ("known exactly when it is asked", moment),
        ("known 1 us before it is asked", moment - MICROSECOND),
        ("known before it happened", moment - 2 * HOUR),
    ):
        row = {**happened, available: known}
        title = f"{name}: a row {word}{late}"
        yield Draft(title, {name: [row]}, background=False, spread=True)
    if not (field := source.field(available)) or not field.required:
        yield Draft(f"{name}: a row not known yet", {name: [{**happened, available: None}]})


def _tie_drafts(made: Shape, source: Source) -> Iterator[Draft]:
    name, time = source.name, source.time or ""
    same = {time: NOON - HOUR}
    yield Draft(f"{name}: two rows at the same time", {name: [same, same]})
    if source.tie is None or source.tie in {source.time, source.available}:
        twin = {f.name: typical(f.type, 1) for f in source.fields if f.name not in made.keys}
        twin |= dict.fromkeys([time, *([source.available] if source.available else [])], same[time])
        yield Draft(f"{name}: the same row twice, which counts twice", {name: [twin, twin]})
        return
    tie = source.field(source.tie)
    assert tie is not None  # noqa: S101  the tie column was checked when the source was made
    low, high = key_value(tie.type, 1), key_value(tie.type, 2)
    swapped = [{**same, source.tie: high}, {**same, source.tie: low}]
    yield Draft(f"{name}: two rows at the same time, the later tie first", {name: swapped})
    double = {**same, source.tie: low}
    yield Draft(f"{name}: a row delivered twice", {name: [double, double]})
    if source.available:
        moved = [
            {**double, source.available: NOON - HOUR / 4},
            {**double, source.available: NOON - HOUR / 2},
        ]
        yield Draft(f"{name}: a row corrected later, the correction arriving first", {name: moved})
        again = [double, {**double, source.available: NOON + HOUR}]
        yield Draft(f"{name}: a row corrected after it is asked", {name: again})


def _calendar_drafts(made: Shape) -> Iterator[Draft]:
    """Yield the special days of each zone with rows at every edge of its calendar windows."""
    for source in made.sources.values():
        calendars = [
            (window, zone)
            for window, zone in _windows(made, source)
            if isinstance(window, Calendar | ToDate)
        ]
        for zone in dict.fromkeys(zone for _, zone in calendars):
            for day, moment in special_moments(zone):
                rows = [
                    {source.time or "": at}
                    for window, own in calendars
                    if own == zone
                    for _, at in _edges(window, to_micros(moment), zone)
                ]
                title = f"{source.name}: window edges in {zone} {day}"
                yield Draft(title, {source.name: rows}, moment, background=False, spread=True)


def special_moments(zone: str) -> Iterable[tuple[str, dt.datetime]]:
    """Yield moments at which a calendar in ``zone`` is easily got wrong, with their names."""
    clock = ZoneInfo(zone)

    def wall(*parts: int) -> dt.datetime:
        return dt.datetime(*parts, tzinfo=clock).astimezone(dt.UTC)  # type: ignore[misc,arg-type]  # year, month, ...

    midnight = wall(2024, 6, 12)
    yield "at local midnight", midnight
    yield "1 us before local midnight", midnight - MICROSECOND
    yield "on a leap day", wall(2024, 2, 29, 12)
    yield "on the day after a leap day", wall(2024, 3, 1, 12)
    yield "on 31 March", wall(2024, 3, 31, 12)
    yield "on a Monday", wall(2024, 6, 10, 0, 0, 1)
    yield "on a Sunday", wall(2024, 6, 9, 23, 59, 59)
    yield "on 1 January", wall(2024, 1, 1, 12)
    for year in (2018, 2024):
        day = dt.date(year, 1, 1)
        while day.year == year:
            today, tomorrow = wall(day.year, day.month, day.day), day + dt.timedelta(days=1)
            length = wall(tomorrow.year, tomorrow.month, tomorrow.day) - today
            if length != dt.timedelta(days=1):
                hours = length / HOUR
                yield f"on {day}, {hours:g} hours long", today + length * 0.75
                yield f"on the day after {day}, {hours:g} hours long", today + length + 12 * HOUR
            day = tomorrow


def _key_drafts(made: Shape) -> Iterator[Draft]:
    for name, kind in made.keys.items():
        yield Draft(f"a question whose {name} is null", {}, entity={name: None})
        other = key_value(kind, 9_999)
        rows = {
            source.name: [{name: other}]
            for source in made.sources.values()
            if source.field(name) is not None
        }
        yield Draft(f"rows of another {name}", rows)
        yield Draft(f"only rows of another {name}", rows, background=False)
