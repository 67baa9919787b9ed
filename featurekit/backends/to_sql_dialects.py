"""The SQL dialects that there are, by name."""

from __future__ import annotations

from collections.abc import Mapping

from featurekit.backends.to_sql_bigquery import BIGQUERY
from featurekit.backends.to_sql_dialect import Dialect
from featurekit.backends.to_sql_duckdb import DUCKDB
from featurekit.backends.to_sql_postgres import POSTGRES
from featurekit.backends.to_sql_snowflake import SNOWFLAKE
from featurekit.backends.to_sql_spark import SPARK
from featurekit.errors import UsageError, listed, nearest

DIALECTS: Mapping[str, Dialect] = {
    dialect.name: dialect for dialect in (DUCKDB, POSTGRES, SPARK, SNOWFLAKE, BIGQUERY)
}


def dialect_named(name: str) -> Dialect:
    """Return the dialect called ``name``.

    Raises:
        UsageError: FK900, with the dialects there are.
    """
    found = DIALECTS.get(name.lower())
    if found is None:
        raise UsageError(
            f"there is no SQL target '{name}'{nearest(name, DIALECTS)}",
            fix=f"one of: {listed(sorted(DIALECTS))}",
        )
    return found
