"""Training sets on DuckDB: the training query, run over frames in a database of its own.

The statement is the one that ``draft.sql("duckdb")`` shows, with steps for keys of very many rows
where there are any; this module only brings the tables in, counts such keys, with the session's
zone pinned, and takes the answers out in the language's types.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from featurekit.backends.plan import Wanted, trimmed
from featurekit.backends.to_polars import polars_type
from featurekit.backends.to_sql import training_query
from featurekit.backends.to_sql_duckdb import DUCKDB
from featurekit.backends.to_sql_frames import busy_keys, frames
from featurekit.backends.to_sql_joins import Crowd
from featurekit.datatypes import Kind
from featurekit.errors.data import NoData
from featurekit.ir.view import View
from featurekit.lazy import require
from featurekit.training.labels import asked_later, latest_rows
from featurekit.training.sources import SourceData, collected
from featurekit.training.spine import checked_spine
from featurekit.training.sql_tables import crowds, refuse_same_but_for_case, sources_of

if TYPE_CHECKING:
    import polars as pl

PURPOSE = "to compute training sets with engine='duckdb'"
_MOMENT = "fk_moment"


def duckdb_answers(
    spine: pl.DataFrame,
    wanted: Sequence[Wanted],
    views: Mapping[str, View],
    data: Mapping[str, SourceData],
    *,
    time: str | None,
    repeatable: bool = False,
) -> pl.DataFrame:
    """Return the answers for each row of ``spine``, in its order, one column each of ``wanted``.

    Args:
        spine: Keys, request columns and the moment of asking.
        wanted: The answers, in the order of the columns.
        views: By reference, with every view that these use.
        data: The rows of each source, by name.
        time: The spine's column that says when each row is asked; None: nothing needs it.
        repeatable: Whether sums of doubles are to be the same to the last digit each time: threads
            add up in the order in which they come.

    Raises:
        DataError: FK2xx, when the spine or a source lacks what the views read.
        MissingLibrary: FK901.
        NoSpelling: FK190.
    """
    pl = require("polars", PURPOSE)
    used = asked_later(trimmed(wanted, views), latest_rows(data))
    with _prepared(spine, wanted, used, data, time) as (connection, query):
        if repeatable:
            connection.execute("SET threads = 1")
        made = pl.from_arrow(connection.sql(query).to_arrow_table())
    return made.select(_answer(one, used) for one in wanted)  # type: ignore[no-any-return]  # late


def duckdb_plan(
    spine: pl.DataFrame,
    wanted: Sequence[Wanted],
    views: Mapping[str, View],
    data: Mapping[str, SourceData],
    *,
    time: str | None,
) -> str:
    """Return how DuckDB is going to compute it, in its own words; arguments as ``duckdb_answers``.

    Nothing is computed, but the tables are there: DuckDB plans by their sizes.
    """
    used = asked_later(trimmed(wanted, views), latest_rows(data))
    with _prepared(spine, wanted, used, data, time) as (connection, query):
        ((_, plan),) = connection.execute(f"EXPLAIN {query}").fetchall()
    return str(plan).strip()


@contextlib.contextmanager
def _prepared(
    spine: pl.DataFrame,
    wanted: Sequence[Wanted],
    used: Mapping[str, View],
    data: Mapping[str, SourceData],
    time: str | None,
) -> Iterator[tuple[Any, str]]:
    """Yield a database with the tables, and the training query."""
    duckdb = require("duckdb", PURPOSE)
    require("pyarrow", PURPOSE)
    asked = checked_spine(spine, wanted, used, time)
    questions = asked.rows.with_columns(asked.moments.alias(_MOMENT))
    tables = {"spine": questions, **_sources(used, data)}
    refuse_same_but_for_case({name: frame.columns for name, frame in tables.items()}, used)
    with (
        tempfile.TemporaryDirectory(prefix="featurekit-") as spilled,
        duckdb.connect(":memory:", config={"temp_directory": spilled}) as connection,
    ):
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET python_enable_replacements = false")
        for name, frame in tables.items():
            connection.register(name, _naive(frame).to_arrow())
        yield connection, training_query(wanted, used, DUCKDB, _MOMENT, _crowded(connection, used))


def _crowded(connection: Any, views: Mapping[str, View]) -> dict[Crowd, str]:
    """Return the tables of busy keys, by counting; rows are read if some key is asked often."""
    found = {}
    for number, (crowd, view) in enumerate(crowds(views, frames, DUCKDB).items(), start=1):
        table = f"fk_busy_{number}"
        connection.execute(f"CREATE TEMP TABLE {table} AS\n{busy_keys(view)}")
        ((count,),) = connection.execute(f"SELECT COUNT(*) FROM {table}").fetchall()  # noqa: S608  our own
        if count:
            found[crowd] = table
    return found


def _sources(views: Mapping[str, View], data: Mapping[str, SourceData]) -> dict[str, pl.DataFrame]:
    frames: dict[str, pl.DataFrame] = {}
    for source in sources_of(views):
        if source.name not in data:
            raise NoData(source.name)
        what = f"source {source.name!r}"
        columns = [field.name for field in source.fields]
        frames[source.name] = collected(data[source.name].frame.select(columns), what)
    return frames


def _naive(frame: pl.DataFrame) -> pl.DataFrame:
    """Return ``frame`` with instants as UTC clock readings, which is what DuckDB's type holds."""
    pl = require("polars", PURPOSE)
    return frame.with_columns(
        pl.col(name).dt.replace_time_zone(None)
        for name, held in frame.schema.items()
        if isinstance(held, pl.Datetime)
    )


def _answer(one: Wanted, views: Mapping[str, View]) -> Any:
    pl = require("polars", PURPOSE)
    feature = views[one.reference].feature(one.feature)
    assert feature is not None  # noqa: S101  a wanted feature was looked up in its view
    kind = feature.expression.type
    column = pl.col(one.column)
    if kind.kind is Kind.TIMESTAMP:
        column = column.dt.replace_time_zone("UTC")
    if kind.element is not None and kind.element.kind is Kind.TIMESTAMP:
        column = column.list.eval(pl.element().dt.replace_time_zone("UTC"))
    return column.cast(polars_type(kind))
