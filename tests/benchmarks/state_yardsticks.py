"""Window states as careful engineers write them by hand: the yardsticks, in pure Python.

Each takes an event and answers at once: sum, count, average and greatest over an hour, a day and a
week, of the rows from ``t - window`` to the event itself. They hold what these twelve answers need
and no more: no late rows, no repeated ones, no moments in the past; float sums that drift.
"""

from __future__ import annotations

from array import array
from collections import deque
from typing import Any

HOUR = 3_600_000_000
DAY = 24 * HOUR
WEEK = 7 * DAY
Twelve = tuple[float | int, ...]


class Rings:
    """Arrays of times and values, a head for each window, and one descending list for maxima."""

    def __init__(self, make: Any = array) -> None:
        self._held: dict[int, list[Any]] = {}
        self._lists = make is list

    def update(self, key: int, t: int, x: float) -> Twelve:  # noqa: C901, PLR0915  one straight line
        """Take in an event and answer."""
        held = self._held.get(key)
        if held is None:
            two: list[Any] = [[], []] if self._lists else [array("q"), array("d")]
            peaks: list[Any] = [[], []] if self._lists else [array("q"), array("d")]
            held = self._held[key] = [*two, 0, 0, 0, 0.0, 0.0, 0.0, *peaks, 0]
        times, values, h1, h2, h3, s1, s2, s3, peak_times, peaks, top = held
        times.append(t)
        values.append(x)
        s1 += x
        s2 += x
        s3 += x
        hour, day, week = t - HOUR, t - DAY, t - WEEK
        while times[h1] <= hour:
            s1 -= values[h1]
            h1 += 1
        while times[h2] <= day:
            s2 -= values[h2]
            h2 += 1
        while times[h3] <= week:
            s3 -= values[h3]
            h3 += 1
        while len(peaks) > top and peaks[-1] <= x:
            peaks.pop()
            peak_times.pop()
        peak_times.append(t)
        peaks.append(x)
        while peak_times[top] <= week:
            top += 1
        if top > 32 and top * 2 > len(peaks):
            del peak_times[:top], peaks[:top]
            top = 0
        p2 = top
        while peak_times[p2] <= day:
            p2 += 1
        p1 = p2
        while peak_times[p1] <= hour:
            p1 += 1
        if h3 > 64 and h3 * 2 > len(times):
            del times[:h3], values[:h3]
            h1, h2, h3 = h1 - h3, h2 - h3, 0
        held[2:8] = h1, h2, h3, s1, s2, s3
        held[10] = top
        n = len(times)
        n1, n2, n3 = n - h1, n - h2, n - h3
        return (
            *(s1, n1, s1 / n1, peaks[p1]),
            *(s2, n2, s2 / n2, peaks[p2]),
            *(s3, n3, s3 / n3, peaks[top]),
        )


class Lists(Rings):
    """The same on plain lists."""

    def __init__(self) -> None:
        super().__init__(list)


class Cascade:
    """Three deques, each event in the one of its age, and one descending list for maxima."""

    def __init__(self) -> None:
        self._held: dict[int, list[Any]] = {}

    def update(self, key: int, t: int, x: float) -> Twelve:  # noqa: PLR0915  one straight line
        """Take in an event and answer."""
        held = self._held.get(key)
        if held is None:
            held = self._held[key] = [deque(), deque(), deque(), 0.0, 0.0, 0.0, [], [], 0]
        young, middle, old, s1, s2, s3, peak_times, peaks, top = held
        young.append((t, x))
        s1 += x
        s2 += x
        s3 += x
        hour, day, week = t - HOUR, t - DAY, t - WEEK
        while young[0][0] <= hour:
            one = young.popleft()
            s1 -= one[1]
            middle.append(one)
        while middle and middle[0][0] <= day:
            one = middle.popleft()
            s2 -= one[1]
            old.append(one)
        while old and old[0][0] <= week:
            s3 -= old.popleft()[1]
        while len(peaks) > top and peaks[-1] <= x:
            peaks.pop()
            peak_times.pop()
        peak_times.append(t)
        peaks.append(x)
        while peak_times[top] <= week:
            top += 1
        if top > 32 and top * 2 > len(peaks):
            del peak_times[:top], peaks[:top]
            top = 0
        p2 = top
        while peak_times[p2] <= day:
            p2 += 1
        p1 = p2
        while peak_times[p1] <= hour:
            p1 += 1
        held[3:6] = s1, s2, s3
        held[8] = top
        n1 = len(young)
        n2 = n1 + len(middle)
        n3 = n2 + len(old)
        return (
            *(s1, n1, s1 / n1, peaks[p1]),
            *(s2, n2, s2 / n2, peaks[p2]),
            *(s3, n3, s3 / n3, peaks[top]),
        )
