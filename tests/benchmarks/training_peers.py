"""Point-in-time answers as people write them by hand in DuckDB and polars, and featurekit's."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import polars as pl
from training_case import DAY, WINDOWS, Case

from featurekit.backends.plan import Wanted
from featurekit.datatypes import BIGINT, DOUBLE
from featurekit.ir.definitions import Entity, Field, Source, SourceKind
from featurekit.ir.nodes import Aggregate, Column
from featurekit.ir.view import Feature, Grain, View
from featurekit.ir.windows import Rolling
from featurekit.training import sweeps
from featurekit.training.sets import training_set
from featurekit.training.sources import describe, open_source

_FUNCTIONS = {
    "sum": "sum_double",
    "count": "count_values",
    "avg": "avg_double",
    "max": "max_double",
}


# --- featurekit


def declared(folder: Path, case: Case) -> tuple[View, list[Wanted], Source]:
    """Return the case as a view over the events, what is wanted of it, and their source."""
    entity = Entity("one", (Field("entity", BIGINT),))
    kind = SourceKind.EVENTS if case.aggregates else SourceKind.SNAPSHOT
    source = describe(
        Source("events", kind, (), ("one",), "ts"),
        "events.parquet",
        root=folder,
        entities={"one": entity},
    )
    features = [
        Feature(
            name,
            Aggregate(
                _FUNCTIONS[function],
                (Column("events", column, DOUBLE),),
                Rolling(WINDOWS[window] * 1_000_000, 0),
                type=BIGINT if function == "count" else DOUBLE,
            ),
        )
        for name, function, column, window in case.aggregates
    ] or [Feature("v0", Column("events", "v0", DOUBLE))]
    age = None if case.aggregates else DAY * 1_000_000
    view = View("x", Grain.ENTITY, tuple(features), source, (entity,), max_age=age)
    return view, [Wanted("x@1.0", "x", f.name, f.name) for f in features], source


def featurekit(folder: Path, case: Case) -> pl.DataFrame:
    """Return the answers of the training engine, the files declared as sources."""
    view, wanted, source = declared(folder, case)
    data = {"events": open_source(source, folder)}
    spine = pl.read_parquet(folder / "spine.parquet")
    return training_set(spine, wanted, {"x@1.0": view}, data, time="ts").frame


# --- DuckDB


def _duck(folder: Path, query: str) -> pl.DataFrame:
    import duckdb

    with duckdb.connect() as con:
        con.execute("SET threads = 2; SET preserve_insertion_order = false")
        for name in ("events", "spine"):
            con.execute(f"CREATE VIEW {name} AS SELECT * FROM '{folder / name}.parquet'")
        return pl.from_arrow(con.sql(query).to_arrow_table())


def duckdb_asof(folder: Path, _case: Case) -> pl.DataFrame:
    """Return the answers of DuckDB's ASOF join."""
    return _duck(
        folder,
        "SELECT s.id, CASE WHEN e.ts >= s.ts - INTERVAL 1 DAY THEN e.v0 END AS v0 "
        "FROM spine s ASOF LEFT JOIN events e ON s.entity = e.entity AND s.ts > e.ts",
    )


def duckdb_range_join(folder: Path, case: Case) -> pl.DataFrame:
    """Return the answers of one join."""
    return _duck(folder, range_join(case))


def range_join(case: Case) -> str:
    """Return the query that joins each question with its rows, in words that Spark reads, too."""
    made = ", ".join(
        f"{f}(e.{c}) FILTER (WHERE e.ts >= s.ts - INTERVAL {WINDOWS[w]} SECOND) AS {name}"
        for name, f, c, w in case.aggregates
    )
    longest = max(WINDOWS.values())
    return (
        f"SELECT s.id, {made} FROM spine s LEFT JOIN events e ON s.entity = e.entity "
        f"AND e.ts < s.ts AND e.ts >= s.ts - INTERVAL {longest} SECOND GROUP BY s.id"
    )


def duckdb_window(folder: Path, case: Case) -> pl.DataFrame:
    """Return the answers of windows over events and spine together: what most people write."""
    made = ", ".join(f"{f}({c}) OVER w{w} AS {name}" for name, f, c, w in case.aggregates)
    windows = ", ".join(
        f"w{w} AS (PARTITION BY entity ORDER BY ts RANGE BETWEEN INTERVAL {seconds} SECOND "
        "PRECEDING AND INTERVAL 1 MICROSECOND PRECEDING)"
        for w, seconds in WINDOWS.items()
    )
    columns, nothing = ", ".join(case.columns), ", ".join("NULL" for _ in case.columns)
    return _duck(
        folder,
        f"WITH u AS (SELECT entity, ts, {columns}, NULL::BIGINT AS id FROM events UNION ALL "
        f"SELECT entity, ts, {nothing}, id FROM spine) "
        f"SELECT id, {made} FROM u WINDOW {windows} QUALIFY id IS NOT NULL",
    )


# --- polars


def polars_rolling(folder: Path, case: Case) -> pl.DataFrame:
    """Return the answers of ``rolling`` over events and spine together."""
    events = pl.scan_parquet(folder / "events.parquet").select("entity", "ts", *case.columns)
    spine = pl.scan_parquet(folder / "spine.parquet")
    both = pl.concat([events, spine], how="diagonal").sort("entity", "ts").collect()
    made = [both.select("id")]
    for window in WINDOWS:
        own = [_polars(n, f, c) for n, f, c, w in case.aggregates if w == window]
        rolled = both.rolling("ts", period=window, group_by="entity", closed="left").agg(own)
        made.append(rolled.drop("entity", "ts"))
    return pl.concat(made, how="horizontal").drop_nulls("id")


def _polars(name: str, function: str, column: str) -> pl.Expr:
    x = pl.col(column)
    made: dict[str, Any] = {"count": x.count(), "avg": x.mean(), "max": x.max()}
    made["sum"] = pl.when(x.count() > 0).then(x.sum())
    return made[function].alias(name)


def polars_search(folder: Path, case: Case) -> pl.DataFrame:
    """Return the answers of binary searches on one sorted line and prefix sums; maxima rolling.

    Prefix sums are right here, where all values are quarters; elsewhere they lose digits.
    """
    begin, span = 1_700_000_000, 2**26
    key = (pl.col("entity") * span + (pl.col("ts").dt.epoch("s") - begin)).alias("k")
    events, spine = pl.collect_all(
        [
            pl.scan_parquet(folder / "events.parquet").select(key, *case.columns).sort("k"),
            pl.scan_parquet(folder / "spine.parquet").select("id", key).sort("k"),
        ]
    )
    k, asked = events["k"], spine["k"]
    made = [spine["id"]]
    high = k.search_sorted(asked, side="left").cast(pl.Int64)
    sums = {c: pl.concat([pl.Series([0.0]), events[c].cum_sum()]) for c in case.columns}
    for window, seconds in WINDOWS.items():
        low = k.search_sorted(asked - seconds, side="left").cast(pl.Int64)
        n = high - low
        some = n.replace(0, None)
        for name, function, column, own in case.aggregates:
            if own == window and function != "max":
                total = sums[column].gather(high) - sums[column].gather(low) + 0 * some
                found = {"sum": total, "count": n, "avg": total / some}[function]
                made.append(found.alias(name))
    maxima = [a for a in case.aggregates if a[1] == "max"]
    answers = pl.DataFrame(made).sort("id")
    if not maxima:
        return answers
    both = pl.concat([events.lazy(), spine.lazy()], how="diagonal").sort("k")
    rolled = [
        pl.col(c).rolling_max_by("k", window_size=f"{WINDOWS[w]}i", closed="left").alias(n)
        for n, _, c, w in maxima
    ]
    most = both.select("id", *rolled).drop_nulls("id").sort("id").drop("id").collect()
    return answers.hstack(most)


def polars_asof(folder: Path, case: Case) -> pl.DataFrame:
    """Return the answers of ``join_asof``; the events lie in order of time, which it needs."""
    events = pl.scan_parquet(folder / "events.parquet").select("entity", "ts", "v0")
    spine = pl.scan_parquet(folder / "spine.parquet").sort("ts")
    joined = spine.join_asof(
        events.set_sorted("ts"),
        on="ts",
        by="entity",
        tolerance="1d",
        allow_exact_matches=False,
        check_sortedness=False,
    )
    return joined.select("id", "v0").collect()


def featurekit_plain(folder: Path, case: Case) -> pl.DataFrame:
    """Return the answers of the training engine as it is where numba is not installed."""
    sweeps.LEAST = sys.maxsize
    return featurekit(folder, case)


def featurekit_first(folder: Path, case: Case) -> None:
    """Load what large data is swept with, on small data."""
    least, sweeps.LEAST = sweeps.LEAST, 0
    featurekit(folder, case)
    sweeps.LEAST = least
