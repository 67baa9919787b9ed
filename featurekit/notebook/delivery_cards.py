"""Cards of the hand-over: feature sets, exports and the proof of parity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from featurekit.notebook.blocks import Block, Cell, Chip, Code, Fold, Head, Name, Sentence, Table
from featurekit.notebook.setup_cards import badges, commands, counted, value, words

if TYPE_CHECKING:
    from collections.abc import Mapping


def featureset(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    """``%%featureset``: the columns a model will see, each with the pinned view it comes from."""
    rows = tuple(
        (
            Name(str(one.get("column", ""))),
            str(one.get("type") or ""),
            Name(str(one.get("view", ""))),
        )
        for one in facts.get("features") or ()
    )
    said = (counted(len(rows), "feature"), *words(("", facts.get("owner"))))
    chips = (Chip("feature set"), *([Chip(str(v), "ok")] if (v := facts.get("version")) else []))
    head = Head(str(facts.get("name", "")), chips, said)
    return (head, Table(("column", "type", "view"), rows), *badges(facts), *commands(facts))


def materialized(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    """``%materialize``: as of when, where to, how many rows, and from which."""
    chips = [Chip("store" if facts.get("store") else "answers", "ok")]
    if facts.get("dry_run"):
        chips.append(Chip("dry run: nothing was written", "warn"))
    number = facts.get("rows")
    rows = "" if number is None else counted(number, "row")
    said = words(
        ("as of", facts.get("as_of")),
        ("since", facts.get("since")),
        ("in", facts.get("out")),
        ("", f"{rows} came new" if rows and facts.get("store") else rows),
    )
    sources = tuple(
        (Name(str(one["source"])), counted(one["visible"], "row"))
        for one in facts.get("sources") or ()
    )
    head = Head(str(facts.get("set", "")), tuple(chips), said)
    return (head, *badges(facts), Table(("source", "visible by then"), sources), *commands(facts))


def export(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    """``%export``: where the package lies, what it holds, and what was or would be written."""
    chips = [Chip(str(facts.get("version") or "export"), "ok")]
    if facts.get("dry_run"):
        chips.append(Chip("dry run: nothing was written", "warn"))
    tree = tuple((str(mark), str(path)) for mark, path in facts.get("tree") or ())
    count = {sign: sum(mark == sign for mark, _ in tree) for sign in "+~="}
    vectors = facts.get("vectors")
    said = words(
        ("to", facts.get("to")),
        ("branch", facts.get("branch")),
        ("", None if vectors is None else counted(vectors, "parity vector")),
    )
    changes = f"{count['+']} new, {count['~']} changed, {count['=']} unchanged files"
    lines = Code("\n".join(f"{mark} {path}" for mark, path in tree))
    if facts.get("commit"):
        said += (f"commit {str(facts['commit'])[:12]}",)
    changed = facts.get("changed") or {}
    told = [*changed.get("meaning", ()), *changed.get("values", ())]
    since = f"{counted(len(told), 'change')} since {changed.get('since')}"
    return (
        Head(str(facts.get("package", "")), tuple(chips), said),
        *badges(facts),
        *((Fold(since, (Code("\n".join(map(str, told))),)),) if told else ()),
        Fold(changes, (lines,)),
        *commands(facts),
    )


def parity(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    """``%parity``: how many values were compared, where they differ, and the worst rows."""
    return _compared(facts, "served = trained")


def replay(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    """``%replay``: how many logged values would be the same now, and why others would not."""
    return _compared(facts, "as it would be now")


def _compared(facts: Mapping[str, Any], held: str) -> tuple[Block, ...]:
    wrong = facts.get("differences") or 0
    chip = Chip(held, "ok") if not wrong else Chip(f"{wrong:,} differ", "bad")
    said = (
        counted(facts.get("rows", 0), "row"),
        f"{counted(facts.get('compared', 0), 'value')} compared",
    )
    rows = tuple(
        (
            Name(str(one.get("column", ""))),
            one.get("compared"),
            one.get("nulls"),
            one.get("differences"),
        )
        for one in facts.get("features") or ()
    )
    blocks: list[Block] = [
        Head(str(facts.get("set") or facts.get("kind")), (chip,), said),
        *badges(facts),
        Table(("feature", "compared", "null", "differ"), rows),
    ]
    worst = facts.get("worst") or ()
    if worst:
        keys = tuple(dict.fromkeys(key for row in worst for key in row))
        table = Table(
            tuple(str(key) for key in keys),
            tuple(tuple(_told(row.get(key)) for key in keys) for row in worst),
        )
        blocks += [Sentence("Where they differ most:"), table]
    return (*blocks, *commands(facts))


def _told(found: Any) -> Cell:
    """Return a value, or a whole question as ``key=value`` pairs."""
    if isinstance(found, dict):
        return Name(", ".join(f"{key}={one}" for key, one in found.items()))
    return value(found)
