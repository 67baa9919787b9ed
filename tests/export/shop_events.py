"""What happens in the invented shop: an event of each kind, a question, and the moment."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

NOW = dt.datetime(2024, 6, 12, 15, 4, 5, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
ENTITY = {"customer_id": "c1", "city": "Leeds"}
REQUEST = {
    "amount": 12.5,
    "items": 5,
    "discount": None,
    "country": "usa",
    "due": dt.date(2024, 6, 30),
}


def payment(number: int, at: dt.datetime, amount: float = 1.0, **more: Any) -> dict[str, Any]:
    return {
        "customer_id": "c1",
        "city": "Leeds",
        "amount": amount,
        "price": Decimal("1.50"),
        "refunded": False,
        "happened": at,
        "booked": at,
        "number": number,
        **more,
    }


def weather(at: dt.datetime, wind: float | None = 9.0, **more: Any) -> dict[str, Any]:
    return {"city": "Leeds", "hour": at, "wind": wind, "checked": True, **more}
