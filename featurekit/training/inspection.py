"""What is doubtful about a source's rows, before anybody defines a feature on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from featurekit.backends.to_polars import PURPOSE
from featurekit.ir.definitions import Rule, Source
from featurekit.lazy import require
from featurekit.training.outside import counted
from featurekit.training.profile import profile
from featurekit.training.sources import SourceData, collected

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What a source's card shows.

    Attributes:
        rows: How many there are.
        first: The earliest event time.
        last: The latest.
        without_time: Rows that are never visible, because their event time is null.
        without_key: Rows that belong to no entity, because a key is null.
        without_available: Rows that are not known yet, because their availability is null.
        ties: Rows that share entity and time with another row and that nothing orders but their
            content.
        duplicates: Rows that repeat an entity, time and tie value, and count once.
        columns: Each column's profile.
        truncated: Rows with a time stamp finer than a microsecond, of which the rest is cut off.
        outside: By rule, the rows with a value that it does not allow.
    """

    rows: int
    first: dt.datetime | None
    last: dt.datetime | None
    without_time: int
    without_key: int
    without_available: int
    ties: int
    duplicates: int
    columns: tuple[dict[str, Any], ...]
    truncated: int = 0
    outside: Mapping[Rule, int] = field(default_factory=dict)


def inspected(data: SourceData, keys: Sequence[str]) -> SourceFacts:
    """Return the facts of a source whose rows belong to ``keys``.

    Raises:
        DataError: FK208 when the rows cannot be read after all.
    """
    pl = require("polars", PURPOSE)
    source = data.source
    rows = collected(data.frame, f"source {source.name!r}")
    columns = profile(rows, [field.name for field in source.fields])
    outside = counted(rows.lazy(), source)
    truncated = 0 if data.finer is None else int(collected(data.finer, source.name).item())
    unkeyed = rows.select(
        pl.any_horizontal([pl.lit(value=False), *(pl.col(k).is_null() for k in keys)])
    )
    without_key = int(unkeyed.to_series().sum())
    if source.time is None:
        nothing = (0, without_key, 0, 0, 0)
        return SourceFacts(len(rows), None, None, *nothing, columns, truncated, outside)
    moments = rows[source.time]
    seen = rows.drop_nulls([source.time, *keys])
    same = [*keys, source.time, *([source.tie] if source.tie else [])]
    repeated = len(seen) - seen.select(same).n_unique()
    return SourceFacts(
        rows=len(rows),
        first=moments.min(),  # type: ignore[arg-type]  # a TIMESTAMP column
        last=moments.max(),  # type: ignore[arg-type]  # a TIMESTAMP column
        without_time=moments.null_count(),
        without_key=without_key,
        without_available=rows[source.available].null_count() if source.available else 0,
        ties=0 if source.tie else tied_rows(rows, source, keys),
        duplicates=repeated if source.tie else 0,
        columns=columns,
        truncated=truncated,
        outside=outside,
    )


def tied_rows(rows: pl.DataFrame, source: Source, keys: Sequence[str]) -> int:
    """Return how many rows share entity and time with another row; what is repeated counts once.

    At row grain these do not see each other.
    """
    pl = require("polars", PURPOSE)
    if source.time is None:
        return 0
    moment = [*keys, source.time]
    seen = rows.drop_nulls(moment)
    if source.tie is not None:
        seen = seen.unique([*moment, source.tie])
    sharing = seen.group_by(moment).len().filter(pl.col("len") > 1)
    return int(sharing["len"].sum())
