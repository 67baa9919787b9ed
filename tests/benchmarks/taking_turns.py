"""Two calls measured beside each other: they take turns, so that both meet the same machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any


def paired(
    one: Callable[[Any], Any],
    other: Callable[[Any], Any],
    rows: list[Any],
    rounds: int,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[float, float, float]:
    """Return microseconds a call of each, and the median ratio."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for call, spent in ((one, times[0]), (other, times[1])):
            started = clock()
            for row in rows:
                call(row)
            spent.append((clock() - started) / len(rows) * 1e6)
    ratio = statistics.median(a / b for a, b in zip(*times, strict=True))
    return statistics.median(times[0]), statistics.median(times[1]), ratio
