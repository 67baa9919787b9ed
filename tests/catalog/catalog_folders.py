"""Catalogs in folders, with a few versions of a view."""

from __future__ import annotations

from pathlib import Path

from shop_definitions import AT, draft, total, view

from featurekit.catalog.catalog import Catalog
from featurekit.catalog.store import DirectoryStore


def catalog_in(folder: Path) -> Catalog:
    """Return the catalog in a folder."""
    return Catalog(DirectoryStore(folder))


def publish(folder: Path, count: int = 1, name: str = "spend") -> Catalog:
    """Publish so many versions of a view; return the catalog."""
    catalog = catalog_in(folder)
    for days in range(1, count + 1):
        catalog.publish(draft(view(name, a=total(days))), AT)
    return catalog


def entry(folder: Path, sequence: int) -> Path:
    """Return the file of an entry of the log."""
    return folder / "log" / f"{sequence:08}.json"
