"""Histories and questions that make every edge of a window matter, for engine and oracle."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from featurekit.backends.plan import Wanted
from featurekit.datatypes import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    TIMESTAMP,
    VARCHAR,
    DataType,
    Kind,
    decimal,
)
from featurekit.ir.definitions import Entity, Field, Source, SourceKind
from featurekit.ir.nodes import Aggregate, AsOf, Column, Expression, Literal
from featurekit.ir.view import Feature, Grain, View
from featurekit.ir.windows import MICROSECOND, Window, parse_window
from featurekit.ops import AGGREGATES, AggregateFunction, bind_aggregate
from featurekit.ops.parameters import EVENT_TIME, MOMENT, Parameter
from featurekit.training.oracle import naive
from featurekit.training.sets import training_set
from featurekit.training.sources import open_source

ZONE = "America/New_York"
WINDOWS = (
    "last_2h",
    "last_1d",
    "last_3d_before_1d",
    "calendar_1d",
    "calendar_2w",
    "calendar_1mo",
    "today",
    "week_to_date",
    "month_to_date",
    "year_to_date",
    "last_1_rows",
    "last_3_rows",
    "all_time",
)
CUSTOMER = Entity("customer", (Field("customer", VARCHAR),))
COLUMNS = {
    "double": DOUBLE,
    "bigint": BIGINT,
    "money": decimal(10, 2),
    "text": VARCHAR,
    "flag": BOOLEAN,
    "day": DATE,
    "moment": TIMESTAMP,
}
CONSTANTS = {
    "q": Literal(0.3, DOUBLE),
    "separator": Literal("', ", VARCHAR),
    "n": Literal(2, BIGINT),
    "k": Literal(2, BIGINT),
    "half_life": Literal(36 * 3_600_000_000, BIGINT),
}
EVENTS = Source(
    "events",
    SourceKind.EVENTS,
    (
        Field("customer", VARCHAR),
        Field("at", TIMESTAMP),
        *(Field(name, kind) for name, kind in COLUMNS.items()),
        Field("known", TIMESTAMP),
        Field("number", BIGINT),
    ),
    ("customer",),
    time="at",
)


@dataclass(frozen=True)
class Variant:
    """One way in which rows become known, tie and repeat."""

    name: str
    available: str | None = None
    tie: str | None = None
    delay: int = 0
    wild: bool = False

    @property
    def source(self) -> Source:
        """The events, as this variant has them known, told apart and repeated."""
        return replace(EVENTS, available=self.available, tie=self.tie)


VARIANTS = (
    Variant("known at once"),
    Variant("known late", available="known"),
    Variant("known late, duplicates", available="known", tie="number"),
    Variant("duplicates, nan and infinity", tie="number", wild=True),
    Variant("delayed", delay=3_600_000_000),
    Variant("known late and delayed", available="known", tie="number", delay=3_600_000_000),
)


def moments() -> list[dt.datetime]:
    """Moments of asking around a change of the clock, at midnights and month ends."""
    start = dt.datetime(2024, 3, 8, 4, 59, 59, 999_999, tzinfo=dt.UTC)
    whole = [dt.datetime(2024, 3, d, 4 + (d > 9), tzinfo=dt.UTC) for d in (1, 9, 10, 11, 12)]
    near = [w + n * MICROSECOND for w in whole for n in (0, 1)]
    day = [dt.datetime(2024, 3, d, h, 30, tzinfo=dt.UTC) for d, h in ((10, 7), (9, 22))]
    return [start, *near, *day]


def events(seed: int, *, wild: bool = False) -> list[dict[str, Any]]:
    """Return rows around the edges of the windows of ``moments``, some of them odd."""
    draw = random.Random(seed)  # noqa: S311  repeatable, not secret
    backs = (0, 1.5, 2, 9, 24, 48, 96, 24 * 14, 24 * 40)
    rows = []
    for moment in moments():
        for back in draw.sample(backs, 5):
            at = moment - dt.timedelta(hours=back) + draw.choice((-1, 0, 0, 1)) * MICROSECOND
            rows.append(_event(draw, len(rows), at, wild=wild))
    odd = [dict(row, **{draw.choice(("at", "known", "customer")): None}) for row in rows[:4]]
    again = [dict(row, known=_later(draw, row["at"]), double=1.25) for row in rows[::5]]
    made = rows + odd + again
    draw.shuffle(made)
    return made


def _event(draw: random.Random, number: int, at: dt.datetime, *, wild: bool) -> dict[str, Any]:
    double = draw.choice([0.1, -2.5, 1e16, 3.0, draw.uniform(-9, 9)])
    if wild:
        double = draw.choice([float("nan"), float("inf"), -float("inf"), -0.0, 0.0, double])
    row: dict[str, Any] = {
        "double": double,
        "bigint": draw.choice([0, 7, -3, 2**62]),
        "money": Decimal(draw.randint(-500, 500)).scaleb(-2),
        "text": draw.choice(["", "a", "B", "ß", "a"]),
        "flag": draw.choice([True, False]),
        "day": dt.date(2024, 1, draw.randint(1, 5)),
        "moment": at - dt.timedelta(hours=draw.randint(0, 5)),
    }
    row = {name: None if draw.random() < 0.2 else value for name, value in row.items()}
    return {
        "customer": draw.choice(["ann", "ann", "bob"]),
        "at": at,
        **row,
        "known": _later(draw, at),
        "number": number // 2,
    }


def _later(draw: random.Random, at: dt.datetime) -> dt.datetime:
    hours = draw.choice((-1, 0, 0, 1, 2, 30, 24 * 20))
    return at + dt.timedelta(hours=hours) + draw.choice((0, 1)) * MICROSECOND


def spine() -> list[dict[str, Any]]:
    """Return questions: each customer at each moment, one without history, nulls, a repetition."""
    rows = [{"customer": who, "asked_at": at} for at in moments() for who in ("bob", "ann")]
    odd = [
        {"customer": "nobody", "asked_at": rows[0]["asked_at"]},
        {"customer": None, "asked_at": rows[0]["asked_at"]},
        {"customer": "ann", "asked_at": None},
        rows[3],
    ]
    made = rows + odd
    random.Random(5).shuffle(made)  # noqa: S311  repeatable, not secret
    return made


def argument_types(row: AggregateFunction) -> list[tuple[str, ...]]:
    """Return the columns to try ``row`` on."""
    listed = [_columns(parameter) for parameter in row.parameters if not parameter.implicit]
    if not listed:
        return [()]
    most = max(map(len, listed))
    found = [tuple(names[n % len(names)] for names in listed) for n in range(most)]
    return [names for names in found if bound_type(row, names) is not None]


def _columns(parameter: Parameter) -> list[str]:
    """Return what to try for one parameter; where any type will do, not always in one order."""
    if parameter.constant:
        return [parameter.name]
    kinds = {parameter.type.kind} if parameter.type else set(parameter.allowed)
    found = [name for name, kind in COLUMNS.items() if kind.kind in kinds]
    return found[::-1] if parameter.variable == "K" else found


def arguments(columns: Sequence[str]) -> tuple[Expression, ...]:
    """Return the columns of those names, and the constants, as an author writes them."""
    return tuple(
        CONSTANTS[name] if name in CONSTANTS else Column("events", name, COLUMNS[name])
        for name in columns
    )


def filled(row: AggregateFunction, written: Sequence[Expression]) -> tuple[Expression, ...]:
    """Return the arguments with those that the reader fills in."""
    rest = iter(written)
    implicit = {EVENT_TIME: Column("events", "at", TIMESTAMP), MOMENT: AsOf()}
    return tuple(implicit[p.mark] if p.implicit else next(rest) for p in row.parameters)


def numbers(row: AggregateFunction, feature: str, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Return what the engines may differ by: the values of the arguments that ``feature`` names."""
    names = list(itertools.takewhile(COLUMNS.__contains__, feature.split("_")))
    if row.bound == "exact":
        return []
    names += ["at"] if row.bound == "slope" else []
    return [r[name] for r in rows for name in names]


def bound_type(row: AggregateFunction, columns: Sequence[str]) -> DataType | None:
    """Return the answer's type where an author's call on these columns means ``row``."""
    for surface in row.surfaces:
        given = arguments(columns)
        constants = [a.value if isinstance(a, Literal) else ... for a in given]
        bound = bind_aggregate(surface, [argument.type for argument in given], constants)
        if bound and bound.function is row:
            return bound.type
    return None


def view(row: AggregateFunction, variant: Variant, windows: Sequence[str]) -> View:
    """Return a view with ``row`` over every window, with and without a condition.

    One variant tries every type of argument, the others two.
    """
    features = []
    for columns in argument_types(row)[: None if variant is VARIANTS[2] else 2]:
        kind = bound_type(row, columns)
        assert kind is not None
        given = filled(row, arguments(columns))
        for name in windows:
            for where in (None, Column("events", "flag", BOOLEAN)):
                aggregate = Aggregate(row.name, given, window(name), where, type=kind)
                label = "_".join([*columns, name, "where" if where else "all"])
                features.append(Feature(label, aggregate))
    return View(
        row.name,
        Grain.ENTITY,
        tuple(features),
        variant.source,
        (CUSTOMER,),
        zone=ZONE,
        delay=variant.delay,
    )


def window(name: str) -> Window:
    found = parse_window(name)
    assert found is not None
    return found


def wanted_of(views: dict[str, View]) -> list[Wanted]:
    """Ask for every feature of every view."""
    return [
        Wanted(reference, v.name, f.name, f"{v.name}__{f.name}")
        for reference, v in views.items()
        for f in v.features
    ]


SPINE_SCHEMA = {"customer": pl.String, "asked_at": pl.Datetime("us", "UTC")}


def both(
    one: View, rows: list[dict[str, Any]], asked: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the engine's and the oracle's rows."""
    assert one.source is not None
    views = {f"{one.name}@1.0": one}
    data = {one.source.name: open_source(one.source, Path(), typed(rows, one.source))}
    questions = pl.DataFrame(asked, schema=SPINE_SCHEMA)
    made = training_set(questions, wanted_of(views), views, data, time="asked_at")
    meant = naive(asked, wanted_of(views), views, {one.source.name: rows}, "asked_at")
    return made.frame.to_dicts(), meant


def typed(rows: list[dict[str, Any]], source: Source) -> pl.DataFrame:
    """Return ``rows`` as a frame of the source's types."""
    kinds: dict[Kind, Any] = {
        Kind.BOOLEAN: pl.Boolean,
        Kind.BIGINT: pl.Int64,
        Kind.DOUBLE: pl.Float64,
        Kind.DECIMAL: pl.Decimal(10, 2),
        Kind.VARCHAR: pl.String,
        Kind.DATE: pl.Date,
        Kind.TIMESTAMP: pl.Datetime("us", "UTC"),
    }
    return pl.DataFrame(rows, schema={f.name: kinds[f.type.kind] for f in source.fields})


def every_aggregate() -> list[AggregateFunction]:
    return list(AGGREGATES.values())
