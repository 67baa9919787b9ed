"""Ranges that are swept over, against the same ranges added up or searched row by row."""

from __future__ import annotations

import itertools
import math
import random
import sys
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from featurekit.ops import AGGREGATES, Lift
from featurekit.ops.bounds import agree
from featurekit.training import sweeps
from featurekit.training.folding import Singles, fold
from featurekit.training.history import History, Questions
from featurekit.training.quantiles import Ranks
from featurekit.training.sight import Sight, Span

_WILD = [0.1, -0.1, 1e16, -1e16, 1e300, -1e300, 1e-300, 5e-324, 0.0, -0.0, 3.7, 2.0**-60]
_ODD = [math.inf, -math.inf, math.nan, None]


def folded(
    name: str, values: Sequence[Any], ranges: Sequence[tuple[int, int]], kind: Any = pl.Float64
) -> list[Any]:
    """Return the answers of an aggregate over ranges of ``values``."""
    lift = AGGREGATES[name].lift
    assert isinstance(lift, Lift)
    rows = pl.DataFrame({"0": pl.Series(values, dtype=kind)})
    low, high = (pl.Series([r[i] for r in ranges], dtype=pl.Int64) for i in (0, 1))
    (found,) = fold(Singles(lift, rows, lift.start(pl, pl.col("0"))), [(low, high)])
    return (
        found.select(lift.result(pl, {n: pl.col(n) for n in found.columns})).to_series().to_list()
    )


def advancing(size: int, count: int, chance: random.Random) -> list[tuple[int, int]]:
    """Return ranges whose ends advance, as those of one window do, with a few that go back."""
    low = sorted(chance.randrange(size + 1) for _ in range(count))
    made = [(a, min(a + chance.randrange(12), size)) for a in low]
    made = [(a, max(b, made[max(i - 1, 0)][1])) for i, (a, b) in enumerate(made)]
    return [*made, *(pair for pair in ((3, 9), (0, size), (5, 5), (7, 2), (0, 1)))]


@pytest.mark.parametrize(
    "name", ["sum_double", "avg_double", "min_double", "max_double", "var_pop", "stddev_samp"]
)
@pytest.mark.parametrize("seed", range(20))
def test_doubles_are_folded_as_the_meaning_folds_them(
    name: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)  # noqa: S311  the same rows every time
    values = chance.choices(_WILD + (_ODD if seed % 2 else []), k=60)
    ranges = advancing(60, 200, chance)
    blocks = folded(name, values, ranges)
    monkeypatch.setattr(sweeps, "LEAST", 0)
    row = AGGREGATES[name]
    for (a, b), swept, merged in zip(ranges, folded(name, values, ranges), blocks, strict=True):
        meant = row.fold([(v,) for v in values[a:b]])
        assert agree(row.bound, values[a:b], swept, meant), (a, b, swept, meant)
        assert agree(row.bound, values[a:b], swept, merged)


@settings(max_examples=150, deadline=None, database=None, derandomize=True)
@given(
    values=st.lists(
        st.floats(-1e12, 1e12) | st.sampled_from([1e100, -1e100, 1e-200]), min_size=1, max_size=60
    ),
    length=st.integers(1, 30),
)
def test_what_has_left_leaves_no_trace_in_a_sum(values: list[float], length: int) -> None:
    """Every sum is the exact one but for its last digit, whatever was in the window before."""
    ranges = [(max(end - length, 0), end) for end in range(1, len(values) + 1)]
    least, sweeps.LEAST = sweeps.LEAST, 0
    try:
        found = folded("sum_double", values, ranges)
    finally:
        sweeps.LEAST = least
    for (a, b), total in zip(ranges, found, strict=True):
        exact = sum(map(Fraction, values[a:b]), Fraction())
        size = sum(map(abs, map(Fraction, values[a:b])), Fraction())
        assert abs(Fraction(total) - exact) <= abs(exact) * Fraction(2) ** -52 + size / 10**28


@pytest.mark.parametrize("name", ["min", "max"])
@pytest.mark.parametrize("kind", [pl.Int64, pl.Date, pl.Datetime("us", "UTC")])
def test_extremes_keep_their_type(name: str, kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(5)  # noqa: S311  the same rows every time
    numbers = [None, -3, 0, 4, 17] + ([2**63 - 1, -(2**63)] if kind == pl.Int64 else [])
    values = pl.Series(chance.choices(numbers, k=50), dtype=pl.Int64).cast(kind).to_list()
    ranges = advancing(50, 100, chance)
    monkeypatch.setattr(sweeps, "LEAST", 0)
    row = AGGREGATES[name]
    for (a, b), found in zip(ranges, folded(name, values, ranges, kind), strict=True):
        assert found == row.fold([(v,) for v in values[a:b]])


def test_ranges_are_swept_over_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sizes around the number of pieces, and a queue that is moved to its beginning."""
    values = [float(-n % 7) for n in range(400)]
    monkeypatch.setattr(sweeps, "LEAST", 0)
    for count in (0, 1, 2, 7, 8, 9, 300):
        ranges = [(n, n + 5) for n in range(count)]
        assert folded("max_double", values, ranges) == [max(values[a:b]) for a, b in ranges]
        assert folded("sum_double", values, ranges) == [sum(values[a:b]) for a, b in ranges]


def test_without_numba_nothing_is_swept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "LEAST", 0)
    monkeypatch.setitem(sys.modules, "numba", None)
    assert not sweeps.worth(10**9)
    assert folded("sum_double", [1.0, 2.0], [(0, 2)]) == [3.0]


@pytest.mark.parametrize("missing", [0, 1])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 1.0])
def test_quantiles_of_moving_windows_are_those_of_their_rows(share: float, missing: int) -> None:
    chance = random.Random(7)  # noqa: S311  the same rows every time
    sizes = [0, 1, 40, 7, 90]
    begins = list(itertools.accumulate([0, *sizes]))
    values = chance.choices([*_WILD, math.inf, -math.inf, math.nan, *[None] * missing], k=138)
    times = [t for size in sizes for t in range(size)]
    history = History(pl.DataFrame(), *(pl.Series(x) for x in (begins, times, times)))
    asked = [(c, low, high) for c, size in enumerate(sizes)
             for low, high in advancing(max(size, 1), 30, chance) if high <= size]  # fmt: skip
    code = pl.Series([c for c, *_ in asked], dtype=pl.UInt32)
    low, high = (pl.Series([begins[c] + ends[i] for c, *ends in asked]) for i in (0, 1))
    questions = Questions(pl.DataFrame(), code, low, low, complete=True)
    ranks = Ranks(Sight(history, questions), pl.Series(values, dtype=pl.Float64))
    found = ranks.quantile(Span(low, high, high), share).to_list()
    for (a, b), answer in zip(zip(low, high, strict=True), found, strict=True):
        rows = [(value, share) for value in values[a:b] if value is not None]
        assert repr(answer) == repr(AGGREGATES["quantile_cont"].fold(rows)), (a, b)
