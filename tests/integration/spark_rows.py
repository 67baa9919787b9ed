"""Tables of typed rows on Spark, and typed answers from it, many in one statement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from counting import compared

from featurekit.backends import to_sql
from featurekit.backends.to_sql_dialects import dialect_named
from featurekit.datatypes import BIGINT, DataType, Kind
from featurekit.ir.nodes import Expression

_DIALECT = dialect_named("spark")
_ARROW = {
    Kind.BOOLEAN: pa.bool_(),
    Kind.BIGINT: pa.int64(),
    Kind.DOUBLE: pa.float64(),
    Kind.VARCHAR: pa.string(),
    Kind.DATE: pa.date32(),
    Kind.TIMESTAMP: pa.timestamp("us"),
}
_SPARK = {
    Kind.BOOLEAN: "boolean",
    Kind.BIGINT: "bigint",
    Kind.DOUBLE: "double",
    Kind.VARCHAR: "string",
    Kind.DATE: "date",
    Kind.TIMESTAMP: "timestamp_ntz",
}
Row = Sequence[Any]


@dataclass(frozen=True)
class Trial:
    """Expressions over the columns c0, c1, ... of a table of their own.

    Attributes:
        columns: The types of c0, c1, ...
        rows: The rows of the table.
        calls: What is asked of each row.
    """

    columns: Sequence[DataType]
    rows: Sequence[Row]
    calls: Sequence[Expression]


def make_table(spark: Any, name: str, columns: Mapping[str, DataType], rows: Sequence[Row]) -> None:
    """Make a view of ``rows``; instants become wall clocks of UTC."""
    made = [
        pa.array([_naive(row[place]) for row in rows], _arrow(kind))
        for place, kind in enumerate(columns.values())
    ]
    schema = ", ".join(f"{_DIALECT.identifier(c)} {_word(kind)}" for c, kind in columns.items())
    table = pa.Table.from_arrays(made, names=list(columns))
    spark.createDataFrame(table, schema=schema).createOrReplaceTempView(_DIALECT.identifier(name))


def _arrow(kind: DataType) -> Any:
    if kind.kind is Kind.DECIMAL:
        return pa.decimal128(kind.precision, kind.scale)
    if kind.element:
        return pa.list_(_arrow(kind.element))
    return _ARROW[kind.kind]


def _word(kind: DataType) -> str:
    if kind.element is not None:
        return f"array<{_word(kind.element)}>"
    if kind.kind is Kind.DECIMAL:
        return f"decimal({kind.precision},{kind.scale})"
    if kind.element:
        return f"array<{_word(kind.element)}>"
    return _SPARK[kind.kind]


def _naive(value: Any) -> Any:
    if isinstance(value, list):
        return [_naive(member) for member in value]
    return value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value


def typed_columns(spark: Any, query: str, kinds: Sequence[DataType]) -> list[list[Any]]:
    """Return the columns of ``query``, which must have exactly these types."""
    asked = spark.sql(query)
    for field, kind in zip(asked.schema.fields, kinds, strict=True):
        made = field.dataType.simpleString()
        assert made == _word(kind), f"{field.name}: Spark made {made}, not {kind}"
    return [
        [_utc(value) for value in column.to_pylist()] for column in asked.toArrow().itercolumns()
    ]


def typed(spark: Any, query: str, kinds: Sequence[DataType]) -> list[tuple[Any, ...]]:
    """Return the rows of ``query``, whose columns must have exactly these types."""
    return list(zip(*typed_columns(spark, query, kinds), strict=True))


def _utc(value: Any) -> Any:
    if isinstance(value, list):
        return [_utc(member) for member in value]
    return value.replace(tzinfo=dt.UTC) if isinstance(value, dt.datetime) else value


def answers(spark: Any, trials: Sequence[Trial]) -> list[list[list[Any]]]:
    """Return the answers of every call of every trial, by one statement.

    The tables lie side by side in one wide view, the shorter ones filled up with nulls.

    Returns:
        For each trial, for each call, an answer a row.
    """
    columns: dict[str, DataType] = {"row": BIGINT}
    most = max(len(trial.rows) for trial in trials)
    wide: list[list[Any]] = [[place] for place in range(most)]
    spelled: list[str] = []
    for number, trial in enumerate(trials):
        columns |= {f"t{number}_c{n}": kind for n, kind in enumerate(trial.columns)}
        empty = [None] * len(trial.columns)
        for place in range(most):
            wide[place] += trial.rows[place] if place < len(trial.rows) else empty
        spelled += [_spelled(call, f"t{number}_") for call in trial.calls]
    make_table(spark, "wide", columns, wide)
    kinds = [BIGINT, *(call.type for trial in trials for call in trial.calls)]
    named = ",\n".join(f"{text} AS answer{n}" for n, text in enumerate(spelled))
    query = f"SELECT row, {named} FROM wide"  # noqa: S608  the spellings under test
    order, *made = typed_columns(spark, query, kinds)
    places = sorted(range(most), key=order.__getitem__)
    compared("spark", sum(len(trial.rows) * len(trial.calls) for trial in trials))
    taken = iter([[column[place] for place in places] for column in made])
    return [[next(taken)[: len(trial.rows)] for _ in trial.calls] for trial in trials]


def _spelled(call: Expression, prefix: str) -> str:
    return to_sql.expression_sql(call, "spark", lambda c: f"{prefix}{c.name}", "NULL", {})
