"""Sets of characters in regular expressions, written so that every engine reads the same."""

from __future__ import annotations

from collections.abc import Iterable

Ranges = tuple[tuple[int, int], ...]
"""First and last code point of each run, ascending, with gaps between."""

LAST = 0x10FFFF
DIGITS: Ranges = ((48, 57),)
WORD: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
SPACES: Ranges = ((9, 10), (12, 13), (32, 32))
SHORTHANDS = {"d": DIGITS, "w": WORD, "s": SPACES}
CONTROLS = {"n": 10, "t": 9, "r": 13, "f": 12, "v": 11}
_CASES = ((65, 90, 32), (97, 122, -32))
_MEANT = frozenset("\\.+*?()|[]{}^$")


def joined(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Return the ranges in order, those that touch as one."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def others(ranges: Ranges) -> Ranges:
    """Return every character that is not in ``ranges``."""
    found: list[tuple[int, int]] = []
    start = 0
    for first, last in joined(ranges):
        if start < first:
            found.append((start, first - 1))
        start = last + 1
    return (*found, (start, LAST)) if start <= LAST else tuple(found)


def overlap(one: Ranges, other: Ranges) -> bool:
    """Whether a character is in both."""
    return any(a <= d and c <= b for a, b in one for c, d in other)


def both_cases(ranges: Ranges) -> Ranges:
    """Return ``ranges`` with the other case of each ASCII letter in them."""
    turned = [
        (max(first, low) + shift, min(last, high) + shift)
        for first, last in ranges
        for low, high, shift in _CASES
        if first <= high and low <= last
    ]
    return joined((*ranges, *turned))


def set_text(ranges: Ranges) -> str:
    """Return the set as a regular expression: one character, or an explicit class."""
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        return letter_text(ranges[0][0])
    negated = bool(ranges) and ranges[-1][1] == LAST
    shown = others(ranges) if negated else ranges
    parts = (
        _in_class(first) if first == last else f"{_in_class(first)}-{_in_class(last)}"
        for first, last in shown
    )
    return f"[{'^' if negated else ''}{''.join(parts)}]"


def letter_text(code: int) -> str:
    """Return one character as a regular expression."""
    letter = chr(code)
    if letter == "\\" or code < 32 or code == 127:  # noqa: PLR2004  control characters
        return f"\\x{code:02x}"
    return f"\\{letter}" if letter in _MEANT else letter


def _in_class(code: int) -> str:
    plain = code > 127 or chr(code).isalnum() or code == 95  # noqa: PLR2004  ASCII, underscore
    return chr(code) if plain else f"\\x{code:02x}"
