"""The sources of a training query: rows that may be seen, duplicates once, in canonical order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from featurekit.backends.to_sql_dialect import RESERVED, Dialect
from featurekit.backends.to_sql_expression import expression_sql, parenthesised
from featurekit.backends.to_sql_parts import Part, indented, select
from featurekit.errors.data import ReservedColumn
from featurekit.ir.definitions import Field, Source
from featurekit.ir.rules import admitted
from featurekit.ir.windows import length_name

TIME, KNOWN, ORDER = "fk_time", "fk_known", "fk_order"
COPY = "fk_copy"


@dataclass(frozen=True, slots=True)
class RowsKey:
    """What makes two views or joins read the same prepared rows."""

    source: Source
    keys: tuple[str, ...]
    delay: int

    @property
    def name(self) -> str:
        """What the step is called."""
        late = f", delay {_length(self.delay)}" if self.delay else ""
        return f"fk_{self.source.name} by {', '.join(self.keys)}{late}"


def prepared_rows(dialect: Dialect, name: str, key: RowsKey, columns: Iterable[str]) -> Part:
    """Return the step ``name`` that prepares the rows of one source for those who read ``columns``.

    Each row carries ``fk_time`` (its event time), ``fk_known`` (it is visible strictly after this)
    and ``fk_order`` (its place in the canonical order of its key).

    Raises:
        ReservedColumn: FK290.
    """
    source, quoted = key.source, dialect.identifier
    for field in source.fields:
        if field.name.lower().startswith(RESERVED):
            raise ReservedColumn(source.name, field.name, RESERVED)
    typed = indented(select(_typed(dialect, field) for field in source.fields))
    keys = [quoted(one) for one in key.keys]
    read = [quoted(one) for one in sorted({*columns} - {*key.keys})]
    time = quoted(source.time or "")
    available = quoted(source.available) if source.available else time
    ordered = {field.name: _ordered(dialect, field) for field in source.fields}
    whole = list(ordered.values())
    order = [f"{time} ASC", *([ordered[source.tie]] if source.tie else whole)]
    number = f"row_number() OVER (PARTITION BY {', '.join(keys)} ORDER BY {', '.join(order)})"
    made = [
        *keys,
        *read,
        f"{time} AS {quoted(TIME)}",
        f"{_known(dialect, key, time, available)} AS {quoted(KNOWN)}",
        f"{number} AS {quoted(ORDER)}",
    ]
    there = " AND ".join(
        [
            *(f"{one} IS NOT NULL" for one in dict.fromkeys([*keys, time, available])),
            *_admitted(dialect, source),
        ]
    )
    rows = (
        f"\nFROM (\n{typed}\n  FROM {quoted(source.name)}\n) AS {quoted('fk_typed_rows')}"
        f"\nWHERE {there}"
    )
    comment = f"{source.name}: rows that can be known, in canonical order"
    if source.tie is None:
        return Part(name, comment, select(made) + rows)
    same = ", ".join([*keys, time, quoted(source.tie)])
    first = ", ".join([f"{available} ASC", *whole])
    copy = f"row_number() OVER (PARTITION BY {same} ORDER BY {first})"
    if dialect.qualify:
        body = f"{select(made)}{rows}\nQUALIFY {copy} = 1"
    else:
        numbered = select([*made, f"{copy} AS {quoted(COPY)}"]) + rows
        kept = [*keys, *read, *map(quoted, (TIME, KNOWN, ORDER))]
        body = (
            f"{select(kept)}\nFROM (\n{indented(numbered)}\n) AS {quoted('fk_copies')}"
            f"\nWHERE {quoted(COPY)} = 1"
        )
    return Part(name, f"{comment}, duplicates once", body)


def _admitted(dialect: Dialect, source: Source) -> list[str]:
    """Return the condition that the contract lets a row in, if it refuses any."""
    condition = admitted(source)
    if condition is None:
        return []
    text = expression_sql(condition, dialect, lambda c: dialect.identifier(c.name), "NULL", {})
    return [parenthesised(text)]


def _ordered(dialect: Dialect, field: Field) -> str:
    return dialect.ordered(dialect.identifier(field.name), field.type, "ASC NULLS FIRST")


def _typed(dialect: Dialect, field: Field) -> str:
    name = dialect.identifier(field.name)
    return f"{dialect.read(name, field.type)} AS {name}"


def _known(dialect: Dialect, key: RowsKey, time: str, available: str) -> str:
    """Return the text for the moment strictly after which a row is visible."""
    late = f"{available} + {dialect.length(key.delay)}" if key.delay else available
    return time if late == time else f"GREATEST({time}, {late})"


def _length(microseconds: int) -> str:
    try:
        return length_name(microseconds)
    except ValueError:
        return f"{microseconds} microseconds"
