"""What the language adds to the words of SQL: pinned versions, and the moment of a join."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def pinned(tokens: list[Any], text: str) -> list[Any]:
    """Join ``name@1``, ``name@1.0`` and ``name@draft`` into one quoted identifier each."""
    joined: list[Any] = []
    index = 0
    while index < len(tokens):
        first = tokens[index]
        length = _pin_length(tokens[index : index + 5])
        if length > 1:
            last = tokens[index + length - 1]
            first.text = text[first.start : last.end + 1].replace('"', "")
            first.token_type = type(first.token_type).IDENTIFIER
            first.end, first.col = last.end, last.col
        joined.append(first)
        index += length
    return joined


def _pin_length(group: list[Any]) -> int:
    """Return how many tokens at the beginning of ``group`` are one name with its version."""
    together = 1
    while together < len(group) and group[together - 1].end + 1 == group[together].start:
        together += 1
    kinds = [token.token_type.name for token in group[:together]]
    match kinds:
        case ["VAR" | "IDENTIFIER", "PARAMETER", "NUMBER", "DOT", "NUMBER", *_]:
            return 5
        case ["VAR" | "IDENTIFIER", "PARAMETER", "NUMBER" | "VAR", *_]:
            return 3
        case _:
            return 1


def without_moments(tokens: list[Any]) -> tuple[list[Any], Mapping[int, tuple[int, int]]]:
    """Return the tokens without ``AS OF REQUEST``, and where it stood.

    The places are from its first character to its last, by the end of the token before it.
    """
    kept: list[Any] = []
    found: dict[int, tuple[int, int]] = {}
    index = 0
    while index < len(tokens):
        words = [token.text.upper() for token in tokens[index : index + 3]]
        kinds = [token.token_type.name for token in tokens[index : index + 3]]
        if kept and words == ["AS", "OF", "REQUEST"] and kinds == ["ALIAS", "VAR", "VAR"]:
            found[kept[-1].end] = (tokens[index].start, tokens[index + 2].end)
            index += 3
        else:
            kept.append(tokens[index])
            index += 1
    return kept, found


def other_moment(tokens: list[Any]) -> tuple[Any, Any] | None:
    """Return the first and the last token of ``AS OF`` and another moment, or None."""
    for index in range(len(tokens) - 2):
        three = tokens[index : index + 3]
        kinds = [token.token_type.name for token in three]
        said = [token.text.upper() for token in three[:2]] == ["AS", "OF"]
        if said and kinds[:2] == ["ALIAS", "VAR"] and kinds[2] in {"VAR", "IDENTIFIER"}:
            return three[0], three[2]
    return None
