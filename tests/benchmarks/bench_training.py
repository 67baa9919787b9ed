"""How long a training set takes, and how much memory, beside what people write by hand.

Run: PYTHONPATH=. python tests/benchmarks/bench_training.py [--events 10000000] [CASE ...]
Cases: a3 a12 a48 asof (all by default); --uniform: entities of one size instead of zipf;
--from 1000000: that many events, too; --rounds 3; --only SYSTEM,... (always with the sweep).
Each system runs by itself in a fresh process, from the parquet files to a frame, once to warm up;
the seconds are medians of the rounds (those of processors tell more on a busy machine), the memory
is the peak above what the interpreter took with its libraries loaded.
Every answer is compared with the sweep's before anything is printed.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("POLARS_MAX_THREADS", "2")

import polars as pl
from training_case import case, differences, write

_WINDOWS = (
    ("sweep", "numba, by hand: two pointers"),
    ("featurekit", "featurekit"),
    ("featurekit_plain", "featurekit without numba"),
    ("polars_search", "polars: search + prefix sums"),
    ("duckdb_range_join", "DuckDB: range join"),
    ("polars_rolling", "polars: rolling over the union"),
    ("duckdb_window", "DuckDB: window over the union"),
    ("spark_range_join", "Spark: range join"),
)
_ASOF = (
    ("sweep", "numba, by hand: two pointers"),
    ("polars_asof", "polars: join_asof"),
    ("featurekit", "featurekit"),
    ("featurekit_plain", "featurekit without numba"),
    ("duckdb_range_join", "DuckDB: ASOF join"),
)
_OPTIONAL = {"spark_range_join": "pyspark"}
_ABSENT = [m for m in _OPTIONAL.values() if importlib.util.find_spec(m) is None]


def _system(name: str):  # noqa: ANN202  one of several modules
    import training_peers

    if name == "sweep":
        from training_sweep import sweep

        return sweep
    return getattr(training_peers, name)


def _measured(name: str, folder: Path, which: str, rounds: int, out: Path) -> None:
    """Run one system, write its answer, print seconds and peak memory as JSON."""
    run, asked = _system(name), case(which)
    before = _memory("VmRSS")
    run(folder, asked).write_parquet(out)
    seconds, processor = [], []
    for _ in range(rounds):
        begun, busy = time.perf_counter(), time.process_time()
        run(folder, asked)
        seconds.append(time.perf_counter() - begun)
        processor.append(time.process_time() - busy)
    found = {"seconds": statistics.median(seconds), "cpu": statistics.median(processor)}
    print(json.dumps({**found, "mb": _memory("VmHWM") - before}))


def _memory(line: str) -> float:
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return int(text.split(line + ":")[1].split()[0]) / 1024


def _table(folder: Path, which: str, options: argparse.Namespace, events: int) -> float:
    """Run every system on one case, compare, print; return featurekit's seconds."""
    asked = case(which)
    used = events * 8 * (2 + len(asked.columns)) / 2**20
    print(f"\n{which}: {len(asked.aggregates) or 1} answers, {events:,} events x {options.spine:,} "
          f"questions; the columns used are {used:,.0f} MB")  # fmt: skip
    found: dict[str, dict[str, float]] = {}
    first: pl.DataFrame | None = None
    systems = [
        (name, words)
        for name, words in (_WINDOWS if asked.aggregates else _ASOF)
        if _OPTIONAL.get(name) not in _ABSENT
        and (not options.only or name in {"sweep", *options.only.split(",")})
    ]
    for name, _ in systems:
        out = folder / "answer.parquet"
        own = [sys.executable, __file__, "--measure", name, "--folder", str(folder), "--out",
               str(out), "--rounds", str(options.rounds), which]  # fmt: skip
        said = subprocess.run(own, capture_output=True, text=True, check=False)
        if said.returncode:
            sys.exit(f"{name} failed:\n{said.stderr}")
        found[name] = json.loads(said.stdout)
        answer = pl.read_parquet(out)
        first = answer if first is None else first
        if wrong := differences(asked, first, answer):
            sys.exit(f"{name} answers {', '.join(wrong)} otherwise than the sweep")
    for name, words in systems:
        seconds, cpu, mb = (found[name][key] for key in ("seconds", "cpu", "mb"))
        ratio = seconds / found["sweep"]["seconds"]
        print(f"  {words:<34}{seconds:8.3f} s {ratio:7.2f} x sweep"
              f"{cpu:9.3f} s of processors {mb:8,.0f} MB")  # fmt: skip
    return found.get("featurekit", {"seconds": float("nan")})["seconds"]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", default=["a3", "a12", "a48", "asof"])
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--from", dest="least", type=int, default=0)
    parser.add_argument("--entities", type=int, default=100_000)
    parser.add_argument("--spine", type=int, default=1_000_000)
    parser.add_argument("--uniform", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--measure")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if options.measure:
        _measured(options.measure, options.folder, options.cases[0], options.rounds, options.out)
        return
    for module in _ABSENT:
        print(f"{module} is not installed: not compared")
    took: dict[tuple[str, int], float] = {}
    for events in sorted({options.least or options.events, options.events}):
        with tempfile.TemporaryDirectory() as made:
            folder = options.folder or Path(made)
            if not (folder / "spine.parquet").exists():
                write(folder, events, options.entities, options.spine, 0 if options.uniform else 1)
            for which in options.cases:
                took[which, events] = _table(folder, which, options, events)
    for (which, events), seconds in took.items():
        if options.least and events == options.events:
            print(f"{which}: {options.least:,} -> {events:,} events take "
                  f"{seconds / took[which, options.least]:.1f} x the time")  # fmt: skip
    if ("a12", options.events) in took and ("a48", options.events) in took:
        ratio = took["a48", options.events] / took["a12", options.events]
        print(f"48 aggregates take {ratio:.2f} x the time of 12")


if __name__ == "__main__":
    main()
