"""What a view's columns are called where a training query reads them.

Of stored rows they stand beside the row, those of its joins, too; of the row in hand and of a
request they are the question's. Where a stored row's joins depend on the question, or the row in
hand counts, a step of its own lists what each question meets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from featurekit.backends.to_sql_dialect import Dialect
from featurekit.backends.to_sql_joins import (
    SEEN,
    Base,
    Placed,
    Stored,
    bare_columns,
    columns_of,
    joins_of_rows,
    joins_read,
)
from featurekit.backends.to_sql_local_time import ASKED
from featurekit.backends.to_sql_parts import Part, select
from featurekit.backends.to_sql_questions import Questions
from featurekit.backends.to_sql_rows import ORDER, TIME
from featurekit.datatypes import BIGINT, DataType
from featurekit.ir.nodes import Column, Expression
from featurekit.ir.view import Join, View, aggregates

_LAST = 2**63 - 1
Read = Callable[[Column], str]


@dataclass(frozen=True)
class Reading:
    """How one view reads columns; attributes as ``ViewSteps``."""

    dialect: Dialect
    asked: Questions
    stored: Stored
    reference: str
    view: View

    def _column(self, table: str, name: str) -> str:
        return f"{self.dialect.identifier(table)}.{self.dialect.identifier(name)}"

    def of_pairs(self, read: Iterable[Column]) -> tuple[Placed, ...]:
        """Return the joins that ``read`` needs and that depend on the question."""
        of_rows = joins_of_rows(self.view)
        return tuple(one for one in joins_read(self.view, read) if one not in of_rows)

    def _placed(self, column: Column) -> Placed | None:
        joins = enumerate(self.view.joins, start=1)
        return next((Placed(n, j) for n, j in joins if j.name == column.relation), None)

    def is_stored(self, column: Column) -> bool:
        """Whether a column is of stored rows: the view's own or joined ones."""
        source = self.view.source
        own = source in self.view.stored and source is not None and column.relation == source.name
        return own or self._placed(column) is not None

    def _name(self, column: Column) -> str:
        """Return what a column of stored rows is called beside those of its row."""
        placed = self._placed(column)
        return placed.column(column.name) if placed else column.name

    def stored_names(self, nodes: Iterable[Expression]) -> list[str]:
        """Return what the columns of stored rows are called that ``nodes`` read."""
        read = (column for column in columns_of(nodes) if self.is_stored(column))
        return list(dict.fromkeys(map(self._name, read)))

    def reader(self, rows: str, apart: Sequence[Placed] = ()) -> Read:
        """Return how columns are read of stored ``rows``; joins ``apart`` by their own aliases."""

        def read(column: Column) -> str:
            placed = self._placed(column)
            if placed and placed in apart:
                return self._column(placed.alias, column.name)
            if self.is_stored(column):
                return self._column(rows, self._name(column))
            return self.of_question(column)

        return read

    def of_question(self, column: Column) -> str:
        """Return the text for a column of the row in hand, the request, or what these are joined.

        A used view's answers are read here, too.
        """
        if placed := self._placed(column):
            return self._column(placed.alias, column.name)
        if column.relation in self.view.uses:
            return self._column(column.relation, column.name)
        return self.asked.column(column.name, column.type)

    @cached_property
    def bare(self) -> tuple[list[Part], str]:
        """The steps that join the row in hand or the request, and FROM the questions to those."""
        counted = [node for node in aggregates(self.view) if node.current]
        own = () if self.view.looks_up else bare_columns(self.view)
        return self._questions([*own, *columns_of(counted)])

    def _questions(self, read: Iterable[Column]) -> tuple[list[Part], str]:
        text = f"FROM {self.dialect.identifier(ASKED)}"
        base = Base(self.reference, text, self.of_question, lambda _: self.asked.as_of)
        joins = joins_read(self.view, read)
        return self.stored.met(base, joins, self.view.delay, self.view.max_age)

    @property
    def key_fields(self) -> tuple[tuple[str, DataType], ...]:
        """The key columns that a question brings, with their types."""
        kinds = {field.name: field.type for e in self.view.entities for field in e.keys}
        return tuple((key, kinds[key]) for key in self.view.keys)

    def met(
        self, name: str, pairs: str, read: Sequence[Column], hand: Sequence[Column] | None = None
    ) -> list[Part]:
        """Return the steps to what each question meets: rows, what joins them, the row in hand.

        Args:
            name: Of which windows, or of the look-up.
            pairs: FROM the questions to the rows.
            read: The columns that are read of the rows and their joins.
            hand: Those that are read of the row in hand, too; None: it does not count.
        """

        def moment(join: Join) -> str:
            return self.asked.as_of if join.at_request else self._column(SEEN, TIME)

        joins = self.of_pairs(read)
        base = Base(f"{self.reference} {name}", pairs, self.reader(SEEN, joins), moment)
        parts, text = self.stored.met(base, joins, self.view.delay, self.view.max_age)
        kept = [column for column in read if self.is_stored(column)]
        columns = [f"{base.read(c)} AS {self.dialect.identifier(self._name(c))}" for c in kept]
        columns += [self._column(SEEN, name) for name in (TIME, ORDER)]
        body = f"{select([self.asked.row, *columns])}\n{text}"
        comment = f"{base.name}: the rows that each question meets"
        if hand is not None:
            body += f"\nUNION ALL\n{self._in_hand(kept, hand)}"
            comment += ", then the row in hand"
        return [*parts, Part(f"{base.name} met", comment, body)]

    def _in_hand(self, kept: Sequence[Column], read: Sequence[Column]) -> str:
        """Return the row in hand as the last of those that a question meets.

        What is not read of it is null there.
        """
        columns = [
            self.of_question(column) if column in read else self.dialect.literal(None, column.type)
            for column in kept
        ]
        place = self.dialect.literal(_LAST, BIGINT)
        there = [self.asked.column(key, kind) for key, kind in self.key_fields]
        return (
            f"{select([self.asked.row, *columns, self.asked.as_of, place])}\n"
            f"{self._questions(read)[1]}\nWHERE "
            + " AND ".join(f"{text} IS NOT NULL" for text in [*there, self.asked.as_of])
        )
