"""Logic, comparisons and numbers in Snowflake's words.

An integer is a NUMBER(38,0) there: sums and products of two of 64 bits fit, and what leaves 64 bits
is null by a test of its range. A FLOAT is a double of IEEE 754, but for its comparisons: NaN equals
itself and is greater than all numbers, as in the language.
"""

from __future__ import annotations

from collections.abc import Mapping

from featurekit.ops.gap import EACH, Gap

BITS = "BETWEEN -9223372036854775808 AND 9223372036854775807"
LAST_BIT = "4503599627370496"
"""2**52: from here on doubles are whole numbers."""


def double(text: str) -> str:
    """Return a number as a constant of type FLOAT."""
    return f"CAST('{text}' AS FLOAT)"


def _whole(text: str) -> str:
    return f"CASE WHEN {text} {BITS} THEN {text} END"


_ZERO, _INFINITY = double("0"), double("inf")
_SIZE = "FLOOR(ABS({a}))"
_REST = "SIGN({a}) * MOD(ABS({a}), NULLIF(ABS({b}), 0))"
_QUOTIENT = "{a} / NULLIF({b}, 0)"


def _rounded(scaled: str, back: str) -> str:
    """Return a double rounded, halves away from zero, by what it is after scaling."""
    up = f"CASE WHEN {scaled} - FLOOR({scaled}) >= 0.5 THEN 1 ELSE 0 END"
    made = f"SIGN({{a}}) * ((FLOOR({scaled}) + {up}){back})"
    return f"CASE WHEN {scaled} < {LAST_BIT} THEN {made} + {_ZERO} ELSE {{a}} END"


def _rounded_to() -> str:
    unit = "CAST('1e' || ABS({digits}) AS FLOAT)"
    return (
        f"CASE WHEN {{digits}} >= 0 THEN {_rounded(f'ABS({{a}}) * {unit}', f' / {unit}')}"
        f" ELSE {_rounded(f'ABS({{a}}) / {unit}', f' * {unit}')} END"
    )


def _finite(function: str) -> str:
    return f"CASE WHEN ABS({{a}}) <> {_INFINITY} THEN {function}({{a}}) END"


def _either(function: str) -> str:
    return f"COALESCE({function}({{a}}, {{b}}), {{a}}, {{b}})"


_BUCKET = (
    f"CAST(0{{edges: + CASE WHEN {EACH} <= {{x}} THEN 1 WHEN {EACH} > {{x}} THEN 0 END}}"
    " AS NUMBER(38,0))"
)

OPERATORS: Mapping[str, str | Gap | None] = {
    # logic and comparison
    **dict.fromkeys(("and", "or", "not", "is_null", "is_not_null", "coalesce")),
    **{
        f"{name}{of}": None
        for name in ("eq", "ne", "lt", "le", "gt", "ge", "is_distinct", "is_not_distinct")
        for of in ("", "_double")
    },
    **{f"{name}{of}": None for name in ("nullif", "in") for of in ("", "_double")},
    # one null makes them null there
    **dict.fromkeys(("greatest", "greatest_double"), _either("GREATEST")),
    **dict.fromkeys(("least", "least_double"), _either("LEAST")),
    **dict.fromkeys(("clip", "clip_double"), "LEAST(GREATEST({a}, {low}), {high})"),
    **dict.fromkeys(("bucketize", "bucketize_double"), _BUCKET),
    # whole numbers
    "add_bigint": _whole("{a} + {b}"),
    "subtract_bigint": _whole("{a} - {b}"),
    "multiply_bigint": _whole("{a} * {b}"),
    # a quotient of integers is rounded to six places, so what is divided is a multiple
    "div_trunc_bigint": _whole(f"CAST(({{a}} - {_REST}) / NULLIF({{b}}, 0) AS NUMBER(38,0))"),
    "mod_trunc_bigint": _REST,
    "negate_bigint": _whole("- {a}"),
    "abs_bigint": _whole("ABS({a})"),
    "sign_bigint": "SIGN({a})",
    "round_bigint": None,
    # doubles
    **dict.fromkeys(("add_double", "subtract_double", "multiply_double")),
    "div_double": _QUOTIENT,
    **dict.fromkeys(("negate_double", "abs_double")),
    "sign_double": (
        f"CASE WHEN {{a}} = {double('NaN')} THEN {{a}} WHEN {{a}} > 0 THEN {double('1')}"
        f" WHEN {{a}} < 0 THEN {double('-1')} WHEN {{a}} = 0 THEN {_ZERO} END"
    ),
    "round_double": _rounded("ABS({a})", ""),
    "round_double_to": _rounded_to(),
    "floor_double": f"FLOOR({{a}}) + {_ZERO}",
    "ceil_double": f"CEIL({{a}}) + {_ZERO}",
    # mathematics
    "sqrt": "CASE WHEN {a} >= 0 THEN SQRT({a}) END",
    "ln": "CASE WHEN {a} > 0 THEN LN({a}) END",
    "log10": f"CASE WHEN {{a}} > 0 THEN LN({{a}}) / {double('2.302585092994046')} END",
    "log2": f"CASE WHEN {{a}} > 0 THEN LN({{a}}) / {double('0.6931471805599453')} END",
    "exp": (
        f"CASE WHEN {{a}} = {double('NaN')} THEN {{a}} WHEN {{a}} > 709.782712893384"
        f" THEN {_INFINITY} WHEN {{a}} < -745.1332191019412 THEN {_ZERO} ELSE EXP({{a}}) END"
    ),
    **{name: _finite(name.upper()) for name in ("sin", "cos", "tan")},
    # casts between numbers
    "bigint_to_double": "CAST({a} AS FLOAT)",
    "boolean_to_bigint": "CASE WHEN {a} THEN 1 WHEN NOT {a} THEN 0 END",
    "boolean_to_double": f"CASE WHEN {{a}} THEN {double('1')} WHEN NOT {{a}} THEN {_ZERO} END",
    "bigint_to_boolean": None,
    "double_to_bigint": (
        f"CASE WHEN {{a}} >= {double('-9223372036854775808')}"
        f" AND {{a}} < {double('9223372036854775808')}"
        " THEN CAST(CASE WHEN {a} < 0 THEN CEIL({a}) ELSE FLOOR({a}) END AS NUMBER(38,0)) END"
    ),
    **dict.fromkeys(f"{kind}_to_{kind}" for kind in ("bigint", "double", "boolean")),
}
"""Words of each operator; None: DuckDB's mean the same there. Others are not claimed."""
