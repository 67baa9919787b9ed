"""Quantiles of many windows: the values of each entity are put in order once.

The rows that a window holds are counted by the rank of their value, so that moving it by a row and
finding the value at a place cost the logarithm of the entity's rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurekit.backends.to_polars import PURPOSE
from featurekit.lazy import require
from featurekit.training import kernels
from featurekit.training.sight import Sight, Span
from featurekit.training.sweeps import array, compiled, run

if TYPE_CHECKING:
    import polars as pl


class Ranks:
    """Values and where they lie among those of their entity; numba is needed."""

    def __init__(self, sight: Sight, values: pl.Series) -> None:
        """Rank ``values``, one a row of the history; null where nothing counts."""
        pl, np = require("polars", PURPOSE), require("numpy", PURPOSE)
        self._begins = array(sight.history.begins)
        self._code = array(sight.asked.code)
        self._values = array(values.fill_null(0.0).fill_nan(float("nan")))
        nothing = pl.Series([], dtype=pl.Boolean)
        self._present = array(values.is_not_null() if values.null_count() else nothing)
        # doubles lie as the whole numbers of their bits do, but for the order of negative ones
        keys = self._values.view(np.int64)
        keys = np.where(keys < 0, keys ^ np.int64(2**63 - 1), keys)
        self._order = np.arange(len(keys), dtype=np.uint32)
        buffers = np.empty_like(self._order), np.empty_like(keys)
        ends = self._begins[:-1], self._begins[1:]
        rising = compiled(kernels.rising)
        run(rising, (self._order, keys, *buffers), ends, tuple, (), self._begins)
        rows = np.arange(len(keys), dtype=np.uint32)
        self._ranks = np.empty_like(rows)
        self._ranks[self._order] = rows - np.repeat(self._begins[:-1], np.diff(self._begins))

    def quantile(self, span: Span, share: float) -> pl.Series:
        """Return the quantile ``share`` of the values in ``span``; null where there is none."""
        pl, np = require("polars", PURPOSE), require("numpy", PURPOSE)
        sizes = np.diff(self._begins)
        most = int(sizes.max(initial=0))
        n, found = np.empty(len(self._code), np.int64), np.empty(len(self._code))
        run(
            compiled(kernels.quantiles),
            ((self._values, self._present, self._ranks, self._order),),
            (self._begins[self._code], sizes[self._code], array(span.start), array(span.certain)),
            lambda: ((share, np.zeros(most + 1, np.int32)),),
            (n, found),
        )
        answers = pl.DataFrame({"n": n, "found": found})
        return answers.select(pl.when(pl.col("n") > 0).then("found"))["found"]  # type: ignore[no-any-return]  # loaded late
