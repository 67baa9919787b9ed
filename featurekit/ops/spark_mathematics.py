"""Rounding, powers, logarithms, angles and distances in Spark's words."""

from __future__ import annotations

from collections.abc import Mapping

from featurekit.ops.gap import Gap

OPERATORS: Mapping[str, str | Gap | None] = {}
