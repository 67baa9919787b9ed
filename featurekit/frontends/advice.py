"""What to write instead of a call that nothing fits: the author's own words, made to fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from featurekit import datatypes as types
from featurekit.datatypes import DataType, Kind
from featurekit.errors.meaning import ConstantRefused, TooManyDigits
from featurekit.ops import BY_SURFACE, bind
from featurekit.ops.cases import Case
from featurekit.ops.parameters import Parameter

_TARGETS = (
    *(types.DOUBLE, types.VARCHAR, types.TIMESTAMP, types.DATE),
    *(types.BOOLEAN, types.BIGINT),
)
_NEVER = {Kind.NULL, Kind.LIST}
_BETWEEN = {"LIKE", "ILIKE"}
"""Functions that are written between their arguments."""
_TIMES = {Kind.DATE, Kind.TIMESTAMP}


def cast_that_fits(
    given: Sequence[DataType], words: Sequence[str], fits: Callable[[list[DataType]], bool]
) -> str:
    """Return the one argument as CAST makes it fit, or the empty string.

    Args:
        given: The arguments' types.
        words: The author's spelling of each.
        fits: Whether the call takes such types.
    """
    for target in _TARGETS:
        for place, word in enumerate(words[: len(given)]):
            kind = given[place]
            if not word or _constant_already(word) or kind.kind in _NEVER | {target.kind}:
                continue
            cast = BY_SURFACE.get(f"CAST {target.kind}") and bind(f"CAST {target.kind}", [kind])
            if cast and _fits(fits, [*given[:place], target, *given[place + 1 :]]):
                return f"CAST({word} AS {target})"
    return ""


def _fits(fits: Callable[[list[DataType]], bool], kinds: list[DataType]) -> bool:
    try:
        return fits(kinds)
    except (ConstantRefused, TooManyDigits):
        return False


def with_constant(
    name: str, parameters: Sequence[Parameter], cases: Sequence[Case], words: Sequence[str]
) -> str:
    """Return the call with a constant of the operator's own cases where one must stand, or ``""``.

    ``words`` are the author's arguments; those where a constant may stand are replaced.
    """
    examples = [case.arguments for case in cases if len(case.arguments) >= len(parameters)]
    if not examples or len(words) != len(parameters):
        return ""
    made = list(words)
    for place, parameter in enumerate(parameters):
        if parameter.constant:
            shown = _constant(examples[0][place])
            if not shown:
                return ""
            made[place] = words[place] if _constant_already(words[place]) else shown
    return f" {name} ".join(made) if name in _BETWEEN else f"{name}({', '.join(made)})"


def _constant(value: object) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value) if type(value) in {int, float} else ""


def _constant_already(word: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?|'[^']*'", word) is not None


def in_own_words(fix: str, words: Sequence[str]) -> str:
    """Return ``LAG(x, 3)`` with the author's first argument for x."""
    if not words or not words[0]:
        return fix
    return re.sub(r"(?<=\()x\b", lambda _: words[0], fix)


def of_types(surface: str, given: Sequence[DataType], words: Sequence[str]) -> str:
    """Return what to write instead of an operator that does not take such types, or ``""``."""
    kinds = [one.kind for one in given]
    a, b = (words[place] if len(words) > place else name for place, name in enumerate("ab"))
    if Kind.LIST in kinds:
        return "LAST(x), LAG(x, 2) or MODE(x): one value; a list goes out as it is"
    if surface == "-" and len(given) == 2 and set(kinds) <= _TIMES:  # noqa: PLR2004  a - b
        return f"ELAPSED('hour', {b}, {a}), or DAYS_BETWEEN({b}, {a})"
    if surface in {"+", "-"} and set(kinds) & _TIMES:
        moment, other = (a, b) if kinds[0] in _TIMES else (b, a)
        return f"{moment} {surface} INTERVAL '{other if other.isdecimal() else 1}' DAY"
    if surface == "+" and set(kinds) == {Kind.VARCHAR}:
        return f"{a} || {b}"
    if surface == "CAST VARCHAR":
        x = words[0] if words else "x"
        return f"CAST(CAST({x} AS DECIMAL(18, 2)) AS VARCHAR)   -- a float has no one spelling"
    return ""
