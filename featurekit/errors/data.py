"""FK2xx: sources, spines and files."""

from __future__ import annotations

from featurekit.errors.base import FeatureError


class DataError(FeatureError):
    """The root of FK2xx."""

    code = "FK200"
