"""Aggregates in Spark's words."""

from __future__ import annotations

from collections.abc import Mapping

from featurekit.ops.gap import Gap

AGGREGATES: Mapping[str, str | Gap | None] = {}
