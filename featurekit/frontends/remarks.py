"""What a lint says."""

from __future__ import annotations

from dataclasses import dataclass

Remark = tuple[str, str]
"""What may surprise, and what to write."""


@dataclass(frozen=True, slots=True)
class Lint:
    """One remark: what may surprise, and what to write instead."""

    code: str
    text: str
    fix: str
