"""Switching versions while a package runs: by an edit, by a command, under load, and by mistake."""

from __future__ import annotations

import json
import logging
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from package_runs import imported, put
from sample_packages import package, shop_views
from shop_events import HOUR, NOW, payment

from featurekit.export.render import render

ASKED = {"customer_id": "c1"}


def two_versions(folder: Path) -> Path:
    """Version 1.0 answers with one view, version 2.0 with two."""
    first = package(shop_views("customer_spend"), "duo")
    wide = shop_views("customer_spend", "customer_visits")
    put(render(first), folder)
    return put(render(package(wide, "duo", version="2.0", versions=("1.0", "2.0"))), folder)


@pytest.fixture(scope="module")
def duo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with imported("duo_features", two_versions(tmp_path_factory.mktemp("duo"))) as module:
        yield module


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.seconds


def settings(file: Path, version: str, **more: Any) -> Path:
    file.write_text(json.dumps({"active": version, **more}))
    return file


def replaced(file: Path, version: str) -> None:
    """Write beside, then rename: as a deployment does."""
    settings(file.with_suffix(".new"), version).replace(file)


@pytest.mark.parametrize("write", [settings, replaced], ids=["in place", "replaced"])
def test_an_edit_changes_who_answers_without_a_restart(
    duo: Any, tmp_path: Path, write: Any
) -> None:
    clock = Clock()
    file = settings(tmp_path / "active.json", "2.0")
    features = duo.Features(settings=file, clock=clock)
    features.ingest("payments", payment(1, NOW - HOUR, 4.0))
    assert features.get(ASKED, as_of=NOW).version == "2.0"
    write(file, "1.0")
    assert features.get(ASKED, as_of=NOW).version == "2.0"
    clock.seconds += 1.0
    answer = features.get(ASKED, as_of=NOW)
    assert (answer.version, features.version, answer.values["spend_30d"]) == ("1.0", "1.0", 4.0)
    write(file, "2.0")
    features.reload()
    assert features.get(ASKED, as_of=NOW).version == "2.0"


def test_two_contents_of_one_length_written_within_one_tick_of_the_disk_are_told_apart(
    duo: Any, tmp_path: Path
) -> None:
    clock = Clock()
    file = settings(tmp_path / "active.json", "2.0")
    features = duo.Features(settings=file, clock=clock)
    before = file.stat()
    settings(file, "1.0")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_ino) == (before.st_size, before.st_ino)
    clock.seconds += 1.0
    assert features.version == "1.0"


BROKEN = {
    "empty": "",
    "half": '{"active": "1',
    "a list": "[]",
    "no version": "{}",
    "a number": '{"active": 1}',
    "unknown": '{"active": "9.9"}',
    "a typing error": '{"active": "1.0", "shadwo": "2.0"}',
    "an unknown shadow": '{"active": "1.0", "shadow": "9.9"}',
    "too large a share": '{"active": "1.0", "log_sample": 1.5}',
    "a truth for a share": '{"active": "1.0", "log_sample": true}',
    "not a number": '{"active": "1.0", "log_sample": NaN}',
    "nested": "[" * 100_000,
    "endless": " " * 100_000,
    "bytes": "\udcff",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_broken_edit_is_reported_once_and_what_held_goes_on_holding(
    duo: Any, tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    file = settings(tmp_path / "active.json", "2.0")
    features = duo.Features(settings=file, clock=clock)
    with caplog.at_level(logging.WARNING):
        file.write_bytes(text.encode(errors="surrogateescape"))
        for _ in range(3):
            clock.seconds += 1.0
            assert features.get(ASKED, as_of=NOW).version == "2.0"
    assert isinstance(features.settings_error, duo.UnknownVersion)
    assert features.settings_error.code == "unknown_version"
    assert [r.name for r in caplog.records] == ["duo_features.telemetry"]
    settings(file, "1.0")
    clock.seconds += 1.0
    assert (features.version, features.settings_error) == ("1.0", None)
    file.unlink()
    for _ in range(2):
        clock.seconds += 1.0
        assert features.version == "1.0"
    assert "cannot be read" in str(features.settings_error)


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_nothing_starts_with_settings_that_cannot_be_followed(
    duo: Any, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "active.json"
    file.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(duo.UnknownVersion):
        duo.Features(settings=file)
    assert duo.Features(version="1.0", settings=file).version == "1.0"


def test_rolling_back_to_the_version_in_the_shadow_takes_one_line(duo: Any, tmp_path: Path) -> None:
    file = settings(tmp_path / "active.json", "1.0", shadow="1.0", log_sample=0.5)
    assert duo.Features(settings=file).settings == ("1.0", None, 0.5)


def test_a_version_asked_for_by_name_answers_whatever_the_file_says(
    duo: Any, tmp_path: Path
) -> None:
    file = settings(tmp_path / "active.json", "2.0")
    features = duo.Features(version="1.0", settings=file)
    features.reload()
    assert (features.version, features.settings_error) == ("1.0", None)
    with pytest.raises(duo.UnknownVersion):
        duo.Features(version="7.0")


def test_threads_that_ask_while_versions_change_see_one_version_whole(
    duo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["duo_features.active"], "LOOK_EVERY", 0.002)
    file = settings(tmp_path / "active.json", "2.0")
    features = duo.Features(settings=file)
    features.ingest("payments", payment(1, NOW - HOUR, 4.0))
    seen: set[tuple[str, bool, object]] = set()
    failed: list[BaseException] = []
    done = threading.Event()

    def ask() -> None:
        try:
            while not done.is_set():
                answer = features.get(ASKED, as_of=NOW)
                wide = "customer_visits__pages_7d" in answer.values
                seen.add((answer.version, wide, answer.values["spend_30d"]))
        except BaseException as error:  # noqa: BLE001  whatever it is, it is told
            failed.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for turn in range(40):
        (replaced if turn % 2 else settings)(file, "1.0" if turn % 3 else "2.0")
        time.sleep(0.005)
    done.set()
    for thread in threads:
        thread.join()
    assert not failed
    assert seen == {("1.0", False, 4.0), ("2.0", True, 4.0)}


def test_a_roll_back_is_followed_within_seconds_of_the_edit(duo: Any, tmp_path: Path) -> None:
    file = settings(tmp_path / "active.json", "2.0")
    features = duo.Features(settings=file)
    settings(file, "1.0")
    begun = time.monotonic()
    while features.get(ASKED, as_of=NOW).version != "1.0":
        assert time.monotonic() - begun < 2.0
        time.sleep(0.01)


# --- the command for operators


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-c", RUN, str(folder), *words],
        capture_output=True,
        text=True,
        check=False,
    )


RUN = """
import runpy, sys
sys.path.insert(0, sys.argv.pop(1))
runpy.run_module("duo_features", run_name="__main__", alter_sys=True)
"""


def test_an_operator_sees_switches_and_rolls_back(tmp_path: Path) -> None:
    folder = two_versions(tmp_path)
    file = folder / "duo_features/active.json"
    settings(file, "2.0", shadow="1.0", log_sample=0.25)
    file.chmod(0o640)
    said = run(folder, "status")
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.endswith("versions: 1.0, 2.0\n")
    dry = run(folder, "rollback", "--dry-run")
    assert json.loads(dry.stdout)["active"] == "1.0"
    assert json.loads(file.read_text())["active"] == "2.0"
    assert run(folder, "rollback").returncode == 0
    assert json.loads(file.read_text()) == {"active": "1.0", "log_sample": 0.25, "shadow": None}
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    refused = run(folder, "rollback")
    assert (refused.returncode, refused.stderr) == (2, "there is no version before 1.0\n")
    assert run(folder, "activate", "2.0").returncode == 0
    assert json.loads(file.read_text())["active"] == "2.0"
    assert run(folder, "activate", "7.0").returncode == 2
    assert sorted(p.name for p in folder.glob("duo_features/active*")) == [
        *("active.json", "active.py")
    ]


def test_an_operator_can_activate_where_the_settings_are_broken(tmp_path: Path) -> None:
    folder = two_versions(tmp_path)
    file = folder / "duo_features/active.json"
    file.write_text("{")
    assert run(folder, "status").returncode == 2
    assert run(folder, "rollback").returncode == 2
    mended = run(folder, "activate", "1.0")
    assert (mended.returncode, mended.stderr) == (0, "active.json is not JSON\n")
    assert json.loads(file.read_text()) == {"active": "1.0", "log_sample": 0.0, "shadow": None}
    assert run(folder, "--settings", "/proc/none/x", "activate", "1.0").returncode == 2
