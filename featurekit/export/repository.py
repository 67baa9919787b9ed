"""Putting a package into an engineering repository without harming anything there.

``plan`` looks and decides, ``write`` acts. A file may be replaced only when it is exactly what an
earlier export wrote there (the manifests remember); what somebody edited, and what was never ours,
is refused by name. The same package again changes no byte.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from featurekit.errors.export import ForeignFiles, HandEdited, MissingTarget, TargetNotAFolder
from featurekit.export import journal
from featurekit.export.manifest import (
    NAME,
    Manifest,
    content_hash,
    is_manifest,
    read_manifest,
    sealed,
)
from featurekit.export.paths import checked_paths

Mark = Literal["+", "~", "=", "-", "!"]


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to a path: ``+`` new, ``~`` replaced, ``=`` kept, ``-`` gone, ``!`` refused."""

    mark: Mark
    path: str


def receiver_owns(path: str) -> bool:
    """Whether a file is the receiver's once it exists: they decide which version is active."""
    return PurePosixPath(path).name == "active.json"


@dataclass(frozen=True, slots=True)
class Plan:
    """What an export would do.

    Attributes:
        target: The receiving folder.
        files: Path below it to text, all of the package.
        changes: One for each path, sorted by path.
        edited: Generated files that somebody changed.
        foreign: Files in the way that were never ours.
        steps: What ``write`` will do.
        owned: Which files are the receiver's once they exist.
    """

    target: Path
    files: Mapping[str, str]
    changes: tuple[Change, ...]
    edited: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    steps: tuple[journal.Step, ...] = ()
    owned: Callable[[str], bool] = receiver_owns

    @property
    def unchanged(self) -> bool:
        """Whether there is nothing to write."""
        return not self.steps and not self.edited and not self.foreign

    def require_free_way(self) -> None:
        """Refuse when something in the way is not ours to replace.

        Raises:
            HandEdited: FK404.
            ForeignFiles: FK405.
        """
        if self.edited:
            raise HandEdited(str(self.target.absolute()), self.edited)
        if self.foreign:
            raise ForeignFiles(str(self.target.absolute()), self.foreign)


def plan(
    target: Path, files: Mapping[str, str], owned: Callable[[str], bool] = receiver_owns
) -> Plan:
    """Return what exporting ``files`` to ``target`` would do; nothing is written.

    The version's manifest comes to remember every file, so that the next export knows its own.

    Args:
        target: The receiving folder; its last part may be missing.
        files: Path below it (``/`` between parts) to text.
        owned: Which files are the receiver's once they exist; they are written once.

    Raises:
        MissingTarget: FK401.
        TargetNotAFolder: FK402.
        UnsafePath: FK403.
        DamagedManifest: FK431.
    """
    _check_target(target)
    files = sealed(files, owned)
    paths = checked_paths(target, files)
    with journal.reported(target, begun=False):
        known, unsealed = _recorded(target, paths)
        marks: dict[str, Mark] = {}
        steps: list[journal.Step] = []
        for path in paths:
            now, new = journal.file_hash(target / path), content_hash(files[path])
            ours = path not in unsealed and (is_manifest(path) or now in known.get(path, ()))
            marks[path] = _mark(now, new, ours=ours, owned=owned(path))
            if marks[path] in "+~":
                steps.append(journal.Step(path, now, new))
        for path, now in _leftovers(target, files):
            marks[path] = "-"
            steps.append(journal.Step(path, now, None))
    refused = [path for path, mark in marks.items() if mark == "!"]
    return Plan(
        target,
        files,
        tuple(Change(marks[path], path) for path in sorted(marks)),
        edited=tuple(path for path in refused if path in known or path in unsealed),
        foreign=tuple(path for path in refused if path not in known and path not in unsealed),
        steps=tuple(steps),
        owned=owned,
    )


def write(planned: Plan) -> Plan:
    """Do what ``planned`` says, as one; return what was done.

    An interrupted earlier write is finished first, and the plan made anew.

    Raises:
        HandEdited: FK404.
        ForeignFiles: FK405.
        ExportRunning: FK407.
        InterruptedExport: FK408.
        TargetUnwritable: FK406.
    """
    planned.require_free_way()
    if not planned.steps and not journal.pending(planned.target):
        return planned
    target = planned.target
    with journal.locked(target):
        left = journal.pending(target)
        if left:
            journal.complete(target, left)
        now = plan(target, planned.files, planned.owned)
        now.require_free_way()
        if now.steps:
            journal.replace_all(target, now.steps, now.files)
        return now


def _mark(now: str | None, new: str, *, ours: bool, owned: bool) -> Mark:
    if now is None:
        return "+"
    if now == new or owned:
        return "="
    return "~" if ours else "!"


def _check_target(target: Path) -> None:
    if target.is_dir():
        return
    if target.exists() or target.is_symlink():
        raise TargetNotAFolder(str(target))
    if target.parent.exists() and not target.parent.is_dir():
        raise TargetNotAFolder(str(target.parent))
    if not target.parent.is_dir():
        raise MissingTarget(str(target))


def _recorded(target: Path, paths: tuple[str, ...]) -> tuple[dict[str, set[str]], set[str]]:
    """Return every hash that an export wrote to a path, and the manifests that were edited."""
    known: dict[str, set[str]] = {}
    unsealed: set[str] = set()
    for path, manifest in manifests(target, packages(paths)).items():
        if not manifest.sealed:
            unsealed.add(path)
        for file, written in manifest.files.items():
            known.setdefault(file, set()).add(written)
    for step in journal.pending(target):  # the manifest may be in place already, the file not
        known.setdefault(step.path, set()).update(h for h in (step.old, step.new) if h)
    return known, unsealed


def packages(paths: tuple[str, ...]) -> tuple[str, ...]:
    """Return the folders whose versions have manifests among ``paths``: ``churn_features``."""
    found = {str(PurePosixPath(path).parent.parent) for path in paths if is_manifest(path)}
    return tuple(sorted(found))


def manifests(target: Path, folders: tuple[str, ...]) -> dict[str, Manifest]:
    """Return the manifest of every version of the packages below ``target``, by path."""
    found: dict[str, Manifest] = {}
    for folder in folders:
        for file in sorted((target / folder).glob(f"v*/{NAME}")):
            path = file.relative_to(target).as_posix()
            if is_manifest(path) and file.is_file() and not file.is_symlink():
                found[path] = read_manifest(file.read_bytes(), str(file))
    return found


def _leftovers(target: Path, files: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return untouched files that the same version had before and has no more, with their hash."""
    found: dict[str, str] = {}
    for path, manifest in manifests(target, packages(tuple(files))).items():
        if path not in files:
            continue
        gone = [file for file in manifest.files if file not in files]
        for file in checked_paths(target, gone):
            now = journal.file_hash(target / file)
            if now is not None and now == manifest.files[file]:
                found[file] = now
    return sorted(found.items())
