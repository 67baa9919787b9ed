"""Three-valued logic, and comparison by the one order every engine shares.

NaN equals itself and is greater than every number, as SQL engines and polars order doubles; Python
alone does not, so that comparisons of DOUBLE are rows of their own.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TypeVar

from featurekit.ops.operator import Nulls, operator

V = TypeVar("V", bool, int, Decimal, str, dt.date, dt.datetime)
"""Any type whose values Python orders as SQL does: all but DOUBLE."""


@operator(
    "AND", polars=lambda pl, a, b: a & b, sql="{a} AND {b}", nulls=Nulls.CHOOSE, commutes=True
)
def and_(a: bool | None, b: bool | None) -> bool | None:
    """Return whether both hold; false where one does not, whatever the other is.

    Null is "not known": null AND false is false, null AND true is null.

    Cases:
        and(true, true) = true
        and(null, false) = false
        and(null, true) = null
        and(null, null) = null
    """
    return False if a is False or b is False else None if a is None or b is None else True


@operator("OR", polars=lambda pl, a, b: a | b, sql="{a} OR {b}", nulls=Nulls.CHOOSE, commutes=True)
def or_(a: bool | None, b: bool | None) -> bool | None:
    """Return whether at least one holds; true where one does, whatever the other is.

    Null is "not known": null OR true is true, null OR false is null.

    Cases:
        or(false, false) = false
        or(null, true) = true
        or(null, false) = null
        or(null, null) = null
    """
    return True if a is True or b is True else None if a is None or b is None else False


@operator("NOT", polars=lambda pl, a: ~a, sql="NOT {a}")
def not_(a: bool) -> bool:
    """Return whether a does not hold; null where that is not known.

    Cases:
        not(true) = false
        not(false) = true
        not(null) = null
    """
    return not a


@operator("=", polars=lambda pl, a, b: a == b, sql="{a} = {b}", commutes=True)
def eq(a: V, b: V) -> bool:
    """Return whether a equals b; text by code point, instants as instants.

    Cases:
        eq(1, 1) = true
        eq("a", "a ") = false
        eq(DECIMAL "1.50", DECIMAL "1.5") = true
        eq(null, 1) = null
    """
    return a == b


@operator("=", polars=lambda pl, a, b: a == b, sql="{a} = {b}", commutes=True)
def eq_double(a: float, b: float) -> bool:
    """Return whether a equals b; NaN equals NaN, 0.0 equals -0.0.

    Cases:
        eq_double(0.5, 0.5) = true
        eq_double(nan, nan) = true
        eq_double(0.0, -0.0) = true
        eq_double(null, 1.0) = null
    """
    return a == b or (a != a and b != b)


@operator("<>", polars=lambda pl, a, b: a != b, sql="{a} <> {b}", commutes=True)
def ne(a: V, b: V) -> bool:
    """Return whether a differs from b; null where one is null.

    Cases:
        ne(1, 2) = true
        ne("a", "a") = false
        ne(null, null) = null
    """
    return a != b


@operator("<>", polars=lambda pl, a, b: a != b, sql="{a} <> {b}", commutes=True)
def ne_double(a: float, b: float) -> bool:
    """Return whether a differs from b; NaN does not differ from NaN.

    Cases:
        ne_double(0.5, 1.5) = true
        ne_double(nan, nan) = false
        ne_double(nan, 1.0) = true
        ne_double(null, 1.0) = null
    """
    return a != b and (a == a or b == b)


@operator("<", polars=lambda pl, a, b: a < b, sql="{a} < {b}")
def lt(a: V, b: V) -> bool:
    """Return whether a comes before b; text by code point, false before true.

    Cases:
        lt(1, 2) = true
        lt("Z", "a") = true
        lt(true, false) = false
        lt(DATE "2024-02-29", DATE "2024-03-01") = true
        lt(null, 1) = null
    """
    return a < b


@operator("<", polars=lambda pl, a, b: a < b, sql="{a} < {b}")
def lt_double(a: float, b: float) -> bool:
    """Return whether a is less than b; every number is less than NaN.

    Cases:
        lt_double(1.0, 2.0) = true
        lt_double(inf, nan) = true
        lt_double(nan, 1.0) = false
        lt_double(null, 1.0) = null
    """
    return a < b or (b != b and a == a)


@operator("<=", polars=lambda pl, a, b: a <= b, sql="{a} <= {b}")
def le(a: V, b: V) -> bool:
    """Return whether a comes before b or equals it.

    Cases:
        le(2, 2) = true
        le("b", "a") = false
        le(1, null) = null
    """
    return a <= b


@operator("<=", polars=lambda pl, a, b: a <= b, sql="{a} <= {b}")
def le_double(a: float, b: float) -> bool:
    """Return whether a is at most b; everything is at most NaN.

    Cases:
        le_double(2.0, 2.0) = true
        le_double(nan, nan) = true
        le_double(nan, inf) = false
        le_double(null, 1.0) = null
    """
    return a <= b or b != b


@operator(">", polars=lambda pl, a, b: a > b, sql="{a} > {b}")
def gt(a: V, b: V) -> bool:
    """Return whether a comes after b; text by code point.

    Cases:
        gt(2, 1) = true
        gt("a", "Z") = true
        gt(1, null) = null
    """
    return a > b


@operator(">", polars=lambda pl, a, b: a > b, sql="{a} > {b}")
def gt_double(a: float, b: float) -> bool:
    """Return whether a is greater than b; NaN is greater than every number.

    Cases:
        gt_double(2.0, 1.0) = true
        gt_double(nan, inf) = true
        gt_double(nan, nan) = false
        gt_double(null, 1.0) = null
    """
    return a > b or (a != a and b == b)


@operator(">=", polars=lambda pl, a, b: a >= b, sql="{a} >= {b}")
def ge(a: V, b: V) -> bool:
    """Return whether a comes after b or equals it.

    Cases:
        ge(2, 2) = true
        ge("a", "b") = false
        ge(null, null) = null
    """
    return a >= b


@operator(">=", polars=lambda pl, a, b: a >= b, sql="{a} >= {b}")
def ge_double(a: float, b: float) -> bool:
    """Return whether a is at least b; NaN is at least everything.

    Cases:
        ge_double(2.0, 2.0) = true
        ge_double(nan, 1.0) = true
        ge_double(inf, nan) = false
        ge_double(null, 1.0) = null
    """
    return a >= b or a != a
