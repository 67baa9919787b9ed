"""Parts of a training set by time, apart by an embargo, so that no part has seen another's future.

A row whose label looks ahead, or whose windows reach back, shares events with the rows near it. So
rows of an earlier part that are asked less than the gap before a later part begins are left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from featurekit.backends.to_polars import PURPOSE
from featurekit.datatypes import TIMESTAMP
from featurekit.errors.asking import BadPart, GapNotNamed, PartsOverlap
from featurekit.errors.data import MissingColumn
from featurekit.ir.definitions import Field
from featurekit.ir.view import View, aggregates, longest_horizon
from featurekit.ir.windows import UNITS, Calendar, Rolling, ToDate, Window, length_name, to_micros
from featurekit.lazy import require
from featurekit.training.sources import collected, normalised

if TYPE_CHECKING:
    import polars as pl

NAMES = ("train", "valid", "test")
Part = str | float | None
"""``2024-01-01/2024-03-01``, half-open, either side may be empty; or a share of the rows."""
_LONGEST = {"day": 1, "week": 7, "month": 31, "year": 366}


@dataclass(frozen=True, slots=True)
class PartFacts:
    """One part: ``[begin, end)`` in microseconds, what is left of it, and what the gap took.

    Attributes:
        begin: None: from the first row.
        end: None: to the last one.
        rows: How many there are.
        embargoed: Rows that are left out for the part that follows.
        first: The earliest moment of those that are left.
        last: The latest.
    """

    name: str
    begin: int | None
    end: int | None
    rows: int
    embargoed: int
    first: dt.datetime | None
    last: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Split:
    """The parts that were asked for, in the order of time; rows stay in their order.

    Attributes:
        frames: By ``train``, ``valid``, ``test``.
        parts: The same parts' facts.
        gap: Microseconds.
        without_time: Rows that are in no part because their moment is null.
        outside: Rows that are in no part because of their moment.
    """

    frames: Mapping[str, pl.DataFrame]
    parts: tuple[PartFacts, ...]
    gap: int
    without_time: int
    outside: int


def split(frame: pl.DataFrame, time: str, parts: Mapping[str, Part], gap: int) -> Split:
    """Return the parts of ``frame`` by the column ``time``.

    Args:
        frame: Any table; its columns pass through untouched.
        time: A column of instants.
        parts: By name, ranges of time or shares of the rows (which add up to 1 at most); rows of
            one moment are in one part.
        gap: Microseconds: the embargo before each part but the first.

    Raises:
        BadPart: FK222, for what is neither a range nor a share.
        PartsOverlap: FK223, for ranges that overlap, or shares of more than everything.
        DataError: FK205 or FK209 for the column of times.
    """
    pl = require("polars", PURPOSE)
    if time not in frame.columns:
        raise MissingColumn("the frame", time, frame.columns, "as the moment of asking", "--time")
    asked = normalised(frame.lazy(), (Field(time, TIMESTAMP),), None, "the frame")
    moments = collected(asked, "the frame")[time].dt.epoch("us")
    ranges = _ranges(parts, moments)
    frames, facts = {}, []
    taken = pl.repeat(value=False, n=len(frame), dtype=pl.Boolean, eager=True)
    for number, (name, begin, end) in enumerate(ranges):
        inside = moments.is_not_null()
        if begin is not None:
            inside &= moments >= begin
        if end is not None:
            inside &= moments < end
        following = ranges[number + 1][1] if number + 1 < len(ranges) else None
        near = inside & (moments >= following - gap) if following is not None else inside & False
        near = near.fill_null(value=False)
        kept = (inside & ~near).fill_null(value=False)
        taken |= inside.fill_null(value=False)
        frames[name] = frame.filter(kept)
        own = moments.filter(kept).cast(pl.Datetime("us", "UTC"))
        count = int(near.sum())
        facts.append(
            PartFacts(name, begin, end, int(kept.sum()), count, own.min(), own.max())  # type: ignore[arg-type]  # a TIMESTAMP column
        )
    without = moments.null_count()
    outside = len(frame) - without - int(taken.sum())
    return Split(frames, tuple(facts), gap, without, outside)


def _ranges(
    parts: Mapping[str, Part], moments: pl.Series
) -> list[tuple[str, int | None, int | None]]:
    """Return name, begin and end of each part in the order of time."""
    given = {name: part for name, part in parts.items() if part is not None}
    shares = {name: part for name, part in given.items() if isinstance(part, int | float)}
    if not given:
        raise BadPart("train", None)
    for name, share in shares.items():
        if isinstance(share, bool) or not 0 < share <= 1:
            raise BadPart(name, share)
    if shares and len(shares) < len(given):
        name = next(name for name in given if name not in shares)
        raise BadPart(name, given[name])
    if shares:
        return _by_share(shares, moments)
    found = [(name, *_range(name, str(part))) for name, part in given.items()]
    found.sort(key=lambda one: (one[1] is not None, one[1] or 0))
    for (one, _, end), (other, begin, _) in pairwise(found):
        if end is None or begin is None or begin < end:
            raise PartsOverlap(one, other)
    return found


def _by_share(
    shares: Mapping[str, float], moments: pl.Series
) -> list[tuple[str, int | None, int | None]]:
    if sum(shares.values()) > 1 + 1e-9:
        raise PartsOverlap(*list(shares)[-2:])
    known = moments.drop_nulls().sort()
    found: list[tuple[str, int | None, int | None]] = []
    begin, reached = None, 0.0
    for name, share in shares.items():
        reached += share
        place = round(reached * len(known))
        end = int(known[place]) if place < len(known) else None
        found.append((name, begin, end))
        begin = end
        if end is None and name != list(shares)[-1]:
            raise BadPart(list(shares)[-1], shares[list(shares)[-1]])
    return found


def _range(name: str, text: str) -> tuple[int | None, int | None]:
    begin, slash, end = text.partition("/")
    if not slash or not (begin.strip() or end.strip()):
        raise BadPart(name, text)
    start, stop = _moment(name, begin), _moment(name, end)
    if start is not None and stop is not None and stop <= start:
        raise BadPart(name, text)
    return start, stop


def _moment(name: str, text: str) -> int | None:
    """Return an instant; without an offset it is one in UTC."""
    if not text.strip():
        return None
    try:
        found = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadPart(name, text) from None
    return to_micros(found if found.tzinfo else found.replace(tzinfo=dt.UTC))


def longest_window(views: Mapping[str, View]) -> int:
    """Return how far the views' windows of a length reach back at most, in microseconds.

    Labels reach ahead, and until then they are not known: no label of an earlier part may hold
    events of the part that follows. Windows that count rows or have no beginning have no length.

    Raises:
        GapNotNamed: FK224, when no window has one.
    """
    windows = [a.window for view in views.values() for a in aggregates(view)]
    ahead = (longest_horizon(view) + view.delay for view in views.values() if view.is_label)
    longest = max([*map(_reach, windows), *ahead], default=0)
    if not longest:
        raise GapNotNamed
    return longest


def _reach(window: Window) -> int:
    hour, day = UNITS["h"], UNITS["d"]
    match window:
        case Rolling(length, offset):
            return max(length + offset, 0)
        case Calendar(count, unit):
            return (count + 1) * _LONGEST[unit.value] * day + hour
        case ToDate(unit):
            return _LONGEST[unit.value] * day + hour
        case _:
            return 0


def told(made: Split) -> list[dict[str, Any]]:
    """Return the parts as rows for a report: name, rows, first, last, embargoed."""
    return [
        {
            "name": part.name,
            "rows": part.rows,
            "first": part.first,
            "last": part.last,
            "embargoed": part.embargoed,
        }
        for part in made.parts
    ]


def gap_name(gap: int) -> str:
    """Return ``30d`` for a gap in microseconds."""
    return length_name(gap) if gap else "none"


def answering_views(columns: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the views whose answers ``columns`` hold, by name: of features, and of labels.

    A feature's column is ``view__feature``, a label's ``label__view__name``.
    """
    parts = [name.split("__") for name in columns if "__" in name.strip("_")]
    labels = {part[1] for part in parts if len(part) == 3 and part[0] == "label"}  # noqa: PLR2004  label__view__name
    features = {part[0] for part in parts if len(part) == 2}  # noqa: PLR2004  view__feature
    return sorted(features), sorted(labels)
