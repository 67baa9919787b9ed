"""The yardstick: what a careful engineer would write in numba for exactly these aggregates.

A counting sort by entity, then one pass with two pointers a window; sums by adding and taking
away, maxima by a monotonic stack that the windows share. It relies on entities being small
integers, on events that lie in order of time, on no nulls and no late rows.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numba as nb
import numpy as np
import polars as pl
from training_case import DAY, WINDOWS, Case

_THREADS = 2


@nb.njit(cache=True)
def _offsets(entity: Any, count: int) -> Any:
    found = np.zeros(count + 1, np.int64)
    for one in entity:
        found[one + 1] += 1
    for i in range(count):
        found[i + 1] += found[i]
    return found


@nb.njit(cache=True)
def _grouped(entity: Any, offsets: Any) -> Any:
    place = offsets[:-1].copy()
    order = np.empty(len(entity), np.int32)
    for i in range(len(entity)):
        order[place[entity[i]]] = i
        place[entity[i]] += 1
    return order


@nb.njit(cache=True, parallel=True)
def _gathered(values: Any, order: Any) -> Any:
    made = np.empty(len(order), values.dtype)
    for i in nb.prange(len(order)):
        made[i] = values[order[i]]
    return made


@nb.njit(cache=True, parallel=True)
def _sort_groups(offsets: Any, ts: Any, order: Any) -> None:
    count = len(offsets) - 1
    for thread in nb.prange(_THREADS):
        for g in range(count * thread // _THREADS, count * (thread + 1) // _THREADS):
            a, b = offsets[g], offsets[g + 1]
            if b - a > 32:
                order[a:b] = order[a:b][np.argsort(ts[order[a:b]])]
                continue
            for i in range(a + 1, b):
                x, j = order[i], i - 1
                while j >= a and ts[order[j]] > ts[x]:
                    order[j + 1] = order[j]
                    j -= 1
                order[j + 1] = x


@nb.njit(cache=True, parallel=True)
def _sweep(
    rows: Any, ts: Any, values: Any, asked: Any, at: Any, lengths: Any, maxima: bool,
    sums: Any, counts: Any, most: Any,
) -> None:  # fmt: skip
    groups, columns, windows = len(rows) - 1, values.shape[0], len(lengths)
    for thread in nb.prange(_THREADS):
        begin = np.searchsorted(rows[:groups], rows[groups] * thread // _THREADS)
        stop = np.searchsorted(rows[:groups], rows[groups] * (thread + 1) // _THREADS)
        if thread == _THREADS - 1:
            stop = groups
        low = np.empty(windows, np.int64)
        total = np.empty((columns, windows))
        room = 1024
        stack = np.empty((columns, room), np.int64)
        first, size = np.empty(columns, np.int64), np.empty(columns, np.int64)
        for g in range(begin, stop):
            a, b = rows[g], rows[g + 1]
            if b - a > room:
                room = 2 * (b - a)
                stack = np.empty((columns, room), np.int64)
            high = a
            low[:] = a
            total[:] = 0.0
            first[:] = 0
            size[:] = 0
            for q in range(asked[g], asked[g + 1]):
                t = at[q]
                while high < b and ts[high] < t:
                    for c in range(columns):
                        x = values[c, high]
                        for w in range(windows):
                            total[c, w] += x
                        if maxima:
                            n = size[c]
                            while n > first[c] and values[c, stack[c, n - 1]] <= x:
                                n -= 1
                            stack[c, n] = high
                            size[c] = n + 1
                    high += 1
                for w in range(windows):
                    i = low[w]
                    while i < high and ts[i] < t - lengths[w]:
                        for c in range(columns):
                            total[c, w] -= values[c, i]
                        i += 1
                    low[w] = i
                    counts[w, q] = high - i
                    for c in range(columns):
                        sums[c, w, q] = total[c, w] if high > i else np.nan
                if maxima:
                    for c in range(columns):
                        i, n = first[c], size[c]
                        while i < n and stack[c, i] < low[windows - 1]:
                            i += 1
                        first[c] = i
                        for w in range(windows - 1, -1, -1):
                            while i < n and stack[c, i] < low[w]:
                                i += 1
                            most[c, w, q] = values[c, stack[c, i]] if i < n else np.nan


@nb.njit(cache=True, parallel=True)
def _sweep_asof(rows: Any, ts: Any, v: Any, asked: Any, at: Any, age: int, found: Any) -> None:
    groups = len(rows) - 1
    for thread in nb.prange(_THREADS):
        for g in range(groups * thread // _THREADS, groups * (thread + 1) // _THREADS):
            high = rows[g]
            for q in range(asked[g], asked[g + 1]):
                while high < rows[g + 1] and ts[high] < at[q]:
                    high += 1
                fresh = high > rows[g] and ts[high - 1] >= at[q] - age
                found[q] = v[high - 1] if fresh else np.nan


def sweep(folder: Path, case: Case) -> pl.DataFrame:
    """Return the answers to ``case``."""
    nb.set_num_threads(_THREADS)
    events = pl.read_parquet(folder / "events.parquet", columns=["entity", "ts", *case.columns])
    spine = pl.read_parquet(folder / "spine.parquet")
    owner, asker = events["entity"].to_numpy(), spine["entity"].to_numpy()
    count = int(max(owner.max(), asker.max())) + 1
    rows, asked = _offsets(owner, count), _offsets(asker, count)
    order, asking = _grouped(owner, rows), _grouped(asker, asked)
    moments = spine["ts"].to_physical().to_numpy()
    _sort_groups(asked, moments, asking)
    at = _gathered(moments, asking)
    ts = _gathered(events["ts"].to_physical().to_numpy(), order)
    values = np.empty((len(case.columns), len(ts)))
    for i, column in enumerate(case.columns):
        values[i] = _gathered(events[column].to_numpy(), order)
    made: dict[str, Any] = {"id": _gathered(spine["id"].to_numpy(), asking)}
    if not case.aggregates:
        made["v0"] = np.empty(len(at))
        _sweep_asof(rows, ts, values[0], asked, at, DAY * 1_000_000, made["v0"])
        return pl.DataFrame(made)
    lengths = np.array(list(WINDOWS.values())) * 1_000_000
    maxima = any(function == "max" for _, function, _, _ in case.aggregates)
    sums = np.empty((len(values), len(lengths), len(at)))
    most = np.empty_like(sums) if maxima else np.empty((1, 1, 1))
    counts = np.empty((len(lengths), len(at)), np.int64)
    _sweep(rows, ts, values, asked, at, lengths, maxima, sums, counts, most)
    for name, function, column, window in case.aggregates:
        c, w = case.columns.index(column), list(WINDOWS).index(window)
        if function == "avg":
            made[name] = sums[c, w] / np.maximum(counts[w], 1)
        else:
            made[name] = {"sum": sums, "count": counts[None], "max": most}[function][
                0 if function == "count" else c, w
            ]
    return pl.DataFrame(made)
