"""Casts in Spark's words.

Text is read by the grammars of ``casts_from_text`` first: Spark would read ``1d``, ``2024-1-1`` or
a tab, too. Literals there escape by backslash, so that one in a pattern stands twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from featurekit.ops import casts_from_text as grammars
from featurekit.ops.gap import Gap
from featurekit.ops.spark_numbers import named, of_units

_TEXT = "trim({a})"


def _template(pattern: str) -> str:
    return pattern.replace("{", "{{").replace("}", "}}")


def _fits(pattern: re.Pattern[str], text: str = "fk_v.t") -> str:
    r"""Spell that the whole text fits the grammar; ``$`` would let a line break follow."""
    return rf"{text} RLIKE '\\A(?:{_template(pattern.pattern)})\\z'"


def _read(pattern: re.Pattern[str], kind: str) -> str:
    return named(f"CASE WHEN {_fits(pattern)} THEN TRY_CAST(fk_v.t AS {kind}) END", t=_TEXT)


def _day() -> str:
    fits = f"{_fits(grammars.DAY_TEXT)} AND NOT startswith(fk_v.t, '0000')"
    return named(f"CASE WHEN {fits} THEN TRY_CAST(fk_v.t AS DATE) END", t=_TEXT)


def _moment() -> str:
    """Return the instant: the wall clock without its offset, and the offset taken away."""
    clock = r"regexp_extract(fk_v.t, '^[0-9-]{{10}}(?:[ T][0-9:.]+)?', 0)"

    def part(place: int) -> str:
        offset = ":[0-9:.]+([+-])([0-9]{{2}}):?([0-9]{{2}})?$"
        return f"regexp_extract(fk_v.t, '{offset}', {place})"

    def number(place: int) -> str:
        return f"COALESCE(TRY_CAST({part(place)} AS INT), 0)"

    minutes = f"({number(2)} * 60 + {number(3)}) * CASE {part(1)} WHEN '-' THEN 1 ELSE -1 END"
    moment = f"timestampadd(MINUTE, {minutes}, TRY_CAST({clock} AS TIMESTAMP_NTZ))"
    first, after = (f"TIMESTAMP_NTZ '{year}-01-01 00:00:00'" for year in ("0001", "+10000"))
    inside = named(f"CASE WHEN fk_v.m >= {first} AND fk_v.m < {after} THEN fk_v.m END", m=moment)
    fits = f"{_fits(grammars.MOMENT_TEXT)} AND NOT startswith(fk_v.t, '0000')"
    return named(f"CASE WHEN {fits} THEN {inside} END", t=_TEXT)


def _double_to_decimal() -> str:
    """Return a double's exact digits, where Spark's own cast takes those it prints: by 50 bits."""
    two = {power: f"{2.0**power!r}D" for power in (-100, -50, 50, 100)}
    high = f"floor(fk_v.s * {two[-100]})"
    rest = f"(fk_v.s - {high} * {two[100]})"
    middle = f"floor({rest} * {two[-50]})"
    low = f"({rest} - {middle} * {two[50]})"

    def digits(text: str, power: int) -> str:
        return f"CAST({text} AS DECIMAL(38, 0)) * {2**power}BD"

    half = f"CAST({low} - floor({low}) >= 0.5D AS BIGINT)"
    counted = (
        f"try_add(try_add({digits(high, 100)}, {digits(middle, 50)}),"
        f" CAST(floor({low}) + {half} AS DECIMAL(38, 0)))"
    )
    return named(
        f"CASE WHEN fk_v.s < 1e39D THEN {of_units(f'fk_v.sign * ({counted})', '{scale}')} END",
        sign="CAST(sign(fk_v.a) AS DECIMAL(1, 0))",
        s="abs(fk_v.a) * CAST('1e' || {scale} AS DOUBLE)",
    )


OPERATORS: Mapping[str, str | Gap | None] = {
    **dict.fromkeys(
        ("bigint_to_double", "boolean_to_double", "boolean_to_bigint", "bigint_to_boolean")
    ),
    "decimal_to_double": "CAST({a} AS DOUBLE)",
    **dict.fromkeys(("bigint_to_decimal", "decimal_to_decimal")),
    # the cast lets 2**63 pass
    "double_to_bigint": "CASE WHEN {a} < 9223372036854775808D THEN TRY_CAST({a} AS BIGINT) END",
    "decimal_to_bigint": "TRY_CAST({a} AS BIGINT)",
    "double_to_decimal": named(
        f"CASE WHEN abs(fk_v.a) < 1e39D THEN {_double_to_decimal()} END", a="{a}"
    ),
    "date_to_timestamp": "CAST({a} AS TIMESTAMP_NTZ)",
    "timestamp_to_date": None,
    **dict.fromkeys(
        f"{kind}_to_{kind}" for kind in ("bigint", "double", "boolean", "date", "timestamp", "text")
    ),
    # from text
    "text_to_bigint": _read(grammars.INTEGER_TEXT, "BIGINT"),
    "text_to_double": _read(grammars.DOUBLE_TEXT, "DOUBLE"),
    "text_to_decimal": _read(grammars.DECIMAL_TEXT, "{type}"),
    "text_to_boolean": (
        f"CASE WHEN lower({_TEXT}) IN {grammars.TRUE_WORDS} THEN TRUE"
        f" WHEN lower({_TEXT}) IN {grammars.FALSE_WORDS} THEN FALSE END"
    ),
    "text_to_date": _day(),
    "text_to_timestamp": _moment(),
    # to text
    **dict.fromkeys(("bigint_to_text", "decimal_to_text", "date_to_text"), "CAST({a} AS STRING)"),
    "boolean_to_text": None,
    "timestamp_to_text": named(
        "substr(fk_v.t, 1, 19) || rpad('.' || substr(fk_v.t, 21), 7, '0')",
        t="CAST({a} AS STRING)",
    ),
}
