"""What one request costs: the generated function, its contract, and everything around it.

Row-level views of 20 and of 100 features against a function written by hand; then what ``Features``
adds to a version's own ``get``: following active.json, counting, logging, a shadow. The two sides
take turns, in processor time of this process; the answers are checked equal first.

python tests/benchmarks/bench_request.py [--compiled]

With --compiled the package's views are machine code, as its README offers (mypyc, a C compiler).
"""

from __future__ import annotations

import importlib
import inspect
import math
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import hand_written
from taking_turns import paired

import featurekit as fk

ROUNDS, ROWS = 15, 1_000
_FEATURES = 20
_LOCALS = ("when",)


def grouped(text: str, group: int) -> str:
    """Return ``text`` with every input, local and feature of the 20 features numbered."""
    inputs = [field.partition(":")[0] for field in hand_written.REQUEST.split()]
    names = {*inputs, *_LOCALS, *hand_written.by_hand(hand_written.requests(1)[0])}
    words = "|".join(sorted(names - {"month", "hour"}, key=len, reverse=True))
    return re.sub(rf"(?<![.\w])({words})\b", rf"\g<1>_{group}", text)


def by_hand(groups: int) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return the function written by hand for ``groups`` times 20 features."""
    body, _, answer = (
        inspect.getsource(hand_written.by_hand).partition('"""\n')[2].rpartition("    return {\n")
    )
    answer = answer.rpartition("    }")[0]
    lines, entries = "", ""
    for group in range(groups):
        numbered = re.sub(r"\bhour\b(?!\()", f"hour_{group}", grouped(body, group))
        lines += numbered.replace(f".hour_{group}", ".hour")
        said = re.sub(r"(?<!\.)\bhour\b", f"hour_{group}", grouped(answer, group))
        entries += re.sub(r'"month"', f'"month_{group}"', said)
    source = f"def made(row):\n{lines}    return {{\n{entries}    }}\n"
    scope: dict[str, Any] = {**vars(hand_written)}
    exec(source, scope)  # noqa: S102  the benchmark's own text, several times
    made: Callable[[dict[str, Any]], dict[str, Any]] = scope["made"]
    return made


def cell(groups: int) -> str:
    """Return the cell of ``groups`` times 20 features."""
    parts = []
    for group in range(groups):
        text = hand_written.CELL.strip().removeprefix("SELECT")
        text = re.sub(r"\bhour\b", f"hour_{group}", grouped(text, group))
        parts.append(re.sub(r"AS month\b", f"AS month_{group}", text))
    return "SELECT" + ",".join(parts)


def requests(groups: int) -> list[dict[str, Any]]:
    """Return requests that hold the inputs of every group."""
    drawn = [hand_written.requests(ROWS, seed=group) for group in range(groups)]
    return [
        {f"{name}_{group}": value for group, row in enumerate(rows) for name, value in row.items()}
        for rows in zip(*drawn, strict=True)
    ]


@contextmanager
def package(groups: int) -> Iterator[tuple[Any, Any]]:
    """Import the generated package of a view; yield it and its version's module."""
    ws = fk.Workspace(":memory:")
    fields = [field.split(":") for field in hand_written.REQUEST.split()]
    schema = " ".join(f"{n}_{group}:{kind}" for group in range(groups) for n, kind in fields)
    name = f"facts_{groups}"
    ws.source("purchase", kind="request", schema=schema)
    draft = ws.feature(name, cell(groups), source="purchase", owner="bench@example.com")
    with tempfile.TemporaryDirectory() as folder:
        made = draft.package()
        for path, text in made.items():
            (Path(folder) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / path).write_text(text, encoding="utf-8")
        views = next(path for path in made if path.endswith("/views.py"))
        if "--compiled" in sys.argv:
            mypyc = Path(sys.executable).parent / "mypyc"
            subprocess.run([mypyc, views], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        top = views.split("/")[0]
        for old in [module for module in sys.modules if module.partition(".")[0] == top]:
            del sys.modules[old]
        sys.path.insert(0, folder)
        importlib.invalidate_caches()
        try:
            module = importlib.import_module(top)
            yield module, next(iter(module.VERSIONS.values()))
        finally:
            sys.path.remove(folder)


def checked(groups: int, got: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Require equal answers of all features."""
    assert len(wanted) == groups * _FEATURES == len(got)
    for feature, value in wanted.items():
        answer = got[feature]
        same = answer == value or math.isclose(answer, value, rel_tol=1e-12)
        assert same, (feature, value, answer)


def show(what: str, measured: tuple[float, float, float], aim: str) -> None:
    """Print a line of the table."""
    mine, other, ratio = measured
    print(f"{what:<56} {ratio:5.2f} x  ({mine:7.2f} / {other:7.2f} us)   {aim}")


def row_level(groups: int) -> None:
    """Compare the view's function, and the version's whole answer, with the one by hand."""
    rows, hand = requests(groups), by_hand(groups)
    moment = rows[0]["bought_at_0"]
    with package(groups) as (module, version):
        function = vars(version.views)[f"facts_{groups}"]
        for row in rows:
            checked(groups, function(None, row, moment), hand(row))
        count = groups * _FEATURES
        generated = paired(
            lambda row: function(None, row, moment),
            lambda row: hand(row),
            rows,
            ROUNDS,
            time.process_time,
        )
        show(f"{count} features: function / by hand", generated, "aim 1.2 x")
        check = version.contract.request
        contract = paired(
            lambda row: function(None, check(row), moment),
            lambda row: hand(row),
            rows,
            ROUNDS,
            time.process_time,
        )
        show(f"{count} features: contract and function / by hand", contract, "aim 2 x")
        histories = module.Features(version="0.0")._histories
        whole = paired(
            lambda row: version.get(histories, {}, row, moment),
            lambda row: hand(row),
            rows,
            ROUNDS,
            time.process_time,
        )
        show(f"{count} features: the version's whole answer / by hand", whole, "")


def around(groups: int) -> None:
    """Compare ``Features.get`` with the version's own, with each thing switched on."""
    rows = requests(groups)
    moment = rows[0]["bought_at_0"]
    lines: list[str] = []
    with package(groups) as (module, version), tempfile.TemporaryDirectory() as folder:
        count = groups * _FEATURES

        def features(text: str, sink: Any) -> Any:
            file = Path(folder) / "active.json"
            file.write_text(text)
            return module.Features(settings=file, telemetry=module.Telemetry(sink))

        module.VERSIONS["0.1"] = version  # the same code under another name, for the shadow
        cases = {
            "nobody listens": ('{"active": "0.0", "log_sample": 0.01}', None),
            "a row in a hundred": ('{"active": "0.0", "log_sample": 0.01}', lines.append),
            "every row": ('{"active": "0.0", "log_sample": 1}', lines.append),
            "a shadow": ('{"active": "0.0", "shadow": "0.1"}', lines.append),
        }
        for what, (text, sink) in cases.items():
            asked = features(text, sink)
            histories = asked._histories
            measured = paired(
                lambda row: asked.get({}, row, as_of=moment),
                lambda row: version.get(histories, {}, row, moment),
                rows,
                ROUNDS,
                time.process_time,
            )
            asked.close()
            show(f"{count} features: Features.get, {what} / version", measured, "")


def main() -> None:
    """Print the table."""
    for groups in (1, 5):
        row_level(groups)
        around(groups)


if __name__ == "__main__":
    main()
