"""A small shop: purchases as events, customers as a snapshot, a request; asked both ways."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from featurekit.backends.plan import Wanted
from featurekit.datatypes import BIGINT, BOOLEAN, DOUBLE, TIMESTAMP, VARCHAR
from featurekit.ir.definitions import Entity, Field, Source, SourceKind
from featurekit.ir.nodes import Aggregate, Call, Column, Expression, Literal
from featurekit.ir.view import Feature, Grain, View
from featurekit.ir.windows import Window, parse_window
from featurekit.training.oracle import naive
from featurekit.training.sets import TrainingSet, training_set
from featurekit.training.sources import open_source

HOUR = 3_600_000_000
CUSTOMER = Entity("customer", (Field("who", VARCHAR),))
PURCHASES = Source(
    "purchases",
    SourceKind.EVENTS,
    (
        Field("who", VARCHAR),
        Field("at", TIMESTAMP),
        Field("paid", DOUBLE),
        Field("settled", BOOLEAN),
        Field("known", TIMESTAMP),
    ),
    ("customer",),
    time="at",
)
CUSTOMERS = Source(
    "customers",
    SourceKind.SNAPSHOT,
    (
        Field("who", VARCHAR),
        Field("at", TIMESTAMP),
        Field("city", VARCHAR),
        Field("active", BOOLEAN),
        Field("known", TIMESTAMP),
    ),
    ("customer",),
    time="at",
)
REQUEST = Source("ask", SourceKind.REQUEST, (Field("amount", DOUBLE), Field("n", BIGINT)))
PAID = Column("purchases", "paid", DOUBLE)
AMOUNT = Column("ask", "amount", DOUBLE)


def at(hours: float, microseconds: int = 0) -> dt.datetime:
    """Return the moment ``hours`` after the shop opened."""
    start = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    return start + dt.timedelta(hours=hours, microseconds=microseconds)


def window(name: str) -> Window:
    found = parse_window(name)
    assert found is not None
    return found


def over(function: str, name: str, *arguments: Expression, **more: Any) -> Aggregate:
    kind = BIGINT if function.startswith("count") else DOUBLE
    return Aggregate(function, arguments, window(name), type=kind, **more)


def events_view(source: Source = PURCHASES, **features: Expression) -> View:
    made = tuple(Feature(name, node) for name, node in features.items())
    return View("spend", Grain.ENTITY, made, source, (CUSTOMER,), requests=(REQUEST,))


def lookup_view(source: Source = CUSTOMERS, **named: Any) -> View:
    made = (Feature("city", Column("customers", "city", VARCHAR)),)
    return replace(View("home", Grain.ENTITY, made, source, (CUSTOMER,)), **named)


def request_view(**features: Expression) -> View:
    made = tuple(Feature(name, node) for name, node in features.items())
    return View("asked", Grain.ROW, made, REQUEST, requests=(REQUEST,))


def derived_view(uses: Sequence[str], **features: Expression) -> View:
    made = tuple(Feature(name, node) for name, node in features.items())
    return View("ratio", Grain.ENTITY, made, None, (CUSTOMER,), uses=tuple(uses))


def plus(one: Expression, other: Expression) -> Call:
    return Call("add_double", (one, other), DOUBLE)


def constant(value: float) -> Literal:
    return Literal(value, DOUBLE)


def wanted(views: Mapping[str, View]) -> list[Wanted]:
    return [
        Wanted(reference, view.name, feature.name, f"{view.name}__{feature.name}")
        for reference, view in views.items()
        for feature in view.features
    ]


SPINE = {
    "who": pl.String,
    "asked_at": pl.Datetime("us", "UTC"),
    "amount": pl.Float64,
    "n": pl.Int64,
}


def asked(*rows: tuple[Any, ...]) -> list[dict[str, Any]]:
    """Return spine rows from (who, when, amount)."""
    return [
        {"who": who, "asked_at": when, "amount": float(amount[0]) if amount else None, "n": None}
        for who, when, *amount in rows
    ]


def table(rows: Sequence[Mapping[str, Any]], source: Source) -> pl.DataFrame:
    kinds = {VARCHAR: pl.String, DOUBLE: pl.Float64, BOOLEAN: pl.Boolean, BIGINT: pl.Int64}
    moment = pl.Datetime("us", "UTC")
    schema = {f.name: kinds.get(f.type, moment) for f in source.fields}
    return pl.DataFrame([{n: row.get(n) for n in schema} for row in rows], schema=schema)


def trained(
    spine: Sequence[Mapping[str, Any]],
    views: Mapping[str, View],
    **rows: Sequence[Mapping[str, Any]],
) -> TrainingSet:
    """Return the engine's answers, once they are those of the oracle."""
    sources = {source.name: source for v in views.values() for source in v.stored}
    data = {
        name: open_source(source, Path(), table(rows[name], source))
        for name, source in sources.items()
        if name in rows
    }
    stored = {name: table(rows[name], sources[name]).to_dicts() for name in data}
    made = training_set(
        pl.DataFrame(list(spine), schema=SPINE), wanted(views), views, data, time="asked_at"
    )
    meant = naive(spine, wanted(views), views, stored, "asked_at")
    assert made.frame.to_dicts() == meant
    return made
