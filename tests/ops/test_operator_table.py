"""The table of operators keeps its own rules, and surfaces bind to the overload one expects."""

from __future__ import annotations

import ast
import datetime as dt
import inspect
import string
import sys

import pytest

from featurekit import datatypes as types
from featurekit.datatypes import BIGINT, BOOLEAN, DATE, DOUBLE, NULL, TIMESTAMP, VARCHAR, DataType
from featurekit.errors import FeatureError
from featurekit.ops import OPERATORS, Gap, bind
from featurekit.ops.casts import WIDENINGS
from featurekit.ops.operator import Operator

ROWS = [pytest.param(row, id=name) for name, row in sorted(OPERATORS.items())]
SURFACES = (
    *("+", "-", "*", "/", "//", "%", "||", "=", "<>", "<", "<=", ">", ">=", "AND", "OR", "NOT"),
    *("NEG", "IS NULL", "IS NOT NULL", "IS DISTINCT FROM", "IS NOT DISTINCT FROM", "IN"),
    *("COALESCE", "NULLIF", "GREATEST", "LEAST", "CONCAT", "ABS", "ROUND", "FLOOR", "CEIL"),
    *("SQRT", "LN", "EXP", "POWER", "SIGN", "LOG10", "LOG2", "LOG1P", "CLIP"),
    *(f"CAST {kind}" for kind in ("BIGINT", "DOUBLE", "DECIMAL", "VARCHAR", "DATE")),
    *("CAST TIMESTAMP", "CAST BOOLEAN"),
)
MONEY = types.decimal(10, 2)


@pytest.mark.parametrize("row", ROWS)
def test_a_row_says_what_it_means(row: Operator) -> None:
    first = row.doc.splitlines()[0]
    assert first.startswith("Return ")
    assert first.endswith(".")


@pytest.mark.parametrize("row", ROWS)
def test_a_row_has_cases_with_a_null_among_them(row: Operator) -> None:
    assert len(row.cases) >= 3
    assert any(None in (*case.arguments, case.expected) for case in row.cases)


@pytest.mark.parametrize("row", ROWS)
def test_a_spelling_speaks_of_its_parameters_only(row: Operator) -> None:
    names = [parameter.name for parameter in row.parameters]
    spelled = row.spelled("duckdb")
    if not isinstance(spelled, Gap):
        places = {place for _, place, _, _ in string.Formatter().parse(spelled) if place}
        assert places <= {*names, "type"}
        said_by_type = {"precision", "scale"} if "type" in places else set()
        assert set(names) - said_by_type <= places
    if not isinstance(row.polars, Gap):
        taken = list(inspect.signature(row.polars).parameters)
        assert len([name for name in taken if name != "result"]) == len(names) + 1


@pytest.mark.parametrize("row", ROWS)
def test_a_body_uses_the_standard_library_only(row: Operator) -> None:
    module = sys.modules[row.body.__module__]
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.Import):
            assert all(alias.name in sys.stdlib_module_names for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            root = (node.module or "").partition(".")[0]
            assert root == "featurekit" or root in sys.stdlib_module_names


@pytest.mark.parametrize("surface", SURFACES)
def test_what_every_part_relies_on_is_there(surface: str) -> None:
    assert any(surface in row.surfaces for row in OPERATORS.values())


@pytest.mark.parametrize(
    ("surface", "arguments", "operator", "answer"),
    [
        ("+", [BIGINT, BIGINT], "add_bigint", BIGINT),
        ("+", [BIGINT, DOUBLE], "add_double", DOUBLE),
        ("+", [BIGINT, MONEY], "add_decimal", types.decimal(22, 2)),
        ("+", [MONEY, DOUBLE], "add_double", DOUBLE),
        ("+", [MONEY, types.decimal(12, 4)], "add_decimal", types.decimal(13, 4)),
        ("*", [MONEY, types.decimal(12, 4)], "multiply_decimal", types.decimal(22, 6)),
        ("/", [BIGINT, BIGINT], "div_double", DOUBLE),
        ("/", [MONEY, MONEY], "div_double", DOUBLE),
        ("//", [BIGINT, BIGINT], "div_trunc_bigint", BIGINT),
        ("=", [BIGINT, DOUBLE], "eq_double", BOOLEAN),
        ("=", [DATE, TIMESTAMP], "eq", BOOLEAN),
        ("COALESCE", [NULL, VARCHAR], "coalesce", VARCHAR),
        ("COALESCE", [BIGINT, DOUBLE], "coalesce", DOUBLE),
        ("GREATEST", [BIGINT, DOUBLE], "greatest_double", DOUBLE),
        ("ROUND", [BIGINT], "round_bigint", BIGINT),
        ("ROUND", [MONEY], "round_decimal", types.decimal(9, 0)),
        ("CAST BIGINT", [BIGINT], "bigint_to_bigint", BIGINT),
        ("CAST TIMESTAMP", [DATE], "date_to_timestamp", TIMESTAMP),
        ("CAST VARCHAR", [MONEY], "decimal_to_text", VARCHAR),
        ("IN", [DOUBLE, BIGINT, NULL], "in_double", BOOLEAN),
    ],
)
def test_a_surface_binds_to_the_overload_of_least_widening(
    surface: str, arguments: list[DataType], operator: str, answer: DataType
) -> None:
    chosen = bind(surface, arguments)
    assert chosen is not None
    assert (chosen.operator.name, chosen.type) == (operator, answer)


@pytest.mark.parametrize(
    ("surface", "arguments"),
    [
        ("+", [VARCHAR, BIGINT]),
        ("=", [VARCHAR, BIGINT]),
        ("AND", [BIGINT, BOOLEAN]),
        ("CAST VARCHAR", [DOUBLE]),
        ("SQRT", [VARCHAR]),
    ],
)
def test_text_never_becomes_a_number_unasked(surface: str, arguments: list[DataType]) -> None:
    assert bind(surface, arguments) is None


def test_a_product_with_more_than_38_places_is_refused() -> None:
    long = types.decimal(38, 20)
    with pytest.raises(FeatureError) as refused:
        bind("*", [long, long])
    assert refused.value.code == "FK127"
    assert "40 decimal places" in refused.value.problem


def test_every_widening_that_needs_no_asking_has_its_operator() -> None:
    kinds = [kind for kind in types.Kind if kind not in {types.Kind.NULL, types.Kind.INTERVAL}]
    for given in kinds:
        for wanted in kinds:
            cost = types.widening_cost(DataType(given, 10, 2), DataType(wanted, 12, 3))
            if cost and not (given == wanted and given is not types.Kind.DECIMAL):
                row = OPERATORS[WIDENINGS[given, wanted]]
                assert row.parameters[0].type is not None
                assert row.parameters[0].type.kind is given


def test_the_second_reading_of_a_clock_that_goes_back_means_the_earlier_instant() -> None:
    """Python marks it (``fold``); no engine's instants carry such a mark."""
    from featurekit.ops.zones import at_time_zone, from_time_zone

    second = dt.datetime(2024, 11, 3, 6, 30, tzinfo=dt.UTC)
    clock = at_time_zone(second, "America/New_York")
    assert clock is not None
    assert from_time_zone(clock, "America/New_York") == second - dt.timedelta(hours=1)
