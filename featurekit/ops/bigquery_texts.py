"""Texts, and casts from and to them, in BigQuery's words.

BigQuery counts characters by code point, as the language does, and its regular expressions are
RE2's, as DuckDB's. LIKE there has no ESCAPE: a backslash is the escape.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from featurekit.ops.casts_from_text import FALSE_WORDS, TRUE_WORDS
from featurekit.ops.gap import Gap
from featurekit.ops.snowflake_texts import letters
from featurekit.ops.strings import LONGEST
from featurekit.ops.text_case import TO_LOWER, TO_UPPER
from featurekit.ops.text_likeness import LONGEST_COMPARED

_LEAST = -(2**63) + 1
_ESCAPED = re.compile(r"(?:[^\\]|\\[\\%_])*", re.DOTALL)


def escapes_more(pattern: str) -> Gap | None:
    """Return why a LIKE pattern is refused: what a backslash before other letters means there."""
    if _ESCAPED.fullmatch(pattern):
        return None
    return Gap("BigQuery says what a backslash means before %, _ and itself only")


def _filled(function: str) -> str:
    return (
        f"CASE WHEN {{size}} NOT BETWEEN 0 AND {LONGEST} THEN NULL"
        " WHEN {fill} = '' THEN LEFT({x}, {size})"
        f" ELSE {function}({{x}}, {{size}}, {{fill}}) END"
    )


def _bucket(text: str) -> str:
    digest = f"TO_HEX(SHA256(CONCAT(CAST({{seed}} AS STRING), ':', {text})))"
    return f"MOD(CAST(CONCAT('0x', SUBSTR({digest}, 1, 15)) AS INT64), {{n}})"


_TRIMMED = "TRIM({a}, ' ')"
_LETTERS = letters(TO_LOWER).format(x=_TRIMMED)
_COUNT = f"GREATEST({{count}} + (GREATEST(LEAST({{start}}, 1), {_LEAST}) - 1), 0)"
_PLACE = "CASE WHEN {part} = '' AND {x} IS NOT NULL THEN 1 ELSE STRPOS({x}, {part}) END"
_SPLIT = "SPLIT({x}, {separator})"
_NTH = f"CASE WHEN {{n}} > 0 THEN {{n}} ELSE ARRAY_LENGTH({_SPLIT}) + 1 + {{n}} END"

OPERATORS: Mapping[str, str | Gap | None] = {
    # casts
    "text_to_bigint": (
        f"CASE WHEN REGEXP_CONTAINS({_TRIMMED}, '^[+-]?[0-9]{{{{1,30}}}}$')"
        f" THEN SAFE_CAST(LTRIM({_TRIMMED}, '+') AS INT64) END"
    ),
    "text_to_boolean": (
        f"CASE WHEN {_LETTERS} IN {TRUE_WORDS} THEN TRUE"
        f" WHEN {_LETTERS} IN {FALSE_WORDS} THEN FALSE END"
    ),
    "text_to_date": (
        f"CASE WHEN REGEXP_CONTAINS({_TRIMMED}, '^[0-9]{{{{4}}}}-[0-9]{{{{2}}}}-[0-9]{{{{2}}}}$')"
        f" AND NOT STARTS_WITH({_TRIMMED}, '0000') THEN SAFE_CAST({_TRIMMED} AS DATE) END"
    ),
    "bigint_to_text": "CAST({a} AS STRING)",
    "date_to_text": "CAST({a} AS STRING)",
    "timestamp_to_text": "FORMAT_DATETIME('%E4Y-%m-%d %H:%M:%E6S', {a})",
    **dict.fromkeys(("boolean_to_text", "text_to_text")),
    # texts
    **dict.fromkeys(("join_text", "concat", "trim", "trim_start", "trim_end")),
    "length": "LENGTH({x})",
    "upper": letters(TO_UPPER),
    "lower": letters(TO_LOWER),
    "substring_from": "SUBSTR({x}, GREATEST({start}, 1))",
    "substring": (
        "CASE WHEN {count} >= 0 AND {start} IS NOT NULL"
        f" THEN SUBSTR({{x}}, GREATEST({{start}}, 1), {_COUNT}) END"
    ),
    "left": "CASE WHEN {n} >= 0 THEN LEFT({x}, {n}) END",
    "right": "CASE WHEN {n} >= 0 THEN RIGHT({x}, {n}) END",
    "reverse": "REVERSE({x})",
    "repeat": None,
    "pad_start": _filled("LPAD"),
    "pad_end": _filled("RPAD"),
    # one text in another
    **dict.fromkeys(("starts_with", "ends_with", "replace", "ascii_fold")),
    "position": _PLACE,
    "contains": f"({_PLACE}) > 0",
    "split_part": (
        "CASE WHEN {n} = 0 THEN NULL WHEN {separator} = '' THEN"
        " CASE WHEN {n} IN (1, -1) THEN {x} WHEN {x} IS NOT NULL AND {n} IS NOT NULL THEN '' END"
        " WHEN {x} IS NOT NULL AND {separator} IS NOT NULL AND {n} IS NOT NULL"
        f" THEN COALESCE({_SPLIT}[SAFE_ORDINAL({_NTH})], '') END"
    ),
    "levenshtein": (
        f"CASE WHEN LENGTH({{a}}) <= {LONGEST_COMPARED} AND LENGTH({{b}}) <= {LONGEST_COMPARED}"
        " THEN EDIT_DISTANCE({a}, {b}) END"
    ),
    # patterns
    "like": "{x} LIKE {pattern}",
    "regexp_matches": "REGEXP_CONTAINS({x}, {pattern})",
    "regexp_replace": r"REGEXP_REPLACE({x}, {pattern}, REPLACE({new}, '\\', '\\\\'))",
    # digests
    "md5": "TO_HEX(MD5({x}))",
    "sha256": "TO_HEX(SHA256({x}))",
    "hash_bucket": _bucket("{x}"),
    "hash_bucket_bigint": _bucket("CAST({x} AS STRING)"),
}
"""Words of each operator; None: DuckDB's mean the same there. Others are not claimed."""
