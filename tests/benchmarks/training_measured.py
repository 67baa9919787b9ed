"""One system answers one case in a process of its own: seconds, seconds of processors, memory.

Run by ``bench_training.py``. A small case comes first, so that libraries are loaded and loops
compiled; the first run over the data is measured for its peak memory above what the process took
by then, the second for its time (the first, where a system is run once). Processes that a system starts (as Java for Spark) count.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("POLARS_MAX_THREADS", "2")
os.environ.setdefault("NUMBA_NUM_THREADS", "2")

from training_case import SYSTEMS, case


def _processes() -> list[Path]:
    """Return this process and those that it started."""
    found, waiting = [], [os.getpid()]
    while waiting:
        one = Path(f"/proc/{waiting.pop()}")
        found.append(one)
        for children in one.glob("task/*/children"):
            try:
                waiting += [int(child) for child in children.read_text().split()]
            except OSError:  # it has ended
                continue
    return found


def _memory(line: str) -> float:
    """Return megabytes of all processes: ``VmRSS`` now, or ``VmHWM`` at their peak."""
    total = 0
    for process in _processes():
        text = (process / "status").read_text(encoding="ascii")
        total += int(text.split(line + ":")[1].split()[0]) if line in text else 0
    return total / 1024


def _busy() -> float:
    """Return the seconds of processors that all processes took."""
    ticks = 0
    for process in _processes()[1:]:
        fields = (process / "stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print what was measured as JSON."""
    name, which, folder, tiny, out = sys.argv[1:]
    (system,) = [one for one in SYSTEMS if one.name == name]
    module, asked = importlib.import_module(system.module), case(which)
    run = getattr(module, name)
    getattr(module, f"{name}_first", run)(Path(tiny), asked)
    for process in _processes():
        (process / "clear_refs").write_text("5", encoding="ascii")  # forgets the peak so far
    before = _memory("VmRSS")
    begun, busy = time.perf_counter(), _busy()
    answers = run(Path(folder), asked)
    seconds, cpu = time.perf_counter() - begun, _busy() - busy
    peak = _memory("VmHWM") - before
    if out:
        save = "write_parquet" if hasattr(answers, "write_parquet") else "to_parquet"
        getattr(answers, save)(out)
    del answers
    if not system.once:
        begun, busy = time.perf_counter(), _busy()
        run(Path(folder), asked)
        seconds, cpu = time.perf_counter() - begun, _busy() - busy
    print("\n" + json.dumps({"seconds": seconds, "cpu": cpu, "mb": peak}))


if __name__ == "__main__":
    main()
