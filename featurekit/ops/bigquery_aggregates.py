"""Aggregates in BigQuery's words.

There is no FILTER: an argument stands in a CASE that makes it null where its row does not count.
How far sums of doubles are rounded the documentation does not say; it is taken to be as elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping

from featurekit.ops.bigquery_numbers import double
from featurekit.ops.gap import Gap
from featurekit.ops.warehouse_spreads import spreads

_ZERO = double("0")


def _picked(value: str, order: str) -> str:
    return f"ARRAY_AGG({value} IGNORE NULLS ORDER BY {order} LIMIT 1)[SAFE_OFFSET(0)]"


def _quantile(q: str) -> str:
    """Return the value at ``q`` of the way, on the line between its two neighbours."""
    place = f"((COUNT({{x}}) - 1) * {q})"

    def value(side: str) -> str:
        values = "ARRAY_AGG({x} IGNORE NULLS ORDER BY IS_NAN({x}), {x})"
        return f"{values}[SAFE_OFFSET(CAST({side}({place}) AS INT64))]"

    low, high, part = value("FLOOR"), value("CEIL"), f"({place} - FLOOR({place}))"
    total = f"{low} * (1 - {part}) + {high} * {part}"
    return f"CASE WHEN {part} = 0 OR {low} = {high} THEN {low} ELSE {total} END + {_ZERO}"


AGGREGATES: Mapping[str, str | Gap | None] = {
    "count_rows": "COUNT(CASE WHEN {condition} THEN 1 END)",
    "count_values": "COUNT({x})",
    "count_if": "COUNT(CASE WHEN {x} THEN 1 END)",
    "count_distinct": "COUNT(DISTINCT {x})",
    "count_distinct_double": (
        "COUNT(DISTINCT CASE WHEN NOT IS_NAN({x}) THEN {x} END)"
        " + CASE WHEN COUNT(CASE WHEN IS_NAN({x}) THEN 1 END) > 0 THEN 1 ELSE 0 END"
    ),
    "bool_and": "LOGICAL_AND({x})",
    "bool_or": "LOGICAL_OR({x})",
    "max": "MAX({x})",
    "min": "MIN({x})",
    "max of BOOLEAN": "LOGICAL_OR({x})",
    "min of BOOLEAN": "LOGICAL_AND({x})",
    "max_double": f"MAX({{x}}) + {_ZERO}",
    # one NaN makes it NaN there
    "min_double": (
        f"COALESCE(MIN(CASE WHEN NOT IS_NAN({{x}}) THEN {{x}} END), MIN({{x}})) + {_ZERO}"
    ),
    "sum_bigint": "SAFE_CAST(SUM(CAST({x} AS BIGNUMERIC)) AS INT64)",
    "avg_bigint": ("CAST(SUM(CAST({x} AS BIGNUMERIC)) AS FLOAT64) / NULLIF(COUNT({x}), 0)"),
    "sum_decimal": ("CASE WHEN SUM(ABS({x})) < CAST('{over}' AS BIGNUMERIC) THEN SUM({x}) END"),
    "sum_double": "SUM({x})",
    "avg_double": "AVG({x})",
    **spreads(double),
    "median": _quantile("0.5"),
    "quantile_cont": _quantile("{q}"),
    "first": _picked("{x}", "{order}"),
    "last": _picked("{x}", "{order} DESC"),
    "arg_max": _picked("{value}", "{by} DESC, {order}"),
    "arg_min": _picked("{value}", "{by}, {order}"),
    "arg_max_double": _picked("{value}", "IS_NAN({by}) DESC, {by} DESC, {order}"),
    "arg_min_double": _picked("{value}", "IS_NAN({by}), {by}, {order}"),
    "string_agg": "STRING_AGG({x}, {separator} ORDER BY {order})",
}
"""Words of each aggregate, of one type of argument where it differs. Others are not claimed."""
