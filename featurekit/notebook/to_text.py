"""Blocks become plain text: what the command line prints, and a terminal's view of a card."""

from __future__ import annotations

from typing import assert_never

from featurekit.notebook import shape
from featurekit.notebook.blocks import (
    Advice,
    Badges,
    Block,
    Cell,
    Changes,
    Chip,
    Code,
    Excerpt,
    Fold,
    Head,
    Name,
    Next,
    Sentence,
    Shape,
    Table,
)
from featurekit.notebook.to_html import cut, number, visible

WIDEST = 72
WHOLE = "fix"
"""The column that is pasted, and so never cut."""


def _cell(cell: Cell, *, whole: bool) -> str:
    match cell:
        case None:
            return "NULL"
        case bool():
            return str(cell).lower()
        case int() | float():
            return number(cell)
        case Shape(counts):
            return shape.blocks(counts)
        case Chip(text) | Name(text):
            return visible(text) if whole else cut(visible(text), WIDEST)
        case str():
            return visible(cell) if whole else cut(visible(cell), WIDEST)
        case _:
            assert_never(cell)


def _table(table: Table) -> list[str]:
    if not table.rows:
        return []
    whole = [name == WHOLE for name in table.columns]
    cells = [
        [_cell(c, whole=w).replace("\n", " ") for c, w in zip(row, whole, strict=True)]
        for row in table.rows
    ]
    heads = [cut(visible(name), WIDEST) for name in table.columns]
    grid = ([heads] if any(heads) else []) + cells
    widths = [max(len(row[at]) for row in grid) for at in range(len(heads))]
    right = [any(type(row[at]) in {int, float} for row in table.rows) for at in range(len(heads))]
    lines = [
        "  ".join(
            text.rjust(width) if side else text.ljust(width)
            for text, width, side in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in grid
    ]
    rest = (table.total or 0) - len(table.rows)
    return [*lines, f"and {number(rest)} more"] if rest > 0 else lines


def _excerpt(excerpt: Excerpt) -> list[str]:
    lines = []
    for place, text in excerpt.lines:
        lines.append(f"{place:>4} | {visible(text)}")
        if place == excerpt.at:
            carets = "^" * max(excerpt.length, 1)
            lines.append(f"     | {' ' * (excerpt.column - 1)}{carets}")
    return lines


def _block(block: Block) -> list[str]:  # noqa: C901 - one arm for each block
    match block:
        case Head(title, chips, facts):
            parts = [title, *[f"[{c.text}]" for c in chips]]
            line = " ".join(visible(part) for part in parts)
            return [" · ".join([line, *[visible(fact) for fact in facts]])]
        case Sentence(text):
            return visible(text).splitlines()
        case Badges(badges):
            return [f"[{b.level}] {b.label}: {visible(b.text)}".rstrip(": ") for b in badges]
        case Advice(code, words, fix):
            lines = [f"{code}: {visible(words)}"]
            return [*lines, f"  write: {visible(fix)}"] if fix else lines
        case Table():
            return _table(block.told)
        case Code(text):
            return [f"  {line}" for line in visible(text).splitlines()]
        case Changes(lines):
            return [f"{mark} {visible(text)}" for mark, text in lines]
        case Excerpt():
            return _excerpt(block)
        case Fold(title, inside, in_text):
            if not in_text:
                return []
            body = [line for part in inside for line in _block(part)]
            return ["", f"{title}:", *[f"  {line}" for line in body]] if body else []
        case Next(commands):
            return ["", *[f"next: {visible(command)}" for command in commands]]
        case _:
            assert_never(block)


def text(blocks: tuple[Block, ...]) -> str:
    """Return the blocks as lines."""
    return "\n".join(line for block in blocks for line in _block(block)).strip("\n")
