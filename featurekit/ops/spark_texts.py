"""Texts, patterns and digests in Spark's words.

Spark counts characters by code point, as the language does. Its functions take INT where the
language has BIGINT, and its literals read a backslash as an escape: two stand for one.
"""

from __future__ import annotations

from collections.abc import Mapping

from featurekit.ops.gap import Gap
from featurekit.ops.strings import LONGEST
from featurekit.ops.text_case import TO_LOWER, TO_UPPER
from featurekit.ops.text_likeness import LONGEST_COMPARED

_MOST = 2147483647


def _letters(pairs: Mapping[int, int]) -> str:
    """Return the letters of a text mapped one by one: the engine's own follow its Unicode."""
    given = "".join(chr(code) for code in sorted(pairs))
    made = "".join(chr(pairs[ord(letter)]) for letter in given)
    return f"TRANSLATE({{x}}, '{given}', '{made}')"


def _cut(text: str, least: int = 0) -> str:
    return f"CAST(GREATEST(LEAST({text}, {_MOST}), {least}) AS INT)"


_START = _cut("{start}", 1)
_COUNT = _cut("CAST({start} AS DECIMAL(38,0)) + {count} - GREATEST({start}, 1)")


def _filled(function: str) -> str:
    size = _cut("{size}")
    return (
        f"CASE WHEN {{size}} BETWEEN 0 AND {LONGEST} THEN {function}({{x}}, {size}, {{fill}}) END"
    )


def _bucket(text: str) -> str:
    digits = f"SUBSTR(SHA2(CAST({{seed}} AS STRING) || ':' || {text}, 256), 1, 15)"
    return f"CAST(CONV({digits}, 16, 10) AS BIGINT) % {{n}}"


OPERATORS: Mapping[str, str | Gap | None] = {
    # texts
    **dict.fromkeys(("join_text", "concat")),
    "length": "CAST(LENGTH({x}) AS BIGINT)",
    "upper": _letters(TO_UPPER),
    "lower": _letters(TO_LOWER),
    "trim": "TRIM(BOTH ' ' FROM {x})",
    "trim_start": "TRIM(LEADING ' ' FROM {x})",
    "trim_end": "TRIM(TRAILING ' ' FROM {x})",
    "substring_from": f"CASE WHEN {{start}} IS NOT NULL THEN SUBSTR({{x}}, {_START}) END",
    "substring": (
        "CASE WHEN {count} >= 0 AND {start} IS NOT NULL"
        f" THEN SUBSTR({{x}}, {_START}, {_COUNT}) END"
    ),
    "left": f"CASE WHEN {{n}} >= 0 THEN LEFT({{x}}, {_cut('{n}')}) END",
    "right": f"CASE WHEN {{n}} >= 0 THEN RIGHT({{x}}, {_cut('{n}')}) END",
    "reverse": "REVERSE({x})",
    "repeat": f"CASE WHEN {{n}} BETWEEN 0 AND {LONGEST} THEN REPEAT({{x}}, {_cut('{n}')}) END",
    "pad_start": _filled("LPAD"),
    "pad_end": _filled("RPAD"),
    # one text in another
    "starts_with": "STARTSWITH({x}, {part})",
    "ends_with": "ENDSWITH({x}, {part})",
    "contains": None,
    "position": "CAST(INSTR({x}, {part}) AS BIGINT)",
    "replace": "REPLACE({x}, {old}, {new})",
    "split_part": (
        f"CASE WHEN {{n}} <> 0 THEN SPLIT_PART({{x}}, {{separator}}, {_cut('{n}', -_MOST)}) END"
    ),
    # nearly the same
    "ascii_fold": None,
    "levenshtein": (
        f"CASE WHEN LENGTH({{a}}) <= {LONGEST_COMPARED} AND LENGTH({{b}}) <= {LONGEST_COMPARED}"
        " THEN CAST(LEVENSHTEIN({a}, {b}) AS BIGINT) END"
    ),
    # patterns
    "like": r"{x} LIKE {pattern} ESCAPE '\\'",
    "regexp_matches": "REGEXP_LIKE({x}, {pattern})",
    "regexp_extract": (
        "CASE WHEN REGEXP_LIKE({x}, {pattern}) THEN REGEXP_EXTRACT({x}, {pattern}, {group}) END"
    ),
    "regexp_replace": (
        r"REGEXP_REPLACE({x}, {pattern}, REPLACE(REPLACE({new}, '\\', '\\\\'), '$', '\\$'))"
    ),
    # digests
    "md5": None,
    "sha256": "SHA2({x}, 256)",
    "hash_bucket": _bucket("{x}"),
    "hash_bucket_bigint": _bucket("CAST({x} AS STRING)"),
}
"""Words of each operator; None: DuckDB's mean the same here. Other operators are not tried yet."""
