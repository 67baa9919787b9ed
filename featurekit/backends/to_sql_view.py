"""One view as steps of the training query: its windows, its look-up, its answers.

A question meets the rows of its key. So that it need not meet all of them, windows that reach back
a limited time are joined by stretches of time first, and the latest rows are found by their places
in the canonical order before they are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from featurekit.backends.to_sql_dialect import Dialect
from featurekit.backends.to_sql_expression import aggregate_sql, expression_sql, parenthesised
from featurekit.backends.to_sql_questions import ASKED, ROW, Part, Questions, indented, select
from featurekit.backends.to_sql_rows import KNOWN, ORDER, TIME, rows_key
from featurekit.ir.definitions import SourceKind
from featurekit.ir.nodes import Aggregate, Column, Expression, walk, walk_outside_aggregates
from featurekit.ir.view import Feature, View
from featurekit.ir.windows import (
    UNITS,
    AllTime,
    Calendar,
    CalendarUnit,
    LastRows,
    Rolling,
    ToDate,
    Window,
    window_name,
)

SEEN, LATEST, PICKED, STRETCH = "fk_seen", "fk_latest", "fk_picked", "fk_stretch"
_STRETCHES = 16
_DAYS = {CalendarUnit.DAY: 1, CalendarUnit.WEEK: 7, CalendarUnit.MONTH: 31, CalendarUnit.YEAR: 366}


@dataclass(frozen=True, slots=True)
class Group:
    """Windows of a view that meet their rows in the same way.

    Attributes:
        name: What the step is called after the view.
        aggregates: Those over these windows, with their places in the view.
        count: For the latest rows, how many; 0: windows of time.
        width: For windows of limited reach, the length of a stretch in microseconds; 0: no limit.
    """

    name: str
    aggregates: tuple[tuple[int, Aggregate], ...]
    count: int = 0
    width: int = 0


def reads_rows(view: View) -> bool:
    """Whether the view's source has rows of its own."""
    return view.source is not None and view.source.kind is not SourceKind.REQUEST


def groups(view: View) -> tuple[Group, ...]:
    """Return the aggregates of ``view`` by how they meet their rows."""
    found = [
        node
        for feature in view.features
        for node in walk(feature.expression)
        if isinstance(node, Aggregate)
    ]
    members: dict[str, list[tuple[int, Aggregate]]] = {}
    for place, node in enumerate(dict.fromkeys(found), start=1):
        match node.window:
            case LastRows():
                name = window_name(node.window)
            case AllTime():
                name = "all_time"
            case _:
                name = "windows"
        members.setdefault(name, []).append((place, node))
    made = []
    for name, some in members.items():
        window = some[0][1].window
        if isinstance(window, LastRows):
            made.append(Group(name, tuple(some), count=window.count))
        elif isinstance(window, AllTime):
            made.append(Group(name, tuple(some)))
        else:
            reach = max(_reach(aggregate.window) for _, aggregate in some)
            made.append(Group(name, tuple(some), width=max(reach // _STRETCHES, 1)))
    return tuple(made)


def _reach(window: Window) -> int:
    """Return about how far back a window of limited time reaches, in microseconds."""
    match window:
        case Rolling(length, offset):
            return length + offset
        case Calendar(count, unit):
            return (count + 1) * _DAYS[unit] * UNITS["d"]
        case ToDate(unit):
            return _DAYS[unit] * UNITS["d"]
        case LastRows() | AllTime():
            return 0


@dataclass(frozen=True, slots=True)
class ViewSteps:
    """Writes the steps of one view."""

    dialect: Dialect
    asked: Questions
    reference: str
    view: View

    def parts(self) -> Iterable[Part]:
        """Yield the steps, the answers last."""
        every = groups(self.view)
        for group in every:
            if group.count:
                yield self._picked(group)
            if group.width:
                lowest = self._lowest([a.window for _, a in group.aggregates])
                yield self._stretches("stretches", lowest or self.asked.as_of, group.width)
            yield self._windows(group)
        if self._looks_up():
            if self.view.max_age is not None:
                oldest = self.asked.before(self.view.max_age)
                yield self._stretches("ages", oldest, self._age_width(self.view.max_age))
            yield self._latest()
        yield self._answers(every)

    def _looks_up(self) -> bool:
        return self.view.looks_up and any(
            isinstance(node, Column) and self._is_own(node)
            for feature in self.view.features
            for node in walk_outside_aggregates(feature.expression)
        )

    def _is_own(self, column: Column) -> bool:
        return self.view.source is not None and column.relation == self.view.source.name

    def _part(self, what: str) -> str:
        return self.dialect.identifier(f"{self.reference} {what}")

    def _column(self, table: str, name: str) -> str:
        return f"{self.dialect.identifier(table)}.{self.dialect.identifier(name)}"

    def _read(self, column: Column, rows: str) -> str:
        """Return the text for a column, the view's own rows being called ``rows``."""
        if self._is_own(column) and reads_rows(self.view):
            return self._column(rows, column.name)
        if column.relation in self.view.uses:
            return self._column(column.relation, column.name)
        return self.asked.column(column.name, column.type)

    def _same_key(self) -> list[str]:
        kinds = {field.name: field.type for e in self.view.entities for field in e.keys}
        return [
            f"{self._column(SEEN, key)} = {self.asked.column(key, kinds[key])}"
            for key in self.view.keys
        ]

    def _visible(self) -> list[str]:
        """Return when a row of the key can be seen at the moment of asking."""
        return [*self._same_key(), f"{self._column(SEEN, KNOWN)} < {self.asked.as_of}"]

    def _joined(
        self, kind: str, conditions: Sequence[str], through: str = "", alias: str = ""
    ) -> str:
        """Return FROM the questions to the rows, through another step of the view if named."""
        quoted = self.dialect.identifier
        first = (
            f"\n{kind} JOIN {self._part(through)} AS {quoted(alias)}"
            f"\n  ON {self._column(alias, ROW)} = {self.asked.row}"
            if through
            else ""
        )
        rows = quoted(rows_key(self.view).name)
        return (
            f"FROM {quoted(ASKED)}{first}\n{kind} JOIN {rows} AS {quoted(SEEN)}\n  ON "
            + "\n  AND ".join(conditions)
        )

    def _stretch(self, moment: str, width: int) -> str:
        return self.dialect.stretch.format(x=moment, width=width)

    def _stretches(self, name: str, start: str, width: int) -> Part:
        """Return the step that says which stretches of time a question's windows touch."""
        first, last = self._stretch(start, width), self._stretch(self.asked.as_of, width)
        number = self.dialect.numbers.format(first=first, last=last)
        body = (
            f"{select([self.asked.row, f'{number} AS {self.dialect.identifier(STRETCH)}'])}\n"
            f"FROM {self.dialect.identifier(ASKED)}"
        )
        comment = f"{self.reference}: the stretches of time, of {width} us each, that it may see"
        return Part(f"{self.reference} {name}", comment, body)

    def _in_stretch(self, alias: str, width: int) -> str:
        own = self._stretch(self._column(SEEN, TIME), width)
        return f"{own} = {self._column(alias, STRETCH)}"

    def _picked(self, group: Group) -> Part:
        """Return the step that finds the latest rows by their places in the canonical order.

        Only the greatest places are kept while the rows pass by, so it needs memory for the
        answers and not for all visible rows.
        """
        latest = self.dialect.largest.format(x=self._column(SEEN, ORDER), n=group.count)
        body = (
            f"{select([self.asked.row, f'{latest} AS {self.dialect.identifier(ORDER)}'])}\n"
            + self._joined("INNER", self._visible())
            + f"\nGROUP BY {self.asked.row}"
        )
        comment = f"{self.reference}: which rows are the {group.count} latest visible ones"
        return Part(f"{self.reference} picked {group.name}", comment, body)

    def _windows(self, group: Group) -> Part:
        columns = [f"{self.asked.row}"]
        for place, aggregate in group.aggregates:
            name = self.dialect.identifier(_aggregate_name(place, aggregate))
            columns.append(f"{self._aggregate(aggregate)} AS {name}")
        if group.count:
            place_in = f"{self._column(SEEN, ORDER)} = {self._column(PICKED, ORDER)}"
            through = (f"picked {group.name}", PICKED)
            joined = self._joined("LEFT", [*self._same_key(), place_in], *through)
        elif group.width:
            near = [self._in_stretch(STRETCH, group.width), *self._visible()]
            joined = self._joined("LEFT", near, "stretches", STRETCH)
        else:
            joined = self._joined("LEFT", self._visible())
        names = ", ".join(dict.fromkeys(window_name(a.window) for _, a in group.aggregates))
        comment = f"{self.reference}: {names} ({self.view.zone})"
        body = f"{select(columns)}\n{joined}\nGROUP BY {self.asked.row}"
        return Part(f"{self.reference} {group.name}", comment, body)

    def _lowest(self, windows: Sequence[Window]) -> str | None:
        """Return the text for the earliest start of all, None when some window has none."""
        longest = max(
            (w for w in windows if isinstance(w, Rolling)),
            key=lambda w: w.length + w.offset,
            default=None,
        )
        rest = [w for w in windows if not isinstance(w, Rolling)]
        starts = [
            self.asked.start(w, self.view.zone) for w in ([longest] if longest else []) + rest
        ]
        if None in starts:
            return None
        texts = list(dict.fromkeys(start for start in starts if start))
        return texts[0] if len(texts) == 1 else f"LEAST({', '.join(texts)})"

    def _aggregate(self, node: Aggregate) -> str:
        time = self._column(SEEN, TIME)
        start = self.asked.start(node.window, self.view.zone)
        end = self.asked.end(node.window, self.view.zone)
        # an unmatched question has one row of nulls in the group: fk_time must be there to count
        inside = f"{time} >= {start}" if start else f"{time} IS NOT NULL"
        inside += f" AND {time} < {end}" if end else ""
        return aggregate_sql(
            node,
            self.dialect,
            lambda column: self._read(column, SEEN),
            self.asked.as_of,
            inside,
            self._column(SEEN, ORDER),
        )

    def _age_width(self, max_age: int) -> int:
        return max(max_age // _STRETCHES, 1)

    def _latest(self) -> Part:
        conditions, through = self._visible(), ("", "")
        if self.view.max_age is not None:
            oldest = self.asked.before(self.view.max_age)
            conditions.insert(0, self._in_stretch(STRETCH, self._age_width(self.view.max_age)))
            conditions.append(f"{self._column(SEEN, TIME)} >= {oldest}")
            through = ("ages", STRETCH)
        if self.view.where is not None:
            conditions.append(parenthesised(self._expression(self.view.where, SEEN, {})))
        quoted = self.dialect.identifier
        picked = f"MAX({self._column(SEEN, ORDER)}) AS {quoted(ORDER)}"
        found = (
            f"{select([self.asked.row, picked])}\n"
            + self._joined("INNER", conditions, *through)
            + f"\nGROUP BY {self.asked.row}"
        )
        place = f"{self._column(SEEN, ORDER)} = {self._column(PICKED, ORDER)}"
        body = (
            f"{select([self.asked.row, f'{quoted(SEEN)}.*'])}\nFROM {quoted(ASKED)}\n"
            f"INNER JOIN (\n{indented(found)}\n) AS {quoted(PICKED)}\n"
            f"  ON {self._column(PICKED, ROW)} = {self.asked.row}\n"
            f"INNER JOIN {quoted(rows_key(self.view).name)} AS {quoted(SEEN)}\n  ON "
            + "\n  AND ".join([*self._same_key(), place])
        )
        return Part(
            f"{self.reference} latest", f"{self.reference}: the latest visible row of the key", body
        )

    def _answers(self, every: Sequence[Group]) -> Part:
        quoted = self.dialect.identifier
        texts = {
            aggregate: self._column(f"fk_{group.name}", _aggregate_name(place, aggregate))
            for group in every
            for place, aggregate in group.aggregates
        }
        columns = [self.asked.row, *(self._answer(f, texts) for f in self.view.features)]
        joins = [(self._part(group.name), f"fk_{group.name}") for group in every]
        joins += [(self._part("latest"), LATEST)] if self._looks_up() else []
        joins += [(quoted(used), used) for used in self.view.uses]
        body = f"{select(columns)}\nFROM {quoted(ASKED)}" + "".join(
            f"\nLEFT JOIN {table} AS {quoted(alias)}"
            f" ON {self._column(alias, ROW)} = {self.asked.row}"
            for table, alias in joins
        )
        return Part(self.reference, f"{self.reference}: its answers", body)

    def _answer(self, feature: Feature, texts: Mapping[Aggregate, str]) -> str:
        text = self._expression(feature.expression, LATEST, texts)
        kind = feature.expression.type
        return f"{self.dialect.cast(text, kind)} AS {self.dialect.identifier(feature.name)}"

    def _expression(self, node: Expression, rows: str, texts: Mapping[Aggregate, str]) -> str:
        return expression_sql(
            node, self.dialect, lambda column: self._read(column, rows), self.asked.as_of, texts
        )


def _aggregate_name(place: int, node: Aggregate) -> str:
    return f"fk_{place} {node.function} {window_name(node.window)}"
