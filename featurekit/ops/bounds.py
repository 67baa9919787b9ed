"""How far two exact-minded engines may differ in one aggregate: the bound that its row declares."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

_SHARE = 1e-9
_LARGEST_SQUARED = 1e150


def tolerance(bound: str, values: Sequence[float | Decimal | None]) -> float:
    """Return how far apart two answers over ``values`` may lie; 0.0 means they are equal.

    Infinite when finite values overflow on the way: then the order of the additions decides
    whether the answer is infinite, and engines choose their own.

    Args:
        bound: one of those that ``ops.aggregate.aggregate`` lists.
        values: What was aggregated; nulls and what is not finite do not widen the bound.
    """
    if bound == "unit":
        return _SHARE
    sizes = [abs(float(v)) for v in values if v is not None and math.isfinite(v)]
    if bound == "exact" or not sizes:
        return 0.0
    total = sum(sizes)
    if bound == "sum" or math.isinf(total):
        return _SHARE * total
    largest = max(sizes)
    return _SHARE * (largest if bound == "mean" else min(largest, _LARGEST_SQUARED) ** 2)


def agree(bound: str, values: Sequence[float | Decimal | None], one: object, other: object) -> bool:
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
    return one == other
