"""Regular expressions as PostgreSQL reads them, and those that it does not.

Whether a text fits does not depend on which way is tried first, so matching means the same there.
What is found does: PostgreSQL takes the longest of several ways, the language the first, so that
nothing is extracted or replaced there.
"""

from __future__ import annotations

import re

from featurekit.ops.gap import Gap

_MOST = 255
_TOKEN = re.compile(r"\\x(?P<code>[0-9a-f]{2})|\\(?P<meant>.)", re.DOTALL)
_BOUND = re.compile(r"\\.|\[(?:\\.|[^\]])*\]|\{(?P<least>\d+)(?:,(?P<most>\d*))?\}", re.DOTALL)
LONGEST = Gap(
    "PostgreSQL finds the longest of several ways to fit, the language the first; whether a text"
    " fits is said there: REGEXP_MATCHES"
)
OFTEN = Gap(f"PostgreSQL's regular expressions repeat a part at most {_MOST} times")
NUL = Gap("no text in PostgreSQL holds the character U+0000")


def refused(pattern: str) -> Gap | None:
    """Return why PostgreSQL is not asked about ``pattern`` (of the one form), None where it is."""
    if any(found["code"] == "00" for found in _TOKEN.finditer(pattern)):
        return NUL
    bounds = [found for found in _BOUND.finditer(pattern) if found["least"]]
    counts = [int(count or 0) for found in bounds for count in (found["least"], found["most"])]
    return OFTEN if any(count > _MOST for count in counts) else None


def in_postgres(pattern: str) -> str:
    """Return ``pattern`` (of the one form) so that PostgreSQL reads it alike.

    Its hexadecimal codes end where the digits do, and the end of the text is another letter.
    """

    def said(found: re.Match[str]) -> str:
        if found["code"]:
            return f"\\u00{found['code']}"
        return r"\Z" if found["meant"] == "z" else found[0]

    return _TOKEN.sub(said, pattern)
