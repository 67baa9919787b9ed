"""Running one operator over many rows in each target, and comparing typed values."""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl
from samples import Sample

from featurekit.datatypes import BIGINT_MAX, BIGINT_MIN, DataType, Kind
from featurekit.ops.operator import Gap, Nulls

_POLARS: dict[Kind, Any] = {
    Kind.BOOLEAN: pl.Boolean,
    Kind.BIGINT: pl.Int64,
    Kind.DOUBLE: pl.Float64,
    Kind.VARCHAR: pl.String,
    Kind.DATE: pl.Date,
    Kind.TIMESTAMP: pl.Datetime("us", "UTC"),
}
_PYTHON: dict[Kind, type] = {
    Kind.BOOLEAN: bool,
    Kind.BIGINT: int,
    Kind.DOUBLE: float,
    Kind.DECIMAL: Decimal,
    Kind.VARCHAR: str,
    Kind.DATE: dt.date,
    Kind.TIMESTAMP: dt.datetime,
}
Row = tuple[Any, ...]


def polars_type(kind: DataType) -> Any:
    """Return the column type that holds ``kind``."""
    if kind.kind is Kind.DECIMAL:
        return pl.Decimal(kind.precision, kind.scale)
    return _POLARS[kind.kind]


def frame(columns: Sequence[DataType], rows: Sequence[Row]) -> pl.DataFrame:
    """Return the rows as a table with the columns c0, c1, ... and their place in ``row``."""
    made = {
        f"c{place}": pl.Series([row[place] for row in rows], dtype=polars_type(kind), strict=True)
        for place, kind in enumerate(columns)
    }
    return pl.DataFrame({"row": pl.Series(range(len(rows)), dtype=pl.Int64), **made})


def reference(sample: Sample, rows: Sequence[Row]) -> list[Any]:
    """Return the meaning: the body's answers, after the null rule."""
    operator = sample.operator
    answers: list[Any] = []
    for row in rows:
        given = sample.filled(row)
        null = operator.nulls is Nulls.PROPAGATE and None in given
        answer = None if null else operator.body(*given)
        assert_typed(answer, sample.result, f"{operator.name}{tuple(given)!r}")
        answers.append(answer)
    return answers


def assert_typed(value: Any, kind: DataType, said: str) -> None:
    """Fail unless ``value`` is null or exactly a value of ``kind``."""
    if value is None:
        return
    assert type(value) is _PYTHON[kind.kind], f"{said} gave {value!r}, not a {kind}"
    if kind.kind is Kind.BIGINT:
        assert BIGINT_MIN <= value <= BIGINT_MAX, f"{said} gave {value}: 64 bits do not hold it"
    if kind.kind is Kind.DECIMAL:
        _, digits, exponent = value.as_tuple()
        assert -int(exponent) == kind.scale, f"{said} gave {value}: not of the scale of {kind}"
        assert len(digits) <= kind.precision, f"{said} gave {value}: too long for {kind}"
    if kind.kind is Kind.TIMESTAMP:
        assert value.tzinfo is dt.UTC, f"{said} gave {value!r}, not UTC"


def in_polars(sample: Sample, table: pl.DataFrame) -> list[Any]:
    """Return the answers of the polars spelling, in the rows' order."""
    spelling = sample.operator.polars
    assert not isinstance(spelling, Gap)
    columns = sample.filled([pl.col(f"c{n}") for n in range(len(sample.columns))])
    spelled = sample.operator.in_polars(pl, columns, polars_type(sample.result))
    answer = table.select(answer=spelled)["answer"]
    assert answer.dtype == polars_type(sample.result), f"{sample}: polars made {answer.dtype}"
    assert len(answer) == len(table)
    return answer.to_list()


class Duck:
    """One DuckDB for a module, the zone pinned to UTC as everywhere."""

    def __init__(self) -> None:
        self._connection = duckdb.connect()
        self._connection.execute("SET TimeZone = 'UTC'")

    def table(self, table: pl.DataFrame) -> None:
        """Make ``table`` the table ``rows``; instants are naive and mean UTC."""
        naive = table.with_columns(
            pl.col(name).dt.replace_time_zone(None)
            for name, dtype in table.schema.items()
            if dtype == pl.Datetime("us", "UTC")
        )
        self._connection.register("given", naive.to_arrow())
        self._connection.execute("CREATE OR REPLACE TABLE rows AS SELECT * FROM given")
        self._connection.unregister("given")

    def answers(self, sample: Sample) -> list[Any]:
        """Return the answers of the SQL spelling over the table, in the rows' order."""
        spelling = sample.operator.spelled("duckdb")
        assert isinstance(spelling, str)
        places = sample.filled([f"c{n}" for n in range(len(sample.columns))])
        named = dict(zip((p.name for p in sample.operator.parameters), places, strict=False))
        last = sample.operator.parameters[-1:]
        if last and last[0].repeated:
            named[last[0].name] = ", ".join(places[len(sample.operator.parameters) - 1 :])
        for parameter in sample.operator.parameters:
            if parameter.constant and isinstance(named[parameter.name], str):
                named[parameter.name] = "'" + named[parameter.name].replace("'", "''") + "'"
        named["type"] = str(sample.result)
        query = f"SELECT {spelling.format(**named)} AS answer FROM rows ORDER BY row"  # noqa: S608
        made = self._connection.sql(query)
        assert str(made.types[0]) == str(sample.result), f"{sample}: DuckDB made {made.types[0]}"
        answers = [row[0] for row in made.fetchall()]
        if sample.result.kind is Kind.TIMESTAMP:
            return [a if a is None else a.replace(tzinfo=dt.UTC) for a in answers]
        return answers

    def close(self) -> None:
        """Let the database go."""
        self._connection.close()


def same(first: Any, second: Any, ulps: int = 0) -> bool:
    """Say whether two typed values are equal: NaN equals NaN, 0.0 is not -0.0, 2 is not 2.0."""
    if type(first) is not type(second):
        return False
    if isinstance(first, float):
        if first != first or second != second:  # noqa: PLR0124  NaN only
            return first != first and second != second  # noqa: PLR0124  NaN only
        return abs(_ordinal(first) - _ordinal(second)) <= ulps
    if isinstance(first, Decimal):
        return bool(first.as_tuple() == second.as_tuple())
    return bool(first == second)


def _ordinal(value: float) -> int:
    """Return the double's place among all doubles; -0.0 and 0.0 are one step apart."""
    (bits,) = struct.unpack("<q", struct.pack("<d", value))
    return bits if bits >= 0 else -(bits & 0x7FFFFFFFFFFFFFFF) - 1


def differences(
    sample: Sample, rows: Sequence[Row], expected: Sequence[Any], answers: Sequence[Any]
) -> list[str]:
    """Return one line a row whose answer is not the expected one."""
    ulps = sample.operator.ulps
    return [
        f"{sample.filled(row)!r}: expected {want!r}, got {got!r}"
        for row, want, got in zip(rows, expected, answers, strict=True)
        if not same(want, got, ulps)
    ]
