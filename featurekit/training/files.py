"""Data of any make as a lazy frame: files, globs, frames of other libraries, rows as dicts."""

from __future__ import annotations

import glob
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from featurekit.backends.to_polars import PURPOSE, polars_type
from featurekit.datatypes import Kind
from featurekit.errors.data import (
    MissingFile,
    NotAFrame,
    UnknownFormat,
    UnreadableFile,
    UnreadableRows,
    UnwritableFile,
)
from featurekit.ir.definitions import Field
from featurekit.lazy import require
from featurekit.training.duckdb_files import file_of, is_table, table_frame

if TYPE_CHECKING:
    import polars as pl

_PARSED_LATER = frozenset({Kind.TIMESTAMP, Kind.DATE, Kind.NULL, Kind.INTERVAL})


def as_frame(
    data: Any, root: Path | None = None, fields: Sequence[Field] | None = None
) -> pl.LazyFrame:
    """Return ``data`` as a lazy frame, its types as they are.

    Args:
        data: A path or glob (parquet, CSV), a table of a DuckDB file (``shop.duckdb::payments``), a
            polars, pandas or Arrow frame (of pandas an index with a name is a column, too), or a
            list of dicts.
        root: Where relative paths start; None: the process's folder.
        fields: Declared columns, which decide how CSV text is read.

    Raises:
        DataError: FK201 no such file, FK202 unreadable, FK203 unknown format, FK204 not a table.
    """
    pl = require("polars", PURPOSE)
    match data:
        case pl.LazyFrame():
            return data  # type: ignore[no-any-return]  # the engine is loaded late, so it is Any
        case pl.DataFrame():
            return data.lazy()  # type: ignore[no-any-return]  # loaded late
        case str() | Path():
            return _opened(str(data), root or Path(), fields or ())
        case list() | tuple():
            return _from_rows(data, fields or ())
        case _:
            return _from_other(data)


def _from_rows(rows: Sequence[Any], fields: Sequence[Field]) -> pl.LazyFrame:
    pl = require("polars", PURPOSE)
    if not all(isinstance(row, Mapping) for row in rows):
        raise NotAFrame("list of something else than dicts")
    if not rows:
        empty = {field.name: polars_type(field.type) for field in fields}
        return pl.LazyFrame(schema=empty)  # type: ignore[no-any-return]  # loaded late
    given = {field.name for field in fields} or {name for row in rows for name in row}
    present = [name for name in dict.fromkeys(n for row in rows for n in row) if name in given]
    columns = {name: [row.get(name) for row in rows] for name in present}
    try:
        return pl.LazyFrame(columns, strict=True)  # type: ignore[no-any-return]  # loaded late
    except (pl.exceptions.PolarsError, TypeError, ValueError, OverflowError) as failure:
        raise UnreadableRows("the list of rows", str(failure)) from None


def _from_other(data: Any) -> pl.LazyFrame:
    pl = require("polars", PURPOSE)
    if type(data).__name__ == "Series":  # one column, of polars or pandas, is no frame
        raise NotAFrame("Series")
    try:
        if type(data).__module__.partition(".")[0] == "pandas":
            named = [name for name in data.index.names if name is not None]
            rows = data.reset_index(level=named) if named else data
            return pl.from_pandas(rows).lazy()  # type: ignore[no-any-return]  # loaded late
        if hasattr(data, "__arrow_c_stream__"):
            return pl.DataFrame(data).lazy()  # type: ignore[no-any-return]  # loaded late
    except (pl.exceptions.PolarsError, TypeError, ValueError, ImportError) as failure:
        raise UnreadableRows(f"the {type(data).__name__}", str(failure)) from None
    raise NotAFrame(type(data).__name__)


def _opened(location: str, root: Path, fields: Sequence[Field]) -> pl.LazyFrame:
    pl = require("polars", PURPOSE)
    if is_table(location):
        return table_frame(location, root)
    paths = found_files(location, root)
    scan = {".parquet": _scan_parquet, ".csv": _scan_csv}.get(paths[0].suffix.lower())
    if scan is None or len({path.suffix.lower() for path in paths}) > 1:
        raise UnknownFormat(location)
    try:
        frame = scan(paths, fields)
        frame.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as failure:
        raise UnreadableFile(location, str(failure)) from None
    return frame


def _scan_parquet(paths: list[Path], fields: Sequence[Field]) -> pl.LazyFrame:  # noqa: ARG001  parquet knows its types
    pl = require("polars", PURPOSE)
    return pl.scan_parquet(paths, glob=False)  # type: ignore[no-any-return]  # loaded late


def _scan_csv(paths: list[Path], fields: Sequence[Field]) -> pl.LazyFrame:
    """Read text as the declared types; times are recognised, never half-parsed.

    Two quotes are one in a name; polars leaves them as they are written.
    """
    pl = require("polars", PURPOSE)
    declared = {f.name: polars_type(f.type) for f in fields if f.type.kind not in _PARSED_LATER}
    written = {name.replace('"', '""'): kind for name, kind in declared.items()}
    frame = pl.scan_csv(
        paths, glob=False, try_parse_dates=True, schema_overrides=written, infer_schema_length=None
    )
    quoted = [name for name in frame.collect_schema().names() if '""' in name]
    meant = {name: name.replace('""', '"') for name in quoted}
    return frame.rename(meant) if meant else frame  # type: ignore[no-any-return]  # loaded late


def found_files(location: str, root: Path) -> list[Path]:
    """Return the files that a path or glob names, sorted; of a table the file that holds it.

    Raises:
        MissingFile: FK201, for none.
    """
    location = file_of(location)
    path = root / location
    try:
        if path.is_file():
            return [path]
    except (OSError, ValueError):  # a name that no file can have
        raise MissingFile(location, str(root), ()) from None
    found = [Path(name) for name in sorted(glob.glob(str(path), recursive=True))]  # noqa: PTH207  keeps absolute patterns
    files = [one for one in found if one.is_file()]
    if not files:
        folder = path.parent
        names = [one.name for one in folder.iterdir()] if folder.is_dir() else []
        present = [name for name in names if not name.startswith(".")]
        raise MissingFile(location, str(folder), present)
    return files


def require_output(path: Path) -> None:
    """Refuse, before the work, a path that a frame cannot be written to.

    Raises:
        UnknownFormat: FK203, for its ending.
        UnwritableFile: FK230, without a folder for it.
    """
    if path.suffix not in {".parquet", ".csv"}:
        raise UnknownFormat(str(path), output=True)
    if not path.parent.is_dir():
        raise UnwritableFile(str(path), f"there is no folder {str(path.parent)!r}")


def save_text(text: str, path: Path) -> None:
    """Write ``text`` to ``path``; the file appears whole or not at all.

    Raises:
        UnwritableFile: FK230.
    """
    _appear(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def save_frame(frame: pl.DataFrame, path: Path) -> None:
    """Write ``frame`` to ``path``: .parquet or .csv; the file appears whole or not at all.

    Raises:
        UnknownFormat: FK203, another ending.
        UnwritableFile: FK230.
    """
    require_output(path)
    _appear(path, frame.write_parquet if path.suffix == ".parquet" else frame.write_csv)


def _appear(path: Path, write: Callable[[Path], Any]) -> None:
    pl = require("polars", PURPOSE)
    temporary = path.with_name(f".{path.name}.part")
    try:
        write(temporary)
        temporary.replace(path)
    except (OSError, ValueError, pl.exceptions.PolarsError) as problem:
        raise UnwritableFile(str(path), str(problem)) from None
    finally:
        temporary.unlink(missing_ok=True)
