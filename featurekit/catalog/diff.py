"""What changed between two definitions, as facts for a card: impact, features, words, lines."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any

from featurekit.catalog.records import Metadata
from featurekit.catalog.versions import Change, Level, classify
from featurekit.ir.nodes import Aggregate, walk
from featurekit.ir.semantics import semantics
from featurekit.ir.view import Feature, View
from featurekit.ir.windows import window_name

_CONTEXT_LINES = 3


def diff(
    old: tuple[str, View, Metadata, str],
    new: tuple[str, View, Metadata, str],
) -> dict[str, Any]:
    """Return how ``new`` differs from ``old``.

    Args:
        old: Version (``1.0``), meaning, metadata, and the canonical text that shows the meaning.
        new: Likewise; the version may be ``draft``.

    Returns:
        ``impact`` in words; ``changes`` feature by feature; ``context``: what of the view itself
        differs, beside what its features say; ``meaning``: which lines of the semantics sheet
        differ, and what its source is; ``metadata``: what is said differently; ``lines``: the
        texts' differences, each line after its mark ``+``, ``-`` or a blank.
    """
    old_version, old_view, old_said, old_text = old
    new_version, new_view, new_said, new_text = new
    change = classify(old_view, new_view, same_metadata=old_said.hash == new_said.hash)
    return {
        "kind": "diff",
        "name": new_view.name,
        "from": old_version,
        "to": new_version,
        "level": change.level.value,
        "impact": change.level.words,
        "changes": feature_changes(change, old_view, new_view),
        "context": list(change.context),
        "meaning": meaning_changes(old_view, new_view),
        "metadata": metadata_changes(old_said, new_said),
        "lines": [] if change.level is Level.UNCHANGED else line_diff(old_text, new_text),
    }


def feature_changes(change: Change, old: View, new: View) -> list[dict[str, str]]:
    """Return one line for each feature that differs, in the new order, then the removed."""
    said: dict[str, str] = dict.fromkeys(change.added, "added")
    what = "statuses" if change.level is Level.STATUSES else "values"
    said |= {name: f"{what}{_windows_changed(name, old, new)}" for name in change.changed}
    for name in change.retyped:
        before, after = old.feature(name), new.feature(name)
        if before and after:
            said[name] = f"type {before.expression.type} → {after.expression.type}"
    ordered = [feature.name for feature in new.features if feature.name in said]
    lines = [{"feature": name, "change": said[name]} for name in ordered]
    return lines + [{"feature": name, "change": "removed"} for name in change.removed]


def _windows_changed(name: str, old: View, new: View) -> str:
    """Return ``: last_30d → last_7d`` where the feature reads other windows, else nothing."""
    before, after = _windows(old.feature(name)), _windows(new.feature(name))
    if before == after:
        return ""
    gone = ", ".join(sorted(before - after)) or "none"
    come = ", ".join(sorted(after - before)) or "none"
    return f": {gone} → {come}"


def _windows(feature: Feature | None) -> set[str]:
    return {
        window_name(node.window) + (" and the row in hand" if node.current else "")
        for node in (walk(feature.expression) if feature else ())
        if isinstance(node, Aggregate)
    }


def meaning_changes(old: View, new: View) -> list[dict[str, str]]:
    """Return what the semantics sheets say differently: windows, joins, freshness, zone, ties.

    What of the source is not on the sheet comes first: which it is, of what kind, its zone.
    """
    before, after = (dict([*_source(view), *semantics(view)]) for view in (old, new))
    aspects = [*after, *(aspect for aspect in before if aspect not in after)]
    pairs = [(aspect, before.get(aspect, "none"), after.get(aspect, "none")) for aspect in aspects]
    return [{"what": what, "old": a, "new": b} for what, a, b in pairs if a != b]


def _source(view: View) -> list[tuple[str, str]]:
    source = view.source
    if source is None:
        return []
    zone = f"{source.name}: zone of its clock readings"
    return [("source", source.name), ("kind", source.kind.value), (zone, source.zone or "UTC")]


def metadata_changes(old: Metadata, new: Metadata) -> list[dict[str, str]]:
    """Return what is said differently: owner, description, tags."""
    pairs = [
        ("owner", old.owner, new.owner),
        ("description", old.description, new.description),
        ("tags", ", ".join(sorted(set(old.tags))), ", ".join(sorted(set(new.tags)))),
    ]
    return [{"what": what, "old": a, "new": b} for what, a, b in pairs if a != b]


def line_diff(old: str, new: str) -> list[list[str]]:
    """Return the lines of both texts with their marks; unchanged ones only near changes."""
    before, after = old.splitlines(), new.splitlines()
    lines: list[list[str]] = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for position, group in enumerate(matcher.get_grouped_opcodes(_CONTEXT_LINES)):
        if position:
            lines.append([" ", "…"])
        for tag, old_from, old_to, new_from, new_to in group:
            if tag == "equal":
                lines += [[" ", line] for line in before[old_from:old_to]]
                continue
            lines += [["-", line] for line in before[old_from:old_to]]
            lines += [["+", line] for line in after[new_from:new_to]]
    return lines
