"""What the feature builder's choices say, written as the cell a person would write.

``%%feature``, or ``%%label`` for what is to be predicted.

The builder makes no definition of its own: its cell is read like any other, so the two cannot
differ in meaning.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

VALUE = "value"
EXPRESSION = "expression"
COUNT_ROWS = "COUNT(*)"

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = frozenset(
    """
    all analyze and any array as asc at between both by case cast check collate column constraint
    create cross current current_date current_time current_timestamp date default desc describe
    distinct div else end except exists explain extract false fetch filter following for foreign
    from full grant group having if ilike in inner intersect interval into is join lateral leading
    left like limit localtime natural not null offset on only or order outer over partition pivot
    preceding primary qualify range references right row rows select set show similar some table
    then time timestamp to top trailing true try_cast union unique unnest unpivot using values when
    where window with
    """.split()  # noqa: SIM905 - a block of words is easier to keep in order
)


@dataclass(frozen=True, slots=True)
class Line:
    """One feature: an aggregate of a column over a window, a bare column, or an expression."""

    name: str = ""
    aggregate: str = ""
    column: str = ""
    window: str = ""
    filter: str = ""
    expression: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """What was picked so far; ``ahead``, of labels, is when after the moment a look-up answers."""

    view: str = ""
    source: str = ""
    kind: str = "events"
    entity: str = ""
    owner: str = ""
    lines: tuple[Line, ...] = ()
    strict: bool = False
    label: bool = False
    ahead: str = ""


def read_choices(found: Mapping[str, Any], kind: str) -> Choices:
    """Return the choices a browser sent; whatever is not text is dropped."""
    lines = found.get("lines")
    made = tuple(
        Line(**{key: _text(line, key) for key in Line.__slots__})
        for line in (lines if isinstance(lines, list) else [])
        if isinstance(line, dict)
    )
    words = {key: _text(found, key) for key in ("view", "source", "entity", "owner", "ahead")}
    strict, label = (found.get(key) is True for key in ("strict", "label"))
    return Choices(kind=kind, lines=made, strict=strict, label=label, **words)


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key, "")
    return value.strip() if isinstance(value, str) else ""


def quoted(name: str) -> str:
    """Return ``name`` as an SQL identifier, in double quotes where it needs them."""
    if _PLAIN.fullmatch(name) and name.lower() not in _RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


def suggested_name(line: Line) -> str:
    """Return a name for a feature that was not given one: ``amount_sum_last_30d``."""
    words = [line.column, "" if line.aggregate == VALUE else line.aggregate, line.window]
    if line.aggregate == COUNT_ROWS:
        words = ["count", line.window]
    if line.aggregate == EXPRESSION:
        words = ["expression"]
    name = "_".join(re.sub(r"\W+", "_", word.lower()).strip("_") for word in words if word)
    return f"f_{name}" if name[:1].isdigit() else name or "feature"


def expression(line: Line) -> str:
    """Return the SQL of one feature without its name."""
    if line.aggregate == EXPRESSION:
        return line.expression or "NULL"
    if line.aggregate == VALUE:
        return quoted(line.column)
    if line.aggregate == COUNT_ROWS:
        called = COUNT_ROWS
    elif line.aggregate == "COUNT DISTINCT":
        called = f"COUNT(DISTINCT {quoted(line.column)})"
    else:
        called = f"{line.aggregate}({quoted(line.column)})"
    rows = f" FILTER (WHERE {line.filter})" if line.filter else ""
    return f"{called}{rows} OVER {line.window}"


def header(choices: Choices) -> str:
    """Return the first line of the cell."""
    magic, name = ("%%label", "my_label") if choices.label else ("%%feature", "my_view")
    words = [magic, choices.view or name, "--from", choices.source]
    if choices.kind == "request" and not choices.label:
        words += ["--per", "row"]
    elif choices.entity:
        words += ["--entity", choices.entity]
    if choices.owner:
        words += ["--owner", choices.owner]
    if choices.label and choices.kind == "snapshot" and choices.ahead:
        words += ["--ahead", choices.ahead]
    if choices.strict and not choices.label:
        words += ["--strict"]
    # a line break in a word would end the magic's line
    return " ".join([words[0], *(shlex.quote(" ".join(word.split())) for word in words[1:])])


def cell_text(choices: Choices) -> str:
    """Return the whole cell."""
    lines = [
        f"  {expression(line)} AS {quoted(line.name or suggested_name(line))}"
        for line in choices.lines
    ]
    body = ",\n".join(lines)
    return f"{header(choices)}\nSELECT\n{body}\nFROM {quoted(choices.source)}"
