"""Constants and names as SQL of the language."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from featurekit.datatypes import DataType

_WORDS_OF_SQL = """
    all alter and any array as asc between by case cast create cross current_catalog current_date
    current_time current_timestamp current_user date desc describe distinct drop else end except
    exists extract false fetch filter for force from glob grant group having if ilike in inner
    insert install intersect interval into is isnull join lambda lateral left like limit localtime
    localtimestamp not notnull null offset on only or order outer over partition partitioned_by
    positional qualify range regexp returning revoke right rlike rollback row rows select
    session_user set summarize table tablesample then timestamp to true try_cast uncache union
    using values when where window with xor
"""
_RESERVED = frozenset(_WORDS_OF_SQL.split())


def identifier(name: str) -> str:
    """Return ``name`` as SQL, in double quotes where it needs them."""
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) and name.lower() not in _RESERVED:
        return name
    return quoted(name)


def quoted(name: str) -> str:
    """Return ``name`` in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: Any, kind: DataType) -> str:
    """Return a constant as SQL; NULL says its type unless it has none."""
    match value:
        case None:
            return "NULL" if kind.kind == "NULL" else f"CAST(NULL AS {kind})"
        case bool():
            return "TRUE" if value else "FALSE"
        case int():
            return str(value)
        case float():
            text = repr(value)
            return (
                text if re.fullmatch(r"-?[\d.]+(e[+-]?\d+)?", text) else f"CAST('{text}' AS DOUBLE)"
            )
        case Decimal():
            return f"CAST('{value:f}' AS {kind})"
        case dt.datetime():
            return f"TIMESTAMP '{value.astimezone(dt.UTC).replace(tzinfo=None).isoformat(' ')}'"
        case dt.date():
            return f"DATE '{value.isoformat()}'"
        case _:
            return "'" + str(value).replace("'", "''") + "'"
