"""Logic, comparisons and numbers in Spark's words.

Spark raises where the language answers; its ``try_`` functions answer null. What is used more than
twice is named by a lambda over an array of one struct, so that arguments stand in the text once.

The digits of a DECIMAL's sum, product or quotient may be one or more too many for Spark, which then
drops places. Not so where there are none: so it computes with numbers of the last place, 38 digits.
"""

from __future__ import annotations

from collections.abc import Mapping

from featurekit.ops.gap import Gap


def named(text: str, **values: str) -> str:
    """Return ``text`` over one struct whose fields, ``fk_v.name``, hold ``values``, read once."""
    fields = ", ".join(f"{value} AS {name}" for name, value in values.items())
    return f"transform(array(struct({fields})), fk_v -> {text})[0]"


def double(text: str) -> str:
    """Return a number as a constant of type DOUBLE."""
    return f"CAST('{text}' AS DOUBLE)"


LAST_BIT = "4503599627370496D"
"""2**52: from here on doubles are whole numbers."""


def whole(text: str) -> str:
    """Return the whole part of a double, towards zero; where it is none, or is large, as it is."""
    return f"COALESCE(CAST(TRY_CAST({text} AS BIGINT) AS DOUBLE), {text})"


def floored(text: str, function: str = "floor") -> str:
    """Return a double rounded by ``function``, which answers BIGINT there; zero has no sign."""
    return (
        f"CASE WHEN abs({text}) < {LAST_BIT} THEN CAST({function}({text}) AS DOUBLE)"
        f" ELSE {text} END"
    )


def units(text: str) -> str:
    """Return how many units of its last place a DECIMAL is, as DECIMAL(38, 0)."""
    return f"CAST(replace(CAST({text} AS STRING), '.', '') AS DECIMAL(38, 0))"


def of_units(text: str, scale: str) -> str:
    """Return the DECIMAL of the answer's type that is so many units of the last place."""
    return f"TRY_CAST(CAST({text} AS STRING) || 'E-{scale}' AS {{type}})"


def _aligned(text: str) -> str:
    """Return a DECIMAL with the places of the answer; null where 38 digits are too few."""
    return f"TRY_CAST({text} AS DECIMAL(38, {{scale_of}}))"


def _quotient() -> str:
    """Return a quotient of units, towards zero; where it may have more than 32 digits, in halves.

    ``/`` answers with 6 places, which leave 32 digits before them.
    """
    size, high = 10**18, "fk_v.high"
    plain = "CAST((fk_v.a - fk_v.a % fk_v.b) / fk_v.b AS DECIMAL(38, 0))"
    upper = f"CAST(({high} - {high} % fk_v.b) / fk_v.b AS DECIMAL(38, 0)) * {size}BD"
    lower = f"(({high} % fk_v.b) * {size}BD + fk_v.low) DIV fk_v.b"
    halves = named(
        f"try_add({upper}, CAST({lower} AS DECIMAL(38, 0)))",
        high=f"CAST((fk_v.a - fk_v.a % {size}BD) / {size}BD AS DECIMAL(20, 0))",
        low=f"CAST(fk_v.a % {size}BD AS DECIMAL(18, 0))",
        b="CAST(fk_v.b AS DECIMAL(6, 0))",
    )
    return named(
        "CASE WHEN fk_v.b = 0 THEN NULL"
        f" WHEN fk_v.b BETWEEN -999999 AND 999999 THEN {halves} ELSE {plain} END",
        a=units(_aligned("{a}")),
        b=units(_aligned("{b}")),
    )


def _rounded_to() -> str:
    """Return ROUND(a, digits) on the scaled double; Spark's own rounds the digits it prints."""
    count = "(CAST(fk_v.s AS BIGINT) + CAST(fk_v.s - CAST(fk_v.s AS BIGINT) >= 0.5D AS BIGINT))"
    scaled = named(
        f"CASE WHEN fk_v.s >= {LAST_BIT} THEN fk_v.a WHEN {count} = 0 THEN 0D"
        f" WHEN {{digits}} >= 0 THEN sign(fk_v.a) * ({count} / fk_v.unit)"
        f" ELSE sign(fk_v.a) * ({count} * fk_v.unit) END",
        a="fk_v.a",
        unit="fk_v.unit",
        s="CASE WHEN {digits} >= 0 THEN abs(fk_v.a) * fk_v.unit ELSE abs(fk_v.a) / fk_v.unit END",
    )
    return named(scaled, a="{a}", unit="CAST('1e' || abs({digits}) AS DOUBLE)")


OPERATORS: Mapping[str, str | Gap | None] = {
    # logic and comparison
    **dict.fromkeys(("and", "or", "not", "is_null", "is_not_null", "coalesce")),
    **{
        f"{name}{of}": None
        for name in ("eq", "ne", "lt", "le", "gt", "ge", "is_distinct", "is_not_distinct")
        for of in ("", "_double")
    },
    **{
        f"{name}{of}": None
        for name in ("nullif", "in", "greatest", "least", "clip")
        for of in ("", "_double")
    },
    **dict.fromkeys(
        ("bucketize", "bucketize_double"),
        "aggregate(array({edges}), 0L, (fk_n, fk_e) -> fk_n + CAST(fk_e <= {x} AS BIGINT))",
    ),
    # whole numbers
    "add_bigint": "try_add({a}, {b})",
    "subtract_bigint": "try_subtract({a}, {b})",
    "multiply_bigint": "try_multiply({a}, {b})",
    "div_trunc_bigint": (
        "CASE WHEN {b} = -1 THEN try_subtract(0L, {a}) ELSE {a} DIV NULLIF({b}, 0) END"
    ),
    "mod_trunc_bigint": "try_mod({a}, {b})",
    "negate_bigint": "try_subtract(0L, {a})",
    "abs_bigint": "CASE WHEN {a} >= -9223372036854775807L THEN abs({a}) END",
    "sign_bigint": None,
    "round_bigint": None,
    "round_bigint_to": (
        "TRY_CAST(round(CAST({a} AS DECIMAL(38, 0)), greatest({digits}, -38)) AS BIGINT)"
    ),
    # doubles
    **dict.fromkeys(("add_double", "subtract_double", "multiply_double")),
    "div_double": "try_divide({a}, {b})",
    "div_trunc_double": whole("try_divide({a}, {b})"),
    "mod_trunc_double": "try_mod({a}, {b})",
    **dict.fromkeys(("negate_double", "abs_double")),
    "sign_double": "sign({a}) + 0D",
    "round_double": "round({a}) + 0D",
    "round_double_to": _rounded_to(),
    "floor_double": named(floored("fk_v.a"), a="{a}"),
    "ceil_double": named(floored("fk_v.a", "ceil"), a="{a}"),
    # decimals
    "add_decimal": of_units(
        f"try_add({units(_aligned('{a}'))}, {units(_aligned('{b}'))})", "{scale_of}"
    ),
    "subtract_decimal": of_units(
        f"try_subtract({units(_aligned('{a}'))}, {units(_aligned('{b}'))})", "{scale_of}"
    ),
    "multiply_decimal": of_units(f"try_multiply({units('{a}')}, {units('{b}')})", "{scale_of}"),
    "div_trunc_decimal": f"TRY_CAST({_quotient()} AS {{type}})",
    "mod_trunc_decimal": (f"TRY_CAST(try_mod({_aligned('{a}')}, {_aligned('{b}')}) AS {{type}})"),
    # by their texts: Spark's own keep 34 digits
    "negate_decimal": "CAST(replace('-' || CAST({a} AS STRING), '--', '') AS {type})",
    "abs_decimal": "CAST(replace(CAST({a} AS STRING), '-', '') AS {type})",
    "sign_decimal": None,
    "round_decimal": None,
    "round_decimal_to": "TRY_CAST(round({a}, greatest({digits}, -38)) AS {type})",
    **dict.fromkeys(("floor_decimal", "ceil_decimal")),
}
"""Words of each operator; None: DuckDB's mean the same here. Other operators are not tried yet."""
