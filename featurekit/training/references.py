"""What a feature set looked like in training: kept with its version, for drift to compare with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from featurekit.backends.to_polars import PURPOSE
from featurekit.catalog.records import FeatureProfile, SetProfiled
from featurekit.datatypes import Kind
from featurekit.lazy import require
from featurekit.training.sets import ColumnFacts, TrainingSet
from featurekit.training.sources import language_type

if TYPE_CHECKING:
    import polars as pl

    from featurekit.training.pieces import InPieces

QUANTILES = tuple(number / 20 for number in range(21))
TOP = 50
"""How many frequent values of a text are kept; what is rarer counts as the rest."""


def profile_of(made: TrainingSet | InPieces) -> SetProfiled | None:
    """Return the profile of a training set; None without rows, or of no feature set's version."""
    if not isinstance(made, TrainingSet):
        return made.profile
    if made.set is None or not made.report.rows:
        return None
    return profiled(made.set, made.report.rows, made.report.columns, made.frame.get_column)


def profiled(
    name: str,
    rows: int,
    columns: Sequence[ColumnFacts],
    answers: Callable[[str], pl.Series],
) -> SetProfiled:
    """Return the profile of the set version ``churn@1.0``; answers are asked for one by one.

    What is to be predicted is left out.
    """
    bare, _, version = name.partition("@")
    features = (_of(answers(one.column), one.type) for one in columns if not one.label)
    return SetProfiled(bare, version, rows, tuple(features))


def _of(answers: pl.Series, kind: str) -> FeatureProfile:
    nulls, known = answers.null_count(), answers.drop_nulls()
    held = language_type(answers.dtype)
    if held is not None and held.kind in {Kind.VARCHAR, Kind.BOOLEAN}:
        return FeatureProfile(answers.name, kind, nulls, known.n_unique(), top=_top(known))
    listed = held is not None and held.kind is Kind.LIST
    distinct = None if listed else known.n_unique()
    return FeatureProfile(answers.name, kind, nulls, distinct, _quantiles(known, listed=listed))


def _top(known: pl.Series) -> tuple[tuple[str, int], ...]:
    pl = require("polars", PURPOSE)
    texts = known.cast(pl.String).alias("value").to_frame()
    counts = texts.group_by("value").len().sort(["len", "value"], descending=[True, False])
    return tuple((str(value), int(count)) for value, count in counts.head(TOP).rows())


def _quantiles(known: pl.Series, *, listed: bool) -> tuple[float, ...]:
    pl = require("polars", PURPOSE)
    if listed:
        known = known.list.len()
    if known.dtype == pl.Date:
        known = known.cast(pl.Datetime("us"))
    line = (known.to_physical() if known.dtype.is_temporal() else known).cast(pl.Float64)
    finite = line.filter(line.is_finite()).sort()
    if not len(finite):
        return ()
    found = (finite.quantile(q, "nearest") for q in QUANTILES)
    return tuple(float(value) for value in found if value is not None)
