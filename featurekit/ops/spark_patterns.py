"""Regular expressions that Spark cannot be trusted with: Java's keeps a stack of what it repeats.

A group that varies (branches, parts that may be missing or longer) is entered anew for each time it
fits. After some 1,700 times the stack is full, and not the row but the whole process ends.
"""

from __future__ import annotations

import re

from featurekit.ops.gap import Gap

_TOKEN = re.compile(
    r"(?P<part>\\x[0-9a-f]{2}|\\.|\[(?:\\.|[^\]])*\])|(?P<open>\((?:\?:)?)|(?P<close>\))"
    r"|(?P<branch>\|)|(?P<times>[*+?]|\{\d+(?:,\d*)?\})|(?P<letter>.)",
    re.DOTALL,
)
_ENDLESS = re.compile(r"[*+]|\{\d+,\}")
_FIXED = re.compile(r"\{\d+\}")
DEEP = Gap(
    "Java's regular expressions run out of stack where a group with branches or parts of varying"
    " length is repeated without limit; write a limit: (?:[a-z]+,){0,100}"
)


def too_deep(pattern: str) -> Gap | None:
    """Return why Spark is not asked about ``pattern`` (of the one form), None where it is."""
    varies = [False]
    closed = False
    for token in _TOKEN.finditer(pattern):
        kind, sign = token.lastgroup, token[0]
        if kind == "times":
            if closed and _ENDLESS.fullmatch(sign):
                return DEEP
            varies[-1] |= not _FIXED.fullmatch(sign)
        elif kind == "branch":
            varies[-1] = True
        elif kind == "open":
            varies.append(False)
        closed = kind == "close" and varies.pop()
        varies[-1] |= closed
    return None
