"""Kills a batch run at each of its steps, as a power cut would, and continues it.

In a process of its own, which has one thread and so can be forked. Prints a JSON document: how many
kills there were and, for each after which the continued run differs from one that was not killed,
what differs.

Arguments: the folder of the package, the ending of the answers, the store, seconds between entries
of the journal, a seed.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import random
import shutil
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

KILLED = 137


class Steps:
    """Counts what touches the disk, and every row; ends the process at the step ``at``."""

    def __init__(self, at: int) -> None:
        self._left = at

    def counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return ``call``, which counts as a step."""

        def step(*given: Any, **named: Any) -> Any:
            self._left -= 1
            if self._left == 0:
                os._exit(KILLED)
            return call(*given, **named)

        return step


def run(folder: Path, arguments: list[str], at: int | None) -> int:
    """Run the command in a child, killed at step ``at``; its report goes to ``report.json``."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.chdir(folder)
    from shop_features.batch import resuming, scoring
    from shop_features.batch.__main__ import main as command

    resuming.EVERY = float(sys.argv[4])
    if at is not None:
        steps = Steps(at)
        for module, name in (
            *((os, name) for name in ("fsync", "replace", "truncate")),
            *((Path, "unlink"), (scoring, "_line"), (scoring.Run, "refuse")),
            (scoring.Features, "ingest"),
        ):
            setattr(module, name, steps.counted(getattr(module, name)))
    told = io.StringIO()
    errors = io.StringIO()
    with redirect_stdout(told), redirect_stderr(errors):
        code = command(arguments)
    Path("report.json").write_text(told.getvalue())
    Path("said.txt").write_text(errors.getvalue())
    os._exit(code)


def results(folder: Path) -> dict[str, bytes]:
    """Return the files of a run but its store, by name."""
    return {
        file.name: file.read_bytes()
        for file in folder.iterdir()
        if not file.name.startswith(("store", "said"))
    }


def main() -> None:
    root, ending, store = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    sys.path.insert(0, str(root))
    importlib.import_module("shop_features.batch.__main__")  # once, not in every child
    importlib.import_module("shop_features.sqlite_store")
    draw = random.Random(int(sys.argv[5]))  # noqa: S311  which steps, not a secret
    given = [f"{root}/q{ending}", f"out{ending}", "--json", "--store", store, "--keep", "id"]
    given += ["--events", f"payments={root}/events.csv"]

    def fresh() -> Path:
        shutil.rmtree(root / "run", ignore_errors=True)
        (root / "run").mkdir()
        return root / "run"

    assert run(fresh(), given, None) == 1
    whole = results(root / "run")
    wrong: dict[int, Any] = {}
    step, kills = 0, 0
    while True:
        step += 1
        if run(fresh(), given, step) != KILLED:
            break
        kills += 1
        for _ in range(draw.randrange(3)):  # and killed again while it goes on
            if run(root / "run", [*given, "--resume"], draw.randrange(1, 12)) != KILLED:
                break
        done = (root / "run" / f"out{ending}").exists() and not (
            root / "run" / f".out{ending}.journal"
        ).exists()
        code = 1 if done else run(root / "run", [*given, "--resume"], None)
        got = results(root / "run")
        if done:  # it ended in a kill after its end: there is nothing to continue, nor a report
            got["report.json"] = whole["report.json"]
        if code != 1 or got != whole:
            differing = sorted(n for n in {*got, *whole} if got.get(n) != whole.get(n))
            wrong[step] = [code, differing, (root / "run" / "said.txt").read_text()]
    sys.stdout.write(json.dumps({"kills": kills, "wrong": wrong}))


main()
