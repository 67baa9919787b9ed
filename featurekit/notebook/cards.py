"""Facts become cards: HTML for a notebook, lines for a terminal, JSON for programs.

Every verb returns facts (JSON-able, with a ``kind``); nothing here computes, and nothing that
stands in facts can become markup. Keys that start with an underscore stay in the process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from featurekit.notebook import (
    delivery_cards,
    feature_cards,
    reference_cards,
    setup_cards,
    to_html,
    to_text,
    training_cards,
)
from featurekit.notebook.to_html import COLOURS, Room

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from featurekit.notebook.blocks import Block

LARGEST = 9_900
"""Bytes of HTML: 10 kB with the place of a live widget around it."""
FACTS_MIME = "application/vnd.featurekit.view+json"

_CARDS: dict[str, Callable[[Mapping[str, Any]], tuple[Block, ...]]] = {
    "connected": setup_cards.connected,
    "status": setup_cards.connected,
    "entity": setup_cards.entity,
    "vocabulary": setup_cards.vocabulary,
    "source": setup_cards.source,
    "catalog": setup_cards.catalog,
    "help": reference_cards.helped,
    "operators": reference_cards.operators,
    "lineage": reference_cards.lineage,
    "cell": reference_cards.cell,
    "builder": reference_cards.builder,
    "check": reference_cards.check,
    "feature": feature_cards.feature,
    "diff": feature_cards.diff,
    "history": feature_cards.history,
    "published": feature_cards.published,
    "featureset": delivery_cards.featureset,
    "trainset": training_cards.trainset,
    "split": training_cards.split,
    "trainset_elsewhere": training_cards.trainset_elsewhere,
    "materialized": delivery_cards.materialized,
    "export": delivery_cards.export,
    "parity": delivery_cards.parity,
    "replay": delivery_cards.replay,
}
_ROOMS = (
    Room(40, 160, 3000),
    Room(40, 160, 1500),
    # what is folded away gives way first
    *(Room(40, 160, 1000, (40, 160, code)) for code in (1500, 1200, 1000, 800, 600, 450, 300, 200)),
    *(Room(rows, 60, 600, (1, 16, 120)) for rows in (40, 30, 24, 20, 16, 12)),
    Room(10, 30, 300, (1, 16, 60)),
    Room(5, 24, 160),
    Room(2, 16, 80),
    Room(0, 12, 40),
)


def blocks(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    """Return what the card of ``facts`` shows; an unknown kind shows its values."""
    return _CARDS.get(str(facts.get("kind")), reference_cards.generic)(facts)


def fitted(shown: tuple[Block, ...], edge: str, most: int = LARGEST) -> str:
    """Return the blocks as HTML of at most ``most`` bytes; what does not fit is counted or cut."""
    page = ""
    for room in _ROOMS:
        page = to_html.card(shown, room, edge)
        if len(page.encode()) <= most:
            return page
    return to_html.card(shown[:1], _ROOMS[-1], edge)


def _edge(facts: Mapping[str, Any]) -> str:
    if facts.get("kind") == "parity":
        return COLOURS["bad" if facts.get("differences") else "ok"]
    levels = {badge.get("level") for badge in facts.get("badges") or ()}
    if facts.get("kind") == "published":
        levels |= {"ok" if check.get("ok") else "bad" for check in facts.get("checks") or ()}
    for level in ("bad", "warn"):
        if level in levels:
            return COLOURS[level]
    return "#4c8bd6"


def line(facts: Mapping[str, Any]) -> str:
    """Return the card as one line of plain text."""
    first = text(facts).partition("\n")[0]
    return to_html.cut(first, 200)


def text(facts: Mapping[str, Any]) -> str:
    """Return the card as plain text, many lines."""
    return to_text.text(blocks(facts))


def public(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts without what must stay in the process (frames, handles)."""
    return {key: found for key, found in facts.items() if not key.startswith("_")}


def bundle(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the card in every form a front end may want, by MIME type."""
    return {
        "text/html": fitted(blocks(facts), _edge(facts)),
        "text/plain": line(facts),
        FACTS_MIME: public(facts),
    }
