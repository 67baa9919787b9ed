"""Angles, places on a circle and distances on the earth.

Engines use different mathematical libraries: sines and their kin may differ by four units in the
last place. Angles are in radians, places on the earth in degrees, distances in kilometres.
"""

from __future__ import annotations

import math
from typing import Any

from featurekit.ops.numeric import true_quotient
from featurekit.ops.operator import operator

HALF_DEGREE = 0.008726646259971648
"""Half a degree in radians: pi / 360."""

EARTH_KM = 12742.0176
"""Twice the mean radius of the earth, 6371.0088 km."""


@operator(
    "SIN",
    polars=lambda pl, a: pl.when(~a.is_infinite()).then(a.sin()),
    sql="CASE WHEN NOT isinf({a}) THEN sin({a}) END",
    ulps=4,
)
def sin(a: float) -> float | None:
    """Return the sine of an angle in radians; null for infinity.

    Cases:
        sin(0.0) = 0.0
        sin(1.5707963267948966) = 1.0
        sin(inf) = null
        sin(nan) = nan
        sin(null) = null
    """
    return None if math.isinf(a) else math.sin(a)


@operator(
    "COS",
    polars=lambda pl, a: pl.when(~a.is_infinite()).then(a.cos()),
    sql="CASE WHEN NOT isinf({a}) THEN cos({a}) END",
    ulps=4,
)
def cos(a: float) -> float | None:
    """Return the cosine of an angle in radians; null for infinity.

    Cases:
        cos(0.0) = 1.0
        cos(3.141592653589793) = -1.0
        cos(-inf) = null
        cos(null) = null
    """
    return None if math.isinf(a) else math.cos(a)


@operator(
    "TAN",
    polars=lambda pl, a: pl.when(~a.is_infinite()).then(a.tan()),
    sql="CASE WHEN NOT isinf({a}) THEN tan({a}) END",
    ulps=4,
)
def tan(a: float) -> float | None:
    """Return the tangent of an angle in radians; null for infinity.

    Cases:
        tan(0.0) = 0.0
        tan(0.7853981633974483) = 0.9999999999999999
        tan(inf) = null
        tan(null) = null
    """
    return None if math.isinf(a) else math.tan(a)


@operator("ATAN2", polars=lambda pl, y, x: pl.arctan2(y, x), sql="atan2({y}, {x})", ulps=4)
def atan2(y: float, x: float) -> float:
    """Return the angle in radians of the point (x, y), y first, from minus pi to pi.

    Cases:
        atan2(1.0, 1.0) = 0.7853981633974483
        atan2(0.0, -1.0) = 3.141592653589793
        atan2(0.0, 0.0) = 0.0
        atan2(1.0, nan) = nan
        atan2(1.0, null) = null
    """
    return math.atan2(y, x)


def _turned(pl: Any, position: Any, period: Any) -> Any:
    turns = true_quotient(pl, position, period)
    inside = position.is_finite() & period.is_finite() & (period > 0) & turns.is_finite()
    return pl.when(inside).then((turns - turns.floor()) * math.tau)


_TURNED = (
    "CASE WHEN isfinite({position}) AND isfinite({period}) AND {period} > 0 "
    "AND isfinite({position} / {period}) THEN "
    "%s(({position} / {period} - floor({position} / {period})) * 6.283185307179586e0) END"
)


def turned(position: float, period: float) -> float | None:
    """Return the angle of a position on a circle; null where there is none."""
    if not (math.isfinite(position) and math.isfinite(period) and period > 0.0):
        return None
    turns = position / period
    return (turns - math.floor(turns)) * math.tau if math.isfinite(turns) else None


@operator(
    "CYCLIC_SIN",
    polars=lambda pl, position, period: _turned(pl, position, period).sin(),
    sql=_TURNED % "sin",
    ulps=4,
)
def cyclic_sin(position: float, period: float) -> float | None:
    """Return the sine of a position that comes round after ``period``: an hour of 24, a day of 7.

    With CYCLIC_COS it puts 23 h beside 0 h: ``CYCLIC_SIN(HOUR(t), 24)``. Null without a period.

    Cases:
        cyclic_sin(6.0, 24.0) = 1.0
        cyclic_sin(-1.0, 4.0) = -1.0
        cyclic_sin(8.5, 1.0) = 1.2246467991473532e-16
        cyclic_sin(1.0, 0.0) = null
        cyclic_sin(null, 24.0) = null
    """
    angle = turned(position, period)
    return None if angle is None else math.sin(angle)


@operator(
    "CYCLIC_COS",
    polars=lambda pl, position, period: _turned(pl, position, period).cos(),
    sql=_TURNED % "cos",
    ulps=4,
)
def cyclic_cos(position: float, period: float) -> float | None:
    """Return the cosine of a position that comes round after ``period``: an hour of 24, a day of 7.

    Cases:
        cyclic_cos(0.0, 24.0) = 1.0
        cyclic_cos(36.0, 24.0) = -1.0
        cyclic_cos(inf, 24.0) = null
        cyclic_cos(null, 24.0) = null
    """
    angle = turned(position, period)
    return None if angle is None else math.cos(angle)


def _haversine(pl: Any, lat1: Any, lon1: Any, lat2: Any, lon2: Any) -> Any:
    on_earth = (lat1.abs() <= 90) & (lat2.abs() <= 90) & (lon1.abs() <= 360) & (lon2.abs() <= 360)
    apart, middle = (lat2 - lat1) * HALF_DEGREE, (lat2 + lat1) * HALF_DEGREE
    along = (lon2 - lon1) * HALF_DEGREE
    near = _squares(apart.sin() * along.cos(), middle.cos() * along.sin())
    far = _squares(apart.cos() * along.cos(), middle.sin() * along.sin())
    return pl.when(on_earth).then(pl.arctan2(near, far) * EARTH_KM)


def _squares(a: Any, b: Any) -> Any:
    return (a * a + b * b).sqrt()


_APART, _MIDDLE, _ALONG = (
    f"(({second} {sign} {first}) * 8.726646259971648e-3)"
    for second, sign, first in (
        ("{lat2}", "-", "{lat1}"),
        ("{lat2}", "+", "{lat1}"),
        ("{lon2}", "-", "{lon1}"),
    )
)
_NEAR, _FAR = (
    f"sqrt({a} * cos{_ALONG} * {a} * cos{_ALONG} + {b} * sin{_ALONG} * {b} * sin{_ALONG})"
    for a, b in ((f"sin{_APART}", f"cos{_MIDDLE}"), (f"cos{_APART}", f"sin{_MIDDLE}"))
)


@operator(
    "HAVERSINE",
    polars=_haversine,
    sql=(
        "CASE WHEN abs({lat1}) <= 90 AND abs({lat2}) <= 90 AND abs({lon1}) <= 360 "
        f"AND abs({{lon2}}) <= 360 THEN atan2({_NEAR}, {_FAR}) * 1.27420176e4 END"
    ),
    ulps=16,
)
def haversine(lat1: float, lon1: float, lat2: float, lon2: float) -> float | None:
    """Return the kilometres between two places given in degrees, on a sphere of 6371.0088 km.

    Null where a latitude is beyond 90 or a longitude beyond 360 degrees.

    Source: R. W. Sinnott, "Virtues of the Haversine", Sky and Telescope 68 (1984) 159, with the
    complement written as a sum of squares, too, so that no digits are lost between antipodes; the
    radius is the mean radius R1 of H. Moritz, "Geodetic Reference System 1980".

    Cases:
        haversine(0.0, 0.0, 0.0, 0.0) = 0.0
        haversine(51.5074, -0.1278, 48.8566, 2.3522) = 343.55653488088325
        haversine(0.0, 0.0, 0.0, 180.0) = 20015.114442035923
        haversine(91.0, 0.0, 0.0, 0.0) = null
        haversine(0.0, nan, 0.0, 0.0) = null
        haversine(0.0, 0.0, 0.0, null) = null
    """
    if not (abs(lat1) <= 90.0 and abs(lat2) <= 90.0):
        return None
    if not (abs(lon1) <= 360.0 and abs(lon2) <= 360.0):
        return None
    apart, middle = (lat2 - lat1) * HALF_DEGREE, (lat2 + lat1) * HALF_DEGREE
    along = (lon2 - lon1) * HALF_DEGREE
    near = (math.sin(apart) * math.cos(along), math.cos(middle) * math.sin(along))
    far = (math.cos(apart) * math.cos(along), math.sin(middle) * math.sin(along))
    return EARTH_KM * math.atan2(
        math.sqrt(near[0] * near[0] + near[1] * near[1]),
        math.sqrt(far[0] * far[0] + far[1] * far[1]),
    )
