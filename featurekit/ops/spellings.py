"""Words of the dialects that fill modules of their own, by dialect and by the name of the row.

Such a dialect says of each row what it has been run with: its own words, that DuckDB's hold there
too, or why there are none. What a module does not name has not been tried and is not claimed.
Snowflake and BigQuery have been run with nothing: their words are what the documentation says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from featurekit.datatypes import Kind
from featurekit.ops import (
    bigquery_aggregates,
    bigquery_numbers,
    bigquery_texts,
    bigquery_times,
    postgres_aggregates,
    postgres_mathematics,
    postgres_numbers,
    postgres_patterns,
    postgres_texts,
    postgres_times,
    snowflake_aggregates,
    snowflake_numbers,
    snowflake_texts,
    snowflake_times,
    spark_aggregates,
    spark_casts,
    spark_mathematics,
    spark_numbers,
    spark_patterns,
    spark_texts,
    spark_times,
)
from featurekit.ops.gap import Gap, Sql

SAME = None
"""DuckDB's words mean the same there."""


@dataclass(frozen=True, slots=True)
class NotTried(Gap):
    """Nobody has run the row on that engine yet."""


SPELLINGS: Mapping[str, Mapping[str, str | Gap | None]] = {
    "postgres": {
        **postgres_numbers.OPERATORS,
        **postgres_mathematics.OPERATORS,
        **postgres_texts.OPERATORS,
        **postgres_times.OPERATORS,
    },
    "spark": {
        **spark_numbers.OPERATORS,
        **spark_mathematics.OPERATORS,
        **spark_casts.OPERATORS,
        **spark_texts.OPERATORS,
        **spark_times.OPERATORS,
    },
    "snowflake": {
        **snowflake_numbers.OPERATORS,
        **snowflake_texts.OPERATORS,
        **snowflake_times.OPERATORS,
    },
    "bigquery": {
        **bigquery_numbers.OPERATORS,
        **bigquery_texts.OPERATORS,
        **bigquery_times.OPERATORS,
    },
}


REFUSED: Mapping[str, Mapping[str, tuple[str, Callable[[Any], Gap | None]]]] = {
    "spark": dict.fromkeys(
        ("regexp_matches", "regexp_extract", "regexp_replace"), ("pattern", spark_patterns.too_deep)
    ),
    "postgres": {"regexp_matches": ("pattern", postgres_patterns.refused)},
    "bigquery": {
        "like": ("pattern", bigquery_texts.escapes_more),
        "round_double_to": ("digits", bigquery_numbers.too_far),
    },
}
"""Operators whose words do not hold for every constant: which, and from it to why they do not."""


def refused(name: str, dialect: str, constants: Mapping[str, Any]) -> Gap | None:
    """Return why the words of an operator do not hold for these constants, by parameter."""
    found = REFUSED.get(dialect, {}).get(name)
    if found is None:
        return None
    parameter, check = found
    return check(constants[parameter])


ADAPTED: Mapping[str, Mapping[str, Callable[[Any], Any]]] = {
    "postgres": {"regexp_matches.pattern": postgres_patterns.in_postgres},
}
"""Constants that a dialect writes otherwise, by operator and parameter."""


def adapted(name: str, parameter: str, dialect: str, value: Any) -> Any:
    """Return what stands for the constant ``value`` of a parameter in a dialect."""
    adapt = ADAPTED.get(dialect, {}).get(f"{name}.{parameter}")
    return adapt(value) if adapt else value


AGGREGATE_SPELLINGS: Mapping[str, Mapping[str, str | Gap | None]] = {
    "postgres": postgres_aggregates.AGGREGATES,
    "spark": spark_aggregates.AGGREGATES,
    "snowflake": snowflake_aggregates.AGGREGATES,
    "bigquery": bigquery_aggregates.AGGREGATES,
}


def aggregate_said(name: str, sql: Sql, dialect: str, kinds: Sequence[Kind]) -> str | Gap:
    """Return the words for an aggregate over arguments of these kinds, or why there are none."""
    if dialect not in AGGREGATE_SPELLINGS:
        found = sql if isinstance(sql, str | Gap) else sql.get(dialect, sql.get(""))
        return Gap(f"{name} has no spelling for {dialect}") if found is None else found
    table = AGGREGATE_SPELLINGS[dialect]
    special = f"{name} of {', '.join(kind.value for kind in kinds)}"
    words = table.get(special, table.get(name, NotTried(f"not yet tried on {dialect}")))
    if words is not None:
        return words
    return sql if isinstance(sql, str | Gap) else sql["duckdb"]


def said(name: str, sql: Sql, dialect: str) -> str | Gap:
    """Return the words of a dialect that has modules of its own, or why there are none."""
    words = SPELLINGS[dialect].get(name, NotTried(f"not yet tried on {dialect}"))
    if words is not None:
        return words
    return sql if isinstance(sql, str | Gap) else sql["duckdb"]
