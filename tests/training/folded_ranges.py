"""Aggregates over ranges of rows, as the training engine folds them."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

import polars as pl

from featurekit.ops import AGGREGATES, Gap, Moments
from featurekit.training.exact import laid_out
from featurekit.training.folding import Singles, fold

WILD = [0.1, -0.1, 1e16, -1e16, 1e300, -1e300, 1e-300, 5e-324, 0.0, -0.0, 3.7, 2.0**-60]
ODD = [math.inf, -math.inf, math.nan, None]


def folded(
    name: str,
    values: Sequence[Sequence[Any]],
    ranges: Sequence[tuple[int, int]],
    kinds: Sequence[Any] = (),
) -> list[Any]:
    """Return the answers of an aggregate over ranges of rows; ``values`` are its arguments."""
    lift = AGGREGATES[name].lift
    assert not isinstance(lift, Gap)
    made = zip(values, kinds or [pl.Float64] * len(values), strict=True)
    rows = pl.DataFrame([pl.Series(str(n), v, dtype=kind) for n, (v, kind) in enumerate(made)])
    arguments = [pl.col(column) for column in rows.columns]
    low, high = (pl.Series([r[i] for r in ranges], dtype=pl.Int64) for i in (0, 1))
    if isinstance(lift, Moments):
        longest = max((b - a for a, b in ranges), default=0)
        layout, (digits,) = laid_out(lift, arguments, [rows], max(longest, 0) + 1)
        (states,) = fold(Singles(layout.lift, digits, layout.lift.start(pl)), [(low, high)])
        found = layout.rounded(states)
    else:
        (found,) = fold(Singles(lift, rows, lift.start(pl, *arguments)), [(low, high)])
    return (
        found.select(lift.result(pl, {n: pl.col(n) for n in found.columns})).to_series().to_list()
    )


def advancing(size: int, count: int, chance: random.Random) -> list[tuple[int, int]]:
    """Return ranges whose ends advance, as those of one window do, with a few that go back."""
    low = sorted(chance.randrange(size + 1) for _ in range(count))
    made = [(a, min(a + chance.randrange(12), size)) for a in low]
    made = [(a, max(b, made[max(i - 1, 0)][1])) for i, (a, b) in enumerate(made)]
    return [*made, *(pair for pair in ((3, 9), (0, size), (5, 5), (7, 2), (0, 1)))]
