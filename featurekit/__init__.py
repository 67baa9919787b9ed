"""featurekit: write a feature once in a notebook; train on it, serve it, prove both are the same.

Importing the package loads no engine: names are resolved when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from featurekit.version import VERSION

__version__ = VERSION
__all__ = ["FeatureError", "Workspace", "__version__", "load_ipython_extension"]

if TYPE_CHECKING:
    from featurekit.errors import FeatureError
    from featurekit.workspace import Workspace


def __getattr__(name: str) -> Any:
    if name == "Workspace":
        from featurekit.workspace import Workspace

        return Workspace
    if name == "FeatureError":
        from featurekit.errors import FeatureError

        return FeatureError
    message = f"module 'featurekit' has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted(__all__)


def load_ipython_extension(shell: Any) -> None:
    """What ``%load_ext featurekit`` calls: register the magics with the running shell."""
    from featurekit.notebook.magics import register

    register(shell)
