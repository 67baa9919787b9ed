"""The hand-off: a published feature set becomes a package in an engineering repository."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from featurekit.catalog.catalog import Catalog
from featurekit.errors import UsageError
from featurekit.errors.export import SessionOnly
from featurekit.export import branch as git
from featurekit.export.check import named_active
from featurekit.export.history import Changed
from featurekit.export.package import PackageSpec
from featurekit.export.render import render
from featurekit.export.repository import Change, plan, write
from featurekit.handover import (
    Order,
    Reader,
    Rows,
    changed,
    message,
    renewed,
    specification,
    versions_beside,
)
from featurekit.parity.edges import derived_cases
from featurekit.parity.prove import statuses
from featurekit.parity.rows import Case, shape
from featurekit.parity.samples import sampled_cases
from featurekit.parity.vectors import expected, vector_lines
from featurekit.proof import questions, rendered, trainer
from featurekit.selection import Selection
from featurekit.training.sources import collected

if TYPE_CHECKING:
    import polars as pl

Progress = Callable[[str, int, int], None]

TARGETS = ("python",)
SAMPLED = 120
"""How many real rows become parity vectors, beside the derived edge cases."""


class UnknownTarget(UsageError):
    """FK910: a target language that there is not."""

    code = "FK910"

    def __init__(self, target: str) -> None:
        super().__init__(f"there is no export target '{target}'", fix="--target python")


@dataclass(frozen=True, slots=True)
class Delivery:
    """What was (or, dry, would be) delivered.

    Attributes:
        active: The version that the receiver's active.json names; None: none that can be read.
        changed: What the version changes for a receiver who has the one before it.
    """

    to: Path
    package: str
    version: str
    changes: tuple[Change, ...]
    vectors: int
    dry_run: bool
    active: str | None
    branch: str | None = None
    commit: str | None = None
    changed: Changed = field(default_factory=Changed)


def deliver(
    order: Order,
    catalog: Catalog,
    read: Reader,
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
    rows, samples = read(order.chosen)
    memory = [name for name, one in rows.items() if one.source.location is None]
    if memory:
        raise SessionOnly(order.published.name, memory)
    if order.branch is not None and not dry_run:
        git.require_ready(order.to, order.branch)
    tell("parity vectors", 0, 1)
    vectors = parity_vectors(order.chosen, rows, samples)
    tell("parity vectors", 1, 1)
    beside = versions_beside(order)
    difference = changed(order, catalog, beside, read)
    spec = specification(order, catalog, "\n".join(vectors) + "\n", difference, beside)
    planned = plan(order.to, {**renewed(order, catalog, beside), **render(spec)})
    commit = None
    if not dry_run:
        planned.require_free_way()
        if order.branch is not None:
            commit = git.commit(planned, order.branch, message(order, difference))
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
        difference,
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
    answered = expected(cases, made, trainer(chosen))
    return vector_lines(cases, answered, made, statuses(made, rendered(chosen), cases))
