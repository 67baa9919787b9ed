"""Training sets on Spark: the training query, run where the rows lie.

The statement is the one that ``draft.sql("spark")`` shows. Nothing is collected: what comes back is
a DataFrame, and Spark computes it when its owner writes or reads it. Only the spine is numbered at
once (it is kept by the session), because a row's number must be the same wherever it is read; and
for labels the time of the source's last row is asked for.
"""

from __future__ import annotations

import contextlib
import io
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from featurekit.backends.plan import Wanted, needed
from featurekit.backends.to_sql import expression_sql, training_query
from featurekit.backends.to_sql_bounds import MANY, OFTEN
from featurekit.backends.to_sql_dialect import RESERVED
from featurekit.backends.to_sql_joins import Crowd
from featurekit.backends.to_sql_running import runs
from featurekit.datatypes import BIGINT, TIMESTAMP, Kind
from featurekit.errors.data import ReservedColumn
from featurekit.errors.engines import NoSpark, NotAnsi, OutputExists
from featurekit.ir.definitions import Source
from featurekit.ir.nodes import Call, Column
from featurekit.ir.view import View, aggregates
from featurekit.lazy import require
from featurekit.training.elsewhere import (
    RemoteReport,
    RemoteTrainingSet,
    Written,
    answer_types,
)
from featurekit.training.labels import asked_later
from featurekit.training.spark_tables import (
    DIALECT,
    PLACES,
    Table,
    configured,
    empty_like,
    opened,
    said_by_spark,
    typed,
)
from featurekit.training.spine import checked_spine
from featurekit.training.sql_tables import refuse_same_but_for_case, sources_of

PURPOSE = "to compute training sets with engine='spark'"
_MOMENT, _PLACE = "fk_moment", "fk_place"
_SETTINGS = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.log.level": "OFF",
    "spark.sql.ansi.enabled": "true",
    # few pieces: AQE splits those that are large
    "spark.sql.shuffle.partitions": "8",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


def session(given: Any = None) -> Any:
    """Return the session ``given``, the one that is running, or a local one, checked.

    Raises:
        MissingLibrary: FK901.
        NoSpark: FK241.
        NotAnsi: FK240.
    """
    sql, errors = (require(f"pyspark.{name}", PURPOSE) for name in ("sql", "errors"))
    found = given or sql.SparkSession.getActiveSession()
    if found is None:
        try:
            builder = sql.SparkSession.builder.master("local[*]").appName("featurekit")
            found = builder.config(map=_SETTINGS).getOrCreate()
        except (errors.PySparkException, OSError) as failure:
            raise NoSpark(str(failure)) from None
    if found.conf.get("spark.sql.ansi.enabled") != "true":
        raise NotAnsi
    return found


def spark_training_set(
    spark: Any,
    spine: Any,
    wanted: Sequence[Wanted],
    views: Mapping[str, View],
    rows: Mapping[str, Any],
    *,
    time: str | None,
    root: Path,
) -> RemoteTrainingSet:
    """Return what the training query on ``spark`` answers for each row of ``spine``.

    Args:
        spark: A session, whose casts are ANSI's; of whatever zone.
        spine: A Spark DataFrame, a path, a table's name or a frame: keys, request columns, moment.
        wanted: The answers, in the order of the columns.
        views: By reference, with every view that these use.
        rows: Where the rows of each source are: a location, a table's name, or a frame.
        time: The spine's column that says when each row is asked; None: nothing needs it.
        root: Where relative paths start.

    Raises:
        DataError: FK2xx, when the spine or a source lacks what the views read.
        NoSpelling: FK190.
    """
    used = {reference: views[reference] for reference in needed(wanted, views)}
    asked = opened(spark, spine, root, spine=True)
    own = asked.frame.columns[: -len(PLACES)] if asked.placed else asked.frame.columns
    for name in own:
        if name.lower() in {*PLACES, _MOMENT, _PLACE}:
            raise ReservedColumn("spine", name, RESERVED)
    checked_spine(empty_like(asked).select(own), wanted, used, time)
    tables: dict[str, Any] = {}
    for source in sources_of(used):
        what = f"source {source.name!r}"
        held = opened(spark, rows[source.name], root)
        tables[source.name] = typed(held, source.fields, source.zone, what)
    columns = {name: frame.columns for name, frame in tables.items()}
    refuse_same_but_for_case({"spine": own, **columns}, used)
    with said_by_spark():
        used = asked_later(used, lambda source: _latest(tables[source.name], source))
        tables["spine"] = _numbered(asked, time)
        dialect = replace(DIALECT, numbered=DIALECT.identifier(_PLACE))
        query = training_query(wanted, used, dialect, _MOMENT, _crowded(tables, used))
        with _named(spark, tables):
            made = spark.sql(query)
        frame = _ordered(made, asked).selectExpr(
            *map(DIALECT.identifier, own), *(_answer(one, used) for one in wanted)
        )
        report = RemoteReport(answer_types(wanted, used), lambda: plan_of(frame))
    return RemoteTrainingSet(frame, report, lambda location: _save(frame, location, wanted))


def _latest(rows: Any, source: Source) -> int | None:
    """Return when the last row of a source happened, in microseconds: the one thing collected."""
    column = Column(source.name, str(source.time), TIMESTAMP)
    call = Call("epoch_us", (column,), BIGINT)
    last = f"MAX({DIALECT.identifier(column.name)})"
    found = rows.selectExpr(expression_sql(call, DIALECT, lambda _: last, "NULL", {}))
    return found.first()[0]  # type: ignore[no-any-return]  # a BIGINT


def _numbered(asked: Table, time: str | None) -> Any:
    """Return the spine with a place for each row, which stays the same however often it is read."""
    moment = DIALECT.identifier(time) if time else "CAST(NULL AS TIMESTAMP)"
    placed = asked.frame.selectExpr(
        "*", f"{moment} AS {_MOMENT}", f"monotonically_increasing_id() AS {_PLACE}"
    )
    return placed.localCheckpoint()


def _crowded(tables: Mapping[str, Any], views: Mapping[str, View]) -> set[Crowd]:
    """Return where some key is busy, by counting: where none is, the plan stays small."""
    found: set[Crowd] = set()
    for view in views.values():
        if view.source and any(runs(view, node, DIALECT) for node in aggregates(view)):
            found.add((view.source.name, view.keys))
    return {one for one in found if _is_crowded(tables["spine"], tables[one[0]], one[1])}


def _is_crowded(asked: Any, rows: Any, keys: Sequence[str]) -> bool:
    """Whether one key has many questions and many rows; rows are read if it has the first."""
    named = {f"fk_key_{place}": DIALECT.identifier(key) for place, key in enumerate(keys)}
    columns, names = [f"{key} AS {name}" for name, key in named.items()], list(named)
    often = asked.selectExpr(*columns).groupBy(*names).count().where(f"count > {OFTEN}")
    if often.isEmpty():
        return False
    held = rows.selectExpr(*columns).join(often, names, "left_semi")
    return not held.groupBy(*names).count().where(f"count > {MANY}").isEmpty()


def _ordered(made: Any, asked: Table) -> Any:
    return made.orderBy(*(PLACES if asked.placed else ()), _PLACE)


@contextlib.contextmanager
def _named(spark: Any, tables: Mapping[str, Any]) -> Iterator[None]:
    """Let the query read ``tables`` by name; what the session calls so comes back afterwards."""
    catalog = spark.catalog
    found = [one for name in tables for one in catalog.listTables(pattern=name)]
    before = {one.name.lower(): spark.table(one.name) for one in found if one.isTemporary}
    try:
        for name, frame in tables.items():
            frame.createOrReplaceTempView(DIALECT.identifier(name))
        yield
    finally:
        for name in tables:
            catalog.dropTempView(name)
            if name.lower() in before:
                before[name.lower()].createOrReplaceTempView(DIALECT.identifier(name))


def _answer(one: Wanted, views: Mapping[str, View]) -> str:
    """Return an answer's column; instants are Spark's, not clock readings."""
    feature = views[one.reference].feature(one.feature)
    assert feature is not None  # noqa: S101  a wanted feature was looked up in its view
    column: str = DIALECT.identifier(one.column)
    kind = feature.expression.type
    if kind.kind is Kind.TIMESTAMP:
        return f"timestamp_micros(unix_micros({column})) AS {column}"
    if kind.element is not None and kind.element.kind is Kind.TIMESTAMP:
        return f"transform({column}, x -> timestamp_micros(unix_micros(x))) AS {column}"
    return column


def plan_of(frame: Any) -> str:
    """Return the physical plan of a Spark DataFrame."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        frame.explain(mode="formatted")
    return said.getvalue().strip()


def _save(frame: Any, location: str, wanted: Sequence[Wanted]) -> Written:
    """Write a folder of parquet files, which appears as a whole; count rows and nulls of it.

    Raises:
        OutputExists: FK243.
        EngineFailed: FK242.
    """
    spark = frame.sparkSession
    with configured(spark, "spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS"):
        return _saved(spark, frame, location, wanted)


def _saved(spark: Any, frame: Any, location: str, wanted: Sequence[Wanted]) -> Written:
    if "://" in location:  # a folder there cannot be renamed at once; Spark marks whole ones
        with said_by_spark():
            frame.write.parquet(location)
            return _counted(spark.read.parquet(location), wanted)
    folder = Path(location).absolute()
    if folder.exists():
        raise OutputExists(location)
    part = folder.with_name(f".{folder.name}.part")
    try:
        with said_by_spark():
            frame.write.mode("overwrite").parquet(f"file://{part}")
            counted = _counted(spark.read.parquet(f"file://{part}"), wanted)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return counted


def _counted(rows: Any, wanted: Sequence[Wanted]) -> Written:
    columns = [DIALECT.identifier(one.column) for one in wanted]
    nulls = [f"count_if({column} IS NULL)" for column in columns]
    found = tuple(rows.selectExpr("count(*)", *nulls).collect()[0])
    return found[0], dict(zip((one.column for one in wanted), found[1:], strict=True))
