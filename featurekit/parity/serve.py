"""Running a rendered package: events in time order, questions between them, typed answers back."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from operator import itemgetter
from pathlib import Path, PurePosixPath
from typing import Any

from featurekit.datatypes import DataType, Kind
from featurekit.errors.export import PackageBroken, PackageTooSlow
from featurekit.ir.windows import to_micros
from featurekit.parity import driver

Columns = Mapping[str, DataType]
Line = list[Any]


@dataclass(frozen=True, slots=True)
class Interface:
    """What a package is fed and asked with.

    Attributes:
        sources: The columns of each source's events.
        keys: The entity keys of a question.
        request: The request columns of a question.
        forgets: Whether its store may forget: not where one question is asked at several moments.
    """

    sources: Mapping[str, Columns]
    keys: Columns
    request: Columns
    forgets: bool = True

    def opening(self) -> dict[str, Any]:
        """Return it as the conversation's first line."""
        return {
            "sources": {name: declared(columns) for name, columns in self.sources.items()},
            "keys": declared(self.keys),
            "request": declared(self.request),
            "forgets": self.forgets,
        }

    def event(self, source: str, row: Mapping[str, Any]) -> Line:
        """Return the line that ingests ``row``."""
        columns = self.sources[source]
        return ["event", source, [_sent(row[name], kind) for name, kind in columns.items()]]

    def question(
        self, entity: Mapping[str, Any], request: Mapping[str, Any], as_of: dt.datetime | None
    ) -> Line:
        """Return the line that asks; without a moment, 2000-01-01 stands for it."""
        moment = to_micros(as_of or dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
        keys = [_sent(entity[name], kind) for name, kind in self.keys.items()]
        sent = [_sent(request[name], kind) for name, kind in self.request.items()]
        return ["ask", keys, sent, moment]


@dataclass(frozen=True, slots=True)
class Served:
    """One answer of the package: its values and statuses, or the error it raised."""

    values: Mapping[str, Any]
    status: Mapping[str, str]
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a package answered, in the order of the questions, and which events it refused."""

    answers: tuple[Served, ...]
    refused: tuple[str, ...]
    refusals: int


def declared(columns: Columns) -> list[list[str]]:
    """Return the columns as a conversation's first line has them."""
    return [[name, kind.kind.value] for name, kind in columns.items()]


def _sent(value: Any, kind: DataType) -> Any:
    if value is None:
        return None
    match kind.kind:
        case Kind.TIMESTAMP:
            return to_micros(value)
        case Kind.DATE:
            return value.isoformat()
        case Kind.DECIMAL:
            return f"{value:f}"
        case _:
            return value


_RECEIVED: Mapping[str, Callable[[str], Any]] = {
    "DOUBLE": float,
    "DECIMAL": Decimal,
    "DATE": dt.date.fromisoformat,
    "TIMESTAMP": dt.datetime.fromisoformat,
}


def _received(value: Any) -> Any:
    if isinstance(value, list):
        return [_received(member) for member in value]
    if not isinstance(value, dict):
        return value
    ((kind, text),) = value.items()
    return _RECEIVED[kind](text) if kind in _RECEIVED else Unreadable(kind, text)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An answer of a type that the language does not have; equal to no value."""

    kind: str
    name: str


def _served(answer: Mapping[str, Any]) -> Served:
    if "error" in answer:
        return Served({}, {}, answer["error"])
    values = {name: _received(value) for name, value in answer["values"].items()}
    return Served(values, answer["status"])


def package_name(package: Mapping[str, str]) -> str:
    """Return the name of the importable package in ``{path: text}``.

    Raises:
        PackageBroken: FK501, there is none.
    """
    tops = sorted(
        path.parts[0]
        for path in map(PurePosixPath, package)
        if path.name == "__init__.py" and len(path.parts) == 2  # noqa: PLR2004  NAME/__init__.py
    )
    if not tops:
        raise PackageBroken("it has no importable package", "")
    return tops[0]


@contextmanager
def written(package: Mapping[str, str]) -> Iterator[Path]:
    """Write ``{path: text}`` to a temporary folder that lives as long as the block."""
    with tempfile.TemporaryDirectory(prefix="featurekit-") as folder:
        root = Path(folder).resolve()
        for path, text in package.items():
            file = (root / path).resolve()
            if not file.is_relative_to(root):
                raise PackageBroken(f"'{path}' lies outside the package's folder", "")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="")
        yield root


def _zones() -> list[str]:
    """Return where time zones lie for a process without site-packages on a system without any."""
    found = importlib.util.find_spec("tzdata")
    return [str(Path(found.origin).parent / "zoneinfo")] if found and found.origin else []


def serve(
    package: Mapping[str, str], interface: Interface, lines: Iterable[Line], *, seconds: float = 600
) -> Conversation:
    """Run ``package`` in a fresh interpreter that has nothing else, and hold the conversation.

    Args:
        package: The rendered files, ``{path: text}``.
        interface: What it is fed and asked with.
        lines: Events, questions and ``["fresh"]``, made by ``interface``.
        seconds: How long the whole may take.

    Raises:
        PackageBroken: FK501, it cannot be imported or dies.
        PackageTooSlow: FK502, it takes too long.
    """
    with written(package) as folder:
        opening = {
            "folder": str(folder),
            "package": package_name(package),
            "zones": _zones(),
            **interface.opening(),
        }
        sent = "\n".join(json.dumps(line) for line in (opening, *lines))
        command = [sys.executable, "-I", "-S", "-B", str(Path(driver.__file__).resolve())]
        try:
            done = subprocess.run(  # noqa: S603  our interpreter, our file, no shell
                command,
                input=sent + "\n",
                capture_output=True,
                text=True,
                encoding="utf-8",
                check=False,
                timeout=seconds,
                cwd=folder,
            )
        except subprocess.TimeoutExpired:
            raise PackageTooSlow(seconds) from None
    if done.returncode != 0:
        raise PackageBroken("its process failed", done.stderr)
    return _conversation(json.loads(line) for line in done.stdout.splitlines())


def serve_here(
    package: Mapping[str, str],
    interface: Interface,
    lines: Iterable[Line],
    *,
    before: Callable[[], bool] = lambda: True,
) -> Conversation:
    """Hold the conversation in this process, for a quick check within a time budget.

    Only ever given files that were rendered a moment ago in this process, never text that was
    stored. The package is imported under a private name and forgotten afterwards.

    Args:
        package: The rendered files.
        interface: What it is fed and asked with.
        lines: Events, questions and ``["fresh"]``.
        before: Asked before each line: whether there is time for it; False ends the conversation.
    """

    def timely() -> Iterator[Line]:
        for line in lines:
            if not before():
                return
            yield line

    with written(package) as folder, _imported(folder, package_name(package)) as module:
        return _conversation(driver.converse(module, interface.opening(), timely()))


def _conversation(answers: Iterable[Mapping[str, Any]]) -> Conversation:
    *given, last = answers
    return Conversation(
        tuple(_served(answer) for answer in given), tuple(last["refused"]), last["count"]
    )


@contextmanager
def _imported(folder: Path, name: str) -> Iterator[Any]:
    private = f"_featurekit_parity_{name}"
    where = folder / name
    spec = importlib.util.spec_from_file_location(
        private, where / "__init__.py", submodule_search_locations=[str(where)]
    )
    assert spec is not None  # noqa: S101  the file was written a moment ago
    assert spec.loader is not None  # noqa: S101  and its name ends in .py
    module = importlib.util.module_from_spec(spec)
    sys.modules[private] = module
    written_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
        yield module
    except ImportError as problem:
        raise PackageBroken("it cannot be imported", str(problem)) from None
    finally:
        sys.dont_write_bytecode = written_bytecode
        for loaded in [m for m in sys.modules if m == private or m.startswith(f"{private}.")]:
            del sys.modules[loaded]


def timeline(
    interface: Interface,
    events: Iterable[tuple[int | None, Line]],
    questions: Sequence[tuple[Mapping[str, Any], Mapping[str, Any], dt.datetime | None]],
    moments: Sequence[dt.datetime | None],
) -> tuple[list[Line], list[int]]:
    """Merge events and questions by time, as they would happen; return also the asking order.

    An event that arrives exactly when it is asked is ingested first: it must not be visible.

    Args:
        interface: What the package is fed and asked with.
        events: When each arrives, in microseconds (None: first of all), and its line.
        questions: Entity, request and moment of each.
        moments: The latest moment at which each is asked.
    """

    def moment(index: int) -> float:
        as_of = moments[index]
        return -math.inf if as_of is None else to_micros(as_of)

    arriving = sorted(
        ((-math.inf if at is None else at, line) for at, line in events), key=itemgetter(0)
    )
    asking = sorted(range(len(questions)), key=moment)
    lines: list[Line] = []
    place = 0
    for index in asking:
        now = moment(index)
        while place < len(arriving) and arriving[place][0] <= now:
            lines.append(arriving[place][1])
            place += 1
        entity, request, as_of = questions[index]
        lines.append(interface.question(entity, request, as_of))
    return lines, asking
