"""The questions of a training query: the spine's rows numbered, typed, with their window bounds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from featurekit.backends.to_sql_dialect import Dialect
from featurekit.backends.to_sql_local_time import (
    AS_OF,
    ASKED,
    Boundary,
    local_steps,
    refreshed_name,
)
from featurekit.backends.to_sql_parts import Part, select
from featurekit.datatypes import TIMESTAMP, DataType
from featurekit.ir.nodes import Column
from featurekit.ir.schedules import schedule_name
from featurekit.ir.view import View, aggregates, moment_column, request_columns
from featurekit.ir.windows import (
    AllTime,
    Calendar,
    LastRows,
    Rolling,
    ToDate,
    Window,
)

SPINE_TABLE, SPINE, ROW, WHOLE = "spine", "fk_spine", "fk_row", "fk_whole"
STRETCH = "fk_stretch"
_Names = Mapping[tuple[str, DataType], str]


@dataclass(frozen=True, slots=True)
class Questions:
    """The spine made ready, and how to speak of it.

    Attributes:
        dialect: Whose words.
        parts: The steps that end in ``fk_asked``, one row a spine row.
        names: What a typed spine column is called there.
        moment: Which column of it says when the view at hand is asked.
        zone: The zone of that view.
    """

    dialect: Dialect
    parts: tuple[Part, ...]
    names: _Names
    moment: str = AS_OF
    zone: str = "UTC"

    def of(self, view: View) -> Questions:
        """Return how to speak of them for ``view``, at its moment and in its zone."""
        return replace(self, moment=_moment(view, self.names), zone=view.zone)

    def own(self, name: str) -> str:
        """Return the text for a column of ``fk_asked``."""
        return f"{self.dialect.identifier(ASKED)}.{self.dialect.identifier(name)}"

    def column(self, name: str, kind: DataType) -> str:
        """Return the text for a key or request column of the asked row."""
        return self.own(self.names[name, kind])

    @property
    def row(self) -> str:
        """The spine row's number."""
        return self.own(ROW)

    @property
    def as_of(self) -> str:
        """The moment of asking."""
        return self.own(self.moment)

    def start(self, window: Window) -> str | None:
        """Return the text for the first instant inside ``window``; None: from the first row."""
        match window:
            case Rolling(length, offset):
                return self.before(length + offset)
            case Calendar(count, unit):
                return self.own(Boundary(self.zone, unit, count, self.moment).name)
            case ToDate(unit):
                return self.own(Boundary(self.zone, unit, 0, self.moment).name)
            case LastRows() | AllTime():
                return None

    def end(self, window: Window) -> str | None:
        """Return the text for the first instant after ``window``; None: the moment of asking."""
        match window:
            case Rolling(_, offset) | AllTime(offset) if offset:
                return self.before(offset)
            case Calendar(_, unit):
                return self.own(Boundary(self.zone, unit, 0, self.moment).name)
            case _:
                return None

    def earliest(self, windows: Sequence[Window]) -> str | None:
        """Return the text for the first instant inside any of ``windows``; None: the first row."""
        rolling = [window for window in windows if isinstance(window, Rolling)]
        rest = [window for window in windows if not isinstance(window, Rolling)]
        longest = sorted(rolling, key=lambda w: w.length + w.offset)[-1:]
        starts = [self.start(w) for w in [*longest, *rest]]
        if None in starts:
            return None
        texts = list(dict.fromkeys(start for start in starts if start))
        return texts[0] if len(texts) == 1 else f"LEAST({', '.join(texts)})"

    def stretches(self, reference: str, name: str, start: str, width: int) -> Part:
        """Return the step that says which stretches of time a question's windows touch."""
        first = self.dialect.stretch.format(x=start, width=width)
        last = self.dialect.stretch.format(x=self.as_of, width=width)
        number = self.dialect.numbers.format(first=first, last=last)
        body = (
            f"{select([self.row, f'{number} AS {self.dialect.identifier(STRETCH)}'])}\n"
            f"FROM {self.dialect.identifier(ASKED)}"
            + self.dialect.each.format(first=first, last=last)
        )
        comment = f"{reference}: the stretches of time, of {width} us each, that it may see"
        return Part(f"{reference} {name}", comment, body)

    def before(self, microseconds: int) -> str:
        """Return the text for the instant that long before the moment of asking."""
        return f"{self.as_of} - {self.dialect.length(microseconds)}"


def questions(dialect: Dialect, views: Iterable[View], time: str) -> Questions:
    """Return the steps from the table ``spine`` to typed questions for ``views``.

    Args:
        dialect: Whose words.
        views: Every view that is computed.
        time: The spine's column that says when it is asked.
    """
    every = tuple(views)
    names = _names(every)
    quoted = dialect.identifier
    asked = [f"{quoted(SPINE)}.{quoted(ROW)}", f"{quoted(SPINE)}.{quoted(AS_OF)}"]
    asked += [
        f"{dialect.read(f'{quoted(SPINE)}.{quoted(name)}', kind)} AS {quoted(alias)}"
        for (name, kind), alias in names.items()
    ]
    given = quoted("spine") if dialect.except_own else quoted("fk_given")
    moment = dialect.read(f"{given}.{quoted(time)}", TIMESTAMP)
    read = dict.fromkeys([*(name for name, _ in names), time])
    number = dialect.numbered.format(columns=", ".join(f"{given}.{quoted(n)} ASC" for n in read))
    columns = [f"{number} AS {quoted(ROW)}", f"{moment} AS {quoted(AS_OF)}"]
    # where columns cannot be left out of *, the whole row goes along to be taken apart at the end
    columns += [] if dialect.except_own else [f"{given} AS {quoted(WHOLE)}"]
    table = quoted("spine") + ("" if dialect.except_own else f" AS {given}")
    spine = Part(
        SPINE,
        f"the questions: the spine's rows{dialect.in_order}, and when each is asked (UTC)",
        select([*columns, f"{given}.*"]) + f"\nFROM {table}",
    )
    schedules = {view.fresh for view in every if view.fresh is not None}
    typed = f"{select(asked)}\nFROM {quoted(SPINE)}"
    local = local_steps(
        dialect, typed, sorted(schedules, key=schedule_name), _boundaries(every, names)
    )
    return Questions(dialect, (spine, *local), names)


def _moment(view: View, names: _Names) -> str:
    """Return which column of ``fk_asked`` says when ``view`` is asked."""
    if view.scores_rows:
        return names[moment_column(view).name, TIMESTAMP]
    return refreshed_name(view.fresh) if view.fresh else AS_OF


def _names(views: Iterable[View]) -> dict[tuple[str, DataType], str]:
    """Give each spine column that is read one name a type."""
    read: dict[tuple[str, DataType], None] = {}
    for view in views:
        for entity in view.entities:
            read.update(dict.fromkeys((key.name, key.type) for key in entity.keys))
        columns: tuple[Column, ...] = request_columns(view)
        read.update(dict.fromkeys((column.name, column.type) for column in columns))
    taken: dict[str, int] = {}
    names: dict[tuple[str, DataType], str] = {}
    for name, kind in read:
        taken[name] = taken.get(name, 0) + 1
        names[name, kind] = name if taken[name] == 1 else f"{name} {kind}"
    return names


def _boundaries(views: Iterable[View], names: _Names) -> tuple[Boundary, ...]:
    found: set[Boundary] = set()
    for view in views:
        moment = _moment(view, names)
        for aggregate in aggregates(view):
            match aggregate.window:
                case Calendar(count, unit):
                    found |= {Boundary(view.zone, unit, back, moment) for back in (count, 0)}
                case ToDate(unit):
                    found.add(Boundary(view.zone, unit, 0, moment))
                case _:
                    pass
    return tuple(sorted(found))
