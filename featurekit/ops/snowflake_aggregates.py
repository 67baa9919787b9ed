"""Aggregates in Snowflake's words.

There is no FILTER: an argument stands in a CASE that makes it null where its row does not count.
How far sums of doubles are rounded the documentation does not say; it is taken to be as elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping

from featurekit.ops.gap import Gap
from featurekit.ops.snowflake_numbers import BITS, double

_NAN, _ZERO = double("NaN"), double("0")
_PICKED = Gap("Snowflake's words for it pick one column by one other")
_BETWEEN = Gap("Snowflake does not say what its percentiles of infinities and NaN are")


def _spread(function: str, least: int) -> str:
    """Return a spread; values of 1e150 and more have none (the language says NaN)."""
    small = f"ABS({{x}}) < {double('1e150')}"
    return (
        f"CASE WHEN COUNT(CASE WHEN NOT ({small}) THEN 1 END) > 0 AND COUNT({{x}}) >= {least}"
        f" THEN {_NAN}"
        f" ELSE {function}(CASE WHEN {small} THEN {{x}} END) END"
    )


def _together(function: str) -> str:
    """Return a spread of two columns, as one column's."""
    small = f"ABS({{x}}) < {double('1e150')} AND ABS({{y}}) < {double('1e150')}"
    both = f"CASE WHEN {small} THEN {{x}} END, CASE WHEN {small} THEN {{y}} END"
    least = 2 if function.endswith("SAMP") else 1
    return (
        f"CASE WHEN COUNT(CASE WHEN NOT ({small}) THEN 1 END) > 0 AND COUNT({{x}}) >= {least}"
        f" THEN {_NAN}"
        f" ELSE {function}({both}) END"
    )


AGGREGATES: Mapping[str, str | Gap | None] = {
    "count_rows": "COUNT(CASE WHEN {condition} THEN 1 END)",
    "count_values": "COUNT({x})",
    "count_if": "COUNT(CASE WHEN {x} THEN 1 END)",
    **dict.fromkeys(("count_distinct", "count_distinct_double"), "COUNT(DISTINCT {x})"),
    "bool_and": "BOOLAND_AGG({x})",
    "bool_or": "BOOLOR_AGG({x})",
    "max": "MAX({x})",
    "min": "MIN({x})",
    "max of BOOLEAN": "BOOLOR_AGG({x})",
    "min of BOOLEAN": "BOOLAND_AGG({x})",
    "max_double": f"MAX({{x}}) + {_ZERO}",
    "min_double": f"MIN({{x}}) + {_ZERO}",
    "sum_bigint": f"CASE WHEN SUM({{x}}) {BITS} THEN SUM({{x}}) END",
    "avg_bigint": ("CAST(SUM({x}) AS FLOAT) / NULLIF(CAST(COUNT({x}) AS FLOAT), 0)"),
    "sum_double": "SUM({x})",
    "avg_double": "AVG({x})",
    "stddev_pop": _spread("STDDEV_POP", 1),
    "stddev_samp": _spread("STDDEV_SAMP", 2),
    "var_pop": _spread("VAR_POP", 1),
    "var_samp": _spread("VAR_SAMP", 2),
    "covar_pop": _together("COVAR_POP"),
    "covar_samp": _together("COVAR_SAMP"),
    **dict.fromkeys(("median", "quantile_cont"), _BETWEEN),
    "first": "MIN_BY({x}, CASE WHEN {condition} THEN {order} END)",
    "last": "MAX_BY({x}, CASE WHEN {condition} THEN {order} END)",
    **{f"arg_{which}{of}": _PICKED for which in ("max", "min") for of in ("", "_double")},
    "string_agg": (
        "CASE WHEN COUNT({x}) > 0 THEN LISTAGG({x}, {separator}) WITHIN GROUP (ORDER BY {order})"
        " END"
    ),
}
"""Words of each aggregate, of one type of argument where it differs. Others are not claimed."""
