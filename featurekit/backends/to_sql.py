"""SQL from a definition: one expression, or the whole training query."""

from featurekit.backends.to_sql_dialect import Dialect
from featurekit.backends.to_sql_dialects import DIALECTS, dialect_named
from featurekit.backends.to_sql_expression import aggregate_sql, expression_sql
from featurekit.backends.to_sql_query import training_query

__all__ = [
    "DIALECTS",
    "Dialect",
    "aggregate_sql",
    "dialect_named",
    "expression_sql",
    "training_query",
]
