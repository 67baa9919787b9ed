"""What a misspelt window or length of time plainly says; where its meaning is in doubt, nothing.

A window is its meaning: a suggestion of another length, or of months for minutes, would be pasted
and believed. So the number and the unit are read, and only spellings of the same pair are offered.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher, get_close_matches

from featurekit.ir.windows import UNITS, parse_window

_WORDS = {
    "s": "s sec secs second seconds",
    "m": "m min mins minute minutes",
    "h": "h hr hrs hour hours",
    "d": "d day days",
    "w": "w wk wks week weeks",
}
_UNITS = {word: unit for unit, words in _WORDS.items() for word in words.split()}
_CALENDAR = {word: unit for word, unit in _UNITS.items() if unit in {"d", "w"}}
_CALENDAR |= dict.fromkeys(("mo", "mon", "month", "months"), "mo")
_NAMED = {
    "today": "today",
    "weektodate": "week_to_date",
    "monthtodate": "month_to_date",
    "yeartodate": "year_to_date",
    "alltime": "all_time",
    "wtd": "week_to_date",
    "mtd": "month_to_date",
    "ytd": "year_to_date",
}
_SAME_WORD, _SAME_NAME = 0.75, 0.9


def length_of(text: str) -> int | None:
    """Return the microseconds of ``90m``, ``6h``, ``7d``, ``2w``; None for what is no length."""
    found = re.fullmatch(r"([1-9]\d{0,8})([smhdw])", text.strip().lower())
    return int(found[1]) * UNITS[found[2]] if found else None


def length_meant(text: str) -> str:
    """Return ``3h`` for ``3 hours``; months and years have no fixed length, so nothing for them."""
    found = re.fullmatch(r"([1-9]\d{0,8})[ _-]*([a-z]+)\.?", text.strip().lower())
    unit = _UNITS.get(found[2], "") if found else ""
    return f"{found[1]}{unit}" if found and unit else ""


def window_meant(name: str) -> str:
    """Return the window that ``name`` spells in other words, or the empty string."""
    one_length = r"(\d+)_?([a-z]+?)"
    words = f"([a-z]+?)_?{one_length}(?:_?(before|after)_?{one_length})?"
    if found := re.fullmatch(words, name.lower()):
        meant = _counted(*found.groups())
    else:
        near = get_close_matches(name.lower().replace("_", ""), _NAMED, n=1, cutoff=_SAME_NAME)
        meant = _NAMED[near[0]] if near else ""
    return meant if parse_window(meant) else ""


def _counted(
    head: str, count: str, unit: str, side: str | None, offset: str | None, offset_unit: str | None
) -> str:
    apart = f"_{side}_{offset}{_UNITS.get(offset_unit or '', '?')}" if offset else ""
    if _like(head, "calendar"):
        return f"calendar_{count}{_CALENDAR.get(unit, '?')}"
    if _like(head, "next"):
        return f"next_{count}{_UNITS.get(unit, '?')}{apart}"
    if not _like(head, "last"):
        return ""
    if unit in {"row", "rows"}:
        return f"last_{count}_rows"
    return f"last_{count}{_UNITS.get(unit, '?')}{apart}"


def _like(head: str, word: str) -> bool:
    return SequenceMatcher(None, head, word).ratio() >= _SAME_WORD
