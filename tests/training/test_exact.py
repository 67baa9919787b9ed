"""Sums and spreads are functions of the rows in a range: exact, and rounded once."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from folded_ranges import ODD, WILD, advancing, folded
from hypothesis import given, settings
from hypothesis import strategies as st

from featurekit.ops import AGGREGATES
from featurekit.ops.bounds import agree, compared
from featurekit.training import sweeps
from featurekit.training.rounding import Wide, nearest, spread

DRAWS: dict[str, Callable[[random.Random], float]] = {
    "cents": lambda chance: chance.randrange(-(10**6), 10**6) / 100,
    "whole": lambda chance: float(chance.randrange(-50, 50)),
    "normal": lambda chance: chance.gauss(0, 1),
    "close": lambda chance: chance.gauss(1e9, 1e-3),
    "scales": lambda chance: chance.gauss(0, 1) * 10.0 ** chance.randrange(-30, 30),
    "wild": lambda chance: chance.choice([*WILD, 1e140, -1e140, 5e-200]),
}
SPREADS = ["var_pop", "var_samp", "stddev_pop", "stddev_samp", "covar_pop", "covar_samp", "corr"]
DAY = dt.timedelta(days=1)
START = dt.datetime(2024, 3, 1, tzinfo=dt.UTC)


@pytest.fixture(params=["polars", "numba"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "LEAST", 0 if request.param == "numba" else 10**9)


def _exactly(values: Sequence[float]) -> float | None:
    if not values:
        return None
    try:
        return float(sum(map(Fraction, values), Fraction()))
    except OverflowError:
        return math.inf if sum(map(Fraction, values)) > 0 else -math.inf


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize("seed", range(3))
def test_a_sum_is_the_double_nearest_to_the_exact_one(draw: str, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  the same rows every time
    values = [DRAWS[draw](chance) for _ in range(70)]
    ranges = advancing(70, 60, chance)
    for (a, b), found in zip(ranges, folded("sum_double", [values], ranges), strict=True):
        assert found == _exactly(values[a:b]), (a, b)


@pytest.mark.usefixtures("engine")
@settings(max_examples=100, deadline=None, database=None, derandomize=True)
@given(
    values=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=30),
    length=st.integers(1, 30),
)
def test_any_doubles_add_up_exactly(values: list[float], length: int) -> None:
    ranges = [(max(end - length, 0), end) for end in range(1, len(values) + 1)]
    for (a, b), found in zip(ranges, folded("sum_double", [values], ranges), strict=True):
        assert found == _exactly(values[a:b])


@pytest.mark.usefixtures("engine")
def test_what_is_small_beside_others_is_not_lost() -> None:
    values = [1e300, 1e-116, 5e-324, -5e-324, -1e-200, 1.7e308]
    ranges = [(a, b) for a in range(6) for b in range(a, 7)]
    for (a, b), found in zip(ranges, folded("sum_double", [values], ranges), strict=True):
        assert found == _exactly(values[a:b]), (a, b)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("draw", [name for name in DRAWS if name != "wild"])
def test_a_variance_is_the_exact_one_rounded_twice(draw: str) -> None:
    chance = random.Random(4)  # noqa: S311  the same rows every time
    values = [DRAWS[draw](chance) for _ in range(70)]
    ranges = advancing(70, 60, chance)
    for (a, b), found in zip(ranges, folded("var_pop", [values], ranges), strict=True):
        exact, n = list(map(Fraction, values[a:b])), b - a
        if n <= 0:
            assert found is None
            continue
        times = n * sum(x * x for x in exact) - sum(exact) ** 2
        assert found == float(times) / n / n, (a, b)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("name", SPREADS)
@pytest.mark.parametrize("draw", DRAWS)
def test_spreads_are_what_the_meaning_folds(name: str, draw: str) -> None:
    chance = random.Random(9)  # noqa: S311  the same rows every time
    row, many = AGGREGATES[name], 50
    for odd in ([], ODD):
        drawn = [
            [chance.choice([*odd, *[DRAWS[draw](chance)] * 9]) for _ in range(many)] for _ in "xy"
        ]
        columns = drawn[: len(row.parameters)]
        ranges = advancing(many, 40, chance)
        for (a, b), found in zip(ranges, folded(name, columns, ranges), strict=True):
            rows = list(zip(*(column[a:b] for column in columns), strict=True))
            meant = row.fold(rows)
            assert agree(row.bound, compared(row, rows), found, meant), (a, b, found, meant)


def _columns(name: str, draw: str, chance: random.Random, many: int) -> tuple[list[Any], list[Any]]:
    """Return the arguments of an aggregate, and their types."""
    count = len(AGGREGATES[name].parameters)
    values: list[Any] = [[DRAWS[draw](chance) for _ in range(many)] for _ in range(count)]
    if name != "slope":
        return values, [pl.Float64] * count
    times = sorted(START + chance.random() * 900 * DAY for _ in range(many))
    return [values[0], times], [pl.Float64, pl.Datetime("us", "UTC")]


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize("name", ["sum_double", "avg_double", *SPREADS, "slope"])
def test_an_answer_depends_on_the_rows_of_its_range_alone(
    name: str, draw: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other rows lie before and behind, of other sizes; rows lie in another order; with numba."""
    chance = random.Random(11)  # noqa: S311  the same rows every time
    columns, kinds = _columns(name, draw, chance, 40)
    ranges = [tuple(sorted(chance.randrange(41) for _ in range(2))) for _ in range(30)]
    alone = list(map(repr, folded(name, columns, ranges, kinds)))
    rest = [[0.1, 1e120, 3e-120, 7.0], [START, START - 9999 * DAY, START + DAY / 7, START]]
    around = [rest[kind != pl.Float64] for kind in kinds]
    wider = [[*more, *own, *more[:2]] for more, own in zip(around, columns, strict=True)]
    moved = [(a + 4, b + 4) for a, b in ranges]
    for least in (10**9, 0):
        monkeypatch.setattr(sweeps, "LEAST", least)
        assert list(map(repr, folded(name, wider, moved, kinds))) == alone
    for (a, b), meant in list(zip(ranges, alone, strict=True))[:4]:
        order = chance.sample(range(a, b), b - a)
        mixed = [[column[at] for at in order] for column in columns]
        assert repr(folded(name, mixed, [(0, b - a)], kinds)[0]) == meant


def test_what_is_alike_does_not_vary() -> None:
    """However many equal values there are, and whatever they are: nothing is left."""
    for value in (0.1, 1e9 / 7, 1e-200, 3.3e140):
        values, ranges = [value] * 100, [(a, 100) for a in range(0, 99, 7)]
        assert set(folded("stddev_samp", [values], ranges)) == {0.0}
        others = [float(n) for n in range(100)]
        assert set(folded("corr", [values, others], ranges)) == {None}


@pytest.mark.parametrize("size", [3, 60, 90, 126, 127, 190, 400])
def test_whole_numbers_of_any_size_are_rounded_to_the_nearest_double(size: int) -> None:
    chance = random.Random(size)  # noqa: S311  the same numbers every time
    numbers = [chance.getrandbits(size) * chance.choice([1, -1]) for _ in range(300)]
    halves = [2**size + 2 ** (size - 54) * k for k in range(8)] if size > 60 else []
    numbers += [0, 1, -1, *halves, *(n + d for n in halves for d in (-1, 1)), *(-n for n in halves)]
    bits, size = 30, size + 1
    digits = []
    rest = numbers
    for _ in range(size // bits + 1):
        digits.append(pl.Series([n % 2**bits for n in rest], dtype=pl.Int64))
        rest = [n // 2**bits for n in rest]
    digits[-1] = digits[-1] + pl.Series(rest, dtype=pl.Int64) * 2**bits
    assert nearest(Wide(digits, bits, size), 0).to_list() == list(map(float, numbers))


def test_what_products_come_to_may_be_negative() -> None:
    one = Wide([pl.Series([3, -3])], 20, 3)
    both = Wide([pl.Series([1, 1])], 20, 2)
    assert spread(both, pl.Series([2, 2]), one, one).whole().to_list() == [-7, -7]
