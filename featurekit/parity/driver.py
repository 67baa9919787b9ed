"""The far side of the serving conversation: runs a rendered package and answers from it.

This file is also run by itself in a fresh interpreter that has only the package, so it uses the
standard library and nothing of this toolkit. One JSON line opens the conversation, then each line
is an event, a question or a fresh store; each question gets one JSON line back, in order.

Units: instants travel as microseconds since 1970 UTC, dates as ISO 8601, decimals as digits.
"""

from __future__ import annotations

import datetime as dt
import importlib
import json
import sys
import zoneinfo
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)  # noqa: UP017  runs on Python 3.10, too
MOST_REFUSALS = 20

Opening = dict[str, Any]
Line = list[Any]


def _instant(value: int) -> dt.datetime:
    return EPOCH + dt.timedelta(microseconds=value)


_READERS: dict[str, Callable[[Any], Any]] = {
    "DOUBLE": float,
    "DECIMAL": Decimal,
    "DATE": dt.date.fromisoformat,
    "TIMESTAMP": _instant,
}


def _row(columns: list[tuple[str, Callable[[Any], Any] | None]], values: Line) -> dict[str, Any]:
    return {
        name: value if reader is None or value is None else reader(value)
        for (name, reader), value in zip(columns, values)  # noqa: B905  one list made both
    }


def _columns(declared: Iterable[Line]) -> list[tuple[str, Callable[[Any], Any] | None]]:
    return [(name, _READERS.get(kind)) for name, kind in declared]


def tagged(value: Any) -> Any:
    """Return an answer as JSON that says its type wherever JSON itself does not."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        finite = value - value == 0.0
        return value if finite else {"DOUBLE": repr(value)}
    if isinstance(value, Decimal):
        return {"DECIMAL": str(value)}
    if isinstance(value, dt.datetime):
        return {"TIMESTAMP": value.isoformat()}
    if isinstance(value, dt.date):
        return {"DATE": value.isoformat()}
    if isinstance(value, list):
        return [tagged(member) for member in value]
    return {"other": type(value).__name__}


def converse(module: Any, opening: Opening, lines: Iterable[Line]) -> Iterator[dict[str, Any]]:
    """Yield one answer a question; the last item holds the events that the package refused.

    Args:
        module: The imported package.
        opening: ``sources``, ``keys`` and ``request``: names with the kinds of their types;
            ``forgets``: whether its store may forget what later questions do not need.
        lines: ``["event", source, values]``, ``["ask", keys, request, as_of]``, ``["fresh"]``.
    """
    sources = {name: _columns(declared) for name, declared in opening["sources"].items()}
    keys, request = _columns(opening["keys"]), _columns(opening["request"])

    def fresh() -> Any:
        if opening["forgets"]:
            return module.Features()
        return module.Features(module.MemoryStore(slack=None))

    features = fresh()
    refused: list[str] = []
    count = 0
    for line in lines:
        if line[0] == "event":
            try:
                features.ingest(line[1], _row(sources[line[1]], line[2]))
            except Exception as problem:  # noqa: BLE001  whatever the package says is the finding
                count += 1
                if len(refused) < MOST_REFUSALS:
                    refused.append(f"{type(problem).__name__}: {problem}")
        elif line[0] == "fresh":
            features = fresh()
        else:
            yield _answer(features, _row(keys, line[1]), _row(request, line[2]), line[3])
    yield {"refused": refused, "count": count}


def _answer(
    features: Any, entity: dict[str, Any], request: dict[str, Any], as_of: int
) -> dict[str, Any]:
    try:
        answer = features.get(entity, request=request, as_of=_instant(as_of))
    except Exception as problem:  # noqa: BLE001  whatever the package says is the finding
        return {"error": f"{type(problem).__name__}: {problem}"}
    return {
        "values": {name: tagged(value) for name, value in dict(answer.values).items()},
        "status": {name: str(getattr(s, "value", s)) for name, s in dict(answer.status).items()},
    }


def main() -> None:
    """Answer the conversation on standard input; what the package prints goes to standard error."""
    out, sys.stdout = sys.stdout, sys.stderr
    opening = json.loads(sys.stdin.readline())
    sys.path.insert(0, str(Path(opening["folder"])))
    zoneinfo.reset_tzpath(to=[*zoneinfo.TZPATH, *opening["zones"]])
    module = importlib.import_module(opening["package"])
    lines = (json.loads(line) for line in sys.stdin)
    for answer in converse(module, opening, lines):
        out.write(json.dumps(answer) + "\n")
    out.flush()


if __name__ == "__main__":
    main()
