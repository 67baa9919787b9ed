"""The questions of a training set: checked, typed, their moments and keys at hand."""

from __future__ import annotations

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
from featurekit.training.sources import collected, normalised

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
        raise NoTime(timed[0].name)
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
