"""LIKE and ILIKE: a pattern becomes the one form that the table knows."""

from __future__ import annotations

from typing import Any

from featurekit import datatypes as types
from featurekit.errors import Where
from featurekit.errors.meaning import ConstantRefused
from featurekit.frontends.binding import apply
from featurekit.frontends.reader import Form, Reader
from featurekit.ir.nodes import Expression, Literal
from featurekit.ops import BY_SURFACE


def read_like(reader: Reader, node: Any, *, inside: bool) -> Expression:
    """Return ``x LIKE 'a%' [ESCAPE '!']``; ILIKE is LIKE of both sides in small letters.

    Raises:
        DefinitionError: FK125 a pattern that is not a constant, FK128 one that engines read in
            different ways.
    """
    where = reader.text.place(node)
    test = node.this if type(node).__name__ == "Escape" else node
    if type(test).__name__ not in {"Like", "ILike"}:
        raise ConstantRefused("ESCAPE", "text", reader.text.source_of(test), "it belongs to LIKE")
    surface = type(test).__name__.upper()
    value, pattern = (reader.read(side, inside=inside) for side in (test.this, test.expression))
    words = [reader.text.source_of(side) for side in (test.this, test.expression)]
    if isinstance(pattern, Literal) and isinstance(pattern.value, str):
        escape = str(node.expression.this) if node is not test else None
        pattern = Literal(_one_form(surface, pattern.value, escape, where), types.VARCHAR)
        if surface == "ILIKE":
            pattern = Literal(_lower(pattern.value), types.VARCHAR)
    if surface == "ILIKE":
        value = apply("LOWER", [value], where, words)
    made = apply("LIKE", [value, pattern], where, words)
    return apply("NOT", [made], where) if test.args.get("negate") else made


def _one_form(surface: str, pattern: str, escape: str | None, where: Where | None) -> str:
    r"""Return ``pattern`` with the backslash as its escape, only before ``%``, ``_`` and ``\``."""
    if escape is None:
        if "\\" not in pattern:
            return pattern
        why = "some engines read a backslash as itself, some as the escape of what follows"
        marked = pattern.replace("!", "!!").replace("\\%", "!%").replace("\\_", "!_")
        fix = f"{surface} '{marked}' ESCAPE '!'   -- or ESCAPE '\\'"
        raise ConstantRefused(surface, "pattern", pattern, why, fix, where)
    if len(escape) != 1:
        why = "it is one character, which takes the meaning from the % or _ after it"
        raise ConstantRefused(surface, "escape", escape, why, "ESCAPE '!'", where)
    found = ""
    letters = iter(pattern)
    for letter in letters:
        plain = next(letters, "") if letter == escape else ""
        if letter == escape and plain not in {"%", "_", escape}:
            why = f"after {escape} only %, _ or {escape} may stand"
            raise ConstantRefused(surface, "pattern", pattern, why, f"{escape * 2} for it", where)
        single = plain or letter
        found += f"\\{single}" if single == "\\" or (plain and single in "%_") else single
    return found


def _lower(text: str) -> str:
    (row,) = BY_SURFACE["LOWER"]
    return str(row.body(text))


FORMS: dict[str, Form] = dict.fromkeys(("Like", "ILike", "Escape"), read_like)
