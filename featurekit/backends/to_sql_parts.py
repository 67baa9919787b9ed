"""The pieces that a training query is put together from: named steps and their layout."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One named step (a CTE) of the query.

    Attributes:
        name: What it is called.
        comment: What it is about.
        body: Its SELECT.
        once: Whether its columns are worth more than substituting them wherever they are read.
    """

    name: str
    comment: str
    body: str
    once: bool = False


def select(columns: Iterable[str], word: str = "SELECT") -> str:
    """Return ``SELECT`` with a line a column."""
    return f"{word}\n  " + ",\n  ".join(columns)


_WHOLE = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|--[^\n]*|\n""")


def indented(text: str) -> str:
    """Return SQL two columns further right; what stands in quotes keeps its own line ends."""
    return "  " + _WHOLE.sub(lambda found: "\n  " if found[0] == "\n" else found[0], text)
