"""Versions follow meaning: what changed between two definitions, and the number that says so.

``1.0`` is the first. Features only added: the second number rises, and whoever uses ``name@1`` has
everything it had. Values or types change, what a null's status says changes, or a feature goes: the
first number rises. The same meaning keeps its number, whatever is said about it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from featurekit.errors.catalog import InvalidReference
from featurekit.ir.canonical import canonical, digest, expression_hash, meaning_hash
from featurekit.ir.nodes import Aggregate, Column, Expression, walk, walk_outside_aggregates
from featurekit.ir.view import Feature, View, joins_read
from featurekit.ir.windows import Calendar, ToDate

_WITH_FEATURES = {"features", "requests", "uses", "joins"}  # each feature's own columns say these


class Level(StrEnum):
    """How much a change matters to whoever uses the definition, least first."""

    UNCHANGED = "unchanged"
    COSMETIC = "cosmetic"
    ADDITIVE = "additive"
    STATUSES = "statuses"
    VALUES = "values"
    TYPES = "types"

    @property
    def words(self) -> str:
        """What a card's chip says."""
        said = {
            "statuses": "statuses change",
            "values": "values change",
            "types": "type changes",
        }
        return said.get(self.value, self.value)


@dataclass(frozen=True, slots=True)
class Change:
    """What differs, feature by feature.

    Attributes:
        level: The most that any difference matters.
        added: Features that are new, in the new order.
        removed: Features that are gone, in the old order.
        changed: Features of the same type whose values may differ; at the level of statuses those
            whose values stay, and whose nulls may be said to be outside of the contract, or not.
        retyped: Features whose type differs.
        context: What of the view itself differs and so changes every feature, or with ``zone`` and
            ``max_age`` those that read it.
    """

    level: Level
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    retyped: tuple[str, ...] = ()
    context: tuple[str, ...] = ()


def classify(old: View, new: View, *, same_metadata: bool = True) -> Change:
    """Return how ``new`` differs from ``old`` in meaning.

    A view that reads the same columns of the same rows is cosmetically different when its source
    lies elsewhere or its features stand in another order.
    """
    if meaning_hash(old) == meaning_hash(new):
        same = same_metadata and _presentation(old) == _presentation(new)
        return Change(Level.UNCHANGED if same else Level.COSMETIC)
    before, after = context(old), context(new)
    differing = tuple(
        sorted(part for part in {*before, *after} if before.get(part) != after.get(part))
    )
    pairs = [(f, o) for f in new.features if (o := old.feature(f.name))]
    retyped = tuple(f.name for f, o in pairs if f.expression.type != o.expression.type)
    own = {f.name for f, o in pairs if _read(new, f) != _read(old, o)}
    reached = {f.name for f, _ in pairs if any(_decides(part, new, f) for part in differing)}
    changed = tuple(f.name for f, _ in pairs if f.name not in retyped and f.name in own | reached)
    added = tuple(f.name for f in new.features if not old.feature(f.name))
    removed = tuple(f.name for f in old.features if not new.feature(f.name))
    level = Level.ADDITIVE
    if retyped:
        level = Level.TYPES
    elif removed or own or set(differing) - {"strict"}:
        level = Level.VALUES
    elif differing:
        level = Level.STATUSES
    return Change(level, added, removed, changed, retyped, differing)


def _decides(part: str, view: View, feature: Feature) -> bool:
    """Return whether a part of the view's context can decide over the values of ``feature``."""
    read = list(walk(feature.expression))
    if part == "zone":
        windows = [node.window for node in read if isinstance(node, Aggregate)]
        return any(isinstance(window, Calendar | ToDate) for window in windows)
    if part == "max_age":
        bare = [n for n in walk_outside_aggregates(feature.expression) if isinstance(n, Column)]
        name = view.source.name if view.source else ""
        looked_up = view.looks_up and any(column.relation == name for column in bare)
        return looked_up or bool(joins_read(view, [feature.expression]))
    return True


def context(view: View) -> dict[str, Any]:
    """Return what of the view, besides a feature's own expression, decides its values."""
    found = {part: v for part, v in canonical(view).items() if part not in _WITH_FEATURES}
    if view.where is not None:
        found["where"] = [found["where"], _joined(view, view.where)]
    return found


def feature_hash(view: View, feature: Feature) -> str:
    """Return what is equal for two features exactly when their values are, whatever their views."""
    return digest([context(view), *_read(view, feature)])


def _read(view: View, feature: Feature) -> list[Any]:
    """Return what the feature says, and the joins that its columns come from."""
    joined = _joined(view, feature.expression)
    return [expression_hash(feature.expression), *([joined] if joined else [])]


def _joined(view: View, expression: Expression) -> list[Any]:
    read = joins_read(view, [expression])
    told = zip(view.joins, canonical(view)["joins"], strict=True)
    return [canonical_join for join, canonical_join in told if join in read]


def _presentation(view: View) -> tuple[object, ...]:
    return view.source, view.requests, tuple(feature.name for feature in view.features)


# --- numbers and references

_REFERENCE = re.compile(r"([^@\s]+)(?:@(0|[1-9]\d{0,5})(?:\.(0|[1-9]\d{0,5}))?)?")


def parse_reference(reference: str) -> tuple[str, int | None, int | None]:
    """Return name, first and second number of ``name``, ``name@1`` or ``name@1.2``.

    Raises:
        InvalidReference: FK305.
    """
    found = _REFERENCE.fullmatch(reference)
    if not found:
        raise InvalidReference(reference)
    major, minor = (int(part) if part is not None else None for part in found.groups()[1:])
    return found[1], major, minor


def version_key(version: str) -> tuple[int, int]:
    """Return what sorts versions by age."""
    major, _, minor = version.partition(".")
    return int(major), int(minor)


def next_version(level: Level, base: str | None, known: Iterable[str]) -> str:
    """Return the number of a definition that differs from ``base`` by ``level``.

    Numbers are never used twice: ``known`` holds all that were, on ``base``'s line or not.
    """
    numbers = [version_key(version) for version in known]
    if base is None or not numbers:
        return "1.0"
    major, minor = version_key(base)
    if level in {Level.UNCHANGED, Level.COSMETIC}:
        return base
    if level is Level.ADDITIVE:
        return f"{major}.{max([minor, *(n for m, n in numbers if m == major)]) + 1}"
    return f"{max(m for m, _ in numbers) + 1}.0"
