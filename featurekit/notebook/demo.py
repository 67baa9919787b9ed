"""The main job on real data, head-less: run the first notebook in a real kernel and sum it up."""

from __future__ import annotations

import argparse
import shutil
import time
from pathlib import Path
from typing import Any

import featurekit
from featurekit.errors import UsageError
from featurekit.lazy import require
from featurekit.verbs.verb import Parser
from featurekit.version import VERSION

NOTEBOOK = "01_first_feature.ipynb"
FACTS = "application/vnd.featurekit.view+json"
_MARK = ".featurekit-demo"
_CELL_SECONDS = 900


def notebooks_folder() -> Path:
    """Return the folder of the documentation notebooks, in a checkout or an installed wheel."""
    package = Path(featurekit.__file__).parent
    shipped = package / "_notebooks"
    return shipped if shipped.is_dir() else package.parent / "notebooks"


class NotOurs(UsageError):
    """FK908: the demo would have to delete a folder that it did not make."""

    code = "FK908"

    def __init__(self, folder: str) -> None:
        super().__init__(
            "the output folder exists and was not made by the demo",
            where=folder,
            fix="featurekit demo --out another-folder",
        )


def run_demo(words: list[str]) -> bool:
    """Run the demo and print what it did; True when every step held."""
    parser = Parser(prog="featurekit demo", add_help=False)
    parser.add_argument("--out", default="demo-output", help="folder to work in; made anew")
    parser.add_argument("-h", "--help", action="store_true")
    options = parser.parse_args(words)
    if options.help:
        print(parser.format_help())
        return True
    folder = _prepare(Path(options.out))
    print(f"featurekit {VERSION} demo: {NOTEBOOK} in {folder}", flush=True)
    steps = _execute(folder)
    return _summary(folder, steps)


def _prepare(folder: Path) -> Path:
    if folder.exists():
        if any(folder.iterdir()) and not (folder / _MARK).exists():
            raise NotOurs(str(folder))
        shutil.rmtree(folder)
    source = notebooks_folder()
    folder.mkdir(parents=True)
    (folder / _MARK).write_text("made by: featurekit demo\n", encoding="utf-8")
    shutil.copytree(source / "data", folder / "data")
    shutil.copy(source / NOTEBOOK, folder / NOTEBOOK)
    return folder.resolve()


def _execute(folder: Path) -> list[argparse.Namespace]:
    """Run every cell in a fresh kernel, printing a line a step; return what each one did."""
    nbformat = require("nbformat", "to run the demo")
    from nbclient import NotebookClient
    from nbclient.exceptions import CellControlSignal

    notebook: Any = nbformat.read(folder / NOTEBOOK, as_version=4)
    steps: list[argparse.Namespace] = []
    started: dict[int, float] = {}

    def begin(cell: Any, cell_index: int) -> None:
        if cell.cell_type == "code":
            started[cell_index] = time.perf_counter()

    def end(cell: Any, cell_index: int, **_: Any) -> None:
        seconds = time.perf_counter() - started[cell_index]
        step = argparse.Namespace(
            source=cell.source, seconds=seconds, facts=_facts(cell), text=_stream(cell)
        )
        steps.append(step)
        print(f"  {seconds:6.2f} s  {_headline(step)}", flush=True)

    client = NotebookClient(
        notebook,
        extra_arguments=["--log-level=ERROR"],
        timeout=_CELL_SECONDS,
        store_widget_state=False,
        resources={"metadata": {"path": str(folder)}},
        on_cell_start=begin,
        on_cell_executed=end,
    )
    try:
        client.execute()
    except (CellControlSignal, RuntimeError) as failure:  # a cell failed or hung; no kernel
        print(f"\nthe notebook stopped:\n{failure}")
    finally:
        nbformat.write(notebook, folder / NOTEBOOK)
    return steps


def _facts(cell: Any) -> list[dict[str, Any]]:
    return [o["data"][FACTS] for o in cell.outputs if FACTS in o.get("data", {})]


def _stream(cell: Any) -> str:
    return "".join(o["text"] for o in cell.outputs if o.output_type == "stream")


def _headline(step: argparse.Namespace) -> str:
    first = next(line for line in step.source.splitlines() if line and line != "import sys")
    last = step.text.strip().splitlines()[-1:]
    return f"{first[:72]:<72}  {last[0] if last and not step.facts else ''}".rstrip()


def _summary(folder: Path, steps: list[argparse.Namespace]) -> bool:
    facts = [one for step in steps for one in step.facts]
    parity = next((f for f in facts if f["kind"] == "parity"), None)
    export = next((f for f in facts if f["kind"] == "export"), None)
    trained = next((f for f in facts if f["kind"] == "trainset"), None)
    tests = next((s.text.strip().splitlines()[-1] for s in steps if "-m pytest" in s.source), "")
    held = bool(
        parity
        and export
        and trained
        and parity["differences"] == 0
        and "passed" in tests
        and "failed" not in tests
        and "error" not in tests
    )
    print()
    if trained:
        print(f"training set      {trained['rows']:,} rows x {len(trained['features'])} features")
    if parity:
        print(
            f"training = served {parity['compared']:,} values compared, "
            f"{parity['differences']} differ"
        )
    if export:
        print(f"package           {folder / 'scoring-service' / export['package']}")
        print(f"parity vectors    {export['vectors']:,} written; its own tests: {tests}")
    print(f"notebook          {folder / NOTEBOOK} (with its outputs)")
    print(f"total             {sum(step.seconds for step in steps):.1f} s")
    print("every step held" if held else "NOT every step held")
    return held
