"""A small invented shop for reading cells: events, a snapshot, two requests, views."""

from __future__ import annotations

from functools import cache

from featurekit.datatypes import BIGINT, BOOLEAN, DATE, DOUBLE, TIMESTAMP, VARCHAR, decimal
from featurekit.frontends.from_sql import read_view
from featurekit.frontends.scope import Header, Scope
from featurekit.frontends.to_text import expression_text
from featurekit.ir.canonical import meaning_hash
from featurekit.ir.definitions import Entity, Field, Source, SourceKind, Vocabulary
from featurekit.ir.view import View

CUSTOMER = Entity("customer", (Field("customer_id", VARCHAR),))
MERCHANT = Entity("merchant", (Field("merchant_id", BIGINT),))
REGION = Entity("region", (Field("region_id", BIGINT),))
PAIR = Entity("pair", (Field("customer_id", VARCHAR), Field("merchant_id", BIGINT)))
TXN = Source(
    "txn",
    SourceKind.EVENTS,
    (
        Field("customer_id", VARCHAR),
        Field("merchant_id", BIGINT),
        Field("event_time", TIMESTAMP),
        Field("amount", DOUBLE),
        Field("status", VARCHAR),
        Field("qty", BIGINT),
        Field("price", decimal(10, 2)),
        Field("day", DATE),
        Field("ok", BOOLEAN),
        Field("Order No", BIGINT),
        Field("Note", VARCHAR),
        Field("NOTE", VARCHAR),
        Field("group", VARCHAR),
    ),
    ("customer", "merchant"),
    "event_time",
)
CUSTOMERS = Source(
    "customers",
    SourceKind.SNAPSHOT,
    (
        Field("customer_id", VARCHAR),
        Field("updated_at", TIMESTAMP),
        Field("country", VARCHAR),
        Field("age", BIGINT),
        Field("score", DOUBLE),
        Field("born", DATE),
        Field("credit", decimal(12, 2)),
        Field("vip", BOOLEAN),
    ),
    ("customer",),
    "updated_at",
)
MERCHANTS = Source(
    "merchants",
    SourceKind.SNAPSHOT,
    (
        Field("merchant_id", BIGINT),
        Field("since", TIMESTAMP),
        Field("kind", VARCHAR),
        Field("fee", DOUBLE),
        Field("region_id", BIGINT),
        Field("amount", DOUBLE),
    ),
    ("merchant",),
    "since",
)
REGIONS = Source(
    "regions",
    SourceKind.SNAPSHOT,
    (Field("region_id", BIGINT), Field("since", TIMESTAMP), Field("rate", DOUBLE)),
    ("region",),
    "since",
)
TERMS = Source(
    "terms",
    SourceKind.SNAPSHOT,
    (
        Field("customer_id", VARCHAR),
        Field("merchant_id", BIGINT),
        Field("since", TIMESTAMP),
        Field("discount", DOUBLE),
    ),
    ("pair",),
    "since",
)
ORDER = Source(
    "order_now",
    SourceKind.REQUEST,
    (Field("merchant_id", BIGINT), Field("basket", DOUBLE), Field("shop_name", VARCHAR)),
)
SCORING = Source(
    "scoring",
    SourceKind.REQUEST,
    (
        Field("amount", DOUBLE),
        Field("channel", VARCHAR),
        Field("qty", BIGINT),
        Field("asked_on", DATE),
        Field("sent", TIMESTAMP),
        Field("flag", BOOLEAN, required=True),
        Field("price", decimal(10, 2)),
    ),
)
DEVICE = Source("device", SourceKind.REQUEST, (Field("channel", VARCHAR), Field("os", VARCHAR)))
TIMELESS = Source("timeless", SourceKind.EVENTS, (Field("customer_id", VARCHAR),), ("customer",))
KEYLESS = Source(
    "keyless",
    SourceKind.EVENTS,
    (Field("event_time", TIMESTAMP), Field("customer_id", BIGINT)),
    ("customer",),
    "event_time",
)
COUNTRY = Vocabulary("country", (("DE", ("Germany",)), ("US", ("USA", "United States"))))
OWNER = "risk@example.com"

_EVENTS = (TXN, TIMELESS, KEYLESS)
_SNAPSHOTS = (CUSTOMERS, MERCHANTS, REGIONS, TERMS)
_REQUESTS = (SCORING, DEVICE, ORDER)
_GROUND = Scope(
    {entity.name: entity for entity in (CUSTOMER, MERCHANT, REGION, PAIR)},
    {s.name: s for s in (*_EVENTS, *_SNAPSHOTS, *_REQUESTS)},
    {"country": COUNTRY},
)


def read(text: str, source: str | None = "txn", name: str = "v", **options: str | bool) -> View:
    """Return the view of a cell in the shop, owned by the risk team."""
    if source == "txn":
        options.setdefault("entity", "customer")
    header = Header(name, source, **{"owner": OWNER, **options})  # type: ignore[arg-type]  # options are words, as an author writes them
    return read_view(header, text, shop())


def written(text: str) -> str:
    """Return the canonical text of an expression, once it has read back as the same."""
    view = read(f"SELECT {text} AS x FROM scoring", "scoring")  # noqa: S608  a cell to read, no database
    made = expression_text(view.features[0].expression)
    again = read(f"SELECT {made} AS x FROM scoring", "scoring")  # noqa: S608  a cell to read, no database
    assert meaning_hash(again) == meaning_hash(view)
    return made


@cache
def shop() -> Scope:
    """Return everything a cell may name."""
    spend = _view("spend", "SELECT SUM(amount) OVER last_30d AS total, COUNT(*) OVER today AS n")
    profile = _view("profile", "SELECT country, score AS n FROM customers", "customers")
    basket = _view("basket", "SELECT amount * 2 AS twice FROM scoring", "scoring")
    older = _view("spend", "SELECT AVG(amount) OVER last_7d AS total")
    again = read_view(
        Header("again", "spend@1.0", owner=OWNER),
        "SELECT total + 1 AS more",
        Scope(_GROUND.entities, _GROUND.sources, {}, {"spend@1.0": ("spend@1.0", spend)}),
    )
    views = {
        "spend": ("spend@1.0", spend),
        "spend@1": ("spend@1.0", spend),
        "spend@1.0": ("spend@1.0", spend),
        "spend@0.9": ("spend@0.9", older),
        "profile": ("profile@2.1", profile),
        "profile@2": ("profile@2.1", profile),
        "basket": ("basket@draft", basket),
        "again": ("again@1.0", again),
    }
    return Scope(_GROUND.entities, _GROUND.sources, _GROUND.vocabularies, views)


def _view(name: str, text: str, source: str = "txn") -> View:
    entity = "customer" if source == "txn" else None
    return read_view(Header(name, source, entity, OWNER), text, _GROUND)
