"""Every aggregate over adversarial groups: fold, polars, DuckDB and column algebra agree."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import adversarial
import polars as pl
import pytest
from targets import Duck, assert_typed, polars_type

from featurekit import datatypes as types
from featurekit.backends.to_sql_dialects import dialect_named
from featurekit.backends.to_sql_expression import aggregate_sql
from featurekit.datatypes import DataType, Kind
from featurekit.ir.nodes import Aggregate, Column, Literal
from featurekit.ir.windows import AllTime
from featurekit.ops import AGGREGATES, AGGREGATES_BY_SURFACE, Gap, Lift, bind_aggregate
from featurekit.ops.aggregate import BoundAggregate
from featurekit.ops.bounds import agree, compared
from featurekit.ops.parameters import MOMENT

_TYPES = (
    types.BOOLEAN,
    types.BIGINT,
    types.DOUBLE,
    types.decimal(10, 2),
    types.decimal(38, 10),
    types.VARCHAR,
    types.DATE,
    types.TIMESTAMP,
)
NAN, INF = adversarial.NAN, adversarial.INF
Group = list[Any]
_PAIRS = (
    *((types.VARCHAR, kind) for kind in _TYPES),
    *((kind, types.BIGINT) for kind in _TYPES),
    *((types.DOUBLE, types.DOUBLE), (types.TIMESTAMP, types.DOUBLE)),
)
_SIGNATURES = ((), *((kind,) for kind in _TYPES), *_PAIRS)
CONSTANTS: dict[str, Any] = {
    "q": 0.3,
    "separator": "', \n",
    "n": 3,
    "k": 2,
    "half_life": 300 * 366 * 86_400_000_000,
}
"""The value that a constant parameter has here, by its name."""


def _bound() -> list[BoundAggregate]:
    """Every surface with every type it takes as it is (widening is an operator of its own)."""
    found: dict[str, BoundAggregate] = {}
    for surface, rows in AGGREGATES_BY_SURFACE.items():
        written = [p for p in rows[0].parameters if not p.implicit]
        constants = [CONSTANTS[p.name] if p.constant else ... for p in written]
        for kinds in _SIGNATURES:
            if len(kinds) != len(constants):
                continue
            made = bind_aggregate(surface, kinds, constants)
            if made and _written(made) == kinds:
                said = ", ".join(map(str, kinds))
                found.setdefault(f"{made.function.name}({said})", made)
    return [found[name] for name in sorted(found)]


def _written(bound: BoundAggregate) -> tuple[DataType, ...]:
    pairs = zip(bound.function.parameters, bound.arguments, strict=True)
    return tuple(kind for parameter, kind in pairs if not parameter.implicit)


BOUND = _bound()
IDS = [f"{b.function.name}({', '.join(map(str, _written(b)))})" for b in BOUND]


def groups(kind: DataType) -> list[Group]:
    """Return the groups that engines trip over, and some drawn with a fixed seed."""
    every = adversarial.values(kind)
    plain = [v for v in every if v is not None]
    made: list[Group] = [[], [None], [None, None, None], [plain[0]], [None, plain[-1], None]]
    made += [[plain[1]] * 4, [plain[0], plain[1], plain[0], None], plain, every[::-1]]
    if kind.kind is Kind.DOUBLE:
        made += [[0.1] * 10, [1e16, 1.0, -1e16], [1e16, 1.0, None, -1e16, 1.0, 0.1], [-0.0]]
        made += [[0.0, -0.0], [-0.0, 0.0], [NAN], [NAN, 1.0], [1.0, NAN, 3.0], [NAN, NAN]]
        made += [[INF], [INF, 1.0], [INF, -INF], [-INF, 2.0], [1e308, 1e308], [5.0, 1e149, 3.0]]
        made += [[5e-324, 5e-324], [1e9 + 0.1, 1e9 + 0.2, 1e9 + 0.3], [1e150, 1.0], [1e151]]
    if kind.kind is Kind.BIGINT:
        made += [[2**63 - 1, 1], [2**63 - 1, 1, -1], [-(2**63), -1], [2**53, 1, 1], [1, 2, 3, 4]]
    if kind == types.decimal(10, 2):
        made += [[Decimal("0.10")] * 3, [Decimal("99999999.99")] * 1000]
    chance = random.Random(11)  # noqa: S311  a reproducible draw, not a secret
    made += [[chance.choice(every) for _ in range(chance.randrange(40))] for _ in range(25)]
    if kind.kind is Kind.DOUBLE:
        made += [[chance.lognormvariate(0, 3) for _ in range(500)] for _ in range(3)]
        made += [[None if chance.random() < 0.2 else chance.gauss(0, 1) for _ in range(99)]]
    return made


def _rows(bound: BoundAggregate) -> list[list[tuple[Any, ...]]]:
    if not bound.arguments:
        return [[()] * count for count in (0, 1, 7)]
    fixed = [_same(bound, place) for place in range(len(bound.arguments))]
    varying = [place for place, one in enumerate(fixed) if one is None]

    def row(*values: Any) -> tuple[Any, ...]:
        rest = iter(values)
        return tuple(next(rest) if one is None else one[0] for one in fixed)

    firsts = groups(bound.arguments[0])
    if len(varying) == 1:
        return [[row(value) for value in group] for group in firsts]
    chance = random.Random(13)  # noqa: S311  a reproducible draw, not a secret
    other = varying[1]
    here = bound.function.parameters[other].implicit  # the time of a row is never null
    drawn = [v for v in adversarial.values(bound.arguments[other]) if not here or v is not None]
    few = drawn[:4]
    spoiler = _spoiler(bound)[0]
    paired = [
        [row(value, chance.choice(few if number % 2 else drawn)) for value in group]
        for number, group in enumerate(firsts * 2)
    ]
    others = groups(bound.arguments[other])
    return paired + [
        [row(spoiler, value) for value in group if not here or value is not None]
        for group in others
    ]


ASKED = dt.datetime.max.replace(tzinfo=dt.UTC)


def _same(bound: BoundAggregate, place: int) -> tuple[Any] | None:
    """Return what stands in every row: a constant, the moment of asking."""
    asks = bound.function.parameters[place].mark == MOMENT
    return (ASKED,) if asks else _fixed(bound, place)


def _fixed(bound: BoundAggregate, place: int) -> tuple[Any] | None:
    parameter = bound.function.parameters[place]
    return (CONSTANTS[parameter.name],) if parameter.constant else None


def _operands(bound: BoundAggregate) -> list[Any]:
    """Return what a polars spelling gets: a column an argument, the value of a constant."""
    fixed = [_fixed(bound, place) for place in range(len(bound.arguments))]
    return [pl.col(f"c{n}") if one is None else one[0] for n, one in enumerate(fixed)]


def _table(bound: BoundAggregate, listed: Sequence[Sequence[tuple[Any, ...]]]) -> pl.DataFrame:
    """One table of all groups; each has two more rows that do not count (``kept`` false)."""
    spoiler = _spoiler(bound)
    rows = [
        (number, kept, *row)
        for number, group in enumerate(listed)
        for kept, row in [(False, spoiler), *((True, row) for row in group), (False, spoiler)]
    ]
    schema = {"g": pl.Int64(), "kept": pl.Boolean()}
    schema |= {f"c{n}": polars_type(kind) for n, kind in enumerate(bound.arguments)}
    return pl.DataFrame(rows, schema=schema, orient="row", strict=True).with_row_index("row")


def _spoiler(bound: BoundAggregate) -> tuple[Any, ...]:
    return tuple(next(v for v in adversarial.values(k) if v is not None) for k in bound.arguments)


def _checked(
    bound: BoundAggregate, listed: Sequence[Sequence[tuple[Any, ...]]], answers: Sequence[Any]
) -> None:
    function = bound.function
    found: list[str] = []
    for group, answer in zip(listed, answers, strict=True):
        values = compared(function, group)
        meant = function.fold(group)
        assert_typed(meant, bound.type, f"{function.name}{group!r}")
        if not agree(function.bound, values, meant, answer):
            found.append(f"{str(group)[:200]}: expected {meant!r}, got {answer!r}")
    assert not found, "\n".join([f"{function.name}: {len(found)} differ", *found[:8]])


@pytest.mark.parametrize("bound", BOUND, ids=IDS)
def test_polars_answers_a_group_as_the_fold_does(bound: BoundAggregate) -> None:
    spelling = bound.function.polars
    assert not isinstance(spelling, Gap)
    listed = _rows(bound)
    table = _table(bound, listed).filter("kept")
    columns = _operands(bound)
    made = table.group_by("g").agg(answer=spelling(pl, *columns))
    assert made.schema["answer"] == polars_type(bound.type)
    answered = dict(made.rows())
    for number, group in enumerate(listed):
        if number not in answered:  # group_by has no empty groups
            assert not group
            alone = table.clear().select(answer=spelling(pl, *columns))
            answered[number] = alone["answer"].to_list()[0]
    _checked(bound, listed, [answered[number] for number in range(len(listed))])


@pytest.mark.parametrize("bound", BOUND, ids=IDS)
def test_polars_answers_a_whole_table_as_the_fold_does(bound: BoundAggregate) -> None:
    spelling = bound.function.polars
    assert not isinstance(spelling, Gap)
    listed = _rows(bound)
    table = _table(bound, listed).filter("kept")
    columns = _operands(bound)
    answers = [
        table.filter(pl.col("g") == number)
        .select(answer=spelling(pl, *columns))["answer"]
        .to_list()[0]
        for number in range(len(listed))
    ]
    _checked(bound, listed, answers)


@pytest.mark.parametrize("bound", BOUND, ids=IDS)
def test_duckdb_answers_a_group_as_the_fold_does(bound: BoundAggregate, duck: Duck) -> None:
    listed = [group for group in _rows(bound) if not _too_long(bound, group)]
    duck.table(_table(bound, listed))
    fixed = [_fixed(bound, place) for place in range(len(bound.arguments))]
    arguments = tuple(
        Column("t", f"c{n}", kind) if one is None else Literal(one[0], kind)
        for n, (kind, one) in enumerate(zip(bound.arguments, fixed, strict=True))
    )
    node = Aggregate(bound.function.name, arguments, AllTime(), type=bound.type)
    text = aggregate_sql(node, "duckdb", lambda c: c.name, "now", "kept", '"row"')
    query = f"SELECT {text} AS answer FROM rows GROUP BY g ORDER BY g"  # noqa: S608  our own text
    made = duck._connection.sql(query)
    assert str(made.types[0]) == dialect_named("duckdb").type(bound.type)
    _checked(bound, listed, [_utc(row[0]) for row in made.fetchall()])


def _utc(value: Any) -> Any:
    if isinstance(value, list):
        return [_utc(member) for member in value]
    return value.replace(tzinfo=dt.UTC) if isinstance(value, dt.datetime) else value


def _too_long(bound: BoundAggregate, group: Sequence[tuple[Any, ...]]) -> bool:
    """DuckDB refuses a DECIMAL sum of more than 38 digits, where the language answers null."""
    if bound.arguments[:1] != (types.decimal(38, 10),) or bound.type.kind is Kind.BIGINT:
        return False
    sizes = [(row[0].copy_abs(),) for row in group if row[0] is not None]
    return bool(sizes) and AGGREGATES["sum_decimal"].fold(sizes) is None


LIFTED = [b for b in BOUND if isinstance(b.function.lift, Lift)]


@pytest.mark.parametrize(
    "bound", LIFTED, ids=[i for i, b in zip(IDS, BOUND, strict=True) if b in LIFTED]
)
def test_blocks_of_doubling_size_merge_to_the_fold(bound: BoundAggregate) -> None:
    rows = [row for group in _rows(bound) for row in group]
    chance = random.Random(5)  # noqa: S311  a reproducible draw, not a secret
    ranges = [(0, 0), (3, 3), (0, 1), (0, len(rows)), (1, len(rows))]
    starts = [0]
    for group in _rows(bound):
        starts.append(starts[-1] + len(group))
    ranges += list(itertools.pairwise(starts))
    for _ in range(100):
        low, high = sorted(chance.randrange(len(rows) + 1) for _ in range(2))
        ranges.append((low, min(high, low + chance.choice([2, 3, 9, 64, 1000]))))
    listed = [rows[low:high] for low, high in ranges]
    answer = _over_ranges(bound, rows, ranges)
    assert answer.dtype == polars_type(bound.type)
    _checked(bound, listed, answer.to_list())


def _over_ranges(
    bound: BoundAggregate, rows: Sequence[tuple[Any, ...]], ranges: Sequence[tuple[int, int]]
) -> pl.Series:
    """Answer ``ranges`` (first, one past the last) of ``rows`` from merged blocks of 2**k rows."""
    lift = bound.function.lift
    assert isinstance(lift, Lift)
    schema = {f"c{n}": polars_type(kind) for n, kind in enumerate(bound.arguments)}
    table = pl.DataFrame(rows, schema=schema, orient="row") if schema else None
    made = lift.start(pl, *_operands(bound))
    base = table if table is not None else pl.DataFrame({"i": range(len(rows))})
    blocks = base.with_columns(**made).select(list(lift.empty))
    empty = {name: pl.lit(value, blocks.schema[name]) for name, value in lift.empty.items()}
    state = pl.DataFrame(ranges, schema=["low", "high"], orient="row").with_columns(**empty)
    size = 1
    while size <= max(1, len(rows)):
        use = ((pl.col("high") - pl.col("low")) // size) % 2 == 1
        found = state.select(pl.when(use).then("low").alias("at"))["at"]
        taken = (
            blocks.select(
                pl.col(name).gather(found.fill_null(0)).alias(f"new {name}") for name in lift.empty
            )
            if len(blocks)
            else None
        )
        if taken is not None:
            state = _merged(lift, pl.concat([state, taken], how="horizontal"), use, size)
        blocks = _doubled(lift, blocks, size)
        size *= 2
    return state.select(answer=lift.result(pl, {name: pl.col(name) for name in lift.empty}))[
        "answer"
    ]


def _merged(lift: Lift, state: pl.DataFrame, use: pl.Expr, size: int) -> pl.DataFrame:
    old = {name: pl.col(name) for name in lift.empty}
    new = {name: pl.col(f"new {name}") for name in lift.empty}
    merged = lift.merge(pl, old, new)
    return state.with_columns(
        *(pl.when(use).then(merged[name]).otherwise(old[name]).alias(name) for name in lift.empty),
        pl.when(use).then(pl.col("low") + size).otherwise("low").alias("low"),
    ).select("low", "high", *lift.empty)


def _doubled(lift: Lift, blocks: pl.DataFrame, size: int) -> pl.DataFrame:
    """Return the states of twice the rows; what would reach past the end is left as it is."""
    near = {name: pl.col(name) for name in lift.empty}
    far = {name: pl.col(name).shift(-size) for name in lift.empty}
    merged = lift.merge(pl, near, far)
    inside = pl.int_range(pl.len()) + size < pl.len()
    return blocks.with_columns(
        pl.when(inside).then(merged[name]).otherwise(near[name]).alias(name) for name in lift.empty
    )
