"""Which engine computes a training set: the same definitions, the same answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from featurekit.backends.plan import Wanted
from featurekit.errors import UsageError, listed, nearest
from featurekit.errors.engines import NotForEngine
from featurekit.ir.view import View
from featurekit.lazy import require
from featurekit.training.elsewhere import RemoteTrainingSet
from featurekit.training.sets import Progress, Report, TrainingSet, column_facts, training_set
from featurekit.training.sources import SourceData

if TYPE_CHECKING:
    import polars as pl

ENGINES = ("polars", "duckdb", "spark")


class UnknownEngine(UsageError):
    """FK909: an engine that there is not."""

    code = "FK909"

    def __init__(self, engine: str) -> None:
        super().__init__(
            f"there is no training engine '{engine}'{nearest(engine, ENGINES)}",
            fix=f"engine= one of {listed(ENGINES)}",
        )


def run(
    engine: str,
    spine: pl.DataFrame,
    wanted: Sequence[Wanted],
    views: Mapping[str, View],
    data: Mapping[str, SourceData],
    *,
    time: str | None,
    progress: Progress | None = None,
    repeatable: bool = False,
) -> TrainingSet:
    """Return the training set that ``engine`` computes; arguments as ``training_set``.

    With ``repeatable`` the same call answers the same to the last digit, as a lock needs it.

    Raises:
        UnknownEngine: FK909.
        DataError: FK2xx for a spine or a source that does not do.
    """
    if engine == "polars":
        return training_set(spine, wanted, views, data, time=time, progress=progress)
    if engine == "spark":
        way = "ws.training_set(..., engine='spark'), or ws.training_elsewhere(...)"
        raise NotForEngine(engine, "a polars frame as its answer", way)
    if engine != "duckdb":
        raise UnknownEngine(engine)
    from featurekit.training.duckdb_engine import duckdb_answers

    pl = require("polars", "to hold a training set")
    made = duckdb_answers(spine, wanted, views, data, time=time, repeatable=repeatable)
    if progress is not None:
        progress("duckdb", len(spine), len(spine))
    frame = pl.concat([spine, made], how="horizontal")
    facts = column_facts(frame, wanted, views)
    return TrainingSet(frame, Report(len(spine), 0, {}, (), facts))


def plan(
    engine: str,
    spine: pl.DataFrame,
    wanted: Sequence[Wanted],
    views: Mapping[str, View],
    data: Mapping[str, SourceData],
    *,
    time: str | None,
) -> str:
    """Return how ``engine`` is going to compute a training set; arguments as ``training_set``.

    Raises:
        UnknownEngine: FK909.
        NotForEngine: FK244.
        DataError: FK2xx for a spine or a source that does not do.
    """
    if engine not in ENGINES:
        raise UnknownEngine(engine)
    if engine != "duckdb":
        raise NotForEngine(engine, "to be explained", "engine='duckdb', or engine='spark'")
    from featurekit.training.duckdb_engine import duckdb_plan

    return duckdb_plan(spine, wanted, views, data, time=time)


def run_elsewhere(
    engine: str,
    spine: Any,
    wanted: Sequence[Wanted],
    views: Mapping[str, View],
    rows: Mapping[str, Any],
    *,
    time: str | None,
    root: Path,
    spark: Any = None,
) -> RemoteTrainingSet:
    """Return the training set that ``engine`` is going to compute where the rows lie.

    Arguments as ``spark_training_set``; without a session it is the spine's, the one that runs, or
    a local one.

    Raises:
        UnknownEngine: FK909.
        NotForEngine: FK244.
        DataError: FK2xx for a spine or a source that does not do.
    """
    if engine not in ENGINES:
        raise UnknownEngine(engine)
    if engine != "spark":
        raise NotForEngine(engine, "tables elsewhere", "engine='spark'")
    from featurekit.training.spark_engine import session, spark_training_set

    asked = session(spark or getattr(spine, "sparkSession", None))
    return spark_training_set(asked, spine, wanted, views, rows, time=time, root=root)
