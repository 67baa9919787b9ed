"""How many different values a window holds, for many windows at once, without gathering rows.

In a range each value counts where it occurs first, that is in the rows whose previous occurrence
lies before the range. How many rows before c have their previous occurrence before s is counted in
blocks of 2**k rows, sorted by previous occurrence: n log n for all ranges.
Source: offline two-dimensional dominance counting (merge-sort tree, one level at a time).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from featurekit.backends.to_polars import PURPOSE
from featurekit.lazy import require
from featurekit.training.sight import Pairs, Sight, Span

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class _Occurrences:
    """The rows that count.

    Attributes:
        group: One a row of the history: which value of which entity; null where nothing counts.
        before: How many rows that count lie before each position.
        previous: One a row that counts: the number of the previous one of its group, or -1.
        places: ``group * size + position``, sorted.
        size: More than any position.
        in_hand: One a question: the group of the row in hand; null where that does not count.
    """

    group: pl.Series
    before: pl.Series
    previous: pl.Series
    places: pl.Series
    size: int
    in_hand: pl.Series | None


def counted(
    sight: Sight, values: pl.Series, spans: Sequence[Span], in_hand: pl.Series | None = None
) -> list[pl.Series]:
    """Return for each span how many different ``values`` its visible rows hold.

    Args:
        sight: The questions over the history.
        values: One a row; null where nothing counts.
        spans: One a window.
        in_hand: One a question: the value of a row that comes after those of each span.
    """
    pl = require("polars", PURPOSE)
    found = _occurrences(sight, values, in_hand)
    start = pl.concat([found.before.gather(span.start) for span in spans])
    certain = pl.concat([found.before.gather(span.certain) for span in spans])
    whole = _dominated(found.previous, certain, start) - start
    size = len(sight.asked)
    answers = [whole.slice(number * size, size) for number in range(len(spans))]
    late: list[list[Any]] = [[] for _ in spans]
    for pairs in sight.late() if in_hand is None else sight.pairs(sight.behind):
        rows = _late_rows(found, pairs)
        for pieces, span in zip(late, spans, strict=True):
            pieces.append(_late_count(found, pairs, rows, span))
    return [
        answer + pl.concat(pieces) if pieces else answer
        for answer, pieces in zip(answers, late, strict=True)
    ]


def _occurrences(sight: Sight, values: pl.Series, in_hand: pl.Series | None) -> _Occurrences:
    pl = require("polars", PURPOSE)
    code, count = sight.history.code, len(values)
    if in_hand is not None:
        values = pl.concat([values, in_hand])
        code = pl.concat([code, sight.asked.code.cast(pl.Int64)])
    if values.dtype == pl.String:
        values = values.cast(pl.Categorical).to_physical()
    size = len(values) + 1
    ranks = values.rank("dense").cast(pl.Int64)
    every = (code * size + ranks).rank("dense").cast(pl.Int64)
    group = every.head(count)
    counts = group.is_not_null()
    before = pl.concat([pl.Series([0], dtype=pl.Int64), counts.cast(pl.Int64).cum_sum()])
    own = group.filter(counts)
    rows = own.to_frame("group").with_columns(number=pl.int_range(pl.len(), dtype=pl.Int64))
    rows = rows.sort("group", "number")
    same = pl.col("group") == pl.col("group").shift(1)
    rows = rows.with_columns(previous=pl.when(same).then(pl.col("number").shift(1)).otherwise(-1))
    places = (own * size + counts.arg_true().cast(pl.Int64)).sort()
    previous = rows.sort("number")["previous"]
    asked = None if in_hand is None else every.slice(count)
    return _Occurrences(group, before, previous, places, size, asked)


def _dominated(previous: pl.Series, before: pl.Series, limit: pl.Series) -> pl.Series:
    """Return for each query how many of the first ``before`` entries are less than ``limit``."""
    pl = require("polars", PURPOSE)
    size = len(previous) + 1
    total = (before * 0).alias("total")
    numbers = pl.int_range(len(previous), dtype=pl.Int64, eager=True)
    for level in range(len(previous).bit_length()):
        width = 2**level
        keys = (numbers // width * size + previous + 1).sort()
        taken = before // width % 2 == 1
        block = before // width - 1
        found = keys.search_sorted(block * size + limit + 1, side="left").cast(pl.Int64)
        total = total + (found - block * width).zip_with(taken, before * 0)
    return total


def _late_rows(found: _Occurrences, pairs: Pairs) -> pl.DataFrame:
    """Return the late rows that count, each with the previous late row of its group, or -1.

    The row in hand is the last late row.
    """
    pl = require("polars", PURPOSE)
    rows = pl.DataFrame({"q": pairs.question, "row": pairs.row, "group": found.group[pairs.row]})
    if found.in_hand is not None:
        begin, stop = pairs.questions
        own = pl.DataFrame({"group": found.in_hand[begin:stop]}).select(
            q=pl.int_range(begin, stop, dtype=pl.Int64), row=pl.lit(found.size), group="group"
        )
        rows = pl.concat([rows, own], how="vertical_relaxed")
    rows = rows.drop_nulls("group").sort("q", "group", "row")
    same = (pl.col("q") == pl.col("q").shift(1)) & (pl.col("group") == pl.col("group").shift(1))
    rows = rows.with_columns(last=pl.when(same).then(pl.col("row").shift(1)).otherwise(-1))
    return rows.with_columns(pl.col("last").fill_null(-1))  # type: ignore[no-any-return]  # late


def _late_count(found: _Occurrences, pairs: Pairs, rows: pl.DataFrame, span: Span) -> pl.Series:
    """Return how many values the late rows of ``span`` add to what is certain."""
    pl = require("polars", PURPOSE)
    begin, stop = pairs.questions
    bounds = {"start": span.start, "certain": span.certain, "end": span.end}
    rows = rows.with_columns([s.gather(rows["q"]).alias(name) for name, s in bounds.items()])
    inside = pl.col("row").is_between("certain", "end", closed="left")
    inside = inside | (pl.col("row") == found.size)
    rows = rows.filter(inside & (pl.col("last") < pl.col("certain")))
    low, high = (
        found.places.search_sorted(rows["group"] * found.size + rows[name])
        for name in ("start", "certain")
    )
    new = rows["q"].filter(low == high)
    numbers = pl.int_range(begin, stop, eager=True)
    first, last = (new.search_sorted(numbers + more).cast(pl.Int64) for more in (0, 1))
    return last - first  # type: ignore[no-any-return]  # loaded late
