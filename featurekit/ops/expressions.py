r"""Regular expressions: patterns that are fixed when the view is defined.

In the table a pattern has one form, which front ends bring it into: explicit classes of ASCII,
``\A`` and ``\z``, a backslash as ``\x5c``, and no group counted but the one that is asked for.
"""

from __future__ import annotations

import re

from featurekit.ops.operator import ConstantInt, ConstantText, operator


def in_python(pattern: str) -> str:
    r"""Return a pattern of the one form as Python writes it: the end of the text is ``\Z``."""
    return pattern.replace("\\z", "\\Z")


@operator(
    "REGEXP_MATCHES",
    polars=lambda pl, x, pattern: x.str.contains(pattern),
    sql="regexp_matches({x}, {pattern})",
)
def regexp_matches(x: str, pattern: ConstantText) -> bool:
    r"""Return whether the pattern fits somewhere in the text; ^ and $ tie it to the ends.

    RE2's language, where all engines read it alike: \d, \w and \s are of ASCII, a dot is any
    character but the end of a line, ^ and $ are the ends of the whole text.

    Cases:
        regexp_matches("order 66", "[0-9]+") = true
        regexp_matches("order", "\\A[0-9]+\\z") = false
        regexp_matches("12\n", "\\A[0-9]+\\z") = false
        regexp_matches("a\\b", "a\\x5cb") = true
        regexp_matches("é😀", "\\A[^\\x0a][^\\x0a]\\z") = true
        regexp_matches("tables", "(?:cat|table)s?\\z") = true
        regexp_matches(null, "a") = null
    """
    return re.search(in_python(pattern), x) is not None


@operator(
    "REGEXP_EXTRACT",
    polars=lambda pl, x, pattern, group: x.str.extract(pattern, group),
    sql=(
        "CASE WHEN regexp_matches({x}, {pattern}) THEN regexp_extract({x}, {pattern}, {group}) END"
    ),
)
def regexp_extract(x: str, pattern: ConstantText, group: ConstantInt) -> str | None:
    r"""Return the first match of the pattern, or the group of it; null where there is none.

    Cases:
        regexp_extract("order 66, 67", "[0-9]+", 0) = "66"
        regexp_extract("a@example.com", "@([a-z]+)", 1) = "example"
        regexp_extract("abc", "b*\\z", 0) = ""
        regexp_extract("abc", "[0-9]", 0) = null
        regexp_extract(null, "a", 0) = null
    """
    found = re.search(in_python(pattern), x)
    return None if found is None else found[group]


@operator(
    "REGEXP_REPLACE",
    polars=lambda pl, x, pattern, new: x.str.replace_all(pattern, new.replace("$", "$$")),
    sql=r"regexp_replace({x}, {pattern}, replace({new}, '\', '\\'), 'g')",
)
def regexp_replace(x: str, pattern: ConstantText, new: ConstantText) -> str:
    r"""Return the text with every match of the pattern replaced by ``new``, which is plain text.

    Cases:
        regexp_replace("a1b22", "[0-9]+", "#") = "a#b#"
        regexp_replace("a  b ", "[\\x20]+", "") = "ab"
        regexp_replace("abc", "b", "$1\\1") = "a$1\\1c"
        regexp_replace("aaa", "\\Aa", "b") = "baa"
        regexp_replace(null, "a", "b") = null
    """
    return re.sub(in_python(pattern), new.replace("\\", "\\\\"), x)
