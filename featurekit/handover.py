"""What a package says and holds: its specification, its history, and the versions beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from featurekit.catalog.catalog import Catalog
from featurekit.catalog.state import PublishedSet, PublishedView
from featurekit.catalog.versions import version_key
from featurekit.errors import FeatureError
from featurekit.errors.catalog import UnknownVersion
from featurekit.errors.export import EarlierLayout
from featurekit.export.history import Changed, meaning_lines, remembered, value_lines
from featurekit.export.manifest import LAYOUT, Manifest, manifest_facts
from featurekit.export.package import Change, PackageSpec, version_folder
from featurekit.export.render import render
from featurekit.export.repository import manifests
from featurekit.ir.canonical import to_json
from featurekit.proof import described, value_changes
from featurekit.selection import Selection, select
from featurekit.training.sources import SourceData
from featurekit.version import VERSION

Rows = Mapping[str, SourceData]
Reader = Callable[[Selection], tuple[Rows, Rows]]
"""From what is asked for to the rows of its sources, and to its sample requests."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to deliver, and where.

    Attributes:
        chosen: The set's features and every view they rest on.
        published: The set's version.
        to: The receiving repository's folder.
        target: The target language.
        branch: Commit on this new branch; None: write files only.
        service: Offer the features over HTTP, too. Once they are, each export renews that.
    """

    chosen: Selection
    published: PublishedSet
    to: Path
    target: str = "python"
    branch: str | None = None
    service: bool = False

    @property
    def package(self) -> str:
        """The name of the Python package."""
        return f"{self.published.name}_features"


def versions_beside(order: Order) -> dict[str, Manifest]:
    """Return the manifests of the versions that the receiving folder holds, by version."""
    if not order.to.is_dir():
        return {}
    found = manifests(order.to, (order.package,)).values()
    return {str(manifest.facts["set"]["version"]): manifest for manifest in found}


def specification(
    order: Order, catalog: Catalog, vectors: str, changed: Changed, beside: Mapping[str, Manifest]
) -> PackageSpec:
    """Return everything that the package says."""
    published = order.published
    views = {reference: catalog.resolve(reference) for reference in order.chosen.views}
    facts = manifest_facts(published, views.values(), package=order.package, toolkit=VERSION)
    facts["changed"] = changed.facts
    said = {version: remembered(manifest.facts) for version, manifest in beside.items()}
    versions = tuple(sorted({*beside, published.version}, key=version_key))
    return PackageSpec(
        set=published.set,
        version=published.version,
        hash=published.meaning,
        views={reference: _described(view) for reference, view in views.items()},
        toolkit=VERSION,
        owner=published.metadata.owner,
        description=published.metadata.description,
        manifest=to_json(facts),
        vectors=vectors,
        versions=versions,
        changes=_changes(catalog, published, {**said, published.version: changed}),
        loggable={name: one.loggable for name, one in catalog.sources().items() if one.loggable},
        service=_offered(order, beside),
        served=versions,
    )


def _offered(order: Order, beside: Mapping[str, Manifest]) -> bool:
    """Whether the package is, or becomes, one with a service."""
    return order.service or any(_serves(manifest) for manifest in beside.values())


def _serves(manifest: Manifest) -> bool:
    """Whether a version can be asked over HTTP."""
    return any(path.split("/")[1:2] == ["service"] for path in manifest.files)


def _described(view: PublishedView) -> Any:
    return described(view.view, view.metadata.owner, view.metadata.description)


def _changes(
    catalog: Catalog, published: PublishedSet, said: Mapping[str, Changed | None]
) -> tuple[Change, ...]:
    """Return the changelog up to the newest version that the package holds, newest first."""
    until = max(map(version_key, said))
    versions = [v for v in catalog.versions(published.name) if version_key(v) <= until]
    made = [catalog.resolve_set(f"{published.name}@{version}") for version in versions]
    entries: list[Change] = []
    for place, one in enumerate(made):
        kept = said.get(one.version)
        if kept is not None and kept.since is not None:
            entries.append(Change(one.version, f"{_pinned(one)}; since {kept.since}:", kept.lines))
        elif place:
            before = made[place - 1]
            lines = _meaning(catalog, before, one)
            entries.append(Change(one.version, f"{_pinned(one)}; since {before.version}:", lines))
        else:
            entries.append(Change(one.version, _pinned(one)))
    return tuple(reversed(entries))


def _pinned(one: PublishedSet) -> str:
    members = ", ".join(member.reference for member in one.set.members)
    return f"{one.level}: {members}"


def _meaning(catalog: Catalog, old: PublishedSet, new: PublishedSet) -> tuple[str, ...]:
    pinned = {member.reference for made in (old, new) for member in made.set.members}
    return meaning_lines(old, new, {reference: catalog.resolve(reference) for reference in pinned})


def changed(
    order: Order, catalog: Catalog, beside: Mapping[str, Manifest], read: Reader
) -> Changed:
    """Return what the version changes for a receiver who has the version before it."""
    own = version_key(order.published.version)
    older = [version for version in beside if version_key(version) < own]
    if not older:
        return Changed()
    since = max(older, key=version_key)
    name = f"{order.published.name}@{since}"
    try:
        before = catalog.resolve_set(name)
        meaning = _meaning(catalog, before, order.published)
        old = select(catalog, name, drafts=False)
        (rows, samples), (more, drawn) = read(old), read(order.chosen)
        facts = value_changes(old, order.chosen, {**rows, **more}, {**samples, **drawn})
    except UnknownVersion:
        return Changed(since, ("this catalog does not know that version",))
    except FeatureError as refused:  # an old source may be gone: the hand-off goes on
        return Changed(since, meaning, (f"values were not compared: {refused.problem}",))
    return Changed(since, meaning, value_lines(facts))


def renewed(order: Order, catalog: Catalog, beside: Mapping[str, Manifest]) -> dict[str, str]:
    """Return the files of versions that do not fit what is now beside them, rendered anew.

    A version that an earlier featurekit exported asks other things of the shared files; one that
    came before the service cannot be asked over HTTP, so nobody could roll back to it. Its meaning
    is the catalog's, and the answers that prove it are those that lie there.

    Raises:
        EarlierLayout: FK434.
    """
    made: dict[str, str] = {}
    offered = _offered(order, beside)
    for version, manifest in beside.items():
        fits = manifest.facts.get("layout", 1) >= LAYOUT and _serves(manifest) >= offered
        if version == order.published.version or fits:
            continue
        folder = version_folder(version)
        mine = (
            f"{order.package}/{folder}/",
            f"tests/{order.package}/{folder}/",
            f"{order.package}/service/{folder}/",
        )
        earlier = _earlier(order, catalog, version, manifest)
        vectors = order.to / PurePosixPath(mine[1], "vectors.jsonl")
        if not vectors.is_file():
            raise EarlierLayout(order.package, version, f"{vectors} is missing")
        kept = remembered(manifest.facts) or Changed()
        text = vectors.read_bytes().decode()
        files = render(specification(earlier, catalog, text, kept, beside))
        made |= {path: text for path, text in files.items() if path.startswith(mine)}
    return made


def _earlier(order: Order, catalog: Catalog, version: str, manifest: Manifest) -> Order:
    name = f"{order.published.name}@{version}"
    try:
        published = catalog.resolve_set(name)
    except UnknownVersion:
        raise EarlierLayout(order.package, version, "this catalog does not hold it") from None
    if published.meaning != manifest.facts["set"]["meaning"]:
        raise EarlierLayout(order.package, version, "this catalog holds another under that name")
    return Order(select(catalog, name, drafts=False), published, order.to, service=order.service)


def message(order: Order, changed: Changed) -> str:
    """Return the commit's message: what is delivered, what it changes, made of what, by whom."""
    published = order.published
    members = "\n".join(f"- {m.reference}: {', '.join(m.features)}" for m in published.set.members)
    if changed.since is None:
        said = "The first version delivered here.\n"
    else:
        meaning, values = (_listed(lines) for lines in (changed.meaning, changed.values))
        said = f"Changed in meaning since {changed.since}:\n{meaning}\nIn values:\n{values}"
    return (
        f"Deliver {published.name} {published.version}\n\n{said}\n"
        f"Owner: {published.metadata.owner}\n\n{members}\n"
    )


def _listed(lines: tuple[str, ...]) -> str:
    return "".join(f"- {line}\n" for line in lines) or "- nothing\n"
