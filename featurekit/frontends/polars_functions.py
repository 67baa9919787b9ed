"""Mathematics of polars, with polars' meaning."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce

from featurekit.datatypes import Kind
from featurekit.errors.polars import PolarsRefused
from featurekit.frontends.binding import apply, choose
from featurekit.frontends.polars_literals import given, is_nan, is_number, number
from featurekit.frontends.polars_operators import simple
from featurekit.frontends.polars_reader import Called, Function
from featurekit.ir.nodes import Expression, Literal

_LOGARITHMS = {math.e: "LN", 10.0: "LOG10", 2.0: "LOG2"}


def _rounded(call: Called) -> Expression:
    (value,) = call.values()
    digits = call.options["decimals"]
    if call.options["mode"] != "HalfAwayFromZero" and value.type.kind is not Kind.BIGINT:
        why = f"it rounds {call.options['mode']}, and the language halves away from zero"
        raise PolarsRefused(".round()", why, f'.round({digits}, mode="half_away_from_zero")')
    return apply("ROUND", [value, number(digits)] if digits else [value], None)


def _power(call: Called) -> Expression:
    """Return POWER of floats; of integers, whose power stays an integer, the products."""
    base, exponent = call.values()
    if base.type.kind is not Kind.BIGINT or exponent.type.kind is not Kind.BIGINT:
        return apply("POWER", [base, exponent], None)
    if isinstance(exponent, Literal) and exponent.value in {2, 3}:
        return reduce(lambda a, b: apply("*", [a, b], None), [base] * exponent.value)
    why = "polars answers an integer, the language's POWER a float"
    raise PolarsRefused("a power of integers", why, 'pl.col("n").cast(pl.Float64) ** 2')


def _logarithm(call: Called) -> Expression:
    surface = _LOGARITHMS.get(float(given(call.trees[1], "log", ".log(10)") or 0))
    if surface is None:
        why = "the language has those to e, 10 and 2"
        raise PolarsRefused("a logarithm to this base", why, "x.log() / math.log(base)")
    return apply(surface, call.values(1), None)


def _clipped(call: Called) -> Expression:
    """Return CLIP; NaN stays NaN, which the language's CLIP counts as the greatest number."""
    value, *bounds = call.values()
    has_low, has_high = call.options["has_min"], call.options["has_max"]
    floats = value.type.kind is Kind.DOUBLE
    nan = is_nan(value) if floats else None
    if has_low and has_high:
        both = apply("CLIP", [value, *bounds], None)
        return choose("clip", [(nan, value)], both, None) if nan else both
    if has_low:
        return choose("clip", [(apply("<", [value, *bounds], None), bounds[0])], value, None)
    above = apply(">", [value, *bounds], None)
    if floats:
        above = apply("AND", [above, is_number(value)], None)
    return choose("clip", [(above, bounds[0])], value, None)


def _greatest(call: Called) -> Expression:
    """Return GREATEST; polars passes over NaN where there is another number."""
    made = call.values()

    def folded(parts: Sequence[Expression]) -> Expression:
        return reduce(lambda first, second: apply("GREATEST", [first, second], None), parts)

    if all(value.type.kind is not Kind.DOUBLE for value in made):
        return folded(made)
    numbers = [choose("max_horizontal", [(is_number(v), v)], Literal(None), None) for v in made]
    return apply("COALESCE", [folded(numbers), folded(made)], None)


def _sum_of(call: Called) -> Expression:
    made = call.values()
    if call.options["ignore_nulls"]:
        made = [apply("COALESCE", [value, number(0)], None) for value in made]
    return reduce(lambda first, second: apply("+", [first, second], None), made)


FUNCTIONS: dict[str, Function] = {
    "Abs": simple("ABS"),
    "Sign": simple("SIGN"),
    "Negate": simple("NEG"),
    "Floor": simple("FLOOR"),
    "Ceil": simple("CEIL"),
    "Exp": simple("EXP"),
    "Log1p": simple("LOG1P"),
    "Log": _logarithm,
    "Pow.Sqrt": simple("SQRT"),
    "Pow.Generic": _power,
    "Trigonometry.Sin": simple("SIN"),
    "Trigonometry.Cos": simple("COS"),
    "Trigonometry.Tan": simple("TAN"),
    "Atan2": simple("ATAN2"),
    "Round": _rounded,
    "Clip": _clipped,
    "MaxHorizontal": _greatest,
    "SumHorizontal": _sum_of,
}
