"""The card of an error: the code, the lines with a caret, why, and a fix that can be pasted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from featurekit.errors import FeatureError, Where
from featurekit.notebook.blocks import Block, Chip, Code, Excerpt, Head, Sentence
from featurekit.notebook.cards import FACTS_MIME, fitted
from featurekit.notebook.to_html import COLOURS

if TYPE_CHECKING:
    from collections.abc import Sequence

AROUND = 2


def excerpt(where: Where) -> Excerpt:
    """Return the line that ``where`` names between its neighbours."""
    lines: Sequence[str] = where.text.splitlines() or [""]
    at = min(max(where.line, 1), len(lines))
    first, last = max(at - AROUND, 1), min(at + AROUND, len(lines))
    shown = tuple((number, lines[number - 1]) for number in range(first, last + 1))
    length = where.length or max(len(lines[at - 1]) - where.column + 1, 1)
    return Excerpt(shown, at, max(where.column, 1), length)


def blocks(error: FeatureError) -> tuple[Block, ...]:
    """Return what the card of ``error`` shows, its last line being the headline."""
    place = () if error.where is None else (str(error.where),)
    parts: list[Block] = [Head(error.problem, (Chip(error.code, "bad"),), place)]
    if isinstance(error.where, Where) and error.where.text:
        parts.append(excerpt(error.where))
    if error.why:
        parts.append(Sentence(f"why: {error.why}"))
    if error.fix:
        parts += [Sentence("fix:"), Code(error.fix)]
    parts.append(Sentence(error.headline, quiet=True))
    return tuple(parts)


def facts(error: FeatureError) -> dict[str, Any]:
    """Return the error as facts: what programs and tests read."""
    where: Any = error.where
    if isinstance(where, Where):
        where = {"name": where.name, "line": where.line, "column": where.column}
    return {
        "kind": "error",
        "code": error.code,
        "problem": error.problem,
        "where": where,
        "why": error.why,
        "fix": error.fix,
    }


def bundle(error: FeatureError) -> dict[str, Any]:
    """Return the error card by MIME type."""
    return {
        "text/html": fitted(blocks(error), COLOURS["bad"]),
        "text/plain": error.headline,
        FACTS_MIME: facts(error),
    }
