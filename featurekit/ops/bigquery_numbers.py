"""Logic, comparisons and numbers in BigQuery's words.

BigQuery raises where the language answers null or infinity: its SAFE words answer null there, and
the sign of what was too large is said beside them. NaN differs from all numbers and itself there,
so comparisons of doubles ask for it.
"""

from __future__ import annotations

from collections.abc import Mapping

from featurekit.ops.gap import EACH, Gap

LAST_BIT = "4503599627370496"
"""2**52: from here on doubles are whole numbers."""

_PLACES = 300


def double(text: str) -> str:
    """Return a number as a constant of type FLOAT64."""
    return f"CAST('{text}' AS FLOAT64)"


def fitted(text: str) -> str:
    """Return a BIGNUMERIC where the digits of the answer's type hold it, else null."""
    return f"CASE WHEN ABS({text}) < CAST('{{over}}' AS BIGNUMERIC) THEN {text} END"


_ZERO, _INFINITY = double("0"), double("inf")


def _equal(a: str = "{a}", b: str = "{b}") -> str:
    return f"({a} = {b} OR (IS_NAN({a}) AND IS_NAN({b})))"


def _less(a: str, b: str) -> str:
    """Return ``a < b``, NaN the greatest."""
    return f"({a} < {b} OR (IS_NAN({b}) AND NOT IS_NAN({a})))"


def _distinct(equal: str) -> str:
    return (
        "CASE WHEN {a} IS NULL OR {b} IS NULL THEN ({a} IS NULL) <> ({b} IS NULL)"
        f" ELSE NOT {equal} END"
    )


def _or_infinity(text: str, positive: str) -> str:
    """Return a SAFE word's answer; where it overflows, the infinity of that sign."""
    return (
        "CASE WHEN {a} IS NOT NULL AND {b} IS NOT NULL THEN"
        f" COALESCE({text}, CASE WHEN {positive} THEN {_INFINITY} ELSE {double('-inf')} END) END"
    )


def too_far(digits: int) -> Gap | None:
    """Return why ROUND is refused for so many places: the power of ten would overflow."""
    if abs(digits) <= _PLACES:
        return None
    return Gap(f"BigQuery raises where ten to the {abs(digits)} overflows")


def _rounded_to() -> str:
    """Return ROUND(a, digits) on the scaled double; what is too large for it has no places."""
    unit = "CAST(CONCAT('1e', CAST(ABS({digits}) AS STRING)) AS FLOAT64)"

    def rounded(scaled: str, back: str) -> str:
        made = f"SIGN({{a}}) * (ROUND({scaled}){back}) + {_ZERO}"
        return f"CASE WHEN {scaled} < {LAST_BIT} THEN {made} ELSE {{a}} END"

    up = rounded(f"SAFE_MULTIPLY(ABS({{a}}), {unit})", f" / {unit}")
    down = rounded(f"ABS({{a}}) / {unit}", f" * {unit}")
    return f"CASE WHEN {{digits}} >= 0 THEN {up} ELSE {down} END"


def _finite(function: str) -> str:
    return f"CASE WHEN NOT IS_INF({{a}}) THEN {function}({{a}}) END"


def _either(function: str) -> str:
    return f"COALESCE({function}({{a}}, {{b}}), {{a}}, {{b}})"


_HIGH = "GREATEST({a}, {low})"

OPERATORS: Mapping[str, str | Gap | None] = {
    # logic and comparison
    **dict.fromkeys(("and", "or", "not", "is_null", "is_not_null", "coalesce")),
    **dict.fromkeys(("eq", "ne", "lt", "le", "gt", "ge", "nullif", "in")),
    "is_distinct": _distinct("({a} = {b})"),
    "is_not_distinct": f"NOT ({_distinct('({a} = {b})')})",
    "eq_double": _equal(),
    "ne_double": f"NOT {_equal()}",
    "lt_double": _less("{a}", "{b}"),
    "ge_double": f"NOT {_less('{a}', '{b}')}",
    "gt_double": _less("{b}", "{a}"),
    "le_double": f"NOT {_less('{b}', '{a}')}",
    "is_distinct_double": _distinct(_equal()),
    "is_not_distinct_double": f"NOT ({_distinct(_equal())})",
    "in_double": f"(FALSE{{options: OR {_equal(b=EACH)}}})",
    "nullif_double": f"CASE WHEN {_equal()} THEN NULL ELSE {{a}} END",
    # one null makes them null there, and one NaN makes them NaN
    "greatest": _either("GREATEST"),
    "greatest_double": _either("GREATEST"),
    "least": _either("LEAST"),
    "least_double": (
        "CASE WHEN IS_NAN({a}) THEN COALESCE({b}, {a}) WHEN IS_NAN({b}) THEN COALESCE({a}, {b})"
        f" ELSE {_either('LEAST')} END"
    ),
    "clip": f"LEAST({_HIGH}, {{high}})",
    "clip_double": (
        f"CASE WHEN IS_NAN({_HIGH}) THEN {{high}} WHEN IS_NAN({{high}}) THEN {_HIGH}"
        f" ELSE LEAST({_HIGH}, {{high}}) END"
    ),
    "bucketize": f"0{{edges: + CASE WHEN {EACH} <= {{x}} THEN 1 WHEN {EACH} > {{x}} THEN 0 END}}",
    "bucketize_double": (
        f"0{{edges: + CASE WHEN {_less('{x}', EACH)} THEN 0"
        f" WHEN NOT {_less('{x}', EACH)} THEN 1 END}}"
    ),
    # whole numbers
    "add_bigint": "SAFE_ADD({a}, {b})",
    "subtract_bigint": "SAFE_SUBTRACT({a}, {b})",
    "multiply_bigint": "SAFE_MULTIPLY({a}, {b})",
    "div_trunc_bigint": (
        "CASE WHEN {b} = -1 THEN SAFE_NEGATE({a}) ELSE DIV({a}, NULLIF({b}, 0)) END"
    ),
    "mod_trunc_bigint": "CASE WHEN {b} = -1 THEN {a} - {a} ELSE MOD({a}, NULLIF({b}, 0)) END",
    "negate_bigint": "SAFE_NEGATE({a})",
    "abs_bigint": "CASE WHEN {a} < 0 THEN SAFE_NEGATE({a}) ELSE {a} END",
    "sign_bigint": "SIGN({a})",
    "round_bigint": None,
    # doubles
    "add_double": _or_infinity("SAFE_ADD({a}, {b})", "{a} > 0"),
    "subtract_double": _or_infinity("SAFE_SUBTRACT({a}, {b})", "{a} > 0"),
    "multiply_double": _or_infinity("SAFE_MULTIPLY({a}, {b})", "({a} > 0) = ({b} > 0)"),
    "div_double": "CASE WHEN {b} <> 0 THEN IEEE_DIVIDE({a}, {b}) END",
    **dict.fromkeys(("negate_double", "abs_double")),
    "sign_double": f"SIGN({{a}}) + {_ZERO}",
    "round_double": f"ROUND({{a}}) + {_ZERO}",
    "round_double_to": _rounded_to(),
    "floor_double": f"FLOOR({{a}}) + {_ZERO}",
    "ceil_double": f"CEIL({{a}}) + {_ZERO}",
    # decimals
    "add_decimal": fitted("SAFE_ADD({a}, {b})"),
    "subtract_decimal": fitted("SAFE_SUBTRACT({a}, {b})"),
    "multiply_decimal": fitted("SAFE_MULTIPLY({a}, {b})"),
    **dict.fromkeys(("negate_decimal", "abs_decimal")),
    "sign_decimal": "CAST(SIGN({a}) AS INT64)",
    "floor_decimal": fitted("FLOOR({a})"),
    "ceil_decimal": fitted("CEIL({a})"),
    "decimal_to_double": "CAST({a} AS FLOAT64)",
    "decimal_to_decimal": fitted("ROUND({a}, {scale_of})"),
    "bigint_to_decimal": fitted("CAST({a} AS BIGNUMERIC)"),
    "decimal_to_bigint": "SAFE_CAST(TRUNC({a}) AS INT64)",
    # mathematics
    "sqrt": "CASE WHEN NOT ({a} < 0) THEN SQRT({a}) END",
    "ln": "CASE WHEN NOT ({a} <= 0) THEN LN({a}) END",
    "log10": "CASE WHEN NOT ({a} <= 0) THEN LOG10({a}) END",
    "log2": f"CASE WHEN NOT ({{a}} <= 0) THEN LN({{a}}) / {double('0.6931471805599453')} END",
    "exp": (
        f"CASE WHEN {{a}} > 709.782712893384 THEN {_INFINITY}"
        f" WHEN {{a}} < -745.1332191019412 THEN {_ZERO} ELSE EXP({{a}}) END"
    ),
    **{name: _finite(name.upper()) for name in ("sin", "cos", "tan")},
    # casts between numbers
    "bigint_to_double": "CAST({a} AS FLOAT64)",
    "boolean_to_bigint": "CASE WHEN {a} THEN 1 WHEN NOT {a} THEN 0 END",
    "boolean_to_double": f"CASE WHEN {{a}} THEN {double('1')} WHEN NOT {{a}} THEN {_ZERO} END",
    "bigint_to_boolean": None,
    # a cast of a double rounds there
    "double_to_bigint": (
        f"CASE WHEN {{a}} >= {double('-9223372036854775808')}"
        f" AND {{a}} < {double('9223372036854775808')} THEN CAST(TRUNC({{a}}) AS INT64) END"
    ),
    **dict.fromkeys(f"{kind}_to_{kind}" for kind in ("bigint", "double", "boolean")),
}
"""Words of each operator; None: DuckDB's mean the same there. Others are not claimed."""
