"""Finding one text in another: literally, never as a pattern."""

from __future__ import annotations

from typing import Any

from featurekit.ops.operator import operator


@operator(
    "STARTS_WITH",
    polars=lambda pl, x, part: x.str.starts_with(part),
    sql="STARTS_WITH({x}, {part})",
)
def starts_with(x: str, part: str) -> bool:
    """Return whether the text begins with ``part``; every text begins with the empty one.

    Cases:
        starts_with("abc", "ab") = true
        starts_with("abc", "AB") = false
        starts_with("abc", "") = true
        starts_with(null, "a") = null
    """
    return x.startswith(part)


@operator(
    "ENDS_WITH", polars=lambda pl, x, part: x.str.ends_with(part), sql="ENDS_WITH({x}, {part})"
)
def ends_with(x: str, part: str) -> bool:
    """Return whether the text ends with ``part``; every text ends with the empty one.

    Cases:
        ends_with("abc", "bc") = true
        ends_with("abc", "ab") = false
        ends_with("", "") = true
        ends_with("abc", null) = null
    """
    return x.endswith(part)


@operator(
    "CONTAINS",
    polars=lambda pl, x, part: x.str.contains(part, literal=True),
    sql="CONTAINS({x}, {part})",
)
def contains(x: str, part: str) -> bool:
    """Return whether ``part`` stands somewhere in the text.

    Cases:
        contains("abc", "b") = true
        contains("abc", ".") = false
        contains("abc", "") = true
        contains(null, "a") = null
    """
    return part in x


def _position(pl: Any, x: Any, part: Any) -> Any:
    before = x.str.split(part).list.first().str.len_chars().cast(pl.Int64)
    found = pl.when(x.str.contains(part, literal=True)).then(before + 1).otherwise(0)
    known = x.is_not_null() & part.is_not_null()
    return pl.when(known & (part == "")).then(1).when(known).then(found)


@operator("POSITION", "STRPOS", polars=_position, sql="STRPOS({x}, {part})")
def position(x: str, part: str) -> int:
    """Return where ``part`` first begins in the text, from 1; 0 where it does not.

    Cases:
        position("a😀b", "b") = 3
        position("abc", "x") = 0
        position("abc", "") = 1
        position("abc", null) = null
    """
    return x.find(part) + 1


@operator(
    "REPLACE",
    polars=lambda pl, x, old, new: (
        pl.when((old == "") & new.is_not_null()).then(x).otherwise(x.str.split(old).list.join(new))
    ),
    sql="CASE WHEN {old} = '' AND {new} IS NOT NULL THEN {x} ELSE REPLACE({x}, {old}, {new}) END",
)
def replace(x: str, old: str, new: str) -> str:
    """Return the text with every ``old`` replaced, from the left; an empty ``old`` changes nothing.

    Cases:
        replace("banana", "an", "AN") = "bANANa"
        replace("aaa", "aa", "b") = "ba"
        replace("abc", "", "x") = "abc"
        replace("a.c", ".", "$1") = "a$1c"
        replace("abc", "b", null) = null
    """
    return x.replace(old, new) if old else x


def _split_part(pl: Any, x: Any, separator: Any, n: Any) -> Any:
    last = 2**31
    place = pl.when(n > 0).then(n.clip(1, last) - 1).otherwise(n.clip(-last, -1))
    part = x.str.split(separator).list.get(place, null_on_oob=True).fill_null("")
    whole = pl.when(n.is_in([1, -1])).then(x).otherwise(pl.lit(""))
    chosen = pl.when(separator == "").then(whole).otherwise(part)
    return pl.when(x.is_not_null() & separator.is_not_null() & (n != 0)).then(chosen)


@operator(
    "SPLIT_PART",
    polars=_split_part,
    sql="CASE WHEN {n} = 0 THEN NULL WHEN {separator} = '' THEN CASE WHEN {n} IN (1, -1) "
    "THEN {x} WHEN {x} IS NOT NULL AND {n} IS NOT NULL THEN '' END "
    "ELSE SPLIT_PART({x}, {separator}, {n}) END",
)
def split_part(x: str, separator: str, n: int) -> str | None:
    """Return the ``n``-th part between separators, from the end for a negative ``n``.

    The empty text where there is no such part; null for part 0. An empty separator splits nothing.

    Cases:
        split_part("a,b,c", ",", 2) = "b"
        split_part("a,b,c", ",", -1) = "c"
        split_part("a,b,c", ",", 4) = ""
        split_part("a,b,c", "", 1) = "a,b,c"
        split_part("a,b,c", ",", 0) = null
    """
    if n == 0:
        return None
    parts = x.split(separator) if separator else [x]
    place = n - 1 if n > 0 else len(parts) + n
    return parts[place] if 0 <= place < len(parts) else ""
