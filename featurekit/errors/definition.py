"""FK1xx: a cell or definition that cannot mean anything."""

from __future__ import annotations

from featurekit.errors.base import FeatureError


class DefinitionError(FeatureError):
    """The root of FK1xx."""

    code = "FK100"
