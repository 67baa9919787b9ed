"""How long a training set takes: 100,000 questions, 20 features, 336,776 flights known late.

Run: PYTHONPATH=. python tests/benchmarks/training_sets.py [--distinct | --all]
Prints seconds for each step, medians of three rounds, as ratios to one polars sort of the events.
With --all: every flight is a question, 40 features at once.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import polars as pl

from featurekit.backends.plan import Wanted
from featurekit.datatypes import BIGINT, DOUBLE, VARCHAR
from featurekit.ir.definitions import Entity, Field, Source, SourceKind
from featurekit.ir.nodes import Aggregate, Column
from featurekit.ir.view import Feature, Grain, View
from featurekit.ir.windows import parse_window
from featurekit.training.sets import training_set
from featurekit.training.sources import SourceData, describe, open_source

ROOT = Path(__file__).parents[2] / "notebooks" / "data"
NUMBERS = {"arr_delay", "dep_delay", "air_time", "flight"}


def _feature(name: str, function: str, column: str | None, window: str) -> Feature:
    found = parse_window(window)
    assert found is not None
    arguments = (Column("flights", column, DOUBLE),) if column else ()
    kind = BIGINT if function.startswith("count") else DOUBLE
    return Feature(name, Aggregate(function, arguments, found, type=kind))


def views(*, distinct: bool) -> dict[str, View]:
    """Return one view of 20 features by carrier, and one by tail number."""
    carrier = Entity("carrier", (Field("carrier", VARCHAR),))
    plane = Entity("plane", (Field("tailnum", VARCHAR),))
    source = describe(
        Source(
            "flights", SourceKind.EVENTS, (), ("carrier",), "sched_dep", "landed_at", "flight_id"
        ),
        "flights.parquet",
        root=ROOT,
        entities={"carrier": carrier},
    )
    fields = [replace(f, type=DOUBLE) if f.name in NUMBERS else f for f in source.fields]
    source = replace(source, fields=tuple(fields))
    features = [
        _feature(f"{function}_{column}_{window}", function, column, window)
        for window in ("last_1d", "last_7d", "last_30d", "calendar_7d")
        for function, column in (
            ("count_rows", None),
            ("avg_double", "arr_delay"),
            ("max_double", "dep_delay"),
            ("sum_double", "air_time"),
            ("stddev_samp", "arr_delay"),
        )
    ]
    if distinct:
        features = [
            _feature(f"n_{w}", "count_distinct_double", "flight", w)
            for w in ("last_1d", "last_30d")
        ]
    zone = "America/New_York"
    return {
        f"{entity.name}@1.0": View(
            entity.name, Grain.ENTITY, tuple(features), source, (entity,), zone=zone
        )
        for entity in (carrier, plane)
    }


def main() -> None:
    """Print the table."""
    made = views(distinct="--distinct" in sys.argv)
    (source,) = {view.source for view in made.values() if view.source}
    data = {"flights": open_source(source, ROOT)}
    events = pl.read_parquet(ROOT / "flights.parquet")
    spine = events.sample(100_000, seed=1).select("carrier", "tailnum", asked_at="sched_dep")
    yard = _median(lambda: events.sort("carrier", "sched_dep", "flight_id"))
    print(f"polars sort of the events: {yard:.3f} s")
    if "--all" in sys.argv:
        _all(made, data, events)
        return
    for reference, view in made.items():
        wanted = [Wanted(reference, view.name, f.name, f"x__{f.name}") for f in view.features]
        run = partial(training_set, spine, wanted, made, data, time="asked_at")
        seconds = _median(run)
        print(f"{view.name}: {len(wanted)} features {seconds:.2f} s, {seconds / yard:.1f} sorts")


def _all(made: dict[str, View], data: dict[str, SourceData], events: pl.DataFrame) -> None:
    """Ask every flight for the features of its carrier and of its plane."""
    spine = events.select("carrier", "tailnum", asked_at="sched_dep")
    wanted = [
        Wanted(reference, view.name, f.name, f"{view.name}__{f.name}")
        for reference, view in made.items()
        for f in view.features
    ]
    run = partial(training_set, spine, wanted, made, data, time="asked_at")
    run()  # compiles, where numba is there
    busy = time.process_time()
    seconds = _median(run)
    busy = (time.process_time() - busy) / 3
    print(
        f"{len(spine):,} flights x {len(wanted)} features: {seconds:.2f} s, {busy:.2f} s of processors"
    )


def _median(run: Callable[[], object]) -> float:
    rounds = []
    for _ in range(3):
        begun = time.perf_counter()
        run()
        rounds.append(time.perf_counter() - begun)
    return statistics.median(rounds)


if __name__ == "__main__":
    main()
