"""Which catalog a workspace opens when none is named."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from featurekit.errors import UsageError


def data_root(url: str) -> Path:
    """Return the folder that relative data paths refer to: the one that holds the catalog.

    Raises:
        UsageError: FK900 for what no path can be.
    """
    if "\0" in url:
        raise UsageError("the catalog's path holds a NUL character", fix="--catalog ./catalog")
    if url == ":memory:" or ("://" in url and not url.startswith("file://")):
        return Path.cwd()
    return Path(url.removeprefix("file://")).resolve().parent


def configured_catalog() -> str:
    """Return ``FEATUREKIT_CATALOG``, else what the nearest featurekit.toml says, else ./catalog."""
    if url := os.environ.get("FEATUREKIT_CATALOG"):
        return url
    here = Path.cwd()
    for folder in (here, *here.parents):
        file = folder / "featurekit.toml"
        if file.is_file():
            url = _said(file)
            return url if "://" in url or url == ":memory:" else str(folder / url)
    return "catalog"


def _said(file: Path) -> str:
    """Return what featurekit.toml says of the catalog; raises FK900."""
    try:
        url = tomllib.loads(file.read_text(encoding="utf-8")).get("catalog", "catalog")
        if not isinstance(url, str) or not url:
            problem = f"catalog is {url!r}, not a path"
        else:
            return url
    except (OSError, ValueError) as refused:
        problem = str(refused)
    raise UsageError(
        f"featurekit.toml cannot be read: {problem}",
        where=str(file),
        fix='write: catalog = "catalog"',
    )
