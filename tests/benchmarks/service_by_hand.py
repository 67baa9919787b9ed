"""The service that a careful engineer writes by hand with FastAPI: the yardstick of bench_service.

python tests/benchmarks/service_by_hand.py PORT memory|redis
"""

from __future__ import annotations

import datetime as dt
import sys
from bisect import bisect_left, insort
from typing import Annotated, Any

import uvicorn
from fastapi import FastAPI
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

PREFIX = "featurekit:bench:hand"
UTC = dt.UTC


class Strict(BaseModel):
    """Nothing else may come."""

    model_config = ConfigDict(extra="forbid")


class Payment(Strict):
    """An event."""

    customer_id: str
    amount: float | None
    happened: AwareDatetime
    number: int


class Entity(Strict):
    """Whom it is about."""

    customer_id: str


class Basket(Strict):
    """What is known now."""

    amount: float
    items: Annotated[int, Field(ge=-(2**63), lt=2**63)]
    country: str | None


class Question(Strict):
    """A question."""

    entity: Entity
    request: Basket
    as_of: AwareDatetime | None = None


def answered(rows: list[tuple[float, float | None]], asked: Basket, now: float) -> dict[str, Any]:
    """Return the features of a sorted history."""
    values: dict[str, Any] = {}
    end = bisect_left(rows, (now,))
    for days in (7, 30):
        start = bisect_left(rows, (now - days * 86400.0,), hi=end)
        paid = [amount for _, amount in rows[start:end] if amount is not None]
        values[f"spend__sum_{days}d"] = sum(paid) if paid else None
        values[f"spend__times_{days}d"] = end - start
        values[f"spend__most_{days}d"] = max(paid, default=None)
    values["basket__per_item"] = asked.amount / asked.items if asked.items else None
    values["basket__large"] = asked.amount > 100
    values["basket__domestic"] = asked.country == "US" if asked.country is not None else None
    values["basket__cents"] = asked.amount * 100
    return values


class InMemory:
    """Histories in a dictionary."""

    def __init__(self) -> None:
        self._rows: dict[str, list[tuple[float, float | None]]] = {}

    def keep(self, event: Payment) -> None:
        """Add a row."""
        rows = self._rows.setdefault(event.customer_id, [])
        insort(rows, (event.happened.timestamp(), event.amount))

    def history(self, customer: str) -> list[tuple[float, float | None]]:
        """Return a history, sorted."""
        return self._rows.get(customer, [])


class InRedis:
    """Histories in sorted sets."""

    def __init__(self) -> None:
        import redis

        self._redis: Any = redis.Redis(host="127.0.0.1", port=6379, db=13)

    def keep(self, event: Payment) -> None:
        """Add a row."""
        said = "" if event.amount is None else repr(event.amount)
        member = f"{event.number}:{said}"
        self._redis.zadd(f"{PREFIX}:{event.customer_id}", {member: event.happened.timestamp()})

    def history(self, customer: str) -> list[tuple[float, float | None]]:
        """Return a history, sorted."""
        rows = self._redis.zrange(f"{PREFIX}:{customer}", 0, -1, withscores=True)
        split = ((member.partition(b":")[2], at) for member, at in rows)
        return [(at, float(said) if said else None) for said, at in split]


def answer(store: InMemory | InRedis, question: Question) -> dict[str, Any]:
    """Return the answer to a question."""
    as_of = question.as_of or dt.datetime.now(UTC)
    rows = store.history(question.entity.customer_id)
    values = answered(rows, question.request, as_of.timestamp())
    gone = "NULL" if rows else "NOT_FOUND"
    status = {name: "PRESENT" if v is not None else gone for name, v in values.items()}
    moment = as_of.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    return {"version": "1.0", "as_of": moment, "values": values, "status": status}


def application(store: InMemory | InRedis) -> FastAPI:
    """Return the service; what waits for Redis runs in a thread."""
    app = FastAPI()
    if isinstance(store, InMemory):

        @app.post("/features")
        async def features(question: Question) -> dict[str, Any]:
            return answer(store, question)

    else:

        @app.post("/features")
        def features_of_redis(question: Question) -> dict[str, Any]:
            return answer(store, question)

    @app.post("/ingest/payments", status_code=204)
    def ingest(event: Payment) -> None:
        store.keep(event)

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "alive"}

    return app


if __name__ == "__main__":
    chosen = InRedis() if sys.argv[2] == "redis" else InMemory()
    uvicorn.run(application(chosen), port=int(sys.argv[1]), access_log=False, log_level="warning")
