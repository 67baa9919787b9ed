"""Words of the dialects that fill modules of their own, by dialect and by the name of the row.

Such a dialect says of each row what it has been run with: its own words, that DuckDB's hold there
too, or why there are none. What a module does not name has not been tried and is not claimed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from featurekit.ops import postgres_numbers, postgres_texts, postgres_times
from featurekit.ops.operator import Gap, Sql

SAME = None
"""DuckDB's words mean the same there."""


@dataclass(frozen=True, slots=True)
class NotTried(Gap):
    """Nobody has run the row on that engine yet."""


SPELLINGS: Mapping[str, Mapping[str, str | Gap | None]] = {
    "postgres": {
        **postgres_numbers.OPERATORS,
        **postgres_texts.OPERATORS,
        **postgres_times.OPERATORS,
    },
}


def said(name: str, sql: Sql, dialect: str) -> str | Gap:
    """Return the words of a dialect that has modules of its own, or why there are none."""
    words = SPELLINGS[dialect].get(name, NotTried(f"not yet tried on {dialect}"))
    if words is not None:
        return words
    return sql if isinstance(sql, str | Gap) else sql["duckdb"]
