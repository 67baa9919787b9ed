"""Finding what exists before making it again: ranked text search over the catalog."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from featurekit.catalog.state import PublishedView, State
from featurekit.ir.nodes import Column, walk
from featurekit.ir.view import View, relation_columns

_WEIGHTS = {"name": 8.0, "feature": 5.0, "tag": 4.0, "source": 3.0, "description": 2.0}
_WEIGHTS |= {"column": 2.0, "owner": 2.0, "entity": 2.0}
_WHOLE, _START, _INSIDE = 1.0, 0.7, 0.4


@dataclass(frozen=True, slots=True)
class Found:
    """A view that a search found; ``matched`` says where its words stand: ``name: spend``."""

    published: PublishedView
    score: float
    matched: tuple[str, ...]


def search(state: State, query: str, tag: str | None, owner: str | None) -> tuple[Found, ...]:
    """Return the current views that hold every word of ``query``, best first.

    Words are compared without case, as a whole, from the start or inside; ``_`` separates words.
    """
    words = [word for word in re.split(r"[\W_]+", query.casefold()) if word]
    found: list[Found] = []
    for name in sorted(state.views):
        published = state.current_view(name)
        if published is None or not _wanted(published, tag, owner):
            continue
        scored = _scored(published, words)
        if scored:
            found.append(scored)
    return tuple(sorted(found, key=lambda f: (-f.score, f.published.name)))


def _wanted(published: PublishedView, tag: str | None, owner: str | None) -> bool:
    about = published.metadata
    tagged = tag is None or tag.casefold() in {t.casefold() for t in about.tags}
    return tagged and (owner is None or owner.casefold() in about.owner.casefold())


def _scored(published: PublishedView, words: Iterable[str]) -> Found | None:
    texts = tuple(_texts(published))
    total = 0.0
    matched: dict[str, None] = {}
    for word in words:
        best, where = 0.0, ""
        for part, text in texts:
            score = _WEIGHTS[part] * _fit(word, text)
            if score > best:
                best, where = score, f"{part}: {text}"
        if not best:
            return None
        total += best
        matched[where] = None
    if published.deprecated is not None:
        total /= 2
    return Found(published, total, tuple(matched))


def _fit(word: str, text: str) -> float:
    folded = text.casefold()
    if word not in folded:
        return 0.0
    parts = re.split(r"[\W_]+", folded)
    if word in parts:
        return _WHOLE
    return _START if any(part.startswith(word) for part in parts) else _INSIDE


def _texts(published: PublishedView) -> Iterable[tuple[str, str]]:
    view, about = published.view, published.metadata
    yield "name", published.name
    yield from (("feature", feature.name) for feature in view.features)
    yield from (("tag", tag) for tag in about.tags)
    yield from (("entity", entity.name) for entity in view.entities)
    yield from (("source", name) for name in relations(view))
    yield from (("column", column) for column in columns(view))
    yield "description", about.description
    yield "owner", about.owner


def relations(view: View) -> tuple[str, ...]:
    """Return the sources and used views that ``view`` reads, in order."""
    names = [source.name for source in (*view.stored, *view.requests)]
    return (*dict.fromkeys(names), *view.uses)


def columns(view: View) -> tuple[str, ...]:
    """Return every column that ``view`` reads, sorted."""
    read = {
        node.name
        for feature in view.features
        for node in walk(feature.expression)
        if isinstance(node, Column)
    }
    for relation in (*relations(view), *(join.name for join in view.joins)):
        read |= set(relation_columns(view, relation))
    return tuple(sorted(read))
