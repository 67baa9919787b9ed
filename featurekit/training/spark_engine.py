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
from uuid import uuid4

from featurekit.backends.plan import Wanted, needed, trimmed
from featurekit.backends.to_sql import expression_sql, training_query
from featurekit.backends.to_sql_bounds import KEY, MANY, OFTEN
from featurekit.backends.to_sql_dialect import RESERVED
from featurekit.backends.to_sql_joins import Crowd
from featurekit.backends.to_sql_running import in_pairs, runs
from featurekit.datatypes import BIGINT, TIMESTAMP, Kind
from featurekit.errors.data import ReservedColumn
from featurekit.errors.engines import NoSpark, NotAnsi, OutputExists
from featurekit.ir.definitions import Source
from featurekit.ir.nodes import Call, Column
from featurekit.ir.view import View
from featurekit.lazy import require
from featurekit.training.elsewhere import (
    RemoteReport,
    RemoteTrainingSet,
    Written,
    answer_types,
)
from featurekit.training.labels import asked_later, ends_of
from featurekit.training.spark_spine import MOMENT, OWN, PLACE, numbered
from featurekit.training.spark_tables import (
    DIALECT,
    PLACES,
    configured,
    empty_like,
    opened,
    said_by_spark,
    typed,
)
from featurekit.training.spine import checked_spine
from featurekit.training.sql_tables import crowds, refuse_same_but_for_case, sources_of

PURPOSE = "to compute training sets with engine='spark'"
_MOST_SENT = 100_000
"""So many busy keys are sent to whoever reads rows or questions."""

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
        if name.lower() in OWN:
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
        spine = numbered(asked, time)
        tables["spine"] = spine.frame
        dialect = replace(DIALECT, numbered=DIALECT.identifier(PLACE))
        crowded = _crowded(tables, used)
        named_busy = {crowd: name for crowd, (name, _) in crowded.items()}
        query = training_query(wanted, used, dialect, MOMENT, named_busy)
        with _named(spark, tables | dict(crowded.values())) as named:
            made = spark.sql(f"{named}\nSELECT * FROM (\n{query})")
        frame = spine.ordered(made).selectExpr(
            *map(DIALECT.identifier, own), *(_answer(one, used) for one in wanted)
        )
        asked_for = trimmed(wanted, used)
        report = RemoteReport(answer_types(wanted, used), lambda: _work(asked_for) + plan_of(frame))
    return RemoteTrainingSet(frame, report, lambda location: _save(frame, location, wanted))


def _latest(rows: Any, source: Source) -> int | None:
    """Return up to which moment a source goes, in microseconds: the one thing collected."""
    names = ends_of(source)
    calls = [Call("epoch_us", (Column(source.name, name, TIMESTAMP),), BIGINT) for name in names]

    def last(column: Column) -> str:
        return f"MAX({DIALECT.identifier(column.name)})"

    found = rows.selectExpr(*(expression_sql(c, DIALECT, last, "NULL", {}) for c in calls)).first()
    return min((end for end in found if end is not None), default=None)


def _crowded(tables: Mapping[str, Any], views: Mapping[str, View]) -> dict[Crowd, tuple[str, Any]]:
    """Return where some key is busy, by counting: a name and its table of the busy keys.

    Where none is, the plan stays small; where some are, it need not find them again and again.
    """
    found = {}
    for number, (source, keys) in enumerate(crowds(views, runs, DIALECT), start=1):
        busy = _busy(tables["spine"], tables[source], keys)
        if busy is not None:
            found[source, keys] = (f"fk_busy_{number}", busy)
    return found


def _busy(asked: Any, rows: Any, keys: Sequence[str]) -> Any:
    """Return the keys with many questions and many rows; rows are read if some has the first."""
    named = {f"{KEY}_{place}": DIALECT.identifier(key) for place, key in enumerate(keys, start=1)}
    columns, names = [f"{key} AS {name}" for name, key in named.items()], list(named)
    often = asked.selectExpr(*columns).groupBy(*names).count().where(f"count > {OFTEN}")
    if often.isEmpty():
        return None
    held = rows.selectExpr(*columns).join(often, names, "left_semi")
    busy = held.groupBy(*names).count().where(f"count > {MANY}").select(*names).localCheckpoint()
    count = busy.count()
    if count > _MOST_SENT:
        return busy
    return busy.hint("broadcast") if count else None


@contextlib.contextmanager
def _named(spark: Any, tables: Mapping[str, Any]) -> Iterator[str]:
    """Yield the beginning of a statement that reads ``tables`` by name; no view stays behind."""
    views = {name: f"fk_{uuid4().hex}" for name in tables}
    try:
        for name, view in views.items():
            tables[name].createOrReplaceTempView(view)
        steps = (f"{DIALECT.identifier(name)} AS (FROM {view})" for name, view in views.items())
        yield f"WITH {', '.join(steps)}"
    finally:
        for view in views.values():
            spark.catalog.dropTempView(view)


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


def _work(views: Mapping[str, View]) -> str:
    """Return which answers cost more than a pass over rows and questions, for the plan's reader."""
    found = {reference: in_pairs(view, DIALECT) for reference, view in views.items()}
    lines = [
        f"{reference} {', '.join(names)}: each question meets each row of its windows;"
        " for one key that is its questions times these rows\n"
        for reference, names in found.items()
        if names
    ]
    return "".join(["== Work that grows with pairs ==\n", *lines, "\n"]) if lines else ""


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
