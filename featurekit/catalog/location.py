"""Which catalog a workspace opens when none is named."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from featurekit.errors import UsageError


def configured_catalog() -> str:
    """Return ``FEATUREKIT_CATALOG``, else what the nearest featurekit.toml says, else ./catalog."""
    if url := os.environ.get("FEATUREKIT_CATALOG"):
        return url
    here = Path.cwd()
    for folder in (here, *here.parents):
        file = folder / "featurekit.toml"
        if file.is_file():
            try:
                url = tomllib.loads(file.read_text(encoding="utf-8")).get("catalog", "catalog")
            except (OSError, ValueError) as problem:
                raise UsageError(
                    f"featurekit.toml cannot be read: {problem}",
                    where=str(file),
                    fix='write: catalog = "catalog"',
                ) from None
            return url if "://" in url or url == ":memory:" else str(folder / url)
    return "catalog"
