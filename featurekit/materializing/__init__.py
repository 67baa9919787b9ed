"""Features written down as of a moment: answers into a file, or rows into an online store."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from featurekit.catalog.state import PublishedSet
from featurekit.errors.materializing import NotForStores
from featurekit.export.package import PackageSpec
from featurekit.frontends.moments import moment_of
from featurekit.materializing import scoring, warming
from featurekit.materializing.outcome import Materialized, Progress
from featurekit.proof import described
from featurekit.selection import Selection
from featurekit.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from featurekit.training.sources import SourceData


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be written down, as of when, and where."""

    what: str
    as_of: Any
    out: str
    dry_run: bool
    progress: Progress


def is_store(asked: Asked, entities: Any) -> bool:
    """Whether a store is to be filled; else a file of answers is to be written.

    Raises:
        NotForStores: FK259, a store is filled for everybody.
        UnknownOutput: FK258.
    """
    store = warming.store_place(asked.out) is not None
    if store and entities is not None:
        raise NotForStores
    return store


def warm(
    asked: Asked,
    chosen: Selection,
    published: PublishedSet,
    data: Mapping[str, SourceData],
    root: Path,
) -> Materialized:
    """Fill a store for the package of a published set."""
    spec = PackageSpec(
        published.set,
        published.version,
        published.meaning,
        {reference: described(view) for reference, view in chosen.views.items()},
        VERSION,
        "",
    )
    place = warming.store_place(asked.out) or ""
    at = moment_of(asked.as_of, "--as-of")
    filled = warming.Warming(spec, published.reference, data, root, at, place)
    return warming.warm(filled, asked.progress, dry_run=asked.dry_run)


def score(
    asked: Asked,
    chosen: Selection,
    name: str,
    data: Mapping[str, SourceData],
    root: Path,
    entities: pl.DataFrame | None,
) -> Materialized:
    """Write a file of answers."""
    at, out = moment_of(asked.as_of, "--as-of"), Path(asked.out)
    scored = scoring.Scoring(chosen, name, data, root, at, out, entities)
    return scoring.score(scored, asked.progress, dry_run=asked.dry_run)
