"""REGEXP_MATCHES, REGEXP_EXTRACT and REGEXP_REPLACE: their arguments in the one form."""

from __future__ import annotations

import re
from collections.abc import Sequence

from featurekit import datatypes as types
from featurekit.errors import Where
from featurekit.errors.meaning import ConstantRefused
from featurekit.frontends.regular_expressions import PatternRefusedError, Rewritten, rewritten
from featurekit.ir.nodes import Expression, Literal

_MATCHES, _EXTRACT, _REPLACE = "REGEXP_MATCHES", "REGEXP_EXTRACT", "REGEXP_REPLACE"
EXPRESSIONS = {_MATCHES, _EXTRACT, _REPLACE}
_WITH_OPTION = 4


def one_expression(name: str, given: Sequence[Expression], where: Where | None) -> list[Expression]:
    """Return the arguments of ``name`` with the pattern written anew; as given where it is none.

    Raises:
        ConstantRefused: FK128, a pattern, group, replacement or option that engines read in
            different ways.
    """
    made = list(given)
    if name == _REPLACE and len(made) == _WITH_OPTION and made[3] == Literal("g", types.VARCHAR):
        made.pop()  # every match is replaced anyway
    pattern = made[1].value if len(made) > 1 and isinstance(made[1], Literal) else None
    if not isinstance(pattern, str):
        return made
    asked = _group(made) if name == _EXTRACT else 0
    try:
        found = rewritten(pattern, asked)
    except PatternRefusedError as refused:
        raise _refused(name, pattern, refused.why, refused.fix, where) from None
    made[1] = Literal(found.text, types.VARCHAR)
    if name != _MATCHES and found.ambiguous:
        why = "branches that begin alike: some engines take the first that fits, some the longest"
        raise _refused(name, pattern, why, "(?:ab?) in place of (?:a|ab)", where)
    if name == _EXTRACT:
        return _extracting(made, pattern, found, where)
    if name == _REPLACE:
        _check_replacing(made, pattern, found, where)
    return made


def _group(made: Sequence[Expression]) -> int:
    """Return the number of the group that is asked for, 0 where there is none to be read."""
    match made:
        case [_, _, Literal(int() as group), *_]:
            return max(group, 0)
        case _:
            return 0


def _extracting(
    made: list[Expression], pattern: str, found: Rewritten, where: Where | None
) -> list[Expression]:
    if len(made) == 2:  # noqa: PLR2004  without a group
        if found.groups:
            why = "without a number DuckDB answers the whole match, Spark the first group"
            fix = "REGEXP_EXTRACT(x, pattern, 1), or 0 for the whole match"
            raise _refused(_EXTRACT, pattern, why, fix, where)
        return [*made, Literal(0, types.BIGINT)]
    group = made[2].value if isinstance(made[2], Literal) else None
    if isinstance(group, int) and not 0 <= group <= found.groups:
        why = f"the pattern has {found.groups} groups"
        raise ConstantRefused(_EXTRACT, "group", group, why, "0 for the whole match", where)
    return [*made[:2], Literal(min(group, 1), types.BIGINT), *made[3:]] if group else made


def _check_replacing(
    made: list[Expression], pattern: str, found: Rewritten, where: Where | None
) -> None:
    if found.empty:
        why = "it fits the empty text, and engines put the replacement in different places"
        raise _refused(_REPLACE, pattern, why, "a+ in place of a*", where)
    new = made[2].value if len(made) > 2 and isinstance(made[2], Literal) else ""  # noqa: PLR2004  the replacement
    if isinstance(new, str) and re.search(r"\\|\$[0-9{]", new):
        why = "a replacement stands for itself; engines name groups in it by different signs"
        fix = "REGEXP_EXTRACT(x, pattern, 1) || 'text'"
        raise ConstantRefused(_REPLACE, "replacement", new, why, fix, where)


def _refused(name: str, pattern: str, why: str, fix: str, where: Where | None) -> ConstantRefused:
    return ConstantRefused(name, "pattern", pattern, why, fix, where)
