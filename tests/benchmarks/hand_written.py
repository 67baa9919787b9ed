"""Twenty row-level features as a careful engineer would write them by hand: the yardstick."""

from __future__ import annotations

import datetime as dt
import random
from math import log
from typing import Any

RISK = {
    "electronics": 0.9,
    "travel": 0.7,
    "gift": 0.8,
    "grocery": 0.1,
    "fuel": 0.2,
    "books": 0.15,
    "toys": 0.3,
    "health": 0.25,
}
GIFTY = frozenset(("electronics", "travel", "gift"))

CELL = """
SELECT
  amount * quantity AS total,
  total - COALESCE(discount, 0) AS net,
  CASE WHEN amount >= 500 THEN 3 WHEN amount >= 100 THEN 2 WHEN amount >= 20 THEN 1 ELSE 0 END AS bucket,
  COALESCE(balance, 0) AS known_balance,
  LN(1 + amount) AS log_amount,
  LOWER(TRIM(merchant)) AS merchant_name,
  CASE LOWER(TRIM(category)) WHEN 'electronics' THEN 0.9 WHEN 'travel' THEN 0.7 WHEN 'gift' THEN 0.8
    WHEN 'grocery' THEN 0.1 WHEN 'fuel' THEN 0.2 WHEN 'books' THEN 0.15 WHEN 'toys' THEN 0.3
    WHEN 'health' THEN 0.25 ELSE 0.5 END AS risk,
  EXTRACT(HOUR FROM bought_at) AS hour,
  EXTRACT(ISODOW FROM bought_at) AS weekday,
  IF(weekday >= 6, 1, 0) AS weekend,
  DAYS_BETWEEN(signed_up_at, bought_at) AS tenure,
  LOWER(SPLIT_PART(email, '@', 2)) AS domain,
  IF(LOWER(TRIM(category)) IN ('electronics', 'travel', 'gift'), 1, 0) AS gifty,
  known_balance / (amount + 1) AS ratio,
  LENGTH(merchant) AS merchant_length,
  EXTRACT(MONTH FROM bought_at) AS month,
  IF(discount IS NULL, 1, 0) AS no_discount,
  CASE WHEN discount IS NULL THEN -1 WHEN discount > 0.2 * amount THEN 1 ELSE 0 END AS discount_case,
  CASE WHEN quantity < 1 THEN 1 WHEN quantity > 10 THEN 10 ELSE quantity END AS clipped_quantity,
  UPPER(TRIM(category)) || '_' || CAST(hour AS VARCHAR) AS category_hour
"""

REQUEST = (
    "amount:double! quantity:bigint! discount:double balance:double merchant:string! category:string! "
    "email:string! bought_at:timestamp! signed_up_at:timestamp!"
)


def by_hand(row: dict[str, Any]) -> dict[str, Any]:
    """Return the twenty features of one request."""
    amount = row["amount"]
    quantity = row["quantity"]
    discount = row["discount"]
    balance = row["balance"]
    merchant = row["merchant"]
    when = row["bought_at"]
    total = amount * quantity
    known_balance = 0.0 if balance is None else balance
    category = row["category"].strip(" ").lower()
    hour = when.hour
    weekday = when.isoweekday()
    return {
        "total": total,
        "net": total - (0.0 if discount is None else discount),
        "bucket": 3 if amount >= 500.0 else 2 if amount >= 100.0 else 1 if amount >= 20.0 else 0,
        "known_balance": known_balance,
        "log_amount": log(1.0 + amount),
        "merchant_name": merchant.strip(" ").lower(),
        "risk": RISK.get(category, 0.5),
        "hour": hour,
        "weekday": weekday,
        "weekend": 1 if weekday >= 6 else 0,
        "tenure": when.toordinal() - row["signed_up_at"].toordinal(),
        "domain": row["email"].partition("@")[2].lower(),
        "gifty": 1 if category in GIFTY else 0,
        "ratio": known_balance / (amount + 1.0),
        "merchant_length": len(merchant),
        "month": when.month,
        "no_discount": 1 if discount is None else 0,
        "discount_case": -1 if discount is None else 1 if discount > 0.2 * amount else 0,
        "clipped_quantity": 1 if quantity < 1 else 10 if quantity > 10 else quantity,
        "category_hour": f"{category.upper()}_{hour}",
    }


def requests(count: int, seed: int = 7) -> list[dict[str, Any]]:
    """Return made-up requests, the same for the same seed."""
    draw = random.Random(seed)
    made = []
    for _ in range(count):
        when = dt.datetime(2024, 1, 1, tzinfo=dt.UTC) + dt.timedelta(
            seconds=draw.randrange(86400 * 365)
        )
        category = draw.choice([*RISK, "unknown"])
        made.append(
            {
                "amount": round(draw.lognormvariate(3, 1.5), 2),
                "quantity": draw.randrange(0, 15),
                "discount": None if draw.random() < 0.3 else round(draw.random() * 20, 2),
                "balance": None if draw.random() < 0.1 else round(draw.random() * 5000, 2),
                "category": draw.choice([category, category.upper(), f" {category} "]),
                "merchant": draw.choice(["  ACME Corp ", "Globex", " Umbrella Ltd"])
                + str(draw.randrange(100)),
                "email": f"User{draw.randrange(9999)}@{draw.choice(['Example.com', 'corp.EXAMPLE.com'])}",
                "bought_at": when,
                "signed_up_at": when - dt.timedelta(seconds=draw.randrange(86400 * 2000)),
            }
        )
    return made
