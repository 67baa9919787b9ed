"""Roots, powers, logarithms, angles and distances in Spark's words."""

from __future__ import annotations

from collections.abc import Mapping

from featurekit.ops.gap import Gap
from featurekit.ops.spark_numbers import LAST_BIT, double, named

INFINITY = double("Infinity")
_TURN = "6.283185307179586D"
_HALF_TURN = "8.726646259971648e-3D"


def _power() -> str:
    """Return a power; Java has other opinions on powers of one, and minus one, than C."""
    one = f"fk_v.a = 1 OR (fk_v.a = -1 AND abs(fk_v.b) = {INFINITY})"
    root = (
        f"fk_v.a < 0 AND fk_v.a > - {INFINITY} AND abs(fk_v.b) < {INFINITY}"
        " AND fk_v.b <> rint(fk_v.b)"
    )
    return named(
        f"CASE WHEN fk_v.b IS NOT NULL AND ({one}) THEN 1D"
        f" WHEN (fk_v.a = 0 AND fk_v.b < 0) OR ({root}) THEN NULL ELSE power(fk_v.a, fk_v.b) END",
        a="{a}",
        b="{b}",
    )


def _angle_of_point() -> str:
    """Return the angle of a point; Spark's own knows no sign of zero, which only its text shows."""
    y, x = (f"CAST(fk_v.{name} AS STRING) LIKE '-%'" for name in "yx")
    flat = f"CASE WHEN {x} THEN 3.141592653589793D ELSE 0D END"
    return named(
        f"CASE WHEN fk_v.y = 0 AND fk_v.x <= {INFINITY} THEN"
        f" CASE WHEN {y} THEN - ({flat}) ELSE {flat} END ELSE atan2(fk_v.y, fk_v.x) END",
        y="{y}",
        x="{x}",
    )


def _finite(text: str) -> str:
    return f"abs({text}) < {INFINITY}"


def _cyclic(function: str) -> str:
    rest = f"CASE WHEN abs(fk_v.q) < {LAST_BIT} THEN fk_v.q - floor(fk_v.q) ELSE 0D END"
    turns = (
        f"CASE WHEN {_finite('fk_v.a')} AND {_finite('fk_v.b')} AND fk_v.b > 0"
        " THEN fk_v.a / fk_v.b END"
    )
    quotient = named(turns, a="{position}", b="{period}")
    angle = f"({rest}) * {_TURN}"
    return named(f"CASE WHEN {_finite('fk_v.q')} THEN {function}({angle}) END", q=quotient)


def _length(first: str, second: str) -> str:
    """Return the length of two sides at right angles."""
    return named("sqrt(fk_v.p * fk_v.p + fk_v.q * fk_v.q)", p=first, q=second)


def _haversine() -> str:
    apart = _length("sin(fk_v.lat) * cos(fk_v.lon)", "cos(fk_v.middle) * sin(fk_v.lon)")
    rest = _length("cos(fk_v.lat) * cos(fk_v.lon)", "sin(fk_v.middle) * sin(fk_v.lon)")
    whole = named(
        f"atan2({apart}, {rest}) * 12742.0176D",
        lat=f"(fk_v.lat2 - fk_v.lat1) * {_HALF_TURN}",
        lon=f"(fk_v.lon2 - fk_v.lon1) * {_HALF_TURN}",
        middle=f"(fk_v.lat2 + fk_v.lat1) * {_HALF_TURN}",
    )
    near = [f"abs(fk_v.{name}) <= 90" for name in ("lat1", "lat2")]
    near += [f"abs(fk_v.{name}) <= 360" for name in ("lon1", "lon2")]
    places = {name: f"{{{name}}}" for name in ("lat1", "lon1", "lat2", "lon2")}
    return named(f"CASE WHEN {' AND '.join(near)} THEN {whole} END", **places)


OPERATORS: Mapping[str, str | Gap | None] = {
    "sqrt": None,
    # null outside the domain
    **{name: f"{name}({{a}})" for name in ("ln", "log10", "log2", "log1p")},
    "exp": None,
    "power": _power(),
    **{
        name: f"CASE WHEN abs({{a}}) <> {INFINITY} THEN {name}({{a}}) END"
        for name in ("sin", "cos", "tan")
    },
    "atan2": _angle_of_point(),
    "cyclic_sin": _cyclic("sin"),
    "cyclic_cos": _cyclic("cos"),
    "haversine": _haversine(),
}
