"""Training sets: for each row of a spine the features as they were known at its moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from featurekit.backends.plan import Wanted, trimmed
from featurekit.backends.to_polars import PURPOSE
from featurekit.frontends.remarks import Lint
from featurekit.ir.view import View
from featurekit.lazy import require
from featurekit.training.causes import Causes
from featurekit.training.engine import Engine, ViewFacts
from featurekit.training.labels import asked_later, latest_rows
from featurekit.training.shared import Progress
from featurekit.training.sources import SourceData
from featurekit.training.spine import SpineFacts, checked_spine, undated

if TYPE_CHECKING:
    import polars as pl

    from featurekit.training.locks import Lock
    from featurekit.training.matching import JoinFacts

__all__ = ["ColumnFacts", "Progress", "Report", "TrainingSet", "ViewFacts", "training_set"]


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """One answer's type, how many rows have none, and whether it is what is to be predicted."""

    column: str
    type: str
    nulls: int
    label: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What a training set's card says; nothing that differs between two runs.

    Attributes:
        rows: Rows of the spine.
        without_time: Rows whose moment of asking is null: they see nothing. A row that some views
            score has a moment of its own.
        without_key: By key column, rows where it is null: they match nothing.
        views: In the order of computing.
        columns: In the order asked for.
        spine: What the questions look like; None where nobody asked for it (``reported``).
        causes: By column, why answers are null; likewise.
        lints: What is doubtful; likewise.
        joins: How many rows met a row of each joined source; likewise.
    """

    rows: int
    without_time: int
    without_key: Mapping[str, int]
    views: tuple[ViewFacts, ...]
    columns: tuple[ColumnFacts, ...]
    spine: SpineFacts | None = None
    causes: Mapping[str, Causes] | None = None
    lints: tuple[Lint, ...] = ()
    joins: tuple[JoinFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """The spine's columns, then one column an answer, in the spine's order; and the facts.

    Attributes:
        frame: The table.
        report: What its card says.
        lock: What it was made of; None where nobody asked for it.
        set: The feature set's version, ``churn@1.0``; None: views were asked for by themselves.
    """

    frame: pl.DataFrame
    report: Report
    lock: Lock | None = None
    set: str | None = None


def training_set(
    spine: pl.DataFrame,
    wanted: Sequence[Wanted],
    views: Mapping[str, View],
    data: Mapping[str, SourceData],
    *,
    time: str | None,
    progress: Progress | None = None,
) -> TrainingSet:
    """Return ``spine`` with the wanted answers.

    Args:
        spine: The questions: keys, request columns, the moment of asking; other columns stay.
        wanted: Which answers, in order.
        views: Every view that is needed, used ones included.
        data: The sources' rows by name.
        time: The spine's column of moments; None where no view depends on the moment, or each
            scores rows, which are asked at their own.
        progress: Told ``(stage, done, total)`` now and then.

    Raises:
        DataError: FK2xx for a spine or a source that does not do.
        NoSpelling: FK190, an operator or aggregate without a polars spelling.
    """
    pl = require("polars", PURPOSE)
    used = asked_later(trimmed(wanted, views), latest_rows(data))
    asked = checked_spine(spine, wanted, used, time)
    engine = Engine(asked, used, data, progress or (lambda *_: None))
    for reference in used:
        engine.compute(reference)
    made = [engine.answers[w.reference][w.feature].alias(w.column) for w in wanted]
    frame = pl.concat([spine, pl.DataFrame(made)], how="horizontal") if made else spine
    columns = column_facts(frame, wanted, views)
    keys = {key for view in used.values() for key in view.keys}
    without = {key: asked.rows[key].null_count() for key in sorted(keys)}
    facts = tuple(engine.facts)
    dateless = undated(asked, used, time)
    return TrainingSet(frame, Report(len(spine), dateless, without, facts, columns))


def column_facts(
    frame: pl.DataFrame, wanted: Sequence[Wanted], views: Mapping[str, View]
) -> tuple[ColumnFacts, ...]:
    """Return what is to be said of each answer in ``frame``."""
    return tuple(
        ColumnFacts(
            w.column,
            str(feature.expression.type),
            frame[w.column].null_count(),
            views[w.reference].is_label,
        )
        for w in wanted
        if (feature := views[w.reference].feature(w.feature))
    )
