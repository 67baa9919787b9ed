"""A few rows that tell meanings apart: nulls, NaN, signs, letters of odd length, edges of days.

Drawn with a fixed seed, the constants of the expressions and their neighbours among them.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from featurekit.backends.to_polars import PURPOSE, polars_type
from featurekit.datatypes import BIGINT_MAX, BIGINT_MIN, DataType, Kind
from featurekit.ir.nodes import Expression, Literal, walk
from featurekit.lazy import require

if TYPE_CHECKING:
    import polars as pl

SIZES = (0, 1, 1, 2, 3, 4, 6, 8, 12, 16)
"""How many rows each group has; the first has none."""
QUESTIONS = 60
_INFINITE = {float("inf"), float("-inf")}
_NUMBERS = (0, 1, -1, 2, 3, -3, 7, -7, 10, 100, 2**31)
_LARGE = (-(2**40), 2**53 + 1)  # whose sums floats round in the order of rows
_FLOATS = (0.0, -0.0, 0.5, -1.5, 2.5, 1.005, 2.675, -3.25, 0.001, 100.0, 1e6, -2.0, 3.0)
_TEXTS = (
    *("", " ", " a ", "a", "A", "ab", "Ab", "aab", "abc-abc", "\ta\n", "a\nb", "ß", "İ", "ΑΣ", "é"),
    *("e\u0301", "😀", "\uffff", "٣", "12", " 12", "-5", "1e3", "1.50", "true", "2024-02-29"),
    *("a%b", "a_b", "a.b", "x" * 40, "\u00a0a"),
)
_DAYS = ("1970-01-01", "1900-03-01", "2024-02-29", "2023-12-31", "2021-01-03", "2020-12-31")
_MOMENTS = (
    *("1970-01-01T00:00:00", "1969-12-31T23:59:59.999999", "2024-02-29T12:30:15.000001"),
    *("2024-03-31T00:59:59.999999", "2024-03-31T01:00:00", "2024-10-27T00:30:00"),
    *("2023-12-31T23:59:59", "2021-01-03T10:00:00", "1900-01-01T00:00:00", "9999-12-31T23:00:00"),
)
_DIGITS = ("0", "1", "-1", "2", "0.5", "-0.5", "1.25", "9.99", "-7.07", "100")


def constants(expressions: Iterable[Expression]) -> dict[Kind, list[Any]]:
    """Return the constants of ``expressions`` and values near them, by type."""
    found: dict[Kind, list[Any]] = {}
    for node in (part for expression in expressions for part in walk(expression)):
        if isinstance(node, Literal) and node.value is not None:
            values = found.setdefault(node.type.kind, [])
            values += [near for near in _near(node.value) if near not in values]
    return found


def _near(value: Any) -> list[Any]:
    match value:
        case bool():
            return [value]
        case int():
            near = [value, value - 1, value + 1]
            return [one for one in near if BIGINT_MIN <= one <= BIGINT_MAX and abs(one) < 2**53]
        case float():
            return [value, value - 0.5, value + 0.5] if abs(value) < 1e15 else []  # noqa: PLR2004  exact halves
        case str():
            return [value, value.upper(), f" {value}", f"{value} ", f"x{value}{value}y", value[:-1]]
        case dt.datetime():
            return [value, value + dt.timedelta(microseconds=1)]
        case dt.date():
            return [value]
        case _:
            return []


def pool(kind: DataType, near: Mapping[Kind, Sequence[Any]], *, summed: bool) -> list[Any]:
    """Return the values that a column of a type is drawn from, null not among them."""
    own = list(near.get(kind.kind, ()))
    match kind.kind:
        case Kind.BOOLEAN:
            return [True, False]
        case Kind.BIGINT:
            return [*_NUMBERS, *own, *(() if summed else _LARGE)]
        case Kind.DOUBLE:
            whole = [float(number) for number in near.get(Kind.BIGINT, ())]
            return [*_FLOATS, *own, *whole]
        case Kind.VARCHAR:
            return [*_TEXTS, *own]
        case Kind.DATE:
            return [*map(dt.date.fromisoformat, _DAYS), *own]
        case Kind.TIMESTAMP:
            moments = map(dt.datetime.fromisoformat, _MOMENTS)
            return [*(moment.replace(tzinfo=dt.UTC) for moment in moments), *own]
        case _:
            return _decimals(kind)


def _decimals(kind: DataType) -> list[Any]:
    unit, most = Decimal(1).scaleb(-kind.scale), Decimal(10) ** (kind.precision - kind.scale)
    given = [Decimal(digits) for digits in _DIGITS]
    return [value.quantize(unit) for value in given if abs(value) < most]


def drawn(
    columns: Mapping[str, tuple[DataType, bool]],
    count: int,
    near: Mapping[Kind, Sequence[Any]],
    *,
    plain: Sequence[bool],
    seed: int,
    summed: bool,
) -> pl.DataFrame:
    """Return ``count`` rows of ``columns`` (type, whether never null).

    Where ``plain`` is true for a row, its floats are finite; what is ``summed`` is not too large.
    """
    pl = require("polars", PURPOSE)
    chance = random.Random(seed)  # noqa: S311  the same rows every time
    made = []
    for name, (kind, required) in columns.items():
        values = pool(kind, near, summed=summed)
        odd = [float("nan"), *_INFINITE] if kind.kind is Kind.DOUBLE else []
        nulls = [] if required else [None] * (1 + len(values) // 6)
        series = [
            chance.choice([*values, *nulls, *([] if calm else odd)]) for calm in plain[:count]
        ]
        made.append(pl.Series(name, series, dtype=polars_type(kind)))
    if not made:
        return pl.select(pl.repeat(0, count).alias("\1none"))  # type: ignore[no-any-return]  # loaded late
    return pl.DataFrame(made)  # type: ignore[no-any-return]  # loaded late
