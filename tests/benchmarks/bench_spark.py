"""How long Spark takes for a training set, beside the two queries that people write by hand.

Run: PYTHONPATH=. python tests/benchmarks/bench_spark.py [a3 a12 a48] [--events 1000000]
--entities, --spine: as many; --uniform: entities of one size instead of zipf; --rounds 5; --warm 5:
so many rounds go before, for Java compiles what it runs for about as long;
--only featurekit,...: what is too slow for skewed keys can be left out.
One session of two cores; the systems take turns, in another order each round, from parquet to a
sink that keeps nothing. The seconds are medians; those of processors (Java's, its compiler included)
tell more on a busy machine.
Every answer is compared with the first system's before anything is measured.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
from pyspark.sql import SparkSession
from training_case import WINDOWS, Case, case
from training_data import differences, write
from training_peers import declared

from featurekit.training.spark_engine import spark_training_set

_SETTINGS = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "4g",
    "spark.log.level": "OFF",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "8",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


def range_join(spark: Any, folder: Path, asked: Case) -> Any:
    """Return each question joined with the rows of its longest window, grouped again."""
    _tables(spark, folder)
    made = ", ".join(
        f"{f}(e.{c}) FILTER (WHERE e.ts >= s.ts - INTERVAL {WINDOWS[w]} SECOND) AS {name}"
        for name, f, c, w in asked.aggregates
    )
    return spark.sql(
        f"SELECT s.id, {made} FROM spine s LEFT JOIN events e ON s.entity = e.entity"  # noqa: S608  our own names
        f" AND e.ts < s.ts AND e.ts >= s.ts - INTERVAL {max(WINDOWS.values())} SECOND GROUP BY s.id"
    )


def window(spark: Any, folder: Path, asked: Case) -> Any:
    """Return windows over rows and questions together."""
    _tables(spark, folder)
    made = ", ".join(f"{f}({c}) OVER w{w} AS {name}" for name, f, c, w in asked.aggregates)
    windows = ", ".join(
        f"w{w} AS (PARTITION BY entity ORDER BY t RANGE BETWEEN {seconds * 1_000_000} PRECEDING"
        " AND 1 PRECEDING)"
        for w, seconds in WINDOWS.items()
    )
    columns = ", ".join(asked.columns)
    nothing = ", ".join("CAST(NULL AS DOUBLE)" for _ in asked.columns)
    return spark.sql(
        f"SELECT * FROM (SELECT id, {made} FROM (SELECT entity, unix_micros(ts) t, {columns},"  # noqa: S608  our own
        f" CAST(NULL AS BIGINT) id FROM events UNION ALL SELECT entity, unix_micros(ts) t, {nothing},"
        f" id FROM spine) WINDOW {windows}) WHERE id IS NOT NULL"
    )


def _tables(spark: Any, folder: Path) -> None:
    for name in ("events", "spine"):
        spark.read.parquet(str(folder / f"{name}.parquet")).createOrReplaceTempView(name)


def featurekit(spark: Any, folder: Path, asked: Case) -> Any:
    """Return what the engine answers."""
    view, wanted, source = declared(folder, asked)
    places = {source.name: "events.parquet"}
    used = {"x@1.0": view}
    made = spark_training_set(spark, "spine.parquet", wanted, used, places, time="ts", root=folder)
    return made.frame


SYSTEMS: dict[str, tuple[str, Callable[..., Any]]] = {
    "range_join": ("by hand: range join", range_join),
    "window": ("by hand: window over the union", window),
    "featurekit": ("featurekit", featurekit),
}


def _processor(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def _measured(run: Callable[[], Any], java: int) -> tuple[float, float]:
    begun, busy = time.perf_counter(), _processor(java)
    run().write.format("noop").mode("overwrite").save()
    return time.perf_counter() - begun, _processor(java) - busy


def _table(spark: Any, folder: Path, which: str, names: list[str], warm: int, rounds: int) -> None:
    java = spark.sparkContext._jvm.java.lang.ProcessHandle.current().pid()
    runs = {name: partial(SYSTEMS[name][1], spark, folder, case(which)) for name in names}
    answers = {name: pl.from_arrow(run().toArrow()) for name, run in runs.items()}
    for name, answer in answers.items():
        if wrong := differences(case(which), answers[names[0]], answer):
            raise SystemExit(f"{name} answers {', '.join(wrong)} otherwise than {names[0]}")
    took = []
    for number in range(warm + rounds):
        turn = number % len(names)
        took.append({n: _measured(runs[n], java) for n in [*names[turn:], *names[:turn]]})
    print(f"\n{which}: {len(case(which).aggregates)} answers")
    for name in names:
        seconds, busy = (statistics.median(one[name][n] for one in took[warm:]) for n in (0, 1))
        print(f"  {SYSTEMS[name][0]:<34}{seconds:8.2f} s{busy:9.2f} s of processors", flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", default=["a12", "a48"])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--entities", type=int, default=100_000)
    parser.add_argument("--spine", type=int, default=100_000)
    parser.add_argument("--uniform", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--warm", type=int, default=5)
    parser.add_argument("--only", default=",".join(SYSTEMS))
    options = parser.parse_args()
    spark = SparkSession.builder.master("local[2]").config(map=_SETTINGS).getOrCreate()
    with tempfile.TemporaryDirectory() as made:
        skew = 0 if options.uniform else 1
        write(Path(made), options.events, options.entities, options.spine, skew)
        print(f"{options.events:,} events x {options.spine:,} questions")
        for which in options.cases:
            names = options.only.split(",")
            _table(spark, Path(made), which, names, options.warm, options.rounds)
    spark.stop()


if __name__ == "__main__":
    main()
