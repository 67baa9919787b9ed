"""Text, by Unicode code point: joining, cutting, measuring, trimming, replacing.

Positions count from 1. A length or number of characters below zero gives null. UPPER and LOWER are
in ``text_case``, searching in ``text_search``.
"""

from __future__ import annotations

from typing import Any

from featurekit.ops.operator import ConstantInt, ConstantText, Nulls, operator

_MOST = 4294967295
"""DuckDB's largest position; no text is longer."""

LONGEST = 10_000
"""Padding and repetition stop here: one request must not be able to ask for a gigabyte."""


def _no_text(pl: Any, x: Any) -> Any:
    return pl.when(pl.lit(value=False)).then(x)


@operator("||", polars=lambda pl, a, b: a + b, sql="{a} || {b}")
def join_text(a: str, b: str) -> str:
    """Return the two texts one after the other; null when either is.

    Cases:
        join_text("a", "b") = "ab"
        join_text("", "é") = "é"
        join_text("a", null) = null
    """
    return a + b


@operator(
    "CONCAT",
    polars=lambda pl, a, b: a.fill_null("") + b.fill_null(""),
    sql="COALESCE({a}, '') || COALESCE({b}, '')",
    nulls=Nulls.HANDLE,
)
def concat(a: str | None, b: str | None) -> str:
    """Return the texts one after the other, a null counting as the empty text.

    Cases:
        concat("a", "b") = "ab"
        concat("a", null) = "a"
        concat(null, null) = ""
    """
    return ("" if a is None else a) + ("" if b is None else b)


@operator("LENGTH", polars=lambda pl, x: x.str.len_chars().cast(pl.Int64), sql="LENGTH({x})")
def length(x: str) -> int:
    """Return the number of characters (code points).

    Cases:
        length("") = 0
        length("a😀") = 2
        length(null) = null
    """
    return len(x)


@operator("TRIM", polars=lambda pl, x: x.str.strip_chars(" "), sql="TRIM({x}, ' ')")
def trim(x: str) -> str:
    r"""Return the text without spaces at both ends; only the space, no tab or line break.

    Cases:
        trim("  a b ") = "a b"
        trim("\ta ") = "\ta"
        trim(null) = null
    """
    return x.strip(" ")


@operator("LTRIM", polars=lambda pl, x: x.str.strip_chars_start(" "), sql="LTRIM({x}, ' ')")
def trim_start(x: str) -> str:
    """Return the text without spaces at its start.

    Cases:
        trim_start("  a ") = "a "
        trim_start("   ") = ""
        trim_start(null) = null
    """
    return x.lstrip(" ")


@operator("RTRIM", polars=lambda pl, x: x.str.strip_chars_end(" "), sql="RTRIM({x}, ' ')")
def trim_end(x: str) -> str:
    r"""Return the text without spaces at its end.

    Cases:
        trim_end(" a  ") = " a"
        trim_end("a\n ") = "a\n"
        trim_end(null) = null
    """
    return x.rstrip(" ")


@operator(
    "SUBSTRING",
    "SUBSTR",
    polars=lambda pl, x, start: x.str.slice(start.clip(1, _MOST) - 1),
    sql=f"CASE WHEN {{start}} IS NOT NULL "
    f"THEN SUBSTRING({{x}}, LEAST(GREATEST({{start}}, 1), {_MOST})) END",
)
def substring_from(x: str, start: int) -> str:
    """Return the characters from position ``start`` on; the first is 1.

    Cases:
        substring_from("abc", 2) = "bc"
        substring_from("abc", -5) = "abc"
        substring_from("abc", 4) = ""
        substring_from("abc", null) = null
    """
    return x[max(start - 1, 0) :]


def _end(pl: Any, start: Any, count: Any) -> Any:
    end = start.cast(pl.Int128) + count.cast(pl.Int128) - 1
    return end.clip(0, _MOST).cast(pl.Int64)


@operator(
    "SUBSTRING",
    "SUBSTR",
    polars=lambda pl, x, start, count: pl.when(count >= 0).then(
        x.str.slice(
            start.clip(1, _MOST) - 1,
            (_end(pl, start, count) - start.clip(1, _MOST) + 1).clip(0, _MOST),
        )
    ),
    sql="CASE WHEN {count} >= 0 AND {start} IS NOT NULL "
    f"THEN SUBSTRING({{x}}, LEAST(GREATEST({{start}}, 1), {_MOST}), "
    f"CAST(LEAST(GREATEST(CAST({{start}} AS HUGEINT) + {{count}} - GREATEST({{start}}, 1), 0), "
    f"{_MOST}) AS BIGINT)) END",
)
def substring(x: str, start: int, count: int) -> str | None:
    """Return ``count`` characters from position ``start`` on; positions before 1 count, too.

    Cases:
        substring("abcde", 2, 3) = "bcd"
        substring("abc", 0, 2) = "a"
        substring("abc", -1, 3) = "a"
        substring("abc", 2, -1) = null
        substring("abc", 3, 9223372036854775807) = "c"
    """
    return x[max(start - 1, 0) : max(start + count - 1, 0)] if count >= 0 else None


@operator(
    "LEFT",
    polars=lambda pl, x, n: pl.when(n >= 0).then(x.str.slice(0, n.clip(0, _MOST))),
    sql=f"CASE WHEN {{n}} >= 0 THEN LEFT({{x}}, LEAST({{n}}, {_MOST})) END",
)
def left(x: str, n: int) -> str | None:
    """Return the first ``n`` characters; null for a negative ``n``.

    Cases:
        left("abc", 2) = "ab"
        left("abc", 9) = "abc"
        left("abc", 0) = ""
        left("abc", -1) = null
    """
    return x[:n] if n >= 0 else None


@operator(
    "RIGHT",
    polars=lambda pl, x, n: pl.when(n >= 0).then(x.str.tail(n.clip(0, _MOST))),
    sql=f"CASE WHEN {{n}} >= 0 THEN RIGHT({{x}}, LEAST({{n}}, {_MOST})) END",
)
def right(x: str, n: int) -> str | None:
    """Return the last ``n`` characters; null for a negative ``n``.

    Cases:
        right("abc", 2) = "bc"
        right("abc", 9) = "abc"
        right("abc", 0) = ""
        right("abc", -1) = null
    """
    return x[max(len(x) - n, 0) :] if n >= 0 else None


@operator(
    "REVERSE",
    polars=lambda pl, x: x.str.split("").list.reverse().list.join(""),
    sql="ARRAY_TO_STRING(LIST_REVERSE(STRING_SPLIT({x}, '')), '')",
)
def reverse(x: str) -> str:
    """Return the characters (code points) in the opposite order.

    Cases:
        reverse("abc") = "cba"
        reverse("") = ""
        reverse(null) = null
    """
    return x[::-1]


@operator(
    "REPEAT",
    polars=lambda pl, x, n: (
        pl.when(x.is_not_null()).then(x.repeat_by(pl.lit(n)).list.join(""))
        if 0 <= n <= LONGEST
        else _no_text(pl, x)
    ),
    sql=f"CASE WHEN {{n}} BETWEEN 0 AND {LONGEST} THEN REPEAT({{x}}, {{n}}) END",
)
def repeat(x: str, n: ConstantInt) -> str | None:
    """Return the text ``n`` times over; null for a negative ``n`` or one above 10,000.

    Cases:
        repeat("ab", 3) = "ababab"
        repeat("ab", 0) = ""
        repeat("ab", -1) = null
    """
    return x * n if 0 <= n <= LONGEST else None


def _padding(pl: Any, x: Any, size: int, fill: str) -> Any:
    ready = pl.lit((fill * (size // len(fill) + 1))[:size]) if fill else pl.lit("")
    return ready.str.slice(0, (size - x.str.len_chars().cast(pl.Int64)).clip(0, size))


@operator(
    "LPAD",
    polars=lambda pl, x, size, fill: (
        _padding(pl, x, size, fill) + x.str.slice(0, size)
        if 0 <= size <= LONGEST
        else _no_text(pl, x)
    ),
    sql=f"CASE WHEN {{size}} NOT BETWEEN 0 AND {LONGEST} THEN NULL "
    "WHEN {fill} = '' THEN LEFT({x}, {size}) ELSE LPAD({x}, {size}, {fill}) END",
)
def pad_start(x: str, size: ConstantInt, fill: ConstantText) -> str | None:
    """Return exactly ``size`` characters: ``fill`` over and over, then the text, or its first ones.

    Cases:
        pad_start("7", 3, "0") = "007"
        pad_start("abcd", 3, "0") = "abc"
        pad_start("a", 6, "xy") = "xyxyxa"
        pad_start("a", 3, "") = "a"
        pad_start("a", -1, "x") = null
    """
    if not 0 <= size <= LONGEST:
        return None
    return (fill * size)[: max(size - len(x), 0)] + x[:size]


@operator(
    "RPAD",
    polars=lambda pl, x, size, fill: (
        x.str.slice(0, size) + _padding(pl, x, size, fill)
        if 0 <= size <= LONGEST
        else _no_text(pl, x)
    ),
    sql=f"CASE WHEN {{size}} NOT BETWEEN 0 AND {LONGEST} THEN NULL "
    "WHEN {fill} = '' THEN LEFT({x}, {size}) ELSE RPAD({x}, {size}, {fill}) END",
)
def pad_end(x: str, size: ConstantInt, fill: ConstantText) -> str | None:
    """Return exactly ``size`` characters: the text, or its first ones, then ``fill`` over and over.

    Cases:
        pad_end("7", 3, "0") = "700"
        pad_end("abcd", 3, "0") = "abc"
        pad_end("a", 6, "xy") = "axyxyx"
        pad_end("a", -1, "x") = null
    """
    if not 0 <= size <= LONGEST:
        return None
    return x[:size] + (fill * size)[: max(size - len(x), 0)]
