"""Replacing many files as one: all of them staged, a journal, then one rename after the other.

Until the journal is in place nothing of the receiver's was touched, and an interruption is undone
by forgetting the stage. From then on an interruption is completed: the journal says which file goes
where and what stood there before, so the next export finishes first.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from featurekit.catalog.store import flush_folder
from featurekit.errors.export import (
    ExportError,
    ExportRunning,
    InterruptedExport,
    TargetNotAFolder,
    TargetUnwritable,
    UnsafePath,
)
from featurekit.export.manifest import content_hash
from featurekit.export.paths import checked_paths

FOLDER = ".featurekit-export"
_JOURNAL = "journal.json"
_LOCK = "lock"


@dataclass(frozen=True, slots=True)
class Step:
    """One file to replace, make or remove.

    Attributes:
        path: Below the receiving folder.
        old: The hash of what stands there before, None: nothing.
        new: The hash of what stands there after, None: nothing.
    """

    path: str
    old: str | None
    new: str | None


def pending(target: Path) -> tuple[Step, ...]:
    """Return the steps of an interrupted write that must be completed; empty when there is none.

    Raises:
        InterruptedExport: FK408, when its journal cannot be read.
    """
    journal = target / FOLDER / _JOURNAL
    try:
        text = journal.read_bytes()
    except FileNotFoundError:
        return ()
    except OSError as refused:
        raise InterruptedExport(str(journal.parent), _reason(refused)) from None
    try:
        steps = tuple(Step(**step) for step in json.loads(text))
        checked_paths(target, (step.path for step in steps))
    except (ValueError, TypeError, UnsafePath):
        raise InterruptedExport(str(journal.parent), "its journal is damaged") from None
    return steps


@contextlib.contextmanager
def locked(target: Path) -> Iterator[None]:
    """Hold ``target`` for this export; its folder is made when only the last part is missing.

    Raises:
        ExportRunning: FK407, when another process holds it.
        TargetUnwritable: FK406.
    """
    stage = target / FOLDER
    with reported(target, begun=False):
        stage.mkdir(parents=True, exist_ok=True)
        handle = os.open(stage / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _lock(handle, stage / _LOCK):
            raise ExportRunning(str(target))
        try:
            yield
        finally:
            if not (stage / _JOURNAL).exists():
                shutil.rmtree(stage, ignore_errors=True)
    finally:
        os.close(handle)


def _lock(handle: int, path: Path) -> bool:
    """Take the lock; False when another has it, or had it and removed the file since."""
    try:
        import fcntl
    except ModuleNotFoundError:  # Windows has no such lock
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return path.exists() and path.stat().st_ino == os.fstat(handle).st_ino
    except OSError as refused:
        # some network disks have no locks; then whoever is told to export is trusted
        return refused.errno not in {errno.EWOULDBLOCK, errno.EACCES}


def replace_all(target: Path, steps: Sequence[Step], texts: Mapping[str, str]) -> None:
    """Carry out ``steps``: stage everything, then rename one by one. Needs ``locked``.

    Raises:
        TargetUnwritable: FK406; it says whether anything was replaced.
    """
    stage = target / FOLDER
    with reported(stage, begun=False):
        for number, step in enumerate(steps):
            if step.new is not None:
                _write(stage / str(number), texts[step.path].encode())
                (target / step.path).parent.mkdir(parents=True, exist_ok=True)
        journal = json.dumps([asdict(step) for step in steps]).encode()
        _write(stage / "journal.new", journal)
        (stage / "journal.new").replace(stage / _JOURNAL)
        flush_folder(stage)
    complete(target, steps)


def complete(target: Path, steps: Sequence[Step]) -> None:
    """Do what is left of ``steps``; the journal goes last.

    Raises:
        InterruptedExport: FK408, when a file is neither as it was nor as it will be.
        TargetUnwritable: FK406.
    """
    stage = target / FOLDER
    with reported(target, begun=True):
        for number, step in enumerate(steps):
            place, staged = target / step.path, stage / str(number)
            now = file_hash(place)
            if now == step.new:
                continue
            if now != step.old or (step.new is not None and not staged.exists()):
                raise InterruptedExport(str(stage), f"{step.path} was changed meanwhile")
            if step.new is None:
                place.unlink()
            else:
                staged.replace(place)
        for folder in {(target / step.path).parent for step in steps}:
            if folder.is_dir():
                flush_folder(folder)
        (stage / _JOURNAL).unlink()


def file_hash(path: Path) -> str | None:
    """Return the hash of a file's content, None when there is no file."""
    try:
        return content_hash(path.read_bytes())
    except FileNotFoundError:
        return None


@contextlib.contextmanager
def reported(path: Path, *, begun: bool) -> Iterator[None]:
    """Turn what the operating system refuses into the export's own errors."""
    try:
        yield
    except ExportError:
        raise
    except NotADirectoryError:
        raise TargetNotAFolder(str(path)) from None
    except OSError as refused:
        raise TargetUnwritable(str(path), _reason(refused), begun=begun) from None


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _reason(refused: OSError) -> str:
    return (refused.strerror or str(refused)).lower()
