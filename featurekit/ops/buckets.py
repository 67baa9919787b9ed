"""BUCKETIZE: which of the ranges between ascending edges a value falls into."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import reduce
from typing import Any, TypeVar

from featurekit.ops.operator import operator

Ranged = TypeVar("Ranged", int, Decimal, dt.date, dt.datetime)
"""What has edges besides DOUBLE."""

_SQL = (
    "CASE WHEN {x} IS NOT NULL AND NOT list_contains(list_transform([{edges}], "
    "lambda edge_of_bucketize: edge_of_bucketize IS NULL), TRUE) THEN "
    "len(list_filter([{edges}], lambda edge_of_bucketize: edge_of_bucketize <= {x})) END"
)


def _counted(pl: Any, x: Any, *edges: Any) -> Any:
    return reduce(lambda first, second: first + second, [(x >= e).cast(pl.Int64) for e in edges])


@operator("BUCKETIZE", polars=_counted, sql=_SQL)
def bucketize(x: Ranged, *edges: Ranged) -> int:
    """Return how many of the edges are at or below x: 0 below the first of ascending ones.

    An edge belongs to the bucket above it, as with half-open windows.

    Cases:
        bucketize(5, 10, 20) = 0
        bucketize(10, 10, 20) = 1
        bucketize(20, 10, 20) = 2
        bucketize(DATE "2024-02-29", DATE "2024-01-01", DATE "2025-01-01") = 1
        bucketize(5, 10, null) = null
        bucketize(null, 10) = null
    """
    return sum(edge <= x for edge in edges)


@operator("BUCKETIZE", polars=_counted, sql=_SQL)
def bucketize_double(x: float, *edges: float) -> int:
    """Return how many of the edges are at or below x; NaN is above all numbers.

    Cases:
        bucketize_double(0.5, 0.5, 2.5) = 1
        bucketize_double(-inf, 0.5, 2.5) = 0
        bucketize_double(nan, 0.5, nan) = 2
        bucketize_double(-0.0, 0.0) = 1
        bucketize_double(null, 0.5) = null
    """
    return len(edges) if x != x else sum(edge <= x for edge in edges)
