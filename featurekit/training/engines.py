"""Which engine computes a training set: the same definitions, the same answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from featurekit.backends.plan import Wanted
from featurekit.errors import UsageError, listed, nearest
from featurekit.ir.view import View
from featurekit.lazy import require
from featurekit.training.sets import ColumnFacts, Progress, Report, TrainingSet, training_set
from featurekit.training.sources import SourceData

if TYPE_CHECKING:
    import polars as pl

ENGINES = ("polars", "duckdb")


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
) -> TrainingSet:
    """Return the training set that ``engine`` computes; arguments as ``training_set``.

    Raises:
        UnknownEngine: FK909.
        DataError: FK2xx for a spine or a source that does not do.
    """
    if engine == "polars":
        return training_set(spine, wanted, views, data, time=time, progress=progress)
    if engine != "duckdb":
        raise UnknownEngine(engine)
    from featurekit.training.duckdb_engine import duckdb_answers

    pl = require("polars", "to hold a training set")
    made = duckdb_answers(spine, wanted, views, data, time=time)
    if progress is not None:
        progress("duckdb", len(spine), len(spine))
    frame = pl.concat([spine, made], how="horizontal")
    types = {
        w.column: str(feature.expression.type)
        for w in wanted
        if (feature := views[w.reference].feature(w.feature))
    }
    columns = tuple(
        ColumnFacts(name, kind, frame[name].null_count()) for name, kind in types.items()
    )
    return TrainingSet(frame, Report(len(spine), 0, {}, (), columns))
