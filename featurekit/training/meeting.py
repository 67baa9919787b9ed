"""As-of joins: the row of a snapshot that was the latest visible one at a moment.

Meeting a snapshot is asking it a question: the key stands in the row, the moment is the row's own
or that of asking. So it is answered by the same search as everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from featurekit.backends.to_polars import PURPOSE, polars_type
from featurekit.ir.definitions import Field
from featurekit.ir.nodes import Column, Expression, walk
from featurekit.ir.view import Join
from featurekit.lazy import require
from featurekit.training.history import History, history, questions
from featurekit.training.placing import entities_of
from featurekit.training.sight import Sight
from featurekit.training.sources import SourceData, collected

if TYPE_CHECKING:
    import polars as pl


def name_of(relation: str, column: str) -> str:
    """Return what a column of a relation is called in our frames; no column of data can be."""
    return f"\0{relation}\0{column}"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All rows of a snapshot, sorted by the keys that others meet it on."""

    history: History
    entities: pl.DataFrame

    @classmethod
    def read(cls, data: SourceData, keys: Sequence[Field], columns: Iterable[str]) -> Snapshot:
        """Return the rows of ``data`` with ``columns``, by ``keys``.

        Raises:
            DataError: FK208 when the rows cannot be read after all.
        """
        pl = require("polars", PURPOSE)
        typed = [pl.col(key.name).cast(polars_type(key.type)) for key in keys]
        found = collected(data.frame.select(typed), f"source {data.source.name!r}")
        entities = entities_of(found, keys)
        return cls(history(data, keys, set(columns), entities), entities)

    def met(
        self, on: pl.DataFrame, moments: pl.Series, delay: int, max_age: int | None
    ) -> pl.Series:
        """Return for each row of ``on`` the position of the row it meets, null where there is none.

        Args:
            on: The snapshot's keys.
            moments: Microseconds; null meets nothing.
            delay: Microseconds that are added to the rows' availability.
            max_age: Microseconds after which a row is as good as none.
        """
        asked = questions(self.entities, on, moments)
        sight = Sight(self.history.delayed(delay, asked), asked)
        return sight.stretched(young(sight, sight.latest, max_age))


def young(sight: Sight, found: pl.Series, max_age: int | None) -> pl.Series:
    """Return ``found`` with null where the row is older than ``max_age`` when asked."""
    if max_age is None:
        return found
    pl = require("polars", PURPOSE)
    fresh = sight.history.time.gather(found) >= sight.asked.time - max_age
    return found.zip_with(fresh.fill_null(value=False), pl.Series([None], dtype=pl.Int64))


@dataclass(frozen=True, slots=True)
class Meeting:
    """How the rows of a view meet snapshots.

    Attributes:
        snapshots: By the name of the join.
        columns: Which ones are read, by the name of the join.
        delay: The view's.
        max_age: The view's.
    """

    snapshots: Mapping[str, Snapshot]
    columns: Mapping[str, Sequence[str]]
    delay: int
    max_age: int | None

    def joined(
        self, rows: pl.DataFrame, joins: Iterable[Join], moments: Callable[[Join], pl.Series]
    ) -> pl.DataFrame:
        """Return ``rows`` with the columns of ``joins``, met at ``moments``."""
        pl = require("polars", PURPOSE)
        for join in joins:
            on = rows.select(
                pl.col(name_of(c.relation, c.name)).cast(polars_type(field.type)).alias(field.name)
                for (_, c), field in zip(join.on, key_fields(join), strict=True)
            )
            snapshot = self.snapshots[join.name]
            found = snapshot.met(on, moments(join), self.delay, self.max_age)
            rows = rows.hstack(
                [
                    snapshot.history.rows[name].gather(found).alias(name_of(join.name, name))
                    for name in self.columns[join.name]
                ]
            )
        return rows


def key_fields(join: Join) -> tuple[Field, ...]:
    """Return the columns of the joined source that its rows are met on."""
    fields = {field.name: field for field in join.source.fields}
    return tuple(fields[name] for name, _ in join.on)


def columns_in(parts: Iterable[Expression]) -> list[Column]:
    """Return the columns that ``parts`` read."""
    return [node for part in parts for node in walk(part) if isinstance(node, Column)]


def steady_joins(joins: Iterable[Join], own: str) -> tuple[Join, ...]:
    """Return those of ``joins`` that rows of the source ``own`` meet whoever asks."""
    found: list[Join] = []
    for join in joins:
        known = {own, *(other.name for other in found)}
        if not join.at_request and all(column.relation in known for _, column in join.on):
            found.append(join)
    return tuple(found)
