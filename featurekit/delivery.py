"""The hand-off: a published feature set becomes a package in an engineering repository."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from featurekit.catalog.catalog import Catalog
from featurekit.catalog.state import PublishedSet, PublishedView
from featurekit.catalog.versions import version_key
from featurekit.errors import UsageError
from featurekit.errors.export import SessionOnly
from featurekit.export import branch as git
from featurekit.export.check import named_active
from featurekit.export.manifest import manifest_facts
from featurekit.export.package import Change, PackageSpec
from featurekit.export.render import render
from featurekit.export.repository import Change as FileChange
from featurekit.export.repository import manifests, plan, write
from featurekit.ir.canonical import to_json
from featurekit.parity.edges import derived_cases
from featurekit.parity.rows import Case, shape
from featurekit.parity.samples import sampled_cases
from featurekit.parity.vectors import expected, vector_lines
from featurekit.proof import described, questions, trainer
from featurekit.selection import Selection
from featurekit.training.sources import SourceData, collected
from featurekit.version import VERSION

if TYPE_CHECKING:
    import polars as pl

Progress = Callable[[str, int, int], None]
Rows = Mapping[str, SourceData]

TARGETS = ("python",)
SAMPLED = 120
"""How many real rows become parity vectors, beside the derived edge cases."""


class UnknownTarget(UsageError):
    """FK910: a target language that there is not."""

    code = "FK910"

    def __init__(self, target: str) -> None:
        super().__init__(f"there is no export target '{target}'", fix="--target python")


@dataclass(frozen=True, slots=True)
class Order:
    """What to deliver, and where.

    Attributes:
        chosen: The set's features and every view they rest on.
        published: The set's version.
        to: The receiving repository's folder.
        target: The target language.
        branch: Commit on this new branch; None: write files only.
    """

    chosen: Selection
    published: PublishedSet
    to: Path
    target: str = "python"
    branch: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What was (or, dry, would be) delivered.

    Attributes:
        active: The version that the receiver's active.json names; None: none that can be read.
    """

    to: Path
    package: str
    version: str
    changes: tuple[FileChange, ...]
    vectors: int
    dry_run: bool
    active: str | None
    branch: str | None = None
    commit: str | None = None


def deliver(
    order: Order,
    catalog: Catalog,
    rows: Rows,
    samples: Rows,
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Delivery:
    """Render the package with its parity vectors and put it into the repository.

    Raises:
        UnknownTarget: FK910.
        SessionOnly: FK433, for sources that live in a session's memory only.
        ExportError: FK4xx, for what is in the way; nothing is then written.
    """
    tell = progress or (lambda *_: None)
    if order.target not in TARGETS:
        raise UnknownTarget(order.target)
    memory = [name for name, one in rows.items() if one.source.location is None]
    if memory:
        raise SessionOnly(order.published.name, memory)
    if order.branch is not None and not dry_run:
        git.require_ready(order.to, order.branch)
    tell("parity vectors", 0, 1)
    vectors = parity_vectors(order.chosen, rows, samples)
    tell("parity vectors", 1, 1)
    spec = specification(order, catalog, vectors)
    planned = plan(order.to, render(spec))
    commit = None
    if not dry_run:
        planned.require_free_way()
        if order.branch is not None:
            commit = git.commit(planned, order.branch, message(order))
        else:
            write(planned)
    return Delivery(
        order.to,
        spec.package,
        spec.version,
        planned.changes,
        len(vectors) - 1,
        dry_run,
        _active(order.to, spec),
        order.branch,
        commit,
    )


def _active(target: Path, spec: PackageSpec) -> str | None:
    """Return the version that answers: an export writes active.json only where there is none."""
    try:
        active = named_active(target, spec.package)
    except FileNotFoundError:
        return spec.active or spec.version
    except (OSError, ValueError, RecursionError):
        return None
    return active if isinstance(active, str) else None


def parity_vectors(chosen: Selection, rows: Rows, samples: Rows) -> list[str]:
    """Return the lines of the vectors' file: sampled real rows, then derived edge cases.

    Each holds the rows it needs and the training path's answer on exactly these rows.
    """
    made = shape(chosen.wanted, chosen.views)
    spine, time = questions(chosen, rows, samples, SAMPLED)
    frames: dict[str, pl.DataFrame] = {
        name: collected(one.frame, f"source {name!r}") for name, one in rows.items()
    }
    cases: tuple[Case, ...] = (*sampled_cases(made, spine, time, frames), *derived_cases(made))
    return vector_lines(cases, expected(cases, made, trainer(chosen)), made)


def specification(order: Order, catalog: Catalog, vectors: list[str]) -> PackageSpec:
    """Return everything that the package says."""
    published = order.published
    views = {reference: catalog.resolve(reference) for reference in order.chosen.views}
    package = f"{published.name}_features"
    facts = manifest_facts(published, views.values(), package=package, toolkit=VERSION)
    beside = _versions_beside(order.to, package)
    return PackageSpec(
        set=published.set,
        version=published.version,
        hash=published.meaning,
        views={reference: _described(view) for reference, view in views.items()},
        toolkit=VERSION,
        owner=published.metadata.owner,
        description=published.metadata.description,
        manifest=to_json(facts),
        vectors="\n".join(vectors) + "\n",
        versions=tuple(sorted({*beside, published.version}, key=version_key)),
        changes=_changes(catalog, published, beside),
        loggable={name: one.loggable for name, one in catalog.sources().items() if one.loggable},
    )


def _described(view: PublishedView) -> Any:
    return described(view.view, view.metadata.owner, view.metadata.description)


def _versions_beside(target: Path, package: str) -> set[str]:
    """Return the versions of the set that the receiving folder holds already."""
    if not target.is_dir():
        return set()
    found = manifests(target, (package,)).values()
    return {str(manifest.facts["set"]["version"]) for manifest in found}


def _changes(catalog: Catalog, published: PublishedSet, beside: set[str]) -> tuple[Change, ...]:
    """Return the changelog up to the newest version that the package holds, newest first."""
    until = max(map(version_key, {*beside, published.version}))
    versions = [v for v in catalog.versions(published.name) if version_key(v) <= until]
    made = [catalog.resolve_set(f"{published.name}@{version}") for version in reversed(versions)]
    return tuple(Change(one.version, _pinned(one)) for one in made)


def _pinned(one: PublishedSet) -> str:
    members = ", ".join(member.reference for member in one.set.members)
    return f"{one.level}: {members}"


def message(order: Order) -> str:
    """Return the commit's message: what was delivered, made of what, owned by whom."""
    published = order.published
    members = "\n".join(f"- {m.reference}: {', '.join(m.features)}" for m in published.set.members)
    return (
        f"Deliver {published.name} {published.version}\n\n"
        f"Change since the version before: {published.level}.\n"
        f"Owner: {published.metadata.owner}\n\n"
        f"{members}\n"
    )
