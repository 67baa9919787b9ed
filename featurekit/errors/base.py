"""The root of every failure a user can meet: what, where, why, and a fix that can be pasted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


_WIDEST = 160


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a text: lines and columns count from 1; ``length`` 0 means the whole line."""

    text: str
    line: int = 1
    column: int = 1
    length: int = 0
    name: str = "cell"

    def excerpt(self) -> str:
        """Return the line with its number and, below it, carets under the place.

        A line that is too wide to read is shown from shortly before the place.
        """
        lines = self.text.splitlines() or [""]
        line = lines[min(max(self.line, 1), len(lines)) - 1]
        at = max(self.column - 1, 0)
        begin = max(at - _WIDEST // 2, 0) if len(line) > _WIDEST else 0
        shown = line[begin : begin + _WIDEST]
        gutter = f"{self.line:>4} | "
        before = "".join("\t" if letter == "\t" else " " for letter in line[begin:at])
        carets = before + "^" * max(min(self.length, len(shown) - (at - begin)), 1)
        return f"{gutter}{shown}\n{' ' * (len(gutter) - 2)}| {carets}"

    def __str__(self) -> str:
        return f"{self.name}, line {self.line}, column {self.column}"


class FeatureError(Exception):
    """Any failure that featurekit reports.

    Attributes:
        code: ``FK`` and three digits; stable, so that it can be searched for.
        problem: One sentence: what is wrong.
        where: The place in the author's text, a path, or None.
        why: Why this is refused, or the empty string.
        fix: What to write or run instead.
    """

    code = "FK000"

    def __init__(
        self, problem: str, *, where: Where | str | None = None, why: str = "", fix: str = ""
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.where = where
        self.why = why
        self.fix = fix

    @property
    def headline(self) -> str:
        """The last line of a card: ``FeatureError[FK111]: ...``."""
        return f"FeatureError[{self.code}]: {self.problem}"

    def __str__(self) -> str:
        parts: list[str] = []
        if isinstance(self.where, Where):
            parts += [f"{self.where}:", self.where.excerpt()]
        elif self.where:
            parts.append(f"{self.where}:")
        if self.why:
            parts.append(f"why: {self.why}")
        if self.fix:
            parts.append(f"fix: {self.fix}")
        return "\n".join([*parts, self.headline])

    def _render_traceback_(self) -> list[str]:
        """What IPython prints instead of a traceback."""
        return str(self).splitlines()


_ALIKE = 0.75


def closest(name: str, known: Iterable[str]) -> str:
    """Return the known name that was probably meant, or the empty string.

    Upper and lower case do not tell names apart; a name is never meant for itself.
    """
    from difflib import get_close_matches

    others = {other.lower(): other for other in reversed(list(known)) if other != name}
    word, candidates = name.lower(), list(reversed(others))
    found = get_close_matches(word, candidates, n=1, cutoff=_ALIKE)
    found = found or [other for other in candidates if _swapped(word, other)]
    return others[found[0]] if found else ""


def _swapped(word: str, other: str) -> bool:
    """Whether two letters have changed places, which makes short words look unlike."""
    differ = [pair for pair in zip(word, other, strict=False) if pair[0] != pair[1]]
    same_length = len(word) == len(other)
    return same_length and len(differ) == 2 and differ[0] == differ[1][::-1]  # noqa: PLR2004  a pair


def nearest(name: str, known: Iterable[str]) -> str:
    """Return "; did you mean 'x'?" for the closest known name, or the empty string."""
    found = closest(name, known)
    return f"; did you mean '{found}'?" if found else ""


def listed(names: Iterable[str], most: int = 8) -> str:
    """Return ``a, b, c`` with the rest counted, or ``none``."""
    every = list(names)
    if not every:
        return "none"
    rest = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(every[:most]) + rest
