"""The sources of a training query: rows that may be seen, duplicates once, in canonical order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from featurekit.backends.to_sql_dialect import RESERVED, Dialect
from featurekit.backends.to_sql_questions import Part, indented, select
from featurekit.datatypes import TIMESTAMP, Kind
from featurekit.errors.data import ReservedColumn
from featurekit.ir.definitions import Field, Source
from featurekit.ir.view import View, source_columns
from featurekit.ir.windows import length_name

TIME, KNOWN, ORDER, AVAILABLE = "fk_time", "fk_known", "fk_order", "fk_available"
COPY = "fk_copy"


@dataclass(frozen=True, slots=True)
class RowsKey:
    """What makes two views read the same prepared rows."""

    source: Source
    keys: tuple[str, ...]
    delay: int

    @property
    def name(self) -> str:
        """What the step is called."""
        late = f", delay {_length(self.delay)}" if self.delay else ""
        return f"fk_{self.source.name} by {', '.join(self.keys)}{late}"


def rows_key(view: View) -> RowsKey:
    """Return which prepared rows ``view`` reads; it has a source."""
    assert view.source is not None  # noqa: S101  a derived view reads views
    return RowsKey(view.source, view.keys, view.delay)


def prepared_rows(dialect: Dialect, key: RowsKey, readers: Iterable[View]) -> Part:
    """Return the step that prepares the rows of one source for the views that read them.

    Each row carries ``fk_time`` (its event time), ``fk_known`` (it is visible strictly after this)
    and ``fk_order`` (its place in the canonical order of its key).

    Raises:
        ReservedColumn: FK290.
    """
    source, quoted = key.source, dialect.identifier
    for field in source.fields:
        if field.name.lower().startswith(RESERVED):
            raise ReservedColumn(source.name, field.name, RESERVED)
    read = sorted({name for view in readers for name in source_columns(view)} - {*key.keys})
    declared = [_typed(dialect, field) for field in source.fields]
    keys = [quoted(name) for name in key.keys]
    ordered = {field.name: _ordered(dialect, field) for field in source.fields}
    whole = list(ordered.values())
    order = [f"{quoted(TIME)} ASC", *([ordered[source.tie]] if source.tie else whole)]
    kept = [*keys, *map(quoted, read), quoted(TIME), quoted(KNOWN)]
    number = f"row_number() OVER (PARTITION BY {', '.join(keys)} ORDER BY {', '.join(order)})"
    there = " AND ".join(f"{name} IS NOT NULL" for name in (*keys, quoted(TIME), quoted(AVAILABLE)))
    typed = indented(select([*declared, *_times(dialect, key)]))
    body = (
        f"{select([*kept, f'{number} AS {quoted(ORDER)}'])}\nFROM (\n{typed}\n"
        f"  FROM {quoted(source.name)}\n) AS {quoted('fk_typed_rows')}\nWHERE {there}"
    )
    if source.tie:
        same = ", ".join([*keys, quoted(TIME), quoted(source.tie)])
        first = ", ".join([f"{quoted(AVAILABLE)} ASC", *whole])
        copy = f"row_number() OVER (PARTITION BY {same} ORDER BY {first})"
        if dialect.qualify:
            body += f"\nQUALIFY {copy} = 1"
        else:
            numbered = body.replace("\nFROM (\n", f",\n  {copy} AS {quoted(COPY)}\nFROM (\n", 1)
            body = (
                f"{select([*kept, quoted(ORDER)])}\nFROM (\n{indented(numbered)}\n"
                f") AS {quoted('fk_copies')}\nWHERE {quoted(COPY)} = 1"
            )
    comment = f"{source.name}: rows that can be known, in canonical order"
    return Part(key.name, comment + (", duplicates once" if source.tie else ""), body)


def _ordered(dialect: Dialect, field: Field) -> str:
    collate = dialect.collate if field.type.kind is Kind.VARCHAR else ""
    return f"{dialect.identifier(field.name)}{collate} ASC NULLS FIRST"


def _typed(dialect: Dialect, field: Field) -> str:
    name = dialect.identifier(field.name)
    return f"{dialect.cast(name, field.type)} AS {name}"


def _times(dialect: Dialect, key: RowsKey) -> tuple[str, ...]:
    source, quoted = key.source, dialect.identifier
    time = dialect.cast(quoted(source.time or ""), TIMESTAMP)
    available = dialect.cast(quoted(source.available), TIMESTAMP) if source.available else time
    late = f"{available} + {dialect.length(key.delay)}" if key.delay else available
    known = f"GREATEST({time}, {late})" if source.available or key.delay else time
    return (
        f"{time} AS {quoted(TIME)}",
        f"{available} AS {quoted(AVAILABLE)}",
        f"{known} AS {quoted(KNOWN)}",
    )


def _length(microseconds: int) -> str:
    try:
        return length_name(microseconds)
    except ValueError:
        return f"{microseconds} microseconds"
