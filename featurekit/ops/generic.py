"""What works on any type: COALESCE, NULLIF, GREATEST, LEAST, CLIP, IS NULL, IS DISTINCT, IN."""

from __future__ import annotations

from featurekit.ops.logical import V
from featurekit.ops.operator import Nulls, T, operator


@operator("IS NULL", polars=lambda pl, a: a.is_null(), sql="{a} IS NULL", nulls=Nulls.HANDLE)
def is_null(a: T | None) -> bool:
    """Return whether a is null; NaN and the empty text are not.

    Cases:
        is_null(null) = true
        is_null(nan) = false
        is_null("") = false
    """
    return a is None


@operator(
    "IS NOT NULL", polars=lambda pl, a: a.is_not_null(), sql="{a} IS NOT NULL", nulls=Nulls.HANDLE
)
def is_not_null(a: T | None) -> bool:
    """Return whether a is known; NaN and the empty text are.

    Cases:
        is_not_null(null) = false
        is_not_null(nan) = true
        is_not_null("") = true
    """
    return a is not None


@operator(
    "IS DISTINCT FROM",
    polars=lambda pl, a, b: a.ne_missing(b),
    sql="{a} IS DISTINCT FROM {b}",
    nulls=Nulls.HANDLE,
    commutes=True,
)
def is_distinct(a: V | None, b: V | None) -> bool:
    """Return whether a differs from b, null being a value like another.

    Cases:
        is_distinct(1, 2) = true
        is_distinct(1, null) = true
        is_distinct(null, null) = false
    """
    return a != b


@operator(
    "IS DISTINCT FROM",
    polars=lambda pl, a, b: a.ne_missing(b),
    sql="{a} IS DISTINCT FROM {b}",
    nulls=Nulls.HANDLE,
    commutes=True,
)
def is_distinct_double(a: float | None, b: float | None) -> bool:
    """Return whether a differs from b, null being a value like another; NaN equals NaN.

    Cases:
        is_distinct_double(1.0, null) = true
        is_distinct_double(null, null) = false
        is_distinct_double(nan, nan) = false
        is_distinct_double(0.0, -0.0) = false
    """
    return a != b and (a == a or b == b)


@operator(
    "IS NOT DISTINCT FROM",
    polars=lambda pl, a, b: a.eq_missing(b),
    sql="{a} IS NOT DISTINCT FROM {b}",
    nulls=Nulls.HANDLE,
    commutes=True,
)
def is_not_distinct(a: V | None, b: V | None) -> bool:
    """Return whether a equals b, null being a value like another.

    Cases:
        is_not_distinct(1, 1) = true
        is_not_distinct(1, null) = false
        is_not_distinct(null, null) = true
    """
    return a == b


@operator(
    "IS NOT DISTINCT FROM",
    polars=lambda pl, a, b: a.eq_missing(b),
    sql="{a} IS NOT DISTINCT FROM {b}",
    nulls=Nulls.HANDLE,
    commutes=True,
)
def is_not_distinct_double(a: float | None, b: float | None) -> bool:
    """Return whether a equals b, null being a value like another; NaN equals NaN.

    Cases:
        is_not_distinct_double(1.0, null) = false
        is_not_distinct_double(null, null) = true
        is_not_distinct_double(nan, nan) = true
    """
    return a == b or (a != a and b != b)


@operator(
    "IN",
    polars=lambda pl, a, *options: pl.any_horizontal([a == option for option in options]),
    sql="{a} IN ({options})",
    nulls=Nulls.CHOOSE,
)
def in_(a: V | None, *options: V | None) -> bool | None:
    """Return whether a is one of the options; null where that is not known.

    Not known: a is null, or a matches none and one of the options is null.

    Cases:
        in(1, 1, 2) = true
        in(3, 1, 2) = false
        in(3, 1, null) = null
        in(1, 1, null) = true
        in(null, 1) = null
    """
    if a is None:
        return None
    return True if a in options else None if None in options else False


@operator(
    "IN",
    polars=lambda pl, a, *options: pl.any_horizontal([a == option for option in options]),
    sql="{a} IN ({options})",
    nulls=Nulls.CHOOSE,
)
def in_double(a: float | None, *options: float | None) -> bool | None:
    """Return whether a is one of the options, NaN equal to NaN; null where that is not known.

    Cases:
        in_double(1.0, 1.0, 2.0) = true
        in_double(nan, 1.0, nan) = true
        in_double(0.0, -0.0) = true
        in_double(3.0, 1.0, null) = null
        in_double(null, 1.0) = null
    """
    if a is None:
        return None
    if a in options or (a != a and any(option != option for option in options)):
        return True
    return None if None in options else False


@operator(
    "COALESCE",
    polars=lambda pl, a, b: pl.coalesce(a, b),
    sql="COALESCE({a}, {b})",
    nulls=Nulls.CHOOSE,
)
def coalesce(a: T | None, b: T | None) -> T | None:
    """Return a, or b where a is null.

    Cases:
        coalesce(1, 2) = 1
        coalesce(null, 2) = 2
        coalesce(nan, 1.0) = nan
        coalesce(null, null) = null
    """
    return b if a is None else a


@operator(
    "NULLIF",
    polars=lambda pl, a, b: pl.when(a.eq_missing(b)).then(None).otherwise(a),
    sql="NULLIF({a}, {b})",
    nulls=Nulls.HANDLE,
)
def nullif(a: V | None, b: V | None) -> V | None:
    """Return a, or null where a equals b.

    Cases:
        nullif(1, 1) = null
        nullif(1, 2) = 1
        nullif(1, null) = 1
        nullif(null, 1) = null
    """
    return None if a == b else a


@operator(
    "NULLIF",
    polars=lambda pl, a, b: pl.when(a.eq_missing(b)).then(None).otherwise(a),
    sql="NULLIF({a}, {b})",
    nulls=Nulls.HANDLE,
)
def nullif_double(a: float | None, b: float | None) -> float | None:
    """Return a, or null where a equals b; NaN equals NaN.

    Cases:
        nullif_double(-1.0, -1.0) = null
        nullif_double(nan, nan) = null
        nullif_double(1.0, null) = 1.0
        nullif_double(null, 1.0) = null
    """
    return None if a == b or (a != a and b != b) else a


@operator(
    "GREATEST",
    polars=lambda pl, a, b: pl.when(a.is_null() | (a < b)).then(b).otherwise(a),
    sql="GREATEST({a}, {b})",
    nulls=Nulls.CHOOSE,
)
def greatest(a: V | None, b: V | None) -> V | None:
    """Return the later of a and b in their order; a null is skipped.

    Cases:
        greatest(1, 2) = 2
        greatest("Z", "a") = "a"
        greatest(null, 2) = 2
        greatest(1, null) = 1
        greatest(null, null) = null
    """
    return b if a is None or (b is not None and a < b) else a


@operator(
    "GREATEST",
    polars=lambda pl, a, b: pl.when(a.is_null() | (a < b)).then(b).otherwise(a),
    sql="GREATEST({a}, {b})",
    nulls=Nulls.CHOOSE,
)
def greatest_double(a: float | None, b: float | None) -> float | None:
    """Return the greater of a and b, NaN being greatest; a null is skipped.

    Cases:
        greatest_double(1.0, 2.0) = 2.0
        greatest_double(nan, inf) = nan
        greatest_double(null, 2.0) = 2.0
        greatest_double(null, null) = null
    """
    return b if a is None or (b is not None and (a < b or (b != b and a == a))) else a


@operator(
    "LEAST",
    polars=lambda pl, a, b: pl.when(a.is_null() | (b < a)).then(b).otherwise(a),
    sql="LEAST({a}, {b})",
    nulls=Nulls.CHOOSE,
)
def least(a: V | None, b: V | None) -> V | None:
    """Return the earlier of a and b in their order; a null is skipped.

    Cases:
        least(1, 2) = 1
        least("Z", "a") = "Z"
        least(null, 2) = 2
        least(null, null) = null
    """
    return b if a is None or (b is not None and b < a) else a


@operator(
    "LEAST",
    polars=lambda pl, a, b: pl.when(a.is_null() | (b < a)).then(b).otherwise(a),
    sql="LEAST({a}, {b})",
    nulls=Nulls.CHOOSE,
)
def least_double(a: float | None, b: float | None) -> float | None:
    """Return the lesser of a and b, NaN being greatest; a null is skipped.

    Cases:
        least_double(1.0, 2.0) = 1.0
        least_double(nan, inf) = inf
        least_double(null, 2.0) = 2.0
        least_double(null, null) = null
    """
    return b if a is None or (b is not None and (b < a or (a != a and b == b))) else a
