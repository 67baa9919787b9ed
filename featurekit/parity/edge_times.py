"""Edge cases of time: window edges, the moment itself, availability, ties, refreshes, clocks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from featurekit.datatypes import Kind
from featurekit.ir.definitions import Source
from featurekit.ir.schedules import At, Schedule, refreshed, schedule_name
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
from featurekit.parity.ordinary import NOON, key_value, typical
from featurekit.parity.rows import Draft, Row, Shape

HOUR = dt.timedelta(hours=1)


class Span(NamedTuple):
    """A window as some view asks it: in its zone, and as of its last refresh."""

    window: Window
    zone: str
    fresh: Schedule | None

    def bounds(self, moment: dt.datetime) -> tuple[int | None, int]:
        """Return ``window_bounds`` for a question at ``moment``."""
        return window_bounds(self.window, refreshed(to_micros(moment), self.fresh), self.zone)


def _readers(made: Shape, source: Source) -> list[View]:
    return [view for view in made.readers if view.source == source]


def delays(made: Shape, source: Source) -> list[tuple[int, Schedule | None]]:
    """Return how late and how fresh views over ``source`` answer, each pair once."""
    found = {(view.delay, view.fresh): None for view in _readers(made, source)}
    return sorted(found, key=lambda pair: (pair[0], schedule_name(pair[1])))


def spans(made: Shape, source: Source) -> list[Span]:
    """Return the windows over ``source`` as views ask them, each once."""
    found = [
        Span(node.window, view.zone, view.fresh)
        for view in _readers(made, source)
        for node in aggregates(view)
    ]
    return list(dict.fromkeys(found))


def answered_at(moment: dt.datetime, fresh: Schedule | None) -> dt.datetime:
    """Return the moment whose answer a question at ``moment`` gets."""
    return EPOCH + refreshed(to_micros(moment), fresh) * MICROSECOND


def said_late(delay: int, fresh: Schedule | None) -> str:
    """Return how a title goes on about answers that come late or of the last refresh."""
    return (f", {delay} us late" if delay else "") + _refreshed(fresh)


def _refreshed(fresh: Schedule | None) -> str:
    return f", refreshed {schedule_name(fresh)}" if fresh else ""


def time_drafts(made: Shape, source: Source) -> Iterator[Draft]:
    """Yield cases about when rows of ``source`` happened and became known."""
    name, time = source.name, source.time
    assert time is not None  # noqa: S101  only requests have no time

    def at(moment: dt.datetime, **changed: Any) -> dict[str, Any]:
        return {time: moment, **changed}

    zeros = _zeros(made, source)
    for span in spans(made, source):
        for edge, moment in _edges(span, NOON):
            title = f"{name}: a row {edge} of {window_name(span.window)}{_refreshed(span.fresh)}"
            yield Draft(title, {name: [at(moment)]}, background=False, spread=True)
            if zeros:
                rows = [at(moment, **zeros)]
                yield Draft(f"{title}, zero", {name: rows}, background=False, spread=True)
        yield from _count_drafts(made, source, span)
    for delay, fresh in delays(made, source):
        moment = answered_at(NOON, fresh) - delay * MICROSECOND
        late = said_late(delay, fresh)
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
            oldest = answered_at(NOON, view.fresh) - view.max_age * MICROSECOND
            for word, moment in (("exactly", oldest), ("1 us more than", oldest - MICROSECOND)):
                title = f"{name}: the only row is {word} {age(view.max_age)} old"
                yield Draft(title, {name: [at(moment)]}, background=False, spread=True)


def _zeros(made: Shape, source: Source) -> dict[str, Any]:
    """Return zeros for the doubles of rows that a strict view reads: it divides by what is there.

    Such a view looks into a window again to say why there is no answer.
    """
    strict = any(view.strict for view in _readers(made, source))
    return {
        column: 0.0
        for (relation, column), kind in made.read.items()
        if strict and relation == source.name and kind.kind is Kind.DOUBLE
    }


def age(microseconds: int) -> str:
    """Return a length of time as a title says it."""
    return length_name(microseconds) if microseconds % 1_000_000 == 0 else f"{microseconds} us"


def _edges(span: Span, asked: dt.datetime) -> Iterator[tuple[str, dt.datetime]]:
    start, end = span.bounds(asked)
    if start is not None:
        yield "exactly at the start", EPOCH + start * MICROSECOND
        yield "1 us before the start", EPOCH + (start - 1) * MICROSECOND
    if end != refreshed(to_micros(asked), span.fresh):
        yield "exactly at the end", EPOCH + end * MICROSECOND
        yield "1 us before the end", EPOCH + (end - 1) * MICROSECOND


def _count_drafts(made: Shape, source: Source, span: Span) -> Iterator[Draft]:
    for view in _readers(made, source):
        used = any(node.window == span.window for node in aggregates(view))
        if used and view.fresh == span.fresh and isinstance(span.window, LastRows):
            moment = answered_at(NOON, span.fresh)
            yield from _counted(made, view, source, span.window, moment)


def _counted(
    made: Shape, view: View, source: Source, window: LastRows, asked: dt.datetime
) -> Iterator[Draft]:
    whole = window.count + window.offset
    if whole > 50:  # noqa: PLR2004  a vector is to be read
        return
    name, time = source.name, source.time or ""
    said = window_name(window) + _refreshed(view.fresh)
    fixed = {time, source.available, source.tie, *view.keys}
    empty = {
        column: None
        for relation, column in made.read
        if relation == name and column not in fixed and (name, column) not in made.required
    }
    for count, word in ((whole, "exactly"), (whole + 1, "one row more than")):
        rows: list[Row] = [{time: asked - HOUR * n} for n in range(1, count + 1)]
        title = f"{name}: {word} the rows of {said}"
        yield Draft(title, {name: rows}, background=False)
        if window.offset:
            few = f"{name}: one row less than {said} reaches back for"
            yield Draft(few, {name: rows[: window.offset]}, background=False)
        rows = [*({**row, **empty} for row in rows[:-1]), rows[-1]]
        title = f"{name}: only the oldest of {word} the rows of {said} has values"
        title += f" ({view.name})" if set(made.keys) - set(view.keys) else ""
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


def calendar_drafts(made: Shape) -> Iterator[Draft]:
    """Yield the special days of each zone with rows at every edge of its calendar windows."""
    for source in made.own.values():
        calendars = [s for s in spans(made, source) if isinstance(s.window, Calendar | ToDate)]
        for zone in dict.fromkeys(span.zone for span in calendars):
            for day, moment in special_moments(zone):
                rows = [
                    {source.time or "": at}
                    for span in calendars
                    if span.zone == zone
                    for _, at in _edges(span, moment)
                ]
                title = f"{source.name}: window edges in {zone} {day}"
                yield Draft(title, {source.name: rows}, moment, background=False, spread=True)


def refresh_drafts(made: Shape) -> Iterator[Draft]:
    """Yield questions at a refresh and just before it, with rows around what they answer for."""
    for source in made.own.values():
        for fresh in dict.fromkeys(view.fresh for view in _readers(made, source) if view.fresh):
            last = answered_at(NOON, fresh)
            moments = [("at a refresh", last), ("1 us before a refresh", last - MICROSECOND)]
            moments += special_moments(fresh.zone) if isinstance(fresh, At) else []
            for word, moment in moments:
                answered = answered_at(moment, fresh)
                times = (answered - HOUR, answered - MICROSECOND, answered, moment - MICROSECOND)
                rows = [{source.time or "": at} for at in times]
                title = f"{source.name}: asked {word}{_refreshed(fresh)}"
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
