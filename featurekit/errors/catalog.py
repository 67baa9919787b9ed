"""FK3xx: names, versions, owners and the store."""

from __future__ import annotations

from featurekit.errors.base import FeatureError


class CatalogError(FeatureError):
    """The root of FK3xx."""

    code = "FK300"
