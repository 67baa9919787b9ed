"""FK4xx and FK5xx: the hand-off, and the proof that came with it."""

from __future__ import annotations

from featurekit.errors.base import FeatureError


class ExportError(FeatureError):
    """The root of FK4xx."""

    code = "FK400"


class ParityError(FeatureError):
    """The root of FK5xx."""

    code = "FK500"


class PackageBroken(ParityError):
    """A rendered package does not run."""

    code = "FK501"

    def __init__(self, what: str, said: str) -> None:
        last = said.strip().splitlines()[-1:] or [""]
        super().__init__(
            f"the rendered package cannot be run: {what}",
            why=last[0],
            fix="report this with the definition: a rendered package always runs",
        )


class PackageTooSlow(ParityError):
    """A rendered package did not answer in time."""

    code = "FK502"

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"the rendered package did not answer within {seconds:g} s",
            fix="ask fewer rows (--rows), or widen the windows' filters",
        )
