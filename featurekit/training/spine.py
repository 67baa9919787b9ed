"""The questions of a training set: checked, typed, their moments and keys at hand."""

from __future__ import annotations

import datetime as dt
import functools
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from featurekit.backends.plan import Wanted
from featurekit.backends.to_polars import PURPOSE
from featurekit.datatypes import TIMESTAMP
from featurekit.errors.data import ColumnTaken, MissingColumn, NoTime
from featurekit.ir.definitions import Field
from featurekit.ir.nodes import Column
from featurekit.ir.view import View, asks_the_time, moment_column, request_columns
from featurekit.lazy import require
from featurekit.training.sources import collected, language_type, normalised

if TYPE_CHECKING:
    import polars as pl

WHAT = "the spine"
MOMENT = "as the moment of asking"


@dataclass(frozen=True, slots=True)
class Spine:
    """The spine's columns that matter, in the language's types, and the moments of asking.

    Attributes:
        rows: Keys and request columns.
        moments: ``Datetime('us', 'UTC')``; all null when nothing depends on them.
    """

    rows: pl.DataFrame
    moments: pl.Series


@dataclass(frozen=True, slots=True)
class SpineFacts:
    """What the questions look like; rows without a key or a moment see nothing.

    Attributes:
        rows: How many there are.
        types: Of the keys, then of the request columns and the row in hand: the language's types.
        time: The column of moments; None: nothing needs one.
        zone: The zone it came in; the moments are instants either way.
        first: The earliest moment.
        last: The latest.
        duplicates: Rows that ask again what an earlier row asked: same keys, same moment, same
            request. They get the same answers.
        without_time: Rows whose moment is null.
        without_key: By key column, rows where it is null.
        extra: The columns that pass through untouched, such as labels.
    """

    rows: int
    types: Mapping[str, str]
    time: str | None
    zone: str | None
    first: dt.datetime | None
    last: dt.datetime | None
    duplicates: int
    without_time: int
    without_key: Mapping[str, int]
    extra: tuple[str, ...]


def spine_facts(
    spine: pl.DataFrame, asked: Spine, views: Mapping[str, View], time: str | None
) -> SpineFacts:
    """Return what ``asked``, which is what ``views`` need of ``spine``, looks like."""
    keys = sorted({key for view in views.values() for key in view.keys})
    moments = asked.moments.drop_nulls()
    questions = asked.rows.with_columns(asked.moments.alias("\0at"))
    names = [*keys, *(name for name in asked.rows.columns if name not in keys)]
    held = {name: language_type(asked.rows.schema[name]) for name in names}
    return SpineFacts(
        rows=len(spine),
        types={name: str(kind) for name, kind in held.items()},
        time=time,
        zone=getattr(spine.schema[time], "time_zone", None) if time else None,
        first=moments.min(),  # type: ignore[arg-type]  # a TIMESTAMP column
        last=moments.max(),  # type: ignore[arg-type]  # a TIMESTAMP column
        duplicates=len(spine) - questions.n_unique() if len(spine) else 0,
        without_time=undated(asked, views, time),
        without_key={key: asked.rows[key].null_count() for key in keys},
        extra=tuple(name for name in spine.columns if name not in {*names, time}),
    )


def undated(asked: Spine, views: Mapping[str, View], time: str | None) -> int:
    """Return how many rows lack a moment that some view is asked at."""
    own = {moment_column(view).name for view in views.values() if view.scores_rows}
    moments = [asked.rows[name] for name in sorted(own)]
    if time and (not own or any(needs_time(view) for view in views.values())):
        moments.append(asked.moments)
    missing = [moment.is_null() for moment in moments]
    return int(functools.reduce(operator.or_, missing).sum()) if missing else 0


def checked_spine(
    spine: pl.DataFrame, wanted: Sequence[Wanted], views: Mapping[str, View], time: str | None
) -> Spine:
    """Return what ``views`` need of ``spine``.

    Raises:
        DataError: FK205 a column is missing, FK207 has another type, FK209 is a naive time,
            FK212 no time column was named, FK213 an answer's name is taken.
    """
    pl = require("polars", PURPOSE)
    taken = [one.column for one in wanted if one.column in spine.columns]
    if taken:
        raise ColumnTaken(taken[0])
    fields: dict[str, Field] = {}
    for view in views.values():
        for key in (key for entity in view.entities for key in entity.keys):
            _present(spine, key.name, f"by view {view.name!r}, as the entity's key")
            fields.setdefault(key.name, key)
        for column in request_columns(view):
            _present(spine, column.name, _role(view, column))
            fields.setdefault(column.name, Field(column.name, column.type))
    timed = [view for view in views.values() if needs_time(view)]
    if timed and time is None:
        times = [name for name, kind in spine.schema.items() if isinstance(kind, pl.Datetime)]
        raise NoTime(timed[0].name, times)
    rows = collected(normalised(spine.lazy(), tuple(fields.values()), None, WHAT), WHAT)
    if time is None:
        moments = pl.Series([None] * len(spine), dtype=pl.Datetime("us", "UTC"))
    else:
        _present(spine, time, MOMENT)
        asked = normalised(spine.lazy(), (Field(time, TIMESTAMP),), None, WHAT)
        moments = collected(asked, WHAT)[time]
    return Spine(rows, moments)


def needs_time(view: View) -> bool:
    """Whether somebody must say when ``view`` is asked; a row in hand brings its own time."""
    return not view.scores_rows and (bool(view.stored) or asks_the_time(view))


def _role(view: View, column: Column) -> str:
    """Return what ``view`` needs a column of the spine for."""
    if not view.scores_rows or column.relation in {request.name for request in view.requests}:
        return f"by view {view.name!r}, as a column of request {column.relation!r}"
    row = f"the {column.relation} row that view {view.name!r} scores"
    if column == moment_column(view):
        return f"as the time of {row}: it is the moment of asking"
    return f"as a column of {row}"


def _present(spine: pl.DataFrame, column: str, role: str) -> None:
    if column not in spine.columns:
        option = "--time" if role == MOMENT else ""
        raise MissingColumn(WHAT, column, spine.columns, role, option)
