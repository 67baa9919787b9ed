"""The vocabulary: one decorated function is one operator, one decorated class one aggregate."""

from featurekit.ops import (
    casts,
    generic,
    logical,
    mathematics,
    numeric,
    order_aggregates,
    reductions,
    spread,
    strings,
    sums,
    temporal,
)
from featurekit.ops.aggregate import (
    AGGREGATES,
    AGGREGATES_BY_SURFACE,
    AggregateFunction,
    Lift,
    bind_aggregate,
)
from featurekit.ops.operator import BY_SURFACE, OPERATORS, Bound, Gap, Nulls, Operator, bind

__all__ = [
    "AGGREGATES",
    "AGGREGATES_BY_SURFACE",
    "BY_SURFACE",
    "OPERATORS",
    "AggregateFunction",
    "Bound",
    "Gap",
    "Lift",
    "Nulls",
    "Operator",
    "bind",
    "bind_aggregate",
    "casts",
    "generic",
    "logical",
    "mathematics",
    "numeric",
    "order_aggregates",
    "reductions",
    "spread",
    "strings",
    "sums",
    "temporal",
]
