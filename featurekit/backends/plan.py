"""What a back end is asked for, and the order in which views can be computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from featurekit.ir.nodes import Column, walk
from featurekit.ir.view import View, used_joins


@dataclass(frozen=True, slots=True)
class Wanted:
    """One answer that is asked for.

    Attributes:
        reference: The pinned view, ``customer_spend@1.0`` or ``customer_spend@draft``.
        view_name: The view's name without its version.
        feature: The feature of that view.
        column: What the answer is called: ``customer_spend__spend_30d``.
    """

    reference: str
    view_name: str
    feature: str
    column: str


def ordered(views: Mapping[str, View]) -> tuple[str, ...]:
    """Return the references of ``views``, each after those it uses; otherwise by name.

    A used view that is not in ``views`` is left out: its answers come from elsewhere.
    """
    placed: dict[str, None] = {}

    def place(reference: str) -> None:
        if reference in placed or reference not in views:
            return
        for used in views[reference].uses:
            place(used)
        placed[reference] = None

    for reference in sorted(views):
        place(reference)
    return tuple(placed)


def needed(wanted: Sequence[Wanted], views: Mapping[str, View]) -> tuple[str, ...]:
    """Return the references that ``wanted`` rests on, each after those it uses."""
    found: dict[str, View] = {}
    waiting = [one.reference for one in wanted]
    while waiting:
        reference = waiting.pop()
        if reference not in found:
            found[reference] = views[reference]
            waiting.extend(views[reference].uses)
    return ordered(found)


def trimmed(wanted: Sequence[Wanted], views: Mapping[str, View]) -> dict[str, View]:
    """Return the views that ``wanted`` rests on, each after those it uses.

    What no answer rests on is left out of them: other features, and joins.
    """
    read = {(one.reference, one.feature) for one in wanted}
    kept: dict[str, View] = {}
    for reference in reversed(needed(wanted, views)):
        view = views[reference]
        features = tuple(f for f in view.features if (reference, f.name) in read)
        if features:
            roots = [f.expression for f in features] + ([view.where] if view.where else [])
            columns = [n for root in roots for n in walk(root) if isinstance(n, Column)]
            read |= {(node.relation, node.name) for node in columns}
            joins = used_joins(view, {node.relation for node in columns})
            kept[reference] = replace(view, features=features, joins=joins)
    return dict(reversed(kept.items()))
