"""The training query: one statement from the spine and the sources to the training set.

It reads as it computes: the questions, the rows of each source, for each view its windows and
look-up, its answers, and at the end the spine's rows in their order with the answers beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from featurekit.backends.plan import Wanted, needed
from featurekit.backends.to_sql_dialect import Dialect, dialect_named
from featurekit.backends.to_sql_expression import aggregate_sql, expression_sql, parenthesised
from featurekit.backends.to_sql_questions import (
    ASKED,
    ROW,
    SPINE,
    Part,
    Questions,
    questions,
    select,
)
from featurekit.backends.to_sql_rows import KNOWN, ORDER, TIME, RowsKey, prepared_rows, rows_key
from featurekit.ir.definitions import SourceKind
from featurekit.ir.nodes import Aggregate, Column, Expression, walk, walk_outside_aggregates
from featurekit.ir.view import Feature, View
from featurekit.ir.windows import LastRows, Rolling, Window, window_name

SEEN, LATEST, WINDOWS, RANKS = "fk_seen", "fk_latest", "fk_windows", "fk_ranks"


def training_query(
    wanted: Sequence[Wanted], views: Mapping[str, View], dialect: str | Dialect, time: str
) -> str:
    """Return the statement that answers ``wanted`` for each row of the table ``spine``.

    Args:
        wanted: The answers, in the order of the columns.
        views: By reference, with every view that these use.
        dialect: Whose words.
        time: The spine's column that says when each row is asked.

    Shapes: tables ``spine`` and each source by its name, columns as declared; the result has the
        spine's columns, then ``view__feature``, one row a spine row, in the spine's order.
    Units: TIMESTAMP columns without a zone hold UTC.

    Raises:
        NoSpelling: FK190.
        ReservedColumn: FK290.
    """
    spoken = dialect_named(dialect) if isinstance(dialect, str) else dialect
    references = needed(wanted, views)
    used = {reference: _only(views, wanted, reference) for reference in references}
    asked = questions(spoken, used.values(), time)
    parts = list(asked.parts)
    readers: dict[RowsKey, list[View]] = {}
    for view in used.values():
        if _reads_rows(view):
            readers.setdefault(rows_key(view), []).append(view)
    parts += [prepared_rows(spoken, key, reading) for key, reading in readers.items()]
    for reference, view in used.items():
        parts += _View(spoken, asked, reference, view).parts()
    return _statement(spoken, parts, wanted, references)


def _statement(
    dialect: Dialect, parts: Iterable[Part], wanted: Sequence[Wanted], references: Sequence[str]
) -> str:
    quoted = dialect.identifier
    steps = ",\n\n".join(
        f"-- {_comment(p.comment)}\n{quoted(p.name)} AS (\n{_indented(p.body)}\n)" for p in parts
    )
    columns = [f"{quoted(SPINE)}.* EXCLUDE ({quoted(ROW)}, {quoted('fk_as_of')})"]
    columns += [f"{quoted(w.reference)}.{quoted(w.feature)} AS {quoted(w.column)}" for w in wanted]
    joins = "".join(
        f"\nLEFT JOIN {quoted(r)} ON {quoted(r)}.{quoted(ROW)} = {quoted(SPINE)}.{quoted(ROW)}"
        for r in references
        if any(w.reference == r for w in wanted)
    )
    return (
        "-- Training set: the spine's rows in their order, each answer as it was known then.\n"
        f"WITH\n{steps}\n\n{select(columns)}\nFROM {quoted(SPINE)}{joins}\n"
        f"ORDER BY {quoted(SPINE)}.{quoted(ROW)} ASC\n"
    )


def _comment(text: str) -> str:
    return " ".join(text.split())


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.split("\n"))


def _only(views: Mapping[str, View], wanted: Sequence[Wanted], reference: str) -> View:
    """Return the view with only those features that somebody asks for or builds on."""
    view = views[reference]
    names = {w.feature for w in wanted if w.reference == reference}
    for other in views.values():
        if reference in other.uses:
            names |= {
                node.name
                for feature in other.features
                for node in walk(feature.expression)
                if isinstance(node, Column) and node.relation == reference
            }
    kept = tuple(feature for feature in view.features if feature.name in names)
    return View(
        view.name,
        view.grain,
        kept,
        view.source,
        view.entities,
        view.requests,
        view.uses,
        view.where,
        view.zone,
        view.max_age,
        view.delay,
        view.fresh,
    )


def _reads_rows(view: View) -> bool:
    return view.source is not None and view.source.kind is not SourceKind.REQUEST


@dataclass(frozen=True, slots=True)
class _View:
    """Writes the steps of one view."""

    dialect: Dialect
    asked: Questions
    reference: str
    view: View

    def parts(self) -> Iterable[Part]:
        """Yield the steps, the answers last."""
        windows = self._aggregates()
        counts = sorted({a.window.count for a in windows if isinstance(a.window, LastRows)})
        if counts:
            yield self._ranks(counts)
        if windows:
            yield self._windows(windows, ranked=bool(counts))
        if self._looks_up():
            yield self._latest()
        yield self._answers(windows)

    def _aggregates(self) -> tuple[Aggregate, ...]:
        found = [
            node
            for feature in self.view.features
            for node in walk(feature.expression)
            if isinstance(node, Aggregate)
        ]
        return tuple(dict.fromkeys(found))

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
        if self._is_own(column) and _reads_rows(self.view):
            return self._column(rows, column.name)
        if column.relation in self.view.uses:
            return self._column(column.relation, column.name)
        return self.asked.column(column.name, column.type)

    def _visible(self) -> list[str]:
        """Return when a row of the key can be seen at the moment of asking."""
        kinds = {field.name: field.type for e in self.view.entities for field in e.keys}
        same = [
            f"{self._column(SEEN, key)} = {self.asked.column(key, kinds[key])}"
            for key in self.view.keys
        ]
        return [*same, f"{self._column(SEEN, KNOWN)} < {self.asked.as_of}"]

    def _rows(self) -> str:
        return self.dialect.identifier(rows_key(self.view).name)

    def _from_asked(self, kind: str, table: str, conditions: Sequence[str], first: str = "") -> str:
        quoted = self.dialect.identifier
        return (
            f"FROM {quoted(ASKED)}\n{first}{kind} JOIN {table} AS {quoted(SEEN)}\n  ON "
            + "\n  AND ".join(conditions)
        )

    def _ranks(self, counts: Sequence[int]) -> Part:
        """Return the step that says, for each count, with which row the latest so many begin.

        Only the greatest places in the canonical order are kept while the rows pass by, so it
        needs memory for the answers and not for the visible rows.
        """
        order = self._column(SEEN, ORDER)
        columns = [
            f"{self.dialect.nth_largest.format(x=order, n=count)} AS {self._first_of(count)}"
            for count in counts
        ]
        body = (
            f"{select([self.asked.row, *columns])}\n"
            + self._from_asked("INNER", self._rows(), self._visible())
            + f"\nGROUP BY {self.asked.row}"
        )
        comment = f"{self.reference}: where the latest rows begin"
        return Part(f"{self.reference} ranks", comment, body)

    def _first_of(self, count: int) -> str:
        return self.dialect.identifier(f"fk_first_of_{count}")

    def _windows(self, windows: Sequence[Aggregate], *, ranked: bool) -> Part:
        conditions = self._visible()
        lowest = self._lowest([a.window for a in windows])
        conditions += [f"{self._column(SEEN, TIME)} >= {lowest}"] if lowest else []
        ranks = (
            f"LEFT JOIN {self._part('ranks')} AS {self.dialect.identifier(RANKS)}\n"
            f"  ON {self._column(RANKS, ROW)} = {self.asked.row}\n"
            if ranked
            else ""
        )
        columns = [f"{self.asked.row}"]
        for place, aggregate in enumerate(windows, start=1):
            name = self.dialect.identifier(_aggregate_name(place, aggregate))
            columns.append(f"{self._aggregate(aggregate)} AS {name}")
        body = (
            f"{select(columns)}\n"
            + self._from_asked("LEFT", self._rows(), conditions, ranks)
            + f"\nGROUP BY {self.asked.row}"
        )
        names = ", ".join(dict.fromkeys(window_name(a.window) for a in windows))
        zone = f" ({self.view.zone})"
        return Part(f"{self.reference} windows", f"{self.reference}: windows {names}{zone}", body)

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
        if isinstance(node.window, LastRows):
            first = f"{self.dialect.identifier(RANKS)}.{self._first_of(node.window.count)}"
            inside += f" AND {self._column(SEEN, ORDER)} >= {first}"
        return aggregate_sql(
            node,
            self.dialect,
            lambda column: self._read(column, SEEN),
            self.asked.as_of,
            inside,
            self._column(SEEN, ORDER),
        )

    def _latest(self) -> Part:
        conditions = self._visible()
        if self.view.max_age is not None:
            oldest = self.asked.before(self.view.max_age)
            conditions.append(f"{self._column(SEEN, TIME)} >= {oldest}")
        if self.view.where is not None:
            conditions.append(parenthesised(self._expression(self.view.where, SEEN, {})))
        quoted = self.dialect.identifier
        body = (
            f"SELECT\n  {self.asked.row},\n  {quoted(SEEN)}.*\n"
            + self._from_asked("INNER", self._rows(), conditions)
            + f"\nQUALIFY row_number() OVER (PARTITION BY {self.asked.row}"
            + f" ORDER BY {self._column(SEEN, ORDER)} DESC) = 1"
        )
        return Part(
            f"{self.reference} latest", f"{self.reference}: the latest visible row of the key", body
        )

    def _answers(self, windows: Sequence[Aggregate]) -> Part:
        quoted = self.dialect.identifier
        texts = {
            aggregate: self._column(WINDOWS, _aggregate_name(place, aggregate))
            for place, aggregate in enumerate(windows, start=1)
        }
        columns = [self.asked.row, *(self._answer(f, texts) for f in self.view.features)]
        joins = [(self._part("windows"), WINDOWS)] if windows else []
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
