"""Ranges folded in one pass over the rows, by loops that numba compiles; used where it is there.

What is computed is what ``folding`` computes without numba: the same counts and extremes, and sums
that carry their error along as well. Compiled loops are kept on disk, so that only the first use
on a machine waits for the compiler.
"""

from __future__ import annotations

import functools
import importlib.util
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from featurekit.lazy import require
from featurekit.training import kernels

if TYPE_CHECKING:
    import polars as pl

PURPOSE = "sweep over rows"
LEAST = 400_000
"""From how many rows and ranges on a sweep is worth loading numba for."""
FOLDED = frozenset({"least", "most"})
"""Which ranges of ``Lift`` are swept over."""
_PIECES = 4  # a thread: so that none waits long for the other


def worth(size: int) -> bool:
    """Whether so many rows and ranges are worth a sweep, and numba is there."""
    return size >= LEAST and importlib.util.find_spec("numba") is not None


def sweepable(values: pl.Series) -> bool:
    """Whether ``values`` are numbers, as days and instants are, or have numbers in their order."""
    pl = require("polars", PURPOSE)
    kinds = pl.Float64, pl.Int64, pl.Date, pl.Datetime, pl.String, pl.Decimal
    return isinstance(values.dtype, kinds)


def _compared(values: pl.Series) -> pl.Series:
    """Return numbers that are in order as ``values`` are, 0 for what is null."""
    pl = require("polars", PURPOSE)
    if values.dtype == pl.String:  # by code point, which is the order of the bytes
        values = values.cast(pl.Enum(values.drop_nulls().unique().sort()))
        return values.to_physical().cast(pl.Int64).fill_null(0)
    if isinstance(values.dtype, pl.Decimal):
        return values.rank("dense").cast(pl.Int64).fill_null(0)
    return values.to_physical().fill_null(0)


def _counting(present: pl.Series | None) -> pl.Series:
    pl = require("polars", PURPOSE)
    return pl.Series([], dtype=pl.Boolean) if present is None else present


def _longest(low: Any, high: Any) -> int:
    return max(int((high - low).max()), 0) if len(low) else 0


def extremes(
    how: str,
    name: str,
    values: pl.Series,
    present: pl.Series | None,
    ranges: Sequence[tuple[pl.Series, pl.Series]],
) -> list[pl.DataFrame]:
    """Return the extreme of some ranges ``[low, high)``, of each by itself; empty: low >= high.

    Args:
        how: ``least`` or ``most``.
        name: What the extreme is called.
        values: What is compared, one a row.
        present: Which of them count; None: all.
        ranges: Where each question's rows begin and end; what ends alike is found together.
    """
    rows, greatest = (array(_compared(values)), array(_counting(present))), how == "most"
    values = values.alias(name)
    np = require("numpy", PURPOSE)
    alike: list[tuple[pl.Series, list[int]]] = []
    for number, (_, high) in enumerate(ranges):
        same = next((some for end, some in alike if end is high or end.equals(high)), None)
        if same is None:
            alike.append((high, [number]))
        else:
            same.append(number)
    found: dict[int, pl.DataFrame] = {}
    for high, some in alike:
        ends, lows = array(high), np.stack([array(ranges[number][0]) for number in some])
        at = np.empty(lows.shape, np.int64)
        room = 2 * _longest(lows.min(axis=0), ends) + 1
        own = functools.partial(_room, greatest, room)
        run(compiled(kernels.extremes), rows, (ends, lows), own, (at,))
        found |= {number: _at(values, one) for number, one in zip(some, at, strict=True)}
    return [found[number] for number in range(len(ranges))]


def _room(greatest: bool, room: int) -> tuple[Any, ...]:  # noqa: FBT001  for a kernel
    np = require("numpy", PURPOSE)
    return greatest, np.empty(room, np.int64)


def _at(values: pl.Series, row: Any) -> pl.DataFrame:
    """Return the values of each ``row``, null where it is -1."""
    pl = require("polars", PURPOSE)
    found = pl.Series(row)
    if row.min(initial=0) < 0:
        found = found.zip_with(found >= 0, pl.Series([None], dtype=pl.Int64))
    return values.gather(found).to_frame()


def added(values: pl.Series, ranges: Sequence[tuple[pl.Series, pl.Series]]) -> list[pl.Series]:
    """Return what ``values``, 64 bits each, add up to in each of some ranges ``[low, high)``."""
    pl, np = require("polars", PURPOSE), require("numpy", PURPOSE)
    kernel, many = compiled(kernels.added), len(ranges)
    lows, highs = ([array(one[end]) for one in ranges] for end in (0, 1))
    found = [np.empty(len(low), np.int64) for low in lows]

    def each(x: Any, *parts: Any) -> None:
        for number in range(many):
            kernel(x, *parts[number::many])

    run(each, (array(values),), (*lows, *highs), tuple, tuple(found))
    return [pl.Series(one) for one in found]


def spread(
    both: Sequence[pl.Series],
    one: Sequence[pl.Series],
    other: Sequence[pl.Series],
    n: pl.Series,
    base: float,
) -> tuple[pl.Series, pl.Series]:
    """Return the doubles nearest to ``n`` times ``both`` less ``one`` times ``other``.

    Args:
        both: Digits of whole numbers, the least first.
        one: Likewise.
        other: Likewise.
        n: Whole numbers.
        base: Of the digits.

    Returns:
        The doubles, and which of them are surely the nearest.
    """
    pl, np = require("polars", PURPOSE), require("numpy", PURPOSE)
    found, sure = np.empty(len(n)), np.empty(len(n), np.bool_)
    digits = [np.stack([array(digit) for digit in part]) for part in (both, one, other)]
    compiled(kernels.spread)(*digits, array(n), base, found, sure)
    return pl.Series(found), pl.Series(sure)


def extent(columns: Iterable[pl.Series]) -> tuple[int | None, int | None, bool]:
    """Return the power of two of the least bit of any double, and one above all of them.

    None where all are 0; and whether any is not finite, which is left out.
    """
    np = require("numpy", PURPOSE)
    found = np.array([2000, -2000, 0])
    for column in columns:
        for chunk in _chunks(column):
            compiled(kernels.extent)(chunk.view(np.int64), found)
    low, high, odd = map(int, found)
    return (low, high, odd > 0) if low <= high else (None, None, odd > 0)


def looked_up(key: pl.Series, first: int, slots: pl.Series, otherwise: int) -> pl.Series:
    """Return the entry of ``slots`` for each ``key``, of which ``first`` has the first."""
    pl, np = require("polars", PURPOSE), require("numpy", PURPOSE)
    found, table, done = np.empty(len(key), np.uint32), array(slots), 0
    for chunk in _chunks(key):
        part = found[done : done + len(chunk)]
        compiled(kernels.looked_up)(chunk, first, table, otherwise, part)
        done += len(chunk)
    return pl.Series(found)  # type: ignore[no-any-return]  # loaded late


def rises(values: pl.Series) -> bool:
    """Whether no value is less than the one before."""
    parts = list(_chunks(values))
    within = all(compiled(kernels.falls)(part) == 0 for part in parts)
    return within and all(
        one[-1] <= other[0] for one, other in itertools.pairwise(p for p in parts if len(p))
    )


def begins_of(code: pl.Series, codes: int) -> pl.Series:
    """Return where the rows of each code under ``codes`` begin and the last of them ends."""
    pl, np = require("polars", PURPOSE), require("numpy", PURPOSE)
    begins = np.zeros(codes + 2, np.int64)
    compiled(kernels.counted)(array(code), begins)
    return pl.Series(begins[:-1])  # type: ignore[no-any-return]  # loaded late


def plain(column: pl.Series) -> bool:
    """Whether ``column`` is an array of numbers, or of days or instants."""
    pl = require("polars", PURPOSE)
    kinds = pl.Float64, pl.Int64, pl.Date, pl.Datetime
    return isinstance(column.dtype, kinds) and not column.null_count()


def scattered(column: pl.Series, code: pl.Series, begins: pl.Series) -> pl.Series:
    """Return ``column`` by ``code``, of each code as it lies."""
    pl, np = require("polars", PURPOSE), require("numpy", PURPOSE)
    codes, place, done = array(code), array(begins).copy(), 0
    kind = column.to_physical().head(0).to_numpy().dtype
    found = np.empty(begins[-1], kind)
    for chunk in _chunks(column):
        part = codes[done : done + len(chunk)]
        compiled(kernels.scattered)(chunk, part, place, found)
        done += len(chunk)
    return pl.Series(found).cast(column.dtype)  # type: ignore[no-any-return]  # loaded late


def grouped(code: pl.Series, begins: pl.Series) -> pl.Series:
    """Return the rows by ``code``, of each code as they lie."""
    pl, np = require("polars", PURPOSE), require("numpy", PURPOSE)
    order = np.empty(begins[-1], np.uint32)
    compiled(kernels.grouped)(array(code), array(begins).copy(), order)
    return pl.Series(order)  # type: ignore[no-any-return]  # loaded late


def ordered(code: pl.Series, time: pl.Series, codes: int) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Return the rows of codes under ``codes`` by code and time, where codes begin, the times."""
    pl, np = require("polars", PURPOSE), require("numpy", PURPOSE)
    begins = begins_of(code, codes)
    order, edges = np.empty(begins[-1], np.uint32), array(begins)
    compiled(kernels.grouped)(array(code), edges.copy(), order)
    risen = np.empty(len(order), np.int64)
    buffers = (np.empty_like(order), np.empty_like(risen))
    run(compiled(kernels.taken), (array(time.rechunk()),), (order,), tuple, (risen,))
    kernel = compiled(kernels.rising)
    run(kernel, (order, risen, *buffers), (edges[:-1], edges[1:]), tuple, (), edges)
    return pl.Series(order), begins, pl.Series(risen)


def searched(times: pl.Series, begins: pl.Series, code: pl.Series, moment: pl.Series) -> pl.Series:
    """Return where the first row of each ``code`` lies whose time is not before ``moment``."""
    pl, np = require("polars", PURPOSE), require("numpy", PURPOSE)
    before = np.empty(len(code), np.int64)
    run(
        compiled(kernels.searched),
        (array(times), array(begins)),
        (array(code), array(moment)),
        tuple,
        (before,),
    )
    return pl.Series(before)  # type: ignore[no-any-return]  # loaded late


def latest_so_far(begins: pl.Series, known: pl.Series) -> pl.Series:
    """Return the greatest of ``known`` up to each row of its entity."""
    pl, np = require("polars", PURPOSE), require("numpy", PURPOSE)
    latest, edges = np.empty(len(known), np.int64), array(begins)
    kernel = compiled(kernels.latest_so_far)
    run(kernel, (array(known),), (edges[:-1], edges[1:]), lambda: (latest,), (), edges)
    return pl.Series(latest)  # type: ignore[no-any-return]  # loaded late


def _chunks(values: pl.Series) -> Iterator[Any]:
    """Yield the pieces in which ``values``, none null, lie in memory, as arrays."""
    return (chunk.to_physical().to_numpy() for chunk in values.get_chunks())


def array(values: pl.Series) -> Any:
    """Return ``values`` as an array, without copying where they lie in one piece."""
    return values.to_numpy()


def run(
    kernel: Callable[..., None],
    rows: tuple[Any, ...],
    ranges: tuple[Any, ...],
    own: Callable[[], tuple[Any, ...]],
    out: tuple[Any, ...],
    sizes: Any = None,
) -> None:
    """Run ``kernel`` over pieces of ``ranges`` on polars' number of threads.

    Args:
        kernel: Takes rows, ranges, what ``own`` makes, out.
        rows: Arrays that every piece reads.
        ranges: Arrays that each piece reads its part of, along the last axis.
        own: What each piece has for itself.
        out: Arrays that each piece writes its part of.
        sizes: How much work lies before each of ``ranges``, and all of it; None: they are alike.
    """
    pl, np = require("polars", PURPOSE), require("numpy", PURPOSE)
    threads, size = pl.thread_pool_size(), len(ranges[0])
    pieces = threads * _PIECES
    cuts = [size * piece // pieces for piece in range(pieces + 1)]
    if sizes is not None and size:
        even = sizes[-1] * np.arange(pieces) // pieces
        cuts = [*np.searchsorted(sizes[:-1], even, side="left"), size]
        cuts[0] = 0

    def one(piece: int) -> None:
        part = slice(cuts[piece], cuts[piece + 1])
        kernel(*rows, *(a[..., part] for a in ranges), *own(), *(a[..., part] for a in out))

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, range(pieces)))


@functools.cache
def compiled(kernel: Callable[..., None]) -> Callable[..., None]:
    """Return ``kernel`` as numba compiles it for the arrays that it is given."""
    numba = require("numba", PURPOSE)
    try:
        return numba.njit(nogil=True, cache=True)(kernel)  # type: ignore[no-any-return]  # loaded late
    except RuntimeError:  # there is no folder to keep it in
        return numba.njit(nogil=True)(kernel)  # type: ignore[no-any-return]  # loaded late
