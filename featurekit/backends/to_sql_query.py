"""The training query: one statement from the spine and the sources to the training set.

It reads as it computes: the questions, the rows of each source, for each view its windows and
look-up, its answers, and at the end the spine's rows in their order with the answers beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from featurekit.backends.plan import Wanted, trimmed
from featurekit.backends.to_sql_dialect import RESERVED, Dialect
from featurekit.backends.to_sql_dialects import dialect_named
from featurekit.backends.to_sql_joins import Crowd, Stored
from featurekit.backends.to_sql_local_time import AS_OF
from featurekit.backends.to_sql_parts import Part, indented, select
from featurekit.backends.to_sql_questions import ROW, SPINE, SPINE_TABLE, WHOLE, questions
from featurekit.backends.to_sql_view import ViewSteps
from featurekit.errors.data import ReservedColumn, ReservedTable
from featurekit.errors.definition import NoSpelling
from featurekit.ir.view import View, request_columns


def training_query(
    wanted: Sequence[Wanted],
    views: Mapping[str, View],
    dialect: str | Dialect,
    time: str,
    crowded: Mapping[Crowd, str] | None = None,
) -> str:
    """Return the statement that answers ``wanted`` for each row of the table ``spine``.

    Args:
        wanted: The answers, in the order of the columns.
        views: By reference, with every view that these use.
        dialect: Whose words.
        time: The spine's column that says when each row is asked.
        crowded: Where some key is busy, and the table of the busy keys; None: nobody has counted.

    Shapes: tables ``spine`` and each source by its name, columns as declared; the result has the
        spine's columns, then ``view__feature``, one row a spine row, in the spine's order.
    Units: TIMESTAMP columns without a zone hold UTC.

    Raises:
        NoSpelling: FK190.
        ReservedColumn: FK290.
        ReservedTable: FK292.
    """
    spoken = dialect_named(dialect) if isinstance(dialect, str) else dialect
    used = trimmed(wanted, views)
    _refuse_own_names(used.values())
    _refuse_strange_names(spoken, used.values())
    _refuse_long_names(spoken, wanted)
    asked = questions(spoken, used.values(), time)
    parts = list(asked.parts)
    stored = Stored(spoken, crowded)
    for view in used.values():
        stored.add(view)
    parts += stored.parts()
    for reference, view in used.items():
        parts += ViewSteps(spoken, asked.of(view), stored, reference, view).parts()
    return _statement(spoken, parts, wanted, tuple(used))


def _statement(
    dialect: Dialect, parts: Iterable[Part], wanted: Sequence[Wanted], references: Sequence[str]
) -> str:
    quoted = dialect.identifier
    steps = ",\n\n".join(
        f"-- {_comment(p.comment)}\n{quoted(p.name)} AS {dialect.once if p.once else ''}("
        f"\n{indented(p.body)}\n)"
        for p in parts
    )
    own = f"({quoted(ROW)}, {quoted(AS_OF)})"
    whole = f"{quoted(SPINE)}.* {dialect.except_own} {own}"
    columns = [whole if dialect.except_own else f"({quoted(SPINE)}.{quoted(WHOLE)}).*"]
    columns += [f"{quoted(w.reference)}.{quoted(w.feature)} AS {quoted(w.column)}" for w in wanted]
    joins = "".join(
        f"\nLEFT JOIN {quoted(r)} ON {quoted(r)}.{quoted(ROW)} = {quoted(SPINE)}.{quoted(ROW)}"
        for r in references
        if any(w.reference == r for w in wanted)
    )
    return (
        f"-- Training set: the spine's rows{dialect.in_order}, each answer as it was known then.\n"
        f"{dialect.first}WITH\n{steps}\n\n{select(columns)}\nFROM {quoted(SPINE)}{joins}\n"
        f"ORDER BY {quoted(SPINE)}.{quoted(ROW)} ASC\n"
    )


def _comment(text: str) -> str:
    return " ".join(text.split())


def _refuse_own_names(views: Iterable[View]) -> None:
    """Refuse tables and columns that are named like the query's own: FK290, FK292."""
    for view in views:
        for source in view.stored:
            if source.name.lower() == SPINE_TABLE or source.name.lower().startswith(RESERVED):
                raise ReservedTable(source.name)
        asked = {*view.keys, *(column.name for column in request_columns(view))}
        for name in sorted(asked):
            if name.lower().startswith(RESERVED):
                raise ReservedColumn(SPINE_TABLE, name, RESERVED)


def _refuse_strange_names(dialect: Dialect, views: Iterable[View]) -> None:
    """Refuse tables and columns that the engine can have under no such name: FK190."""
    for view in views:
        asked = {*view.keys, *(column.name for column in request_columns(view))}
        for source in view.stored:
            asked |= {source.name, *(field.name for field in source.fields)}
        for name in sorted(asked):
            if dialect.is_strange(name):
                why = "its names have letters, digits and underscores, as far as all of it goes"
                raise NoSpelling(f"the name {name}", dialect.name, why)


def _refuse_long_names(dialect: Dialect, wanted: Sequence[Wanted]) -> None:
    """Refuse answers whose columns the engine would call otherwise: FK190."""
    most = dialect.longest_name
    for one in wanted:
        if most is not None and len(one.column.encode()) > most:
            why = f"it reads {most} bytes of a name, so the column would be called otherwise"
            raise NoSpelling(f"the column {one.column}", dialect.name, why)
