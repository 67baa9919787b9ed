"""Whether a source really goes as far as its last row, or some row is planned or dated wrongly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from featurekit.backends.plan import Wanted
from featurekit.backends.to_polars import PURPOSE
from featurekit.frontends.moments import written_moment
from featurekit.frontends.remarks import Lint
from featurekit.ir.view import View, longest_horizon
from featurekit.ir.windows import EPOCH, MICROSECOND
from featurekit.lazy import require
from featurekit.training.declaring import declaration
from featurekit.training.labels import Latest, too_early
from featurekit.training.sources import SourceData, collected

if TYPE_CHECKING:
    import polars as pl

_FEW = 0.01
"""Which share of the rows is too few to say that a source goes on."""
_ENOUGH = 10
"""Rows; of fewer nothing is usual."""


@dataclass(frozen=True, slots=True)
class Stray:
    """The last rows of a source, far behind all others.

    Attributes:
        rows: How many there are.
        before: When the last row before them happened; microseconds.
        first: When the first of them did.
    """

    rows: int
    before: int
    first: int


def stray_rows(data: SourceData) -> Stray | None:
    """Return the rows behind the longest time without any, when they are too few or too far off.

    Too few: a hundredth of the rows. Too far off: farther than all rows before them are apart.
    """
    pl = require("polars", PURPOSE)
    source = data.source
    moment = pl.col(str(source.time)).dt.epoch("us").drop_nulls().sort().alias("at")
    times = collected(data.frame.select(moment), f"source {source.name!r}")["at"]
    place = times.diff().arg_max() if len(times) >= _ENOUGH else None
    if place is None:
        return None
    before, first, rows = times[place - 1], times[place], len(times) - place
    if rows > len(times) * _FEW and first - before <= before - times[0]:
        return None
    return Stray(rows, before, first)


def rests_on_strays(
    wanted: Sequence[Wanted],
    views: Mapping[str, View],
    moments: pl.Series,
    data: Mapping[str, SourceData],
    latest: Latest,
) -> tuple[Lint, ...]:
    """Remark on labels that are known only by rows far behind all others (FK276)."""
    early = too_early(wanted, views, moments, latest)
    times = moments.dt.epoch("us")
    found: dict[str, Stray | None] = {}
    lints = []
    for one in wanted:
        view = views[one.reference]
        source = view.source
        if one.column not in early or source is None or source.until is not None:
            continue
        if source.name not in found:
            found[source.name] = stray_rows(data[source.name])
        stray, length = found[source.name], longest_horizon(view)
        if stray is None or stray.first - stray.before <= length:
            continue
        count = int(((times + length > stray.before) & ~early[one.column]).sum())
        if count:
            last, next_one = (_told(at) for at in (stray.before, stray.first))
            few = "1 row" if stray.rows == 1 else f"{stray.rows:,} rows"
            text = (
                f"{count:,} values of {one.column} pass for known by {few} of '{source.name}' "
                f"alone: nothing happened to anybody from {last} to {next_one}. "
                "Probably its rows end there, and the last ones are planned or dated wrongly"
            )
            lints.append(Lint("FK276", text, declaration(data[source.name].source, until=last)))
    return tuple(lints)


def _told(at: int) -> str:
    moment: dt.datetime = EPOCH + at * MICROSECOND
    return written_moment(moment)
