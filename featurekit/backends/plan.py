"""What a back end is asked for, and the order in which views can be computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from featurekit.ir.view import View


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
