"""Tables of typed rows on PostgreSQL, and typed answers from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from counting import compared

from featurekit.backends import to_sql
from featurekit.backends.to_sql_dialects import dialect_named
from featurekit.datatypes import DataType, Kind
from featurekit.ir.nodes import Expression

_DIALECT = dialect_named("postgres")
_TYPES = {
    Kind.BOOLEAN: ("bool",),
    Kind.BIGINT: ("int8",),
    Kind.DOUBLE: ("float8",),
    Kind.DECIMAL: ("numeric",),
    Kind.VARCHAR: ("text", "varchar"),
    Kind.DATE: ("date",),
    Kind.TIMESTAMP: ("timestamp",),
}


def make_table(
    connection: Any, name: str, columns: Mapping[str, DataType], rows: Sequence[Sequence[Any]]
) -> None:
    """Make a temporary table of ``rows``; instants become wall clocks of UTC."""
    quoted = _DIALECT.identifier
    listed = ", ".join(f"{quoted(c)} {_DIALECT.type(kind)}" for c, kind in columns.items())
    connection.execute(f"DROP TABLE IF EXISTS pg_temp.{quoted(name)}")
    connection.execute(f"CREATE TEMPORARY TABLE {quoted(name)} ({listed})")
    with connection.cursor() as cursor, cursor.copy(f"COPY {quoted(name)} FROM STDIN") as copy:
        for row in rows:
            copy.write_row([_naive(value) for value in row])
    connection.execute(f"ANALYZE {quoted(name)}")


def _naive(value: Any) -> Any:
    return value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value


def typed(connection: Any, query: str, kinds: Sequence[DataType]) -> list[tuple[Any, ...]]:
    """Return the rows of ``query``, whose columns must have exactly these types."""
    cursor = connection.execute(query)
    for column, kind in zip(cursor.description, kinds, strict=True):
        info = connection.adapters.types[column.type_code]
        several = column.type_code == info.array_oid
        single = kind.element or kind
        right = info.name in _TYPES[single.kind] and several == (kind.element is not None)
        made = f"{info.name}{'[]' if several else ''}"
        assert right, f"{column.name}: PostgreSQL made {made}, not {kind}"
    return [tuple(map(_utc, row)) for row in cursor.fetchall()]


def _utc(value: Any) -> Any:
    if isinstance(value, list):
        return [_utc(member) for member in value]
    return value.replace(tzinfo=dt.UTC) if isinstance(value, dt.datetime) else value


def answers(connection: Any, calls: Sequence[Expression]) -> list[list[Any]]:
    """Return the answers of ``calls`` over the table ``rows``, one list a call, in its order."""
    spelled = ", ".join(
        f"{to_sql.expression_sql(one, 'postgres', lambda c: c.name, 'NULL', {})} AS answer{n}"
        for n, one in enumerate(calls)
    )
    query = f"SELECT {spelled} FROM rows ORDER BY row"  # noqa: S608  our own table
    made = typed(connection, query, [one.type for one in calls])
    compared("postgres", len(made) * len(calls))
    return [list(column) for column in zip(*made, strict=True)]
