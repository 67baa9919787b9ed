"""How a column is made what it must be: lines of polars and SQL that can be pasted."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from featurekit.backends.to_polars import PURPOSE
from featurekit.datatypes import DataType, Kind
from featurekit.frontends.literal_text import quoted
from featurekit.lazy import require

if TYPE_CHECKING:
    import polars as pl

_CASTS = {Kind.VARCHAR: "pl.String", Kind.DOUBLE: "pl.Float64", Kind.BIGINT: "pl.Int64"}


def conversion(what: str, column: str, given: pl.DataType, wanted: DataType) -> str:
    """Return the line that makes ``column`` of ``what`` the type that is wanted."""
    of_spine = what == "the spine"
    line = f"{'spine' if of_spine else 'data'}.with_columns({_made(column, given, wanted)})"
    return line if of_spine else f"{line}, or declare the type that it has"


def _made(column: str, given: pl.DataType, wanted: DataType) -> str:
    pl = require("polars", PURPOSE)
    named, text = f"pl.col({column!r})", isinstance(given, pl.String)
    if wanted.kind is Kind.TIMESTAMP:
        if text:
            return f"{named}.str.to_datetime(time_zone='UTC')"
        if given.is_numeric():  # how many of which unit only its author knows
            return f"pl.from_epoch({column!r}, time_unit='s').dt.replace_time_zone('UTC')"
        return f"{named}.cast(pl.Datetime('us')).dt.replace_time_zone('UTC')"
    if wanted.kind is Kind.DATE:
        return f"{named}.str.to_date()" if text else f"{named}.cast(pl.Date)"
    if wanted.kind is Kind.BOOLEAN:
        return f"{named} == 'true'" if text else f"{named}.cast(pl.Boolean)"
    if wanted.kind is Kind.DECIMAL:
        return f"{named}.cast(pl.Decimal({wanted.precision}, {wanted.scale}))"
    return f"{named}.cast({_CASTS.get(wanted.kind, 'pl.String')})"


def naming_zone(what: str, name: str, found: pl.DataType) -> str:
    """Return how the zone of a naive column is named: a source declares it, a spine holds it."""
    pl = require("polars", PURPOSE)
    if what.startswith("source"):
        return f"give the source a zone: zone='UTC' (--zone UTC), if {name!r} is in UTC"
    column = quoted(name)  # words that are kept differ by DuckDB's version
    query = f"SELECT * REPLACE ({column}::TIMESTAMP AT TIME ZONE 'UTC' AS {column}) FROM 'spine.parquet'"  # noqa: E501, S608  shown, not run
    wall = f"pl.col({name!r})"
    wall += ".cast(pl.Datetime('us'))" if isinstance(found, pl.Date) else ""
    polars = f"spine.with_columns({wall}.dt.replace_time_zone('UTC'))"
    days = "pd.to_datetime(spine[{0!r}])" if isinstance(found, pl.Date) else "spine[{0!r}]"
    pandas = f"spine[{name!r}] = {days.format(name)}.dt.tz_localize('UTC')"
    return f"name its zone: {polars}; of pandas: {pandas}; of a file: --spine {_word(query)}"


def _word(text: str) -> str:
    """Return ``text`` as one word, of a shell as of a magic's line."""
    if "$" in text or "`" in text:  # which a shell replaces even in double quotes
        return shlex.quote(text)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
