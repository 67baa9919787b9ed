"""FK9xx: wrong arguments, missing libraries, commands."""

from __future__ import annotations

from featurekit.errors.base import FeatureError


class UsageError(FeatureError):
    """A verb was called in a way it does not have."""

    code = "FK900"


class MissingLibrary(UsageError):
    """A library that this step needs is not installed."""

    code = "FK901"

    def __init__(self, library: str, purpose: str, install: str) -> None:
        super().__init__(
            f"{library} is needed {purpose} and is not installed",
            fix=f"pip install '{install}'",
        )
