"""From what an author writes, ``name``, ``name@1`` or ``name@1.2``, to one published version."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeVar

from featurekit.catalog.state import PublishedSet, PublishedView, State
from featurekit.catalog.versions import parse_reference, version_key
from featurekit.errors.catalog import UnknownName, UnknownVersion

P = TypeVar("P", PublishedView, PublishedSet)


def resolve_view(state: State, reference: str, drafts: Collection[str] = ()) -> PublishedView:
    """Return the version of a view that ``reference`` means now.

    Args:
        state: What is published.
        reference: ``name``, ``name@1`` or ``name@1.2``.
        drafts: Names of drafts, which a failure can then tell from names that nothing has.

    Raises:
        InvalidReference: FK305.
        UnknownName: FK303.
        UnknownVersion: FK304.
    """
    name, major, minor = parse_reference(reference)
    name = name if name in state.views else name.lower()  # as the view's cell is read
    if name not in state.views:
        raise UnknownName("view", name, state.views, drafts)
    return _chosen(name, state.views[name], major, minor)


def resolve_set(state: State, reference: str) -> PublishedSet:
    """Return the version of a feature set that ``reference`` means now.

    Raises:
        InvalidReference: FK305.
        UnknownName: FK303.
        UnknownVersion: FK304.
    """
    name, major, minor = parse_reference(reference)
    if name not in state.sets:
        raise UnknownName("feature set", name, state.sets)
    return _chosen(name, state.sets[name], major, minor)


def _chosen(name: str, versions: Mapping[str, P], major: int | None, minor: int | None) -> P:
    """The current one; the newest of a line that is not deprecated, if any is not; or the one."""
    if major is None:
        current = [v for v in versions.values() if v.current]
        if current:
            return current[0]
    if minor is not None and f"{major}.{minor}" in versions:
        return versions[f"{major}.{minor}"]
    line = [
        v
        for v in versions.values()
        if minor is None and (major is None or version_key(v.version)[0] == major)
    ]
    line.sort(key=lambda v: (v.deprecated is None, version_key(v.version)))
    if line:
        return line[-1]
    wanted = f"{major}" if minor is None else f"{major}.{minor}"
    raise UnknownVersion(name, wanted, sorted(versions, key=version_key))
