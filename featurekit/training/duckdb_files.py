"""Tables that lie in DuckDB files: ``shop.duckdb::payments``, ``shop.duckdb::sales.payments``.

A file is opened for reading only, and nothing outside of it is read. What is lazy about a table is
its columns: those that nobody needs are never read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from featurekit.errors.data import MissingFile, MissingTable, UnreadableFile
from featurekit.lazy import require

if TYPE_CHECKING:
    import polars as pl

PURPOSE = "to read tables of DuckDB files"
SEPARATOR = "::"
_SETTINGS = {
    "access_mode": "READ_ONLY",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "enable_external_access": "false",
    "python_enable_replacements": "false",
}


def is_table(location: str) -> bool:
    """Whether a location names a table of a file."""
    return SEPARATOR in location


def file_of(location: str) -> str:
    """Return the file of a location: itself, or what holds the table."""
    return location.partition(SEPARATOR)[0]


def table_frame(location: str, root: Path) -> pl.LazyFrame:
    """Return a table of a DuckDB file, lazily: its columns are read when they are needed.

    Raises:
        MissingFile: FK201.
        UnreadableFile: FK202, not a DuckDB file, or somebody writes to it.
        MissingTable: FK225.
        MissingLibrary: FK901.
    """
    plugins = require("polars.io.plugins", PURPOSE)
    empty = _read(location, root, None, 0)

    def rows(
        columns: list[str] | None, predicate: Any, n_rows: int | None, _: int | None
    ) -> Iterator[pl.DataFrame]:
        found = _read(location, root, columns, None if predicate is not None else n_rows)
        found = found if predicate is None else found.filter(predicate)
        yield found if n_rows is None else found.head(n_rows)

    return plugins.register_io_source(rows, schema=empty.schema)  # type: ignore[no-any-return]  # late


def _read(location: str, root: Path, columns: Sequence[str] | None, rows: int | None) -> Any:
    """Return columns of a table in the order of its rows; None: all of them."""
    pl, duckdb = require("polars", PURPOSE), require("duckdb", PURPOSE)
    require("pyarrow", PURPOSE)
    with _opened(location, root) as connection:
        what = "*" if columns is None else ", ".join(map(_quoted, columns))
        name = _found(connection, location)
        limit = "" if rows is None else f" LIMIT {int(rows)}"
        try:
            made = connection.sql(f"SELECT {what or 'NULL'} FROM {name}{limit}")  # noqa: S608  quoted names
            return pl.from_arrow(made.to_arrow_table())
        except (duckdb.Error, pl.exceptions.PolarsError) as failure:
            raise UnreadableFile(location, str(failure)) from None


@contextmanager
def _opened(location: str, root: Path) -> Iterator[Any]:
    duckdb = require("duckdb", PURPOSE)
    path = root / file_of(location)
    if not path.is_file():
        folder = path.parent
        present = [one.name for one in folder.iterdir()] if folder.is_dir() else []
        raise MissingFile(file_of(location), str(folder), present)
    try:
        connection = duckdb.connect(str(path), config=_SETTINGS)
    except duckdb.Error as failure:
        raise UnreadableFile(location, str(failure)) from None
    with connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


def _found(connection: Any, location: str) -> str:
    """Return the quoted name of a table, as it stands in the file's catalog."""
    asked = location.partition(SEPARATOR)[2]
    rows = connection.execute(
        "SELECT table_schema, table_name FROM information_schema.tables"
        " WHERE table_catalog = current_database() ORDER BY ALL"
    ).fetchall()
    for schema, name in rows:
        if asked in {f"{schema}.{name}", *([name] if schema == "main" else [])}:
            return f"{_quoted(schema)}.{_quoted(name)}"
    present = [name if schema == "main" else f"{schema}.{name}" for schema, name in rows]
    raise MissingTable(file_of(location), asked, present)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
