"""Definitions that the catalog's tests share: a shop's events, and views over them."""

from __future__ import annotations

import dataclasses

from featurekit.catalog.records import Draft, Metadata
from featurekit.datatypes import BIGINT, DOUBLE, TIMESTAMP, VARCHAR
from featurekit.ir.definitions import Entity, Field, Source, SourceKind
from featurekit.ir.nodes import Aggregate, Call, Column, Expression, Literal
from featurekit.ir.view import Feature, Grain, View
from featurekit.ir.windows import AllTime, Rolling

AT = "2026-01-31T12:00:00+00:00"
LATER = "2026-02-28T12:00:00+00:00"
DAY = 86_400_000_000
OWNER = Metadata("risk@example.com", "What a customer settled.", ("core",))

CUSTOMER = Entity("customer", (Field("customer_id", VARCHAR, required=True),))
ORDERS = Source(
    "orders",
    SourceKind.EVENTS,
    (Field("customer_id", VARCHAR), Field("amount", DOUBLE), Field("at", TIMESTAMP)),
    entities=("customer",),
    time="at",
    zone="UTC",
    location="data/orders/*.parquet",
)
AMOUNT = Column("orders", "amount", DOUBLE)


def total(days: int) -> Aggregate:
    return Aggregate("sum_double", (AMOUNT,), Rolling(days * DAY), None, type=DOUBLE)


COUNT = Aggregate("count_rows", (), AllTime(), None, type=BIGINT)
LARGE = Call("gt_double", (AMOUNT, Literal(100.0, DOUBLE)), DOUBLE)


def view(name: str = "spend", **features: Expression) -> View:
    """A view of the named features; by default one sum over 30 days."""
    chosen = features or {"spend_30d": total(30)}
    named = tuple(Feature(feature, expression) for feature, expression in chosen.items())
    return View(name, Grain.ENTITY, named, ORDERS, (CUSTOMER,))


def derived(name: str, used: str, feature: str = "spend_30d") -> View:
    """A view that hands on one feature of another view."""
    column = Column(used, feature, DOUBLE)
    return View(name, Grain.ENTITY, (Feature("same", column),), None, (CUSTOMER,), uses=(used,))


def draft(of: View | None = None, metadata: Metadata = OWNER, text: str = "SELECT 1") -> Draft:
    made = of or view()
    header = {"source": "orders", "owner": metadata.owner, "tags": metadata.tags, "delay": None}
    return Draft(made.name, header, text, made, metadata, AT)


def changed(of: View, **parts: object) -> View:
    return dataclasses.replace(of, **parts)  # type: ignore[arg-type]  # the test names the parts
