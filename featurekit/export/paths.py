"""Which paths an export may write: plain ones below the receiving folder, through no link."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path

from featurekit.errors.export import UnsafePath

_PART = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.\-]{0,119}")
_OURS = ".featurekit-export"


def checked_paths(target: Path, paths: Iterable[str]) -> tuple[str, ...]:
    """Return ``paths``, sorted, when each may be written below ``target``.

    Raises:
        UnsafePath: FK403.
    """
    seen: dict[str, str] = {}
    for path in sorted(paths):
        _check_parts(path)
        folded = path.casefold()
        if folded in seen:
            raise UnsafePath(path, f"it is {seen[folded]!r} where case does not count")
        seen[folded] = path
    for path in seen.values():
        _check_way(target, path)
    return tuple(seen.values())


def _check_parts(path: str) -> None:
    parts = path.split("/")
    for part in parts:
        if not _PART.fullmatch(part) or part in {".", ".."} or part.endswith("."):
            raise UnsafePath(path, f"{part!r} is not a plain name")
        if part.casefold() in {".git", _OURS}:
            raise UnsafePath(path, f"{part!r} belongs to a tool")


def _check_way(target: Path, path: str) -> None:
    """Refuse links on the way, folders where the file goes, and files where folders go."""
    *folders, name = path.split("/")
    place = target
    for folder in folders:
        place /= folder
        mode = _mode(place)
        if mode is None:
            return
        if stat.S_ISLNK(mode):
            raise UnsafePath(path, f"{place} is a link")
        if not stat.S_ISDIR(mode):
            raise UnsafePath(path, f"{place} is not a folder")
    mode = _mode(place / name)
    if mode is not None and stat.S_ISLNK(mode):
        raise UnsafePath(path, "it is a link")
    if mode is not None and not stat.S_ISREG(mode):
        raise UnsafePath(path, "it is not a file")


def _mode(place: Path) -> int | None:
    try:
        return os.lstat(place).st_mode
    except FileNotFoundError:
        return None
