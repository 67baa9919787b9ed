"""Why answers are null, and how many questions matched, added up over a training set's pieces."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from featurekit.backends.plan import Wanted
from featurekit.errors import FeatureError
from featurekit.ir.view import View
from featurekit.training.causes import Causes, causes
from featurekit.training.engine import ViewFacts
from featurekit.training.labels import Latest, too_early
from featurekit.training.leaks import Met, met_at_events
from featurekit.training.sets import training_set
from featurekit.training.sources import SourceData
from featurekit.training.spine import checked_spine

if TYPE_CHECKING:
    import polars as pl


class Tally:
    """The causes found so far, by view and feature.

    Answers that are put together from several entities' are not in it: a piece has one of them.

    Attributes:
        met: How many questions so far are asked exactly at event times.
    """

    def __init__(self, views: Mapping[str, View], latest: Latest) -> None:
        self._views = views
        self._latest = latest
        self.met: Met = {}
        self._found: dict[tuple[str, str], Causes] = {}

    def add(
        self,
        asked: pl.DataFrame,
        answers: pl.DataFrame,
        wanted: Sequence[Wanted],
        views: Mapping[str, View],
        data: Mapping[str, SourceData],
        time: str | None,
    ) -> None:
        """Add the causes of one piece; ``views`` are as they are asked."""

        def ask(
            rows: pl.DataFrame, more: Sequence[Wanted], made: Mapping[str, View]
        ) -> pl.DataFrame:
            return training_set(rows, more, made, data, time=time).frame

        questions = checked_spine(asked, (), views, time)
        own = {reference: self._views[reference] for reference in views}
        for place, count in met_at_events(questions, own, data).items():
            self.met[place] = self.met.get(place, 0) + count
        early = too_early(wanted, self._views, questions.moments, self._latest)
        try:
            found = causes(asked, answers, wanted, views, early, ask)
        except FeatureError:  # the answers hold; only what would explain them cannot be asked
            return
        for one in wanted:
            known = self._found.get((one.reference, one.feature), Causes())
            self._found[one.reference, one.feature] = _sum(known, found[one.column])

    def of(self, wanted: Sequence[Wanted]) -> dict[str, Causes]:
        """Return by column why the answers are null, of those that are known."""
        return {
            one.column: self._found[one.reference, one.feature]
            for one in wanted
            if (one.reference, one.feature) in self._found
        }


def _sum(one: Causes, other: Causes) -> Causes:
    return Causes(
        *(a + b for a, b in zip(dataclasses.astuple(one), dataclasses.astuple(other), strict=True))
    )


def summed(known: dict[str, ViewFacts], more: Iterable[ViewFacts]) -> None:
    """Add to ``known`` how many questions each view could answer in one piece more.

    Of several pieces nobody knows the median age.
    """
    for one in more:
        other = known.get(one.reference, ViewFacts(one.reference, one.kind, 0))
        known[one.reference] = dataclasses.replace(
            other,
            matched=other.matched + one.matched,
            stale=other.stale + one.stale,
            tied=other.tied + one.tied,
        )
