"""What windows rest on: the values of rows in their order, and what is known of stretches of them.

The classes stand in generated packages as they are, so they use the standard library only. A track
holds what aggregates take of an entity's rows, each row evaluated once; beside it stand indexes,
which all windows share: they follow the track when they are asked, and answer for any stretch
``[first, end)`` of its values. A row that comes late makes them forget what lies behind it.
"""

from __future__ import annotations

import abc
import datetime as dt
from bisect import bisect_left, insort
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)
"""No moment is earlier."""

V = TypeVar("V")


def within(times: list[dt.datetime], seen: int, as_of: dt.datetime, age: dt.timedelta) -> int:
    """Return which of the first ``seen`` times is the first no older than ``age``; all in UTC."""
    try:
        return bisect_left(times, as_of - age, 0, seen)
    except OverflowError:  # older than the calendar
        return 0


def shorten(at: int, places: list[int], *beside: list[Any]) -> None:
    """Take from the ends of lists what belongs to the places from ``at`` on."""
    while places and places[-1] >= at:
        places.pop()
        for values in beside:
            values.pop()


class Track(Generic[V]):
    """What an aggregate takes of the rows that count, in order, and the indexes over it.

    Attributes:
        values: One of each row that counts.

    Args:
        argument: From a row to its value; None: the row does not count.
        several: Whether a value is a tuple of what aggregates take.
    """

    __slots__ = ("_argument", "_counted", "_indexes", "_several", "values")

    def __init__(self, argument: Callable[[Any], V | None], *, several: bool = False) -> None:
        self._argument = argument
        self._several = several
        self.values: list[V] = []
        self._counted: list[int] = [0]
        self._indexes: dict[Any, Any] = {}

    def between(self, entries: Sequence[Any], first: int, end: int) -> tuple[int, int]:
        """Return which values are those of the rows ``[first, end)`` of ``entries``."""
        counted = self._counted
        if len(counted) <= end:
            argument, values = self._argument, self.values
            for entry in entries[len(counted) - 1 : end]:
                value = argument(entry.row)
                if value is not None:
                    values.append(value)
                counted.append(len(values))
        return counted[first], counted[end]

    def fold(self, algebra: Any, entries: Sequence[Any], first: int, end: int) -> Any:
        """Return the state of ``algebra`` over the rows ``[first, end)`` of ``entries``."""
        place, stop = self.between(entries, first, end)
        blocks = self._indexes.get(algebra)
        if blocks is None:
            add = _spread(algebra.add) if self._several else algebra.add
            blocks = self._indexes[algebra] = Blocks(self.values, algebra.start, add, algebra.merge)
        return blocks.fold(place, stop)

    def tally(self, window: str, first: int, end: int) -> Any:
        """Return how often each of the values ``[first, end)`` is there; None stands for NaN."""
        tally = self._indexes.get(window)
        if tally is None:
            tally = self._indexes[window] = Tally(self.values)
        return tally.over(first, end)

    def ranked(self, window: str, first: int, end: int) -> Any:
        """Return the values ``[first, end)`` in ascending order, NaN last."""
        ranked = self._indexes.get(window)
        if ranked is None:
            ranked = self._indexes[window] = Ranked(self.values)
        return ranked.over(first, end)

    def forget(self, at: int) -> None:
        """Forget the rows from ``at`` on, and what rests on them."""
        del self._counted[at + 1 :]
        left = self._counted[-1]
        del self.values[left:]
        for index in self._indexes.values():
            index.forget(left)


def _spread(add: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    return lambda state, value: add(state, *value)


def of(
    held: dict[Any, Any], argument: Callable[[Any], V | None], *, several: bool = False
) -> Track[V]:
    """Return the track of ``argument`` among those ``held``; it is made when first asked for."""
    track: Track[V] | None = held.get(argument)
    if track is None:
        track = held[argument] = Track(argument, several=several)
    return track


_BLOCK = 16


class Blocks:
    """The states of blocks of values, of pairs of blocks, of pairs of pairs, and so on.

    Any stretch of n values is merged from about 2 * log2(n / 16) of them, in order, and from what
    stands at its two ends.

    Args:
        values: The values of a track.
        start: The state of nothing.
        add: The state with one more value.
        merge: The state of two neighbouring stretches, the earlier one first; leaves both alone.
    """

    __slots__ = ("_add", "_levels", "_merge", "_start", "_values")

    def __init__(
        self,
        values: Sequence[Any],
        start: Callable[[], Any],
        add: Callable[[Any, Any], Any],
        merge: Callable[[Any, Any], Any],
    ) -> None:
        self._values = values
        self._start = start
        self._add = add
        self._merge = merge
        self._levels: list[list[Any]] = [[]]

    def fold(self, first: int, end: int) -> Any:
        """Return the state of the values ``[first, end)``."""
        left, right = -(-first // _BLOCK), end // _BLOCK
        if left >= right:
            return self._over(first, end)
        self._follow(right)
        before, after = self._over(first, left * _BLOCK), self._over(right * _BLOCK, end)
        for level in self._levels:
            if left >= right:
                break
            if left % 2:
                before = self._merge(before, level[left])
                left += 1
            if right % 2:
                right -= 1
                after = self._merge(level[right], after)
            left, right = left // 2, right // 2
        return self._merge(before, after)

    def forget(self, size: int) -> None:
        """Forget what rests on more than the first ``size`` values."""
        size //= _BLOCK
        for level in self._levels:
            del level[size:]
            size //= 2

    def _over(self, first: int, end: int) -> Any:
        state, add = self._start(), self._add
        for value in self._values[first:end]:
            state = add(state, value)
        return state

    def _follow(self, blocks: int) -> None:
        levels = self._levels
        for block in range(len(levels[0]), blocks):
            levels[0].append(self._over(block * _BLOCK, (block + 1) * _BLOCK))
            height = 0
            while len(levels[height]) % 2 == 0:
                if height + 1 == len(levels):
                    levels.append([])
                pair = self._merge(levels[height][-2], levels[height][-1])
                height += 1
                levels[height].append(pair)


class Sliding(abc.ABC):
    """The values of one window, of which some leave and some come from question to question.

    Args:
        values: The values of a track.
    """

    __slots__ = ("_end", "_first", "_values")

    def __init__(self, values: Sequence[Any]) -> None:
        self._values = values
        self._first = self._end = 0

    def _slide(self, first: int, end: int) -> None:
        """Make the window ``[first, end)``; far from where it was it is made anew."""
        moved = abs(first - self._first) + abs(end - self._end)
        if moved > end - first + _BLOCK:
            self._clear()
            self._first = self._end = first
        for value in self._values[self._end : end]:
            self._enter(value)
        for value in self._values[first : self._first]:
            self._enter(value)
        for value in self._values[self._first : first]:
            self._leave(value)
        for value in self._values[end : self._end]:
            self._leave(value)
        self._first, self._end = first, end

    def forget(self, size: int) -> None:
        """Forget what rests on more than the first ``size`` values."""
        if size < self._end:
            self._clear()
            self._first = self._end = 0

    @abc.abstractmethod
    def _clear(self) -> None:
        """Let all values leave."""

    @abc.abstractmethod
    def _enter(self, value: Any) -> None:
        """Let a value in."""

    @abc.abstractmethod
    def _leave(self, value: Any) -> None:
        """Let a value leave."""


class Tally(Sliding):
    """How often each value is in a window; all NaN are one value, and so are -0.0 and 0.0."""

    __slots__ = ("_counts",)

    def __init__(self, values: Sequence[Any]) -> None:
        super().__init__(values)
        self._counts: dict[Hashable, int] = {}

    def over(self, first: int, end: int) -> Any:
        """Return how often each of the values ``[first, end)`` is there; None stands for NaN."""
        self._slide(first, end)
        return self._counts

    def _clear(self) -> None:
        self._counts.clear()

    def _enter(self, value: Any) -> None:
        value = _comparable(value)
        self._counts[value] = self._counts.get(value, 0) + 1

    def _leave(self, value: Any) -> None:
        value = _comparable(value)
        left = self._counts[value] - 1
        if left:
            self._counts[value] = left
        else:
            del self._counts[value]


def _comparable(value: Any) -> Any:
    if isinstance(value, float):
        return value + 0.0 if value == value else None  # noqa: PLR0124  only NaN differs from itself
    return value


class Ranked(Sliding):
    """The values of a window from the least to the greatest; NaN is greater than all others."""

    __slots__ = ("_nans", "_ordered")

    def __init__(self, values: Sequence[Any]) -> None:
        super().__init__(values)
        self._ordered: list[float] = []
        self._nans = 0

    def over(self, first: int, end: int) -> list[float]:
        """Return the values ``[first, end)`` in ascending order."""
        self._slide(first, end)
        return self._ordered

    def _clear(self) -> None:
        self._ordered.clear()
        self._nans = 0

    def _enter(self, value: float) -> None:
        if value == value:  # noqa: PLR0124  not NaN
            insort(self._ordered, value, 0, len(self._ordered) - self._nans)
        else:
            self._ordered.append(value)
            self._nans += 1

    def _leave(self, value: float) -> None:
        if value == value:  # noqa: PLR0124  not NaN
            end = len(self._ordered) - self._nans
            del self._ordered[bisect_left(self._ordered, value, 0, end)]
        else:
            self._ordered.pop()
            self._nans -= 1
