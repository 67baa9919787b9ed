"""Load an optional or heavy library at the moment it is needed, with an error a user can act on."""

from __future__ import annotations

import importlib
from typing import Any

from featurekit.errors import MissingLibrary

_INSTALL = {
    "polars": "featurekit",
    "sqlglot": "featurekit",
    "jinja2": "featurekit",
    "duckdb": "featurekit[duckdb]",
    "pyarrow": "featurekit[duckdb]",
    "numba": "featurekit[fast]",
    "numpy": "featurekit[fast]",
}


def require(library: str, purpose: str) -> Any:
    """Return the imported ``library``; ``purpose`` completes "... is needed to ...".

    Raises:
        MissingLibrary: FK901, with the install command.
    """
    try:
        return importlib.import_module(library)
    except ModuleNotFoundError as missing:
        if missing.name != library.partition(".")[0]:
            raise
        raise MissingLibrary(library, purpose, _INSTALL.get(library, library)) from None
