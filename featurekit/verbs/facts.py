"""What verbs answer: JSON-able facts, from which cards are drawn and the command line prints.

Keys that begin with an underscore stay in the process (frames); everything else is data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from featurekit.catalog.state import PublishedSet, PublishedView
from featurekit.ir.definitions import Entity, Vocabulary
from featurekit.selection import label_views
from featurekit.verbs.verb import Facts
from featurekit.version import VERSION

if TYPE_CHECKING:
    from featurekit.workspace import Workspace


def of_entity(entity: Entity) -> Facts:
    """Return the facts of an entity's card."""
    return {
        "kind": "entity",
        "name": entity.name,
        "keys": [{"name": key.name, "type": str(key.type)} for key in entity.keys],
        "next": [f"%source NAME data/*.parquet --entity {entity.name} --time COLUMN"],
    }


def of_vocabulary(vocabulary: Vocabulary) -> Facts:
    """Return the facts of a vocabulary's card."""
    return {
        "kind": "vocabulary",
        "name": vocabulary.name,
        "entries": [[value, list(aliases)] for value, aliases in vocabulary.entries],
        "unknown": vocabulary.bucket or vocabulary.unknown.value,
        "ignore_case": vocabulary.ignore_case,
        "next": [f"VOCAB(column, {vocabulary.name}) in a %%feature cell"],
    }


def of_connection(workspace: Workspace) -> Facts:
    """Return what is connected and how much it holds: one line."""
    catalog = workspace.catalog
    views = catalog.views()
    counts = {
        "features": sum(len(one.view.features) for one in views),
        "views": len(views),
        "sources": len(catalog.sources()),
        "drafts": len(catalog.drafts()),
    }
    text = (
        f"featurekit {VERSION} · catalog {workspace.url} · {counts['features']} features in "
        f"{counts['views']} views, {counts['sources']} sources, {counts['drafts']} drafts"
        " · %fk help"
    )
    if views:
        following = ["%catalog"]
    elif sources := catalog.sources():
        following = [f"%%feature NAME --from {min(sources)} --owner you@example.com"]
    elif entities := catalog.entities():
        following = [f"%source NAME data/*.parquet --entity {min(entities)} --time COLUMN"]
    else:
        following = ["%entity customer customer_id:string"]
    return {
        "kind": "connected",
        "text": text,
        "catalog": workspace.url,
        "counts": counts,
        "next": following,
    }


def of_catalog(workspace: Workspace, query: str, tag: str | None, owner: str | None) -> Facts:
    """Return one row for each feature of the views found, best first."""
    rows = [
        {
            "view": found.published.name,
            "version": found.published.version,
            "feature": feature.name,
            "type": str(feature.expression.type),
            "label": found.published.view.is_label,
            "entity": ", ".join(e.name for e in found.published.view.entities),
            "owner": found.published.metadata.owner,
            "description": found.published.metadata.description,
            "tags": list(found.published.metadata.tags),
            "status": "published" if found.published.deprecated is None else "deprecated",
        }
        for found in workspace.catalog.search(query, tag, owner)
        for feature in found.published.view.features
    ]
    return {
        "kind": "catalog",
        "query": query,
        "rows": rows,
        "next": [f"%feature show {rows[0]['view']}"] if rows else ["%catalog"],
    }


def of_history(workspace: Workspace, name: str) -> Facts:
    """Return the versions of a view or set, newest first."""
    catalog = workspace.catalog
    versions = []
    for version in reversed(catalog.versions(name)):
        found = _published(workspace, name, version)
        versions.append(
            {
                "version": version,
                "at": found.at,
                "owner": found.metadata.owner,
                "impact": found.level,
                "hash": found.meaning[:12],
                "current": found.current,
                "deprecated": found.deprecated,
            }
        )
    catalog.history(name)  # raises for a name that nothing has
    earlier = [v["version"] for v in versions if not v["current"]]
    following = [f"%feature rollback {name}@{earlier[0]}"] if earlier else []
    return {
        "kind": "history",
        "name": name,
        "label": name in label_views(catalog),
        "versions": versions,
        "next": following,
    }


def _published(workspace: Workspace, name: str, version: str) -> PublishedView | PublishedSet:
    catalog = workspace.catalog
    is_set = name in {made.name for made in catalog.feature_sets()}
    reference = f"{name}@{version}"
    return catalog.resolve_set(reference) if is_set else catalog.resolve(reference)


def of_operators(rows: list[dict[str, Any]], name: str | None) -> Facts:
    """Return the table of operators and aggregates, or one row's page."""
    from featurekit.errors import UsageError
    from featurekit.errors.base import closest

    if name is None:
        return {"kind": "operators", "rows": rows, "text": f"{len(rows)} operators and aggregates"}
    wanted = name.upper()
    found = [r for r in rows if r["name"] == name.lower() or wanted in r["surfaces"]]
    found = found or [r for r in rows if f"``{wanted}(" in r["doc"]]  # said in other words there
    if not found:
        known = [r["name"] for r in rows]
        surfaces = dict.fromkeys(surface.lower() for r in rows for surface in r["surfaces"])
        near = closest(name, [*surfaces, *known])
        raise UsageError(
            f"there is no operator '{name}'" + (f"; did you mean '{near}'?" if near else ""),
            fix=f"featurekit ops {near}" if near else "featurekit ops   # lists all",
        )
    return {"kind": "operators", "rows": found, "text": "\n\n".join(map(_page, found))}


def _page(row: dict[str, Any]) -> str:
    """Return all that is known of one operator or aggregate, as plain text."""
    gaps = "; ".join(f"{target}: {why}" for target, why in sorted(row["gaps"].items()))
    lines = [
        f"{row['signature']}   ({row['kind']})",
        f"written: {', '.join(row['surfaces'])}",
        f"nulls: {row['nulls']}",
        f"targets: {', '.join(row['targets'])}",
        f"gaps: {gaps or 'none'}",
        "",
        *row["doc"].splitlines(),
        "",
        "cases:",
        *(f"  {case}" for case in row["cases"]),
    ]
    return "\n".join(lines)
