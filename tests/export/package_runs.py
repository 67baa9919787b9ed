"""Rendered packages on disk, imported for one test and forgotten."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from featurekit.export.package import PackageSpec
from featurekit.export.render import render


def put(files: Mapping[str, str], folder: Path) -> Path:
    """Write ``{path: text}`` below ``folder``."""
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


@contextmanager
def imported(name: str, folder: Path) -> Iterator[Any]:
    """Import the package ``name`` from ``folder`` for the length of a block."""
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))
        for module in [m for m in sys.modules if m.partition(".")[0] == name]:
            del sys.modules[module]


@contextmanager
def running(spec: PackageSpec, folder: Path) -> Iterator[Any]:
    """Render, write and import ``spec`` for the length of a block."""
    with imported(spec.package, put(render(spec), folder)) as module:
        yield module
