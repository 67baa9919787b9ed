"""ROWS and RANGE frames of the standard as windows of the language, and what is none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from featurekit.errors import Where
from featurekit.errors.definition import FrameRefused
from featurekit.errors.meaning import ReadsTheFuture
from featurekit.frontends.sql_parser import Text
from featurekit.ir.windows import (
    AllTime,
    LastRows,
    Rolling,
    Window,
    parse_window,
    window_name,
)

Over = tuple[Window, bool]
"""A window, and whether the row in hand comes after its rows."""
_LENGTHS = {
    "MICROSECOND": 1,
    "MILLISECOND": 1_000,
    "SECOND": 1_000_000,
    "MINUTE": 60_000_000,
    "HOUR": 3_600_000_000,
    "DAY": 86_400_000_000,
    "WEEK": 604_800_000_000,
}
_VAGUE = {"MONTH": (30, 1), "QUARTER": (90, 3), "YEAR": (365, 12)}
_BACK = "ROWS BETWEEN 3 PRECEDING AND CURRENT ROW"
_LONG = "RANGE BETWEEN INTERVAL '30' DAY PRECEDING AND CURRENT ROW"
_EXCLUDED = {
    "TIES": ("rows of the same time as the row in hand are never visible", "leave it out"),
    "GROUP": ("rows of the same time are never visible", "EXCLUDE CURRENT ROW"),
}


@dataclass(frozen=True, slots=True)
class Frame:
    """``ROWS|RANGE BETWEEN ... AND ... [EXCLUDE ...]`` as it stands in a text.

    Attributes:
        spec: The parser's node.
        over: The node it stands in.
        text: The author's text.
        in_hand: Whether the current row is a row; else it is the moment of asking.
    """

    spec: Any
    over: Any
    text: Text
    in_hand: bool

    def window(self) -> Over:
        """Return the window that the frame means.

        Raises:
            DefinitionError: FK108 what is no window here, FK140 rows that come later.
        """
        kind = str(self.spec.args.get("kind") or "").upper()
        if kind == "GROUPS":
            why = "GROUPS counts the different times, which engines do differently or not at all"
            raise self._refused("a frame in GROUPS", why, f"{_BACK}, or {_LONG}", "GROUPS")
        for side in ("start", "end"):
            if str(self.spec.args.get(f"{side}_side") or "").upper() == "FOLLOWING":
                raise ReadsTheFuture("a frame that follows", self._place("FOLLOWING"))
        excludes = self._excludes()
        start, end = (self._edge(side, kind) for side in ("start", "end"))
        if end is None:
            raise self._refused(
                "a frame that ends UNBOUNDED PRECEDING", "it holds no row", _LONG, kind
            )
        if start is not None and (start < end or start == 0):
            why = "it holds no row before the current one, whose columns need no window"
            fix = _BACK if kind == "ROWS" else _LONG
            raise self._refused(self._shown(), why, fix, kind)
        made = self._rows(start, end) if kind == "ROWS" else _times(start, end)
        if parse_window(window_name(made)) != made:
            why = "it reaches further back than 400 years, or than a billion rows"
            raise self._refused(self._shown(), why, "UNBOUNDED PRECEDING", kind)
        return made, self.in_hand and end == 0 and not excludes

    def _edge(self, side: str, kind: str) -> int | None:
        """Return how far back an edge lies, in rows or microseconds; None: unbounded."""
        found = self.spec.args.get(side)
        if found == "UNBOUNDED":
            return None
        if found is None or found == "CURRENT ROW":
            return 0
        while type(found).__name__ == "Paren":
            found = found.this
        return self._count(found) if kind == "ROWS" else self._length(found)

    def _count(self, node: Any) -> int:
        if type(node).__name__ == "Literal" and re.fullmatch(r"\d{1,18}", str(node.this)):
            return int(node.this)
        shown = self._spelled(node)
        why = "ROWS counts rows; a length of time is a matter of RANGE"
        raise self._refused(f"ROWS {shown} PRECEDING", why, f"{_BACK}, or {_LONG}", "ROWS")

    def _length(self, node: Any) -> int:
        shown = self._spelled(node)
        told = _number_and_unit(node)
        if told is None:
            why = "RANGE measures time, and rows are in the order of a time stamp"
            raise self._refused(f"RANGE {shown} PRECEDING", why, f"{_LONG}, or {_BACK}", "RANGE")
        number, unit = told
        count = int(number) if re.fullmatch(r"\d{1,18}", number) else 0
        if unit in _VAGUE:
            days, months = (max(count, 1) * size for size in _VAGUE[unit])
            why = f"it would be {days} days or another number of them: months differ in length"
            fix = f"OVER last_{days}d, or OVER calendar_{months}mo for whole months"
            raise self._refused(shown, why, fix, "INTERVAL")
        if unit not in _LENGTHS or (count == 0 and number != "0"):
            why = "a length of time is one whole number and one unit, microseconds to weeks"
            raise self._refused(shown, why, _LONG, "INTERVAL")
        return count * _LENGTHS[unit]

    def _rows(self, start: int | None, end: int) -> Window:
        if start is not None:
            return LastRows(start - max(end, 1) + 1, max(end, 1) - 1)
        if end == 0:
            return AllTime()
        why = "all but the latest rows is a window that no store can keep up to date"
        fix = f"ROWS BETWEEN {end + 999} PRECEDING AND {end} PRECEDING"
        raise self._refused(self._shown(), why, fix, "ROWS")

    def _excludes(self) -> bool:
        """Return whether the current row is excluded."""
        told = self.spec.args.get("exclude")
        word = str(getattr(told, "name", told) or "").upper()
        if word in _EXCLUDED:
            why, fix = _EXCLUDED[word]
            raise self._refused(f"EXCLUDE {word}", why, fix, "EXCLUDE")
        return word == "CURRENT ROW"

    def _shown(self) -> str:
        edges = []
        for side in ("start", "end"):
            found = self.spec.args.get(side) or "CURRENT ROW"
            words = found if isinstance(found, str) else self._spelled(found)
            edges.append(words if words == "CURRENT ROW" else f"{words} PRECEDING")
        return f"the frame {' AND '.join(edges)}"

    def _spelled(self, node: Any) -> str:
        if type(node).__name__ != "Interval":
            return self.text.source_of(node) or "this"
        unit = getattr(node.args.get("unit"), "name", "").upper()
        return f"INTERVAL '{getattr(node.this, 'this', '')}' {unit}".rstrip()

    def _refused(self, found: str, why: str, fix: str, word: str) -> FrameRefused:
        return FrameRefused(f"{found} is no window here", why, fix, self._place(word))

    def _place(self, word: str) -> Where | None:
        return self.text.after(word, self.over) or self.text.place(self.over)


def _number_and_unit(node: Any) -> tuple[str, str] | None:
    """Return the parts of ``INTERVAL '7' DAY`` or ``'7 days'::interval``; None for no interval."""
    if type(node).__name__ == "Interval":
        number, unit = (
            str(getattr(node.this, "this", "")),
            getattr(node.args.get("unit"), "name", ""),
        )
    elif type(node).__name__ == "Cast" and node.to.this.name == "INTERVAL":
        number, _, unit = str(getattr(node.this, "this", "")).strip().partition(" ")
    else:
        return None
    return number, unit.strip().upper().removesuffix("S")


def _times(start: int | None, end: int) -> Window:
    """Return the window from ``start`` to ``end`` back, both included, unless ``end`` is now."""
    offset = max(end, 1) - 1
    return AllTime(offset) if start is None else Rolling(start - offset, offset)


def frame_before(window: Window) -> str | None:
    """Return the frame before now that is ``window``, both edges counting; None: it has a name."""
    match window:
        case Rolling(length, offset) if _ends_at_an_edge(offset):
            return f"(RANGE BETWEEN {_back(length + offset)} AND {_back(offset + 1)})"
        case AllTime(offset) if _ends_at_an_edge(offset):
            return f"(RANGE BETWEEN UNBOUNDED PRECEDING AND {_back(offset + 1)})"
        case _:
            return None


def _ends_at_an_edge(offset: int) -> bool:
    return offset > 0 and (offset + 1) % _LENGTHS["SECOND"] == 0


def _back(length: int) -> str:
    """Return a length of time before now, in the largest unit that is exact, days at most."""
    whole = [unit for unit, size in _LENGTHS.items() if length % size == 0 and unit != "WEEK"]
    return f"INTERVAL '{length // _LENGTHS[whole[-1]]}' {whole[-1]} PRECEDING"


def frame_text(window: Window) -> str:
    """Return the frame that is ``window`` and the row in hand.

    Raises:
        ValueError: A window that no frame with the row in hand spells.
    """
    match window:
        case LastRows(count, 0):
            return f"(ROWS BETWEEN {count} PRECEDING AND CURRENT ROW)"
        case AllTime(0):
            return "(RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
        case Rolling(length, 0):
            return f"(RANGE BETWEEN {_back(length)} AND CURRENT ROW)"
        case _:
            msg = f"no frame is {window_name(window)} and the row in hand"
            raise ValueError(msg)
