"""The facts of training sets: how much was found, why answers are null, what is doubtful."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

from featurekit.errors import CatalogError
from featurekit.lazy import require
from featurekit.training.splits import gap_name, told
from featurekit.verbs.delivery_facts import after, drafts
from featurekit.verbs.values import plain_rows, plain_value
from featurekit.verbs.verb import Call, Facts

if TYPE_CHECKING:
    import polars as pl

    from featurekit.frontends.remarks import Lint
    from featurekit.training.pieces import InPieces
    from featurekit.training.sets import TrainingSet
    from featurekit.training.spine import SpineFacts
    from featurekit.training.splits import Split
    from featurekit.workspace import Workspace

_SHOWN_UNMATCHED = 5


def of_training(
    workspace: Workspace, training: TrainingSet, name: str, kept: str | None, seconds: float
) -> Facts:
    """Return the facts of a training set's card; the frame itself stays in the process."""
    report = training.report
    rows = max(report.rows, 1)
    views = {view.reference.partition("@")[0]: view for view in report.views}
    why = report.causes or {}
    features = []
    for column in report.columns:
        view = views.get(column.column.split("__")[-2])
        features.append(
            {
                "column": column.column,
                "type": column.type,
                "label": column.label,
                "nulls": column.nulls,
                "null_rate": column.nulls / rows,
                "matched": view.matched / rows if view else None,
                "median_age": _age(view.median_age if view and not column.label else None),
                "causes": asdict(why[column.column]) if column.column in why else None,
            }
        )
    return {
        "kind": "trainset",
        "set": name,
        "rows": report.rows,
        "columns": len(training.frame.columns),
        "seconds": round(seconds, 3),
        "badges": [*drafts(workspace, name), *questions(report.spine)],
        "lints": lints(report.lints),
        "features": features,
        "joins": [asdict(one) | {"median_age": _age(one.median_age)} for one in report.joins],
        "unmatched": plain_rows(_unmatched(training)),
        "without_time": report.without_time,
        "without_key": dict(report.without_key),
        "spine": plain_value(asdict(report.spine)) if report.spine else None,
        "frame_name": kept,
        "_frame": training.frame,
        "next": after(workspace, name),
    }


def lints(found: Iterable[Lint]) -> list[Facts]:
    """Return remarks as a card shows them."""
    return [{"code": one.code, "text": one.text, "fix": one.fix} for one in found]


def profiled(call: Call, made: TrainingSet | InPieces) -> list[Facts]:
    """Keep the profile, unless a lock, the author or a dry run says not to.

    A catalog that cannot be written to is told of in a badge, and takes nothing away.
    """
    options = call.options
    if options.lock or options.no_profile or options.dry_run:
        return []
    try:
        call.workspace.keep_profile(made)
    except CatalogError as refused:
        return [{"label": "no profile kept", "level": "warn", "text": refused.problem}]
    return []


def questions(spine: SpineFacts | None) -> list[Facts]:
    """Return a badge for each thing that is odd about the questions, though it is answered."""
    if spine is None:
        return []
    keyless = max(spine.without_key.values(), default=0)
    doubts = (
        ("no rows", int(not spine.rows), "nothing was asked: the spine is empty"),
        ("no key", keyless, f"{keyless:,} rows have no key and see nothing"),
        ("no time", spine.without_time, f"{spine.without_time:,} rows have no time: see nothing"),
        ("asked twice", spine.duplicates, f"{spine.duplicates:,} rows repeat a key and moment"),
    )
    return [{"label": name, "level": "warn", "text": text} for name, n, text in doubts if n]


def _age(microseconds: int | None) -> str | None:
    """Return an age as people say it: ``0:25:00``, ``2 days, 3:00:00``."""
    return None if microseconds is None else str(dt.timedelta(microseconds=microseconds))


def _unmatched(training: TrainingSet) -> pl.DataFrame:
    """Return the first rows for which some view answered nothing but nulls."""
    pl = require("polars", "to show a training set")
    views: dict[str, list[str]] = {}
    for column in training.report.columns:
        if not column.label:
            views.setdefault(column.column.partition("__")[0], []).append(column.column)
    answered = {column.column for column in training.report.columns}
    asked = [name for name in training.frame.columns if name not in answered]
    empty = [pl.all_horizontal(pl.col(c).is_null() for c in columns) for columns in views.values()]
    found = training.frame.filter(pl.any_horizontal(empty)) if empty else training.frame.head(0)
    return found.select(asked).head(_SHOWN_UNMATCHED)


def of_split(made: Split, kept: Mapping[str, str], *, dry_run: bool) -> Facts:
    """Return the facts of a split: its parts, and what is in none of them."""
    lost = (
        ("no time", made.without_time, "rows have no time and are in no part"),
        ("outside", made.outside, "rows are in no part for their time"),
    )
    empty = [part.name for part in made.parts if not part.rows]
    badges = [
        {"label": label, "level": "warn", "text": f"{count:,} {text}"}
        for label, count, text in lost
        if count
    ]
    badges += [{"label": "empty", "level": "bad", "text": f"{name} has no rows"} for name in empty]
    named = {} if dry_run else {n: made.frames[p] for p, n in kept.items() if n.isidentifier()}
    return {
        "kind": "split",
        "gap": gap_name(made.gap),
        "parts": [plain_value(part) | {"kept": kept.get(part["name"])} for part in told(made)],
        "without_time": made.without_time,
        "outside": made.outside,
        "dry_run": dry_run,
        "badges": badges,
        "_frames": named,
    }
