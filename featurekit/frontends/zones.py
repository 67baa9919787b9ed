"""The IANA zones, as the ``tzdata`` package lists them: the same on every machine."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def zones() -> frozenset[str]:
    """Return every zone's name."""
    listed = resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8")
    return frozenset(listed.split())


def is_zone(name: str) -> bool:
    """Return whether ``name`` is a zone, spelled exactly."""
    return name in zones()
