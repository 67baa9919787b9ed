"""What to write instead, in the words of polars where the language's own errors speak SQL."""

from __future__ import annotations

from collections.abc import Mapping

from featurekit.errors.definition import DefinitionError
from featurekit.errors.meaning import (
    ConstantNeeded,
    NoCommonType,
    NotACondition,
    NotPerRow,
    TextCompared,
    Untyped,
    WrongTypes,
)
from featurekit.errors.names import UnknownType, UnknownWindow

_FIXES: Mapping[type[DefinitionError], str] = {
    NotACondition: "compare it: ... != 0, ....is_not_null()",
    TextCompared: "compare values of one type: a text with a text, a number with a number",
    NoCommonType: "cast the values to one type: .cast(pl.Float64)",
    WrongTypes: "cast to a type that it takes: .cast(pl.Float64), .cast(pl.Int64)",
    UnknownType: ".cast(pl.Float64), .cast(pl.Int64), .cast(pl.String), pl.Decimal(18, 2)",
    ConstantNeeded: "write a literal",
    Untyped: "pl.lit(None).cast(pl.Float64)",
    NotPerRow: "aggregate first, then combine the result with it outside the aggregate",
}


def reworded(error: DefinitionError) -> DefinitionError:
    """Return ``error`` with a fix that can be pasted into a cell in polars."""
    if isinstance(error, UnknownWindow) and error.fix.startswith("OVER "):
        error.fix = f'.over("{error.fix.removeprefix("OVER ")}")'
    else:
        error.fix = _FIXES.get(type(error), error.fix)
    return error
