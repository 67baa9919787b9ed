"""The rows that a served package logged, read back in the language's types."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import InvalidOperation
from pathlib import Path
from typing import Any

from featurekit.datatypes import TIMESTAMP, DataType
from featurekit.errors.replay import UnreadableLog
from featurekit.parity.values import decode

FORMAT = 1
_OPENING = '{"format": '


@dataclass(frozen=True, slots=True)
class LoggedRow:
    """A question that was answered, as it was logged; values are as JSON has them.

    Attributes:
        line: Where it stands in the log, from 1.
        version: The version that answered.
        meaning: The hash of that version's definitions.
        said: Everything.
    """

    line: int
    version: str
    meaning: str
    said: Mapping[str, Any]

    def part(self, name: str) -> Mapping[str, Any]:
        """Return ``entity``, ``request``, ``values`` or ``status``."""
        found: Mapping[str, Any] = self.said[name]
        return found


@dataclass(frozen=True, slots=True)
class Log:
    """What a log holds of one package.

    Attributes:
        path: Where it lies.
        rows: Its rows, in their order.
        others: How many lines are something else: events, differences, other packages' rows.
    """

    path: str
    rows: tuple[LoggedRow, ...]
    others: int


def read_log(path: Path, package: str) -> Log:
    """Return the rows of ``package``; what a logger writes before a line's JSON is passed over.

    Raises:
        UnreadableLog: FK510, also for a row of a format that is not known.
    """
    rows: list[LoggedRow] = []
    others = 0
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                said = _object(path, number, line)
                if said.get("kind") == "row" and said.get("package") == package:
                    rows.append(_row(path, number, said))
                elif line.strip():
                    others += 1
    except (OSError, ValueError) as refused:  # ValueError: not UTF-8, or a path with a null
        raise UnreadableLog(str(path), type(refused).__name__) from None
    return Log(str(path), tuple(rows), others)


def _object(path: Path, number: int, line: str) -> Mapping[str, Any]:
    at = line.find(_OPENING)
    if at < 0:
        return {}
    try:
        said = json.loads(line[at:])
    except (ValueError, RecursionError):
        raise UnreadableLog(str(path), "it is not JSON", number) from None
    return said if isinstance(said, dict) else {}


def _row(path: Path, number: int, said: Mapping[str, Any]) -> LoggedRow:
    parts = ("entity", "request", "values", "status")
    texts = ("version", "meaning", "as_of")
    whole = all(isinstance(said.get(part), dict) for part in parts)
    if said.get("format") != FORMAT:
        raise UnreadableLog(str(path), f"format {said.get('format')!r} is not known", number)
    if not whole or not all(isinstance(said.get(text), str) for text in texts):
        raise UnreadableLog(str(path), "it is not a row", number)
    return LoggedRow(number, said["version"], said["meaning"], said)


def is_hidden(value: Any) -> bool:
    """Whether only the hash of a value was logged."""
    return isinstance(value, dict)


def hidden_names(rows: Iterable[LoggedRow], part: str, names: Iterable[str]) -> list[str]:
    """Return which of ``names`` were logged as hashes in some row."""
    listed = list(rows)
    return [name for name in names if any(is_hidden(row.part(part).get(name)) for row in listed)]


def read_back(
    path: str,
    row: LoggedRow,
    part: str,
    types: Mapping[str, DataType],
    optional: Iterable[str] = (),
) -> dict[str, Any]:
    """Return the values of a part of a row in their types; ``optional`` ones may be left out.

    Raises:
        UnreadableLog: FK510.
    """
    given = {**dict.fromkeys(optional), **row.part(part)}
    try:
        return {name: decode(given[name], kind) for name, kind in types.items()}
    except (KeyError, ValueError, TypeError, InvalidOperation) as wrong:
        text = f"its {part} is not what the definition asks for ({type(wrong).__name__})"
        raise UnreadableLog(path, text, row.line) from None


def moment(path: str, row: LoggedRow) -> dt.datetime:
    """Return the moment of asking.

    Raises:
        UnreadableLog: FK510.
    """
    try:
        found: dt.datetime = decode(row.said["as_of"], TIMESTAMP)
    except ValueError:
        raise UnreadableLog(path, "its as_of is not a time", row.line) from None
    return found
