"""Of the snapshots that rows are joined with, only what the rows of a piece can meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from featurekit.backends.to_polars import PURPOSE
from featurekit.ir.definitions import Field
from featurekit.ir.nodes import Column
from featurekit.ir.view import Join, View
from featurekit.lazy import require
from featurekit.training.sources import SourceData, normalised
from featurekit.training.spilling import writing

if TYPE_CHECKING:
    import polars as pl


def met_in_piece(
    views: Mapping[str, View],
    asked: pl.DataFrame,
    held: Mapping[str, SourceData],
    folder: Path,
) -> dict[str, SourceData]:
    """Return ``held`` with snapshots that are only joined cut to the keys that occur in a piece.

    A snapshot stays whole where the key of a join comes from another joined row, where its joins
    are made on different columns, or where a view reads it by itself.

    Args:
        views: Those that are asked together.
        asked: The piece's questions.
        held: Its rows by source.
        folder: Where the cut snapshots may lie.

    Raises:
        NoRoom: FK245.
    """
    pl = require("polars", PURPOSE)
    found = dict(held)
    for number, (name, joins) in enumerate(_joined(views).items()):
        keys = _keys(joins, asked, held)
        if keys is None:
            continue
        file = folder / f"{number}.parquet"
        on = keys.collect_schema().names()
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            held[name].frame.join(keys, on=on, how="semi").sink_parquet(file, compression="lz4")
        found[name] = SourceData(held[name].source, pl.scan_parquet(file))
    return found


def _joined(views: Mapping[str, View]) -> dict[str, list[tuple[View, Join]]]:
    """Return the joins of each snapshot that no view reads by itself."""
    own = {view.source.name for view in views.values() if view.source is not None}
    found: dict[str, list[tuple[View, Join]]] = {}
    for view in views.values():
        for join in view.joins:
            if join.source.name not in own:
                found.setdefault(join.source.name, []).append((view, join))
    return found


def _keys(
    joins: Sequence[tuple[View, Join]], asked: pl.DataFrame, held: Mapping[str, SourceData]
) -> pl.LazyFrame | None:
    """Return the keys that the rows of the views and the questions have; None: not known here."""
    pl = require("polars", PURPOSE)
    order = sorted(key for key, _ in joins[0][1].on)
    parts = []
    for view, join in joins:
        tables = _tables(view, [column for _, column in join.on], asked, held)
        if not tables or sorted(key for key, _ in join.on) != order:
            return None
        columns = [pl.col(column.name).alias(key) for key, column in sorted(join.on, key=_key)]
        parts += [table.select(columns).unique() for table in tables]
    return pl.concat(parts).unique()  # type: ignore[no-any-return]  # loaded late


def _key(pair: tuple[str, Column]) -> str:
    return pair[0]


def _tables(
    view: View, columns: Sequence[Column], asked: pl.DataFrame, held: Mapping[str, SourceData]
) -> list[pl.LazyFrame]:
    """Return the tables that bring all of ``columns`` together."""
    own = view.source.name if view.source is not None else None
    brought = {source.name for source in view.requests} | ({own} if view.scores_rows else set())
    tables = []
    if own is not None and own in held and all(column.relation == own for column in columns):
        tables.append(held[own].frame)
    if all(column.relation in brought for column in columns):
        fields = tuple(Field(column.name, column.type) for column in columns)
        tables.append(normalised(asked.lazy(), fields, None, "the spine"))
    return tables
