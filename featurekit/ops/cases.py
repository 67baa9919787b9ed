"""The lines under ``Cases:`` in a docstring: what an operator answers, read and run by tests.

``name(1, "a", null) = 2.5`` with JSON literals; what JSON lacks is spelled ``DECIMAL "1.50"``,
``DATE "2024-02-29"``, ``TIMESTAMP "2024-02-29T10:00:00.000001Z"``, ``nan``, ``inf``, ``-inf``.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Case:
    """One such line: the arguments, and what comes out."""

    arguments: tuple[Any, ...]
    expected: Any
    text: str


def parse_case(line: str) -> Case:
    """Read one line under ``Cases:``."""
    text = line.strip()
    name, _, rest = text.partition("(")
    if not name.isidentifier() or not rest:
        msg = f"not a case: {line!r}"
        raise ValueError(msg)
    reader = _Values(rest)
    arguments: list[Any] = []
    while not reader.taken(")"):
        arguments.append(reader.value())
        reader.taken(",")
    if not reader.taken("="):
        msg = f"a case has the form name(...) = value: {line!r}"
        raise ValueError(msg)
    return Case(tuple(arguments), reader.value(), text)


class _Values:
    """Reads typed JSON literals from a text, left to right."""

    _WORDS = (
        ("null", None),
        ("true", True),
        ("false", False),
        ("nan", float("nan")),
        ("inf", float("inf")),
        ("-inf", float("-inf")),
    )

    def __init__(self, text: str) -> None:
        self._text = text
        self._decoder = json.JSONDecoder()

    def taken(self, token: str) -> bool:
        self._text = self._text.lstrip()
        if not self._text.startswith(token):
            return False
        self._text = self._text[len(token) :]
        return True

    def value(self) -> Any:
        for word, value in self._WORDS:
            if self.taken(word):
                return value
        for word, make in (
            ("DECIMAL", Decimal),
            ("DATE", dt.date.fromisoformat),
            ("TIMESTAMP", dt.datetime.fromisoformat),
        ):
            if self.taken(word):
                return make(self.value())
        if self.taken("["):
            listed: list[Any] = []
            while not self.taken("]"):
                listed.append(self.value())
                self.taken(",")
            return listed
        self._text = self._text.lstrip()
        value, end = self._decoder.raw_decode(self._text)
        self._text = self._text[end:]
        return value
