"""Texts, and casts from and to them, in PostgreSQL's words.

Regular expressions are anchored by ``^`` and ``$``, which here mean the ends of the text only.
"""

from __future__ import annotations

from collections.abc import Mapping

from featurekit.ops.casts_from_text import FALSE_WORDS, TRUE_WORDS
from featurekit.ops.gap import Gap
from featurekit.ops.postgres_numbers import DOUBLE, INFINITY, double, fitted, named
from featurekit.ops.postgres_patterns import LONGEST
from featurekit.ops.postgres_times import moment
from featurekit.ops.text_case import TO_LOWER, TO_UPPER

_MOST = 2147483647
_TRIMMED = "trim({a}, ' ')"
_DAY = "[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}"
_CLOCK = (
    "(?:[ T]([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:[.]([0-9]{{1,9}}))?)?"
    "(?:Z|([+-])(0[0-9]|1[0-4]):?([0-5][0-9])?)?)?"
)
_OVER = 2**1024 - 2**970
"""From here on the nearest double is infinity."""
_UNDER = "2.4703282292062327208299439643411068618252990130716238221279284125034e-324"
"""Up to here the nearest double is zero."""


def _letters(pairs: Mapping[int, int]) -> str:
    """Return the letters of a text mapped one by one: the engine's own depends on its locale."""
    given = "".join(chr(code) for code in sorted(pairs))
    made = "".join(chr(pairs[ord(letter)]) for letter in given)
    return f"translate({{x}}, '{given}', '{made}')"


def _day(text: str) -> str:
    """Return a text of the form YYYY-MM-DD as DATE, null where there is no such day."""
    length = (
        "CASE WHEN fk_v.m IN (4, 6, 9, 11) THEN 30 WHEN fk_v.m <> 2 THEN 31"
        " WHEN fk_v.y % 4 = 0 AND (fk_v.y % 100 <> 0 OR fk_v.y % 400 = 0) THEN 29 ELSE 28 END"
    )
    return named(
        f"CASE WHEN fk_v.y >= 1 AND fk_v.m BETWEEN 1 AND 12 AND fk_v.d BETWEEN 1 AND {length}"
        " THEN make_date(fk_v.y, fk_v.m, fk_v.d) END",
        y=f"CAST(substr({text}, 1, 4) AS INTEGER)",
        m=f"CAST(substr({text}, 6, 2) AS INTEGER)",
        d=f"CAST(substr({text}, 9, 2) AS INTEGER)",
    )


def _read(grammar: str, then: str) -> str:
    """Return ``then`` over the trimmed text ``fk_v.s`` where it fits the grammar."""
    return named(f"CASE WHEN fk_v.s ~ '^{grammar}$' THEN {then} END", s=_TRIMMED)


def _bigint() -> str:
    bits = "BETWEEN -9223372036854775808 AND 9223372036854775807"
    return _read(
        "[+-]?[0-9]{{1,30}}",
        f"CASE WHEN CAST(fk_v.s AS NUMERIC) {bits} THEN CAST(fk_v.s AS BIGINT) END",
    )


def _double() -> str:
    number = "abs(CAST(fk_v.s AS NUMERIC))"
    sign = f"CASE WHEN left(fk_v.s, 1) = '-' THEN {double('-1')} ELSE {double('1')} END"
    return _read(
        "[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{{1,4}})?",
        f"CASE WHEN {number} >= {_OVER} THEN {sign} * {INFINITY}"
        f" WHEN {number} <= CAST('{_UNDER}' AS NUMERIC) THEN {sign} * {double('0')}"
        f" ELSE CAST(fk_v.s AS {DOUBLE}) END",
    )


def _timestamp() -> str:
    def part(place: int) -> str:
        return f"CAST(COALESCE(fk_v.p[{place}], '0') AS BIGINT)"

    clock = f"((({part(2)} * 60 + {part(3)}) * 60 + {part(4)}) * 1000000"
    fraction = "CAST(substr(rpad(COALESCE(fk_v.p[5], '0'), 6, '0'), 1, 6) AS BIGINT))"
    offset = (
        f"CASE WHEN fk_v.p[6] = '-' THEN -60000000 ELSE 60000000 END * ({part(7)} * 60 + {part(8)})"
    )
    day = f"EXTRACT(EPOCH FROM {_day('fk_v.p[1]')}) * 1000000"
    made = moment(f"{day} + {clock} + {fraction} - {offset}")
    return named(
        f"CASE WHEN fk_v.p IS NOT NULL THEN {made} END",
        p=f"regexp_match({_TRIMMED}, '^({_DAY}){_CLOCK}$')",
    )


def _words(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _boolean() -> str:
    return named(
        f"CASE WHEN fk_v.s IN ({_words(TRUE_WORDS)}) THEN TRUE"
        f" WHEN fk_v.s IN ({_words(FALSE_WORDS)}) THEN FALSE END",
        s=f"lower({_TRIMMED})",
    )


def _cut(text: str) -> str:
    return f"CAST(LEAST({text}, {_MOST}) AS INTEGER)"


_START = _cut("GREATEST({start}, 1)")
_COUNT = _cut("GREATEST(CAST({start} AS NUMERIC) + {count} - GREATEST({start}, 1), 0)")
_HASH = "encode(sha256(convert_to({text}, 'UTF8')), 'hex')"


def _bucket(text: str) -> str:
    digest = _HASH.format(text=f"CAST({{seed}} AS VARCHAR) || ':' || {text}")
    return f"CAST(CAST('x' || substr({digest}, 1, 15) AS BIT(60)) AS BIGINT) % {{n}}"


OPERATORS: Mapping[str, str | Gap | None] = {
    # casts
    "text_to_bigint": _bigint(),
    "text_to_double": _double(),
    "text_to_decimal": _read(
        "[+-]?([0-9]{{1,38}}([.][0-9]*)?|[.][0-9]+)", fitted("CAST(fk_v.s AS NUMERIC)")
    ),
    "text_to_boolean": _boolean(),
    "text_to_date": _read(_DAY, _day("fk_v.s")),
    "text_to_timestamp": _timestamp(),
    **dict.fromkeys(("bigint_to_text", "decimal_to_text", "boolean_to_text", "text_to_text")),
    # texts
    **dict.fromkeys(("join_text", "concat", "trim", "trim_start", "trim_end")),
    "length": "CAST(LENGTH({x}) AS BIGINT)",
    "upper": _letters(TO_UPPER),
    "lower": _letters(TO_LOWER),
    "substring_from": f"CASE WHEN {{start}} IS NOT NULL THEN SUBSTR({{x}}, {_START}) END",
    "substring": (
        f"CASE WHEN {{count}} >= 0 AND {{start}} IS NOT NULL"
        f" THEN SUBSTR({{x}}, {_START}, {_COUNT}) END"
    ),
    "left": f"CASE WHEN {{n}} >= 0 THEN LEFT({{x}}, {_cut('{n}')}) END",
    "right": f"CASE WHEN {{n}} >= 0 THEN RIGHT({{x}}, {_cut('{n}')}) END",
    "reverse": "REVERSE({x})",
    **dict.fromkeys(("repeat", "pad_start", "pad_end", "starts_with", "replace", "like")),
    "ends_with": "RIGHT({x}, LENGTH({part})) = {part}",
    "contains": "STRPOS({x}, {part}) > 0",
    "position": "CAST(STRPOS({x}, {part}) AS BIGINT)",
    "split_part": (
        "CASE WHEN {n} = 0 OR {n} IS NULL THEN NULL"
        " WHEN {separator} = '' THEN"
        " CASE WHEN {n} IN (1, -1) THEN {x} WHEN {x} IS NOT NULL THEN '' END"
        f" ELSE SPLIT_PART({{x}}, {{separator}}, {_cut(f'GREATEST({{n}}, -{_MOST})')}) END"
    ),
    "regexp_matches": "{x} ~ {pattern}",
    **dict.fromkeys(("regexp_extract", "regexp_replace"), LONGEST),
    "ascii_fold": None,
    "levenshtein": Gap("PostgreSQL counts edits only with the extension fuzzystrmatch"),
    # digests
    "md5": None,
    "sha256": _HASH.format(text="{x}"),
    "hash_bucket": _bucket("{x}"),
    "hash_bucket_bigint": _bucket("CAST({x} AS VARCHAR)"),
}
"""Words of each operator; None: DuckDB's mean the same here. Other operators are not tried yet."""
