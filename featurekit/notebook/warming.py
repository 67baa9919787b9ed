"""Loading what the first feature cell will need while its author is still writing it."""

from __future__ import annotations

import importlib
import threading

_NEEDED = (
    "polars",
    "sqlglot",
    "jinja2",
    "featurekit.frontends.from_sql",
    "featurekit.training.inspection",
    "featurekit.proof",
)


def warm() -> threading.Thread:
    """Import the front end and the engines on a thread of their own; ``%fk connect`` calls this.

    A library that is missing is reported by the verb that needs it, not here.
    """

    def load() -> None:
        for name in _NEEDED:
            try:
                importlib.import_module(name)
            except ImportError:
                return

    thread = threading.Thread(target=load, name="featurekit-warming", daemon=True)
    thread.start()
    return thread
