"""Ranges that are swept over, against the same ranges added up or searched row by row."""

from __future__ import annotations

import itertools
import math
import random
import sys
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from folded_ranges import ODD, WILD, advancing, folded

from featurekit.ops import AGGREGATES
from featurekit.ops.bounds import agree
from featurekit.training import folding, sweeps
from featurekit.training.history import History, Questions
from featurekit.training.quantiles import Ranks
from featurekit.training.sight import Sight, Span


@pytest.mark.parametrize(
    "name", ["sum_double", "avg_double", "min_double", "max_double", "var_pop", "stddev_samp"]
)
@pytest.mark.parametrize("seed", range(20))
def test_doubles_are_folded_as_the_meaning_folds_them(
    name: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)  # noqa: S311  the same rows every time
    values = chance.choices(WILD + (ODD if seed % 2 else []), k=60)
    ranges = advancing(60, 200, chance)
    blocks = folded(name, [values], ranges)
    monkeypatch.setattr(sweeps, "LEAST", 0)
    row = AGGREGATES[name]
    for (a, b), swept, merged in zip(ranges, folded(name, [values], ranges), blocks, strict=True):
        meant = row.fold([(v,) for v in values[a:b]])
        assert agree(row.bound, values[a:b], swept, meant), (a, b, swept, meant)
        assert agree(row.bound, values[a:b], swept, merged)


@pytest.mark.parametrize("name", ["min", "max"])
@pytest.mark.parametrize("kind", [pl.Int64, pl.Date, pl.Datetime("us", "UTC")])
def test_extremes_keep_their_type(name: str, kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(5)  # noqa: S311  the same rows every time
    numbers = [None, -3, 0, 4, 17] + ([2**63 - 1, -(2**63)] if kind == pl.Int64 else [])
    values = pl.Series(chance.choices(numbers, k=50), dtype=pl.Int64).cast(kind).to_list()
    ranges = advancing(50, 100, chance)
    monkeypatch.setattr(sweeps, "LEAST", 0)
    row = AGGREGATES[name]
    for (a, b), found in zip(ranges, folded(name, [values], ranges, [kind]), strict=True):
        assert found == row.fold([(v,) for v in values[a:b]])


@pytest.mark.parametrize("name", ["min", "max"])
@pytest.mark.parametrize(
    ("kind", "some"),
    [
        (pl.String, ["", "a", "A", "ab", "\u00df", "z\U0001f600", "\uffff", None]),
        (pl.Decimal(38, 2), [*map(Decimal, ("0.10", "-3.05", "9e35", "-9e35", "7.00")), None]),
    ],
)
def test_extremes_of_texts_and_decimals_are_swept_over(
    name: str, kind: Any, some: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(6)  # noqa: S311  the same rows every time
    values = chance.choices(some, k=60)
    ranges = advancing(60, 100, chance)
    blocks = folded(name, [values], ranges, [kind])
    monkeypatch.setattr(sweeps, "LEAST", 0)
    monkeypatch.setattr(folding, "_by_blocks", None)
    found = folded(name, [values], ranges, [kind])
    assert (
        found == blocks == [AGGREGATES[name].fold([(v,) for v in values[a:b]]) for a, b in ranges]
    )
    nothing = folded(name, [[None] * 3], [(0, 3)], [kind])
    assert nothing == [None]


def test_ranges_are_swept_over_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sizes around the number of pieces, and a queue that is moved to its beginning."""
    values = [float(-n % 7) for n in range(400)]
    monkeypatch.setattr(sweeps, "LEAST", 0)
    for count in (0, 1, 2, 7, 8, 9, 300):
        ranges = [(n, n + 5) for n in range(count)]
        assert folded("max_double", [values], ranges) == [max(values[a:b]) for a, b in ranges]
        assert folded("sum_double", [values], ranges) == [sum(values[a:b]) for a, b in ranges]


def test_without_numba_nothing_is_swept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "LEAST", 0)
    monkeypatch.setitem(sys.modules, "numba", None)
    assert not sweeps.worth(10**9)
    assert folded("sum_double", [[1.0, 2.0]], [(0, 2)]) == [3.0]


@pytest.mark.parametrize("missing", [0, 1])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 1.0])
def test_quantiles_of_moving_windows_are_those_of_their_rows(share: float, missing: int) -> None:
    chance = random.Random(7)  # noqa: S311  the same rows every time
    sizes = [0, 1, 40, 7, 90]
    begins = list(itertools.accumulate([0, *sizes]))
    values = chance.choices([*WILD, math.inf, -math.inf, math.nan, *[None] * missing], k=138)
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
