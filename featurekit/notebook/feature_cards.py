"""Cards of a view's life: defined, compared, published, looked back at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from featurekit.notebook.blocks import (
    Advice,
    Badge,
    Badges,
    Block,
    Changes,
    Chip,
    Code,
    Fold,
    Head,
    Name,
    Sentence,
    Table,
)
from featurekit.notebook.setup_cards import (
    STATUS_LEVELS,
    badges,
    commands,
    counted,
    profile_rows,
    share,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHEET = 6
"""What a view means is read to the end; of its generated code the beginning will do."""
IMPACT_LEVELS = {
    "cosmetic": "ok",
    "additive": "ok",
    "new": "ok",
    "unchanged": "plain",
    "statuses": "warn",
    "statuses change": "warn",
    "values": "warn",
    "values change": "warn",
    "types": "bad",
    "type changes": "bad",
}


def feature(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    """``%%feature``: what the view means, how its values look, and the proof that it serves."""
    title = str(facts.get("title") or facts.get("status") or "")
    said = words(
        ("", facts.get("language")),
        ("per", facts.get("entity") or "row"),
        ("by", facts.get("time")),
        ("", facts.get("owner")),
    )
    chips = (Chip(title, _level(title)), *_side(facts))
    blocks: list[Block] = [Head(str(facts.get("name", "")), chips, said)]
    if facts.get("description"):
        blocks.append(Sentence(str(facts["description"]), quiet=True))
    blocks += badges(facts)
    if facts.get("equal_to"):
        same = ", ".join(str(name) for name in facts["equal_to"])
        blocks.append(Badges((Badge("duplicate", "warn", f"means the same as {same}"),)))
    blocks.append(profile_rows(facts.get("features") or (), cost=True))
    blocks += _lints(facts)
    blocks += _folds(facts)
    if facts.get("seconds") is not None:
        blocks.append(Sentence(f"{facts['seconds']:.2f} s", quiet=True))
    return (*blocks, *commands(facts))


def _side(facts: Mapping[str, Any]) -> tuple[Chip, ...]:
    """Return the mark of what is to be predicted; features have none."""
    return (Chip("label"),) if facts.get("label") else ()


def _level(title: str) -> str:
    if title.startswith("draft"):
        return "warn"
    return STATUS_LEVELS.get(title, "plain" if title == "unchanged" else "ok")


def _lints(facts: Mapping[str, Any]) -> list[Block]:
    return [
        Advice(str(one.get("code", "")), str(one.get("text", "")), str(one.get("fix") or ""))
        for one in facts.get("lints") or ()
    ]


def _folds(facts: Mapping[str, Any]) -> list[Block]:
    """What is there to unfold; as plain lines, which take the least room."""
    folds: list[Block] = []
    sample = facts.get("sample") or {}
    if sample.get("rows"):
        rows = [[_plain(cell) for cell in row] for row in sample["rows"][:10]]
        lines = _columns([[str(column) for column in sample.get("columns") or ()], *rows])
        folds.append(Fold(f"{len(rows)} rows", (Code(lines),)))
    if facts.get("sql"):
        folds.append(Fold("canonical SQL", (Code(str(facts["sql"])),)))
    if facts.get("semantics"):
        pairs = [[str(key), str(meaning)] for key, meaning in facts["semantics"]]
        folds.append(Fold("what it means exactly", (Code(_columns(pairs), _SHEET),)))
    if facts.get("lineage"):
        pairs = [
            [str(line.get("feature", "")), ", ".join(line.get("columns") or ())]
            for line in facts["lineage"]
        ]
        folds.append(Fold("lineage", (Code(_columns(pairs)),)))
    if facts.get("python"):
        folds.append(Fold("generated Python", (Code(str(facts["python"])),), in_text=False))
    return folds


def _plain(cell: Any) -> str:
    match cell:
        case None:
            return "NULL"
        case bool():
            return str(cell).lower()
        case float():
            return f"{cell:.6g}"
        case "" | "NULL":
            return f"'{cell}'"  # a text, not the absence of one
        case _:
            return str(cell)


def _columns(rows: list[list[str]]) -> str:
    """Return the rows as lines whose columns stand below each other."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def diff(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    """``%feature diff``: how much it matters, which lines changed, what the data says."""
    impact = str(facts.get("impact") or "")
    said = (f"{facts.get('from', '')} → {facts.get('to', '')}",)
    chips = (Chip(impact, IMPACT_LEVELS.get(impact, "warn")),) if impact else ()
    blocks: list[Block] = [Head(str(facts.get("name", "")), (*chips, *_side(facts)), said)]
    changes = tuple(
        (Name(str(one.get("feature", ""))), str(one.get("change", "")))
        for one in facts.get("changes") or ()
    )
    if changes:
        blocks.append(Table(("feature", "change"), changes))
    if facts.get("lines"):
        blocks.append(Changes(tuple((str(mark), str(line)) for mark, line in facts["lines"])))
    rows = tuple(
        (
            Name(str(one.get("feature", ""))),
            share(one.get("rows_changed"), one.get("rows")),
            _pair(one.get("null_rate"), percent=True),
            _pair(one.get("mean"), percent=False),
        )
        for one in facts.get("data") or ()
    )
    if rows:
        blocks.append(Table(("feature", "rows that change", "null", "mean"), rows))
    if facts.get("no_data"):
        blocks.append(Badges((Badge("no data", "warn", str(facts["no_data"])),)))
    return (*blocks, *commands(facts))


def _pair(found: Any, *, percent: bool) -> str:
    if not found:
        return ""
    shown = [
        "NULL" if one is None else f"{100 * one:.2f} %" if percent else f"{one:.6g}"
        for one in found
    ]
    return shown[0] if shown[0] == shown[-1] else " → ".join(shown)


def history(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    """``%feature history``: every version, who made it, and which one holds."""
    rows = tuple(
        (
            Name(str(one.get("version", ""))),
            str(one.get("at") or ""),
            str(one.get("owner") or ""),
            Chip(str(one.get("impact") or ""), IMPACT_LEVELS.get(str(one.get("impact")), "plain")),
            Name(str(one.get("hash") or "")[:12]),
            Chip("current", "ok") if one.get("current") else "",
            _retired(one.get("deprecated")),
        )
        for one in facts.get("versions") or ()
    )
    columns = ("version", "published", "owner", "impact", "meaning", "", "")
    head = Head(str(facts.get("name", "")), _side(facts), (counted(len(rows), "version"),))
    return (head, Table(columns, rows), *commands(facts))


def _retired(reason: object) -> Chip | str:
    """Return the mark of a deprecated version and why; ``reason`` None: it is not."""
    if reason is None:
        return ""
    return Chip(f"deprecated: {reason}" if reason else "deprecated", "bad")


def published(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    """``%feature publish``: the version, what was checked, and the command that undoes it."""
    impact = str(facts.get("impact") or "")
    version = facts.get("version")
    chips = [Chip(str(version), "ok") if version else Chip("dry run", "warn")]
    if impact:
        chips.append(Chip(impact, IMPACT_LEVELS.get(impact, "plain")))
    said = "published" if version else "would be published with this impact"
    checks = tuple(
        Badge(
            str(one.get("label", "")), "ok" if one.get("ok") else "bad", str(one.get("text") or "")
        )
        for one in facts.get("checks") or ()
    )
    blocks: list[Block] = [Head(str(facts.get("name", "")), tuple(chips), (said,))]
    if checks:
        blocks.append(Badges(checks))
    if facts.get("undo"):
        blocks.append(Sentence(f"undo: {facts['undo']}", quiet=True))
    return (*blocks, *commands(facts))
