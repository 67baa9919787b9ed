"""Where pieces lie that do not fit into memory: a folder that never outlives its run for long."""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from featurekit.backends.to_polars import PURPOSE
from featurekit.errors import UsageError
from featurekit.errors.engines import NoRoom
from featurekit.lazy import require

if TYPE_CHECKING:
    import polars as pl

_PREFIX = ".featurekit-pieces-"
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


class NotASize(UsageError):
    """FK923: what is no size of memory."""

    code = "FK923"

    def __init__(self, given: str) -> None:
        super().__init__(f"{given!r} is no size of memory", fix="--memory 4GB (memory='4GB')")


def size(text: str) -> int:
    """Return the bytes of ``4GB``, ``512 MB``, ``1.5GiB``.

    Raises:
        NotASize: FK923.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?([KMGT]?)(i?)B?", text.strip(), re.IGNORECASE)
    if found is None or not float(found[1]):
        raise NotASize(text)
    power = "KMGT".find(found[2].upper()) + 1 if found[2] else 0
    unit = 1024**power if found[3] else _UNITS[found[2].upper()]
    return int(float(found[1]) * unit)


@contextlib.contextmanager
def spill_folder(beside: Path) -> Iterator[Path]:
    """Yield a new folder in ``beside``, removed at the end, however that comes.

    A run that was killed leaves its folder; the next one here finds that nobody holds it, and
    removes it.

    Raises:
        NoRoom: FK245.
    """
    _sweep(beside)
    folder = beside / f"{_PREFIX}{uuid4().hex}"
    remove = partial(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(remove)  # a signal may come between any two steps, while this tidies up, too
    with contextlib.ExitStack() as left:
        left.callback(remove)
        left.callback(os.close, _made(folder))
        yield folder
    atexit.unregister(remove)


def _made(folder: Path) -> int:
    """Make the folder and return what holds it, as long as that is open.

    Raises:
        NoRoom: FK245.
    """
    try:
        while True:
            folder.mkdir(0o700, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):  # swept before it was held: once more
                held = _hold(folder, fcntl.LOCK_EX)
                if folder.exists():
                    return held
                os.close(held)
    except OSError as problem:
        raise NoRoom(str(folder.parent), str(problem)) from None


def _hold(folder: Path, how: int) -> int:
    """Lock the folder itself: a file in it could go before the rest, and nobody would ask again."""
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(held, how)
    except OSError:
        os.close(held)
        raise
    return held


def _sweep(beside: Path) -> None:
    """Remove what runs left here that were killed."""
    for folder in beside.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # another run's, at work
            held = _hold(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
            os.close(held)


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn a failed write into FK245 with the folder that has no room."""
    pl = require("polars", PURPOSE)
    try:
        yield
    except (OSError, pl.exceptions.PolarsError) as problem:
        raise NoRoom(str(folder), str(problem)) from None


def write(rows: pl.DataFrame, path: Path) -> None:
    """Write a piece, whose folders are made.

    Raises:
        NoRoom: FK245.
    """
    with writing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        rows.write_parquet(path, compression="lz4", statistics=False)
