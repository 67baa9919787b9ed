"""What ``bench_training.py`` asks, and the data it asks it of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

DAY = 86_400
WINDOWS = {"1d": DAY, "7d": 7 * DAY, "30d": 30 * DAY}
COLUMNS = ("v0", "v1", "v2", "v3")
_BEGIN = 1_704_067_200  # 2024
_TS = pl.Datetime("us", "UTC")


@dataclass(frozen=True)
class Case:
    """Aggregates ``(name, function, column, window)``; none: the as-of look-up of one column."""

    name: str
    aggregates: tuple[tuple[str, str, str, str], ...]

    @property
    def columns(self) -> list[str]:
        return sorted({column for _, _, column, _ in self.aggregates}) or ["v0"]


def case(name: str) -> Case:
    """Return ``asof``, ``a3``, ``a12`` or ``a48``."""
    columns = {"a48": COLUMNS}.get(name, ("v0",))
    functions = {"asof": (), "a3": ("sum",)}.get(name, ("sum", "count", "avg", "max"))
    made = [(f"{f}_{c}_{w}", f, c, w) for c in columns for w in WINDOWS for f in functions]
    return Case(name, tuple(made))


def write(folder: Path, events: int, entities: int, asked: int, skew: float) -> None:
    """Write ``events.parquet`` (in order of time) and ``spine.parquet`` (in no order).

    Values are quarters, so that every way of adding them up gives one answer; no entity has two
    events in one second. One spine row in a hundred lies on an event or a window's edge.
    """
    rng = np.random.default_rng(11)
    share = None
    if skew:
        share = 1 / np.arange(1, entities + 1) ** skew
        share /= share.sum()
    drawn = int(events * (1.052 if skew else 1.002))
    owner = rng.choice(entities, size=drawn, p=share).astype(np.int64)
    second = rng.integers(0, 90 * DAY, size=drawn)
    key = np.unique(owner * 2**24 + second)
    rng.shuffle(key)
    key = key[:events]
    owner, second = key >> 24, key & (2**24 - 1)
    order = np.argsort(second, kind="stable")
    owner, second = owner[order], second[order]
    values = {c: np.round(rng.lognormal(3, 1, size=len(key)) * 4) / 4 for c in COLUMNS}
    frame = pl.DataFrame({"entity": owner, "ts": second, **values})
    frame = frame.with_columns(_moments("ts"))
    frame.write_parquet(folder / "events.parquet", row_group_size=500_000)
    entity = rng.choice(entities, size=asked, p=share).astype(np.int64)
    moment = rng.integers(30 * DAY, 90 * DAY, size=asked)
    some, at = asked // 100, rng.integers(0, len(key), size=asked // 100)
    edge = second[at] + rng.choice([0, DAY, 7 * DAY, 30 * DAY], size=some)
    inside = edge < 90 * DAY
    entity[:some][inside], moment[:some][inside] = owner[at][inside], edge[inside]
    order = rng.permutation(asked)
    spine = pl.DataFrame({"id": np.arange(asked), "entity": entity[order], "ts": moment[order]})
    spine.with_columns(_moments("ts")).write_parquet(folder / "spine.parquet")


def _moments(name: str) -> pl.Expr:
    return ((pl.col(name) + _BEGIN) * 1_000_000).cast(_TS)


def differences(case: Case, one: pl.DataFrame, other: pl.DataFrame) -> list[str]:
    """Return the columns in which two answers differ by more than 1e-12 of their size."""
    one, other = one.sort("id"), other.sort("id")
    if not one["id"].equals(other["id"]):
        return ["id"]
    found = []
    for name in [a[0] for a in case.aggregates] or ["v0"]:
        a, b = (f[name].cast(pl.Float64).fill_nan(None) for f in (one, other))
        if name.startswith("count"):
            a, b = a.fill_null(0.0), b.fill_null(0.0)
        near = ((a - b).abs() <= 1e-12 * a.abs().clip(1.0)).fill_null(value=False)
        if not (near | (a.is_null() & b.is_null())).all():
            found.append(name)
    return found
