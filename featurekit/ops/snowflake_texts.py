"""Texts, and casts from and to them, in Snowflake's words.

Snowflake counts characters by code point, as the language does. Its literals read a backslash as an
escape: two stand for one. Its regular expressions fit the whole text.
"""

from __future__ import annotations

from collections.abc import Mapping

from featurekit.ops.casts_from_text import FALSE_WORDS, TRUE_WORDS
from featurekit.ops.gap import Gap
from featurekit.ops.snowflake_numbers import BITS
from featurekit.ops.strings import LONGEST
from featurekit.ops.text_case import TO_LOWER, TO_UPPER
from featurekit.ops.text_likeness import LONGEST_COMPARED

_MOST = 134217728
"""No text there has more characters."""


def letters(pairs: Mapping[int, int]) -> str:
    """Return the letters of a text mapped one by one: the engine's own follow its Unicode."""
    given = "".join(chr(code) for code in sorted(pairs))
    made = "".join(chr(pairs[ord(letter)]) for letter in given)
    return f"TRANSLATE({{x}}, '{given}', '{made}')"


def _cut(text: str, least: int = 0) -> str:
    return f"GREATEST(LEAST({text}, {_MOST}), {least})"


def _filled(function: str) -> str:
    return (
        f"CASE WHEN {{size}} NOT BETWEEN 0 AND {LONGEST} THEN NULL"
        " WHEN {fill} = '' THEN LEFT({x}, {size})"
        f" ELSE {function}({{x}}, {{size}}, {{fill}}) END"
    )


def _bucket(text: str) -> str:
    digits = f"SUBSTR(SHA2(CAST({{seed}} AS VARCHAR) || ':' || {text}, 256), 1, 15)"
    return f"MOD(TO_NUMBER({digits}, '{'X' * 15}'), {{n}})"


_TRIMMED = "TRIM({a}, ' ')"
_PLACE = "CASE WHEN {part} = '' AND {x} IS NOT NULL THEN 1 ELSE POSITION({part}, {x}) END"
_NUMBER = f"TRY_CAST(LTRIM({_TRIMMED}, '+') AS NUMBER(38,0))"

OPERATORS: Mapping[str, str | Gap | None] = {
    # casts
    "text_to_bigint": (
        f"CASE WHEN REGEXP_LIKE({_TRIMMED}, '[+-]?[0-9]{{{{1,30}}}}') AND {_NUMBER} {BITS}"
        f" THEN {_NUMBER} END"
    ),
    "text_to_boolean": (
        f"CASE WHEN {letters(TO_LOWER).format(x=_TRIMMED)} IN {TRUE_WORDS} THEN TRUE"
        f" WHEN {letters(TO_LOWER).format(x=_TRIMMED)} IN {FALSE_WORDS} THEN FALSE END"
    ),
    "text_to_date": (
        f"CASE WHEN REGEXP_LIKE({_TRIMMED}, '[0-9]{{{{4}}}}-[0-9]{{{{2}}}}-[0-9]{{{{2}}}}')"
        f" AND NOT STARTSWITH({_TRIMMED}, '0000') THEN TRY_TO_DATE({_TRIMMED}, 'YYYY-MM-DD') END"
    ),
    "bigint_to_text": "CAST({a} AS VARCHAR)",
    "date_to_text": "TO_CHAR({a}, 'YYYY-MM-DD')",
    "timestamp_to_text": "TO_CHAR({a}, 'YYYY-MM-DD HH24:MI:SS.FF6')",
    **dict.fromkeys(("boolean_to_text", "text_to_text")),
    # texts
    **dict.fromkeys(("join_text", "concat", "trim", "trim_start", "trim_end")),
    "length": "LENGTH({x})",
    "upper": letters(TO_UPPER),
    "lower": letters(TO_LOWER),
    "substring_from": f"SUBSTR({{x}}, {_cut('{start}', 1)})",
    "substring": (
        "CASE WHEN {count} >= 0 AND {start} IS NOT NULL"
        f" THEN SUBSTR({{x}}, {_cut('{start}', 1)}, {_cut('{count} + LEAST({start}, 1) - 1')}) END"
    ),
    "left": f"CASE WHEN {{n}} >= 0 THEN LEFT({{x}}, {_cut('{n}')}) END",
    "right": f"CASE WHEN {{n}} >= 0 THEN RIGHT({{x}}, {_cut('{n}')}) END",
    "reverse": "REVERSE({x})",
    "repeat": None,
    "pad_start": _filled("LPAD"),
    "pad_end": _filled("RPAD"),
    # one text in another
    "starts_with": "STARTSWITH({x}, {part})",
    "ends_with": "ENDSWITH({x}, {part})",
    "contains": "CONTAINS({x}, {part})",
    "position": _PLACE,
    "replace": None,
    "split_part": (
        "CASE WHEN {n} = 0 THEN NULL WHEN {separator} = '' THEN"
        " CASE WHEN {n} IN (1, -1) THEN {x} WHEN {x} IS NOT NULL AND {n} IS NOT NULL THEN '' END"
        f" ELSE SPLIT_PART({{x}}, {{separator}}, {_cut('{n}', -_MOST)}) END"
    ),
    "ascii_fold": None,
    "levenshtein": (
        f"CASE WHEN LENGTH({{a}}) <= {LONGEST_COMPARED} AND LENGTH({{b}}) <= {LONGEST_COMPARED}"
        " THEN EDITDISTANCE({a}, {b}) END"
    ),
    "like": r"{x} LIKE {pattern} ESCAPE '\\'",
    # digests
    "md5": "MD5({x})",
    "sha256": "SHA2({x}, 256)",
    "hash_bucket": _bucket("{x}"),
    "hash_bucket_bigint": _bucket("CAST({x} AS VARCHAR)"),
}
"""Words of each operator; None: DuckDB's mean the same there. Others are not claimed."""
