"""Sums of values that halve again and again, for many moments of asking.

Time is cut at fixed moments into stretches. Each value is weighted as of the end of its stretch;
these weighted values are added up without any error, so that a range of rows costs no more than
its ends do. What they come to in each stretch is then weighted as of the moment of asking. Longer
stretches would hold numbers whose sizes differ more, which takes more digits.

Nothing but two weights a value and their products is rounded, by 2e-13 of each at most: an answer
is within 1e-12 of the sum of what is left of its values' sizes, where 1e-9 is allowed. It depends
on the rows of its range and the moment alone: it is the same in memory and in pieces, with compiled
loops and without. Where values nearly cancel the rest is not that of values weighted one by one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from featurekit.backends.to_polars import PURPOSE
from featurekit.ir.nodes import Aggregate
from featurekit.ir.windows import Window
from featurekit.lazy import require
from featurekit.ops import AGGREGATES, Fading, Moments
from featurekit.training.ranges import operands, parts_of, totals
from featurekit.training.reading import Reading
from featurekit.training.sight import Sight, Span

if TYPE_CHECKING:
    import polars as pl

_HALVES = 64
"""Half lives in a stretch."""
_FOREVER = 2**61
"""Microseconds that are more than any two moments are apart."""
_TIME, _MOMENT, _HALF_LIFE = 1, 2, 3


def of_rows(aggregate: Aggregate) -> Aggregate:
    """Return ``aggregate`` as rows are read for it: each asked at its own time, whoever asks."""
    given = list(aggregate.arguments)
    given[_MOMENT] = given[_TIME]
    return dataclasses.replace(aggregate, arguments=tuple(given))


def faded(
    reading: Reading, alike: Sequence[Aggregate], spans: Mapping[Window, Span]
) -> dict[Aggregate, pl.Series]:
    """Return the answers, one a question, of aggregates that differ only in the rows they see."""
    pl = require("polars", PURPOSE)
    fading, example = AGGREGATES[alike[0].function].lift, of_rows(alike[0])
    assert isinstance(fading, Fading)  # noqa: S101  only these are asked for
    half_life = operands(example)[_HALF_LIFE]
    lasting = min(fading.lasting * half_life, _FOREVER)
    windows = list(dict.fromkeys(aggregate.window for aggregate in alike))
    whole = [spans[window] for window in windows]
    nothing = pl.select(pl.repeat(0, len(reading.sight.asked)).alias("n"))
    sums = [nothing.with_columns(hi=0.0, lo=0.0) for _ in windows]
    weighed = totals(reading, Moments(_weighed, _sum), example, whole)
    for parts, weight in _stretches(reading.sight, half_life, lasting, whole):
        sums = [_more(s, one, weight) for s, one in zip(sums, weighed(parts), strict=True)]
    oldest = _oldest(reading.sight, lasting)
    parts = [_between(span, None, oldest) for span in whole]
    if any(map(_some, parts)):
        odd = totals(reading, Moments(_odd, _sum), example, parts)
        sums = [_more(s, one) for s, one in zip(sums, odd(parts), strict=True)]
    answers = {}
    for aggregate in alike:
        found = sums[windows.index(aggregate.window)]
        if aggregate.current:
            found = _more(found, _in_hand(reading, aggregate))
        answers[aggregate] = _answer(found, fading.least)
    return answers


def _stretches(
    sight: Sight, half_life: int, lasting: int, spans: Sequence[Span]
) -> Iterator[tuple[list[Span], pl.Series]]:
    """Yield the rows of ``spans`` in each stretch, the latest first, and what its end weighs.

    Rows that are older than ``lasting`` are in none.
    """
    pl = require("polars", PURPOSE)
    asked, length = sight.asked.time, _length(half_life)
    begin, oldest, above = asked - asked % length, _oldest(sight, lasting), None
    while True:
        first = sight.before(begin)
        first = first.zip_with(first > oldest, oldest)
        parts = [_between(span, first, above) for span in spans]
        if any(map(_some, parts)):
            ends = (begin + length).alias("end").to_frame().with_columns(asked.alias("asked"))
            weight = _weight(pl, pl.col("asked") - pl.col("end"), half_life)
            yield parts, ends.select(weight.alias("weight"))["weight"]
        if (first == oldest).all():
            return
        begin, above = begin - length, first


def _length(half_life: int) -> int:
    return min(_HALVES * half_life, _FOREVER)


def _weight(pl: Any, age: Any, half_life: int) -> Any:
    return pl.lit(2.0).pow(-(age.cast(pl.Float64) / half_life))


def _oldest(sight: Sight, lasting: int) -> pl.Series:
    """Return where the rows of each question begin that are younger than ``lasting``."""
    return sight.before(sight.asked.time - lasting + 1)


def _between(span: Span, first: pl.Series | None, above: pl.Series | None) -> Span:
    """Return the rows of ``span`` from ``first`` on, before ``above``."""
    start, end = span.start, span.end
    if first is not None:
        start = start.zip_with(start > first, first)
    if above is not None:
        end = end.zip_with(end < above, above)
    certain = span.certain.zip_with(span.certain > start, start)
    return Span(start, certain.zip_with(certain < end, end), end)


def _some(span: Span) -> bool:
    return bool((span.start < span.end).any())


# --- what is added up


def _weighed(pl: Any, x: Any, time: Any, _moment: Any, half_life: int) -> dict[str, Any]:
    """Return each value as of the end of its stretch."""
    at, length = time.dt.epoch("us"), _length(half_life)
    weight = _weight(pl, at - at % length + length - at, half_life)
    return {"x": pl.when(x.is_finite()).then(x * weight).otherwise(x)}


def _odd(pl: Any, x: Any, *_: Any) -> dict[str, Any]:
    """Return each value when it is old: what is not finite never fades."""
    return {"x": pl.when(x.is_finite()).then(0.0).otherwise(x)}


def _sum(_pl: Any, s: Mapping[str, Any]) -> Any:
    return s["sum"]


def _in_hand(reading: Reading, aggregate: Aggregate) -> pl.DataFrame:
    """Return the value of each question's row in hand, which is as old as the question."""
    pl = require("polars", PURPOSE)
    own = reading.in_hand(parts_of(of_rows(aggregate)))
    counts = pl.col("0").is_not_null()
    if aggregate.where is not None:
        counts &= pl.col(str(len(aggregate.arguments))).fill_null(value=False)
    return own.select(n=counts.cast(pl.Int64), sum=pl.when(counts).then("0").otherwise(0.0))


def _more(sums: pl.DataFrame, found: pl.DataFrame, weight: pl.Series | None = None) -> pl.DataFrame:
    """Return ``sums`` with what was ``found`` added; what rounding loses is carried along."""
    pl = require("polars", PURPOSE)
    x = found["sum"] if weight is None else found["sum"] * weight
    hi = pl.col("hi")
    total = hi + pl.lit(x)
    part = total - hi
    lost = (hi - (total - part)) + (pl.lit(x) - part)
    return (
        sums.lazy()
        .select(n=pl.col("n") + pl.lit(found["n"]), hi=total, lo=pl.col("lo") + lost)
        .collect()
    )


def _answer(sums: pl.DataFrame, least: float) -> pl.Series:
    pl = require("polars", PURPOSE)
    hi = pl.col("hi")
    total = pl.when(hi.is_finite()).then(hi + pl.col("lo")).otherwise(hi)
    total = pl.when(total.abs() < least).then(0.0).otherwise(total)
    return sums.lazy().select(x=pl.when(pl.col("n") > 0).then(total)).collect()["x"]
