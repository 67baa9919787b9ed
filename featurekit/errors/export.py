"""FK4xx and FK5xx: the hand-off, and the proof that came with it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from featurekit.errors.base import FeatureError, listed

if TYPE_CHECKING:
    from collections.abc import Iterable


class ExportError(FeatureError):
    """The root of FK4xx."""

    code = "FK400"


# --- the folder that receives


class MissingTarget(ExportError):
    """The receiving folder does not exist, nor the one it would lie in."""

    code = "FK401"

    def __init__(self, target: str) -> None:
        super().__init__(
            "the folder to export to does not exist",
            where=target,
            why="only its last part would be made; the rest looks like a slip of the pen",
            fix=f"mkdir -p {shlex.quote(target)}, or name the repository that receives: --to DIR",
        )


class TargetNotAFolder(ExportError):
    """A file stands where the receiving folder should be."""

    code = "FK402"

    def __init__(self, target: str) -> None:
        super().__init__(
            "the place to export to is a file, not a folder",
            where=target,
            fix="name the repository that receives: --to ../scoring-service",
        )


class UnsafePath(ExportError):
    """A path that leaves the receiving folder, or could."""

    code = "FK403"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"{path!r} cannot be written: {reason}",
            why="an export writes inside the receiving folder only",
            fix="replace the link by a folder, or rename what the path was made from",
        )


def checkout(target: str, paths: Iterable[str]) -> str:
    """Return the command that takes generated files back, wherever it is pasted."""
    return f"git -C {shlex.quote(target)} checkout -- {shlex.join(paths)}"


class HandEdited(ExportError):
    """Generated files that somebody changed since."""

    code = "FK404"

    def __init__(self, target: str, paths: Iterable[str]) -> None:
        names = sorted(paths)
        super().__init__(
            f"edited by hand since they were generated: {listed(names)}",
            where=target,
            why="nothing was written: an export never overwrites somebody's work",
            fix="put the change into the definition and take the generated files back "
            f"({checkout(target, names)}), or delete them; then export again",
        )


class ForeignFiles(ExportError):
    """Files that were not generated stand where generated ones would go."""

    code = "FK405"

    def __init__(self, target: str, paths: Iterable[str]) -> None:
        names = sorted(paths)
        super().__init__(
            f"files that featurekit did not write are in the way: {listed(names)}",
            where=target,
            why="nothing was written: these are somebody's own",
            fix=f"move them away (git -C {shlex.quote(target)} mv {shlex.quote(names[0])} "
            "elsewhere), or export to another folder",
        )


class TargetUnwritable(ExportError):
    """The operating system refused to write."""

    code = "FK406"

    def __init__(self, path: str, reason: str, *, begun: bool) -> None:
        state = (
            "some files were already in place; the next export finishes the rest"
            if begun
            else "nothing was changed"
        )
        super().__init__(
            f"the export cannot be written: {reason}",
            where=path,
            why=state,
            fix="free some space or check the folder's permissions, and repeat the command",
        )


class ExportRunning(ExportError):
    """Another export writes to the same folder at this moment."""

    code = "FK407"

    def __init__(self, target: str) -> None:
        super().__init__(
            "another export is writing to this folder right now",
            where=target,
            fix="wait until it is done and repeat the command",
        )


class InterruptedExport(ExportError):
    """An export that was interrupted cannot be finished."""

    code = "FK408"

    def __init__(self, folder: str, reason: str) -> None:
        super().__init__(
            f"an earlier export was interrupted and cannot be finished: {reason}",
            where=folder,
            fix=f"look at git status; then remove {shlex.quote(folder)} and export again",
        )


# --- the receiving git repository


class NotARepository(ExportError):
    """``--branch`` outside a git repository."""

    code = "FK420"

    def __init__(self, target: str, said: str) -> None:
        super().__init__(
            "the folder to export to is not in a git repository",
            where=target,
            why=said,
            fix=f"git init {shlex.quote(target)}, or leave out --branch",
        )


class DirtyTree(ExportError):
    """The receiving repository has changes that are not committed."""

    code = "FK421"

    def __init__(self, target: str, paths: Iterable[str]) -> None:
        super().__init__(
            f"the receiving repository has uncommitted changes: {listed(sorted(paths))}",
            where=target,
            why="nothing was touched: the export's commit must hold the export and nothing else",
            fix="commit or stash them there, then export again",
        )


class BranchExists(ExportError):
    """The branch is already there."""

    code = "FK422"

    def __init__(self, target: str, branch: str) -> None:
        super().__init__(
            f"the receiving repository already has a branch {branch!r}",
            where=target,
            why="nothing was touched: the branch may hold somebody's work",
            fix=f"choose another name, such as --branch {shlex.quote(branch + '-2')}",
        )


class InvalidBranch(ExportError):
    """A name that git does not take for a branch."""

    code = "FK423"

    def __init__(self, branch: str) -> None:
        super().__init__(
            f"{branch!r} cannot be the name of a branch", fix="--branch features/churn-1.0"
        )


class NoIdentity(ExportError):
    """Git does not know who commits."""

    code = "FK424"

    def __init__(self, target: str) -> None:
        place = shlex.quote(target)
        super().__init__(
            "git does not know who you are, so it cannot commit",
            where=target,
            why="nothing was touched",
            fix=f"git -C {place} config user.name 'Your Name' && "
            f"git -C {place} config user.email you@example.com",
        )


class GitMissing(ExportError):
    """Git is not installed."""

    code = "FK425"

    def __init__(self) -> None:
        super().__init__(
            "git is needed for --branch and is not installed",
            fix="install git, or leave out --branch",
        )


class GitRefused(ExportError):
    """Git failed in a way of its own."""

    code = "FK426"

    def __init__(self, target: str, doing: str, said: str) -> None:
        super().__init__(
            f"git could not {doing}",
            where=target,
            why=said.strip() or "git gave no reason",
            fix="do what git asks for, then export again; or leave out --branch",
        )


# --- packages that were exported


class NotAPackage(ExportError):
    """A folder without an exported package."""

    code = "FK430"

    def __init__(self, path: str) -> None:
        super().__init__(
            "there is no exported package here: no manifest.json in a version's folder",
            where=path,
            fix="name the repository or the package: featurekit check-export ../scoring-service",
        )


class DamagedManifest(ExportError):
    """A manifest that cannot be read."""

    code = "FK431"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"the manifest cannot be read: {reason}",
            where=path,
            why="it says which files were generated, so none of them is overwritten without it",
            fix=f"take it back (git checkout -- {shlex.quote(path)}), or remove the version's "
            "folder and export again",
        )


class NewerManifest(ExportError):
    """A newer featurekit wrote this package."""

    code = "FK432"

    def __init__(self, path: str, found: str, known: int) -> None:
        super().__init__(
            f"the package was written by a newer featurekit (format {found}, this one reads "
            f"up to {known})",
            where=path,
            fix="pip install --upgrade featurekit",
        )


class SessionOnly(ExportError):
    """A source that exists in one kernel's memory only."""

    code = "FK433"

    def __init__(self, name: str, sources: Iterable[str]) -> None:
        names = sorted(sources)
        super().__init__(
            f"{name!r} reads {listed(names)}, which exists in this session only",
            why="nobody could compute these features again: the data has no location",
            fix=f"write it to a file and register that: %source {names[0]} data/{names[0]}.parquet",
        )


class EarlierLayout(ExportError):
    """A version beside the new one was exported by an earlier featurekit and cannot be renewed."""

    code = "FK434"

    def __init__(self, package: str, version: str, reason: str) -> None:
        folder = "v" + version.replace(".", "_")
        super().__init__(
            f"{package} holds {version}, which an earlier featurekit exported: {reason}",
            where=f"{package}/{folder}",
            why="what is shared by the versions is written anew, and that version would not fit it",
            fix="export from the catalog that version came from, or remove "
            f"{package}/{folder} and tests/{package}/{folder}",
        )


class ParityError(FeatureError):
    """The root of FK5xx."""

    code = "FK500"


class PackageBroken(ParityError):
    """A rendered package does not run."""

    code = "FK501"

    def __init__(self, what: str, said: str) -> None:
        last = said.strip().splitlines()[-1:] or [""]
        super().__init__(
            f"the rendered package cannot be run: {what}",
            why=last[0],
            fix="report this with the definition: a rendered package always runs",
        )


class PackageTooSlow(ParityError):
    """A rendered package did not answer in time."""

    code = "FK502"

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"the rendered package did not answer within {seconds:g} s",
            fix="ask fewer rows (--rows), or widen the windows' filters",
        )
