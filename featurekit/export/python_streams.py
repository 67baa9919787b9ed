"""Which rows a package keeps: streams by source and key, and how long their rows are needed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from featurekit.backends.python_joins import reads_history
from featurekit.backends.python_syntax import Names
from featurekit.ir.canonical import digest, plain
from featurekit.ir.definitions import Field, Source, SourceKind
from featurekit.ir.nodes import Aggregate, Column, walk
from featurekit.ir.schedules import At, Every, Later, Schedule
from featurekit.ir.view import Join, View, aggregates, relation_columns, used_joins
from featurekit.ir.windows import (
    UNITS,
    AllTime,
    Calendar,
    CalendarUnit,
    LastRows,
    Rolling,
    ToDate,
    Window,
)

_AT_MOST = {
    CalendarUnit.DAY: 1,
    CalendarUnit.WEEK: 7,
    CalendarUnit.MONTH: 31,
    CalendarUnit.YEAR: 366,
}


Place = tuple[Source, tuple[str, ...]]
"""A source and the columns of a key."""


@dataclass(frozen=True, slots=True)
class Keep:
    """What must be kept of a stream.

    Attributes:
        span: Microseconds before the moment that is answered for; None: everything.
        rows: This many rows known before that moment.
        delay: How much later than it is available a row is used.
        lag: How long before the question that moment may lie; None: however long.
    """

    span: int | None = 0
    rows: int = 0
    delay: int = 0
    lag: int | None = 0

    def joined(self, other: Keep) -> Keep:
        """Return what keeps enough for both."""
        return Keep(
            _longer(self.span, other.span),
            max(self.rows, other.rows),
            max(self.delay, other.delay),
            _longer(self.lag, other.lag),
        )


def _longer(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else max(one, other)


def own_stream(view: View) -> Place | None:
    """Return the stream of the view's own rows, if it reads any."""
    source = view.source
    if source is None or source.kind is SourceKind.REQUEST or not reads_history(view):
        return None
    return source, view.keys


def keeps(view: View) -> list[tuple[Place, Keep]]:
    """Return what ``view`` needs of its own rows and of those that it joins."""
    lag = _lag(view.fresh)
    own = own_stream(view)
    found = [(own, replace(_own(view), lag=lag))] if own else []
    for join in view.joins:
        reach = _reach(view, join)
        kept = Keep(rows=1, delay=view.delay, lag=None if reach is None else reach + lag)
        found.append(((join.source, tuple(name for name, _ in join.on)), kept))
    return found


def _own(view: View) -> Keep:
    needed = Keep(rows=1, delay=view.delay)  # one row tells somebody known from a stranger
    for node in aggregates(view):
        needed = needed.joined(_window(node.window))
    if view.looks_up:
        needed = needed.joined(Keep(view.max_age or 0, rows=1))
        if view.where is not None:
            needed = needed.joined(Keep(span=None))
    return needed


def _reach(view: View, join: Join) -> int | None:
    """Return how long before the moment that is answered for a row may lie that is joined."""
    if join.at_request:
        return 0
    if view.looks_up:
        return view.max_age
    windows = [_window(node.window) for node in aggregates(view) if _meets(view, node, join)]
    if any(window.rows for window in windows):
        return None  # the latest rows may be of any age
    reach: int | None = 0
    for window in windows:
        reach = _longer(reach, window.span)
    return reach


def _meets(view: View, aggregate: Aggregate, join: Join) -> bool:
    """Whether the rows of ``aggregate`` are joined by ``join``."""
    read = {node.relation for node in walk(aggregate) if isinstance(node, Column)}
    return join in used_joins(view, read)


def _lag(schedule: Schedule | None) -> int:
    """Return the longest time from a refresh to the next; a day more for the clock's jumps."""
    match schedule:
        case None:
            return 0
        case Every(length):
            return length
        case Later():
            return 0  # no package answers it
        case At(_, _, weekday):
            return (2 if weekday is None else 8) * UNITS["d"]


def _window(window: Window) -> Keep:
    match window:
        case Rolling(length, offset):
            return Keep(length + offset)
        case Calendar(count, unit):
            # the current unit, the whole ones before it, and a day for the clock's jumps
            return Keep(((count + 1) * _AT_MOST[unit] + 1) * UNITS["d"])
        case ToDate(unit):
            return Keep((_AT_MOST[unit] + 1) * UNITS["d"])
        case LastRows(count, offset):
            return Keep(rows=count + offset)
        case AllTime():
            return Keep(span=None)


@dataclass(frozen=True, slots=True)
class StreamSpec:
    """The rows of one source by one key.

    Attributes:
        source: The source.
        keys: The columns of the key.
        keep: What its views need.
        constant: What the package calls it.
        fields: The columns that its rows must have: those that are read, its source's keys, times
            and tie; without a tie column all of them, because all of them order rows.
    """

    source: Source
    keys: tuple[str, ...]
    keep: Keep
    constant: str
    fields: tuple[Field, ...]

    @property
    def name(self) -> str:
        """What stores call it: equal in two versions exactly when the rows are the same."""
        facts = [plain(self.fields), self.source.kind.value]
        facts += [self.source.time, self.source.available, self.source.tie]
        facts += [plain(self.source.refusals)] if self.source.refusals else []
        return f"{self.source.name} by {', '.join(self.keys)} {digest(facts)[:8]}"

    @property
    def place(self) -> Place:
        """Its source and the columns of its key."""
        return self.source, self.keys

    @property
    def retention(self) -> str:
        """The source of its Retention."""
        kept = self.keep
        forever = kept.span is None or kept.lag is None
        parts = ["None" if forever else _timedelta(kept.span or 0)]
        parts += [f"rows={kept.rows}"] if kept.rows else []
        parts += [f"delay={_timedelta(kept.delay)}"] if kept.delay else []
        parts += [f"lag={_timedelta(kept.lag)}"] if kept.lag and not forever else []
        return f"Retention({', '.join(parts)})"


def _timedelta(microseconds: int) -> str:
    if not microseconds:
        return "dt.timedelta(0)"
    days, rest = divmod(microseconds, UNITS["d"])
    hours, rest = divmod(rest, UNITS["h"])
    minutes, rest = divmod(rest, UNITS["m"])
    seconds, micros = divmod(rest, UNITS["s"])
    parts = [("days", days), ("hours", hours), ("minutes", minutes), ("seconds", seconds)]
    said = [f"{unit}={n}" for unit, n in (*parts, ("microseconds", micros)) if n]
    return f"dt.timedelta({', '.join(said)})"


def streams(views: Iterable[View]) -> tuple[StreamSpec, ...]:
    """Return the streams that ``views`` read, by name."""
    needed: dict[tuple[str, tuple[str, ...]], tuple[Source, Keep]] = {}
    every = tuple(views)
    for view in every:
        for (source, keys), kept in keeps(view):
            place = (source.name, keys)
            before = needed.get(place, (source, Keep()))[1]
            needed[place] = (source, before.joined(kept))
    names = Names()
    made = []
    for (name, keys), (source, kept) in sorted(needed.items()):
        constant = names.new(f"{name}_by_{'_'.join(keys)}".upper())
        own = {key for other, columns in needed if other == name for key in columns}
        made.append(StreamSpec(source, keys, kept, constant, _needed(source, own, every)))
    return tuple(made)


def _needed(source: Source, keys: set[str], views: tuple[View, ...]) -> tuple[Field, ...]:
    if not source.tie:
        return source.fields
    read = {*keys, source.time, source.available, source.tie}
    read |= {rule.column for rule in source.refusals}
    for view in views:
        joined = [join.name for join in view.joins if join.source == source]
        for relation in [*joined, *([source.name] if view.source == source else [])]:
            read |= set(relation_columns(view, relation))
    return tuple(field for field in source.fields if field.name in read)
