"""Polars' trees taken apart and put together: only the kinds of nodes that cells may hold."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from featurekit.frontends import polars_aggregates
from featurekit.frontends.polars_reader import Tree, named_function, opened

_INNER: Mapping[str, tuple[str, ...]] = {
    "BinaryExpr": ("left", "right"),
    "Ternary": ("predicate", "truthy", "falsy"),
    "Cast": ("expr",),
    "Filter": ("input", "by"),
    "Over": ("function",),
    "Rolling": ("function",),
}


def changed(tree: Tree, change: Callable[[Tree], Tree]) -> Tree:
    """Return ``tree`` with ``change`` applied to the expressions directly inside it."""
    match tree:
        case {"Alias": [inner, name]}:
            return {"Alias": [change(inner), name]}
        case {"Agg": agg}:
            kind, body = opened(agg)
            return {"Agg": {kind: _aggregated(body, change)}}
        case {"Function": body}:
            return {"Function": {**body, "input": [change(part) for part in body["input"]]}}
        case dict() if opened(tree)[0] in _INNER:
            kind, body = opened(tree)
            return {kind: {**body, **{key: change(body[key]) for key in _INNER[kind]}}}
        case _:
            return tree


def _aggregated(body: Any, change: Callable[[Tree], Tree]) -> Any:
    match body:
        case [inner, int() as option]:
            return [change(inner), option]
        case {"input": inner, **options}:
            return {"input": change(inner), **options}
        case inner:
            return change(inner)


def leniently(tree: Tree) -> Tree:
    """Return ``tree`` with casts that answer null where polars would stop."""
    inner = changed(tree, leniently)
    match inner:
        case {"Cast": body}:
            return {"Cast": {**body, "options": "NonStrict"}}
        case _:
            return inner


def spelled_out(tree: Tree, features: Mapping[str, Tree], current: str | None) -> Tree:
    """Return ``tree`` with the cell's other features in the place of their names."""
    match tree:
        case {"Column": word} if word in features and word != current:
            return spelled_out(features[word], features, word)
        case _ if _is_aggregate(tree):
            return tree  # inside, a name is a column
        case _:
            return changed(tree, lambda inner: spelled_out(inner, features, current))


def aggregates_out(tree: Tree, found: dict[str, Tree]) -> Tree:
    """Return ``tree`` with a column in the place of each aggregate, which goes into ``found``.

    Windows are left out.
    """
    match tree:
        case {"Over": {"function": inner}} | {"Rolling": {"function": inner}}:
            return aggregates_out(inner, found)
        case _ if _is_aggregate(tree):
            name = f"\1{json.dumps(tree, sort_keys=True)}"
            found[name] = tree
            return {"Column": name}
        case _:
            return changed(tree, lambda inner: aggregates_out(inner, found))


def _is_aggregate(tree: Tree) -> bool:
    kind, body = opened(tree)
    if kind == "Function":
        return named_function(body["function"])[0] in polars_aggregates.FUNCTIONS
    return kind in polars_aggregates.FORMS
