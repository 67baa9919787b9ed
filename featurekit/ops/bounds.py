"""How far two exact-minded engines may differ in one aggregate: the bound that its row declares."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from featurekit.ops.aggregate import AggregateFunction
from featurekit.ops.parameters import EVENT_TIME

_SHARE = 1e-9
_LARGEST_SQUARED = 1e150
_LEAST_SQUARED = 1e-120
_ROUNDED = 1e-15


def tolerance(bound: str, values: Sequence[Any]) -> float:
    """Return how far apart two answers over ``values`` may lie; 0.0 means they are equal.

    Infinite when finite values overflow on the way: then the order of the additions decides
    whether the answer is infinite, and engines choose their own.

    Args:
        bound: one of those that ``ops.aggregate.aggregate`` lists.
        values: What was aggregated, row by row where there are two arguments (of a slope: value
            and time); nulls and what is not finite do not widen the bound.
    """
    if bound == "unit":
        return _SHARE
    if bound == "slope":
        return _steepness(values[::2], values[1::2])
    if bound == "correlation":
        return _SHARE + _blur(values[::2], values[1::2])
    sizes = [abs(float(v)) for v in values if v is not None and math.isfinite(v)]
    if bound == "exact" or not sizes:
        return 0.0
    total = sum(sizes)
    if bound == "sum" or math.isinf(total):
        return _SHARE * total
    largest = max(sizes)
    return _SHARE * (largest if bound == "mean" else min(largest, _LARGEST_SQUARED) ** 2)


def compared(row: AggregateFunction, rows: Sequence[Sequence[Any]]) -> list[Any]:
    """Return the ``values`` that ``tolerance`` asks for, of ``rows`` of arguments of ``row``."""
    timed = {EVENT_TIME} if row.bound == "slope" else set()
    places = [
        place
        for place, parameter in enumerate(row.parameters)
        if parameter.mark in timed or not (parameter.constant or parameter.implicit)
    ]
    return [] if row.bound == "exact" else [values[place] for values in rows for place in places]


def _steepness(values: Sequence[Any], times: Sequence[Any]) -> float:
    """Return what a slope of ``values`` over ``times`` may differ by: its share of the steepest."""
    pairs = [(x, t) for x, t in zip(values, times, strict=True) if x is not None and t is not None]
    sizes = [abs(float(x)) for x, _ in pairs if abs(x) < _LARGEST_SQUARED]
    moments = [t for _, t in pairs]
    days = (max(moments) - min(moments)) / dt.timedelta(days=1) if moments else 0.0
    return _SHARE * max(sizes, default=0.0) * len(moments) / days if days else 0.0


def _blur(*columns: Sequence[float | Decimal | None]) -> float:
    """Return what a correlation of ``columns`` loses to rounding; infinite when that is all of it.

    It is the more, the closer together a column's values are for their size.
    """
    pairs = [(x, y) for x, y in zip(*columns, strict=True) if x is not None and y is not None]
    blur = 0.0
    for column in zip(*pairs, strict=True):
        sizes = [float(v) for v in column if abs(v) < _LARGEST_SQUARED]
        spread = (max(sizes) - min(sizes)) / len(sizes) if sizes else 0.0
        if spread < _LEAST_SQUARED:
            return math.inf
        blur += _ROUNDED * len(sizes) * (max(map(abs, sizes)) / spread) ** 2
    return blur if blur < 1 else math.inf


def agree(bound: str, values: Sequence[Any], one: object, other: object) -> bool:
    """Whether two answers over ``values`` have the same type and lie within the bound."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float) and isinstance(other, float):
        allowed = tolerance(bound, values)
        if math.isinf(allowed) or (math.isnan(one) and math.isnan(other)):
            return True
        return one == other or abs(one - other) <= allowed
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return one.as_tuple() == other.as_tuple()
    if isinstance(one, list) and isinstance(other, list):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(agree(bound, values, a, b) for a, b in pairs)
    return one == other
