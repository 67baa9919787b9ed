"""Cells over an invented shop: events, snapshots, a request, derived; rows and questions."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from featurekit.backends.plan import Wanted
from featurekit.datatypes import BIGINT, BOOLEAN, DATE, DOUBLE, TIMESTAMP, VARCHAR, decimal
from featurekit.frontends.from_sql import read_view
from featurekit.frontends.scope import Header, Scope
from featurekit.ir.definitions import Entity, Field, Source, SourceKind, Unknown, Vocabulary
from featurekit.ir.view import View
from featurekit.ir.windows import MICROSECOND

CUSTOMER = Entity("customer", (Field("customer_id", VARCHAR),))
PLACE = Entity("place", (Field("city", VARCHAR), Field("zip", BIGINT)))
PAYMENTS = Source(
    "payments",
    SourceKind.EVENTS,
    (
        Field("customer_id", VARCHAR),
        Field("amount", DOUBLE),
        Field("price", decimal(10, 2)),
        Field("country", VARCHAR),
        Field("paid", BOOLEAN),
        Field("happened", TIMESTAMP),
        Field("booked", TIMESTAMP),
        Field("number", BIGINT),
    ),
    ("customer",),
    time="happened",
    available="booked",
    tie="number",
)
ADDRESSES = Source(
    "addresses",
    SourceKind.SNAPSHOT,
    (
        Field("customer_id", VARCHAR),
        Field("since", TIMESTAMP),
        Field("street", VARCHAR),
        Field("moved", DATE),
        Field("checked", BOOLEAN),
    ),
    ("customer",),
    time="since",
)
WEATHER = Source(
    "weather",
    SourceKind.SNAPSHOT,
    (
        Field("city", VARCHAR),
        Field("zip", BIGINT),
        Field("hour", TIMESTAMP),
        Field("published", TIMESTAMP),
        Field("wind", DOUBLE),
    ),
    ("place",),
    time="hour",
    available="published",
)
ORDER = Source(
    "order",
    SourceKind.REQUEST,
    (Field("amount", DOUBLE), Field("items", BIGINT), Field("note", VARCHAR), Field("due", DATE)),
)
COUNTRY = Vocabulary(
    "country",
    (("GB", ("Great Britain", "U'K")), ("US", ("USA", "United States"))),
    ignore_case=True,
    unknown=Unknown.BUCKET,
    bucket="elsewhere",
)


@dataclass(frozen=True)
class Cell:
    """One golden case: the cells that it defines, in order; all features of all are wanted."""

    name: str
    cells: tuple[tuple[str, str, Mapping[str, Any]], ...] = field(default=())


CELLS = (
    Cell(
        "rolling_and_calendar",
        (
            (
                "spend",
                """SELECT SUM(amount) OVER last_30d AS spend_30d,
                COUNT(*) OVER calendar_7d AS payments_7d,
                AVG(amount) FILTER (WHERE paid) OVER month_to_date AS mean_paid,
                LAST(country) OVER last_3_rows AS country,
                MAX(price) OVER all_time - MIN(price) OVER all_time AS span,
                COUNT(DISTINCT country) OVER last_7d_before_7d AS countries_before
                FROM payments WHERE amount > -100.0""",
                {"zone": "America/New_York", "delay": "5m"},
            ),
        ),
    ),
    Cell(
        "trends_lists_and_orders",
        (
            (
                "habits",
                """SELECT SLOPE(amount) OVER last_30d AS trend,
                DECAY_SUM(amount, '36h') FILTER (WHERE paid) OVER all_time AS faded,
                DECAY_SUM(price, '7d') OVER last_30d AS faded_price,
                LIST_LAST(country, 3) OVER last_30d AS countries,
                LIST_LAST(happened, 2 ORDER BY price DESC, country) OVER all_time AS dearest_at,
                TOP_K(amount, 2) OVER all_time AS usual,
                LAG(price, 2) OVER all_time AS price_before,
                LAG(country) FILTER (WHERE paid) OVER last_30d AS country_before,
                TIME_SINCE_LAST('hour') FILTER (WHERE paid) OVER all_time AS quiet,
                TIME_SINCE_FIRST('day') OVER last_7d_before_7d AS since,
                FIRST(country ORDER BY amount DESC) OVER last_30d AS country_of_most,
                STRING_AGG(country, ', ' ORDER BY price, amount DESC) OVER all_time AS told
                FROM payments""",
                {"zone": "America/New_York"},
            ),
        ),
    ),
    Cell(
        "look_up_with_maximum_age",
        (
            (
                "address",
                """SELECT street, CASE WHEN moved IS NULL THEN 'never' ELSE street END AS label,
                COUNT(*) OVER all_time AS addresses
                FROM addresses WHERE checked""",
                {"max_age": "10d"},
            ),
        ),
    ),
    Cell(
        "look_up_by_two_keys_published_late",
        (("wind", "SELECT wind, wind > 10.0 AS windy FROM weather", {"delay": "1h"}),),
    ),
    Cell(
        "request_only",
        (
            (
                "basket",
                """SELECT amount / items AS per_item, UPPER(note) AS note,
                COALESCE(amount, 0.0) > 10 AS large FROM "order" """,
                {},
            ),
        ),
    ),
    Cell(
        "request_beside_windows",
        (
            (
                "ratio",
                """SELECT "order".amount / AVG(amount) OVER last_30d AS ratio,
                AS_OF() AS asked, VOCAB(LAST(country) OVER all_time, country) AS country
                FROM payments""",
                {},
            ),
        ),
    ),
    Cell(
        "derived",
        (
            ("spend", "SELECT SUM(amount) OVER last_30d AS total FROM payments", {}),
            ("address", "SELECT street FROM addresses", {}),
            (
                "both",
                """SELECT total * 2 AS twice, street || '!' AS shouted FROM spend, address""",
                {"source": "spend,address"},
            ),
        ),
    ),
)


def views_of(case: Cell) -> dict[str, View]:
    """Read the case's cells, each in sight of those before it."""
    made: dict[str, View] = {}
    for name, text, options in case.cells:
        known = {"customer": CUSTOMER, "place": PLACE}
        sources = {s.name: s for s in (PAYMENTS, ADDRESSES, WEATHER, ORDER)}
        views = {v.name: (reference, v) for reference, v in made.items()}
        scope = Scope(known, sources, {"country": COUNTRY}, views)
        header = Header(name=name, owner="ann@example.com", **options)
        made[f"{name}@1.0"] = read_view(header, text, scope)
    return made


def wanted_of(views: Mapping[str, View]) -> list[Wanted]:
    return [
        Wanted(reference, v.name, f.name, f"{v.name}__{f.name}")
        for reference, v in views.items()
        for f in v.features
    ]


_FLAGS = (True, False)
NOW = dt.datetime(2024, 3, 11, 4, 0, tzinfo=dt.UTC)
_BACKS = (0, 1, 24, 7 * 24, 10 * 24, 14 * 24, 30 * 24, 45 * 24)


def _moment(draw: random.Random) -> dt.datetime:
    near = draw.choice((-1, 0, 0, 1)) * MICROSECOND
    return NOW - dt.timedelta(hours=draw.choice(_BACKS)) + near


def _some(draw: random.Random, *values: Any) -> Any:
    return draw.choice([None, *values, *values])


def rows(seed: int = 4) -> dict[str, list[dict[str, Any]]]:
    """Return rows of every source: edges, ties, duplicates, late ones, nulls."""
    draw = random.Random(seed)  # noqa: S311  a reproducible draw, not a secret
    payments, addresses, weather = [], [], []
    for _ in range(160):
        at = _moment(draw)
        late = dt.timedelta(minutes=draw.choice((0, 0, 5, 60, 3000)))
        payments.append(
            {
                "customer_id": draw.choice(["c1", "c1", "c2", None]),
                "amount": _some(draw, 0.1, -100.0, 99.5, float("nan"), 1e16),
                "price": _some(draw, Decimal("0.10"), Decimal("12345678.90"), Decimal("-3.33")),
                "country": _some(draw, "usa", " U'k ", "FR", ""),
                "paid": _some(draw, *_FLAGS),
                "happened": draw.choice([at, at, at, None]),
                "booked": draw.choice([at + late, at + late, None]),
                "number": draw.choice([1, 2, 3, None]),
            }
        )
        addresses.append(
            {
                "customer_id": draw.choice(["c1", "c2", "c3"]),
                "since": draw.choice([_moment(draw), _moment(draw), None]),
                "street": _some(draw, "Elm", "Oak", "Ash"),
                "moved": _some(draw, dt.date(2024, 2, 29)),
                "checked": _some(draw, *_FLAGS),
            }
        )
        weather.append(
            {
                "city": draw.choice(["Leeds", "Bath", None]),
                "zip": draw.choice([1, 2, None]),
                "hour": at,
                "published": draw.choice([at + late, at + late, None]),
                "wind": _some(draw, 9.5, 10.0, 11.5, float("nan")),
            }
        )
    return {"payments": payments, "addresses": addresses, "weather": weather}


def questions(seed: int = 5) -> list[dict[str, Any]]:
    """Return questions around NOW, some with null keys or without a moment."""
    draw = random.Random(seed)  # noqa: S311  a reproducible draw, not a secret
    return [
        {
            "customer_id": draw.choice(["c1", "c2", "c3", "nobody", None]),
            "city": draw.choice(["Leeds", "Bath", None]),
            "zip": draw.choice([1, 2, 3]),
            "amount": _some(draw, 5.0, 0.0, float("inf")),
            "items": _some(draw, 0, 3),
            "note": _some(draw, "straße", "it's"),
            "due": _some(draw, dt.date(2024, 3, 1)),
            "asked_at": draw.choice(
                [
                    NOW,
                    NOW + MICROSECOND,
                    NOW - MICROSECOND,
                    NOW + dt.timedelta(hours=1),
                    NOW + dt.timedelta(days=10),
                    None,
                ]
            ),
        }
        for _ in range(60)
    ]
