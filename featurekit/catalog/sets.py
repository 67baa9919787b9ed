"""Feature sets: what a model uses, every member pinned, versions by the same rule as views'."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from featurekit.catalog.publishing import require_owner
from featurekit.catalog.records import MadeCurrent, Metadata, Record, SetPublished
from featurekit.catalog.resolving import resolve_view
from featurekit.catalog.state import PublishedSet, State
from featurekit.catalog.versions import Level, feature_hash, next_version, version_key
from featurekit.errors.base import listed, nearest
from featurekit.errors.catalog import InvalidSet
from featurekit.errors.labels import LabelAsFeature
from featurekit.ir.canonical import digest
from featurekit.ir.definitions import FeatureSet, Member


@dataclass(frozen=True, slots=True)
class SetPublication:
    """What publishing a set does: records to write (none when nothing changed)."""

    version: str
    records: tuple[Record, ...]
    level: Level


def pinned(
    state: State,
    name: str,
    lines: Sequence[str | tuple[str, str]],
    drafts: Collection[str] = (),
) -> FeatureSet:
    """Return the set that ``lines`` spell: ``view``, ``view@2``, ``view@2:feature``, ``view:f,g``.

    Each view is pinned to the exact version that it means now.

    Raises:
        InvalidSet: FK310, for an empty set, an unknown feature, or one view at two versions.
        UnknownName: FK303.
        UnknownVersion: FK304.
        InvalidReference: FK305.
        LabelAsFeature: FK354.
    """
    members: dict[str, Member] = {}
    for line in lines:
        text = line if isinstance(line, str) else ":".join(line)
        reference, colon, wanted = text.strip().partition(":")
        view = resolve_view(state, reference.strip(), drafts)
        if view.view.is_label:
            raise LabelAsFeature(view.name)
        every = tuple(feature.name for feature in view.view.features)
        chosen = tuple(part.strip() for part in wanted.split(",")) if colon else every
        for feature in chosen:
            if feature not in every:
                problem = f"{view.reference} has no feature {feature!r}{nearest(feature, every)}"
                raise InvalidSet(name, problem, f"its features: {listed(every)}")
        earlier = members.get(view.name)
        if earlier and earlier.version != view.version:
            problem = f"{view.name} is in it as {earlier.version} and as {view.version}"
            raise InvalidSet(name, problem, "keep one of them: their columns have one name")
        features = dict.fromkeys((*(earlier.features if earlier else ()), *chosen))
        members[view.name] = Member(view.name, view.version, tuple(features))
    if not members:
        raise InvalidSet(name, "it has no features", "name at least one view: customer_spend@1")
    return FeatureSet(name, tuple(members.values()))


def set_publication(state: State, made: FeatureSet, metadata: Metadata) -> SetPublication:
    """Return what publishing ``made`` does to ``state``.

    Raises:
        MissingOwner: FK306.
    """
    require_owner("feature set", made.name, metadata.owner)
    base = _base(state, made)
    known = state.versions(made.name)
    if base is None:
        return SetPublication("1.0", _records(made, "1.0", "new", metadata), Level.VALUES)
    level = _level(state, base, made, metadata)
    version = next_version(level, base.version, known)
    if level is Level.UNCHANGED:
        again = MadeCurrent(made.name, version, "published again")
        return SetPublication(version, () if base.current else (again,), level)
    return SetPublication(version, _records(made, version, level.value, metadata), level)


def _base(state: State, made: FeatureSet) -> PublishedSet | None:
    current = state.current_set(made.name)
    if current is None:
        return None
    versions = sorted(state.sets[made.name].values(), key=lambda v: version_key(v.version))
    same = [v for v in versions if v.set == made and v.deprecated is None]
    if same:
        return current if current in same else same[-1]
    major = version_key(current.version)[0]
    return [v for v in versions if version_key(v.version)[0] == major][-1]


def _level(state: State, base: PublishedSet, made: FeatureSet, metadata: Metadata) -> Level:
    if base.set == made:
        same = base.metadata.hash == metadata.hash
        return Level.UNCHANGED if same else Level.COSMETIC
    old, new = columns(state, base.set), columns(state, made)
    if any(name in new and new[name][0] != old[name][0] for name in old):
        return Level.TYPES
    if old.items() <= new.items():
        return Level.ADDITIVE
    same = all(name in new and new[name][1] == values for name, (_, values, _) in old.items())
    return Level.STATUSES if same else Level.VALUES


def columns(state: State, made: FeatureSet) -> dict[str, tuple[str, str, bool]]:
    """Return type, meaning of the values, and strictness of each column ``view__feature``."""
    found: dict[str, tuple[str, str, bool]] = {}
    for member in made.members:
        view = resolve_view(state, member.reference).view
        for feature in view.features:
            if feature.name in member.features:
                values = feature_hash(replace(view, strict=False), feature)
                told = (str(feature.expression.type), values, view.strict)
                found[f"{member.view}__{feature.name}"] = told
    return found


def _records(made: FeatureSet, version: str, level: str, metadata: Metadata) -> tuple[Record, ...]:
    meaning = digest([[m.reference, list(m.features)] for m in made.members])
    record = SetPublished(made.name, version, level, made, meaning, metadata, metadata.hash)
    return record, MadeCurrent(made.name, version)
