"""Reads cells in polars over the shop of ``front_scope``."""

from __future__ import annotations

from front_scope import OWNER, shop

from featurekit.frontends.from_polars import Read, read_polars
from featurekit.frontends.scope import Header


def read_cell(text: str, source: str | None = "txn", **options: str) -> Read:
    """Return what a cell in polars means in the shop."""
    if source == "txn":
        options.setdefault("entity", "customer")
    header = Header("v", source, language="polars", **{"owner": OWNER, **options})  # type: ignore[arg-type]  # options are words, as an author writes them
    return read_polars(header, text, shop())
