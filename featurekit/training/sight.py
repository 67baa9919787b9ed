"""What each question sees of a history: ranges of positions, and which late rows within them.

Rows lie in order of time. Up to some position every row of the entity was known when asked; from
there to the last row that can have been known, each row is checked by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from featurekit.backends.to_polars import PURPOSE
from featurekit.ir.windows import AllTime, LastRows, Window
from featurekit.lazy import require
from featurekit.training.history import History, Questions
from featurekit.training.moments import bounds
from featurekit.training.placing import Line

if TYPE_CHECKING:
    import polars as pl

MOST_PAIRS = 4_000_000
"""How many (question, row) pairs are held at once; about 100 MB with their states."""


@dataclass(frozen=True, slots=True)
class Span:
    """For each question the positions ``[start, end)``; up to ``certain`` every row is visible."""

    start: pl.Series
    certain: pl.Series
    end: pl.Series


@dataclass(frozen=True, slots=True)
class Pairs:
    """Questions and the visible rows they see, in order; ``first`` to ``last`` of each question.

    Attributes:
        questions: The positions of the questions ``[questions[0], questions[1])`` that are here.
        question: One a pair: the question's position.
        row: One a pair: the row's position in the history.
        first: One a question: where its pairs begin.
        last: One a question: where they end.
    """

    questions: tuple[int, int]
    question: pl.Series
    row: pl.Series
    first: pl.Series
    last: pl.Series


class Sight:
    """Questions over one history, both sorted; finds positions by binary search."""

    def __init__(self, history: History, asked: Questions) -> None:
        self.history = history
        self.asked = asked
        self._spans: dict[tuple[Window, str], Span] = {}
        self._line = Line(history.begins, history.time)

    def before(self, moment: pl.Series) -> pl.Series:
        """Return for each question how many rows lie before ``moment`` of its entity."""
        if moment is self.asked.time:
            return self._now
        return self._searched(moment)

    @cached_property
    def _now(self) -> pl.Series:
        """How many rows lie before each question."""
        return self._searched(self.asked.time)

    def _searched(self, moment: pl.Series) -> pl.Series:
        return self._line.before(self.asked.code, moment)

    @cached_property
    def _first(self) -> pl.Series:
        """Where the rows of each question's entity begin."""
        return self.history.begins.gather(self.asked.code)

    @cached_property
    def _certain(self) -> pl.Series:
        """Up to where every row of the entity is visible."""
        if self.history.prompt:
            return self.before(self.asked.time)
        line = Line(self.history.begins, self.history.known_by)
        return line.before(self.asked.code, self.asked.time)

    @cached_property
    def _end(self) -> pl.Series:
        """From where on no row of the entity is visible."""
        if self.history.prompt:
            return self._certain
        lag = (self.history.known - self.history.time).min() or 0
        return self.before(self.asked.time - int(lag))  # type: ignore[arg-type]  # an integer

    @cached_property
    def behind(self) -> Span:
        """The rows that lie behind one that is not visible."""
        return Span(self._certain, self._certain, _most(self._certain, self._end))

    @cached_property
    def sees_late(self) -> bool:
        """Whether any question may see a row that lies behind one that is not visible."""
        return bool((self.behind.start < self.behind.end).any())

    def late(self) -> Iterator[Pairs]:
        """Yield the visible rows that lie behind one that is not visible; nothing without any."""
        return self.pairs(self.behind) if self.sees_late else iter(())

    @cached_property
    def latest(self) -> pl.Series:
        """The position of the latest visible row, null where there is none."""
        pl = require("polars", PURPOSE)
        found = _where(
            self._certain > self._first, self._certain - 1, pl.Series([None], dtype=pl.Int64)
        )
        parts = []
        for pairs in self.late():
            begin, stop = pairs.questions
            own = found[begin:stop]
            if len(pairs.row):
                behind = pairs.row[(pairs.last - 1).clip(0)]
                own = _where(pairs.last > pairs.first, behind, own)
            parts.append(own)
        return pl.concat(parts) if parts else found

    @cached_property
    def knows_any(self) -> pl.Series:
        """Whether a question sees any row at all."""
        return self.latest.is_not_null()

    @property
    def at_once(self) -> pl.Series:
        """How many rows the entity has at the very moment of each question."""
        return self.before(self.asked.time + 1) - self.before(self.asked.time)

    def span(self, window: Window, zone: str) -> Span:
        """Return the rows of ``window`` in ``zone`` for each question."""
        if (window, zone) not in self._spans:
            self._spans[window, zone] = self._spanned(window, zone)
        return self._spans[window, zone]

    @cached_property
    def everything(self) -> Span:
        """All that can be visible."""
        return self.span(AllTime(), "UTC")

    def _spanned(self, window: Window, zone: str) -> Span:
        if isinstance(window, LastRows):
            return self._last_rows(window)
        start, end = bounds(window, self.asked.time, zone)
        low = self._first if start is None else self.before(start)
        if end is self.asked.time and self.history.prompt:
            return Span(low, self._now, self._now)
        high = _least(self.before(end), self._end)
        high = _most(low, high)
        return Span(low, _least(_most(low, self._certain), high), high)

    def _last_rows(self, window: LastRows) -> Span:
        """Return the shortest spans that hold the latest visible rows behind the offset."""
        end = _most(self._certain, self._end)
        if window.offset:
            end = self._back(window.offset)
        start = self._back(window.offset + window.count)
        return Span(start, _least(_most(start, self._certain), end), end)

    def _back(self, count: int) -> pl.Series:
        """Return where the latest ``count`` visible rows begin, at the first row at least."""
        pl = require("polars", PURPOSE)
        certain = self._certain
        start = _most(self._first, certain - count)
        parts = []
        for pairs in self.late():
            seen = pairs.last - pairs.first
            begin, stop = pairs.questions
            more = (count - seen).clip(lower_bound=0)
            own = _most(self._first[begin:stop], certain[begin:stop] - more)
            if len(pairs.row):
                late = pairs.row[(pairs.last - count).clip(0, len(pairs.row) - 1)]
                own = _where(seen >= count, late, own)
            parts.append(own)
        return pl.concat(parts) if parts else start

    def stretched(self, one_a_question: pl.Series) -> pl.Series:
        """Return the value of each spine row's question; null for rows that ask nothing."""
        if not self.asked.complete:
            one_a_question = one_a_question.extend_constant(None, 1)
        return one_a_question.gather(self.asked.row)

    def pairs(self, span: Span) -> Iterator[Pairs]:
        """Yield the visible rows in ``span``, all questions in order, in bounded pieces."""
        pl = require("polars", PURPOSE)
        sizes = (span.end - span.start).cum_sum()
        begin = 0
        while begin < len(sizes):
            done = int(sizes[begin - 1]) if begin else 0
            stop = int(sizes.search_sorted(done + MOST_PAIRS, side="right"))
            stop = min(max(stop, begin + 1), len(sizes))
            ranges = pl.DataFrame({"start": span.start[begin:stop], "end": span.end[begin:stop]})
            ranges = ranges.with_columns(q=pl.int_range(begin, stop), t=self.asked.time[begin:stop])
            ranges = ranges.filter(pl.col("start") < pl.col("end"))
            every = ranges.select(
                "q", "t", row=pl.int_ranges("start", "end", dtype=pl.Int64)
            ).explode("row")
            every = every.filter(self.history.known[every["row"]] < every["t"])
            numbers = pl.int_range(begin, stop, eager=True)
            yield Pairs(
                (begin, stop),
                every["q"],
                every["row"],
                every["q"].search_sorted(numbers, side="left").cast(pl.Int64),
                every["q"].search_sorted(numbers, side="right").cast(pl.Int64),
            )
            begin = stop


def _least(one: pl.Series, other: pl.Series) -> pl.Series:
    return _where(one < other, one, other)


def _most(one: pl.Series, other: pl.Series) -> pl.Series:
    return _where(one > other, one, other)


def _where(test: pl.Series, one: pl.Series, other: pl.Series) -> pl.Series:
    return one.zip_with(test, other)
