r"""Regular expressions every engine reads alike: RE2's language without what differs.

An author's pattern is read and written anew: classes explicit and of ASCII, anchors ``\A`` and
``\z``, groups that nobody asks for not counted. What engines read differently, and what Python
would take ages over, is refused with what to write instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import combinations

from featurekit.frontends import regular_sets as sets
from featurekit.frontends.regular_sets import Ranges, joined, overlap

MOST_REPEATED = 1000
MOST_ALIKE = 3
_QUANTIFIER = re.compile(r"[*+?]|\{(\d{1,4})(,(\d{0,4}))?\}")


class PatternRefusedError(ValueError):
    """Why a pattern is refused, and what to write instead."""

    def __init__(self, why: str, fix: str) -> None:
        super().__init__(why)
        self.why, self.fix = why, fix


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a pattern, and what must be known to put it into a larger one.

    Attributes:
        text: The part, written anew.
        empty: Whether it fits the empty text.
        first: What may be its first character.
        every: Every character in it.
        letters: The set of each character, where it has a fixed number of them.
        loops: How many of its parts are repeated without a fixed count.
        twice: Whether one text may fit in two ways.
        ambiguous: Whether it matters which of its branches is tried first.
        counted: Whether the group that is asked for stands in it.
        marked: Whether its first or last character tells where it begins or ends.
        size: How many characters it has with all repetitions written out.
    """

    text: str = ""
    empty: bool = True
    first: Ranges = ()
    every: Ranges = ()
    letters: tuple[Ranges, ...] | None = ()
    loops: int = 0
    twice: bool = False
    ambiguous: bool = False
    counted: bool = False
    marked: bool = False
    size: int = 0


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A pattern in the one form, with what the functions that use it ask about."""

    text: str
    empty: bool
    ambiguous: bool
    groups: int


def rewritten(pattern: str, group: int = 0) -> Rewritten:
    """Return ``pattern`` in the one form, in which only ``group`` is counted, if that is not 0.

    Raises:
        PatternRefusedError: What engines read differently.
    """
    reader = _Reader(pattern, group)
    part = reader.alternatives()
    if not reader.done:
        raise PatternRefusedError("a ) closes no group", "\\) for the character")
    return Rewritten(part.text, part.empty, part.ambiguous, reader.groups)


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str, group: int) -> None:
        self._fold = pattern.startswith("(?i)")
        self._text = pattern[4:] if self._fold else pattern
        self._at = 0
        self._group = group
        self._depth = 0
        self.groups = 0

    @property
    def done(self) -> bool:
        return self._at >= len(self._text)

    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def _taken(self, word: str) -> bool:
        found = self._text.startswith(word, self._at)
        self._at += len(word) if found else 0
        return found

    def alternatives(self) -> Part:
        branches = [self._sequence()]
        while self._taken("|"):
            branches.append(self._sequence())
        return branches[0] if len(branches) == 1 else _one_of(branches)

    def _sequence(self) -> Part:
        parts: list[Part] = []
        while not self.done and self._next() not in "|)":
            parts.append(self._repeated(self._atom()))
        return _in_order(parts)

    def _repeated(self, part: Part) -> Part:
        found = _QUANTIFIER.match(self._text, self._at)
        if not found:
            return part
        self._at = found.end()
        sign = found[0]
        least = {"*": 0, "+": 1, "?": 0}.get(sign, int(found[1] or 0))
        most = {"*": None, "+": None, "?": 1}.get(sign, least)
        if found[2]:
            most = int(found[3]) if found[3] else None
        lazy = "?" if self._taken("?") else ""
        if _QUANTIFIER.match(self._text, self._at):
            raise PatternRefusedError("two signs of repetition in a row", "(?:a+)? or one of them")
        return _times(part, f"{sign}{lazy}", least, most)

    def _atom(self) -> Part:
        letter = self._next()
        self._at += 1
        match letter:
            case "(":
                return self._grouped()
            case "[":
                return self._class()
            case "\\":
                return self._escaped()
            case ".":
                return _single(sets.others(((10, 10),)))
            case "^" | "$":
                return Part("\\A" if letter == "^" else "\\z", letters=None)
            case "*" | "+" | "?" | "{":
                why = f"{letter} repeats nothing here, or not by a count"
                raise PatternRefusedError(why, f"\\{letter} for the character, a{{2,5}} to repeat")
            case _:
                return _single(self._folded(((ord(letter), ord(letter)),)))

    def _grouped(self) -> Part:
        plain = self._taken("?:")
        if self._next() == "?" and not plain:
            why = "only (?: is a group that every engine has: no look-around, names or flags inside"
            raise PatternRefusedError(why, "(...), (?:...), or (?i) at the very beginning")
        counted = False
        if not plain:
            self.groups += 1
            counted = self.groups == self._group
        self._depth += 1
        if self._depth > 20:  # noqa: PLR2004  deeper than any pattern one can read
            raise PatternRefusedError("groups stand in groups 20 deep", "a shorter pattern")
        part = self.alternatives()
        self._depth -= 1
        if not self._taken(")"):
            raise PatternRefusedError("a ( is never closed", "\\( for the character")
        opening = "(" if counted else "(?:"
        return replace(part, text=f"{opening}{part.text})", counted=part.counted or counted)

    def _escaped(self) -> Part:
        letter = self._next()
        if letter and letter in "Az":
            self._at += 1
            return Part(f"\\{letter}", letters=None)
        return _single(self._escape())

    def _escape(self) -> Ranges:
        letter = self._next()
        self._at += 1
        if letter.lower() in sets.SHORTHANDS and letter:
            chosen = sets.SHORTHANDS[letter.lower()]
            return chosen if letter.islower() else sets.others(chosen)
        if letter in sets.CONTROLS:
            return ((sets.CONTROLS[letter],) * 2,)
        if letter == "x" and (found := re.compile("[0-9a-fA-F]{2}").match(self._text, self._at)):
            self._at = found.end()
            return self._folded(((int(found[0], 16),) * 2,))
        if letter.isascii() and letter.isprintable() and letter and not letter.isalnum():
            return ((ord(letter),) * 2,)
        if letter.isdigit():
            raise PatternRefusedError("RE2 has no back references", "compare two extracts")
        if letter in {"b", "B"}:
            why = "a word's edge depends on each engine's idea of letters"
            raise PatternRefusedError(why, "(?:^|[^0-9A-Za-z_])word")
        why = f"\\{letter} means different things, or nothing"
        raise PatternRefusedError(why, "\\d \\w \\s \\n \\t \\xHH, or $ for the end")

    def _class(self) -> Part:
        negated = self._taken("^")
        found: list[tuple[int, int]] = []
        while not self._taken("]"):
            first = self._member()
            if self._next() == "-" and self._text[self._at + 1 : self._at + 2] not in {"]", ""}:
                self._at += 1
                last = self._member()
                if not _is_letter(first) or not _is_letter(last) or first > last:
                    raise PatternRefusedError("a range runs backwards or has no end", "[a-z]")
                found.append((first[0][0], last[0][0]))
            else:
                found += first
        if not found:
            raise PatternRefusedError("a class without characters", "\\] for the character")
        chosen = self._folded(joined(found))
        return _single(sets.others(chosen) if negated else chosen)

    def _member(self) -> Ranges:
        letter = self._next()
        if not letter or letter == "[" or self._text.startswith("&&", self._at):
            why = "in a class [ and && mean different things; POSIX classes are not everywhere"
            raise PatternRefusedError(why, "[a-z], [0-9], \\[ for the character")
        self._at += 1
        if letter != "\\":
            return ((ord(letter),) * 2,)
        if self._next() in {"D", "W", "S"}:
            raise PatternRefusedError("a negated class inside a class", "[^...] around it all")
        return self._escape()

    def _folded(self, ranges: Ranges) -> Ranges:
        if not self._fold:
            return joined(ranges)
        if any(last > 127 for _, last in ranges):  # noqa: PLR2004  the last of ASCII
            why = "(?i) knows the case of ASCII letters only"
            raise PatternRefusedError(why, "REGEXP_MATCHES(LOWER(x), '...') with small letters")
        return sets.both_cases(ranges)


def _is_letter(ranges: Ranges) -> bool:
    return len(ranges) == 1 and ranges[0][0] == ranges[0][1]


def _single(ranges: Ranges) -> Part:
    text = sets.set_text(ranges)
    return Part(text, empty=False, first=ranges, every=ranges, letters=(ranges,), size=1)


def _in_order(parts: list[Part]) -> Part:
    first: Ranges = ()
    for part in parts:
        first = joined((*first, *part.first))
        if not part.empty:
            break
    letters: tuple[Ranges, ...] | None = ()
    for part in parts:
        letters = None if letters is None or part.letters is None else letters + part.letters
    _check_work(parts)
    ends = [(parts[0], parts[1:]), (parts[-1], parts[:-1])] if len(parts) > 1 else []
    return Part(
        "".join(part.text for part in parts),
        all(part.empty for part in parts),
        first,
        joined(run for part in parts for run in part.every),
        letters,
        sum(part.loops for part in parts),
        any(part.twice for part in parts),
        any(part.ambiguous for part in parts),
        any(part.counted for part in parts),
        any(_marks(end, rest) for end, rest in ends),
        sum(part.size for part in parts),
    )


def _check_work(parts: list[Part]) -> None:
    """Refuse what fits one text in very many ways: Python tries them all, one after the other."""
    repeated = [part for part in parts if part.loops]
    for part in repeated:
        alike = sum(other.loops for other in repeated if overlap(part.every, other.every))
        if alike > MOST_ALIKE:
            why = f"more than {MOST_ALIKE} repetitions can fit the same characters"
            raise PatternRefusedError(why, "a{0,4} in place of a?a?a?a?, or [^,]*,[^,]*")


def _marks(end: Part, rest: list[Part]) -> bool:
    alone = end.letters is not None and len(end.letters) == 1
    return alone and not any(overlap(end.first, part.every) for part in rest)


def _one_of(branches: list[Part]) -> Part:
    if any(branch.counted for branch in branches):
        why = "the group that is asked for may take no part in the match"
        raise PatternRefusedError(why, "one REGEXP_EXTRACT for each branch, in a COALESCE")
    pairs = list(combinations(branches, 2))
    return Part(
        "|".join(branch.text for branch in branches),
        any(branch.empty for branch in branches),
        joined(run for branch in branches for run in branch.first),
        joined(run for branch in branches for run in branch.every),
        None,
        sum(branch.loops for branch in branches),
        any(branch.twice for branch in branches) or any(not _apart(*pair) for pair in pairs),
        any(branch.ambiguous for branch in branches)
        or any(not _apart(*pair) and not _as_long(*pair) for pair in pairs),
        size=sum(branch.size for branch in branches),
    )


def _apart(one: Part, other: Part) -> bool:
    """Whether no text begins as both branches do."""
    if one.letters is None or other.letters is None:
        return not one.empty and not other.empty and not overlap(one.first, other.first)
    pairs = zip(one.letters, other.letters, strict=False)
    return any(not overlap(a, b) for a, b in pairs)


def _as_long(one: Part, other: Part) -> bool:
    known = one.letters is not None and other.letters is not None
    return known and len(one.letters or ()) == len(other.letters or ())


def _times(part: Part, sign: str, least: int, most: int | None) -> Part:
    if part.counted:
        why = "the group that is asked for is repeated or may be missing"
        raise PatternRefusedError(why, "(?:...)+ inside the group: ((?:ab)+)")
    if part.empty:
        why = "what is repeated may be empty, and engines then stop at different places"
        raise PatternRefusedError(why, "(?:a+)? in place of (?:a*)?")
    if most != 1 and (part.twice or (part.loops and not (part.loops == 1 and part.marked))):
        why = "a repetition of a repetition can fit in so many ways that serving would hang"
        raise PatternRefusedError(why, "one sign of repetition: [ab]+ in place of (?:a+|b)+")
    size = part.size * (most or max(least, 1))
    if (most is not None and most < least) or size > MOST_REPEATED:
        why = f"it runs backwards, or to more than {MOST_REPEATED} characters written out"
        raise PatternRefusedError(why, "a{2,5}, or a* without a limit")
    fixed = least == most and part.letters is not None
    return Part(
        part.text + sign,
        least == 0,
        part.first,
        part.every,
        (part.letters or ()) * least if fixed else None,
        part.loops + (least != most),
        part.twice,
        part.ambiguous,
        size=size,
    )
