"""A batch run that is killed and continued answers as one that was not, byte for byte."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from package_runs import imported, put
from sample_packages import shop_package
from test_batch import EVENTS, GOOD, LINE, STRANGER, TOP, row

from featurekit.export.render import render

DRIVER = Path(__file__).with_name("resume_driver.py")
BAD_EVENT = "c1,Rome,much,10.00,false,2024-06-10T09:30:00Z,2024-06-10 09:30:00+00,3\n"
ROWS = [GOOD, row(at=""), STRANGER, row("much"), GOOD, '3,"c1\n",Rome,1,2,,,,2024-06-12T00:00Z\n']


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = put(render(shop_package()), tmp_path_factory.mktemp("shop"))
    (folder / "events.csv").write_text(EVENTS + BAD_EVENT)
    (folder / "q.csv").write_text(TOP + "".join(ROWS))
    lines = [{**LINE, "id": n, "amount": n if n % 3 else "much"} for n in range(6)]
    (folder / "q.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


@pytest.mark.parametrize(
    ("ending", "store", "every"),
    [
        (".csv", "memory", "0"),
        (".jsonl", "memory", "0"),
        (".csv", "sqlite:store.db", "0"),
        (".csv", "memory", "1000"),
    ],
)
def test_a_run_may_be_killed_at_any_step(shop: Path, ending: str, store: str, every: str) -> None:
    done = subprocess.run(
        [sys.executable, "-B", str(DRIVER), str(shop), ending, store, every, "7"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["kills"] > (40 if every == "0" else 12)
    assert told["wrong"] == {}


COMMAND = """import sys
from shop_features.batch import resuming
resuming.EVERY = 0.02
from shop_features.batch.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


def command(folder: Path, ending: str, *more: str) -> list[str]:
    asked = [f"{folder}/many{ending}", f"out{ending}", "--keep", "id", "--json"]
    fed = ["--events", f"payments={folder}/events.csv"]
    return [sys.executable, "-B", "-c", COMMAND, *asked, *fed, *more]


def ran(folder: Path, place: Path, ending: str, *more: str) -> Any:
    place.mkdir(exist_ok=True)
    done = subprocess.run(
        command(folder, ending, *more),
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    return json.loads(done.stdout)


def killed(folder: Path, place: Path, ending: str, size: int, *more: str) -> bool:
    """Begin or continue a run, and kill it when ``size`` bytes are written; whether it was."""
    process = subprocess.Popen(
        command(folder, ending, *more),
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    part = place / f".out{ending}.part"
    while process.poll() is None:
        if part.exists() and part.stat().st_size >= size:
            process.kill()
        time.sleep(0.001)
    return process.returncode == -9


@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
def test_kill_9_at_drawn_moments_loses_and_doubles_no_row(
    shop: Path, tmp_path: Path, ending: str
) -> None:
    draw = random.Random(ending)  # noqa: S311  which moments, not a secret
    if ending == ".csv":
        (shop / "many.csv").write_text(TOP + "".join(draw.choice(ROWS) for _ in range(6_000)))
    else:
        lines = (
            {**LINE, "id": n, "amount": draw.choice([1.5, "much", None])} for n in range(6_000)
        )
        (shop / "many.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    whole = tmp_path / "whole"
    told = ran(shop, whole, ending)
    names = (f"out{ending}", f"out{ending}.rejected.jsonl")
    size = (whole / names[0]).stat().st_size
    again = tmp_path / "again"
    again.mkdir()
    kills, rows = 0, []
    for share in sorted(draw.random() for _ in range(6)):
        more = ("--resume",) if (again / f".out{ending}.journal").exists() else ("--overwrite",)
        kills += killed(shop, again, ending, int(share * size), *more)
        journal = again / f".out{ending}.journal"
        rows += [json.loads(journal.read_text())["state"]["rows"]] if journal.exists() else []
    assert kills >= 4
    assert rows == sorted(rows)
    assert len(set(rows)) > 2  # it went on, and did not begin anew
    assert not (again / names[0]).exists()
    assert ran(shop, again, ending, "--resume") == told
    for name in names:
        assert (again / name).read_bytes() == (whole / name).read_bytes()
    assert sorted(file.name for file in again.iterdir()) == sorted(names)


@pytest.fixture(scope="module")
def module(shop: Path) -> Iterator[Any]:
    with imported("shop_features", shop) as found:
        yield found


@pytest.fixture
def batch(module: Any, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The command, in a folder of its own with copies of the files; rows enter the journal."""
    from shop_features.batch import __main__, resuming

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(__main__.signal, "signal", lambda *_: None)
    monkeypatch.setattr(resuming, "EVERY", 0)
    for name in ("q.csv", "events.csv"):
        Path(name).write_bytes((shop / name).read_bytes())
    Path("visits.csv").write_text("customer_id,at,page\nc1,2024-06-11T00:00:00Z,home\n")
    return __main__.main


ASKED = ("q.csv", "out.csv", "--keep", "id", "--events", "payments=events.csv")


def interrupted(batch: Any, monkeypatch: pytest.MonkeyPatch, *more: str, after: int = 1) -> int:
    """Run the command until it has answered ``after`` rows."""
    from shop_features.batch import scoring

    line, left = scoring._line, [after]

    def until(*given: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return line(*given)

    with monkeypatch.context() as patched:
        patched.setattr(scoring, "_line", until)
        return int(batch([*ASKED, *more]))


def test_what_an_interrupted_run_leaves_is_continued_when_asked_for(
    batch: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert batch(ASKED) == 1
    whole = Path("out.csv").read_bytes()
    assert interrupted(batch, monkeypatch, "--overwrite") == 130
    assert "no answers were written; --resume continues" in capsys.readouterr().err
    assert Path("out.csv").read_bytes() == whole  # what lay there stays until there is another
    assert batch(ASKED) == 2
    assert "out.csv is unfinished: --resume continues it" in capsys.readouterr().err
    assert batch([*ASKED, "--resume"]) == 1
    assert Path("out.csv").read_bytes() == whole
    assert not list(Path().glob(".*"))
    assert interrupted(batch, monkeypatch, "--overwrite") == 130
    assert batch([*ASKED, "--overwrite"]) == 1
    assert not list(Path().glob(".*"))
    Path("out.csv").unlink()
    assert batch([*ASKED, "--resume"]) == 1  # nothing to continue: it begins
    assert Path("out.csv").read_bytes() == whole
    assert batch([*ASKED, "--resume"]) == 2
    assert "out.csv is there already" in capsys.readouterr().err


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_run_that_is_interrupted_while_it_begins_leaves_nothing(
    batch: Any, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    from shop_features.batch import resuming

    def never(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(resuming.os, step, never)
        assert batch(ASKED) == 130
    assert not list(Path().glob(".out*"))


def test_a_store_that_fails_half_way_is_gone_on_with(
    module: Any, batch: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from shop_features.batch import running

    assert batch(ASKED) == 1
    whole = Path("out.csv").read_bytes()
    monkeypatch.setattr(running, "_FIRST_PAUSE", 0.001)
    with monkeypatch.context() as patched:
        get, left = module.Features.get, [2]

        def fails(*given: Any, **named: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise module.StoreError("store_unavailable", "down")
            return get(*given, **named)

        patched.setattr(module.Features, "get", fails)
        assert batch([*ASKED, "--overwrite"]) == 3
    assert "--resume continues" in capsys.readouterr().err
    assert batch([*ASKED, "--resume"]) == 1
    assert Path("out.csv").read_bytes() == whole


CHANGES: dict[str, tuple[Callable[[], object], tuple[str, ...], str]] = {
    "other questions": (lambda: Path("q.csv").write_text(TOP), (), "has other questions"),
    "other events": (lambda: Path("events.csv").write_text(EVENTS), (), "has other events"),
    "other columns": (lambda: None, ("--keep", "due"), "--keep 'due'"),
    "another moment": (lambda: None, ("--as-of", "2024-06-12T00:00:00Z"), "'as_of' are not fields"),
    "another store": (lambda: None, ("--store", "sqlite:s.db"), "has other forgetful"),
    "no journal": (
        lambda: Path(".out.csv.journal").write_text('{"format": 1'), (), "cannot be understood",
    ),
    "a later journal": (
        lambda: Path(".out.csv.journal").write_text('{"format": 2}'), (), "cannot be understood",
    ),
    "a short part": (lambda: Path(".out.csv.part").write_text("id"), (), "is shorter than it was"),
    "a counter that is none": (
        lambda: _spoilt("questions", []), (), "counted cannot be understood"
    ),
    "a row that is none": (lambda: _spoilt(None, -1), (), "cannot be understood"),
    "a dry run": (lambda: None, ("--dry-run",), "--dry-run writes nothing"),
}  # fmt: skip


def _spoilt(part: str | None, value: object) -> None:
    path = Path(".out.csv.journal")
    said = json.loads(path.read_text())
    if part is None:
        said["state"]["rows"] = value
    else:
        said["state"]["report"][part] = value
    path.write_text(json.dumps(said))


@pytest.mark.parametrize("name", CHANGES)
def test_a_run_that_cannot_be_continued_says_why_and_stays(
    batch: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    change, more, said = CHANGES[name]
    assert interrupted(batch, monkeypatch) == 130
    change()
    capsys.readouterr()
    assert batch([*ASKED, *more, "--resume"]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert not Path("out.csv").exists()
    assert Path(".out.csv.part").exists()
    assert Path(".out.csv.journal").exists()


def test_two_runs_do_not_write_one_file(
    batch: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from shop_features.batch import scoring

    assert batch(ASKED) == 1
    whole = Path("out.csv").read_bytes()
    line, codes = scoring._line, []

    def second(*given: Any) -> Any:
        if not codes:
            codes.append(0)
            codes.append(batch([*ASKED, "--overwrite"]))
        return line(*given)

    with monkeypatch.context() as patched:
        patched.setattr(scoring, "_line", second)
        assert batch([*ASKED, "--overwrite"]) == 1
    assert codes == [0, 2]
    assert "another run writes it" in capsys.readouterr().err
    assert Path("out.csv").read_bytes() == whole


def test_events_that_may_count_twice_are_not_stored_again(
    module: Any, batch: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [*ASKED, "--events", "visits=visits.csv", "--store", "sqlite:store.db"]
    ingest, seen = module.Features.ingest, []

    def interrupted_at_visits(self: Any, source: str, event: Any) -> None:
        ingest(self, source, event)
        seen.append(source)
        if source == "visits":
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(module.Features, "ingest", interrupted_at_visits)
        assert batch(asked) == 130
    assert batch([*asked, "--resume"]) == 2
    assert "rows of visits may count twice" in capsys.readouterr().err
    with monkeypatch.context() as patched:
        patched.setattr(module.Features, "ingest", interrupted_at_visits)
        Path("store.db").unlink()
        payments = [*ASKED, "--store", "sqlite:store.db"]
        assert interrupted(batch, monkeypatch, "--store", "sqlite:store.db", "--overwrite") == 130
        seen.clear()
        assert batch([*payments, "--resume"]) == 1
    assert seen == []  # they are there


def test_parquet_is_written_in_one_run(batch: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert batch(["q.csv", "out.parquet", "--keep", "id", "--resume"]) == 2
    told = capsys.readouterr().err
    assert "out.parquet cannot be continued" in told
    assert "write .csv or .jsonl" in told
