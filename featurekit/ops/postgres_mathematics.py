"""Powers and distances in PostgreSQL's words, kept within what a double holds."""

from __future__ import annotations

from collections.abc import Mapping

from featurekit.ops.gap import Gap
from featurekit.ops.postgres_numbers import INFINITY, double, named, two

_HALF_TURN = double("8.726646259971648e-3")
_SQUARE_IS_ZERO = double("1.5717277847026285e-162")


def _power() -> str:
    """Return a power; near the ends of the range as a square, whose root is far from them.

    The exponent of e says which: beyond the ends the answer is infinity or zero.
    """
    bounded = "least(greatest(fk_v.b, -1e300), 1e300)"
    exponent = f"{bounded} * ln(CASE WHEN abs(fk_v.a) > 0 THEN abs(fk_v.a) END)"
    half = f"CASE WHEN abs(fk_v.b) > {double('0.5')} THEN fk_v.b * {double('0.5')} END"
    sign = (
        f"CASE WHEN fk_v.a < 0 AND floor({half}) * 2 <> fk_v.b"
        f" THEN {double('-1')} ELSE {double('1')} END"
    )
    squared = named(
        f"CASE WHEN fk_w.h >= {two(512)} THEN {INFINITY}"
        f" WHEN least(fk_w.h, 1e-150) * {two(537)} <= {double('0.7071067811865476')}"
        f" THEN {double('0')}"
        " ELSE fk_w.h * fk_w.h END",
        h=f"power(abs(fk_v.a), {half})",
    ).replace("fk_v(h)", "fk_w(h)")
    ends = (
        f"CASE WHEN fk_w.e > {double('710')} THEN {sign} * {INFINITY}"
        f" WHEN fk_w.e < {double('-746')} THEN {sign} * {double('0')}"
        f" WHEN fk_w.e > {double('709')} OR fk_w.e < {double('-708')} THEN {sign} * {squared}"
        " ELSE power(fk_v.a, fk_v.b) END"
    )
    far = named(ends, e=exponent).replace("fk_v(e)", "fk_w(e)")
    finite = " AND ".join(f"abs(fk_v.{name}) < {INFINITY}" for name in "ab")
    return named(
        "CASE WHEN fk_v.a = 0 AND fk_v.b < 0 THEN NULL"
        f" WHEN fk_v.a < 0 AND {finite} AND fk_v.b <> floor(fk_v.b) THEN NULL"
        f" WHEN fk_v.a = - {INFINITY} AND fk_v.b <> floor(fk_v.b)"
        f" THEN CASE WHEN fk_v.b > 0 THEN {INFINITY} ELSE {double('0')} END"
        f" WHEN {finite} AND abs(fk_v.a) > 0 AND abs(fk_v.b) > {double('0.5')} THEN {far}"
        " ELSE power(fk_v.a, fk_v.b) END",
        a="{a}",
        b="{b}",
    )


def _length(first: str, second: str) -> str:
    """Return the length of two sides at right angles; a square too near to zero is zero."""
    squares = (
        f"CASE WHEN abs(fk_v.{name}) <= {_SQUARE_IS_ZERO} THEN {double('0')}"
        f" ELSE fk_v.{name} * fk_v.{name} END"
        for name in "pq"
    )
    return named(f"sqrt({' + '.join(squares)})", p=first, q=second)


def _angle(text: str) -> str:
    """Return half an angle in radians; one whose sine has the square zero is zero."""
    return (
        f"CASE WHEN abs({text}) < {double('1.81e-160')} THEN {double('0')}"
        f" ELSE ({text}) * {_HALF_TURN} END"
    )


def _haversine() -> str:
    near = " AND ".join(f"abs({{{name}}}) <= 90" for name in ("lat1", "lat2"))
    near += " AND " + " AND ".join(f"abs({{{name}}}) <= 360" for name in ("lon1", "lon2"))
    apart = _length("sin(fk_u.lat) * cos(fk_u.lon)", "cos(fk_u.middle) * sin(fk_u.lon)")
    rest = _length("cos(fk_u.lat) * cos(fk_u.lon)", "sin(fk_u.middle) * sin(fk_u.lon)")
    whole = named(
        f"atan2({apart}, {rest}) * {double('12742.0176')}",
        lat=_angle("{lat2} - {lat1}"),
        lon=_angle("{lon2} - {lon1}"),
        middle=_angle("{lat2} + {lat1}"),
    ).replace("fk_v(lat, lon, middle)", "fk_u(lat, lon, middle)")
    return f"CASE WHEN {near} THEN {whole} END"


OPERATORS: Mapping[str, str | Gap | None] = {
    "power": _power(),
    "haversine": _haversine(),
}
