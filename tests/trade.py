"""A small made-up trade: customers, what they bought, what is asked about them."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import polars as pl

import featurekit as fk

OWNER = "ada@example.com"

SPEND = """-- What a customer settled, as known at the moment of asking.
SELECT
  SUM(amount) FILTER (WHERE status = 'settled') OVER last_30d AS spend_30d,
  COUNT(*) OVER calendar_7d AS orders_7_days,
  COALESCE(spend_30d, 0) / NULLIF(orders_7_days, 0) AS spend_per_order
FROM transactions
"""

ALIASES = {"US": ["USA", "United States"], "DE": ["Germany", "Deutschland"]}


def hourly(number: int, file: Path) -> Path:
    """Write so many transactions, one an hour, of five customers."""
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    rows = [
        {
            "txn_id": one,
            "customer_id": f"c{one % 5}",
            "amount": one % 50 + 0.5,
            "status": "settled" if one % 3 else "open",
            "event_time": start + dt.timedelta(hours=one),
        }
        for one in range(number)
    ]
    pl.DataFrame(rows).write_parquet(file)
    return file


def at(day: int, hour: int = 0, minute: int = 0, micros: int = 0, month: int = 3) -> dt.datetime:
    """Return a moment of spring 2024, in UTC."""
    return dt.datetime(2024, month, day, hour, minute, 0, micros, tzinfo=dt.UTC)


def row(
    number: int, customer: str | None, when: dt.datetime | None, **other: Any
) -> dict[str, Any]:
    """Return one transaction; what is not said is usual."""
    usual = {"amount": 1.0, "status": "settled", "country": "US"}
    return {
        "transaction_id": number,
        "customer_id": customer,
        "event_time": when,
        "loaded_at": when,
        **usual,
        **other,
    }


ROWS = [
    row(1, "a", at(1), amount=10.0),
    row(2, "a", at(5, 12), amount=5.5, status="open", country="USA"),
    row(3, "b", at(6), amount=None, country="united states"),
    row(4, "a", at(6, 23, 59), amount=2.25, country="Germany"),
    row(5, "b", at(7), amount=7.0, country="Atlantis"),
    row(6, "c", at(2), amount=-3.0, country=None),
]


def spine() -> pl.DataFrame:
    """Return questions out of order, with a label, a twin and an unknown customer."""
    asked = [
        ("b", at(7), 1),
        ("a", at(7, 6), 0),
        ("a", at(1), 1),
        ("a", at(7, 6), 0),
        ("nobody", at(9), 1),
        ("c", at(31), None),
        (None, at(7), 0),
        ("b", None, 1),
    ]
    return pl.DataFrame(
        asked,
        schema={"customer_id": pl.String, "asked_at": pl.Datetime("us", "UTC"), "left": pl.Int64},
        orient="row",
    )


def registered(workspace: fk.Workspace, data: Any = None) -> fk.Workspace:
    """Name the entity, the source (``data``, else the rows above) and the vocabulary."""
    workspace.entity("customer", "customer_id:string")
    workspace.source(
        "transactions",
        ROWS if data is None else data,
        entity="customer",
        time="event_time",
        available="loaded_at",
        tie="transaction_id",
    )
    workspace.vocabulary("country", ALIASES, ignore_case=True)
    return workspace


def define(workspace: fk.Workspace, text: str = SPEND, name: str = "customer_spend") -> Any:
    """Read ``text`` as a view over the transactions."""
    return workspace.feature(name, text, source="transactions", entity="customer", owner=OWNER)


def published(workspace: fk.Workspace) -> fk.Workspace:
    """Publish the spend of customers, and a set of it."""
    define(workspace)
    workspace.publish("customer_spend")
    workspace.feature_set("churn", ["customer_spend@1"], owner=OWNER)
    return workspace


def write_rows(folder: Path, count: int = 60) -> None:
    """Write ``transactions.parquet`` and ``spine.parquet`` to ``folder``."""
    draw = random.Random(7)  # noqa: S311  made-up rows, the same every time
    rows = [
        row(
            number,
            draw.choice("abcd"),
            at(1) + dt.timedelta(minutes=draw.randrange(60 * 24 * 30)),
            amount=draw.choice([None, 0.0, 1.5, 20.25, -4.0]),
            status=draw.choice(["settled", "open"]),
            country=draw.choice(["US", "USA", "Germany", "", None]),
        )
        for number in range(count)
    ]
    pl.DataFrame(rows).write_parquet(folder / "transactions.parquet")
    spine().write_parquet(folder / "spine.parquet")
