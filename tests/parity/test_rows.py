"""Rows to try: every edge of the definition has a case, named for it, the same ones every time."""

from __future__ import annotations

import datetime as dt
import json
import math
from decimal import Decimal
from typing import Any

import pytest
from shop_cells import CELLS, Cell
from shop_packages import shape_of, trainer

from featurekit import datatypes as types
from featurekit.datatypes import DataType
from featurekit.ir.definitions import Field, Source, SourceKind
from featurekit.ir.windows import MICROSECOND, to_micros, window_bounds
from featurekit.parity.conditions import conditions, value_of
from featurekit.parity.edge_times import special_moments
from featurekit.parity.edges import derived_cases
from featurekit.parity.ordinary import NOON, key_value, typical
from featurekit.parity.values import decode, encode
from featurekit.parity.vectors import expected, vector_lines

SPEND, _, ADDRESS, WIND, BASKET, RATIO, BOTH = CELLS
ANY = {"ids": lambda case: case.name}


def names(case: Cell) -> list[str]:
    return [c.name for c in derived_cases(shape_of(case))]


@pytest.mark.parametrize("case", CELLS, **ANY)
def test_names_say_one_thing_each_and_stay_the_same(case: Cell) -> None:
    made = names(case)
    assert len(made) == len(set(made))
    assert made == names(case)
    assert derived_cases(shape_of(case)) == derived_cases(shape_of(case))


@pytest.mark.parametrize(
    ("case", "name"),
    [
        (SPEND, "an entity without any history"),
        (SPEND, "payments: a row exactly at the start of last_30d"),
        (SPEND, "payments: a row 1 us before the start of last_30d"),
        (SPEND, "payments: a row exactly at the end of last_7d_before_7d"),
        (SPEND, "payments: a row 1 us before the end of last_7d_before_7d"),
        (SPEND, "payments: one row more than the rows of last_3_rows"),
        (SPEND, "payments: a row exactly when it is asked, 300000000 us late"),
        (SPEND, "payments: a row known 1 us before it is asked, 300000000 us late"),
        (SPEND, "payments: a row not known yet"),
        (SPEND, "payments: a row delivered twice"),
        (SPEND, "payments: two rows at the same time, the later tie first"),
        (SPEND, "payments: a row corrected after it is asked"),
        (SPEND, "payments: window edges in America/New_York on 2024-03-10, 23 hours long"),
        (SPEND, "payments: window edges in America/New_York on a leap day"),
        (SPEND, "payments.amount is NaN"),
        (SPEND, "payments.amount is null"),
        (SPEND, "payments.amount is always the largest double"),
        (SPEND, "payments.amount is '-100.0', above"),
        (SPEND, "payments.price is the largest decimal"),
        (SPEND, "payments.country is empty text"),
        (SPEND, "a question whose customer_id is null"),
        (SPEND, "only rows of another customer_id"),
        (ADDRESS, "addresses: the only row is exactly 10d old"),
        (ADDRESS, "addresses: the only row is 1 us more than 10d old"),
        (ADDRESS, "addresses: the same row twice, which counts twice"),
        (ADDRESS, "addresses.moved is a leap day"),
        (WIND, "a question whose zip is null"),
        (BASKET, "order.items is zero"),
        (BASKET, "order.note is letters that change length in upper case"),
        (RATIO, "payments.country is 'Great Britain', in other case"),
        (RATIO, "payments.country is an emoji"),
    ],
)
def test_each_edge_of_the_definition_has_a_case(case: Cell, name: str) -> None:
    assert name in names(case)


def test_the_edges_lie_where_the_window_says() -> None:
    made = shape_of(SPEND)
    by_name = {c.name: c for c in derived_cases(made)}
    start, _ = window_bounds(made.readers[0].features[0].expression.window, to_micros(NOON), "UTC")  # type: ignore[union-attr]  # the first feature is an aggregate
    inside, *_ = by_name["payments: a row exactly at the start of last_30d"].history["payments"]
    outside, *_ = by_name["payments: a row 1 us before the start of last_30d"].history["payments"]
    assert to_micros(inside["happened"]) == start
    assert inside["happened"] - outside["happened"] == MICROSECOND


@pytest.mark.parametrize("case", [SPEND, ADDRESS], **ANY)
def test_special_rows_pass_the_conditions_they_are_to_test(case: Cell) -> None:
    made = shape_of(case)
    (source,) = made.sources.values()
    tests = [c for c in conditions(made, source) if c is not None]
    assert tests
    edges = [c for c in derived_cases(made) if "exactly at the start" in c.name]
    for edge in edges:
        rows = edge.history[source.name]
        for test in tests:
            assert any(value_of(test, row, {}) is True for row in rows), edge.name


def test_required_columns_are_never_null() -> None:
    made = shape_of(BASKET)
    order = made.requests["order"]
    fields = tuple(Field(f.name, f.type, required=True) for f in order.fields)
    strict = Source("order", SourceKind.REQUEST, fields)
    object.__setattr__(made, "requests", {"order": strict})
    assert [c.name for c in derived_cases(made) if None in c.request.values()] == []


def test_a_clock_that_skips_midnight_is_among_the_special_days() -> None:
    moments = dict(special_moments("America/Sao_Paulo"))
    assert "on 2018-11-04, 23 hours long" in moments
    assert not [name for name in dict(special_moments("UTC")) if "hours long" in name]


@pytest.mark.parametrize("case", CELLS, **ANY)
def test_vectors_read_back_as_the_cases_they_were_made_from(case: Cell) -> None:
    made = shape_of(case)
    cases = derived_cases(made)
    answered = expected(cases, made, trainer(made))
    written = vector_lines(cases, answered, made, [{}] * len(cases))
    header, *lines = [json.loads(line) for line in written]
    assert header["format"] == 1
    assert list(header["answers"]) == [one.column for one in made.wanted]
    assert len(lines) == len(cases)
    for line, one in zip(lines, cases, strict=True):
        assert line["name"] == one.name
        assert dt.datetime.fromisoformat(line["as_of"]) == one.as_of
        for name, rows in one.history.items():
            kinds = made.interface.sources[name]
            read = [
                {k: decode(v, kinds[k]) for k, v in row.items()} for row in line["history"][name]
            ]
            assert repr(read) == repr([dict(row) for row in rows])


@pytest.mark.parametrize(
    ("value", "kind", "said"),
    [
        (0.1, types.DOUBLE, "0.1"),
        (-0.0, types.DOUBLE, "-0.0"),
        (math.inf, types.DOUBLE, '"Infinity"'),
        (-math.inf, types.DOUBLE, '"-Infinity"'),
        (math.nan, types.DOUBLE, '"NaN"'),
        (5e-324, types.DOUBLE, "5e-324"),
        (Decimal("1.50"), types.decimal(10, 2), '"1.50"'),
        (Decimal("0E-10"), types.decimal(38, 10), '"0.0000000000"'),
        (dt.date(2024, 2, 29), types.DATE, '"2024-02-29"'),
        (
            dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
            types.TIMESTAMP,
            '"2024-01-01T00:00:00.000000+00:00"',
        ),
        (2**63 - 1, types.BIGINT, "9223372036854775807"),
        ("\u0000\ud7ff😀", types.VARCHAR, r'"\u0000\ud7ff\ud83d\ude00"'),
        (None, types.DOUBLE, "null"),
        (True, types.BOOLEAN, "true"),
    ],
)
def test_values_are_written_exactly(value: Any, kind: DataType, said: str) -> None:
    text = json.dumps(encode(value, kind))
    assert text == said
    back = decode(json.loads(text), kind)
    assert (type(back), str(back)) == (type(value), str(value))


@pytest.mark.parametrize(
    "kind",
    [types.BIGINT, types.DOUBLE, types.decimal(9, 2), types.VARCHAR, types.DATE, types.TIMESTAMP],
    ids=str,
)
def test_invented_keys_differ_and_values_vary(kind: DataType) -> None:
    assert len({key_value(kind, n) for n in range(500)}) == 500
    assert len({typical(kind, n) for n in range(12)}) > 1
