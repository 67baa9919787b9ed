"""Cards of training sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from featurekit.notebook.blocks import Advice, Block, Cell, Chip, Code, Fold, Head, Name, Table
from featurekit.notebook.setup_cards import badges, commands, counted, value, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_CAUSES = {
    "no_row": "no row",
    "too_old": "too old",
    "in_data": "null in data",
    "made": "by expression",
    "outside": "outside contract",
    "too_early": "not yet known",
}


def _percent(rate: float | None) -> str:
    return "" if rate is None else f"{100 * rate:.1f} %"


def trainset(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    """``%trainset``: size, time taken, and for each feature how much of the spine it matched."""
    said = [counted(facts.get("rows", 0), "row"), counted(facts.get("columns", 0), "column")]
    if facts.get("seconds") is not None:
        said.append(f"{facts['seconds']:.2f} s")
    if facts.get("frame_name"):
        said.append(f"in {facts['frame_name']}")
    if facts.get("lock"):
        said.append(f"lock {facts['lock']}")
    predicts = any(one.get("label") for one in facts.get("features") or ())
    shown = [key for key in _CAUSES if predicts or key != "too_early"]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            Name(str(one.get("column", ""))),
            str(one.get("type") or ""),
            _percent(one.get("null_rate")),
            _matched(one.get("matched"), facts.get("rows")),
            str(one.get("median_age") or ""),
            *_causes(one.get("causes"), shown),
        )
        for one in facts.get("features") or ()
    )
    blocks: list[Block] = [
        Head(str(facts.get("set", "")), (Chip("training set", "ok"),), tuple(said)),
        *badges(facts),
        *_lints(facts),
        Table(
            ("feature", "type", "null", "matched", "median age", *(_CAUSES[key] for key in shown)),
            rows,
        ).told,
    ]
    if facts.get("joins"):
        blocks.append(_joins(facts["joins"]))
    lost = facts.get("unmatched") or {}
    if lost.get("rows"):
        table = Table(
            tuple(str(column) for column in lost.get("columns") or ()),
            tuple(tuple(value(cell) for cell in row) for row in lost["rows"]),
        )
        blocks.append(Fold("first rows for which a view answered nothing", (table,)))
    return (*blocks, *commands(facts))


def _lints(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    found = facts.get("lints") or ()
    return tuple(Advice(str(o["code"]), str(o["text"]), str(o["fix"])) for o in found)


def _joins(found: Iterable[Mapping[str, Any]]) -> Block:
    """Return how many of the rows that were looked at met a row of each joined source."""
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            Name(f"{one['view'].partition('@')[0]}: {one['join']}"),
            Name(str(one["of"])),
            one["rows"],
            _percent(one["matched"] / max(one["rows"], 1)),
            one["stale"] or "",
            str(one.get("median_age") or ""),
        )
        for one in found
    )
    return Table(("join", "of", "rows", "matched", "too old", "median age"), rows).told


def _causes(found: Mapping[str, Any] | None, shown: Iterable[str]) -> tuple[str, ...]:
    """Return how many nulls have which cause; blank for none."""
    return tuple(f"{count:,}" if (count := (found or {}).get(key)) else "" for key in shown)


def trainset_elsewhere(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    """``%trainset --engine spark``: what was written, or how it is going to be computed."""
    rows = facts.get("rows")
    said = words(
        ("", None if rows is None else counted(rows, "row")),
        ("", counted(len(facts.get("features") or ()), "feature")),
        ("in", facts.get("frame_name") or facts.get("written")),
        ("lock", facts.get("lock")),
    )
    explained = any(one.get("causes") for one in facts.get("features") or ())
    table: tuple[tuple[Cell, ...], ...] = tuple(
        (
            Name(str(one.get("column", ""))),
            str(one.get("type") or ""),
            _percent(one["nulls"] / max(rows, 1)) if rows is not None else "",
            *((_matched(one.get("matched"), rows),) if explained else ()),
            *(_causes(one.get("causes"), _CAUSES) if explained else ()),
        )
        for one in facts.get("features") or ()
    )
    head = Head(str(facts.get("set", "")), (Chip(str(facts.get("engine", "")), "ok"),), said)
    plan = (Code(str(facts["plan"])),) if facts.get("plan") else ()
    why = ("matched", *_CAUSES.values()) if explained else ()
    shown = Table(("feature", "type", "null", *why), table)
    return (head, *badges(facts), *_lints(facts), *plan, shown, *commands(facts))


def _matched(found: Any, rows: Any) -> str:
    """Return the match rate; given as a count of rows or as a rate already."""
    if found is None:
        return ""
    if isinstance(found, float) and found <= 1:
        return _percent(found)
    return _percent(found / rows) if rows else str(found)


def split(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    """``%split``: each part's rows and span, and what the embargo between them took."""
    chips = [Chip("split by time", "ok")]
    if facts.get("dry_run"):
        chips.append(Chip("dry run: nothing was kept", "warn"))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            Name(str(one["name"])),
            one["rows"],
            value(one["first"]) if one["first"] is not None else "",
            value(one["last"]) if one["last"] is not None else "",
            one["embargoed"],
            Name(str(one["kept"])) if one.get("kept") else "",
        )
        for one in facts.get("parts") or ()
    )
    return (
        Head("split", tuple(chips), (f"gap {facts.get('gap')}",)),
        *badges(facts),
        Table(("part", "rows", "first", "last", "embargoed", "in"), rows).told,
        *commands(facts),
    )
