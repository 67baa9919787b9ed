"""The real rows that the rows and the question of a sampled case are joined with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

from featurekit.ir.view import Join, View
from featurekit.parity.edge_joins import meeting_key
from featurekit.parity.rows import Row, Shape

if TYPE_CHECKING:
    import polars as pl

_MOST_ROWS = 40
_AFTER = 2

Keyed = Mapping[tuple[str, tuple[str, ...]], Mapping[tuple[Any, ...], "pl.DataFrame"]]
"""The rows of each joined source in order of time, by source and key columns, then by key."""


def _place(join: Join) -> tuple[str, tuple[str, ...]]:
    return join.source.name, tuple(name for name, _ in join.on)


def by_key(made: Shape, sources: Mapping[str, pl.DataFrame]) -> Keyed:
    """Return the rows of every joined source."""
    joins = {_place(join): join for view in made.views.values() for join in view.joins}
    found = {}
    for (name, keys), join in joins.items():
        time, columns = join.source.time or "", [field.name for field in join.source.fields]
        order = [time, join.source.tie] if join.source.tie else [time, *columns]
        rows = sources[name].select(columns).drop_nulls([time, *keys]).sort(order)
        found[name, keys] = rows.partition_by(keys, as_dict=True)
    return found


def with_joined(
    made: Shape,
    history: Mapping[str, tuple[Row, ...]],
    question: Row,
    moment: dt.datetime,
    keyed: Keyed,
) -> dict[str, tuple[Row, ...]]:
    """Return ``history`` with the rows that it and the question may be joined with.

    Of each key the latest before the moment are taken; what is expected is computed on these.
    """
    rows: dict[str, dict[tuple[Any, ...], Row]] = {
        name: {tuple(row.values()): row for row in own} for name, own in history.items()
    }
    for view in made.views.values():
        own = history.get(view.source.name, ()) if view.source else ()
        for row in (*own, question):
            met: dict[str, list[Row]] = {}
            for join in view.joins:
                met[join.name] = _met(view, join, row, question, met, keyed[_place(join)], moment)
                kept = rows.setdefault(join.source.name, {})
                kept.update({tuple(found.values()): found for found in met[join.name]})
    return {name: tuple(found.values()) for name, found in rows.items()}


def _met(
    view: View,
    join: Join,
    row: Row,
    question: Row,
    met: Mapping[str, Sequence[Row]],
    rows: Mapping[tuple[Any, ...], pl.DataFrame],
    moment: dt.datetime,
) -> list[Row]:
    """Return the rows around the moment that ``row`` may be joined with, by what it met before."""
    below = [column.relation for _, column in join.on if column.relation in met]
    keys = {
        tuple(
            meeting_key(view, join, row, question, dict(zip(below, earlier, strict=True))).values()
        )
        for earlier in product(*(met[name] for name in below))
    }
    found: list[Row] = []
    for key in sorted(keys & rows.keys(), key=repr):
        own = rows[key]
        place = own[join.source.time or ""].search_sorted(moment)
        found += own[max(place - _MOST_ROWS, 0) : place + _AFTER].to_dicts()
    return found
