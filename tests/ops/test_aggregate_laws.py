"""The algebra of the aggregates: what lets a window be cut into stretches and put together."""

from __future__ import annotations

import copy
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from featurekit import datatypes as types
from featurekit.ops import AGGREGATES, AggregateFunction, bind_aggregate
from featurekit.ops.bounds import agree, compared
from featurekit.ops.parameters import MOMENT, Parameter

_FLOATS = st.floats(-1e6, 1e6) | st.floats() | st.sampled_from([0.1, -0.0, 1e16, 1e308])
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "BOOLEAN": st.booleans(),
    "BIGINT": st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3),
    "DOUBLE": _FLOATS,
    "DECIMAL": st.integers(-(10**12), 10**12).map(lambda n: Decimal(n).scaleb(-2)),
    "VARCHAR": st.text(max_size=3),
    "DATE": st.dates(),
    "TIMESTAMP": st.datetimes(timezones=st.just(dt.UTC)),
}
_CONSTANTS: dict[str, Any] = {
    "q": 0.3,
    "separator": ", ",
    "n": 2,
    "k": 2,
    "half_life": 300 * 366 * 86_400_000_000,
    "at": dt.datetime.max.replace(tzinfo=dt.UTC),
}


def _kinds(parameter: Parameter) -> list[str]:
    if parameter.constant or parameter.mark == MOMENT:
        return [parameter.name]
    if parameter.type:
        return [parameter.type.kind.value]
    return [k.value for k in parameter.allowed if k.value != "DOUBLE"]


def _signatures(row: AggregateFunction) -> list[tuple[str, ...]]:
    """Every kind of every parameter once, the shorter lists repeated."""
    listed = [_kinds(parameter) for parameter in row.parameters]
    most = max(map(len, listed), default=1)
    return [tuple(kinds[n % len(kinds)] for kinds in listed) for n in range(most)]


_EVERY = [(row, kinds) for row in AGGREGATES.values() for kinds in _signatures(row)]
_NAMES = [f"{row.name}-{'-'.join(kinds)}" for row, kinds in _EVERY]


def _rows(kinds: tuple[str, ...]) -> st.SearchStrategy[list[tuple[Any, ...]]]:
    columns = [
        st.just(_CONSTANTS[kind]) if kind in _CONSTANTS else st.none() | _VALUES[kind]
        for kind in kinds
    ]
    return st.lists(st.tuples(*columns), max_size=12)


def _state(row: AggregateFunction, rows: list[tuple[Any, ...]]) -> Any:
    state = row.algebra.start()
    for values in rows:
        if row.keeps_nulls or None not in values:
            state = row.algebra.add(state, *values)
    return state


def _numbers(row: AggregateFunction, rows: list[tuple[Any, ...]]) -> list[Any]:
    return compared(row, rows)


@pytest.mark.parametrize(("row", "kinds"), _EVERY, ids=_NAMES)
@settings(max_examples=25, deadline=None, database=None, derandomize=True)
@given(data=st.data())
def test_merging_two_stretches_is_folding_both(
    row: AggregateFunction, kinds: tuple[str, ...], data: st.DataObject
) -> None:
    earlier, later = data.draw(_rows(kinds)), data.draw(_rows(kinds))
    first, second = _state(row, earlier), _state(row, later)
    kept = copy.deepcopy((first, second))
    merged = row.algebra.result(row.algebra.merge(first, second))
    folded = row.fold(earlier + later)
    assert agree(row.bound, _numbers(row, earlier + later), merged, folded), (merged, folded)
    assert kept == (first, second) or repr(kept) == repr((first, second)), (
        "merge changed a state that is still in use"
    )


@pytest.mark.parametrize(("row", "kinds"), _EVERY, ids=_NAMES)
@settings(max_examples=15, deadline=None, database=None, derandomize=True)
@given(data=st.data())
def test_an_empty_stretch_changes_nothing(
    row: AggregateFunction, kinds: tuple[str, ...], data: st.DataObject
) -> None:
    rows = data.draw(_rows(kinds))
    alone = row.fold(rows)
    before = row.algebra.merge(row.algebra.start(), _state(row, rows))
    after = row.algebra.merge(_state(row, rows), row.algebra.start())
    assert agree("exact", [], row.algebra.result(before), alone)
    assert agree("exact", [], row.algebra.result(after), alone)


@pytest.mark.parametrize("row", AGGREGATES.values(), ids=list(AGGREGATES))
def test_the_cases_of_an_aggregate_hold(row: AggregateFunction) -> None:
    assert len(row.cases) >= (3 if row.parameters else 1)
    for case in row.cases:
        answer = row.fold(row.rows(case))
        assert agree("exact", [], answer, case.expected), f"{case.text}: {answer!r}"


def test_a_float_sum_keeps_what_a_plain_sum_loses() -> None:
    tenths = [(0.1,)] * 1000
    assert AGGREGATES["sum_double"].fold(tenths) == 100.0
    assert AGGREGATES["avg_double"].fold(tenths) == 0.1


def test_equal_values_have_no_spread() -> None:
    assert AGGREGATES["stddev_samp"].fold([(0.1,)] * 1000) == 0.0


def test_a_decimal_sum_is_exact_while_the_sizes_need_38_digits_and_null_beyond() -> None:
    most, one = Decimal(10**38 - 1), Decimal(1)
    fold = AGGREGATES["sum_decimal"].fold
    assert fold([(Decimal(10**38 - 3),), (one,), (-one,)]) == Decimal(10**38 - 3)
    assert fold([(most,), (one,)]) is None
    assert fold([(most,), (-one,)]) is None


def test_a_float_sum_put_together_from_stretches_keeps_it_too() -> None:
    algebra = AGGREGATES["sum_double"].algebra
    first, second = (_state(AGGREGATES["sum_double"], r) for r in ([(1e16,), (1.0,)], [(-1e16,)]))
    assert algebra.result(algebra.merge(first, second)) == 1.0
    first, second = (_state(AGGREGATES["sum_double"], r) for r in ([(1e16,)], [(1.0,)]))
    assert algebra.result(algebra.merge(algebra.merge(first, second), (1, -1e16, 0.0))) == 1.0


@pytest.mark.parametrize(("q", "answer"), [(0.0, 1.0), (0.5, 3.0), (0.125, 1.5), (1.0, 5.0)])
def test_a_quantile_lies_where_its_share_says(q: float, answer: float) -> None:
    assert AGGREGATES["quantile_cont"].fold([(x, q) for x in (5.0, 2.0, 3.0, 1.0, 4.0)]) == answer


def test_a_share_is_a_constant_from_0_to_1() -> None:
    kinds = (types.BIGINT, types.DOUBLE)
    assert bind_aggregate("QUANTILE_CONT", kinds) is None
    assert bind_aggregate("QUANTILE_CONT", kinds, [..., 1.5]) is None
    assert bind_aggregate("QUANTILE_CONT", kinds, [..., None]) is None
    bound = bind_aggregate("QUANTILE_CONT", kinds, [..., 0.25])
    assert bound is not None
    assert (bound.arguments, bound.type) == ((types.DOUBLE, types.DOUBLE), types.DOUBLE)


def test_a_correlation_is_null_only_where_a_column_never_varies() -> None:
    fold = AGGREGATES["corr"].fold
    assert fold([(0.1, float(n)) for n in range(1000)]) is None
    near = fold([(2.0**63, 1.0), (9223372036854774784.0, 2.0)])
    assert near is not None  # 1 or NaN: the digits that would say it are lost
    assert fold([(n / 7, 3 - n / 3) for n in range(100)]) == pytest.approx(-1.0)
    assert abs(fold([(float(n % 2), float(n // 2 % 2)) for n in range(100)])) < 1e-12


def test_what_engines_may_differ_by_in_a_correlation_grows_as_values_close_up() -> None:
    apart, close = [0.0, 5.0, 1.0, 7.0, 2.0, 6.0], [1e9, 5.0, 1e9 + 1, 7.0, 1e9 + 2, 6.0]
    assert agree("correlation", apart, 0.5, 0.5 + 1e-10)
    assert not agree("correlation", apart, 0.5, 0.5 + 1e-8)
    assert agree("correlation", close, 0.5, 0.6)
    assert not agree("correlation", close, 0.5, None)
