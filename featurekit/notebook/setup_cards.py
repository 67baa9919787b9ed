"""Cards of what a workspace holds: the connection, entities, sources, vocabularies, the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from featurekit.notebook.blocks import (
    Badge,
    Badges,
    Block,
    Cell,
    Chip,
    Head,
    Name,
    Next,
    Sentence,
    Shape,
    Table,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


STATUS_LEVELS = {"published": "ok", "draft": "warn", "deprecated": "bad"}


def commands(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    """Return the card's last line, or nothing."""
    found = facts.get("next") or ()
    return (Next(tuple(str(command) for command in found)),) if found else ()


def badges(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    """Return the judgements, or nothing."""
    found = tuple(
        Badge(str(b.get("label", "")), str(b.get("level", "plain")), str(b.get("text", "")))
        for b in facts.get("badges") or ()
    )
    return (Badges(found),) if found else ()


def words(*pairs: tuple[str, Any]) -> tuple[str, ...]:
    """Return ``label value`` for every value that is there."""
    said = []
    for label, value in pairs:
        shown = ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else value
        if shown not in {None, ""}:
            said.append(f"{label} {shown}".strip())
    return tuple(said)


def profile_rows(profiles: Iterable[Mapping[str, Any]], *, cost: bool) -> Table:
    """Return one line for each column or feature: type, nulls, distinct, range, shape, cost.

    What no line knows (a card without a profile, a column without an order) has no column.
    """
    known = tuple(profiles)
    columns: list[tuple[str, list[Cell]]] = [
        ("", [Name(str(one.get("name", ""))) for one in known]),
        ("type", [str(one.get("type", "")) for one in known]),
    ]
    if any("nulls" in one for one in known):
        columns.append(("nulls", [share(one.get("nulls"), one.get("rows")) for one in known]))
    for key in ("distinct", "min", "median", "max"):
        if any(one.get(key) is not None for one in known):
            cells = [value(one[key]) if one.get(key) is not None else "" for one in known]
            columns.append((key, cells))
    if any(one.get("shape") for one in known):
        columns.append(("shape", [Shape(tuple(one.get("shape") or ())) for one in known]))
    if cost and any(one.get("cost_us") is not None for one in known):
        columns.append(("a request", [_cost(one.get("cost_us")) for one in known]))
    rows = tuple(zip(*(cells for _, cells in columns), strict=True))
    return Table(tuple(name for name, _ in columns), rows)


def _cost(spent: float | None) -> str:
    return "" if spent is None else f"{spent:.3g} µs"


def counted(count: int, word: str) -> str:
    """Return ``1 feature``, ``2,000 features``."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def share(part: int | None, whole: int | None) -> Cell:
    """Return ``12 (3 %)``: a count and what part of the rows it is."""
    if part is None:
        return ""
    if not whole or not part:
        return part
    percent = 100 * part / whole
    shown = "<0.1" if percent < 0.1 else f"{percent:.1f}" if percent < 10 else f"{percent:.0f}"  # noqa: PLR2004 - digits that are worth reading
    return f"{part:,} ({shown} %)"


def value(cell: Any) -> Cell:
    """Return a value of the data as a cell: numbers as numbers, text as it is spelled."""
    match cell:
        case None | bool() | int() | float():
            return cell
        case str():
            return Name(cell)
        case _:
            return Name(str(cell))


def connected(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    """``%fk connect``: one line that says where the catalog lies and what it holds."""
    return (Sentence(str(facts.get("text", ""))), *commands(facts))


def entity(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    """``%entity``: the name and its key columns."""
    rows = tuple(
        (Name(str(key.get("name", ""))), str(key.get("type", "")))
        for key in facts.get("keys") or ()
    )
    head = Head(str(facts.get("name", "")), (Chip("entity"),))
    return (head, Table(("key", "type"), rows), *commands(facts))


def vocabulary(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    """``%vocabulary``: each canonical value and the spellings that mean it."""
    entries = facts.get("entries") or ()
    rows = tuple(
        (Name(str(canonical)), ", ".join(str(alias) for alias in aliases))
        for canonical, aliases in entries
    )
    case = "upper and lower case are one" if facts.get("ignore_case") else "case matters"
    told = words(("unknown becomes", facts.get("unknown") or "null"))
    said = (counted(len(entries), "value"), *told, case)
    head = Head(str(facts.get("name", "")), (Chip("vocabulary"),), said)
    return (head, Table(("value", "also written"), rows), *commands(facts))


def source(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    """``%source``: what it is, its span, what is doubtful, a profile of its columns."""
    chips = [Chip("source"), Chip(str(facts.get("source_kind") or "events"))]
    if facts.get("session_only"):
        chips.append(Chip("session only", "warn"))
    span = facts.get("span") or ()
    said = words(
        ("", counted(facts["rows"], "row") if facts.get("rows") is not None else None),
        ("per", facts.get("entity")),
        ("time", facts.get("time")),
        ("available", facts.get("available")),
        ("tie", facts.get("tie")),
        ("complete until", facts.get("until")),
        ("logged as it is", facts.get("loggable") or None),
    )
    lines: list[Block] = [Head(str(facts.get("name", "")), tuple(chips), said)]
    if span:
        lines.append(Sentence(f"from {span[0]} to {span[1]}", quiet=True))
    if facts.get("location"):
        lines.append(Sentence(str(facts["location"]), quiet=True))
    table = profile_rows(facts.get("columns") or (), cost=False)
    return (*lines, *badges(facts), table, *commands(facts))


def catalog(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    """``%catalog``: every feature that matches, one to a line."""
    found = facts.get("rows") or ()
    query = str(facts.get("query") or "")
    views = {row.get("view") for row in found}
    held = f"{counted(len(found), 'feature')} in {counted(len(views), 'view')}"
    said = (held, *words(("matching", query)))
    rows = tuple(
        (
            Name(f"{row.get('view', '')}@{row.get('version') or 'draft'}"),
            Name(str(row.get("feature", ""))),
            str(row.get("type", "")) + (", label" if row.get("label") else ""),
            str(_plain(row.get("entity"))),
            Chip(
                str(row.get("status", "")), STATUS_LEVELS.get(str(row.get("status", "")), "plain")
            ),
            str(row.get("owner") or ""),
            str(row.get("description") or ""),
            str(_plain(row.get("tags"))),
        )
        for row in found
    )
    columns = ("view", "feature", "type", "per", "status", "owner", "description", "tags")
    body: Block = Table(columns, rows) if rows else Sentence("Nothing matches.", quiet=True)
    return (Head("catalog", (), said), body, *commands(facts))


def _plain(found: Any) -> str:
    if isinstance(found, (list, tuple)):
        return ", ".join(str(one) for one in found)
    return str(found or "")
