"""The report on a training set: the questions, why answers are null, what is doubtful."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from featurekit.backends.plan import Wanted, needed, trimmed
from featurekit.errors import FeatureError
from featurekit.ir.view import View
from featurekit.training.causes import Causes, causes
from featurekit.training.coverage import rests_on_strays
from featurekit.training.engines import run
from featurekit.training.labels import asked_later, latest_rows, too_early
from featurekit.training.leaks import at_events, empty_or_constant, knows_the_label, met_at_events
from featurekit.training.matching import join_facts, view_facts
from featurekit.training.outside import outside_questions, outside_rules
from featurekit.training.sets import TrainingSet
from featurekit.training.sources import SourceData
from featurekit.training.spine import checked_spine, spine_facts

if TYPE_CHECKING:
    import polars as pl


def reported(
    engine: str,
    made: TrainingSet,
    spine: pl.DataFrame,
    wanted: Sequence[Wanted],
    views: Mapping[str, View],
    data: Mapping[str, SourceData],
    *,
    time: str | None,
    label: str | None = None,
) -> TrainingSet:
    """Return ``made`` with the whole report; ``label`` names a column that is to be predicted.

    So are the labels among ``wanted``. The answers stay as they are. Other arguments as
    ``training_set``.

    Raises:
        DataError: FK2xx for a spine or a source that does not do.
    """
    used = {reference: views[reference] for reference in needed(wanted, views)}
    asked = checked_spine(spine, wanted, used, time)
    facts = spine_facts(spine, asked, used, time)
    columns = [one.column for one in wanted]
    labels = [one.column for one in wanted if used[one.reference].is_label]
    features = [name for name in columns if name not in labels]
    lints = [
        *at_events(met_at_events(asked, used, data), len(spine)),
        *empty_or_constant(made.frame, columns),
    ]
    lints += outside_rules(used, data, outside_questions(asked, used, data))
    for name in [*([label] if label is not None else []), *labels]:
        lints += knows_the_label(made.frame, features, name)
    latest = latest_rows(data)
    later = asked_later(used, latest)
    lints += rests_on_strays(wanted, used, asked.moments, data, latest)
    early = too_early(wanted, used, asked.moments, latest)
    why = _causes(engine, made, spine, wanted, later, data, early, time)
    read = trimmed(wanted, later)
    report = dataclasses.replace(
        made.report,
        views=made.report.views or view_facts(asked, read, data),
        joins=join_facts(spine, read, data, time),
        without_time=facts.without_time,
        without_key=facts.without_key,
        spine=facts,
        causes=why,
        lints=tuple(lints),
    )
    return dataclasses.replace(made, report=report)


def _causes(
    engine: str,
    made: TrainingSet,
    spine: pl.DataFrame,
    wanted: Sequence[Wanted],
    views: Mapping[str, View],
    data: Mapping[str, SourceData],
    early: Mapping[str, pl.Series],
    time: str | None,
) -> dict[str, Causes] | None:
    """Return why answers are null; None where the engine cannot count what it saw."""

    def ask(rows: pl.DataFrame, more: Sequence[Wanted], asked: Mapping[str, View]) -> pl.DataFrame:
        return run(engine, rows, more, asked, data, time=time).frame

    try:
        return causes(spine, made.frame, wanted, views, early, ask)
    except FeatureError:  # the answers hold; only what would explain them cannot be asked
        return None
