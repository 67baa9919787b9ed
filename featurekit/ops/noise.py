"""Where two columns do not move together, and only rounding says that they do.

Products of distances from the means cancel. What is left where the exact sum is zero is noise, and
its sign is another on each engine: ``SLOPE(x) OVER w > 0`` would be true in training and false in
serving. So a sum below 1e-12 of what it could be (Cauchy and Schwarz: the root of the product of
the two sums of squares) is zero, on every target.
"""

from __future__ import annotations

import math
from typing import Any

SHARE = 1e-12
LEAST = 1e-280


def unless_noise(together: float, squares_x: float, squares_y: float) -> float:
    """Return the sum of the products of distances; zero where it is smaller than its rounding."""
    size = math.sqrt(squares_x) * math.sqrt(squares_y)
    return 0.0 if size > 1e-280 and abs(together) < 1e-12 * size else together


def polars_unless_noise(pl: Any, together: Any, squares_x: Any, squares_y: Any) -> Any:
    """Return the same as ``unless_noise``, of columns."""
    size = squares_x.sqrt() * squares_y.sqrt()
    noise = (size > LEAST) & (together.abs() < SHARE * size)
    return pl.when(noise).then(0.0).otherwise(together)
