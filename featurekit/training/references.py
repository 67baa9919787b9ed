"""What a feature set looked like in training: kept with its version, for drift to compare with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurekit.backends.to_polars import PURPOSE
from featurekit.catalog.records import FeatureProfile, SetProfiled
from featurekit.datatypes import Kind
from featurekit.lazy import require
from featurekit.training.sets import TrainingSet
from featurekit.training.sources import language_type

if TYPE_CHECKING:
    import polars as pl

QUANTILES = tuple(number / 20 for number in range(21))
TOP = 50
"""How many frequent values of a text are kept; what is rarer counts as the rest."""


def reference_profile(made: TrainingSet, name: str) -> SetProfiled:
    """Return the profile of a training set of the set version ``name``: ``churn@1.0``."""
    bare, _, version = name.partition("@")
    columns = [one for one in made.report.columns if not one.label]
    features = tuple(_of(made.frame[one.column], one.type) for one in columns)
    return SetProfiled(bare, version, made.report.rows, features)


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
