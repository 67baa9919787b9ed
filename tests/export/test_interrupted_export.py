"""Whatever interrupts an export: undone, or finished by the next one, and nothing is lost."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from receiving import package, tree

from featurekit.errors.export import (
    ExportRunning,
    HandEdited,
    InterruptedExport,
    TargetUnwritable,
)
from featurekit.export.journal import FOLDER, locked
from featurekit.export.repository import plan, write

HERE = Path(__file__).parent
MANIFEST = "churn_features/v1_0/manifest.json"
VIEWS = "churn_features/v1_0/views.py"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "service"


def export(target: Path, files: dict[str, str] | None = None) -> dict[str, str]:
    done = write(plan(target, files or package()))
    return {change.path: change.mark for change in done.changes}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("call", "count"),
    [
        *(("fsync", 1), ("fsync", 3), ("fsync", 6), ("unlink", 1), ("mkdir", 1)),
        *(("replace", count) for count in (1, 2, 3, 4, 5)),
    ],
)
def test_an_export_killed_at_any_moment_is_undone_or_finished_by_the_next(
    target: Path, when: str, call: str, count: int
) -> None:
    export(target)
    old = tree(target)
    paths = os.pathsep.join([str(HERE.parents[1]), str(HERE)])
    script = str(HERE / "exporting_process.py")
    done = subprocess.run(
        [sys.executable, script, str(target), when, call, str(count)],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    left = {path: text for path, text in tree(target).items() if not path.startswith(FOLDER)}
    new = package(views="NEW = 1\n", windows="NEW = 2\n", extra="NEW = 3\n")
    for path, content in left.items():
        assert content in {old.get(path), new[path].encode()} or path == MANIFEST
    final = package(views="NEWER = 1\n")
    export(target, final)
    assert set(tree(target)) == set(final)
    assert tree(target)[VIEWS] == b"NEWER = 1\n"
    assert plan(target, final).unchanged


def test_a_file_edited_after_an_interruption_is_not_lost(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(target)
    _interrupt(target, monkeypatch)
    (target / VIEWS).write_text("MINE = 1\n")
    with pytest.raises((InterruptedExport, HandEdited)):
        export(target)
    assert (target / VIEWS).read_text() == "MINE = 1\n"


def _interrupt(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an export fail after its journal is in place and before any file is."""
    real = Path.replace

    def failing(source: Path, place: Path) -> Path:
        if place.name != "journal.json":
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(source, place)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", failing)
        with pytest.raises(TargetUnwritable, match="input/output") as refused:
            export(target, package(views="NEW = 1\n"))
    assert "the next export finishes" in refused.value.why


def test_a_failure_after_the_journal_is_finished_by_the_next_export(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(target)
    _interrupt(target, monkeypatch)
    assert (target / FOLDER).exists()
    export(target, package(views="NEW = 1\n"))
    assert tree(target)[VIEWS] == b"NEW = 1\n"
    assert not (target / FOLDER).exists()


@pytest.mark.parametrize("content", ["{", "[1]", '[{"path": "../x", "old": null, "new": null}]'])
def test_a_damaged_journal_is_an_error_with_the_way_out(target: Path, content: str) -> None:
    export(target)
    (target / FOLDER).mkdir()
    (target / FOLDER / "journal.json").write_text(content)
    with pytest.raises(InterruptedExport) as refused:
        export(target)
    assert FOLDER in refused.value.fix


def test_a_full_disk_changes_nothing(target: Path) -> None:
    export(target)
    before = tree(target)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
        with pytest.raises(TargetUnwritable) as refused:
            export(target, package(views="N = 1\n" * 1000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert "nothing was changed" in refused.value.why
    assert tree(target) == before


def test_a_read_only_target_is_an_error(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export(target)

    def refused(*args: Any, **options: Any) -> Any:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(os, "mkdir", refused)
    with pytest.raises(TargetUnwritable, match="read-only"):
        export(target, package(views="NEW = 1\n"))


def test_two_exports_at_once_do_not_mix(target: Path) -> None:
    export(target)
    planned = plan(target, package(views="NEW = 1\n"))
    with locked(target), pytest.raises(ExportRunning):
        write(planned)
    write(planned)
    assert tree(target)[VIEWS] == b"NEW = 1\n"
