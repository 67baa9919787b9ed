"""Definitions to render in tests: an invented shop, read by the SQL front end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from featurekit.datatypes import BIGINT, BOOLEAN, DATE, DOUBLE, TIMESTAMP, VARCHAR, decimal
from featurekit.export.package import Change, Described, PackageSpec
from featurekit.frontends.from_sql import read_view
from featurekit.frontends.scope import Header, Scope
from featurekit.frontends.to_text import expression_text
from featurekit.ir.definitions import (
    Entity,
    FeatureSet,
    Field,
    Member,
    Source,
    SourceKind,
    Unknown,
    Vocabulary,
)
from featurekit.ir.view import View

CUSTOMER = Entity("customer", (Field("customer_id", VARCHAR),))
CITY = Entity("city", (Field("city", VARCHAR),))
PAYMENTS = Source(
    "payments",
    SourceKind.EVENTS,
    (
        Field("customer_id", VARCHAR),
        Field("city", VARCHAR),
        Field("amount", DOUBLE),
        Field("price", decimal(10, 2)),
        Field("refunded", BOOLEAN),
        Field("happened", TIMESTAMP),
        Field("booked", TIMESTAMP),
        Field("number", BIGINT),
    ),
    ("customer", "city"),
    time="happened",
    available="booked",
    tie="number",
)
VISITS = Source(
    "visits",
    SourceKind.EVENTS,
    (Field("customer_id", VARCHAR), Field("at", TIMESTAMP), Field("page", VARCHAR)),
    ("customer",),
    time="at",
)
WEATHER = Source(
    "weather",
    SourceKind.SNAPSHOT,
    (
        Field("city", VARCHAR),
        Field("hour", TIMESTAMP),
        Field("wind", DOUBLE),
        Field("checked", BOOLEAN),
    ),
    ("city",),
    time="hour",
)
BASKET = Source(
    "basket",
    SourceKind.REQUEST,
    (
        Field("amount", DOUBLE, required=True),
        Field("items", BIGINT, required=True),
        Field("discount", DOUBLE),
        Field("country", VARCHAR),
        Field("due", DATE),
        Field("never_read", VARCHAR),
    ),
)
COUNTRY = Vocabulary(
    "country",
    (("GB", ("Great Britain",)), ("US", ("USA", "United States"))),
    ignore_case=True,
    unknown=Unknown.OUTSIDE,
)

GRAINS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "payment_risk": (
        """SELECT amount, amount / AVG(amount) OVER last_7d AS against_usual,
        COUNT(*) OVER (RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW) AS day_so_far,
        SUM(amount) FILTER (WHERE w.wind > 10)
          OVER (ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS stormy_of_four,
        w.wind AS wind
        FROM payments LEFT JOIN weather w USING (city)""",
        {"source": "payments", "entity": "customer", "per": "row", "max_age": "6h"},
    ),
    "storms": (
        """SELECT COUNT(*) FILTER (WHERE w.wind > 10) OVER last_30d AS stormy_30d,
        AVG(w.wind * amount) OVER last_7d_before_1d AS blown
        FROM payments LEFT JOIN weather w USING (city)""",
        {"source": "payments", "entity": "customer", "delay": "5m"},
    ),
    "nightly": (
        """SELECT SUM(amount) OVER last_30d AS spent,
        LAST(city) OVER (ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING) AS before_the_last
        FROM payments""",
        {"source": "payments", "entity": "customer", "fresh": "daily 02:30 Europe/London"},
    ),
    "earlier": (
        "SELECT LAST(amount) OVER (ROWS BETWEEN 5 PRECEDING AND 3 PRECEDING) AS paid FROM payments",
        {"source": "payments", "entity": "customer"},
    ),
}
CELLS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "basket_size": (
        """SELECT amount / items AS per_item,
        COALESCE(discount, 0) AS known_discount,
        amount - known_discount AS net,
        CASE WHEN discount IS NULL THEN -1 WHEN discount > 0.2 * amount THEN 1 ELSE 0 END AS tier,
        VOCAB(country, country) AS land,
        land = 'US' AND amount > 10 AS large_us,
        due < DATE '2024-06-01' AS early
        FROM basket""",
        {"source": "basket"},
    ),
    "customer_spend": (
        """SELECT SUM(amount) OVER last_30d AS spend_30d,
        COUNT(*) OVER calendar_7d AS payments_7d,
        AVG(amount) FILTER (WHERE NOT refunded) OVER month_to_date AS mean_kept,
        LAST(city) OVER last_3_rows AS city,
        MAX(price) OVER last_90d AS dearest
        FROM payments""",
        {"source": "payments", "entity": "customer", "zone": "America/New_York", "delay": "5m"},
    ),
    "city_payments": (
        "SELECT COUNT(*) OVER last_1d AS payments_1d FROM payments",
        {"source": "payments", "entity": "city"},
    ),
    "customer_visits": (
        """SELECT COUNT(DISTINCT page) OVER last_7d AS pages_7d, LAST(page) OVER last_7d AS page
        FROM visits""",
        {"source": "visits"},
    ),
    "wind": (
        "SELECT wind, wind > 10 AS windy FROM weather WHERE checked",
        {"source": "weather", "max_age": "6h"},
    ),
    "mood": (
        "SELECT spend_30d / payments_7d AS mean_spend, NOT windy AS calm FROM customer_spend, wind",
        {"source": "customer_spend,wind"},
    ),
}


def shop_view(name: str, others: Mapping[str, View] | None = None) -> View:
    """Return the view of one cell; ``others`` (reference to view) are in its sight."""
    text, options = {**CELLS, **GRAINS}[name]
    sources = {source.name: source for source in (PAYMENTS, VISITS, WEATHER, BASKET)}
    views = {view.name: (reference, view) for reference, view in (others or {}).items()}
    known = {"customer": CUSTOMER, "city": CITY}
    scope = Scope(known, sources, {"country": COUNTRY}, views)
    return read_view(Header(name=name, owner="ann@example.com", **options), text, scope)


def shop_views(*names: str) -> dict[str, View]:
    """Return reference to view of these cells, each in the sight of those before it."""
    made: dict[str, View] = {}
    for name in names or CELLS:
        made[f"{name}@1.0"] = shop_view(name, made)
    return made


def package(views: Mapping[str, View], name: str = "shop", **more: Any) -> PackageSpec:
    """Return a package of all features of ``views``."""
    members = tuple(
        Member(view.name, reference.partition("@")[2], tuple(f.name for f in view.features))
        for reference, view in views.items()
    )
    described = {
        reference: Described(
            view,
            "ann@example.com",
            f"What is known of {view.name}.",
            {f.name: expression_text(f.expression) for f in view.features},
        )
        for reference, view in views.items()
    }
    spec = PackageSpec(
        set=FeatureSet(name, members),
        version="1.0",
        hash="0123456789abcdef",
        views=described,
        toolkit="0.1.0",
        owner="ann@example.com",
        description="All that the shop's models ask for.",
        changes=(Change("1.0", "the first version"),),
    )
    return replace(spec, **more)


def shop_package() -> PackageSpec:
    """Return the package of the whole shop."""
    return package(shop_views())


def grain_package() -> PackageSpec:
    """Return a package of rows in hand, joins and refreshes."""
    return package(shop_views(*GRAINS), "grain")


def thin_package() -> PackageSpec:
    """Return a package of one row-level view and one windowed view."""
    return package(shop_views("basket_size", "customer_spend"), "thin")
