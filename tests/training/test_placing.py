"""Rows are put in order, and moments found among them, alike with numba and without."""

from __future__ import annotations

import random

import polars as pl
import pytest

from featurekit.datatypes import BIGINT
from featurekit.ir.definitions import Field
from featurekit.training import sweeps
from featurekit.training.history import History
from featurekit.training.placing import Line, Order, codes_at, codes_of, entities_of

_CODES = 7


def _rows(seed: int, size: int, kind: str) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Return code (``_CODES``: nobody's), time and a value of each row, in several pieces."""
    chance = random.Random(seed)  # noqa: S311  the same rows every time
    code = [min(chance.randrange(3 * _CODES), _CODES) % (_CODES + 1) for _ in range(size)]
    time = [chance.randrange(-50, 50) for _ in range(size)]
    if kind == "log":
        time.sort()
    if kind == "by entity":
        code, time = map(list, zip(*sorted(zip(code, time, strict=True)), strict=True))
    value = pl.concat([pl.Series(range(size // 2)), pl.Series(range(size // 2, size))])
    return pl.Series(code, dtype=pl.UInt32), pl.Series(time, dtype=pl.Int64), value


@pytest.mark.parametrize("kind", ["log", "by entity", "random"])
@pytest.mark.parametrize("seed", range(8))
def test_rows_are_ordered_by_entity_then_time_then_as_they_lie(
    kind: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, time, value = _rows(seed, 40 + 60 * seed, kind)
    meant = sorted(
        (c, t, row)
        for row, (c, t) in enumerate(zip(code.to_list(), time.to_list(), strict=True))
        if c < _CODES
    )
    for least in (sweeps.LEAST, 0):
        monkeypatch.setattr(sweeps, "LEAST", least)
        found = Order(code, time, _CODES)
        assert found.time.to_list() == [t for _, t, _ in meant]
        assert found.rows.to_list() == [row for *_, row in meant]
        assert codes_at(found.begins).to_list() == [c for c, *_ in meant]
        for column in (value, value.cast(pl.String), value.cast(pl.Datetime("us", "UTC"))):
            assert found.laid(column).equals(column.gather([row for *_, row in meant]))


@pytest.mark.parametrize("seed", range(8))
def test_moments_are_found_among_the_rows_of_their_entity(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, time, _ = _rows(seed, 300, "log")
    order = Order(code, time, _CODES)
    asked, moment, _ = _rows(seed + 100, 200, "by entity" if seed % 2 else "random")
    asked = asked.clip(0, _CODES - 1)
    starts, times = order.begins.to_list(), order.time.to_list()
    meant = [
        starts[c] + sum(t < m for t in times[starts[c] : starts[c + 1]])
        for c, m in zip(asked.to_list(), moment.to_list(), strict=True)
    ]
    known = (order.time + 3 * (order.time % 7)).alias("known")
    kept = order.time % 3 > 0
    history = History(pl.DataFrame([known]), order.begins, order.time, known)
    latest = [
        max(known[starts[c] : row + 1]) for row, c in enumerate(codes_at(order.begins).to_list())
    ]
    for least in (sweeps.LEAST, 0):
        monkeypatch.setattr(sweeps, "LEAST", least)
        assert Line(order.begins, order.time).before(asked, moment).to_list() == meant
        assert history.known_by.to_list() == latest
        some = history.only(kept)
        assert some.code.to_list() == history.code.filter(kept).to_list()
        assert some.time.to_list() == order.time.filter(kept).to_list()


@pytest.mark.parametrize("spread", [1, 1_000])
@pytest.mark.parametrize("missing", [0, 1])
def test_keys_that_nobody_asks_about_are_nobodys(
    spread: int, missing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    entities = entities_of(
        pl.DataFrame({"key": pl.Series([5, 3, 3, None, 9], dtype=pl.Int64) * spread}),
        [Field("key", BIGINT)],
    )
    keys = [3, 4, 9, 5, 10, 2, 3, -(2**62) // spread, *[None] * missing]
    rows = pl.DataFrame({"key": pl.Series(keys, dtype=pl.Int64) * spread})
    for least in (sweeps.LEAST, 0):
        monkeypatch.setattr(sweeps, "LEAST", least)
        assert codes_of(rows, entities).to_list() == [0, 3, 2, 1, 3, 3, 0, 3, *[3] * missing]
