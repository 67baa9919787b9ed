"""Where the log's bytes lie: a folder, or this process's memory.

A store knows nothing of what it holds. It promises three things: an entry appears whole or not at
all, under a number that nobody else gets; it never changes afterwards; a draft is replaced whole.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from featurekit.errors.catalog import (
    CatalogError,
    ForeignFile,
    MissingEntry,
    NoHardLinks,
    NotAFolder,
    StoreComesLater,
    StoreFull,
    StoreUnavailable,
)

_ENTRY = re.compile(r"(\d{8,})\.json")
_DRAFT = re.compile(r"([A-Za-z]\w*)\.json", re.ASCII)
_TEMPORARY = ".tmp-"
_STALE_AFTER = 3600.0  # seconds: no write takes that long, so its writer is dead


class Store(Protocol):
    """Numbered entries that only grow, and drafts that are replaced."""

    def place(self, sequence: int | None = None, draft: str | None = None) -> str:
        """Return what to call the store, an entry or a draft in a message."""
        ...

    def last(self) -> int:
        """Return the highest entry's number, 0 when there is none; every one below it exists."""
        ...

    def read(self, sequence: int) -> bytes:
        """Return an entry's bytes."""
        ...

    def append(self, sequence: int, content: bytes) -> bool:
        """Add the entry durably; False, and nothing done, when the number is taken."""
        ...

    def drafts(self) -> tuple[str, ...]:
        """Return the names of the drafts, sorted."""
        ...

    def read_draft(self, name: str) -> bytes | None:
        """Return a draft's bytes, None when there is none."""
        ...

    def write_draft(self, name: str, content: bytes) -> None:
        """Replace a draft, whole."""
        ...

    def delete_draft(self, name: str) -> bool:
        """Remove a draft; False when there was none."""
        ...


def open_store(url: str) -> Store:
    """Return the store at ``url``: a folder's path, or ``:memory:``.

    Raises:
        StoreComesLater: FK328, for ``sqlite:///...``, ``postgresql://...`` and other schemes.
        NotAFolder: FK322.
    """
    if url == ":memory:":
        return MemoryStore()
    if "\0" in url:  # no file system has such a name
        raise NotAFolder(repr(url))
    if found := re.match(r"([A-Za-z][A-Za-z0-9+.-]+)://", url):
        if found[1].lower() == "file":
            return DirectoryStore(Path(url[len("file://") :]))
        raise StoreComesLater(_without_password(url), found[1])
    return DirectoryStore(Path(url))


def _without_password(url: str) -> str:
    return re.sub(r"(://[^:/@]*):[^@/]*@", r"\1:***@", url)


class MemoryStore:
    """Entries and drafts that end with the process."""

    def __init__(self) -> None:
        self._entries: list[bytes] = []
        self._drafts: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def place(self, sequence: int | None = None, draft: str | None = None) -> str:
        """``:memory:``, and which part of it."""
        part = draft if sequence is None else str(sequence)
        return f":memory: {part}" if part else ":memory:"

    def last(self) -> int:
        """Return how many entries there are."""
        return len(self._entries)

    def read(self, sequence: int) -> bytes:
        """Return an entry's bytes."""
        return self._entries[sequence - 1]

    def append(self, sequence: int, content: bytes) -> bool:
        """Add the entry, unless another thread was first."""
        with self._lock:
            if sequence != len(self._entries) + 1:
                return False
            self._entries.append(content)
            return True

    def drafts(self) -> tuple[str, ...]:
        """Return the names of the drafts, sorted."""
        return tuple(sorted(self._drafts))

    def read_draft(self, name: str) -> bytes | None:
        """Return a draft's bytes, None when there is none."""
        return self._drafts.get(name)

    def write_draft(self, name: str, content: bytes) -> None:
        """Replace a draft."""
        self._drafts[name] = content

    def delete_draft(self, name: str) -> bool:
        """Remove a draft; False when there was none."""
        return self._drafts.pop(name, None) is not None


class DirectoryStore:
    """``log/00000001.json`` ... and ``drafts/NAME.json`` in a folder.

    An entry is written to a temporary file beside its place, flushed to the disk, and then linked
    to its name: the link appears at once, and only for one of several writers. A writer that dies
    leaves at most a temporary file, which readers pass over and a later writer removes. The folder
    is made when something is first written.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._log = root / "log"
        self._drafts = root / "drafts"
        for folder in (self.root, self._log, self._drafts):
            try:
                taken = folder.exists() and not folder.is_dir()
            except (OSError, ValueError):  # a name that no folder can have
                taken = True
            if taken:
                raise NotAFolder(str(folder))

    def place(self, sequence: int | None = None, draft: str | None = None) -> str:
        """Return the path that a message shows."""
        if sequence is not None:
            return str(self._entry(sequence))
        return str(self._drafts / f"{draft}.json" if draft else self.root)

    def last(self) -> int:
        """Return the highest entry's number.

        Raises:
            ForeignFile: FK325, for a name that is not an entry's.
            MissingEntry: FK324, when a number below the highest is missing.
        """
        numbers: list[int] = []
        for name in self._names(self._log):
            found = _ENTRY.fullmatch(name)
            if not found or name != f"{int(found[1]):08}.json" or int(found[1]) == 0:
                raise ForeignFile(str(self._log / name))
            numbers.append(int(found[1]))
        if len(numbers) != max(numbers, default=0):
            missing = min(set(range(1, max(numbers))) - set(numbers))
            raise MissingEntry(str(self._entry(missing)), f"{max(numbers):08}.json")
        return len(numbers)

    def read(self, sequence: int) -> bytes:
        """Return an entry's bytes."""
        path = self._entry(sequence)
        with self._reported(path, "read"):
            return path.read_bytes()

    def append(self, sequence: int, content: bytes) -> bool:
        """Add the entry durably; False when another writer took the number."""
        path = self._entry(sequence)
        with self._reported(path, "written"):
            self._make(self._log)
            temporary = self._temporary(self._log, content)
            try:
                _link(temporary, path)
            except FileExistsError:
                return False
            except FileNotFoundError:  # taken for a dead writer's and removed: try again
                return False
            finally:
                temporary.unlink(missing_ok=True)
            # every reader sees the entry from here on: to fail now would deny what is there
            with contextlib.suppress(OSError):
                flush_folder(self._log)
            return True

    def drafts(self) -> tuple[str, ...]:
        """Return the names of the drafts, sorted; other files there are passed over."""
        found = (_DRAFT.fullmatch(name) for name in self._names(self._drafts))
        return tuple(match[1] for match in found if match)

    def read_draft(self, name: str) -> bytes | None:
        """Return a draft's bytes, None when there is none."""
        path = self._drafts / f"{name}.json"
        with self._reported(path, "read"):
            return path.read_bytes() if path.exists() else None

    def write_draft(self, name: str, content: bytes) -> None:
        """Replace a draft, whole."""
        path = self._drafts / f"{name}.json"
        with self._reported(path, "written"):
            self._make(self._drafts)
            temporary = self._temporary(self._drafts, content)
            try:
                temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)
            flush_folder(self._drafts)

    def delete_draft(self, name: str) -> bool:
        """Remove a draft; False when there was none."""
        path = self._drafts / f"{name}.json"
        with self._reported(path, "written"):
            try:
                path.unlink()
            except FileNotFoundError:
                return False
            flush_folder(self._drafts)
            return True

    def _entry(self, sequence: int) -> Path:
        return self._log / f"{sequence:08}.json"

    def _names(self, folder: Path) -> list[str]:
        with self._reported(folder, "read"):
            if not folder.exists():
                return []
            # hidden files are temporaries, or an operating system's notes to itself
            return sorted(p.name for p in folder.iterdir() if not p.name.startswith("."))

    def _make(self, folder: Path) -> None:
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            flush_folder(folder.parent)

    def _temporary(self, folder: Path, content: bytes) -> Path:
        handle, name = tempfile.mkstemp(prefix=_TEMPORARY, dir=folder)
        path = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                os.fchmod(file.fileno(), 0o644)
            _remove_stale(folder, path.stat().st_mtime)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    @contextlib.contextmanager
    def _reported(self, path: Path, doing: str) -> Iterator[None]:
        """Turn what the operating system refuses into the catalog's own errors."""
        try:
            yield
        except CatalogError:
            raise
        except (NotADirectoryError, FileExistsError):
            raise NotAFolder(str(self.root)) from None
        except OSError as refused:
            reason = (refused.strerror or str(refused)).lower()
            if refused.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
                raise StoreFull(str(path), reason) from None
            raise StoreUnavailable(str(path), doing, reason) from None


def _link(temporary: Path, path: Path) -> None:
    try:
        os.link(temporary, path)
    except OSError as refused:
        if refused.errno in {errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}:
            raise NoHardLinks(str(path), (refused.strerror or "").lower()) from None
        raise


def flush_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove_stale(folder: Path, now: float) -> None:
    """Remove what dead writers left; ``now`` is the file system's own time."""
    for path in folder.glob(f"{_TEMPORARY}*"):
        with contextlib.suppress(FileNotFoundError):
            if now - path.stat().st_mtime > _STALE_AFTER:
                path.unlink()
