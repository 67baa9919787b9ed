"""Whatever kills a writer or refuses a write: the old or the new state, or an error."""

from __future__ import annotations

import errno
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from catalog_folders import catalog_in, entry, publish
from shop_definitions import AT, draft, total, view

from featurekit.catalog.catalog import Catalog
from featurekit.catalog.store import MemoryStore
from featurekit.errors.catalog import (
    NoHardLinks,
    NotAFolder,
    StoreFull,
    StoreUnavailable,
    TooManyWriters,
)

HERE = Path(__file__).parent
WRITER = HERE / "publishing_process.py"


def writer(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    paths = os.pathsep.join([str(HERE.parents[1]), str(HERE)])
    return subprocess.Popen(
        [sys.executable, str(WRITER), str(folder), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    )


# --- kill -9, and racing writers


def test_a_writer_killed_at_any_moment_leaves_the_old_or_the_new_state(folder: Path) -> None:
    chance = random.Random(9)  # noqa: S311  moments to kill at, not secrets
    said = 0
    for _ in range(8):
        process = writer(folder, "spend", "100000")
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        time.sleep(chance.uniform(0, 0.03))
        process.send_signal(signal.SIGKILL)
        # communicate() would miss what readline() has read ahead of the first line
        lines += process.stdout.read().splitlines()
        process.communicate()
        said += len([line for line in lines if line.strip()])
        kept = catalog_in(folder).versions("spend")
        assert len(kept) in {said, said + 1}  # killed between the commit and saying so
        assert kept == tuple(f"{number}.0" for number in range(1, len(kept) + 1))
        said = len(kept)
    assert publish(folder, name="other").resolve("spend").version == f"{said}.0"


@pytest.mark.parametrize(
    "death",
    [
        ("before", "fsync", "3"),
        ("after", "fsync", "7"),
        ("before", "link", "2"),
        ("after", "link", "2"),
        ("before", "unlink", "2"),
        ("after", "unlink", "2"),
        ("before", "replace", "2"),
        ("after", "replace", "2"),
        ("before", "mkdir", "2"),
        ("after", "mkdir", "2"),
    ],
)
def test_a_writer_killed_around_a_system_call_leaves_the_old_or_the_new_state(
    folder: Path, death: tuple[str, str, str]
) -> None:
    process = writer(folder, "spend", "3", *death)
    out, errors = process.communicate()
    assert process.returncode == -signal.SIGKILL, errors
    said = out.split()
    after = catalog_in(folder)
    assert len(after.versions("spend")) in {len(said), len(said) + 1}
    for name in after.drafts():
        assert after.draft(name) is not None
    assert publish(folder, name="other").resolve("other").version == "1.0"


def test_racing_writers_lose_nothing_and_share_no_number(folder: Path) -> None:
    processes = [writer(folder, f"view_{number}", "12") for number in range(4)]
    for process in processes:
        _, errors = process.communicate()
        assert process.returncode == 0, errors
    after = catalog_in(folder)
    assert [len(after.versions(f"view_{number}")) for number in range(4)] == [12] * 4
    assert after.store.last() == 48
    assert not list((folder / "log").glob(".tmp-*"))


def test_a_loser_of_a_race_decides_again_on_the_winners_state(folder: Path) -> None:
    first = publish(folder)
    second = catalog_in(folder)
    real = second.store.append

    def late(sequence: int, content: bytes) -> bool:
        if sequence == 2:
            first.publish(draft(view(a=total(2))), AT)
        return real(sequence, content)

    second.store.append = late  # type: ignore[method-assign]  # the race, made to happen
    assert second.publish(draft(view(a=total(3))), AT).version == "3.0"


def test_a_writer_that_always_loses_gives_up_with_an_error() -> None:
    store = MemoryStore()

    def late(sequence: int, content: bytes) -> bool:
        return False

    store.append = late  # type: ignore[method-assign]  # every race is lost
    with pytest.raises(TooManyWriters):
        Catalog(store).publish(draft(), AT)


def test_a_dead_writers_leftovers_are_passed_over_and_removed_later(folder: Path) -> None:
    publish(folder)
    old = folder / "log" / ".tmp-dead"
    new = folder / "log" / ".tmp-alive"
    old.write_bytes(b"{")
    new.write_bytes(b"{")
    hours_ago = time.time() - 7200
    os.utime(old, (hours_ago, hours_ago))
    assert publish(folder, 2).resolve("spend").version == "2.0"
    assert not old.exists()
    assert new.exists()


def test_a_temporary_file_that_was_removed_under_the_writer_is_written_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.link
    removed: list[Path] = []

    def link(source: Any, target: Any, **options: Any) -> None:
        if not removed:
            removed.append(Path(source))
            Path(source).unlink()
        real(source, target, **options)

    monkeypatch.setattr(os, "link", link)
    assert publish(folder).resolve("spend").version == "1.0"
    assert removed


# --- what the operating system refuses


@pytest.mark.parametrize("call", ["write", "fsync", "link"])
def test_a_full_disk_changes_nothing_and_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    publish(folder)
    before = sorted(path.name for path in folder.rglob("*"))

    def full(*args: Any, **options: Any) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        if call == "write":
            patched.setattr("os.fdopen", _failing_open)
        else:
            patched.setattr(os, call, full)
        with pytest.raises(StoreFull) as refused:
            publish(folder, 2)
    assert (refused.value.code, "free some space" in refused.value.fix) == ("FK321", True)
    assert "log" in str(refused.value.where)
    assert sorted(path.name for path in folder.rglob("*")) == before
    assert publish(folder, 2).resolve("spend").version == "2.0"


def _failing_open(handle: int, mode: str) -> Any:
    os.close(handle)
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_write_that_the_kernel_cuts_short_changes_nothing(folder: Path) -> None:
    publish(folder)
    limit = entry(folder, 1).stat().st_size // 2
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
        with pytest.raises(StoreFull):
            publish(folder, 2)
        with pytest.raises(StoreFull):
            catalog_in(folder).save_draft(draft())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert catalog_in(folder).versions("spend") == ("1.0",)
    assert catalog_in(folder).drafts() == ()


def test_a_disk_that_cannot_flush_the_name_still_tells_what_readers_see(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(folder)

    def failing(folder: Path) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("featurekit.catalog.store.flush_folder", failing)
    assert publish(folder, 2).resolve("spend").version == "2.0"


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO])
def test_a_read_only_folder_is_an_error_with_a_fix(
    folder: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    publish(folder)

    def refused(*args: Any, **options: Any) -> Any:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("tempfile.mkstemp", refused)
    monkeypatch.setattr("os.mkdir", refused)
    for attempt in (
        lambda: publish(folder, 2),
        lambda: catalog_in(folder).save_draft(draft()),
        lambda: publish(folder / "inner"),
    ):
        with pytest.raises(StoreUnavailable) as caught:
            attempt()
        assert "permissions" in caught.value.fix
    assert catalog_in(folder).versions("spend") == ("1.0",)


def test_a_file_system_without_hard_links_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*args: Any) -> Any:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    monkeypatch.setattr("os.link", refused)
    with pytest.raises(NoHardLinks):
        publish(folder)


def test_an_entry_that_cannot_be_read_is_an_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(folder)

    def refused(path: Path) -> bytes:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "read_bytes", refused)
    with pytest.raises(StoreUnavailable, match="permission denied"):
        catalog_in(folder).views()


@pytest.mark.parametrize("part", ["", "log", "drafts"])
def test_a_file_where_a_folder_should_be_is_an_error(folder: Path, part: str) -> None:
    place = folder / part
    place.parent.mkdir(exist_ok=True)
    place.write_text("not a folder")
    with pytest.raises(NotAFolder):
        catalog_in(folder)


def test_a_file_on_the_way_to_the_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotAFolder):
        publish(tmp_path / "file" / "catalog")


def test_a_file_that_appears_where_the_log_should_be_is_an_error(folder: Path) -> None:
    catalog = catalog_in(folder)
    folder.mkdir()
    (folder / "log").write_text("")
    with pytest.raises(NotAFolder):
        catalog.publish(draft(), AT)
