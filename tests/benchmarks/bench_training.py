"""How long a training set takes, and how much memory, beside what people write by hand.

Run: PYTHONPATH=. python tests/benchmarks/bench_training.py [CASE ...]
Cases: a3 a12 a48 asof (all by default): 3, 12, 48 aggregates over windows, or the as-of look-up.
--sizes 100000x1000,1000000x100000,10000000x1000000   events x questions, of --entities 100000
    (the first only for peers that can bear no more; pandas and Feast's files stop at the second)
--data zipf,uniform                       entities of sizes like words' or of one size: range
    joins, whose work grows with the square of the largest one, answer only on the latter
--peers pandas,spark,feast,featuretools   these run only when named; Feast and Featuretools in an
    environment of their own, made in a temporary folder, or that of --python
--only SYSTEM,... (always with the sweep), --rounds 3, --folder (keeps the data)

Each system answers from the parquet files to a frame, in a fresh process a round, all of them in
turn; seconds are medians of the rounds (those of processors tell more on a busy machine), memory
is the peak above what the process took once its libraries were loaded and its loops compiled.
Before anything is printed, every answer is compared: the sweep's with plain Python's on drawn
questions, exactly; all columns of all others with the sweep's, to 1e-12 of their size.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("POLARS_MAX_THREADS", "2")

import polars as pl
from training_case import SYSTEMS, System, case
from training_data import differences, write, wrong

_TINY = (2_000, 50, 40)
_NEEDS = {"spark": "pyspark", "pandas": "pandas"}
_SMALL = 10**6
"""With fewer events only those are of interest that can bear no more."""
_SECONDS = 600
"""When a peer is given up."""


@dataclass(frozen=True)
class Took:
    """The medians of one system on one case; ``note`` says how it answers otherwise."""

    seconds: float
    cpu: float
    mb: float
    note: str = ""


def _run(
    system: System, python: str, which: str, folder: Path, tiny: Path, out: Path | None
) -> dict:
    script = Path(__file__).with_name("training_measured.py")
    own = [python, str(script), system.name, which, str(folder), str(tiny), str(out or "")]
    said = subprocess.run(own, capture_output=True, text=True, check=False, timeout=_SECONDS)
    if said.returncode:
        sys.exit(f"{system.name} failed:\n{said.stderr[-3000:]}")
    return json.loads(said.stdout.strip().splitlines()[-1])


def _measured(
    systems: list[System], which: str, folder: Path, tiny: Path, options: argparse.Namespace
) -> dict[str, Took]:
    """Run every system in turn, some rounds; compare all answers first."""
    asked, rounds = case(which), []
    notes: dict[str, str] = {}
    meant: pl.DataFrame | None = None
    for number in range(options.rounds):
        rounds.append({})
        for system in systems:
            python = options.python if system.apart else sys.executable
            out = folder / "answer.parquet" if not number else None
            try:
                rounds[-1][system.name] = _run(system, python, which, folder, tiny, out)
            except subprocess.TimeoutExpired:
                notes[system.name] = "given up"
                continue
            if out is None:
                continue
            answers = pl.read_parquet(out)
            if meant is None:
                meant, found = answers, wrong(folder, asked, answers)
            else:
                found = differences(asked, meant, answers)
            if found and system.name in {"sweep", "featurekit", "featurekit_plain"}:
                sys.exit(f"{system.name} answers {', '.join(found)} otherwise")
            if found:
                notes[system.name] = f"answers {', '.join(found)} otherwise"
        systems = [one for one in systems if one.name not in notes and not one.once]
    return {
        name: Took(
            *(
                statistics.median(r[name][key] for r in rounds if name in r)
                for key in ("seconds", "cpu", "mb")
            ),
            notes.get(name, ""),
        )
        for name in rounds[0]
    }


def _table(which: str, size: tuple[int, int], data: str, found: dict[str, Took]) -> None:
    asked, (events, questions) = case(which), size
    used = _used(which, events)
    print(f"\n{which} ({data}): {len(asked.aggregates) or 1} answers, {events:,} events x {questions:,} questions; "
          f"the columns used are {used:,.0f} MB")  # fmt: skip
    print(
        f"  {'':<32}{'seconds':>9}{'x sweep':>9}{'processors':>12}{'x sweep':>9}{'MB':>9}{'x columns':>11}"
    )
    for system in SYSTEMS:
        if took := found.get(system.name):
            sweep = found["sweep"]
            print(f"  {system.words:<32}{took.seconds:>9.3f}{took.seconds / sweep.seconds:>9.2f}"
                  f"{took.cpu:>12.3f}{took.cpu / sweep.cpu:>9.2f}{took.mb:>9,.0f}{took.mb / used:>11.2f}"
                  f"  {took.note}")  # fmt: skip
    sys.stdout.flush()


def _used(which: str, events: int) -> float:
    """Return the megabytes of the events' columns that are read."""
    return events * 8 * (2 + len(case(which).columns)) / 2**20


Results = dict[tuple[str, int, str], dict[str, Took]]


_BY_HAND = ("polars_search", "polars_rolling", "duckdb_range_join", "duckdb_window")
_AIMS = (
    ("12 aggregates / the sweep", "a12", "a12", ("sweep",), 2.5),
    ("12 aggregates / the best of DuckDB and polars", "a12", "a12", _BY_HAND, 1 / 2.5),
    ("12 aggregates / the window query", "a12", "a12", ("duckdb_window",), 1 / 6),
    ("as-of look-up / polars join_asof", "asof", "asof", ("polars_asof",), 1.5),
    ("48 aggregates / 12", "a48", "a12", ("featurekit",), 3),
    ("48 aggregates / 3", "a48", "a3", ("featurekit",), 16),
)


def _aims(took: Results, events: int, kind: str) -> None:
    """Print which aims are met, by wall time and by that of processors."""
    print(f"\naims on {kind} data, {events:,} events: by seconds, by seconds of processors")
    for words, which, other, names, aim in _AIMS:
        found, beside = (took.get((name, events, kind), {}) for name in (which, other))
        best = [beside[name] for name in names if name in beside and not beside[name].note]
        if best and "featurekit" in found:
            _verdict(words, found["featurekit"], best, aim)
    for (which, size, data), found in took.items():
        if (size, data) != (events, kind) or "featurekit" not in found:
            continue
        if less := took.get((which, events // 10, kind)):
            _verdict(f"{which}: 10 x the data", found["featurekit"], [less["featurekit"]], 11)
        ratio = found["featurekit"].mb / _used(which, events)
        print(
            f"  {which + ': memory / the columns used':<48}{ratio:>14.2f}   aim 3.00: {_word(ratio, 3)}"
        )


def _verdict(words: str, own: Took, best: list[Took], aim: float) -> None:
    ratios = own.seconds / min(b.seconds for b in best), own.cpu / min(b.cpu for b in best)
    said = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    verdict = " and ".join(dict.fromkeys(_word(ratio, aim) for ratio in ratios))
    print(f"  {words:<48}{said:>14}   aim {aim:.2f}: {verdict}")


def _word(ratio: float, aim: float) -> str:
    return "met" if ratio <= aim else "missed"


def _chosen(options: argparse.Namespace, which: str, events: int, data: str) -> list[System]:
    only = {"sweep", *options.only.split(",")} if options.only else None
    return [
        system
        for system in SYSTEMS
        if which in system.cases
        and events <= system.most
        and (data == "uniform" or not system.even)
        and (not system.asked_for or system.asked_for in options.peers.split(","))
        and (only is None or system.name in only)
        and (system.asked_for not in _NEEDS or importlib.util.find_spec(_NEEDS[system.asked_for]))
    ]


def _environment(options: argparse.Namespace, made: Path) -> str:
    """Return a Python that has the peers which need one of their own."""
    apart = sorted({s.asked_for for s in SYSTEMS if s.apart} & set(options.peers.split(",")))
    if options.python or not apart:
        return options.python
    venv.create(made / "peers", with_pip=True)
    python = str(made / "peers" / "bin" / "python")
    wanted = [
        "pyarrow",
        "pandas<3",
        *({"feast": "feast[duckdb]"}.get(name, name) for name in apart),
    ]
    subprocess.run([python, "-m", "pip", "install", "-q", *wanted], check=True)
    return python


def main() -> None:
    """Print the tables and the aims."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("cases", nargs="*", default=["a3", "a12", "a48", "asof"])
    parser.add_argument("--sizes", default="100000x1000,1000000x100000,10000000x1000000")
    parser.add_argument("--entities", type=int, default=100_000)
    parser.add_argument("--data", default="zipf,uniform")
    parser.add_argument("--peers", default="")
    parser.add_argument("--python", default="")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    sizes = [tuple(int(n) for n in size.split("x")) for size in options.sizes.split(",")]
    took: Results = {}
    with tempfile.TemporaryDirectory() as made:
        options.python = _environment(options, Path(made))
        write(tiny := Path(made) / "tiny", *_TINY, 1)
        for data in options.data.split(","):
            for events, questions in sizes:
                folder = (options.folder or Path(made)) / f"{data}-{events}-{questions}"
                if not (folder / "spine.parquet").exists():
                    write(folder, events, options.entities, questions, data == "zipf")
                for which in options.cases:
                    systems = _chosen(options, which, events, data)
                    if events < _SMALL and not any(system.most < _SMALL for system in systems):
                        continue
                    found = _measured(systems, which, folder, tiny, options)
                    took[which, events, data] = found
                    _table(which, (events, questions), data, found)
    for data in options.data.split(","):
        _aims(took, sizes[-1][0], data)


if __name__ == "__main__":
    main()
