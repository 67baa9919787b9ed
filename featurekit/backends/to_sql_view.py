"""One view as steps of the training query: its windows, its look-up, its joins, its answers.

A question meets the rows of its key. So that it need not meet all of them, windows that reach back
a limited time are joined by stretches of time first, and the latest rows are found by their places
in the canonical order before they are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from featurekit.backends.to_sql_bounds import Bounded
from featurekit.backends.to_sql_dialect import Dialect
from featurekit.backends.to_sql_expression import aggregate_sql, expression_sql, parenthesised
from featurekit.backends.to_sql_frames import Frames, frames, of_few
from featurekit.backends.to_sql_groups import STRETCHES, Group, aggregate_name, groups
from featurekit.backends.to_sql_joins import (
    SEEN,
    Stored,
    bare_columns,
    columns_of,
)
from featurekit.backends.to_sql_line import MOST, finds_on_line, latest_places, latest_row
from featurekit.backends.to_sql_local_time import ASKED
from featurekit.backends.to_sql_parts import Part, indented, select
from featurekit.backends.to_sql_questions import ROW, STRETCH, Questions
from featurekit.backends.to_sql_reading import Read, Reading
from featurekit.backends.to_sql_rows import KNOWN, ORDER, TIME
from featurekit.backends.to_sql_running import RunningSteps, only_aggregates, runs
from featurekit.ir.nodes import Aggregate, Expression
from featurekit.ir.view import Feature, View
from featurekit.ir.windows import window_name

LATEST, PICKED = "fk_latest", "fk_picked"


@dataclass(frozen=True)
class ViewSteps:
    """Writes the steps of one view.

    Attributes:
        dialect: Whose words.
        asked: The questions, as they are asked of this view.
        stored: The rows that it reads.
        reference: What the view is called.
        view: The view.
    """

    dialect: Dialect
    asked: Questions
    stored: Stored
    reference: str
    view: View

    @cached_property
    def _reading(self) -> Reading:
        return Reading(self.dialect, self.asked, self.stored, self.reference, self.view)

    def parts(self) -> Iterable[Part]:
        """Yield the steps, the answers last."""
        busy = self.stored.busy(self.view) is not None
        every = groups(
            self.view,
            lambda node: runs(self.view, node, self.dialect),
            lambda node: busy and frames(self.view, node, self.dialect),
        )
        bare, _ = self._reading.bare
        yield from bare
        for group in every:
            if group.runs:
                met = Bounded(self._reading, group)
                yield from RunningSteps(met, self.stored.is_crowded(self.view)).parts()
                continue
            if group.rows:
                yield self._picked(group)
            if group.width:
                lowest = self.asked.earliest([a.window for _, a in group.aggregates])
                yield self.asked.stretches(
                    self.reference, group.stretches, lowest or self.asked.as_of, group.width
                )
            if group.framed:
                yield from self._framed(group)
            else:
                yield from self._windows(group, group.name)
        if self._looks_up() and self.dialect.runs and finds_on_line(self._reading):
            yield latest_row(self._reading)
        elif self._looks_up():
            if self.view.max_age is not None:
                oldest = self.asked.before(self.view.max_age)
                yield self.asked.stretches(
                    self.reference, "ages", oldest, self._age_width(self.view.max_age)
                )
            yield from self._latest()
        yield self._answers(every)

    def _looks_up(self) -> bool:
        return self.view.looks_up and bool(bare_columns(self.view))

    def _part(self, what: str) -> str:
        return self.dialect.identifier(f"{self.reference} {what}")

    def _column(self, table: str, name: str) -> str:
        return f"{self.dialect.identifier(table)}.{self.dialect.identifier(name)}"

    # --- how questions meet rows

    def _same_key(self) -> list[str]:
        return [
            f"{self._column(SEEN, key)} = {self.asked.column(key, kind)}"
            for key, kind in self._reading.key_fields
        ]

    def _visible(self) -> list[str]:
        """Return when a row of the key can be seen at the moment of asking."""
        return [*self._same_key(), f"{self._column(SEEN, KNOWN)} < {self.asked.as_of}"]

    def _joined(
        self,
        kind: str,
        conditions: Sequence[str],
        through: str = "",
        alias: str = "",
        asked: str = "",
    ) -> str:
        """Return FROM (some of) the questions to the rows, through another step if named."""
        quoted = self.dialect.identifier
        questions = f"{asked} AS {quoted(ASKED)}" if asked else quoted(ASKED)
        first = (
            f"\n{kind} JOIN {self._part(through)} AS {quoted(alias)}"
            f"\n  ON {self._column(alias, ROW)} = {self.asked.row}"
            if through
            else ""
        )
        rows = quoted(self.stored.rows(self.view))
        return (
            f"FROM {questions}{first}\n{kind} JOIN {rows} AS {quoted(SEEN)}\n  ON "
            + "\n  AND ".join(conditions)
        )

    def _in_stretch(self, alias: str, width: int) -> str:
        own = self.dialect.stretch.format(x=self._column(SEEN, TIME), width=width)
        return f"{own} = {self._column(alias, STRETCH)}"

    def _picked(self, group: Group) -> Part:
        """Return the step that finds the latest rows by their places in the canonical order.

        Only the greatest places are kept while the rows pass by, so it needs memory for the
        answers and not for all visible rows.
        """
        rows = group.rows
        assert rows is not None  # noqa: S101  the caller looked
        last = rows.count + rows.offset
        behind = f" that precede the latest {rows.offset}" if rows.offset else ""
        comment = f"{self.reference}: which rows are the {rows.count} latest visible ones{behind}"
        if self.dialect.runs and last <= MOST:
            body = latest_places(self._reading, rows)
            return Part(f"{self.reference} picked {group.name}", comment, body)
        order, joined = self._column(SEEN, ORDER), self._joined("INNER", self._visible())
        latest = self.dialect.largest.format(
            x=order, first=rows.offset + 1, last=last, count=rows.count
        )
        name = self.dialect.identifier(ORDER)
        body = f"{select([self.asked.row, f'{latest or order} AS {name}'])}\n{joined}"
        if latest:
            body += f"\nGROUP BY {self.asked.row}"
        else:
            back = f"PARTITION BY {self.asked.row} ORDER BY {order} DESC"
            body += (
                f"\nWHERE TRUE\nQUALIFY row_number() OVER ({back})"
                f" BETWEEN {rows.offset + 1} AND {last}"
            )
        return Part(f"{self.reference} picked {group.name}", comment, body)

    def _pairs(self, group: Group, kind: str, asked: str = "") -> str:
        """Return FROM the questions to the rows that the windows of ``group`` hold."""
        if group.rows:
            place_in = f"{self._column(SEEN, ORDER)} = {self._column(PICKED, ORDER)}"
            through = (f"picked {group.name}", PICKED)
            return self._joined(kind, [*self._same_key(), place_in], *through)
        if group.width:
            near = [self._in_stretch(STRETCH, group.width), *self._visible()]
            return self._joined(kind, near, group.stretches, STRETCH, asked)
        return self._joined(kind, self._visible(), asked=asked)

    # --- windows and look-ups

    def _framed(self, group: Group) -> Iterable[Part]:
        """Yield the steps of windows that are frames where a key is busy, and joined elsewhere."""
        made = Frames(Bounded(self._reading, group))
        yield made.met.many()
        yield from self._windows(group, f"{group.name} of few", of_few(made.met))
        yield from made.parts()
        yield made.together()

    def _windows(self, group: Group, name: str, asked: str = "") -> Iterable[Part]:
        columns = [self.asked.row]
        for place, aggregate in group.aggregates:
            column = self.dialect.identifier(aggregate_name(place, aggregate))
            columns.append(f"{self._aggregate(place, aggregate, group)} AS {column}")
        read = columns_of(node for _, node in group.aggregates)
        apart = [one for one in group.aggregates if self._orders_apart(one[1])]
        if group.current or apart or self._reading.of_pairs(read):
            counted = [node for _, node in group.aggregates if node.current]
            hand = columns_of(counted) if counted else None
            yield from self._reading.met(group.name, self._pairs(group, "INNER"), read, hand)
            if apart:
                yield self._ordered(group.name, apart)
            step = f"{group.name} {'ordered' if apart else 'met'}"
            joined = (
                f"FROM {self.dialect.identifier(ASKED)}\nLEFT JOIN"
                f" {self._part(step)} AS {self.dialect.identifier(SEEN)}"
                f"\n  ON {self._column(SEEN, ROW)} = {self.asked.row}"
            )
        else:
            joined = self._pairs(group, "LEFT", asked)
        windows = ", ".join(dict.fromkeys(window_name(a.window) for _, a in group.aggregates))
        comment = f"{self.reference}: {windows} ({self.view.zone})"
        body = f"{select(columns)}\n{joined}\nGROUP BY {self.asked.row}"
        yield Part(f"{self.reference} {name}", comment, body)

    def _orders_apart(self, node: Aggregate) -> bool:
        """Whether the order that an author gives an aggregate's rows needs a step of its own."""
        return bool(node.order) and not self.dialect.orders_inside

    def _ordered(self, name: str, apart: Sequence[tuple[int, Aggregate]]) -> Part:
        """Return the step that numbers what each question meets in the orders of aggregates."""
        row, columns = self._column(SEEN, ROW), [f"{self.dialect.identifier(SEEN)}.*"]
        for place, node in apart:
            keys = [
                f"{self._expression(one.key, self._reading.reader(SEEN), {})}"
                f" {'DESC' if one.descending else 'ASC'} NULLS LAST"
                for one in node.order
            ]
            keys.append(f"{self._column(SEEN, ORDER)} ASC")
            number = f"row_number() OVER (PARTITION BY {row} ORDER BY {', '.join(keys)})"
            columns.append(f"{number} AS {self.dialect.identifier(_order_name(place))}")
        body = (
            f"{select(columns)}\nFROM {self._part(f'{name} met')}"
            f" AS {self.dialect.identifier(SEEN)}"
        )
        comment = f"{self.reference} {name}: the orders that aggregates put their rows in"
        return Part(f"{self.reference} {name} ordered", comment, body)

    def _aggregate(self, place: int, node: Aggregate, group: Group) -> str:
        apart = self._orders_apart(node)
        time = self._column(SEEN, TIME)
        start, end = self.asked.start(node.window), self.asked.end(node.window)
        if group.current and not node.current and end is None:
            end = self.asked.as_of
        # an unmatched question has one row of nulls in the group: fk_time must be there to count
        inside = f"{time} >= {start}" if start else f"{time} IS NOT NULL"
        inside += f" AND {time} < {end}" if end else ""
        return aggregate_sql(
            replace(node, order=()) if apart else node,
            self.dialect,
            self._reading.reader(SEEN),
            self.asked.as_of,
            inside,
            self._column(SEEN, _order_name(place) if apart else ORDER),
        )

    def _age_width(self, max_age: int) -> int:
        return max(max_age // STRETCHES, 1)

    def _latest(self) -> Iterable[Part]:
        quoted, where, through = self.dialect.identifier, [], ("", "")
        near = self._visible()
        if self.view.max_age is not None:
            oldest = self.asked.before(self.view.max_age)
            near.insert(0, self._in_stretch(STRETCH, self._age_width(self.view.max_age)))
            near.append(f"{self._column(SEEN, TIME)} >= {oldest}")
            through = ("ages", STRETCH)
        if self.view.where is not None:
            where.append(
                parenthesised(self._expression(self.view.where, self._reading.reader(SEEN), {}))
            )
        columns = [self.asked.row, f"MAX({self._column(SEEN, ORDER)}) AS {quoted(ORDER)}"]
        read = columns_of(self._read_of_latest())
        rows, same, kept = (
            quoted(self.stored.rows(self.view)),
            self._same_key(),
            f"{quoted(SEEN)}.*",
        )
        if self._reading.of_pairs(read):
            yield from self._reading.met("latest", self._joined("INNER", near, *through), read)
            rows = self._part("latest met")
            same = [f"{self._column(SEEN, ROW)} = {self.asked.row}"]
            found = f"FROM {quoted(ASKED)}\nINNER JOIN {rows} AS {quoted(SEEN)}\n  ON "
            found += "\n  AND ".join([*same, *where])
        else:
            found = self._joined("INNER", [*near, *where], *through)
            kept = f"{self.asked.row},\n  {kept}"
        found = f"{select(columns)}\n{found}\nGROUP BY {self.asked.row}"
        place = f"{self._column(SEEN, ORDER)} = {self._column(PICKED, ORDER)}"
        body = (
            f"{select([kept])}\nFROM {quoted(ASKED)}\n"
            f"INNER JOIN (\n{indented(found)}\n) AS {quoted(PICKED)}\n"
            f"  ON {self._column(PICKED, ROW)} = {self.asked.row}\n"
            f"INNER JOIN {rows} AS {quoted(SEEN)}\n  ON " + "\n  AND ".join([*same, place])
        )
        comment = f"{self.reference}: the latest visible row of the key"
        yield Part(f"{self.reference} latest", comment, body)

    def _read_of_latest(self) -> tuple[Expression, ...]:
        where = (self.view.where,) if self.view.where is not None else ()
        return (*bare_columns(self.view), *where)

    # --- answers

    def _answers(self, every: Sequence[Group]) -> Part:
        quoted = self.dialect.identifier
        texts = {
            aggregate: self._column(f"fk_{group.name}", aggregate_name(place, aggregate))
            for group in every
            for place, aggregate in group.aggregates
        }
        answers = [self._answer(f, texts) for f in self.view.features]
        if len(every) == 1 and every[0].runs and only_aggregates(self.view):
            name = f"fk_{every[0].name}"
            body = select([self._column(name, ROW), *answers])
            body += f"\nFROM {self._part(every[0].name)} AS {quoted(name)}"
            return Part(self.reference, f"{self.reference}: its answers", body)
        columns = [self.asked.row, *answers]
        joins = [(self._part(group.name), f"fk_{group.name}") for group in every]
        joins += [(self._part("latest"), LATEST)] if self._looks_up() else []
        joins += [(quoted(used), used) for used in self.view.uses]
        body = f"{select(columns)}\n{self._reading.bare[1]}" + "".join(
            f"\nLEFT JOIN {table} AS {quoted(alias)}"
            f" ON {self._column(alias, ROW)} = {self.asked.row}"
            for table, alias in joins
        )
        return Part(self.reference, f"{self.reference}: its answers", body)

    def _answer(self, feature: Feature, texts: Mapping[Aggregate, str]) -> str:
        read = self._reading.reader(LATEST) if self.view.looks_up else self._reading.of_question
        text = self._expression(feature.expression, read, texts)
        kind = feature.expression.type
        return f"{self.dialect.cast(text, kind)} AS {self.dialect.identifier(feature.name)}"

    def _expression(self, node: Expression, read: Read, texts: Mapping[Aggregate, str]) -> str:
        return expression_sql(node, self.dialect, read, self.asked.as_of, texts)


def _order_name(place: int) -> str:
    """Return what the column is called that numbers rows in an aggregate's own order."""
    return f"{ORDER}_{place}"
