"""FK4xx and FK5xx: the hand-off, and the proof that came with it."""

from __future__ import annotations

from featurekit.errors.base import FeatureError


class ExportError(FeatureError):
    """The root of FK4xx."""

    code = "FK400"


class ParityError(FeatureError):
    """The root of FK5xx."""

    code = "FK500"
