"""Ranges folded in one pass over the rows, by loops that numba compiles; used where it is there.

What is computed is what ``folding`` computes without numba: the same counts and extremes, and sums
that carry their error along as well. Compiled loops are kept on disk, so that only the first use
on a machine waits for the compiler.
"""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from featurekit.lazy import require
from featurekit.training import kernels

if TYPE_CHECKING:
    import polars as pl

PURPOSE = "sweep over rows"
LEAST = 400_000
"""From how many rows and ranges on a sweep is worth loading numba for."""
FOLDED = frozenset({"sum", "least", "most", "spread"})
"""Which ranges of ``Lift`` are swept over."""
_PIECES = 4  # a thread: so that none waits long for the other


def worth(size: int) -> bool:
    """Whether so many rows and ranges are worth a sweep, and numba is there."""
    return size >= LEAST and importlib.util.find_spec("numba") is not None


def sweepable(states: pl.DataFrame) -> bool:
    """Whether ``states`` are numbers, as days and instants are."""
    pl = require("polars", PURPOSE)
    plain = {pl.Float64, pl.Int64, pl.Date}
    return all(k in plain or isinstance(k, pl.Datetime) for k in states.schema.values())


def swept(ranges: str, states: pl.DataFrame, low: pl.Series, high: pl.Series) -> pl.DataFrame:
    """Return the state of each range ``[low, high)`` of ``states``; empty where low >= high."""
    if ranges == "sum":
        return _sums(states, low, high)
    if ranges == "spread":
        return _spreads(states, low, high)
    return _extremes(ranges, states, low, high)


def _sums(states: pl.DataFrame, low: pl.Series, high: pl.Series) -> pl.DataFrame:
    pl, np = require("polars", PURPOSE), require("numpy", PURPOSE)
    n = np.empty(len(low), np.int64)
    hi, lo = np.empty(len(low)), np.empty(len(low))
    present = states["n"] > 0
    _run(
        _compiled(kernels.sums),
        (_array(states["hi"]), _array(present, empty=bool(present.all()))),
        (_array(low), _array(high)),
        tuple,
        (n, hi, lo),
    )
    return pl.DataFrame({"n": n, "hi": hi, "lo": lo})  # type: ignore[no-any-return]  # loaded late


def _spreads(states: pl.DataFrame, low: pl.Series, high: pl.Series) -> pl.DataFrame:
    pl, np = require("polars", PURPOSE), require("numpy", PURPOSE)
    n, mean, squares = (np.empty(len(low)) for _ in range(3))
    longest = _longest(low, high)
    present = states["n"] > 0
    _run(
        _compiled(kernels.spreads),
        (_array(states["mean"]), _array(present, empty=bool(present.all()))),
        (_array(low), _array(high)),
        lambda: (np.empty((longest, 3)),),
        (n, mean, squares),
    )
    return pl.DataFrame({"n": n, "mean": mean, "squares": squares})  # type: ignore[no-any-return]  # loaded late


def _longest(low: pl.Series, high: pl.Series) -> int:
    return max(int((high - low).max() or 0), 0)  # type: ignore[arg-type]  # integers


def _extremes(ranges: str, states: pl.DataFrame, low: pl.Series, high: pl.Series) -> pl.DataFrame:
    pl, np = require("polars", PURPOSE), require("numpy", PURPOSE)
    values = states.to_series(0)
    at = np.empty(len(low), np.int64)
    present = _array(values.is_not_null(), empty=not values.null_count())
    longest = _longest(low, high)
    _run(
        _compiled(kernels.extremes),
        (_array(values.to_physical().fill_null(0)), present),
        (_array(low), _array(high)),
        lambda: (ranges == "most", np.empty(2 * longest + 1, np.int64)),
        (at,),
    )
    found = pl.Series(at)
    row = found.zip_with(found >= 0, pl.Series([None], dtype=pl.Int64))
    return values.gather(row).to_frame()


def order_by_code(code: pl.Series, count: int) -> tuple[pl.Series, pl.Series]:
    """Return the positions of the rows by ``code``, each code's as they lie, and their codes."""
    pl, np = require("polars", PURPOSE), require("numpy", PURPOSE)
    array = _array(code)
    begins = np.zeros(count + 1, np.int64)
    sizes = np.bincount(array, minlength=count)
    np.cumsum(sizes, out=begins[1:])
    order = np.empty(len(array), np.uint32)
    _compiled(kernels.grouped)(array, begins, order)
    return pl.Series(order), pl.Series(np.repeat(np.arange(len(sizes)), sizes))


def searched(places: pl.Series, needles: pl.Series) -> pl.Series:
    """Return how many of the sorted ``places`` are less than each of ``needles``."""
    pl, np = require("polars", PURPOSE), require("numpy", PURPOSE)
    before = np.empty(len(needles), np.int64)
    _run(_compiled(kernels.searched), (_array(places),), (_array(needles),), tuple, (before,))
    return pl.Series(before)  # type: ignore[no-any-return]  # loaded late


def _array(values: pl.Series, *, empty: bool = False) -> Any:
    """Return ``values`` as an array, without copying where they lie in one piece."""
    return (values.head(0) if empty else values).to_numpy()


def _run(
    kernel: Callable[..., None],
    rows: tuple[Any, ...],
    ranges: tuple[Any, ...],
    own: Callable[[], tuple[Any, ...]],
    out: tuple[Any, ...],
) -> None:
    """Run ``kernel`` over pieces of ``ranges`` on polars' number of threads.

    Args:
        kernel: Takes rows, ranges, what ``own`` makes, out.
        rows: Arrays that every piece reads.
        ranges: Arrays that each piece reads its part of.
        own: What each piece has for itself.
        out: Arrays that each piece writes its part of.
    """
    pl = require("polars", PURPOSE)
    threads, size = pl.thread_pool_size(), len(ranges[0])
    pieces = threads * _PIECES
    cuts = [size * piece // pieces for piece in range(pieces + 1)]

    def one(piece: int) -> None:
        part = slice(cuts[piece], cuts[piece + 1])
        kernel(*rows, *(a[part] for a in ranges), *own(), *(a[part] for a in out))

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, range(pieces)))


@functools.cache
def _compiled(kernel: Callable[..., None]) -> Callable[..., None]:
    numba = require("numba", PURPOSE)
    try:
        return numba.njit(nogil=True, cache=True)(kernel)  # type: ignore[no-any-return]  # loaded late
    except RuntimeError:  # there is no folder to keep it in
        return numba.njit(nogil=True)(kernel)  # type: ignore[no-any-return]  # loaded late
