"""Aggregates in Snowflake's words.

There is no FILTER: an argument stands in a CASE that makes it null where its row does not count.
How far sums of doubles are rounded the documentation does not say; it is taken to be as elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping

from featurekit.ops.gap import Gap
from featurekit.ops.snowflake_numbers import BITS, double
from featurekit.ops.warehouse_spreads import spreads

_ZERO = double("0")
_PICKED = Gap("Snowflake's words for it pick one column by one other")
_BETWEEN = Gap("Snowflake does not say what its percentiles of infinities and NaN are")

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
    **spreads(double),
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
