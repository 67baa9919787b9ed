"""Windows over rows of busy keys as frames: rows and questions of a key lie on one line of time.

A question lies where its windows end, and a frame reaches from there back to where one begins. So
no question meets all these rows; the engine keeps what it needs of stretches of them, and the work
grows with rows and questions. Rows that become known at other times than they happen (late ones)
would be in no frame together, so their windows are met row by row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from featurekit.backends.to_sql_bounds import BOUNDS, UNION, Bounded
from featurekit.backends.to_sql_dialect import Dialect
from featurekit.backends.to_sql_duckdb import DUCKDB
from featurekit.backends.to_sql_expression import aggregate_sql
from featurekit.backends.to_sql_groups import aggregate_name
from featurekit.backends.to_sql_joins import SEEN
from featurekit.backends.to_sql_local_time import ASKED
from featurekit.backends.to_sql_parts import Part, indented, select
from featurekit.backends.to_sql_questions import ROW, SPINE_TABLE
from featurekit.backends.to_sql_rows import TIME
from featurekit.backends.to_sql_running import reads_rows_alone
from featurekit.ir.nodes import Aggregate
from featurekit.ir.view import View
from featurekit.ops import AGGREGATES

MANY, OFTEN = 1000, 30
"""A key with more rows than this, and more questions than that, is busy; measured on DuckDB."""

LINE = "fk_line"
_EARLIEST = "- 288230376151711744"
"""-2**58 microseconds are before any time of years 1 to 9999."""
_NEEDS_ALL = re.compile(r"LIST\(|\{order")
"""Words that need all rows of a frame, or their order."""


def frames(view: View, node: Aggregate, dialect: Dialect) -> bool:
    """Whether ``node`` can be an aggregate over a frame of stored rows."""
    words = AGGREGATES[node.function].sql
    late = view.source is not None and bool(view.source.available)
    return (
        dialect.frames
        and not late
        and isinstance(words, str)
        and not _NEEDS_ALL.search(words)
        and reads_rows_alone(view, node)
    )


def busy_keys(view: View) -> str:
    """Return the query of the keys that have many rows in the view's source and many questions.

    Rows are counted as they are stored, from the tables that a training query reads.
    """
    assert view.source is not None  # noqa: S101  who has windows has a source
    quoted, fields = DUCKDB.identifier, {f.name: f.type for e in view.entities for f in e.keys}
    named = {f"fk_key_{n}": key for n, key in enumerate(view.keys, start=1)}

    def counted(table: str, least: int) -> str:
        keys = [f"{DUCKDB.cast(quoted(k), fields[k])} AS {name}" for name, k in named.items()]
        return f"{select(keys)}\nFROM {quoted(table)}\nGROUP BY ALL\nHAVING COUNT(*) > {least}"

    same = f"USING ({', '.join(named)})"
    often, rows = counted(SPINE_TABLE, OFTEN), counted(view.source.name, MANY)
    return f"FROM (\n{indented(rows)}\n)\nSEMI JOIN (\n{indented(often)}\n) {same}"


def of_few(met: Bounded) -> str:
    """Return the questions whose key is not busy, as a table."""
    quoted = met.dialect.identifier
    pairs = zip(met.keys("fk_many"), met.reading.key_fields, strict=True)
    same = " AND ".join(f"{key} = {met.asked.column(*own)}" for key, own in pairs)
    body = (
        f"SELECT {quoted(ASKED)}.*\nFROM {quoted(ASKED)}\n"
        f"ANTI JOIN {met.step('keys')} AS {quoted('fk_many')}\n  ON {same}"
    )
    return f"(\n{indented(body)}\n)"


@dataclass(frozen=True)
class Frames:
    """Writes the steps of one group of windows.

    Attributes:
        met: How it meets its rows.
    """

    met: Bounded

    def parts(self) -> Iterable[Part]:
        """Yield the steps; the last has a row a question whose key is busy."""
        yield self.met.bounds()
        yield self._line()
        yield self._of_many()

    def together(self) -> Part:
        """Return the step of all questions, of busy keys and of others."""
        either = [f"{select('*')}\nFROM {self.met.step(f'of {one}')}" for one in ("few", "many")]
        name, comment = self.met.name(""), f"{self.met.reference}: these together"
        return Part(name, comment, UNION.join(either))

    def _ends(self) -> list[str]:
        """Return the distinct ends of windows."""
        return list(dict.fromkeys(end for _, end in self.met.windows()))

    def _line(self) -> Part:
        """Return rows at their times, and each question just before each of its windows' ends."""
        quoted, windows = self.met.dialect.identifier, self.met.windows()
        keys = [f"fk_key_{n + 1}" for n in range(len(self.met.reading.key_fields))]
        held = [quoted(one) for one in self.met.reading.stored_names(self._nodes())]
        backs = [f"fk_back_{n + 1}" for n in range(len(windows))]
        rows = [
            *(
                f"{self.met.column(SEEN, key)} AS {quoted(name)}"
                for (key, _), name in zip(self.met.reading.key_fields, keys, strict=True)
            ),
            f"epoch_us({self.met.column(SEEN, TIME)}) AS fk_at",
            f"NULL AS {quoted(ROW)}",
            "NULL AS fk_end",
            *(f"0 AS {back}" for back in backs),
            *(f"{quoted(SEEN)}.{name}" for name in held),
        ]
        sides = [f"{select(rows)}\n{self.met.stored('SEMI')}"]
        for number, end in enumerate(self._ends(), start=1):
            own = next(n for n, (_, to) in enumerate(windows, start=1) if to == end)
            at = f"epoch_us({self.met.column(BOUNDS, f'fk_to_{own}')}) - 1"
            columns = [*self.met.keys(BOUNDS), at, self.met.column(BOUNDS, ROW), str(number)]
            for place, (start, to) in enumerate(windows, start=1):
                begin = self.met.column(BOUNDS, f"fk_from_{place}")
                first = f"epoch_us({begin})" if start else _EARLIEST
                columns.append(f"{at} - ({first})" if to == end else "NULL")
            columns += ["NULL"] * len(held)
            sides.append(f"{select(columns)}\n{self.met.asked_of('SEMI')}")
        comment = f"{self.met.reference}: rows of busy keys, and questions where windows end"
        return Part(self.met.name("line"), comment, UNION.join(sides))

    def _nodes(self) -> list[Aggregate]:
        return [node for _, node in self.met.group.aggregates]

    def _of_many(self) -> Part:
        quoted, row = self.met.dialect.identifier, self.met.column(LINE, ROW)
        names = {
            (place, node): quoted(aggregate_name(place, node))
            for place, node in self.met.group.aggregates
        }
        over = [f"{self._answer(node)} AS {name}" for (_, node), name in names.items()]
        framed = select([row, self.met.column(LINE, "fk_end"), *over])
        framed += f"\nFROM {self.met.step('line')} AS {quoted(LINE)}"
        ends = self._ends()
        columns = [quoted(ROW)]
        for (_, node), name in names.items():
            number = ends.index(self.met.window(node)[1]) + 1
            columns.append(f"FIRST({name}) FILTER (WHERE fk_end = {number}) AS {name}")
        body = (
            f"{select(columns)}\nFROM (\n{indented(framed)}\n) AS {quoted('fk_framed')}\n"
            f"WHERE {quoted(ROW)} IS NOT NULL\nGROUP BY {quoted(ROW)}"
        )
        return Part(self.met.name("of many"), f"{self.met.reference}: windows of busy keys", body)

    def _answer(self, node: Aggregate) -> str:
        """Return an aggregate over its frame; a window that ends before it begins is empty."""
        back = f"fk_back_{self.met.windows().index(self.met.window(node)) + 1}"
        over = (
            f"OVER (PARTITION BY {', '.join(self.met.keys(LINE))} ORDER BY fk_at ASC"
            f" RANGE BETWEEN GREATEST({back}, 0) PRECEDING AND CURRENT ROW)"
        )
        made = aggregate_sql(
            node,
            self.met.dialect,
            self.met.reading.reader(LINE),
            "NULL",
            f"{self.met.column(LINE, ROW)} IS NULL",
            "NULL",
            over=over,
        )
        algebra = AGGREGATES[node.function].algebra
        empty = self.met.dialect.literal(algebra.result(algebra.start()), node.type)
        return f"CASE WHEN {back} >= 0 THEN {made} ELSE {empty} END"
