"""Questions to try a selection with: entities, moments and requests drawn from the real rows.

Half of the moments are exactly those of rows, where the edges of windows lie; the rest come some
time later. Drawn by a fixed seed: the same rows give the same questions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from featurekit.datatypes import Kind
from featurekit.ir.definitions import Entity, Field, Source
from featurekit.lazy import require
from featurekit.training.sources import SourceData

if TYPE_CHECKING:
    import polars as pl

MOMENT = "asked_at"
SEED = 20_130_101
_LATEST = 3 * 24 * 3600 * 1_000_000  # microseconds by which a question follows a row

_SAMPLES: Mapping[Kind, tuple[Any, ...]] = {
    Kind.BOOLEAN: (True, False),
    Kind.BIGINT: (0, 1, -1, 7, 100, 2**31, -(2**31), 2**53 + 1),
    Kind.DOUBLE: (0.0, 1.0, -1.5, 0.1, 2.675, 100.25, 1e-9, 1e12),
    Kind.DECIMAL: (Decimal(0), Decimal(1), Decimal(-1), Decimal(9)),
    Kind.VARCHAR: ("", "a", "A", " a ", "US", "ß", "12", "2024-02-29", "e\u0301"),
    Kind.DATE: (dt.date(1970, 1, 1), dt.date(2024, 2, 29), dt.date(2024, 12, 31)),
    Kind.TIMESTAMP: (
        dt.datetime(1970, 1, 1, tzinfo=dt.UTC),
        dt.datetime(2024, 3, 10, 7, 30, tzinfo=dt.UTC),
        dt.datetime(2024, 2, 29, 23, 59, 59, 999_999, tzinfo=dt.UTC),
    ),
}


def questions(
    entities: Sequence[Entity],
    requests: Sequence[Source],
    data: Mapping[str, SourceData],
    samples: Mapping[str, SourceData],
    rows: int,
) -> pl.DataFrame:
    """Return ``rows`` questions: keys, request columns, and the moment in ``asked_at``.

    Args:
        entities: Whose keys a question carries.
        requests: The request sources whose columns it carries.
        data: The rows of the sources asked, by name.
        samples: Sample requests, by source name; a source without any gets typed edge values.
        rows: How many.
    """
    pl = require("polars", "to draw questions")
    parts: dict[str, Any] = {}
    for number, source in enumerate(requests):
        drawn = _drawn_requests(source, samples.get(source.name), rows, SEED + number)
        parts.update({column.name: column for column in drawn})
    for number, entity in enumerate(entities):
        drawn = _drawn_keys(entity, data, samples, rows, SEED + 100 + number)
        for column in drawn:
            parts.setdefault(column.name, column)
    if MOMENT not in parts:
        start = pl.datetime(2024, 1, 1, time_zone="UTC", time_unit="us")
        ticks = pl.int_range(rows) * 3_600_000_000
        parts[MOMENT] = pl.select(
            (start + pl.duration(microseconds=ticks)).alias(MOMENT)
        ).to_series()
    wanted = {MOMENT, *(k.name for e in entities for k in e.keys)}
    wanted |= {f.name for source in requests for f in source.fields}
    chosen = [column for name, column in parts.items() if name in wanted]
    return pl.DataFrame(chosen)  # type: ignore[no-any-return]  # loaded late


def _drawn_requests(
    source: Source, sample: SourceData | None, rows: int, seed: int
) -> list[pl.Series]:
    pl = require("polars", "to draw questions")
    if sample is None:
        return [_edge_values(field, rows, shift) for shift, field in enumerate(source.fields)]
    required = [field.name for field in source.fields if field.required]
    frame = (sample.frame.drop_nulls(required) if required else sample.frame).collect()
    if frame.is_empty():
        return [_edge_values(field, rows, shift) for shift, field in enumerate(source.fields)]
    drawn = frame.sample(rows, with_replacement=True, shuffle=True, seed=seed)
    if source.time is not None and source.time in drawn.columns:
        drawn = drawn.with_columns(pl.col(source.time).alias(MOMENT))
    return list(drawn.get_columns())


def _edge_values(field: Field, rows: int, shift: int) -> pl.Series:
    from featurekit.backends.to_polars import polars_type

    pl = require("polars", "to draw questions")
    values = list(_SAMPLES[field.type.kind]) + ([] if field.required else [None])
    cycle = [values[(row * (shift + 1) + shift) % len(values)] for row in range(rows)]
    if field.type.kind is Kind.DECIMAL:
        cycle = [v if v is None else v.scaleb(-field.type.scale) for v in cycle]
    kind = polars_type(field.type)
    return pl.Series(field.name, cycle, dtype=kind)  # type: ignore[no-any-return]  # loaded late


def _drawn_keys(
    entity: Entity,
    data: Mapping[str, SourceData],
    samples: Mapping[str, SourceData],
    rows: int,
    seed: int,
) -> list[pl.Series]:
    """Draw keys, and moments with them, from a source that carries the entity."""
    pl = require("polars", "to draw questions")
    keys = [key.name for key in entity.keys]
    for found in (*samples.values(), *data.values()):
        time = found.source.time
        if time is None or not set(keys) <= set(found.frame.collect_schema().names()):
            continue
        frame = found.frame.select(*keys, pl.col(time).alias(MOMENT)).drop_nulls().collect()
        if frame.is_empty():
            continue
        drawn = frame.sample(rows, with_replacement=True, shuffle=True, seed=seed)
        later = pl.int_range(rows).hash(seed) % _LATEST
        moved = pl.when(pl.int_range(rows) % 2 == 0).then(0).otherwise(later.cast(pl.Int64))
        return list(
            drawn.with_columns(pl.col(MOMENT) + pl.duration(microseconds=moved)).get_columns()
        )
    return [_edge_values(key, rows, shift) for shift, key in enumerate(entity.keys)]
