"""Texts that are nearly the same: letters without their marks, and how many edits apart two are."""

from __future__ import annotations

import unicodedata
from typing import Any

from featurekit.ops.operator import operator

NAMED_LETTERS = {
    "ß": "ss",
    "ẞ": "SS",
    "æ": "ae",
    "Æ": "AE",
    "œ": "oe",
    "Œ": "OE",
    "þ": "th",
    "Þ": "TH",
    "ø": "o",
    "Ø": "O",
    "đ": "d",
    "Đ": "D",
    "ð": "d",
    "Ð": "D",
    "ł": "l",
    "Ł": "L",
    "ħ": "h",
    "Ħ": "H",
    "ŧ": "t",
    "Ŧ": "T",
    "\u0131": "i",
}
"""Latin letters that Unicode does not take apart, as they are written in ASCII."""


def ascii_letters() -> dict[int, str]:
    """Return what each letter of Latin becomes; combining marks (U+0300 to U+036F) become nothing.

    The blocks U+00C0 to U+024F and U+1E00 to U+1EFF are full, and Unicode never changes how a
    letter is taken apart: every version of Python makes the same table.
    """
    found = {ord(letter): plain for letter, plain in NAMED_LETTERS.items()}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        plain = unicodedata.normalize("NFD", chr(code))[0]
        if plain.isascii():
            found.setdefault(code, plain)
    return found | dict.fromkeys(range(0x300, 0x370), "")


ASCII_LETTERS = ascii_letters()


def _folded_in_sql() -> str:
    single = {chr(code): plain for code, plain in ASCII_LETTERS.items() if len(plain) == 1}
    marks = "".join(chr(code) for code, plain in ASCII_LETTERS.items() if not plain)
    text = f"translate({{x}}, '{''.join(single)}{marks}', '{''.join(single.values())}')"
    for code, plain in ASCII_LETTERS.items():
        if len(plain) > 1:
            text = f"replace({text}, '{chr(code)}', '{plain}')"
    return text


@operator(
    "ASCII_FOLD",
    polars=lambda pl, x: x.str.replace_many(
        [chr(code) for code in ASCII_LETTERS], list(ASCII_LETTERS.values())
    ),
    sql=_folded_in_sql(),
)
def ascii_fold(x: str) -> str:
    """Return the text with the letters of Latin as ASCII, their marks gone; other letters stay.

    Letters that are not made of a letter and marks are written as is usual: ß ss, ø o, æ ae, þ th.

    Cases:
        ascii_fold("Crème brûlée") = "Creme brulee"
        ascii_fold("Straße Øresund Łódź") = "Strasse Oresund Lodz"
        ascii_fold("Σίγμα") = "Σίγμα"
        ascii_fold("東京") = "東京"
        ascii_fold("") = ""
        ascii_fold(null) = null
    """
    return x if x.isascii() else x.translate(ASCII_LETTERS)


LONGEST_COMPARED = 63
"""Two texts of so many characters have no more different ones than there are single bytes."""


def edits(a: str, b: str) -> int:
    """Return the fewest letters to insert, delete or replace to make a into b."""
    row = list(range(len(b) + 1))
    for place, letter in enumerate(a, 1):
        before, row[0] = row[0], place
        for column, other in enumerate(b, 1):
            replaced = before + (letter != other)
            before = row[column]
            row[column] = min(before + 1, row[column - 1] + 1, replaced)
    return row[-1]


def _levenshtein(pl: Any, a: Any, b: Any) -> Any:
    def over(pairs: Any) -> Any:
        columns = (pairs.struct.field("first"), pairs.struct.field("second"))
        answers = [
            None if None in pair else levenshtein(*pair) for pair in zip(*columns, strict=True)
        ]
        return pl.Series(pairs.name, answers, dtype=pl.Int64)

    pairs = pl.struct(a.alias("first"), b.alias("second"))
    return pairs.map_batches(over, return_dtype=pl.Int64, is_elementwise=True)


_BYTES = (
    "array_to_string(list_transform(range(1, 127), lambda code: chr(CAST(code AS INTEGER))), '')"
)
_LETTERS = "array_to_string(list_distinct(string_split({a} || {b}, '')), '')"


@operator(
    "LEVENSHTEIN",
    polars=_levenshtein,
    # DuckDB counts bytes: each different character becomes a byte of its own before
    sql=(
        "CASE WHEN length({a}) <= 63 AND length({b}) <= 63 THEN "
        f"levenshtein(translate({{a}}, {_LETTERS}, {_BYTES}), "
        f"translate({{b}}, {_LETTERS}, {_BYTES})) END"
    ),
)
def levenshtein(a: str, b: str) -> int | None:
    """Return the fewest characters to insert, delete or replace to make a into b.

    Null where either has more than 63 characters: the work grows with the product of the lengths.

    Source: V. I. Levenshtein (1966), by the rows of R. A. Wagner and M. J. Fischer, "The
    String-to-String Correction Problem", Journal of the ACM 21 (1974).

    Cases:
        levenshtein("kitten", "sitting") = 3
        levenshtein("é", "e") = 1
        levenshtein("a😀b", "ab") = 1
        levenshtein("", "abc") = 3
        levenshtein("same", "same") = 0
        levenshtein("a", null) = null
    """
    if len(a) > LONGEST_COMPARED or len(b) > LONGEST_COMPARED:
        return None
    return edits(a, b)
