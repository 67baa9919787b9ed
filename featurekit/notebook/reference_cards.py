"""Cards that look things up or check them: operators, lineage, cells, packages, the rest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from featurekit.notebook.blocks import Block, Cell, Chip, Code, Fold, Head, Name, Sentence, Table
from featurekit.notebook.setup_cards import badges, commands, counted, value

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOT_ROWS = frozenset({"kind", "next", "badges", "text", "name"})


def helped(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    """``%fk help``: every verb with its arguments and what it is for."""
    rows = tuple((Name(str(usage)), str(summary)) for usage, summary in facts.get("verbs") or ())
    return (Head("featurekit"), Table(("", ""), rows), *commands(facts))


def operators(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    """``featurekit ops``: the table of operators, or one operator's page."""
    found = facts.get("rows") or ()
    columns = tuple(key for key in (found[0] if found else {}) if key not in {"doc", "cases"})
    rows = tuple(tuple(_shown(row.get(key)) for key in columns) for row in found)
    head = Head("operators and aggregates", (), (counted(len(found), "row"),))
    text = str(facts.get("text") or "")
    if "\n" in text:  # the page of one name: its signatures would not fit a column
        return (head, Code(text), *commands(facts))
    return (head, Table(columns, rows), *commands(facts))


def _shown(found: Any) -> Cell:
    """Return a nested value in one line."""
    match found:
        case None:
            return ""
        case list() | tuple():
            return Name(", ".join(str(one) for one in found))
        case dict():
            return ", ".join(f"{key}={one}" for key, one in found.items())
        case _:
            return value(found)


def lineage(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    """``%feature lineage``: the source columns behind each feature."""
    rows = tuple(
        (Name(str(line.get("feature", ""))), Name(", ".join(line.get("columns") or ())))
        for line in facts.get("lineage") or ()
    )
    head = Head(str(facts.get("name", "")), (Chip("lineage"),))
    return (head, Table(("feature", "reads"), rows), *commands(facts))


def cell(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    """``%feature edit``: the cell that defines the view."""
    head = Head(str(facts.get("name", "")), (Chip("cell"),))
    return (head, Code(str(facts.get("cell") or "")), *commands(facts))


def builder(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    """``%fk build`` where no live widget is drawn: what there is to build from."""
    rows = tuple(
        (
            Name(str(one.get("name", ""))),
            str(one.get("kind", "")),
            Name(", ".join(str(column.get("name", "")) for column in one.get("columns") or ())),
        )
        for one in facts.get("sources") or ()
    )
    told = "The builder is live where this notebook's kernel runs: run this cell to open it."
    return (
        Head("feature builder"),
        Sentence(told, quiet=True),
        Table(("source", "kind", "columns"), rows),
        *commands(facts),
    )


def check(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    """``featurekit check`` and ``check-export``: what holds, what does not, and what to do."""
    problems = facts.get("problems") or ()
    chip = Chip("holds", "ok") if facts.get("held") else Chip("does not hold", "bad")
    said = tuple(str(facts[key]) for key in ("text", "path") if facts.get(key))
    columns = tuple(dict.fromkeys(key for one in problems if isinstance(one, dict) for key in one))
    if columns:
        rows = tuple(tuple(_shown(one.get(key)) for key in columns) for one in problems)
    else:
        rows = tuple((str(one),) for one in problems)
    table = (Table(columns or ("problem",), rows),) if rows else ()
    return (Head("check", (chip,), said), *table, *commands(facts))


def generic(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    """Return a card for facts that have none of their own: their plain values by name."""
    rows: list[tuple[Cell, ...]] = []
    folds: list[Block] = []
    for key, found in facts.items():
        if key in _NOT_ROWS or key.startswith("_"):
            continue
        if found is None or isinstance(found, (str, int, float)):
            rows.append((key, value(found)))
        else:
            told = json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False, default=str)
            folds.append(Fold(key, (Code(told),)))
    title = str(facts.get("name") or facts.get("text") or facts.get("kind") or "featurekit")
    table = (Table(("", ""), tuple(rows)),) if rows else ()
    return (Head(title), *badges(facts), *table, *folds, *commands(facts))
