"""Comparing answers: typed, exact where the language is, within the stated bound elsewhere."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal

import pytest

from featurekit import datatypes as types
from featurekit.backends.plan import Wanted
from featurekit.datatypes import BIGINT, BOOLEAN, DOUBLE, VARCHAR
from featurekit.ir.definitions import Field, Source, SourceKind
from featurekit.ir.nodes import Aggregate, Call, Column, Expression, Literal
from featurekit.ir.view import Feature, Grain, View
from featurekit.ir.windows import AllTime
from featurekit.ops import AGGREGATES
from featurekit.parity.compare import EXACT, Answer, Tolerance, answers, compare, disagreement
from featurekit.parity.report import report

UTC = dt.UTC


@pytest.mark.parametrize(
    ("kind", "expected", "got"),
    [
        (BIGINT, 2, 2.0),
        (BIGINT, 1, True),
        (BOOLEAN, True, 1),
        (DOUBLE, 2.0, 2),
        (VARCHAR, "2", 2),
        (VARCHAR, "a", "a "),
        (types.decimal(5, 2), Decimal("1.50"), Decimal("1.5")),
        (types.decimal(5, 2), Decimal("1.50"), "1.50"),
        (types.DATE, dt.date(2024, 1, 1), dt.datetime(2024, 1, 1, tzinfo=UTC)),
        (
            types.TIMESTAMP,
            dt.datetime(2024, 1, 1, 12, tzinfo=UTC),
            dt.datetime(2024, 1, 1, 13, tzinfo=dt.timezone(dt.timedelta(hours=1))),
        ),
        (DOUBLE, 0.1, math.nextafter(0.1, 1)),
        (DOUBLE, math.nan, None),
        (DOUBLE, math.nan, 0.0),
        (DOUBLE, math.inf, -math.inf),
        (DOUBLE, math.inf, 1e308),
        (BIGINT, None, 0),
        (VARCHAR, "", None),
        (types.list_of(VARCHAR), ["a", "b"], ["a"]),
        (types.list_of(VARCHAR), ["a", "b"], ["b", "a"]),
        (types.list_of(VARCHAR), ["a"], ("a",)),
        (types.list_of(VARCHAR), ["a"], "a"),
        (types.list_of(VARCHAR), ["a"], [None]),
        (types.list_of(BIGINT), [1], [True]),
        (types.list_of(types.decimal(5, 2)), [Decimal("1.50")], [Decimal("1.5")]),
        (types.list_of(VARCHAR), None, []),
    ],
)
def test_values_of_another_type_or_value_disagree(
    kind: types.DataType, expected: object, got: object
) -> None:
    assert disagreement(expected, got, Answer("x", kind)) is not None


@pytest.mark.parametrize(
    ("kind", "expected", "got"),
    [
        (DOUBLE, math.nan, math.nan),
        (types.list_of(DOUBLE), [math.nan, 0.0], [math.nan, -0.0]),
        (DOUBLE, 0.0, -0.0),
        (DOUBLE, math.inf, math.inf),
        (DOUBLE, None, None),
        (types.decimal(5, 2), Decimal("1.50"), Decimal("1.50")),
        (BOOLEAN, False, False),
    ],
)
def test_equal_values_agree(kind: types.DataType, expected: object, got: object) -> None:
    assert disagreement(expected, got, Answer("x", kind)) is None


def test_a_tolerance_is_relative_or_in_last_places() -> None:
    summed = Answer("x", DOUBLE, Tolerance(relative=1e-9))
    assert disagreement(1e9, 1e9 + 0.5, summed) is None
    assert disagreement(1e9, 1e9 + 2.0, summed) is not None
    fine = Answer("x", DOUBLE, Tolerance(ulps=4))
    assert disagreement(1.0, 1.0 + 4 * 2**-52, fine) is None
    assert disagreement(1.0, 1.0 + 5 * 2**-52, fine) is not None
    assert disagreement(5e-324, -5e-324, fine) is None
    assert disagreement(math.inf, 1.7976931348623157e308, summed) is not None


def view(name: str, expression: Expression, uses: tuple[str, ...] = ()) -> View:
    source = Source("s", SourceKind.EVENTS, (Field("x", DOUBLE),), time="t")
    return View(name, Grain.ENTITY, (Feature("f", expression),), source, uses=uses)


def test_only_what_rests_on_summed_floats_gets_the_bound_of_sums() -> None:
    inexact = next(name for name, row in AGGREGATES.items() if row.bound != "exact")
    exact = next(name for name, row in AGGREGATES.items() if row.bound == "exact")
    x = Column("s", "x", DOUBLE)
    total = Aggregate(inexact, (x,), AllTime(), type=DOUBLE)
    views = {
        "a@1.0": view("a", total),
        "b@1.0": view("b", Aggregate(exact, (x,), AllTime(), type=DOUBLE)),
        "c@1.0": view("c", Call("add_double", (total, Literal(1.0, DOUBLE)), DOUBLE)),
        "d@1.0": view("d", Column("a@1.0", "f", DOUBLE), ("a@1.0",)),
        "e@1.0": view("e", Aggregate(inexact, (x,), AllTime(), type=BIGINT)),
    }
    wanted = [Wanted(f"{n}@1.0", n, "f", f"{n}__f") for n in "abcde"]
    bounds = {a.column[0]: a.tolerance for a in answers(wanted, views)}
    summed = Tolerance(relative=1e-9)
    assert bounds == {"a": summed, "b": EXACT, "c": summed, "d": summed, "e": EXACT}


def test_the_report_counts_and_shows_what_differs() -> None:
    columns = (Answer("a", BIGINT), Answer("b", VARCHAR))
    expected = [{"a": 1, "b": None}, {"a": 2, "b": "x"}]
    got = [{"a": 1, "b": None}, {"a": 3}]
    found = compare(expected, got, columns)
    assert [(d.row, d.column, d.why) for d in found] == [
        (1, "a", "the values differ"),
        (1, "b", "no answer"),
    ]
    made = report([{"k": 1}, {"k": 2}], expected, columns, found)
    assert (made.rows, made.compared, made.differences, made.held) == (2, 4, 2, False)
    assert made.worst[0].asked == {"k": 2}
    assert [(f.column, f.differences, f.nulls) for f in made.features] == [("a", 1, 0), ("b", 1, 1)]


def test_comparing_nothing_is_not_a_proof() -> None:
    assert not report([], [], (), ()).held
