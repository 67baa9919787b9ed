"""Blocks become HTML that survives an untrusted notebook.

Only plain elements with inline styles are written: JupyterLab, GitHub and nbconvert strip the
rest. ``element`` is the one way to make HTML; what is not ``Html`` already is escaped there, so no
name of a column, view or category can become markup.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import assert_never

from featurekit.notebook import shape
from featurekit.notebook.blocks import (
    Advice,
    Badge,
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

TAGS = frozenset(
    (
        *("b", "br", "code", "del", "details", "div", "i", "img", "ins", "pre", "progress"),
        *("span", "summary", "table", "tbody", "td", "th", "thead", "tr"),
    )
)
ATTRIBUTES = frozenset(("alt", "class", "height", "max", "open", "src", "style", "value", "width"))
WHOLE = 1e15  # past it the digits of a float are no longer all meant
_EMPTY = frozenset({"br", "img"})
_VERBATIM = frozenset({"code", "pre"})  # JupyterLab looks for formulas everywhere else
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]"
)
_FORMULA = re.compile(r"[$\\]")

LINE = "rgba(128,128,128,0.35)"
GROUND = "rgba(128,128,128,0.12)"
COLOURS = {"ok": "#1a7f4b", "warn": "#a15c07", "bad": "#b42318", "plain": "#5b6675"}
_LEFT = "text-align:left;padding:1px 5px"
_RIGHT = "text-align:right;padding:1px 5px"
_PRE = f"background:{GROUND};padding:6px 8px;margin:4px 0;overflow:auto;line-height:1.4"


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Room:
    """How much a card may show: rows of a table, characters of a cell and of a code block.

    What is folded away has less room than what is seen at once, or none left (``folded``).
    """

    rows: int = 40
    cell: int = 60
    code: int = 3000
    folded: tuple[int, int, int] | None = None

    @property
    def inside(self) -> Room:
        """The room in a fold."""
        return Room(*self.folded) if self.folded else self


def visible(text: str) -> str:
    """Return ``text`` with characters that hide or reorder others spelled out."""
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text.replace("\r\n", "\n"))


def cut(text: str, most: int) -> str:
    """Return ``text``, shortened to ``most`` characters with an ellipsis."""
    return text if len(text) <= most else text[: max(most - 1, 0)] + "…"


def _inner(child: str, *, verbatim: bool) -> str:
    if isinstance(child, Html):
        return child
    escaped = html.escape(visible(child), quote=False)
    return escaped if verbatim else _FORMULA.sub(r"<span>\g<0></span>", escaped)


def element(tag: str, *children: str, **attributes: str) -> Html:
    """Return one HTML element; children that are not ``Html`` are escaped.

    Raises:
        ValueError: a tag or attribute that an untrusted notebook would lose; a fault in this code.
    """
    if tag not in TAGS or not ATTRIBUTES.issuperset(attributes):
        msg = f"<{tag} {' '.join(attributes)}> does not survive an untrusted notebook"
        raise ValueError(msg)
    opening = "".join(
        f' {key}="{html.escape(visible(value))}"' for key, value in attributes.items() if value
    )
    if tag in _EMPTY:
        return Html(f"<{tag}{opening}>")
    inside = "".join(_inner(child, verbatim=tag in _VERBATIM) for child in children)
    return Html(f"<{tag}{opening}>{inside}</{tag}>")


def joined(parts: list[Html], between: str = "") -> Html:
    """Return the parts as one piece."""
    return Html(between.join(parts))


def chip(text: str, level: str = "plain") -> Html:
    """Return words on a coloured ground, readable on light and dark pages."""
    colour = COLOURS.get(level, COLOURS["plain"])
    style = f"background:{colour};color:#fff;border-radius:9px;padding:1px 8px;font-size:85%"
    return element("span", text, style=f"{style};white-space:nowrap")


def number(value: float) -> str:
    """Return a number with its thousands apart and at most six significant digits."""
    if isinstance(value, int) or (value.is_integer() and abs(value) < WHOLE):
        return f"{int(value):,}"
    return f"{value:.6g}"


def _cell(cell: Cell, room: Room) -> Html:
    match cell:
        case None:
            return element("td", element("i", "NULL", style="opacity:0.6"), style=_LEFT)
        case bool():
            return element("td", str(cell).lower(), style=_LEFT)
        case int() | float():
            return element("td", number(cell), style=_RIGHT)
        case Shape(counts):
            bars = shape.blocks(counts)
            if room.folded is not None:  # little room: the same bars as characters
                return element("td", bars, style=_LEFT)
            image = element("img", src=shape.data_url(counts), alt=bars, height="14")
            return element("td", image if counts else "", style=_LEFT)
        case Chip(text, level):
            return element("td", chip(cut(text, room.cell), level), style=_LEFT)
        case Name(text):
            return element("td", element("code", cut(text, room.cell)), style=_LEFT)
        case str():
            return element("td", cut(cell, room.cell), style=_LEFT)
        case _:
            assert_never(cell)


def _table(table: Table, room: Room) -> Html:
    shown = table.rows[: room.rows]
    sides = [
        _RIGHT if any(type(row[at]) in {int, float} for row in shown) else _LEFT
        for at in range(len(table.columns))
    ]
    head = [
        element("th", cut(name, room.cell), style=side)
        for name, side in zip(table.columns, sides, strict=True)
    ]
    body = [element("tr", *[_cell(cell, room) for cell in row]) for row in shown]
    parts = [
        element(
            "table",
            *([element("thead", element("tr", *head))] if any(table.columns) else []),
            element("tbody", *body),
            style="border-collapse:collapse;margin:4px 0;font-size:95%",
        )
    ]
    rest = max(table.total or 0, len(table.rows)) - len(shown)
    if rest > 0:
        parts.append(element("div", f"and {number(rest)} more", style="opacity:0.7"))
    return joined(parts)


def _excerpt(excerpt: Excerpt, room: Room) -> Html:
    lines = []
    for place, text in excerpt.lines:
        # the place stays in sight when the line is long
        skip = max(0, excerpt.column - room.code // 4) if place == excerpt.at else 0
        line = cut(text[skip:].replace("\t", " "), max(room.code // 2, 20))
        lines.append(f"{place:>4} | {line}")
        if place == excerpt.at:
            carets = "^" * min(max(excerpt.length, 1), max(len(line), 1))
            lines.append(f"     | {' ' * (excerpt.column - 1 - skip)}{carets}")
    return element("pre", "\n".join(lines), style=_PRE)


def _changes(lines: tuple[tuple[str, str], ...], room: Room) -> Html:
    parts: list[str] = []
    for mark, text in lines[: room.rows * 2]:
        line = f"{mark} {cut(text, room.cell * 2)}\n"
        match mark:
            case "+":
                style = "background:rgba(26,127,75,0.22);text-decoration:none"
                parts.append(element("ins", line, style=style))
            case "-":
                style = "background:rgba(180,35,24,0.22);text-decoration:none"
                parts.append(element("del", line, style=style))
            case _:
                parts.append(line)
    return element("pre", *parts, style=_PRE)


def _head(head: Head, room: Room) -> Html:
    parts = [element("b", cut(head.title, 80), style="font-size:115%")]
    parts += [chip(c.text, c.level) for c in head.chips]
    if head.facts:
        line = " · ".join(cut(fact, room.cell) for fact in head.facts)
        parts.append(element("span", line, style="opacity:0.75"))
    return element("div", joined(parts, " "))


def _badges(badges: tuple[Badge, ...], room: Room) -> Html:
    parts = []
    for badge in badges[: room.rows]:
        words = cut(badge.text, room.cell * 2)
        reason = element("span", f" {words}", style="opacity:0.85") if words else Html("")
        parts.append(element("span", chip(badge.label, badge.level), reason))
    return element("div", joined(parts, " &nbsp; "), style="margin:4px 0")


def _advice(advice: Advice, room: Room) -> Html:
    parts = [
        chip(advice.code, "warn"),
        element("span", cut(advice.text, max(room.code // 4, 60))),
    ]
    if advice.fix:  # to be pasted: cut last of all
        parts.append(element("code", cut(advice.fix, max(room.code // 2, 60))))
    return element("div", joined(parts, " "), style="margin:3px 0")


def _block(block: Block, room: Room) -> Html:  # noqa: C901 - one arm for each block
    match block:
        case Head():
            return _head(block, room)
        case Sentence(text, quiet):
            style = "margin:2px 0" + (";opacity:0.75" if quiet else "")
            return element("div", cut(text, max(room.code // 4, 80)), style=style)
        case Badges(badges):
            return _badges(badges, room)
        case Advice():
            return _advice(block, room)
        case Table():
            return _table(block.told, room)
        case Code(text, share):
            return element("pre", cut(text, share * room.code), style=_PRE)
        case Changes(lines):
            return _changes(lines, room)
        case Excerpt():
            return _excerpt(block, room)
        case Fold(title, inside):
            body = [_block(part, room.inside) for part in inside]
            return element("details", element("summary", title), *body, style="margin:2px 0")
        case Next(commands):
            codes = [element("code", cut(c, room.code // 2)) for c in commands[: room.rows]]
            return element("div", "next: ", joined(codes, " · "), style="margin-top:6px")
        case _:
            assert_never(block)


def card(blocks: tuple[Block, ...], room: Room, edge: str = "#4c8bd6") -> Html:
    """Return the blocks as one framed piece; ``edge`` colours its left side."""
    style = f"border:1px solid {LINE};border-left:4px solid {edge};border-radius:4px"
    return element(
        "div",
        *[_block(block, room) for block in blocks],
        style=f"{style};padding:8px 12px;max-width:1000px;line-height:1.5",
    )
