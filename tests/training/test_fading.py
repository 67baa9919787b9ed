"""Sums that fade, against every value weighted by itself with many digits."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Sequence
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from folded_ranges import ODD

from featurekit.backends.plan import Wanted
from featurekit.datatypes import BIGINT, DOUBLE, TIMESTAMP
from featurekit.ir.definitions import Entity, Field, Source, SourceKind
from featurekit.ir.nodes import Aggregate, AsOf, Column, Literal
from featurekit.ir.view import Feature, Grain, View
from featurekit.ir.windows import EPOCH, MICROSECOND, AllTime, LastRows, Rolling, Window
from featurekit.training import sweeps
from featurekit.training.sets import training_set
from featurekit.training.sources import open_source

SECOND, DAY = 10**6, 86_400 * 10**6
WINDOWS: dict[str, Window] = {
    "all": AllTime(),
    "days": Rolling(30 * DAY, 0),
    "rows": LastRows(5),
}
CUSTOMER = Entity("customer", (Field("customer", BIGINT),))
EVENTS = Source(
    "events",
    SourceKind.EVENTS,
    (Field("customer", BIGINT), Field("at", TIMESTAMP), Field("x", DOUBLE)),
    ("customer",),
    time="at",
)
HALF_LIVES = [1, SECOND, 3_600 * SECOND, 36 * 3_600 * SECOND, 7 * DAY, 40_000 * DAY, 10**7 * DAY]
Row = tuple[int, int, float | None]
"""A customer, microseconds since 1970, and the value."""


def _at(moment: int) -> dt.datetime:
    return EPOCH + moment * MICROSECOND


def _answers(
    rows: Sequence[Row], asked: Sequence[tuple[int, int]], half_life: int
) -> list[dict[str, Any]]:
    """Return what the engine answers over each window."""
    given = (
        Column("events", "x", DOUBLE),
        Column("events", "at", TIMESTAMP),
        AsOf(),
        Literal(half_life, BIGINT),
    )
    features = [
        Feature(name, Aggregate("decay_sum", given, window, type=DOUBLE))
        for name, window in WINDOWS.items()
    ]
    view = View("faded", Grain.ENTITY, tuple(features), EVENTS, (CUSTOMER,))
    kinds = {"customer": pl.Int64, "at": pl.Datetime("us", "UTC"), "x": pl.Float64}
    frame = pl.DataFrame([(c, _at(t), x) for c, t, x in rows], schema=kinds, orient="row")
    spine = pl.DataFrame(
        {"customer": [c for c, _ in asked], "asked_at": [_at(t) for _, t in asked]}
    )
    wanted = [Wanted("faded@1.0", "faded", name, name) for name in WINDOWS]
    data = {"events": open_source(EVENTS, Path(), frame)}
    made = training_set(spine, wanted, {"faded@1.0": view}, data, time="asked_at")
    return made.frame.select(list(WINDOWS)).to_dicts()


def _seen(rows: Sequence[Row], who: int, moment: int, window: Window) -> list[tuple[int, float]]:
    own = sorted((t, x) for c, t, x in rows if c == who and t < moment and x is not None)
    if isinstance(window, Rolling):
        return [(t, x) for t, x in own if t >= moment - window.length]
    return own


def _meant(seen: Sequence[tuple[int, float]], moment: int, half_life: int) -> tuple[float, float]:
    """Return the sum, and that of what is left of the sizes, both as good as exact."""
    with localcontext() as context:
        context.prec = 60
        left = [
            Decimal(x) * Decimal(2) ** -(Decimal(moment - t) / half_life)
            for t, x in seen
            if moment - t < 1000 * half_life
        ]
        return float(sum(left)), float(sum(map(abs, left)))


def _history(chance: random.Random, half_life: int) -> tuple[list[Row], list[tuple[int, int]]]:
    """Return rows of three customers, some of which nearly cancel, and questions about them."""
    reach = min(half_life * 300, 20_000 * DAY)
    begin = chance.randrange(-10_000 * DAY, 10_000 * DAY)
    times = [begin + chance.randrange(reach) for _ in range(60)]
    rows: list[Row] = []
    for number, at in enumerate(times):
        x = chance.choice([chance.gauss(0, 1), 1e9 + number, float(number), 10.0 ** -(number // 2)])
        rows += [(number % 3, at, x), (number % 3, at + chance.randrange(3), -x * (1 + 1e-12))]
    asked = [(number % 3, at + chance.randrange(reach)) for number, at in enumerate(times)]
    return rows, asked


@pytest.mark.parametrize("half_life", HALF_LIVES)
@pytest.mark.parametrize("seed", range(3))
def test_answers_are_within_a_small_share_of_what_is_left_of_sizes(
    half_life: int, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311  the same rows every time
    rows, asked = _history(chance, half_life)
    for (who, moment), found in zip(asked, _answers(rows, asked, half_life), strict=True):
        for name in ("all", "days"):
            seen = _seen(rows, who, moment, WINDOWS[name])
            meant, size = _meant(seen, moment, half_life)
            if not seen:
                assert found[name] is None
                continue
            assert abs(found[name] - meant) <= 1e-12 * size + 1e-280, (name, found[name], meant)


@pytest.mark.parametrize("half_life", HALF_LIVES)
def test_answers_have_the_same_bits_alone_and_in_compiled_loops(
    half_life: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, asked = _history(random.Random(5), half_life)  # noqa: S311  the same rows every time
    whole = _answers(rows, asked, half_life)
    for who in range(3):
        own = [row for row in rows if row[0] == who]
        alone = _answers(own, [one for one in asked if one[0] == who], half_life)
        assert alone == [a for (c, _), a in zip(asked, whole, strict=True) if c == who]
    monkeypatch.setattr(sweeps, "LEAST", 0)
    assert _answers(rows, asked, half_life) == whole


def test_what_is_a_thousand_half_lives_old_weighs_nothing_unless_it_is_not_finite() -> None:
    now = 2_000 * SECOND
    old = [(1, 0, 1e300), (2, 0, math.inf), (3, 0, math.inf), (3, now - 1, -math.inf)]
    rows = [*old, (4, now - 1000 * SECOND, 1.0), (5, now - 1000 * SECOND + 1, 1e300), (6, 0, None)]
    found = [row["all"] for row in _answers(rows, [(c, now) for c in range(1, 8)], SECOND)]
    assert found[:2] == [0.0, math.inf]
    assert math.isnan(found[2])
    assert (found[3], found[5], found[6]) == (0.0, None, None)
    assert found[4] == pytest.approx(1e300 * 2.0**-999.999999)


@pytest.mark.parametrize("odd", ODD)
def test_values_that_are_not_finite_do_not_fade(odd: float | None) -> None:
    rows = [(1, 0, odd), (1, DAY, 2.0)]
    (found,) = _answers(rows, [(1, 2 * DAY)], DAY)
    assert repr(found["all"]) == repr(1.0 if odd is None else odd)
