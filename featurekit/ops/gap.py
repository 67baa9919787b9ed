"""What stands where a target has no words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gap:
    """A target cannot say this operator; ``why`` is the reason it then refuses with."""

    why: str


EACH = "\x1f"
"""Where each of several arguments stands in what a template writes for it."""

Sql = str | Mapping[str, str] | Gap
"""DuckDB's words with ``{parameter}`` places and ``{type}``, the answer's; or a text a dialect."""
