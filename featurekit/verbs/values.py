"""Values of the language as JSON values, for cards and ``--json``."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

_MOST_TEXT = 80


def plain_value(value: Any) -> Any:
    """Return a JSON value: what JSON cannot hold becomes its text, long texts are cut."""
    match value:
        case None | bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case dt.datetime():
            return value.isoformat(sep=" ").removesuffix("+00:00")
        case dt.date() | Decimal() | dt.timedelta():
            return str(value)
        case list() | tuple():
            return [plain_value(member) for member in value]
        case dict():
            return {str(key): plain_value(member) for key, member in value.items()}
        case _:
            text = str(value)
            return text if len(text) <= _MOST_TEXT else f"{text[: _MOST_TEXT - 1]}…"


def plain_rows(frame: pl.DataFrame) -> dict[str, Any]:
    """Return ``{"columns": [...], "rows": [[...], ...]}`` of a small frame."""
    rows = [[plain_value(value) for value in row] for row in frame.rows()]
    return {"columns": frame.columns, "rows": rows}
