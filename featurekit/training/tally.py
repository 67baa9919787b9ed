"""Why answers are null, added up over the pieces of a training set."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from featurekit.backends.plan import Wanted
from featurekit.errors import FeatureError
from featurekit.ir.view import View
from featurekit.training.causes import Causes, causes
from featurekit.training.labels import Latest, too_early
from featurekit.training.sets import training_set
from featurekit.training.sources import SourceData
from featurekit.training.spine import checked_spine

if TYPE_CHECKING:
    import polars as pl


class Tally:
    """The causes found so far, by view and feature.

    Answers that are put together from several entities' are not in it: a piece has one of them.
    """

    def __init__(self, views: Mapping[str, View], latest: Latest) -> None:
        self._views = views
        self._latest = latest
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

        moments = checked_spine(asked, (), views, time).moments
        early = too_early(wanted, self._views, moments, self._latest)
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
