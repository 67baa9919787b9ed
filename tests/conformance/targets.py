"""Running operators over many rows in each target, and comparing typed values."""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import ModuleType
from typing import Any

import duckdb
import polars as pl
from counting import compared
from samples import Sample

from featurekit.backends import to_polars, to_python, to_sql
from featurekit.backends.python_module import Module
from featurekit.backends.python_operators import copied, import_lines
from featurekit.backends.python_view import Asked
from featurekit.backends.to_polars import polars_type
from featurekit.datatypes import BIGINT, BIGINT_MAX, BIGINT_MIN, VARCHAR, DataType, Kind
from featurekit.ir.definitions import Field, Source, SourceKind
from featurekit.ir.nodes import Call, Column, Expression, Literal
from featurekit.ir.view import Feature, Grain, View
from featurekit.ops.operator import Nulls

_PYTHON: dict[Kind, type] = {
    Kind.BOOLEAN: bool,
    Kind.BIGINT: int,
    Kind.DOUBLE: float,
    Kind.DECIMAL: Decimal,
    Kind.VARCHAR: str,
    Kind.DATE: dt.date,
    Kind.TIMESTAMP: dt.datetime,
}
_RELATION = "asked"
_MOMENT = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
Row = tuple[Any, ...]
Fixed = Mapping[int, Any]
"""Which columns of a sample are constants in one call, and their values."""


def call(sample: Sample, fixed: Fixed | None = None, *, required: bool = False) -> Call:
    """Return the operator applied to the columns c0, c1, ...; ``fixed`` ones are constants."""
    given: list[Expression] = []
    place = 0
    for argument in sample.arguments:
        if not isinstance(argument, DataType):
            (value,) = argument
            given.append(Literal(value, VARCHAR if isinstance(value, str) else BIGINT))
            continue
        if fixed and place in fixed:
            given.append(Literal(fixed[place], argument))
        else:
            given.append(Column(_RELATION, f"c{place}", argument, required))
        place += 1
    return Call(sample.operator.name, tuple(given), sample.result)


def frame(columns: Sequence[DataType], rows: Sequence[Row]) -> pl.DataFrame:
    """Return the rows as a table with the columns c0, c1, ... and their place in ``row``."""
    made = {
        f"c{place}": pl.Series([row[place] for row in rows], dtype=polars_type(kind), strict=True)
        for place, kind in enumerate(columns)
    }
    return pl.DataFrame({"row": pl.Series(range(len(rows)), dtype=pl.Int64), **made})


def reference(sample: Sample, rows: Sequence[Row], fixed: Fixed | None = None) -> list[Any]:
    """Return the meaning: the body's answers, after the null rule."""
    operator = sample.operator
    answers: list[Any] = []
    for row in rows:
        values = [fixed[n] if fixed and n in fixed else value for n, value in enumerate(row)]
        given = sample.filled(values)
        null = operator.nulls is Nulls.PROPAGATE and None in given
        answer = None if null else operator.body(*given)
        said = f"{operator.name}{tuple(given)!r}"
        assert answer is not None or null or operator.makes_null, f"{said}: null is not declared"
        assert_typed(answer, sample.result, said)
        answers.append(answer)
    return answers


def assert_typed(value: Any, kind: DataType, said: str) -> None:
    """Fail unless ``value`` is null or exactly a value of ``kind``."""
    if value is None:
        return
    if kind.element is not None:
        assert type(value) is list, f"{said} gave {value!r}, not a {kind}"
        assert value, f"{said} gave an empty list"
        assert None not in value, f"{said} gave {value!r}"
        for member in value:
            assert_typed(member, kind.element, said)
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


def in_polars(calls: Sequence[Expression], table: pl.DataFrame) -> list[list[Any]]:
    """Return the answers of the polars spellings, in the rows' order, one list a call."""
    spelled = [
        to_polars.expression(one, lambda c: pl.col(c.name), pl.lit(None), {}).alias(f"answer{n}")
        for n, one in enumerate(calls)
    ]
    made = table.select("row", *spelled).drop("row")
    for one, answer in zip(calls, made.iter_columns(), strict=True):
        assert answer.dtype == polars_type(one.type), f"{one}: polars made {answer.dtype}"
    compared("polars", made.height * made.width)
    return [answer.to_list() for answer in made.iter_columns()]


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

    def answers(self, calls: Sequence[Expression]) -> list[list[Any]]:
        """Return the answers of the SQL spellings over the table, in the rows' order."""
        spelled = ", ".join(
            f"{to_sql.expression_sql(one, 'duckdb', lambda c: c.name, 'NULL', {})} AS answer{n}"
            for n, one in enumerate(calls)
        )
        query = f"SELECT {spelled} FROM rows ORDER BY row"  # noqa: S608  the spellings under test
        made = self._connection.sql(query)
        for one, kind in zip(calls, made.types, strict=True):
            assert str(kind) == str(one.type), f"{one}: DuckDB made {kind}"
        columns = [list(column) for column in zip(*made.fetchall(), strict=True)]
        compared("duckdb", sum(map(len, columns)))
        for one, column in zip(calls, columns, strict=True):
            if one.type.kind is Kind.TIMESTAMP:
                column[:] = [a if a is None else a.replace(tzinfo=dt.UTC) for a in column]
        return columns

    def close(self) -> None:
        """Let the database go."""
        self._connection.close()


Serving = Callable[[None, Mapping[str, Any], dt.datetime], Mapping[str, Any]]


def generated(
    calls: Sequence[Expression], columns: Sequence[DataType], *, required: bool
) -> Serving:
    """Return the function that an exported package would contain for these calls, compiled."""
    fields = tuple(Field(f"c{n}", kind, required) for n, kind in enumerate(columns))
    source = Source(_RELATION, SourceKind.REQUEST, fields)
    features = tuple(Feature(f"answer{n}", one) for n, one in enumerate(calls))
    view = View("trial", Grain.ROW, features, source, requests=(source,))
    module = Module()
    code = to_python.view_code(module, Asked(view, "trial"))
    operators = ModuleType("operators")
    rest = copied(module.operators)
    head = "from __future__ import annotations\n"
    exec(f"{head}{import_lines(rest.imports)}\n{rest.text}", vars(operators))  # noqa: S102  generated code is executed, not only compared
    constants = "\n".join(module.constants.values())
    namespace: dict[str, Any] = {"operators": operators}
    text = (
        f"{head}{import_lines(module.imports)}\nfrom typing import TypedDict\n"
        f"{constants}\n{code.text}"
    )
    exec(text, namespace)  # noqa: S102  generated code is executed, not only compared
    serve: Serving = namespace["trial"]
    return serve


def in_python(serve: Serving, count: int, rows: Sequence[Row]) -> list[list[Any]]:
    """Return the answers of the generated function, one list a call."""
    made = [serve(None, {f"c{n}": v for n, v in enumerate(row)}, _MOMENT) for row in rows]
    compared("generated Python", count * len(rows))
    return [[answer[f"answer{n}"] for answer in made] for n in range(count)]


def same(first: Any, second: Any, ulps: int = 0, *, signed_zero: bool = True) -> bool:
    """Say whether two typed values are equal: NaN equals NaN, 0.0 is not -0.0, 2 is not 2.0."""
    if type(first) is not type(second):
        return False
    if isinstance(first, float):
        if first != first or second != second:  # noqa: PLR0124  NaN only
            return first != first and second != second  # noqa: PLR0124  NaN only
        if not signed_zero and first == second:
            return True
        return abs(_ordinal(first) - _ordinal(second)) <= ulps
    if isinstance(first, Decimal):
        return bool(first.as_tuple() == second.as_tuple())
    return bool(first == second)


def _ordinal(value: float) -> int:
    """Return the double's place among all doubles; -0.0 and 0.0 are one step apart."""
    (bits,) = struct.unpack("<q", struct.pack("<d", value))
    return bits if bits >= 0 else -(bits & 0x7FFFFFFFFFFFFFFF) - 1


def differences(
    sample: Sample,
    rows: Sequence[Row],
    expected: Sequence[Any],
    answers: Sequence[Any],
    *,
    signed_zero: bool = True,
) -> list[str]:
    """Return one line a row whose answer is not the expected one."""
    ulps = sample.operator.ulps
    return [
        f"{sample.filled(row)!r}: expected {want!r}, got {got!r}"
        for row, want, got in zip(rows, expected, answers, strict=True)
        if not same(want, got, ulps, signed_zero=signed_zero)
    ]
