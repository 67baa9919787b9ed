"""Tables on Spark as the language reads them: files, tables of its catalog, frames of any make."""

from __future__ import annotations

import contextlib
import datetime as dt
import glob
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from featurekit.backends.to_polars import PURPOSE
from featurekit.backends.to_sql import expression_sql
from featurekit.backends.to_sql_spark import SPARK
from featurekit.datatypes import DATE, TIMESTAMP, VARCHAR, DataType, Kind
from featurekit.errors.data import MissingColumn, MissingFile, UnknownFormat
from featurekit.errors.engines import EngineFailed
from featurekit.ir.definitions import Field
from featurekit.ir.nodes import Call, Column, Literal
from featurekit.lazy import require
from featurekit.ops import BY_SURFACE
from featurekit.training.duckdb_files import is_table
from featurekit.training.files import as_frame
from featurekit.training.sources import checked_zone, normalised

if TYPE_CHECKING:
    import polars as pl

DIALECT = SPARK
PLACES = ("fk_file", "fk_block")
"""Where a row of a file lies: Spark reads files in the order of their sizes."""

_ERA = {
    Kind.DATE: (dt.date.min, dt.date.max),
    Kind.TIMESTAMP: (
        dt.datetime.min.replace(tzinfo=dt.UTC),
        dt.datetime.max.replace(tzinfo=dt.UTC),
    ),
}
_ZONED = "(Z|[+-][0-9]{2}:?[0-9]{2})$"


@dataclass(frozen=True, slots=True)
class Table:
    """A Spark DataFrame.

    Attributes:
        frame: Its rows.
        text: Whether these are text, whose values are still to be parsed.
        placed: Whether ``fk_file`` and ``fk_block`` say where each row lies, for it has many files.
    """

    frame: Any
    text: bool = False
    placed: bool = False


@contextlib.contextmanager
def said_by_spark() -> Iterator[None]:
    """Turn what Spark raises into FK242 with its words."""
    from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]  # has no types
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JJavaError) as failure:
        raise EngineFailed("Spark", str(failure)) from None


@contextlib.contextmanager
def configured(spark: Any, name: str, value: str) -> Iterator[None]:
    """Let a setting of the session have ``value`` for a while."""
    before = spark.conf.get(name)
    spark.conf.set(name, value)
    try:
        yield
    finally:
        spark.conf.set(name, before)


def opened(spark: Any, data: Any, root: Path, *, spine: bool = False) -> Table:
    """Return ``data`` as a Spark DataFrame; of files only the schema is read.

    Args:
        spark: The session.
        data: A Spark DataFrame, a path or glob (parquet, CSV), the name of a table of the session's
            catalog, or a frame of another make.
        root: Where relative paths start.
        spine: Whether it is the spine: rows of files say where they lie, and text is parsed as
            for other engines, here, because nobody has declared its types.

    Raises:
        DataError: FK201, FK203, FK204, or FK242 with what Spark says.
    """
    text = str(data).lower() if isinstance(data, str | Path) else None
    if text and not is_table(text) and not (spine and text.endswith(".csv")):
        return _named(spark, str(data), root, placed=spine)
    if hasattr(data, "sparkSession"):
        return Table(data)
    require("pyarrow", "to bring a frame to Spark")
    rows = as_frame(data, root).collect()
    # times without a zone stay such, so that they are told from instants
    with said_by_spark(), configured(spark, "spark.sql.timestampType", "TIMESTAMP_NTZ"):
        return Table(spark.createDataFrame(rows.to_arrow()))


def _named(spark: Any, name: str, root: Path, *, placed: bool) -> Table:
    text = name.lower().endswith(".csv")
    if not text and not name.lower().endswith(".parquet"):
        if "/" in name:
            raise UnknownFormat(name)
        with said_by_spark():
            return Table(spark.table(name))
    paths = [name] if "://" in name else _paths(name, root)
    with said_by_spark():
        frame = _text(spark, paths) if text else spark.read.parquet(*paths)
        placed = placed and len(frame.inputFiles()) > 1
        if placed:
            read = ("_metadata.file_path", "_metadata.file_block_start")
            where = [f"{one} AS {name}" for one, name in zip(read, PLACES, strict=True)]
            frame = frame.selectExpr("*", *where)
    return Table(frame, text, placed)


def _text(spark: Any, paths: Sequence[str]) -> Any:
    """Return the rows of CSV files, each value as its text."""
    # one row may span lines, and a quotation mark inside of a text is doubled
    options = {"header": True, "multiLine": True, "escape": '"', "mode": "FAILFAST"}
    return spark.read.options(**options).csv(list(paths))


def _paths(name: str, root: Path) -> list[str]:
    path = str(Path(root, name).absolute())
    found = sorted(glob.glob(path, recursive=True))  # noqa: PTH207  keeps absolute patterns
    if not found:
        folder = Path(path).parent
        present = [one.name for one in folder.iterdir()] if folder.is_dir() else []
        raise MissingFile(name, str(folder), present)
    return [f"file://{one}" for one in found]


def empty_like(table: Table) -> pl.DataFrame:
    """Return no rows with the columns of ``table``, so that they are checked as any frame's."""
    pl = require("polars", PURPOSE)
    held = {f.name: _polars_type(f.dataType.simpleString()) for f in table.frame.schema.fields}
    return pl.DataFrame(schema=held)  # type: ignore[no-any-return]  # loaded late


def _polars_type(name: str) -> Any:
    """Return the polars type for one of Spark's; Binary for one that the language lacks."""
    pl = require("polars", PURPOSE)
    if name.startswith("decimal("):
        precision, scale = name.removeprefix("decimal(").rstrip(")").split(",")
        return pl.Decimal(int(precision), int(scale))
    if name.startswith("array<"):
        return pl.List(_polars_type(name.removeprefix("array<").removesuffix(">")))
    known = {
        "boolean": pl.Boolean,
        "tinyint": pl.Int8,
        "smallint": pl.Int16,
        "int": pl.Int32,
        "bigint": pl.Int64,
        "float": pl.Float32,
        "double": pl.Float64,
        "string": pl.String,
        "date": pl.Date,
        "timestamp": pl.Datetime("us", "UTC"),
        "timestamp_ntz": pl.Datetime("us"),
        "void": pl.Null,
    }
    return pl.String if name.startswith(("varchar(", "char(")) else known.get(name, pl.Binary)


def typed(table: Table, fields: Sequence[Field], zone: str | None, what: str) -> Any:
    """Return ``table`` with exactly ``fields``, in Spark's words for the language's types.

    The meaning is ``normalised``'s: numbers widen, local times become UTC, other eras null.

    Raises:
        DataError: FK205 missing, FK206 or FK207 type, FK209 naive time, FK210 zone.
    """
    if table.text:
        for field in fields:
            if field.name not in table.frame.columns:
                raise MissingColumn(what, field.name, table.frame.columns, "as declared")
    else:
        normalised(empty_like(table).lazy(), fields, zone, what)
    kinds = {f.name: f.dataType.simpleString() for f in table.frame.schema.fields}
    made = [
        f"{_typed(field, kinds[field.name], zone, text=table.text)}"
        f" AS {DIALECT.identifier(field.name)}"
        for field in fields
    ]
    with said_by_spark(), in_utc(table.frame.sparkSession):
        return table.frame.selectExpr(*made)


def in_utc(spark: Any) -> contextlib.AbstractContextManager[None]:
    """Let casts that are written down meanwhile read instants as UTC, whenever they are run.

    In that zone a clock reading is the instant's own number: Spark computes nothing.
    """
    return configured(spark, "spark.sql.session.timeZone", "UTC")


def _typed(field: Field, held: str, zone: str | None, *, text: bool) -> str:
    column = DIALECT.identifier(field.name)
    if field.type.kind is not Kind.TIMESTAMP:
        made = DIALECT.cast(column, field.type)
        return _of_our_era(made, DATE) if field.type.kind is Kind.DATE else made
    wall = DIALECT.cast(column, TIMESTAMP)
    if held == "timestamp":
        return _of_our_era(wall)
    if not text:
        return _of_our_era(_from_zone(wall, zone))
    instant = DIALECT.cast(f"CAST({column} AS TIMESTAMP)", TIMESTAMP)
    other = _from_zone(wall, zone) if zone else f"raise_error({DIALECT.text(_naive(field.name))})"
    return _of_our_era(
        f"CASE WHEN {column} RLIKE {DIALECT.text(_ZONED)} THEN {instant}"
        f" WHEN {column} IS NOT NULL THEN {other} END"
    )


def _naive(column: str) -> str:
    return f"column {column} holds times without a zone; give the source a zone: zone='UTC'"


def _from_zone(wall: str, zone: str | None) -> str:
    if zone is None or checked_zone(zone) == "UTC":
        return wall
    (row,) = BY_SURFACE["FROM TIME ZONE"]
    clock = Column("", "wall", TIMESTAMP)
    call = Call(row.name, (clock, Literal(zone, VARCHAR)), TIMESTAMP)
    return expression_sql(call, DIALECT, lambda _: f"({wall})", "NULL", {})


def _of_our_era(moment: str, kind: DataType = TIMESTAMP) -> str:
    # comparing is cheaper than to make out the year
    least, most = (DIALECT.literal(one, kind) for one in _ERA[kind.kind])
    return f"CASE WHEN {moment} BETWEEN {least} AND {most} THEN {moment} END"
