"""Point-in-time answers of pandas, Spark, Feast and Featuretools, as their users write them.

Feast and Featuretools count rows at the very moment of asking, and end windows after it; so they
are asked one microsecond earlier, which is the same as all times are whole seconds.
"""

from __future__ import annotations

import functools
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from training_case import WINDOWS, Case

# --- pandas


def _frames(folder: Path, case: Case) -> tuple[Any, Any]:
    import pandas as pd

    events = pd.read_parquet(folder / "events.parquet", columns=["entity", "ts", *case.columns])
    return events, pd.read_parquet(folder / "spine.parquet")


def pandas_rolling(folder: Path, case: Case) -> Any:
    """Return the answers of ``rolling`` by entity over events and spine together."""
    import pandas as pd

    both = pd.concat(_frames(folder, case), ignore_index=True)
    both = both.sort_values(["entity", "ts"], kind="stable", ignore_index=True)
    groups = both.set_index("ts").groupby("entity", sort=False)[case.columns]
    made = {"id": both["id"]}
    for window in WINDOWS:
        rolled = groups.rolling(window.upper(), closed="left", min_periods=1)
        for function in {f for _, f, _, w in case.aggregates if w == window}:
            found = getattr(rolled, {"avg": "mean"}.get(function, function))()
            for name, f, column, w in case.aggregates:
                if (f, w) == (function, window):
                    made[name] = found[column].to_numpy()
    return pd.DataFrame(made).dropna(subset="id").astype({"id": "int64"})


def pandas_asof(folder: Path, case: Case) -> Any:
    """Return the answers of ``merge_asof``; the events lie in order of time, which it needs."""
    import pandas as pd

    events, spine = _frames(folder, case)
    return pd.merge_asof(
        spine.sort_values("ts"),
        events,
        on="ts",
        by="entity",
        tolerance=pd.Timedelta("1D"),
        allow_exact_matches=False,
    )[["id", "v0"]]


# --- Spark


def _spark(folder: Path, query: str) -> Any:
    import polars as pl
    from pyspark.sql import SparkSession

    options = {"spark.ui.enabled": "false", "spark.sql.session.timeZone": "UTC"}
    options |= {"spark.driver.memory": "8g", "spark.sql.shuffle.partitions": "8"}
    options |= {"spark.driver.maxResultSize": "0", "spark.log.level": "ERROR"}
    spark = SparkSession.builder.master("local[2]").config(map=options).getOrCreate()
    for name in ("events", "spine"):
        spark.read.parquet(str(folder / f"{name}.parquet")).createOrReplaceTempView(name)
    return pl.from_arrow(spark.sql(query).toArrow())


def spark_range_join(folder: Path, case: Case) -> Any:
    """Return the answers of the join that DuckDB runs, too."""
    from training_peers import range_join

    return _spark(folder, range_join(case))


def spark_window(folder: Path, case: Case) -> Any:
    """Return the answers of windows over events and spine together."""
    made = ", ".join(f"{f}({c}) OVER w{w} AS {name}" for name, f, c, w in case.aggregates)
    windows = ", ".join(
        f"w{w} AS (PARTITION BY entity ORDER BY t RANGE BETWEEN {seconds} PRECEDING "
        "AND 1 PRECEDING)"
        for w, seconds in WINDOWS.items()
    )
    columns, nothing = ", ".join(case.columns), ", ".join("NULL" for _ in case.columns)
    return _spark(
        folder,
        f"WITH u AS (SELECT entity, unix_seconds(ts) AS t, {columns}, NULL AS id FROM events "
        f"UNION ALL SELECT entity, unix_seconds(ts), {nothing}, id FROM spine), "
        f"a AS (SELECT id, {made} FROM u WINDOW {windows}) SELECT * FROM a WHERE id IS NOT NULL",
    )


# --- Feast


def feast_duckdb(folder: Path, case: Case) -> Any:
    """Return ``get_historical_features`` of one view whose rows live for a day, on DuckDB."""
    return _feast(folder, case, "duckdb")


def feast_file(folder: Path, case: Case) -> Any:
    """Return the same from its store of files, which Dask reads."""
    return _feast(folder, case, "dask")


def _feast(folder: Path, case: Case, kind: str) -> Any:
    store = _store(folder, kind)
    asked = _frames(folder, case)[1].rename(columns={"ts": "event_timestamp"})
    asked["event_timestamp"] -= timedelta(microseconds=1)
    return store.get_historical_features(asked, features=["events:v0"]).to_df()[["id", "v0"]]


@functools.cache
def _store(folder: Path, kind: str) -> Any:
    from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
    from feast.types import Float64

    home = tempfile.mkdtemp()
    config = RepoConfig(
        project="bench",
        provider="local",
        registry=f"{home}/registry.db",
        online_store={"type": "sqlite", "path": f"{home}/online.db"},
        offline_store={"type": kind},
        entity_key_serialization_version=3,
    )
    store = FeatureStore(config=config)
    entity = Entity(name="one", join_keys=["entity"], value_type=ValueType.INT64)
    source = FileSource(path=str(folder / "events.parquet"), timestamp_field="ts")
    view = FeatureView(
        name="events",
        entities=[entity],
        ttl=timedelta(days=1),
        schema=[Field(name="v0", dtype=Float64)],
        source=source,
    )
    store.apply([entity, view])
    return store


# --- Featuretools


def featuretools(folder: Path, case: Case) -> Any:
    """Return ``calculate_feature_matrix``, one call a window, for it takes one."""
    import featuretools as ft
    import pandas as pd

    events, spine = _frames(folder, case)
    events["event"] = range(len(events))
    for frame in (events, spine):
        frame["ts"] = frame["ts"].dt.tz_localize(None)
    owners = pd.DataFrame({"entity": pd.concat([events["entity"], spine["entity"]]).unique()})
    data = ft.EntitySet("bench")
    data = data.add_dataframe(dataframe=owners, dataframe_name="owners", index="entity")
    data = data.add_dataframe(
        dataframe=events, dataframe_name="events", index="event", time_index="ts"
    )
    data = data.add_relationship("owners", "entity", "events", "entity")
    data.add_last_time_indexes()
    kinds = {"sum": "SUM(events.v0)", "count": "COUNT(events)", "avg": "MEAN(events.v0)"}
    kinds["max"] = "MAX(events.v0)"
    features = ft.dfs(
        entityset=data,
        target_dataframe_name="owners",
        agg_primitives=["sum", "count", "mean", "max"],
        trans_primitives=[],
        features_only=True,
    )
    asked = spine.rename(columns={"ts": "time"})[["entity", "time", "id"]]
    asked["time"] -= pd.Timedelta("1us")
    made = {"id": None}
    for window, seconds in WINDOWS.items():
        found = ft.calculate_feature_matrix(
            features,
            entityset=data,
            cutoff_time=asked,
            training_window=f"{seconds} s",
            include_cutoff_time=True,
            cutoff_time_in_index=False,
        )
        found = found.sort_values("id")
        made["id"] = found["id"].to_numpy()
        some = found["COUNT(events)"].astype(float).to_numpy() > 0
        for name, function, _, own in case.aggregates:
            if own == window:
                values = found[kinds[function]].astype(float)
                made[name] = values.where(some | (function == "count")).to_numpy()
    return pd.DataFrame(made)
