"""The data that ``bench_training.py`` asks of, and whether answers are right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from training_case import COLUMNS, DAY, WINDOWS, Case

_BEGIN = 1_704_067_200  # 2024
_TS = pl.Datetime("us", "UTC")
_BOUND = 1e-12
"""How far answers may differ, as a share of their size: the last digits of a mean."""


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
    folder.mkdir(parents=True, exist_ok=True)
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


def wrong(folder: Path, case: Case, answers: pl.DataFrame, count: int = 60) -> list[str]:
    """Return the columns in which ``answers`` are not what plain Python answers, exactly.

    ``count`` questions are drawn; their windows are read row by row, sums are whole quarters.
    """
    spine = pl.read_parquet(folder / "spine.parquet")
    spine = spine.sample(min(count, len(spine)), seed=5)
    events = pl.scan_parquet(folder / "events.parquet").sort("ts")
    own = events.filter(pl.col("entity").is_in(spine["entity"].unique().to_list())).collect()
    parts = {key[0]: rows for key, rows in own.partition_by("entity", as_dict=True).items()}
    found: set[str] = set()
    told = {row["id"]: row for row in answers.join(spine.select("id"), on="id").to_dicts()}
    for asked in spine.to_dicts():
        rows = parts.get(asked["entity"], own.head(0))
        at, times = int(asked["ts"].timestamp()), rows["ts"].dt.epoch("s").to_list()
        seen = {c: list(zip(times, rows[c].to_list(), strict=True)) for c in case.columns}
        made = told[asked["id"]]
        if not case.aggregates:
            young = [v for t, v in seen["v0"] if at - DAY <= t < at]
            found |= {"v0"} if _plain(made["v0"]) != (young[-1] if young else None) else set()
        for name, function, column, window in case.aggregates:
            inside = [v for t, v in seen[column] if at - WINDOWS[window] <= t < at]
            if (_plain(made[name]) or 0) != (_meant(function, inside) or 0):
                found.add(name)
    return sorted(found)


def _meant(function: str, values: list[float]) -> float | None:
    if function == "count" or not values:
        return len(values) if function == "count" else None
    quarters = sum(int(4 * value) for value in values)
    exact = {"sum": quarters / 4, "avg": quarters / (4 * len(values))}
    return max(values) if function == "max" else exact[function]


def _plain(value: float | None) -> float | None:
    return None if value is None or value != value else value  # noqa: PLR0124  NaN


def differences(case: Case, one: pl.DataFrame, other: pl.DataFrame) -> list[str]:
    """Return the columns in which two answers differ by more than 1e-12 of their size."""
    one, other = one.sort("id"), other.sort("id")
    if not one["id"].equals(other["id"].cast(one.schema["id"])):
        return [f"id ({len(one):,} and {len(other):,} rows)"]
    found = []
    for name in [a[0] for a in case.aggregates] or ["v0"]:
        a, b = (f[name].cast(pl.Float64).fill_nan(None) for f in (one, other))
        if name.startswith("count"):
            a, b = a.fill_null(0.0), b.fill_null(0.0)
        near = ((a - b).abs() <= _BOUND * a.abs().clip(1.0)).fill_null(value=False)
        if not (near | (a.is_null() & b.is_null())).all():
            found.append(name)
    return found
