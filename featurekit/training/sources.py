"""A source's rows in the language's types: what training reads and what a source's card shows."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from featurekit import datatypes as types
from featurekit.backends.to_polars import PURPOSE, polars_type, spelled
from featurekit.datatypes import DataType, Kind
from featurekit.errors import FeatureError
from featurekit.errors.data import (
    MissingColumn,
    NaiveTime,
    NamelessColumn,
    NoData,
    TimeNotNamed,
    UnknownZone,
    UnreadableFile,
    UnsupportedType,
    WrongType,
)
from featurekit.errors.names import UnknownEntity
from featurekit.ir.definitions import Entity, Field, Source, SourceKind
from featurekit.lazy import require
from featurekit.ops import BY_SURFACE
from featurekit.training.conversions import conversion, naming_zone
from featurekit.training.declaring import declaration
from featurekit.training.files import as_frame
from featurekit.training.refusals import refusal

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "SourceData",
    "as_frame",
    "collected",
    "describe",
    "infer_fields",
    "normalised",
    "open_source",
]


@dataclass(frozen=True, slots=True)
class SourceData:
    """A source and its rows: the declared columns, in the language's types.

    Attributes:
        source: What they are.
        frame: The rows.
        finer: One number, computed when asked for: how many rows had a time stamp that says more
            than microseconds and was truncated; None where no column could.
    """

    source: Source
    frame: pl.LazyFrame
    finer: pl.LazyFrame | None = None


def open_source(source: Source, root: Path, frame: Any = None) -> SourceData:
    """Return the rows of ``source``: ``frame`` if given, else what lies at its location.

    Raises:
        DataError: FK2xx for data that is missing, damaged, lacks a column or has another type.
    """
    if frame is None and source.location is None:
        raise NoData(source.name)
    rows = as_frame(source.location if frame is None else frame, root, source.fields)
    made = normalised(rows, source.fields, source.zone, f"source {source.name!r}")
    return SourceData(source, made, _finer(rows, source))


def _finer(rows: pl.LazyFrame, source: Source) -> pl.LazyFrame | None:
    pl = require("polars", PURPOSE)
    schema = rows.collect_schema()
    columns = [
        pl.col(field.name)
        for field in source.fields
        if getattr(schema[field.name], "time_unit", None) == "ns"
        and field.type.kind is Kind.TIMESTAMP
    ]
    if not columns:
        return None
    finer = [column.dt.nanosecond() % 1_000 != 0 for column in columns]
    return rows.select(pl.any_horizontal(finer).sum())


def describe(
    source: Source, data: Any, *, root: Path, entities: Mapping[str, Entity] | None = None
) -> Source:
    """Return ``source`` with its fields inferred where none are declared, checked against ``data``.

    A path or glob becomes the location. Time columns become TIMESTAMP (a DATE is its midnight).

    Raises:
        DataError: FK2xx, when data, columns, types or zones do not do.
        UnknownEntity: FK115.
    """
    if source.zone is not None:
        checked_zone(source.zone)
    if data is None and source.kind is SourceKind.REQUEST:
        _check_loggable(source, source.fields)
        return source
    if isinstance(data, str | Path):
        source = dataclasses.replace(source, location=str(data))
    rows = as_frame(data, root, source.fields) if data is not None else None
    if rows is None:
        raise NoData(source.name)
    declared = {field.name: field for field in source.fields}
    what = f"source {source.name!r}"
    found = source.fields or infer_fields(rows, what)
    times = [name for name in (source.time, source.available) if name]
    known = entities or {}
    for name in source.entities:
        if name not in known:
            raise UnknownEntity(name, known)
    if source.time is None and source.kind is not SourceKind.REQUEST:
        raise TimeNotNamed(source.name, [f.name for f in found if f.type.kind is Kind.TIMESTAMP])
    keys = [key for name in source.entities for key in known[name].keys]
    _check_columns(source, keys, [field.name for field in found])
    _check_loggable(source, found)
    typed = {key.name: key.type for key in keys if key.name not in declared}
    typed.update(dict.fromkeys(times, types.TIMESTAMP))
    fields = tuple(dataclasses.replace(f, type=typed.get(f.name, f.type)) for f in found)
    _check_types(rows, source, fields)
    return dataclasses.replace(source, fields=fields)


def _check_columns(source: Source, keys: Sequence[Field], present: Sequence[str]) -> None:
    roles: list[tuple[str | None, str, str]] = [
        (source.time, "as its time", "--time"),
        (source.available, "as when a row became known", "--available"),
        (source.tie, "as its tie-breaker", "--tie"),
        *((key.name, "as an entity's key", "") for key in keys),
    ]
    for name, role, option in roles:
        if name and name not in present:
            raise MissingColumn(f"source {source.name!r}", name, present, role, option)


def _check_loggable(source: Source, fields: Sequence[Field]) -> None:
    present = [field.name for field in fields]
    for name in source.loggable:
        if name not in present:
            what = f"source {source.name!r}"
            raise MissingColumn(what, name, present, "to be logged", "--loggable")


_TIME = "2024-01-31T10:00:00Z"


def _check_types(rows: pl.LazyFrame, source: Source, fields: Sequence[Field]) -> None:
    """Refuse columns that cannot be ``fields``; nothing is read."""
    try:
        normalised(rows, fields, source.zone, f"source {source.name!r}")
    except WrongType as refused:
        text = (source.location or "").lower().endswith(".csv")
        if text and refused.column in {source.time, source.available}:
            name = refused.column  # no declaration changes how times are recognised
            refused.fix = f"write all of {name!r} alike, with an offset or all without: {_TIME}"
        elif text and not source.fields:
            named = dataclasses.replace(source, fields=tuple(fields))
            refused.fix = declaration(named, fields=True) or refused.fix
        raise


def infer_fields(frame: pl.LazyFrame, what: str = "the data") -> tuple[Field, ...]:
    """Return the columns of ``frame`` with the narrowest type of the language that holds each.

    Raises:
        DataError: FK206 for a type that the language does not have, FK226 for no name.
    """
    fields = []
    for name, found in frame.collect_schema().items():
        if not name:
            raise NamelessColumn(what)
        held = language_type(found)
        if held is None or held.kind in {Kind.LIST, Kind.NULL}:
            raise UnsupportedType(what, name, str(found))
        fields.append(Field(name, held))
    return tuple(fields)


def language_type(found: pl.DataType) -> DataType | None:
    """Return the type of the language for a polars type, or None."""
    pl = require("polars", PURPOSE)
    match found:
        case pl.Boolean():
            return types.BOOLEAN
        case pl.Decimal():
            scale = found.scale or 0
            return DataType(Kind.DECIMAL, found.precision or types.MOST_DIGITS, scale)
        case pl.String() | pl.Categorical() | pl.Enum():
            return types.VARCHAR
        case pl.Date():
            return types.DATE
        case pl.Datetime():
            return types.TIMESTAMP
        case pl.List():
            element = language_type(found.inner)
            return types.list_of(element) if element else None
        case pl.Null():
            return types.NULL
        case _:
            pass
    if found.is_integer():
        return types.BIGINT
    return types.DOUBLE if found.is_float() else None


def normalised(
    frame: pl.LazyFrame, fields: Sequence[Field], zone: str | None, what: str, role: str = ""
) -> pl.LazyFrame:
    """Return ``frame`` with exactly ``fields``, in the language's types.

    Narrow numbers widen, nanoseconds are truncated, local times become instants in UTC: the
    earlier one where the clock ran twice, shifted forward where it jumped.

    Raises:
        DataError: FK205 missing, FK206 or FK207 type, FK209 naive time, FK210 zone.
    """
    schema = frame.collect_schema()
    made = []
    for field in fields:
        if field.name not in schema:
            raise MissingColumn(what, field.name, schema, role or "as declared")
        made.append(_typed(field, schema[field.name], zone, what).alias(field.name))
    return frame.select(made)


def _typed(field: Field, found: pl.DataType, zone: str | None, what: str) -> pl.Expr:
    pl = require("polars", PURPOSE)
    column = pl.col(field.name)
    held = language_type(found)
    if held is None or held.kind is Kind.LIST:
        raise UnsupportedType(what, field.name, str(found))
    if types.widening_cost(held, field.type) is None:
        fix = conversion(what, field.name, found, field.type)
        raise WrongType(what, field.name, str(found), str(field.type), fix)
    if (
        field.type.kind is Kind.DECIMAL
        and held.kind is Kind.DECIMAL
        and held.scale > field.type.scale
    ):
        fix = conversion(what, field.name, found, field.type)
        raise WrongType(what, field.name, str(found), str(field.type), fix)
    if field.type.kind is Kind.TIMESTAMP and held.kind is not Kind.NULL:
        return _of_our_era(_instant(column, found, zone, what, field.name), 86_400_000_000)
    if isinstance(found, pl.Date):
        column = _of_our_era(column, 1)
    return column.cast(polars_type(field.type))  # type: ignore[no-any-return]  # loaded late


def _of_our_era(moment: pl.Expr, a_day: int) -> pl.Expr:
    """Return null where a day lies outside of the years 1 to 9999: no calendar here goes on.

    ``a_day`` is how many of its units a day has.
    """
    pl = require("polars", PURPOSE)
    epoch = dt.date(1970, 1, 1).toordinal()
    first, last = (day.toordinal() - epoch for day in (dt.date.min, dt.date.max))
    inside = moment.to_physical().is_between(first * a_day, (last + 1) * a_day - 1)
    return pl.when(inside).then(moment)  # type: ignore[no-any-return]  # loaded late


def _instant(column: Any, found: Any, zone: str | None, what: str, name: str) -> Any:
    pl = require("polars", PURPOSE)
    if isinstance(found, pl.Datetime) and found.time_zone is not None:
        return column.dt.convert_time_zone("UTC").dt.cast_time_unit("us")
    if zone is None:
        raise NaiveTime(what, name, naming_zone(what, name, found))
    wall = column.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    if checked_zone(zone) == "UTC":
        return wall
    (row,) = BY_SURFACE["FROM TIME ZONE"]
    return spelled(row, wall, zone)


def checked_zone(zone: str) -> str:
    """Return ``zone`` when the IANA database knows it.

    Raises:
        DataError: FK210.
    """
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, LookupError):  # unknown, a path, a folder of the database
        raise UnknownZone(zone) from None
    return zone


def collected(frame: pl.LazyFrame, what: str) -> pl.DataFrame:
    """Return the rows of ``frame``, which may fail only now.

    Raises:
        DataError: FK208 for values outside the declared types, FK205 for a column that has gone
            since the file was opened, FK202 for a file that is damaged further down, or shorter.
    """
    pl = require("polars", PURPOSE)
    try:
        return frame.collect()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as failure:
        raise unread(failure, what) from None


def unread(failure: BaseException, what: str) -> FeatureError:
    """Return why rows could not be read after all: FK202, FK205 or FK208.

    Polars panics, which is no ``Exception``, where a file is shorter than its footer said.
    """
    pl = require("polars", PURPOSE)
    panicked = isinstance(failure, pl.exceptions.PanicException)
    if panicked or isinstance(failure, OSError) or str(failure).startswith("parquet"):
        return UnreadableFile(what.removeprefix("source ").strip("'"), str(failure))
    return refusal(str(failure), what)
