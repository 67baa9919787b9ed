"""``vX_Y/__init__.py`` of a package: which streams a version keeps, and how it answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from featurekit.backends.plan import Wanted
from featurekit.backends.python_syntax import Names, quoted
from featurekit.backends.python_windows import row_type
from featurekit.backends.to_python import ViewCode
from featurekit.export.python_contract import row_function
from featurekit.ir.canonical import digest, plain
from featurekit.ir.definitions import Source
from featurekit.ir.view import View, aggregates
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


@dataclass(frozen=True, slots=True)
class Keep:
    """What must be kept of a stream: a span in microseconds (None: all), a number of rows."""

    span: int | None = 0
    rows: int = 0
    delay: int = 0

    def joined(self, other: Keep) -> Keep:
        """Return what keeps enough for both."""
        both = None if self.span is None or other.span is None else max(self.span, other.span)
        return Keep(both, max(self.rows, other.rows), max(self.delay, other.delay))


def keep(view: View) -> Keep:
    """Return what ``view`` needs of its source's rows."""
    needed = Keep(rows=1, delay=view.delay)  # one row tells somebody known from a stranger
    for node in aggregates(view):
        needed = needed.joined(_window(node.window))
    if view.looks_up:
        needed = needed.joined(Keep(view.max_age or 0, rows=1))
        if view.where is not None:
            needed = needed.joined(Keep(span=None))
    return needed


def _window(window: Window) -> Keep:
    match window:
        case Rolling(length, offset):
            return Keep(length + offset)
        case Calendar(count, unit):
            # the current unit, the whole ones before it, and a day for the clock's jumps
            return Keep(((count + 1) * _AT_MOST[unit] + 1) * UNITS["d"])
        case ToDate(unit):
            return Keep((_AT_MOST[unit] + 1) * UNITS["d"])
        case LastRows(count):
            return Keep(rows=count)
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
    """

    source: Source
    keys: tuple[str, ...]
    keep: Keep
    constant: str

    @property
    def name(self) -> str:
        """What stores call it: equal in two versions exactly when the rows are the same."""
        facts = [plain(self.source.fields), self.source.kind.value]
        facts += [self.source.time, self.source.available, self.source.tie]
        return f"{self.source.name} by {', '.join(self.keys)} {digest(facts)[:8]}"

    @property
    def local(self) -> str:
        """The local that holds its history."""
        return f"{self.constant.lower()}_rows"

    @property
    def retention(self) -> str:
        """The source of its Retention."""
        span = "None" if self.keep.span is None else _timedelta(self.keep.span)
        parts = [span]
        parts += [f"rows={self.keep.rows}"] if self.keep.rows else []
        parts += [f"delay={_timedelta(self.keep.delay)}"] if self.keep.delay else []
        return f"Retention({', '.join(parts)})"


def _timedelta(microseconds: int) -> str:
    days, rest = divmod(microseconds, UNITS["d"])
    seconds, micros = divmod(rest, UNITS["s"])
    parts = [("days", days), ("seconds", seconds), ("microseconds", micros)]
    return f"dt.timedelta({', '.join(f'{unit}={n}' for unit, n in parts if n)})"


def streams(views: Iterable[View]) -> tuple[StreamSpec, ...]:
    """Return the streams that ``views`` read, by name."""
    needed: dict[tuple[str, tuple[str, ...]], tuple[Source, Keep]] = {}
    for view in views:
        if view.source is not None and view.entities:
            place = (view.source.name, view.keys)
            before = needed.get(place, (view.source, Keep()))[1]
            needed[place] = (view.source, before.joined(keep(view)))
    names = Names()
    return tuple(
        StreamSpec(source, keys, kept, names.new(f"{name}_by_{'_'.join(keys)}".upper()))
        for (name, keys), (source, kept) in sorted(needed.items())
    )


def entries_code(every: Sequence[StreamSpec]) -> list[str]:
    """Return the lines that hand an event to its source's placing."""
    lines: list[str] = []
    for source in _sources(every):
        lines += [
            f"if source == {quoted(source.name)}:",
            f"    given = contract.checked_mapping({quoted(source.name)}, event)",
            f"    return _place_{row_function(source)}(contract.{row_function(source)}(given))",
        ]
    return lines


def _sources(every: Sequence[StreamSpec]) -> Iterable[Source]:
    return {stream.source.name: stream.source for stream in every}.values()


def placing_code(every: Sequence[StreamSpec]) -> str:
    """Return the functions that place a checked row into the streams of its source."""
    return "\n\n\n".join(_placing(source, every) for source in _sources(every))


def _placing(source: Source, every: Sequence[StreamSpec]) -> str:
    whole = ", ".join(f"order_key(row[{quoted(f.name)}])" for f in source.fields)
    kind = f"contract.{row_type(source)} | None"
    head = f"def _place_{row_function(source)}(row: {kind}) -> list[tuple[Stream, Key, Entry]]:"
    lines = ["if row is None:", "    return []"]
    known = "time"
    if source.available:
        known = "known"
        lines += [f"known = row[{quoted(source.available)}]", "if known is None:", "    return []"]
    order = f"time, order_key(row[{quoted(source.tie)}])" if source.tie else "time, *whole"
    lines += [
        f"time = row[{quoted(source.time or '')}]",
        f"whole = ({whole},)",
        f"order, rank = ({order}), ({known}, *whole)",
        f"entry = Entry(order, unique={bool(source.tie)}, rank=rank, known={known}, row=row)",
    ]
    placed: list[str] = []
    for stream in every:
        if stream.source.name == source.name:
            key = ", ".join(f"row[{quoted(name)}]" for name in stream.keys)
            placed.append(f"({stream.constant}, ({key},), entry)")
    lines.append(f"placed: list[tuple[Stream, Key, Entry]] = [{', '.join(placed)}]")
    lines.append("return [place for place in placed if None not in place[1]]")
    doc = '    """Return where a row belongs; a row that is never visible, nowhere."""'
    return "\n".join([head, doc, *(f"    {line}" for line in lines)])


def history_lines(every: Sequence[StreamSpec]) -> list[str]:
    """Return the lines of ``get`` that fetch the histories."""
    lines: list[str] = []
    for stream in every:
        key = ", ".join(f"who[{quoted(name)}]" for name in stream.keys)
        kind = f"Sequence[contract.{row_type(stream.source)}]"
        lines.append(
            f"{stream.local}: {kind} = _history(store, {stream.constant}, ({key},), moment)"
        )
    return lines


def view_lines(
    order: Sequence[str],
    views: Mapping[str, View],
    codes: Mapping[str, ViewCode],
    every: Sequence[StreamSpec],
) -> list[str]:
    """Return the lines of ``get`` that call the views, each after those it uses."""
    return [
        f"{codes[ref].function} = views.{codes[ref].function}"
        f"({_first(views[ref], codes, every)}, asked, moment)"
        for ref in order
    ]


def _first(view: View, codes: Mapping[str, ViewCode], every: Sequence[StreamSpec]) -> str:
    if view.source is None:
        used = [codes[reference].function for reference in view.uses]
        return "{" + ", ".join(f"{quoted(name)}: {name}" for name in used) + "}"
    for stream in every:
        if (stream.source.name, stream.keys) == (view.source.name, view.keys):
            return stream.local
    return "None"


def reason_lines(
    order: Sequence[str],
    views: Mapping[str, View],
    codes: Mapping[str, ViewCode],
    every: Sequence[StreamSpec],
) -> list[str]:
    """Return the lines of ``get`` that say why answers are null."""
    lines = ["status: dict[str, dict[str, Status]] = {}"]
    for reference in order:
        view, code = views[reference], codes[reference]
        if not code.explains:
            reasons = "{}"
        elif view.source is None:
            reasons = f"views.{code.function}_absence(status)"
        else:
            first = _first(view, codes, every)
            reasons = f"views.{code.function}_absence({first}, asked, moment)"
        lines.append(f"status[{quoted(code.function)}] = explained({code.function}, {reasons})")
    return lines


def nullable_places(wanted: Sequence[Wanted], codes: Mapping[str, ViewCode]) -> str:
    """Return the wanted answers that can be null, as the members of a tuple."""
    places = [
        f"{codes[one.reference].function}[{quoted(one.feature)}]"
        for one in wanted
        if codes[one.reference].nullable(one.feature)
    ]
    return ", ".join(places) + ("," if len(places) == 1 else "")


def answer_entries(
    wanted: Sequence[Wanted], codes: Mapping[str, ViewCode], *, status: bool
) -> list[str]:
    """Return ``"view__feature": place`` for each wanted answer, in order."""
    return [
        f"{quoted(one.column)}: "
        + (
            f"status[{quoted(codes[one.reference].function)}][{quoted(one.feature)}]"
            if status
            else f"{codes[one.reference].function}[{quoted(one.feature)}]"
        )
        for one in wanted
    ]
