"""From a draft to records: which version it becomes, and what must hold first.

Pure: a state and a definition go in, records come out; the catalog writes them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from featurekit.catalog.records import Draft, MadeCurrent, Record, ViewPublished
from featurekit.catalog.state import PublishedView, State
from featurekit.catalog.versions import (
    Change,
    Level,
    classify,
    next_version,
    parse_reference,
    version_key,
)
from featurekit.errors.catalog import MissingOwner, UnknownName, UnknownVersion, UsesDraft
from featurekit.ir.canonical import meaning_hash
from featurekit.ir.nodes import Column, walk
from featurekit.ir.view import View


@dataclass(frozen=True, slots=True)
class Publication:
    """What publishing a draft does: records to write (none when nothing changed)."""

    version: str
    records: tuple[Record, ...]
    change: Change
    previous: str | None
    equal_to: tuple[str, ...]


def publication(state: State, draft: Draft, drafts: Collection[str] = ()) -> Publication:
    """Return what publishing ``draft`` does to ``state``.

    A definition that equals an earlier version of the same view is that version: it becomes the
    current one again and gets no new number.

    Raises:
        MissingOwner: FK306.
        UsesDraft: FK307.
        UnknownName: FK303, for a used view that the catalog does not hold.
        UnknownVersion: FK304, likewise.
    """
    require_owner("view", draft.name, draft.metadata.owner)
    require_published_uses(state, draft.name, draft.view, drafts)
    meaning = meaning_hash(draft.view)
    equal_to = equals(state, draft.name, meaning)
    current = state.current_view(draft.name)
    base = _base(state, draft, meaning)
    if base is None:
        change = Change(Level.VALUES, added=tuple(f.name for f in draft.view.features))
        records = _records(draft, "1.0", "new", meaning, point=True)
        return Publication("1.0", records, change, None, equal_to)
    same = draft.metadata.hash == base.metadata.hash
    change = classify(base.view, draft.view, same_metadata=same)
    version = next_version(change.level, base.version, state.versions(draft.name))
    point = current is None or current.version != version
    if change.level is Level.UNCHANGED:
        records = (MadeCurrent(draft.name, version, "published again"),) if point else ()
    else:
        records = _records(draft, version, change.level.value, meaning, point=point)
    return Publication(version, records, change, base.version, equal_to)


def _base(state: State, draft: Draft, meaning: str) -> PublishedView | None:
    """Return the version to compare to.

    It is the one of the same meaning, else the newest of the current one's line: whoever uses
    ``name@1`` must find in 1.2 all that 1.1 had, even when 1.0 is the current one.
    """
    current = state.current_view(draft.name)
    if current is None:
        return None
    versions = sorted(state.views[draft.name].values(), key=lambda v: version_key(v.version))
    same = [v for v in versions if meaning_hash(v.view) == meaning and v.deprecated is None]
    if same:
        return current if current in same else same[-1]
    major = version_key(current.version)[0]
    return [v for v in versions if version_key(v.version)[0] == major][-1]


def _records(
    draft: Draft, version: str, level: str, meaning: str, *, point: bool
) -> tuple[Record, ...]:
    made = ViewPublished(
        draft.name,
        version,
        level,
        draft.header,
        draft.text,
        draft.view,
        meaning,
        draft.metadata,
        draft.metadata.hash,
    )
    return (made, MadeCurrent(draft.name, version)) if point else (made,)


def require_owner(kind: str, name: str, owner: str) -> None:
    """Refuse a definition without an owner.

    Raises:
        MissingOwner: FK306.
    """
    if not owner or not owner.strip():
        raise MissingOwner(kind, name)


def require_published_uses(
    state: State, name: str, view: View, drafts: Collection[str] = ()
) -> None:
    """Refuse a view that uses anything but exact published versions; ``drafts`` there are now.

    Raises:
        UsesDraft: FK307.
        UnknownName: FK303.
        UnknownVersion: FK304.
    """
    read = {
        node.relation
        for feature in view.features
        for node in walk(feature.expression)
        if isinstance(node, Column) and "@" in node.relation
    }
    references = sorted(read | set(view.uses))
    used_drafts = [reference for reference in references if reference.endswith("@draft")]
    if used_drafts:
        still = {one.partition("@")[0] for one in used_drafts} & set(drafts)
        raise UsesDraft(name, used_drafts, still)
    for reference in references:
        used, major, minor = parse_reference(reference)
        if used not in state.views:
            raise UnknownName("view", used, state.views)
        if minor is None or f"{major}.{minor}" not in state.views[used]:
            wanted = reference.partition("@")[2] or "(none named)"
            raise UnknownVersion(used, wanted, state.versions(used))


def equals(state: State, name: str, meaning: str) -> tuple[str, ...]:
    """Return the references of other views' versions with the same meaning, sorted."""
    return tuple(
        sorted(
            view.reference
            for other, versions in state.views.items()
            if other != name
            for view in versions.values()
            if view.meaning == meaning
        )
    )
