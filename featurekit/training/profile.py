"""What a column looks like in one line: nulls, different values, range, middle, shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from featurekit.backends.to_polars import PURPOSE
from featurekit.datatypes import Kind
from featurekit.lazy import require
from featurekit.training.sources import language_type

if TYPE_CHECKING:
    import polars as pl

BINS = 12
_MEASURED = frozenset(
    {Kind.BIGINT, Kind.DOUBLE, Kind.DECIMAL, Kind.DATE, Kind.TIMESTAMP, Kind.LIST}
)
_NAMED = frozenset({Kind.VARCHAR, Kind.BOOLEAN})


def profile(frame: pl.DataFrame, columns: Sequence[str]) -> tuple[dict[str, Any], ...]:
    """Return each column's name, type, rows, nulls, distinct, min, median, max and shape.

    ``distinct`` counts values that are not null. ``shape`` counts rows: of measured types in 12
    bins of equal width from the least to the greatest finite value, of others for the 12 most
    frequent values. What a type does not have (the median of a text) is None. Of a list its length
    is measured: ``min``, ``median``, ``max`` and ``shape`` count members.
    """
    asked: list[pl.Expr] = []
    kinds = [_kind(frame, name) for name in columns]
    for number, (name, kind) in enumerate(zip(columns, kinds, strict=True)):
        asked += [e.alias(f"{number} {key}") for key, e in _measures(name, kind).items()]
    (found,) = frame.lazy().select(asked).collect().rows(named=True) if asked else ({},)
    shapes = _shapes(frame, columns, kinds, found)
    facts = []
    for number, name in enumerate(columns):
        own = {key: found.get(f"{number} {key}") for key in ("distinct", "min", "median", "max")}
        facts.append(
            {
                "name": name,
                "type": str(language_type(frame.schema[name]) or frame.schema[name]),
                "rows": len(frame),
                "nulls": frame[name].null_count(),
                **own,
                "shape": shapes[number],
            }
        )
    return tuple(facts)


def _kind(frame: pl.DataFrame, name: str) -> Kind | None:
    found = language_type(frame.schema[name])
    return found.kind if found else None


def _measures(name: str, kind: Kind | None) -> dict[str, pl.Expr]:
    pl = require("polars", PURPOSE)
    column = pl.col(name)
    if kind in _NAMED:
        return {
            "distinct": column.drop_nulls().n_unique(),
            "min": column.min(),
            "max": column.max(),
        }
    if kind not in _MEASURED:
        return {}
    finite = _finite(name, kind)
    low, high = _line(finite, kind).min(), _line(finite, kind).max()
    median = _line(finite, kind).median()
    if kind in {Kind.DATE, Kind.TIMESTAMP}:  # the middle moment, of two the earlier
        median = finite.sort().get((finite.count() - 1) // 2, null_on_oob=True)
    return {
        "distinct": column.drop_nulls().n_unique(),
        "min": finite.min(),
        "median": median,
        "max": finite.max(),
        "low": low,
        "high": high,
    }


def _finite(name: str, kind: Kind | None) -> pl.Expr:
    pl = require("polars", PURPOSE)
    column = pl.col(name).drop_nulls()
    if kind is Kind.LIST:
        return column.list.len()  # type: ignore[no-any-return]  # loaded late
    return column.filter(column.is_finite()) if kind is Kind.DOUBLE else column  # type: ignore[no-any-return]  # loaded late


def _line(column: pl.Expr, kind: Kind | None) -> pl.Expr:
    """Return the values as doubles that keep their order and distances."""
    pl = require("polars", PURPOSE)
    whole = column.to_physical() if kind in {Kind.DATE, Kind.TIMESTAMP} else column
    return whole.cast(pl.Float64)


def _shapes(
    frame: pl.DataFrame, columns: Sequence[str], kinds: Sequence[Kind | None], found: dict[str, Any]
) -> list[list[int]]:
    pl = require("polars", PURPOSE)
    asked: list[Any] = []
    for number, (name, kind) in enumerate(zip(columns, kinds, strict=True)):
        low, high = found.get(f"{number} low"), found.get(f"{number} high")
        if kind in _NAMED:
            counts = pl.col(name).drop_nulls().unique_counts()
            asked.append(counts.sort(descending=True).head(BINS).implode().alias(str(number)))
        elif low is not None and high is not None:
            width = (high / BINS - low / BINS) or 1.0  # the difference itself may be infinite
            line = _line(_finite(name, kind), kind)
            place = (line / width - low / width).floor().clip(0, BINS - 1)
            counts = [(place == bin_).sum() for bin_ in range(BINS if high > low else 1)]
            asked.append(pl.concat_list(counts).alias(str(number)))
    made: dict[str, Any] = {}
    if asked:
        (made,) = frame.lazy().select(asked).collect().rows(named=True)
    return [[int(n) for n in made.get(str(number)) or ()] for number in range(len(columns))]
