"""What rows were: fingerprints of files and frames, and whether files change while they are read.

A file's fingerprint is the SHA-256 of its bytes (reading a training set takes longer than hashing
what it reads); a frame's that of its values, whatever made it and however it lies in memory.
"""

from __future__ import annotations

import hashlib
import json
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from featurekit.backends.to_polars import PURPOSE
from featurekit.errors.asking import SourceChanged
from featurekit.errors.data import DataError
from featurekit.ir.definitions import Source
from featurekit.lazy import require
from featurekit.training.duckdb_files import is_table
from featurekit.training.files import found_files
from featurekit.training.sources import SourceData, collected

if TYPE_CHECKING:
    import polars as pl

Stamps = Mapping[str, tuple[int, int, int]]
"""What tells by file whether it is still the one that was opened."""
_PIECE = 1 << 20
"""Rows, or bytes of a file, that are hashed at a time."""


def of_source(data: SourceData, root: Path) -> dict[str, Any]:
    """Return the columns and the fingerprint of a source: of each of its files, or of its frame.

    Of a table of a file its values count: other tables may change, and how the file lies.

    Raises:
        DataError: FK201 when the files have gone, FK202 when they cannot be read.
    """
    source = data.source
    fields: dict[str, Any] = {"schema": [[one.name, str(one.type)] for one in source.fields]}
    fields |= {"until": source.until} if source.until else {}
    if source.location is None or is_table(source.location):
        rows = collected(data.frame, f"source {source.name!r}")
        place = {"location": source.location} if source.location else {}
        return {**fields, **place, "rows": len(rows), "columns": of_frame(rows)}
    files = {_name(path, root): of_file(path) for path in found_files(source.location, root)}
    return {**fields, "location": source.location, "files": files}


def of_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def of_frame(frame: pl.DataFrame | pl.LazyFrame) -> dict[str, str]:
    """Return by column its type's name and the SHA-256 of its values, in the order of the rows.

    Of a lazy frame one column at a time is read.
    """
    lazy = frame.lazy()
    return {
        name: f"{kind} {_of_column(collected(lazy.select(name), 'the rows')[name])}"
        for name, kind in lazy.collect_schema().items()
    }


def _of_column(column: pl.Series) -> str:
    found = hashlib.sha256(json.dumps([str(column.dtype), len(column)]).encode())
    for begin in range(0, len(column), _PIECE):
        for part in _parts(column.slice(begin, _PIECE)):
            found.update(part)
    return found.hexdigest()


def _parts(column: pl.Series) -> Iterator[bytes]:
    """Yield bytes that say which values are null, and every other value exactly."""
    pl = require("polars", PURPOSE)
    yield bytes(column.is_null().to_list())
    kind, known = column.dtype, column.drop_nulls()
    if kind.is_float():
        yield array("d", known.cast(pl.Float64).fill_nan(float("nan")).to_list()).tobytes()
    elif isinstance(kind, pl.List):
        full = known.filter(known.list.len() > 0)
        yield array("q", known.list.len().to_list()).tobytes()
        yield from _parts(full.explode())
    elif isinstance(kind, pl.Struct):
        for field in kind.fields:
            yield from _parts(known.struct.field(field.name))
    elif isinstance(kind, pl.Binary):
        yield array("q", known.bin.size().to_list()).tobytes()
        yield b"".join(known.to_list())
    elif (kind.is_integer() and kind not in {pl.UInt64, pl.Int128}) or kind == pl.Boolean:
        yield array("q", known.cast(pl.Int64).to_list()).tobytes()
    elif kind.is_temporal():
        yield array("q", known.to_physical().cast(pl.Int64).to_list()).tobytes()
    else:
        texts = [str(value) for value in known.to_list()]
        encoded = [text.encode(errors="surrogatepass") for text in texts]
        yield array("q", [len(text) for text in encoded]).tobytes()
        yield b"".join(encoded)


@contextmanager
def watched(sources: Iterable[Source], root: Path) -> Iterator[None]:
    """Read files, and refuse what was read when one of them changed meanwhile.

    Raises:
        SourceChanged: FK216.
    """
    located = [source for source in sources if source.location is not None]
    before = {source.name: stamps(source, root) for source in located}
    try:
        yield
    except DataError:  # a file that was written to may have been unreadable for that
        _require_same(located, before, root)
        raise
    _require_same(located, before, root)


def _require_same(located: Sequence[Source], before: Mapping[str, Stamps], root: Path) -> None:
    for source in located:
        after = stamps(source, root)
        changed = {*before[source.name].items()} ^ {*after.items()}
        if changed:
            raise SourceChanged(source.name, min(name for name, _ in changed)) from None


def stamps(source: Source, root: Path) -> Stamps:
    """Return by file its number on the disk, its size and when it was last written."""
    found = {}
    for path in found_files(source.location or "", root):
        state = path.stat()
        found[_name(path, root)] = (state.st_ino, state.st_size, state.st_mtime_ns)
    return found


def _name(path: Path, root: Path) -> str:
    """Return a file's name, from the folder that relative paths start at when it lies in it."""
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()
