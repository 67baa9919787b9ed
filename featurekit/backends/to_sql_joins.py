"""As-of joins in a training query: the row of a snapshot that was the latest visible at a moment.

The moments that are asked about and the rows that became known are laid on one time line for each
key; the greatest place in the canonical order so far is that of the latest visible row. So the work
grows with the rows and the moments, not with their pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from featurekit.backends.to_sql_dialect import RESERVED, Dialect
from featurekit.backends.to_sql_parts import Part, indented, select
from featurekit.backends.to_sql_rows import KNOWN, ORDER, TIME, RowsKey, prepared_rows
from featurekit.datatypes import BIGINT
from featurekit.ir.nodes import Column, Expression, walk, walk_outside_aggregates
from featurekit.ir.view import (
    Join,
    View,
    aggregates,
    relation_columns,
    source_columns,
)

AT, SIDE, MET, BOTH, SEEN = "fk_at", "fk_side", "fk_met", "fk_both", "fk_seen"


Crowd = tuple[str, tuple[str, ...]]
"""A source's name and the key columns that its rows are met by."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A join of a view and its place in it, from 1: two joins never share their names."""

    place: int
    join: Join

    @property
    def alias(self) -> str:
        """What the joined rows are called in a step."""
        return f"{RESERVED}{self.place} {self.join.name}"

    def column(self, name: str) -> str:
        """Return what a joined column is called among those of the row that was joined."""
        return f"{self.alias}.{name}"


def joins_read(view: View, columns: Iterable[Column]) -> tuple[Placed, ...]:
    """Return the joins that ``columns`` are of, and those that these rest on, in order."""
    relations = {column.relation for column in columns}
    found: list[Placed] = []
    for place, join in reversed(list(enumerate(view.joins, start=1))):
        if join.name in relations:
            found.insert(0, Placed(place, join))
            relations |= {column.relation for _, column in join.on}
    return tuple(found)


def columns_of(nodes: Iterable[Expression]) -> tuple[Column, ...]:
    """Return the distinct columns in ``nodes``, inside of aggregates, too."""
    found = (part for node in nodes for part in walk(node) if isinstance(part, Column))
    return tuple(dict.fromkeys(found))


def bare_columns(view: View) -> tuple[Column, ...]:
    """Return the distinct columns that stand outside of aggregates."""
    nodes = [n for f in view.features for n in walk_outside_aggregates(f.expression)]
    return tuple(dict.fromkeys(node for node in nodes if isinstance(node, Column)))


def row_columns(view: View) -> tuple[Column, ...]:
    """Return the columns that are read of stored rows: inside aggregates, and by a look-up."""
    found = columns_of(aggregates(view))
    if view.looks_up:
        found += bare_columns(view) + columns_of([view.where] if view.where else [])
    return tuple(dict.fromkeys(found))


def reads_rows(view: View) -> bool:
    """Whether answers need rows of the view's own source other than the row in hand."""
    return view.source in view.stored and (view.looks_up or bool(aggregates(view)))


def joins_of_rows(view: View) -> tuple[Placed, ...]:
    """Return the joins that stored rows can be prepared with, whatever is asked and when."""
    if view.source is None or not reads_rows(view):
        return ()
    relations, found = {view.source.name}, []
    for placed in joins_read(view, row_columns(view)):
        join = placed.join
        if not join.at_request and all(column.relation in relations for _, column in join.on):
            relations.add(join.name)
            found.append(placed)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class JoinedKey:
    """What makes two views read the same rows with the same rows joined to them."""

    rows: RowsKey
    joins: tuple[Placed, ...]
    max_age: int | None

    @property
    def name(self) -> str:
        """What the step is called."""
        return f"{self.rows.name} with {', '.join(placed.join.name for placed in self.joins)}"


@dataclass(frozen=True, slots=True)
class Base:
    """Rows that meet the rows of snapshots.

    Attributes:
        name: What the steps that find these are called, before the join's name.
        text: ``FROM ...``, every column that ``read`` answers in it.
        read: The text for a column that a join is made on.
        moment: The text for the moment of a join.
    """

    name: str
    text: str
    read: Callable[[Column], str]
    moment: Callable[[Join], str]


@dataclass(slots=True)
class Stored:
    """The stored rows that views read, prepared once for all that read them alike.

    Attributes:
        dialect: Whose words.
        names: What each step of rows is called.
        columns: Which columns are read of it.
        crowded: Where some key is busy, and the table of the busy keys; None: nobody has counted.
    """

    dialect: Dialect
    crowded: Mapping[Crowd, str] | None = None
    names: dict[RowsKey | JoinedKey, str] = field(default_factory=dict)
    columns: dict[RowsKey, set[str]] = field(default_factory=dict)
    joined: dict[JoinedKey, set[tuple[Placed, str]]] = field(default_factory=dict)

    def add(self, view: View) -> None:
        """Note what ``view`` reads."""
        for placed in joins_read(view, [*row_columns(view), *bare_columns(view)]):
            self._add(_join_rows(view, placed.join), relation_columns(view, placed.join.name))
        if not reads_rows(view):
            return
        self._add(_own_rows(view), source_columns(view))
        if key := _joined_rows(view):
            self._name(key, key.name)
            of_rows = {placed.join.name: placed for placed in key.joins}
            self.joined.setdefault(key, set()).update(
                (of_rows[column.relation], column.name)
                for column in row_columns(view)
                + columns_of(column for join in view.joins for _, column in join.on)
                if column.relation in of_rows
            )

    def _add(self, key: RowsKey, columns: Iterable[str]) -> None:
        self._name(key, key.name)
        self.columns.setdefault(key, set()).update(columns)

    def _name(self, key: RowsKey | JoinedKey, name: str) -> None:
        taken = {other.lower() for known, other in self.names.items() if known != key}
        number, made = 1, name
        while made.lower() in taken:
            number += 1
            made = f"{name} ({number})"
        self.names.setdefault(key, made)

    def is_crowded(self, view: View) -> bool:
        """Whether some key of ``view`` may be busy."""
        return self.crowded is None or self.busy(view) is not None

    def busy(self, view: View) -> str | None:
        """Return the table of the busy keys of ``view``; None: there are none, or none is known."""
        source = view.source.name if view.source else ""
        return (self.crowded or {}).get((source, view.keys))

    def rows(self, view: View) -> str:
        """Return the name of the step with the rows of ``view``."""
        return self.names[_joined_rows(view) or _own_rows(view)]

    def parts(self) -> Iterable[Part]:
        """Yield the steps of the stored rows, alone and with those that they are joined with."""
        for key, columns in self.columns.items():
            yield prepared_rows(self.dialect, self.names[key], key, columns)
        for joined, wanted in self.joined.items():
            yield from self._with_joins(joined, wanted)

    def _with_joins(self, key: JoinedKey, wanted: Iterable[tuple[Placed, str]]) -> Iterable[Part]:
        quoted = self.dialect.identifier
        name, rows = self.names[key], f"FROM {quoted(self.names[key.rows])} AS {quoted(SEEN)}"
        aliases = {placed.join.name: placed.alias for placed in key.joins}

        def read(column: Column) -> str:
            return f"{quoted(aliases.get(column.relation, SEEN))}.{quoted(column.name)}"

        base = Base(name, rows, read, lambda _: f"{quoted(SEEN)}.{quoted(TIME)}")
        parts, text = self.met(base, key.joins, key.rows.delay, key.max_age)
        yield from parts
        columns = [f"{quoted(SEEN)}.*"]
        columns += [
            f"{quoted(placed.alias)}.{quoted(column)} AS {quoted(placed.column(column))}"
            for placed, column in sorted(wanted, key=lambda one: (one[0].place, one[1]))
        ]
        names = " and ".join(placed.join.name for placed in key.joins)
        comment = f"{key.rows.source.name}: each row with the row of {names} known at its time"
        yield Part(name, comment, f"{select(columns)}\n{text}")

    def met(
        self, base: Base, joins: Sequence[Placed], delay: int, max_age: int | None
    ) -> tuple[list[Part], str]:
        """Return the steps that find the rows that ``base`` meets, and ``base`` with them.

        Each join's columns are those of its alias.
        """
        parts, text, quoted = [], base.text, self.dialect.identifier
        for placed in joins:
            part = self._meeting(base, text, placed, delay, max_age)
            parts.append(part)
            alias = quoted(placed.alias)
            same = [f"{alias}.{quoted(key)} = {base.read(on)}" for key, on in placed.join.on]
            same.append(f"{alias}.{quoted(AT)} = {base.moment(placed.join)}")
            text += f"\nLEFT JOIN {quoted(part.name)} AS {alias}\n  ON " + "\n  AND ".join(same)
        return parts, text

    def _meeting(
        self, base: Base, text: str, placed: Placed, delay: int, max_age: int | None
    ) -> Part:
        """Return the step with the row of a snapshot for each key and moment that are asked."""
        join, dialect, quoted = placed.join, self.dialect, self.dialect.identifier
        key = RowsKey(join.source, tuple(name for name, _ in join.on), delay)
        rows, keys = quoted(self.names[key]), [quoted(name) for name, _ in join.on]
        at, side, order = quoted(AT), quoted(SIDE), quoted(ORDER)
        asked = [f"{base.read(on)} AS {name}" for name, (_, on) in zip(keys, join.on, strict=True)]
        asked += [f"{base.moment(join)} AS {at}", f"0 AS {side}"]
        asked.append(f"{dialect.literal(None, BIGINT)} AS {order}")
        known = [*keys, quoted(KNOWN), f"1 AS {side}", order]
        line = (
            f"{select(asked, 'SELECT DISTINCT')}\n{text}\nUNION ALL\n{select(known)}\nFROM {rows}"
        )
        # what becomes known at the very moment is not visible yet: who asks comes first
        latest = (
            f"MAX({order}) OVER (PARTITION BY {', '.join(keys)} ORDER BY {at} ASC, {side} ASC"
            f" ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS {order}"
        )
        met = f"{select([*keys, at, side, latest])}\nFROM (\n{indented(line)}\n) AS {quoted(BOTH)}"
        same = [f"{quoted(SEEN)}.{name} = {quoted(MET)}.{name}" for name in [*keys, order]]
        kept = [f"{quoted(SEEN)}.{quoted(name)}" for name in sorted(self.columns[key])]
        columns = [f"{quoted(SEEN)}.{name}" for name in keys] + kept
        body = (
            f"{select(dict.fromkeys([*columns, f'{quoted(MET)}.{at}']))}\n"
            f"FROM (\n{indented(met)}\n) AS {quoted(MET)}\n"
            f"INNER JOIN {rows} AS {quoted(SEEN)}\n  ON " + "\n  AND ".join(same) + "\n"
            f"WHERE {quoted(MET)}.{side} = 0"
        )
        if max_age is not None:
            oldest = f"{quoted(MET)}.{at} - {dialect.length(max_age)}"
            body += f"\n  AND {quoted(SEEN)}.{quoted(TIME)} >= {oldest}"
        whose = base.name.removeprefix(RESERVED)
        comment = f"{whose}: the row of {join.name} that was the latest visible at each moment"
        return Part(f"{base.name}: {join.name}", comment, body)


def _join_rows(view: View, join: Join) -> RowsKey:
    return RowsKey(join.source, tuple(name for name, _ in join.on), view.delay)


def _own_rows(view: View) -> RowsKey:
    assert view.source is not None  # noqa: S101  who reads rows has a source
    return RowsKey(view.source, view.keys, view.delay)


def _joined_rows(view: View) -> JoinedKey | None:
    joins = joins_of_rows(view)
    return JoinedKey(_own_rows(view), joins, view.max_age) if joins else None
