"""How much memory a training set takes with and without a bound: peak resident size and seconds.

Run: PYTHONPATH=. python tests/benchmarks/bounded_memory.py FOLDER EVENTS [MEMORY] [--one]
Makes EVENTS events of EVENTS/100 entities over 90 days and a tenth as many questions in FOLDER, if
they are not there, then 12 rolling aggregates into FOLDER/out.parquet; ``--one``: one entity only.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import polars as pl

import featurekit as fk

CELL = "SELECT " + ", ".join(
    f"{name}({argument}) OVER last_{days}d AS {name.lower()}_{days}d"
    for days in (1, 7, 30)
    for name, argument in (("SUM", "v"), ("COUNT", "*"), ("AVG", "v"), ("MAX", "v"))
)
MICROSECONDS = 90 * 86_400_000_000


def _made(folder: Path, count: int, entities: int) -> None:
    """Write events and questions whose entities come up the more often the smaller their number."""
    for name, rows, seed in (("events", count, 1), ("spine", count // 10, 2)):
        chance = pl.int_range(rows, eager=True).hash(seed) / 2**64
        at = pl.int_range(rows, eager=True).hash(seed + 10) % MICROSECONDS
        pl.DataFrame(
            {
                "k": (entities * chance**3).cast(pl.Int64),
                "t": (at.cast(pl.Int64) + 1_700_000_000_000_000).cast(pl.Datetime("us", "UTC")),
                "v": (at % 10_007).cast(pl.Float64) / 7,
            }
        ).write_parquet(folder / f"{name}.parquet")


def main() -> None:
    """Print one line."""
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    memory = next((word for word in sys.argv[3:] if word != "--one"), None)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "events.parquet").exists():
        _made(folder, count, 1 if "--one" in sys.argv else count // 100)
        print(f"made {count:,} events; run again to measure")
        return
    ws = fk.Workspace(":memory:")
    ws.entity("entity", "k:bigint")
    ws.source("events", str(folder / "events.parquet"), entity="entity", time="t")
    ws.feature("v", f"{CELL} FROM events", source="events", owner="a@example.com")
    spine, out = str(folder / "spine.parquet"), folder / "out.parquet"
    before = _peak()
    started = time.perf_counter()
    pieces = 1
    if memory:
        pieces = ws.training_file(spine, "v", out, time="t", memory=memory).pieces
    else:
        ws.training_set(spine, "v", time="t").write_parquet(folder / "meant.parquet")
    seconds = time.perf_counter() - started
    print(
        f"{memory or 'no bound'}: {pieces} pieces, {seconds:.1f} s, "
        f"peak {_peak():.2f} GB, {before:.2f} GB of it before"
    )


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


if __name__ == "__main__":
    main()
