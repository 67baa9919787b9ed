"""What makes a training set doubtful: answers that know the label, or say nothing at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from featurekit.backends.to_polars import PURPOSE
from featurekit.errors import listed
from featurekit.errors.data import MissingColumn
from featurekit.frontends.remarks import Lint
from featurekit.ir.definitions import SourceKind
from featurekit.ir.view import View
from featurekit.lazy import require
from featurekit.training.sources import SourceData, collected, language_type
from featurekit.training.spine import Spine

if TYPE_CHECKING:
    import polars as pl

MANY = 0.05
"""From which share of rows, asked exactly when an event of theirs happened, it is no accident."""
CERTAIN = 0.98
"""Above which a feature that predicts the label alone probably knows it."""


Met = dict[tuple[str, tuple[str, ...]], int]
"""By source and keys, how many questions are asked exactly when such a row happened."""


def met_at_events(asked: Spine, views: Mapping[str, View], data: Mapping[str, SourceData]) -> Met:
    """Return how many questions are asked exactly at event times of the same entity."""
    pl = require("polars", PURPOSE)
    found: Met = {}
    for view in views.values():
        source = view.source
        if source is None or source.kind is not SourceKind.EVENTS:
            continue
        if view.scores_rows or view.is_label:
            continue
        if (source.name, view.keys) in found or source.time is None or not view.keys:
            continue
        keys = [*view.keys, "\0at"]
        questions = asked.rows.select(view.keys).with_columns(asked.moments.alias("\0at"))
        events = data[source.name].frame.select(*view.keys, pl.col(source.time).alias("\0at"))
        # the questions, which are fewer, are what the events are looked up in
        met = events.join(questions.lazy(), on=keys, how="semi").unique()
        same = questions.lazy().join(met, on=keys, how="semi").select(pl.len())
        count = int(collected(same, f"source {source.name!r}").item())
        found[source.name, view.keys] = count
    return found


def at_events(met: Met, rows: int) -> tuple[Lint, ...]:
    """Remark on a spine of ``rows`` that is asked exactly when its entities' events happened."""
    fix = "ask when the prediction would be made; rows at that very moment are not seen"
    return tuple(
        Lint(
            "FK271",
            f"{count:,} rows are asked exactly when a row of '{source}' of the same "
            f"entity happened: probably that row is what is to be predicted",
            fix,
        )
        for (source, _), count in met.items()
        if count >= max(rows, 1) * MANY
    )


def empty_or_constant(
    frame: pl.DataFrame | pl.LazyFrame, columns: Sequence[str]
) -> tuple[Lint, ...]:
    """Remark on answers that are null in every row (FK273) or the same in every row (FK274).

    Of a lazy frame one column at a time is read.
    """
    lazy = frame.lazy()
    empty, same, rows = [], [], 0
    for name in columns:
        answers = collected(lazy.select(name), "the training set")[name]
        rows = len(answers)
        if answers.null_count() == rows:
            empty.append(name)
        elif answers.n_unique() == 1:
            same.append(name)
    if not rows:
        return ()
    found = []
    if empty:
        text = f"null in every row: {listed(empty)}"
        found.append(Lint("FK273", text, "check keys and times of the spine against the source"))
    if same and rows > 1:
        text = f"the same value in every row: {listed(same)}"
        found.append(Lint("FK274", text, "leave them out: nothing can be learnt from them"))
    return tuple(found)


def require_label(present: Sequence[str], label: str) -> None:
    """Refuse to predict what is no column of the spine nor a label that was asked for.

    Raises:
        MissingColumn: FK205.
    """
    if label not in present:
        raise MissingColumn("the training set", label, present, "as the label", "--label")


def knows_the_label(
    frame: pl.DataFrame | pl.LazyFrame, columns: Sequence[str], label: str
) -> tuple[Lint, ...]:
    """Remark on features that predict ``label`` alone (FK272).

    A number does when the area under its ROC curve (of a label with two values) or its absolute
    correlation (of a number) is above 0.98; a category when each of its values, seen twice or more
    on average, has one label; any feature when being null has. Of a lazy frame a feature and the
    label are read at a time.
    """
    lazy = frame.lazy()
    outcome = collected(lazy.select(label), "the training set")[label].drop_nulls()
    kind = language_type(outcome.dtype)
    if kind is None or kind.element is not None or outcome.n_unique() < 2:  # noqa: PLR2004  one label has nothing to be known
        return ()
    found = []
    for name in columns:
        rows = collected(lazy.select(name, label).drop_nulls(label), "the training set")
        if (how := _knows(rows, name, label)) is not None:
            text = f"{name} predicts {label!r} alone ({how}): probably it knows what came after"
            fix = f"look at what {name} reads; leave it out if it is part of the outcome"
            found.append(Lint("FK272", text, fix))
    return tuple(found)


def _knows(rows: pl.DataFrame, name: str, label: str) -> str | None:
    kind = language_type(rows.schema[name])
    if kind is None or kind.element is not None:
        return None
    outcome = rows[label]
    missing = rows[name].is_null()
    if 0 < int(missing.sum()) < len(rows) and _determines(missing, outcome):
        return "whether it is null says it all"
    known = rows.filter(~missing)
    values, outcome = known[name], known[label]
    if len(known) < 10 or outcome.n_unique() < 2:  # noqa: PLR2004  too few to say anything
        return None
    if values.dtype.is_numeric():
        score = _area(values, outcome) if outcome.n_unique() == 2 else _correlation(values, outcome)  # noqa: PLR2004  two classes
        told = "AUC" if outcome.n_unique() == 2 else "correlation"  # noqa: PLR2004  two classes
        return f"{told} {score:.3f}" if score is not None and score > CERTAIN else None
    if values.n_unique() * 2 <= len(known) and _determines(values, outcome):
        return "each of its values has one label"
    return None


def _determines(values: pl.Series, outcome: pl.Series) -> bool:
    pl = require("polars", PURPOSE)
    pairs = pl.DataFrame([values.alias("value"), outcome.alias("label")]).unique()
    return len(pairs) == values.n_unique() and values.n_unique() > 1


def _area(values: pl.Series, outcome: pl.Series) -> float | None:
    """Return the area under the ROC curve, the better way round: by ranks (Mann and Whitney)."""
    pl = require("polars", PURPOSE)
    high = outcome == outcome.max()
    first, second = int(high.sum()), len(outcome) - int(high.sum())
    ranks = float(values.cast(pl.Float64).rank("average").filter(high).sum())
    area = (ranks - first * (first + 1) / 2) / (first * second)
    return max(area, 1 - area)


def _correlation(values: pl.Series, outcome: pl.Series) -> float | None:
    """Return the absolute correlation; None where the label is no number."""
    pl = require("polars", PURPOSE)
    if not outcome.dtype.is_numeric():
        return None
    pairs = pl.DataFrame([values.cast(pl.Float64).alias("x"), outcome.cast(pl.Float64).alias("y")])
    found = pairs.filter(pl.all_horizontal(pl.all().is_finite())).select(pl.corr("x", "y")).item()
    return None if found is None else abs(float(found))
