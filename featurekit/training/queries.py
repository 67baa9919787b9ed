"""A spine as SQL: one query over files and registered sources, run by DuckDB, which only reads."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from featurekit.errors.asking import BadQuery, NotReadOnly
from featurekit.lazy import require

if TYPE_CHECKING:
    import polars as pl

PURPOSE = "to run a query for a spine"
_BEGINS = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(?:SELECT|WITH|FROM|VALUES)[\s('\"*]",
    re.IGNORECASE | re.DOTALL,
)
_READS = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"}
_TABLES = {
    *("read_parquet", "parquet_scan", "read_csv", "read_csv_auto", "read_json", "read_json_auto"),
    *("read_ndjson", "read_ndjson_auto", "range", "generate_series", "unnest"),
}


def is_query(text: str) -> bool:
    """Whether ``text`` is a query and not the path of a file: it begins as a query does."""
    return _BEGINS.match(text) is not None


def queried(
    text: str,
    folders: Sequence[Path],
    names: Sequence[str],
    table: Callable[[str], pl.DataFrame],
) -> pl.DataFrame:
    """Return the rows of a query, in its order; the session's zone is UTC.

    Args:
        text: One SELECT in DuckDB's SQL.
        folders: Where files that it names relatively are looked for, in this order.
        names: The registered sources, which it may read as tables.
        table: From such a name to its rows; asked for those that the query names.

    Raises:
        NotReadOnly: FK219, for anything but one query that reads.
        BadQuery: FK218, when DuckDB refuses it.
        MissingLibrary: FK901.
    """
    pl = require("polars", PURPOSE)
    duckdb = require("duckdb", PURPOSE)
    require("pyarrow", PURPOSE)
    with (
        tempfile.TemporaryDirectory(prefix="featurekit-") as spilled,
        duckdb.connect(":memory:", config=_configuration(spilled, folders)) as connection,
    ):
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET lock_configuration = true")
        try:
            _require_reading(connection, text, names)
            asked = {name.lower() for name in connection.get_table_names(text)}
            for name in names:
                if name.lower() in asked:
                    connection.register(name, table(name).to_arrow())
            found = pl.from_arrow(connection.sql(text).to_arrow_table())
        except (duckdb.Error, pl.exceptions.PolarsError) as failure:
            raise BadQuery(text, str(failure), names) from None
    return found  # type: ignore[no-any-return]  # loaded late


def _configuration(spilled: str, folders: Sequence[Path]) -> dict[str, str]:
    """Return settings under which nothing is fetched and no variable of Python is a table."""
    return {
        "temp_directory": spilled,
        "file_search_path": ",".join(str(folder) for folder in folders),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "python_enable_replacements": "false",
    }


def _require_reading(connection: Any, text: str, names: Sequence[str]) -> None:
    """Refuse all that is not one query which only reads.

    A WITH may hold COPY or INSERT, so that the statement's kind says too little: its tree decides.
    """
    ((tree,),) = connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [text]).fetchall()
    read = json.loads(tree)
    if read["error"] and read.get("error_type") == "parser":
        raise BadQuery(text, read["error_message"], names)
    if read["error"] or len(read["statements"]) != 1:
        raise NotReadOnly(text, "it is not one SELECT")
    for node in _nodes(read):
        kind = node.get("type")
        if isinstance(kind, str) and kind.endswith("_NODE") and kind not in _READS:
            raise NotReadOnly(text, f"it holds {kind.split('_', maxsplit=1)[0]}")
        if kind == "TABLE_FUNCTION" and (name := _function(node)) not in _TABLES:
            raise NotReadOnly(text, f"it calls {name}() as a table")


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for inside in value.values() if isinstance(value, dict) else value:
        if isinstance(inside, dict | list):
            yield from _nodes(inside)


def _function(node: dict[str, Any]) -> str:
    return str(node["function"].get("function_name")).lower()
