"""The export as a commit on a new branch of the receiving repository.

The commit is made beside the working tree, from a temporary index, so until the branch appears
(at once, and only if it was not there) nothing is touched. Then the tree, which is clean, moves to
the branch. Git runs with fixed arguments; no name or text is ever part of a shell's line.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from featurekit.errors.export import (
    BranchExists,
    DirtyTree,
    GitMissing,
    GitRefused,
    InvalidBranch,
    MissingTarget,
    NoIdentity,
    NotARepository,
)
from featurekit.export.journal import file_hash
from featurekit.export.manifest import content_hash
from featurekit.export.repository import Plan

_NO_HOOKS = ("-c", f"core.hooksPath={os.devnull}")
_REGULAR = "100644"


@dataclass(frozen=True, slots=True)
class Git:
    """A repository, run through the ``git`` program."""

    folder: Path
    index: Path | None = None

    def run(self, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run ``git`` and return what it said.

        Raises:
            GitMissing: FK425.
        """
        # a hook or another git may have left its own repository in the environment
        inherited = {k: v for k, v in os.environ.items() if k not in _REDIRECTIONS}
        environment = {**inherited, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}
        if self.index:
            environment["GIT_INDEX_FILE"] = str(self.index)
        try:
            return subprocess.run(  # noqa: S603  fixed program, argument list, no shell
                ["git", "-C", str(self.folder), *_NO_HOOKS, *arguments],  # noqa: S607  from PATH
                input=given,
                capture_output=True,
                check=False,
                env=environment,
            )
        except FileNotFoundError:
            raise GitMissing from None

    def said(self, doing: str, *arguments: str, given: bytes = b"") -> str:
        """Run ``git`` and return its first line.

        Raises:
            GitRefused: FK426, when it fails.
        """
        done = self.run(*arguments, given=given)
        if done.returncode:
            raise GitRefused(str(self.folder), doing, _errors(done))
        return done.stdout.decode(errors="replace").strip()


_REDIRECTIONS = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"}
_REDIRECTIONS |= {"GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE", "GIT_ALTERNATE_OBJECT_DIRECTORIES"}


def require_ready(target: Path, branch: str) -> None:
    """Refuse a repository that cannot take the branch; nothing is touched.

    Raises:
        MissingTarget: FK401.
        InvalidBranch: FK423.
        NotARepository: FK420.
        BranchExists: FK422.
        DirtyTree: FK421.
        NoIdentity: FK424.
        GitMissing: FK425.
    """
    if not target.is_dir():
        raise MissingTarget(str(target))
    git = Git(target)
    if branch.startswith("-") or branch in {"HEAD", "@"} or "\0" in branch:
        raise InvalidBranch(branch)
    if git.run("check-ref-format", f"refs/heads/{branch}").returncode:
        raise InvalidBranch(branch)
    inside = git.run("rev-parse", "--is-inside-work-tree")
    if inside.returncode or inside.stdout.strip() != b"true":
        raise NotARepository(str(target), _errors(inside))
    if not git.run("show-ref", "--verify", "--quiet", "--", f"refs/heads/{branch}").returncode:
        raise BranchExists(str(target), branch)
    changed = _changed(git)
    if changed:
        raise DirtyTree(str(target), changed)
    if git.run("-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT").returncode:
        raise NoIdentity(str(target))


def _changed(git: Git) -> list[str]:
    status = git.run("status", "--porcelain", "-z", "--untracked-files=all", "--no-renames")
    if status.returncode:
        raise GitRefused(str(git.folder), "say what changed", _errors(status))
    lines = status.stdout.decode(errors="replace").split("\0")
    return [line[3:] for line in lines if line]  # two letters and a blank, then the path


def commit(planned: Plan, branch: str, message: str) -> str | None:
    """Make ``branch`` with one commit that holds the plan's changes, and move the tree there.

    Returns:
        The commit's id; None, and no branch, when there is nothing to change.

    Raises:
        HandEdited: FK404.
        ForeignFiles: FK405.
        GitRefused: FK426.
        ExportError: As ``require_ready``.
    """
    planned.require_free_way()
    require_ready(planned.target, branch)
    if not planned.steps:
        return None
    git = Git(planned.target)
    made = _commit(git, planned, message)
    reference = f"refs/heads/{branch}"
    git.said("make the branch", "update-ref", "--create-reflog", reference, made, "0" * len(made))
    git.said(f"move the tree to {branch}, which is made", "switch", "--quiet", branch)
    return made


def _commit(git: Git, planned: Plan, message: str) -> str:
    parent = git.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    start = parent.stdout.decode().strip() if not parent.returncode else ""
    prefix = git.said("say where it is", "rev-parse", "--show-prefix")
    texts = {path: planned.files[path] for path in _written(planned)}
    gone = [step.path for step in planned.steps if step.new is None]
    with _scratch_index() as index:
        scratch = Git(git.folder, index)
        if start:
            scratch.said("read its last commit", "read-tree", start)
        _enter(scratch, prefix, texts, gone)
        tree = scratch.said("write the files", "write-tree")
    parents = ("-p", start) if start else ()
    return git.said(
        "commit",
        *("-c", "user.useConfigOnly=true", "commit-tree", tree, *parents, "-F", "-"),
        given=message.encode(),
    )


def _written(planned: Plan) -> list[str]:
    """Return the files of the commit: those that change, and those that lie there untracked."""
    return [
        change.path
        for change in planned.changes
        if change.path in planned.files
        and (
            change.mark != "="
            or file_hash(planned.target / change.path) == content_hash(planned.files[change.path])
        )
    ]


def _enter(scratch: Git, prefix: str, texts: Mapping[str, str], gone: list[str]) -> None:
    lines: list[str] = []
    for path, text in texts.items():
        blob = scratch.said("store a file", "hash-object", "-w", "--stdin", given=text.encode())
        lines.append(f"{_REGULAR} {blob}\t{prefix}{path}")
    lines += [f"0 {'0' * 40}\t{prefix}{path}" for path in gone]
    scratch.said(
        "list the files",
        *("update-index", "-z", "--index-info"),
        given="\0".join([*lines, ""]).encode(),
    )


@contextmanager
def _scratch_index() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "index"


def _errors(done: subprocess.CompletedProcess[bytes]) -> str:
    return done.stderr.decode(errors="replace").strip()
