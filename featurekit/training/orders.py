"""One call for a training set: answered, reported on, locked, or made again from a lock."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from featurekit.backends.plan import Wanted
from featurekit.ir.view import View
from featurekit.training.engines import run
from featurekit.training.fingerprints import of_frame, watched
from featurekit.training.leaks import require_label
from featurekit.training.locks import Lock, locked, require_same
from featurekit.training.reporting import reported
from featurekit.training.sets import Progress, TrainingSet
from featurekit.training.sources import SourceData

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for.

    Attributes:
        spine: The questions.
        wanted: Which answers, in order.
        views: Every view that is needed.
        data: The sources' rows by name.
        root: The folder that relative locations refer to.
        time: The spine's column of moments.
        engine: Which engine answers.
        label: The column to predict, for the report.
        given: The spine's path or query, if it was one, for the lock.
        name: The feature set's version, if one was asked for, for the lock.
    """

    spine: pl.DataFrame
    wanted: Sequence[Wanted]
    views: Mapping[str, View]
    data: Mapping[str, SourceData]
    root: Path
    time: str | None = None
    engine: str = "polars"
    label: str | None = None
    given: str | None = None
    name: str | None = None


def answered(order: Order, progress: Progress | None = None) -> TrainingSet:
    """Return the answers and no more than the engine says of them.

    Raises:
        SourceChanged: FK216, when a file was written to meanwhile.
        DataError: FK2xx for a spine or a source that does not do.
    """
    with watched((one.source for one in order.data.values()), order.root):
        return _answers(order, progress)


def documented(
    order: Order,
    progress: Progress | None = None,
    *,
    lock: bool = False,
    kept: tuple[str, Lock] | None = None,
) -> TrainingSet:
    """Return the answers with the whole report and, with ``lock``, what they were made of.

    Args:
        order: What is asked for.
        progress: Told ``(stage, done, total)`` now and then.
        lock: Whether to fingerprint all that decides over the answers.
        kept: A lock file and what it holds: the training set must be the same again.

    Raises:
        LockBroken: FK217, which names what is not as it was; before anything is computed.
        SourceChanged: FK216, when a file was written to meanwhile.
        MissingColumn: FK205, for a label that is no column.
        DataError: FK2xx for a spine or a source that does not do.
    """
    if order.label is not None:
        later = [one.column for one in order.wanted if order.views[one.reference].is_label]
        require_label([*order.spine.columns, *later], order.label)
    with watched((one.source for one in order.data.values()), order.root):
        inputs = _inputs(order) if lock or kept else None
        if kept and inputs:
            require_same(dataclasses.replace(kept[1], answers={}), inputs, kept[0])
        made = _answers(order, progress, repeatable=inputs is not None)
        found = reported(
            order.engine,
            made,
            order.spine,
            order.wanted,
            order.views,
            order.data,
            time=order.time,
            label=order.label,
        )
        found = dataclasses.replace(found, set=order.name)
        if inputs is None:
            return found
        answers = of_frame(found.frame.select(one.column for one in order.wanted))
        whole = dataclasses.replace(inputs, answers=answers)
        if kept:
            require_same(kept[1], whole, kept[0])
        return dataclasses.replace(found, lock=whole)


def _answers(order: Order, progress: Progress | None, *, repeatable: bool = False) -> TrainingSet:
    return run(
        order.engine,
        order.spine,
        order.wanted,
        order.views,
        order.data,
        time=order.time,
        progress=progress,
        repeatable=repeatable,
    )


def _inputs(order: Order) -> Lock:
    return locked(
        order.wanted,
        order.views,
        order.data,
        order.spine,
        engine=order.engine,
        time=order.time,
        root=order.root,
        name=order.name,
        given=order.given,
    )
