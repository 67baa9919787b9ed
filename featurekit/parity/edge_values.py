"""Edge cases of values: nulls, numbers at their ends, odd text, and what a definition compares."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from typing import Any

from featurekit.datatypes import BIGINT_MAX, BIGINT_MIN, DataType, Kind
from featurekit.ir.definitions import Source
from featurekit.ir.nodes import Aggregate, Column, walk
from featurekit.ir.view import Feature, View, request_columns
from featurekit.ir.windows import EPOCH, MICROSECOND, to_micros
from featurekit.ops import AGGREGATES, Fading
from featurekit.parity.edge_times import answered_at, delays, spans
from featurekit.parity.ordinary import NOON, scaled, typical
from featurekit.parity.rows import Draft, Shape

AGO = dt.timedelta(seconds=0.5)
"""How long before a view can no longer know of it a special row happens."""
_DAY = dt.timedelta(days=1)
_MOST_HINTS = 12
_MOST_TOGETHER, _FEW = 64, 7
_CANCELLING = (-1e16, 1.0, 1e16)

_DOUBLES = (
    ("NaN", math.nan),
    ("infinity", math.inf),
    ("minus infinity", -math.inf),
    ("zero", 0.0),
    ("minus zero", -0.0),
    ("half", 0.5),
    ("minus two and a half", -2.5),
    ("a number that decimals cannot say", 1.005),
    ("the smallest double", 5e-324),
    ("the largest double", 1.7976931348623157e308),
    ("2**53 + 2", 2.0**53 + 2),
)
_BIGINTS = (
    ("zero", 0),
    ("one", 1),
    ("minus one", -1),
    ("the largest integer", BIGINT_MAX),
    ("the smallest integer", BIGINT_MIN),
    ("more than a double holds", 2**53 + 1),
)
_TEXTS = (
    ("empty text", ""),
    ("a space", " "),
    ("text between spaces", "  a "),
    ("a tab and a line's end", "\ta\n"),
    ("letters that change length in upper case", "ßİ"),
    ("an accent of its own", "e\u0301"),
    ("an emoji", "a😀b"),
    ("quotation marks and backslashes", "a'b\"c\\d"),
    ("text that looks like code", "'); DROP TABLE x; --{x}%s"),
    ("text that looks like a number", " 42.50"),
    ("text that looks like an integer", "-7"),
    ("text that looks like a date", "2024-02-29"),
    ("text that looks like a time", "2024-02-29T10:00:00.5+01:00"),
    ("text that looks like a boolean", "True"),
    ("long text", "xy" * 200),
)
_DATES = (
    ("a leap day", dt.date(2024, 2, 29)),
    ("31 January", dt.date(2024, 1, 31)),
    ("ISO week 53", dt.date(2021, 1, 3)),
    ("1900", dt.date(1900, 3, 1)),
    ("the first date", dt.date(1, 1, 1)),
    ("the last date", dt.date(9999, 12, 31)),
)
_TIMES = (
    ("a leap day", dt.datetime(2024, 2, 29, 23, 59, 59, 999999, tzinfo=dt.UTC)),
    ("a year's end", dt.datetime(2020, 12, 31, 23, 59, 59, 500000, tzinfo=dt.UTC)),
    ("1 us before 1970", dt.datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=dt.UTC)),
    ("1900", dt.datetime(1900, 1, 1, tzinfo=dt.UTC)),
    ("the moment of asking", NOON),
    ("after the moment of asking", NOON + 40 * _DAY),
    ("New York's clock going back", dt.datetime(2024, 11, 3, 5, 30, tzinfo=dt.UTC)),
    ("New York's clock going forward", dt.datetime(2024, 3, 10, 7, tzinfo=dt.UTC)),
)


def odd_values(kind: DataType) -> tuple[tuple[str, Any], ...]:
    """Return the values of ``kind`` that engines treat differently, with their names."""
    match kind.kind:
        case Kind.BOOLEAN:
            return (("true", True), ("false", False))
        case Kind.BIGINT:
            return _BIGINTS
        case Kind.DOUBLE:
            return _DOUBLES
        case Kind.DECIMAL:
            most = 10**kind.precision - 1
            return (
                ("zero", scaled(0, kind.scale)),
                ("the largest decimal", scaled(most, kind.scale)),
                ("the smallest decimal", scaled(-most, kind.scale)),
                ("half a unit", scaled(5 * 10 ** max(kind.scale - 1, 0), kind.scale)),
            )
        case Kind.DATE:
            return _DATES
        case Kind.TIMESTAMP:
            return _TIMES
        case _:
            return _TEXTS


def beside(value: Any, kind: DataType) -> tuple[tuple[str, Any], ...]:
    """Return a constant of the definition and its nearest neighbours, with their names."""
    said = value.isoformat() if isinstance(value, dt.date) else str(value)
    near: tuple[tuple[str, Any], ...] = ()
    match kind.kind:
        case Kind.BIGINT:
            near = tuple((w, value + d) for w, d in (("below", -1), ("above", 1)))
            near = tuple((w, v) for w, v in near if BIGINT_MIN <= v <= BIGINT_MAX)
        case Kind.DOUBLE:
            ends = (("below", -math.inf), ("above", math.inf))
            near = tuple((word, math.nextafter(value, end)) for word, end in ends)
        case Kind.DECIMAL:
            step = scaled(1, kind.scale)
            most = scaled(10**kind.precision - 1, kind.scale)
            near = (("below", value - step), ("above", value + step))
            near = tuple((word, v) for word, v in near if abs(v) <= most)
        case Kind.DATE if dt.date.min < value < dt.date.max:
            near = (("below", value - _DAY), ("above", value + _DAY))
        case Kind.TIMESTAMP if dt.MINYEAR < value.year < dt.MAXYEAR:
            near = (("below", value - MICROSECOND), ("above", value + MICROSECOND))
        case Kind.VARCHAR:
            swapped, spaced = value.swapcase(), f" {value} "
            near = (("in other case", swapped), ("between spaces", spaced), ("longer", value + "x"))
            near = tuple((word, text) for word, text in near if text != value)
        case _:
            pass
    return ((f"{said!r}", value), *((f"{said!r}, {word}", v) for word, v in near))


def value_drafts(made: Shape, source: Source) -> Iterator[Draft]:
    """Yield cases that put odd values into each column of ``source`` that is read."""
    fixed = {source.time, source.available, source.tie, *made.keys}
    for (relation, column), kind in made.read.items():
        if relation != source.name or column in fixed:
            continue
        where = f"{source.name}.{column}"
        times = places(made, source)
        for word, value in values(made, relation, column, kind):
            rows = [{source.time or "": at, column: value} for at in times]
            yield Draft(f"{where} is {word}", {source.name: rows}, spread=True)
            if value is None or word == "zero" or word.startswith("the largest"):
                same = [
                    {**row, source.time or "": at - AGO}
                    for row, at in zip(rows, times, strict=True)
                ]
                title = f"{where} is always {word}"
                both = [*rows, *same]
                yield Draft(title, {source.name: both}, background=False, spread=True)
        if kind.kind is Kind.DOUBLE and not _fades(made, relation, column):
            at = times[-1]
            moments = (at, at - MICROSECOND, at - 2 * MICROSECOND)
            rows = [
                {source.time or "": moment, column: value}
                for moment, value in zip(moments, _CANCELLING, strict=True)
            ]
            title = f"{where} holds numbers that cancel"
            yield Draft(title, {source.name: rows}, background=False, spread=True)
        if (source.name, column) not in made.required:
            yield from _old_nulls(made, source, column)


def _old_nulls(made: Shape, source: Source, column: str) -> Iterator[Draft]:
    """Yield cases of a null in a row that is looked up and nearly too old."""
    for view in made.readers:
        if view.source == source and view.looks_up and view.max_age is not None:
            at = answered_at(NOON, view.fresh) - view.max_age * 9 // 10 * MICROSECOND
            rows = [{source.time or "": at, column: None}]
            title = f"{source.name}.{column} is null in a row that is nearly too old"
            yield Draft(title, {source.name: rows}, background=False, spread=True)


def _fades(made: Shape, relation: str, column: str) -> bool:
    """Whether values of a column fade in a sum: of those that nearly cancel, no rest is promised.

    Training weighs sums of many values where serving weighs each.
    """
    return any(
        isinstance(node, Aggregate)
        and isinstance(AGGREGATES[node.function].lift, Fading)
        and any(
            isinstance(c, Column) and (c.relation, c.name) == (relation, column) for c in walk(node)
        )
        for root in made.expressions
        for node in walk(root)
    )


def places(made: Shape, source: Source) -> list[dt.datetime]:
    """Return a moment just before it is asked, and one in each window that ends earlier."""
    latest = (
        answered_at(NOON, fresh) - delay * MICROSECOND for delay, fresh in delays(made, source)
    )
    found = {min(latest) - AGO}
    for span in spans(made, source):
        start, end = span.bounds(NOON)
        if end != to_micros(answered_at(NOON, span.fresh)) and start is not None:
            found.add(EPOCH + (start + end) // 2 * MICROSECOND)
    return sorted(found)


def request_drafts(made: Shape) -> Iterator[Draft]:
    """Yield cases that put odd values into each column of the request or the row in hand."""
    columns = {c: None for view in made.views.values() for c in request_columns(view)}
    for column in columns:
        relation, name = column.relation, column.name
        said = f"{relation}.{name}" + ("" if relation in made.requests else " in hand")
        for word, value in values(made, relation, name, column.type):
            if name not in made.moments or value is None:
                yield Draft(f"{said} is {word}", {}, request={name: value})
    for view in made.views.values():
        for feature in view.features:
            yield from _together(made, view, feature)


def _together(made: Shape, view: View, feature: Feature) -> Iterator[Draft]:
    """Yield cases in which the columns of a question that one feature reads change together."""
    asked = {(c.relation, c.name): c for c in request_columns(view) if c.name not in made.moments}
    nodes = [n for n in walk(feature.expression) if isinstance(n, Column)]
    places_read = dict.fromkeys((n.relation, n.name) for n in nodes)
    read = [asked[place] for place in places_read if place in asked]
    if len(read) < 2:  # noqa: PLR2004  one column has had its turn
        return
    choices = [_few(made, column) for column in read]
    for number in range(min(_MOST_TOGETHER, math.prod(map(len, choices)))):
        request, rest = {}, number
        for column, some in zip(read, choices, strict=True):
            rest, place = divmod(rest, len(some))
            request[column.name] = some[place]
        title = f"{view.name}.{feature.name}: its columns together, {number}"
        yield Draft(title, {}, request=request)


def _few(made: Shape, column: Column) -> list[Any]:
    """Return a few values that a column may have beside others: what it meets, and near it."""
    texts = column.type.kind is Kind.VARCHAR
    hints = made.hints.get((column.relation, column.name), ())[: 5 if texts else 2]
    near = [value for hint in hints for _, value in beside(hint, column.type)[1:3] if not texts]
    empty = [] if (column.relation, column.name) in made.required else [None]
    ordinary = [typical(column.type, number) for number in range(2)]
    every = {repr(value): value for value in (*hints, *empty, *near, *ordinary)}
    return list(every.values())[:_FEW]


def values(made: Shape, relation: str, column: str, kind: DataType) -> Iterator[tuple[str, Any]]:
    """Yield what to put into a column that is read: odd values, and what it is compared with."""
    if (relation, column) not in made.required:
        yield "null", None
    yield from odd_values(kind)
    for hint in made.hints.get((relation, column), ())[:_MOST_HINTS]:
        yield from beside(hint, kind)
