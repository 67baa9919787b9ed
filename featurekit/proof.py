"""Proof that the generated serving code answers as training does, for whatever was selected."""

from __future__ import annotations

import datetime as dt
import math
import time as clock
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from featurekit.backends.plan import trimmed
from featurekit.errors import UsageError
from featurekit.export.package import Described, PackageSpec
from featurekit.export.render import render
from featurekit.frontends.remarks import Lint
from featurekit.frontends.row_lints import Seen
from featurekit.frontends.to_text import expression_text
from featurekit.ir.canonical import digest, meaning_hash
from featurekit.ir.definitions import FeatureSet, Member
from featurekit.ir.view import View
from featurekit.parity.prove import compare_served, prove_cases_here, served_answers, served_frame
from featurekit.parity.report import ParityReport
from featurekit.parity.rows import shape
from featurekit.parity.samples import sampled_cases, sampled_questions
from featurekit.parity.vectors import Train
from featurekit.selection import Selection
from featurekit.training.coverage import stray_remark
from featurekit.training.labels import known_until, latest_rows
from featurekit.training.observing import seen
from featurekit.training.profile import profile
from featurekit.training.sets import training_set
from featurekit.training.sources import SourceData, collected
from featurekit.training.spine import checked_spine
from featurekit.version import VERSION

if TYPE_CHECKING:
    import polars as pl

Progress = Callable[[str, int, int], None]
Rows = Mapping[str, SourceData]

_PREVIEW_ROWS = 2000
_PREVIEW_CASES = 60
_PARITY_SECONDS = 0.4
_SAMPLE = 5000
_SHOWN_ROWS = 10


@dataclass(frozen=True, slots=True)
class Preview:
    """What a card shows of values: sampled answers, their profile, a quick parity check, cost.

    Attributes:
        name: What was previewed.
        frame: The answers, one column a feature, one row a sampled question.
        shown: The first of them, with the keys and the moment they were asked with.
        profile: One dict of facts a feature.
        parity: The comparison with the generated code; None when there was nothing to ask.
        note: Why there is no comparison.
        parity_seconds: How long the comparison took.
        seen: What is remarkable of the rows that it reads.
        cost_us: Microseconds a request that answering takes, by feature.
        seconds: How long all of it took.
        known_until: Of labels, the last moment that has one; None: of features, or no rows.
        strays: Of labels, that some are known only by rows far behind all others.
    """

    name: str
    frame: pl.DataFrame
    shown: pl.DataFrame
    profile: tuple[Mapping[str, Any], ...]
    parity: ParityReport | None
    note: str = ""
    parity_seconds: float = 0.0
    seen: Seen = field(default_factory=Seen)
    cost_us: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    known_until: dt.datetime | None = None
    strays: Lint | None = None


def rendered(chosen: Selection) -> dict[str, str]:
    """Return the package for ``chosen`` as it would be exported, under a provisional version."""
    members: dict[str, list[str]] = {}
    for one in chosen.wanted:
        members.setdefault(one.reference, []).append(one.feature)
    made = FeatureSet(
        "preview",
        tuple(
            Member(reference.partition("@")[0], reference.partition("@")[2], tuple(features))
            for reference, features in members.items()
        ),
    )
    meanings = {reference: meaning_hash(view) for reference, view in chosen.views.items()}
    views = {reference: described(view) for reference, view in chosen.views.items()}
    return render(PackageSpec(made, "0.0", digest(meanings), views, VERSION, ""))


def described(view: View, owner: str = "", description: str = "") -> Described:
    """Return ``view`` with the canonical text of each feature, for the comments of its code."""
    texts = {feature.name: expression_text(feature.expression, view) for feature in view.features}
    return Described(view, owner, description, texts)


def served(chosen: Selection, spine: pl.DataFrame, data: Rows, *, time: str | None) -> pl.DataFrame:
    """Return ``spine`` with the answers of the generated code, run in a process of its own."""
    made = shape(chosen.wanted, chosen.views)
    asked = _typed(chosen, spine, time)
    given = served_answers(made, rendered(chosen), asked, _frames(data), time)
    return served_frame(made, spine, given)


def parity(
    chosen: Selection,
    spine: pl.DataFrame,
    data: Rows,
    *,
    time: str | None,
    progress: Progress | None = None,
) -> ParityReport:
    """Ask training and the generated code every row of ``spine`` and compare all values."""
    tell = progress or (lambda *_: None)
    made = shape(chosen.wanted, chosen.views)
    tell("training", 0, len(spine))
    trained = training_set(spine, chosen.wanted, chosen.views, data, time=time).frame
    tell("serving", 0, len(spine))
    asked = _typed(chosen, spine, time)
    given = served_answers(made, rendered(chosen), asked, _frames(data), time)
    wanted = trained.select(one.column for one in chosen.wanted).to_dicts()
    report = compare_served(made, spine.to_dicts(), wanted, given)
    tell("serving", len(spine), len(spine))
    return report


_NEVER = "labels are never served: there is nothing to compare with"


class NothingToAsk(UsageError):
    """FK917: a number of questions below one."""

    code = "FK917"

    def __init__(self, rows: int) -> None:
        super().__init__(f"{rows} questions compare nothing", fix="rows=1000 (--rows 1000)")


def questions(chosen: Selection, data: Rows, samples: Rows, rows: int) -> tuple[pl.DataFrame, str]:
    """Return ``rows`` questions drawn from the real rows, and their column of moments.

    Raises:
        NothingToAsk: FK917.
    """
    if rows < 1:
        raise NothingToAsk(rows)
    made = shape(chosen.wanted, chosen.views)
    return sampled_questions(made, _frames(data), _drawn(samples), rows)


def preview(chosen: Selection, data: Rows, samples: Rows) -> Preview:
    """Answer sampled questions by both paths within a card's time, and profile the answers."""
    started = clock.perf_counter()
    made = shape(chosen.wanted, chosen.views)
    frames = _frames(data)
    spine, time = sampled_questions(made, frames, _drawn(samples), _PREVIEW_ROWS)
    trained = training_set(spine, chosen.wanted, chosen.views, data, time=time).frame
    answers = trained.select(one.column for one in chosen.wanted)
    answers.columns = [one.feature for one in chosen.wanted]
    asked = trained.select(*made.keys, time).head(_SHOWN_ROWS)
    shown = asked.rename({n: f"{n} " for n in asked.columns if n in answers.columns})
    shown = shown.hstack(answers.head(_SHOWN_ROWS))
    facts = tuple(profile(answers, answers.columns))
    view = chosen.views[chosen.wanted[0].reference]
    observed = seen(view, frames, data)
    if view.is_label:
        latest = latest_rows(data)
        until = known_until(view, latest)
        strays = stray_remark(view, data[view.source.name], latest) if view.source else None
        seconds = clock.perf_counter() - started
        return Preview(
            *(chosen.name, answers, shown, facts, None, _NEVER, 0.0, observed, {}, seconds),
            known_until=until,
            strays=strays,
        )
    cases = sampled_cases(made, spine.head(_PREVIEW_CASES), time, frames)
    package = rendered(chosen)
    begun = clock.perf_counter()
    report = prove_cases_here(
        made,
        package,
        cases,
        trainer(chosen),
        _within(_PARITY_SECONDS),
    )
    spent = clock.perf_counter() - begun
    seconds = clock.perf_counter() - started
    return Preview(chosen.name, answers, shown, facts, report, "", spent, observed, {}, seconds)


def _within(seconds: float) -> Callable[[], bool]:
    """Return what says whether there is time left; it runs from the first time it is asked."""
    begun: list[float] = []

    def before() -> bool:
        begun.append(clock.perf_counter())
        return begun[-1] - begun[0] < seconds

    return before


def trainer(chosen: Selection) -> Train:
    """Return the training path as a function of spine and rows, for small made-up data."""
    sources = {source.name: source for source in chosen.sources}

    def train(
        views: Mapping[str, View], spine: pl.DataFrame, rows: Mapping[str, pl.DataFrame], time: str
    ) -> pl.DataFrame:
        data = {name: SourceData(sources[name], frame.lazy()) for name, frame in rows.items()}
        return training_set(spine, chosen.wanted, views, data, time=time).frame

    return train


def value_changes(
    old: Selection, new: Selection, data: Rows, samples: Rows
) -> list[dict[str, Any]]:
    """Return, for each feature that both have, how its values differ on the same questions."""
    spine, time = questions(new, data, samples, _PREVIEW_ROWS)
    before, after = (
        training_set(spine, s.wanted, s.views, data, time=time).frame for s in (old, new)
    )
    shared = [one.column for one in new.wanted if one.column in before.columns]
    changes = []
    for column in shared:
        one, other = before[column], after[column]
        same = one.dtype == other.dtype
        differ = int((one.ne_missing(other)).sum()) if same else len(spine)
        means = [_mean(values) for values in (one, other)]
        changes.append(
            {
                "column": column,
                "feature": column.rpartition("__")[2],
                "rows_changed": differ,
                "rows": len(spine),
                "null_rate": [s.null_count() / max(len(s), 1) for s in (one, other)],
                "mean": means,
            }
        )
    return changes


def _mean(values: pl.Series) -> float | None:
    if not values.dtype.is_numeric():
        return None
    found = values.cast(float, strict=False).mean()
    return found if isinstance(found, float) and math.isfinite(found) else None


def _typed(chosen: Selection, spine: pl.DataFrame, time: str | None) -> pl.DataFrame:
    """Return the questions in the language's types."""
    asked = checked_spine(spine, chosen.wanted, trimmed(chosen.wanted, chosen.views), time)
    return asked.rows.with_columns(asked.moments.alias(time)) if time else asked.rows


def _frames(data: Rows) -> dict[str, pl.DataFrame]:
    return {name: collected(one.frame, f"source {name!r}") for name, one in data.items()}


def _drawn(samples: Rows) -> dict[str, pl.DataFrame]:
    """Return some of the sample requests, spread over all of them."""
    found = {}
    for name, one in samples.items():
        frame = collected(one.frame, f"source {name!r}")
        found[name] = frame.gather_every(max(len(frame) // _SAMPLE, 1))
    return found
