"""Definitions to render in tests, built as the IR a front end would make."""

from __future__ import annotations

from featurekit.datatypes import DOUBLE, TIMESTAMP, VARCHAR
from featurekit.export.package import Change, Described, PackageSpec
from featurekit.ir.definitions import Entity, FeatureSet, Field, Member, Source, SourceKind
from featurekit.ir.nodes import Aggregate, Call, Column, Expression, Literal
from featurekit.ir.view import Feature, Grain, View
from featurekit.ir.windows import UNITS, AllTime, Calendar, CalendarUnit, Rolling

REQUEST = Source(
    "payment",
    SourceKind.REQUEST,
    (Field("amount", DOUBLE, required=True), Field("discount", DOUBLE)),
)
CUSTOMER = Entity("customer", (Field("customer_id", VARCHAR),))
TRANSACTIONS = Source(
    "transactions",
    SourceKind.EVENTS,
    (Field("customer_id", VARCHAR), Field("at", TIMESTAMP), Field("amount", DOUBLE)),
    ("customer",),
    time="at",
)


def call(operator: str, *arguments: Expression, type_: object = DOUBLE) -> Call:
    return Call(operator, arguments, type_)  # type: ignore[arg-type]  # tests pass types


def request_view() -> View:
    amount = Column("payment", "amount", DOUBLE, required=True)
    discount = Column("payment", "discount", DOUBLE)
    more = call("add_double", amount, Literal(1.0, DOUBLE))
    features = (
        Feature("amount_more", more),
        Feature("ratio", call("div_double", more, discount)),
        Feature("half", call("div_double", amount, Literal(2.0, DOUBLE))),
    )
    return View("payment_size", Grain.ROW, features, REQUEST, requests=(REQUEST,))


def window_view() -> View:
    amount = Column("transactions", "amount", DOUBLE)
    day = UNITS["d"]
    features = (
        Feature("spend_30d", Aggregate("sum_double", (amount,), Rolling(30 * day), type=DOUBLE)),
        Feature("count_all", Aggregate("count_rows", (), AllTime())),
        Feature(
            "last_week",
            Aggregate("last", (amount,), Calendar(7, CalendarUnit.DAY), type=DOUBLE),
        ),
    )
    return View("customer_spend", Grain.ENTITY, features, TRANSACTIONS, (CUSTOMER,))


def package(
    name: str, views: dict[str, View], members: tuple[Member, ...] | None = None, **more: object
) -> PackageSpec:
    """Return a package of ``views`` (reference to view), all features of each unless said."""
    every = tuple(
        Member(*reference.split("@"), tuple(f.name for f in view.features))
        for reference, view in views.items()
    )
    described = {
        reference: Described(
            view,
            "a@example.com",
            f"About {view.name}.",
            {f.name: f"text of {f.name}" for f in view.features},
        )
        for reference, view in views.items()
    }
    facts: dict[str, object] = {
        "version": "1.0",
        "hash": "0123456789abcdef",
        "toolkit": "0.1.0",
        "owner": "a@example.com",
        "changes": (Change("1.0", "the first version"),),
    }
    return PackageSpec(FeatureSet(name, members or every), views=described, **{**facts, **more})  # type: ignore[arg-type]  # facts by name


def thin_package() -> PackageSpec:
    return package(
        "churn", {"payment_size@1.0": request_view(), "customer_spend@1.0": window_view()}
    )
