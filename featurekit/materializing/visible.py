"""Which rows of a source are visible at a moment, and which of them questions may still need."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from featurekit.backends.to_polars import PURPOSE
from featurekit.export.python_streams import StreamSpec
from featurekit.ir.definitions import Source
from featurekit.ir.windows import UNITS, to_micros
from featurekit.lazy import require
from featurekit.training.sources import SourceData, collected

if TYPE_CHECKING:
    import polars as pl

SLACK = UNITS["d"]
"""How far back of the moment stores answer: as long as those of a package do by themselves."""
_EARLIEST = "\0earliest"


@dataclass(frozen=True, slots=True)
class Counted:
    """The rows of a source, counted.

    Attributes:
        rows: How many are visible.
        before: How many of them were visible at the moment of the run before.
        earliest: When the first of all rows became available.
        latest: By stream, the latest event time of its visible rows in microseconds; None: there
            are none.
    """

    rows: int
    before: int
    earliest: dt.datetime | None
    latest: Sequence[int | None]


def known(source: Source) -> str:
    """Return the column that says when a row of ``source`` became available."""
    return source.available or source.time or ""


def visible(data: SourceData, as_of: dt.datetime) -> pl.LazyFrame:
    """Return the rows that became available before ``as_of``."""
    pl = require("polars", PURPOSE)
    source = data.source
    there = pl.col(source.time).is_not_null() & (pl.col(known(source)) < as_of)
    return data.frame.filter(there)


def counted(
    data: SourceData,
    streams: Sequence[StreamSpec],
    as_of: dt.datetime,
    since: dt.datetime | None,
) -> Counted:
    """Count the rows of a source in one pass."""
    pl = require("polars", PURPOSE)
    source, at = data.source, pl.col(known(data.source))
    dated = pl.col(source.time).is_not_null()
    there = dated & (at < as_of)
    times = [pl.col(source.time).filter(there & _keyed(stream)).max() for stream in streams]
    found = data.frame.select(
        rows=there.sum(),
        before=(dated & (at < since)).sum() if since else pl.lit(0),
        earliest=at.filter(dated).min(),
        **{f"{_EARLIEST}{n}": time.dt.epoch("us") for n, time in enumerate(times)},
    )
    ((rows, before, earliest, *latest),) = collected(found, f"source {source.name!r}").rows()
    return Counted(rows, before, earliest, latest)


def _keyed(stream: StreamSpec) -> pl.Expr:
    pl = require("polars", PURPOSE)
    return pl.all_horizontal(pl.col(key).is_not_null() for key in stream.keys)  # type: ignore[no-any-return]  # loaded late


def needed(
    data: SourceData,
    streams: Sequence[StreamSpec],
    found: Counted,
    as_of: dt.datetime,
    since: dt.datetime | None,
) -> pl.DataFrame:
    """Return the rows that a question at ``as_of`` or later may need, of any stream of a source.

    It is the rule by which stores forget. With ``since`` only those that became available then.
    """
    pl = require("polars", PURPOSE)
    rows = visible(data, as_of)
    kept = []
    for number, (stream, latest) in enumerate(zip(streams, found.latest, strict=True)):
        rows, condition = _kept(rows, stream, latest, as_of, f"{_EARLIEST}{number}")
        kept.append(condition)
    rows = rows.filter(reduce(or_, kept))
    if since is not None:
        rows = rows.filter(pl.col(known(data.source)) >= since)
    fields = [field.name for field in data.source.fields]
    return collected(rows.select(fields), f"source {data.source.name!r}")


def _kept(
    rows: pl.LazyFrame, stream: StreamSpec, latest: int | None, as_of: dt.datetime, name: str
) -> tuple[pl.LazyFrame, pl.Expr]:
    """Return what tells whether a row is kept, beside the rows that it can be asked of."""
    pl = require("polars", PURPOSE)
    keep, keys = stream.keep, list(stream.keys)
    keyed = _keyed(stream)
    if keep.span is None or keep.lag is None or latest is None:
        return rows, keyed
    settled = min(to_micros(as_of), latest) - SLACK - keep.lag
    time = pl.col(stream.source.time).dt.epoch("us")
    recent = time >= settled - keep.span
    if not keep.rows:
        return rows, keyed & recent
    passed = (time < settled) & (pl.col(known(stream.source)).dt.epoch("us") < settled - keep.delay)
    tie = [stream.source.tie] if stream.source.tie else []
    past = rows.filter(keyed & passed).select(*keys, *tie, **{name: time})
    past = past.unique() if tie else past
    times = pl.col(name).sort(descending=True)
    earliest = past.group_by(keys).agg(times.get(keep.rows - 1, null_on_oob=True))
    beside = rows.join(earliest, on=keys, how="left", maintain_order="left")
    few = pl.col(name).is_null()  # of these every row is among the last
    return beside, keyed & (recent | few | (time >= pl.col(name)))
