"""Rows and questions for ``grain_cases``: every edge matters in them."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from typing import Any

import polars as pl

from featurekit.datatypes import BIGINT, BOOLEAN, DOUBLE, VARCHAR
from featurekit.ir.definitions import Field
from featurekit.ir.windows import MICROSECOND

HOUR = 3_600_000_000
Rows = list[dict[str, Any]]


def moments() -> list[dt.datetime]:
    """Return moments around a change of the clock, some twice, some one microsecond apart."""
    start = dt.datetime(2024, 3, 9, 5, tzinfo=dt.UTC)
    hours = (0, 1, 2, 3, 20, 24, 25, 25.5, 26, 27, 48, 49, 50)
    near = [start + dt.timedelta(hours=h) for h in hours]
    return [*near, *(moment + MICROSECOND for moment in near[3:7]), near[4], near[4]]


def shop(seed: int = 7) -> dict[str, Rows]:
    """Return the rows of every source: ties, duplicates, late and future ones, nulls."""
    draw = random.Random(seed)  # noqa: S311  repeatable, not secret
    at = moments()

    def later(moment: dt.datetime) -> dt.datetime:
        return moment + draw.choice((0, 0, 1, 2, 30)) * HOUR * MICROSECOND

    payments: Rows = []
    for number in range(70):
        moment = draw.choice(at)
        row = {
            "customer": draw.choice(["ann", "ann", "bob", None]),
            "at": moment if draw.random() < 0.95 else None,
            "paid": draw.choice([0.5, 2.0, -1.25, 1e9, None]),
            "settled": draw.choice([True, True, False, None]),
            "merchant": draw.choice(["m1", "m2", "m3", None]),
            "known": later(moment),
            "number": number,
        }
        payments.append(row)
        if number % 9 == 0:
            payments.append({**row, "known": later(moment), "paid": 77.0})
    lines = [
        {
            "merchant": draw.choice(["m1", "m1", "m2", None]),
            "since": (since := draw.choice(at)),
            "kind": draw.choice(["food", "books", None]),
            "fee": draw.choice([0.25, 1.5, None]),
            "region": draw.choice(["north", "south", None]),
            "told": later(since),
            "line": line // 2,
        }
        for line in range(30)
    ]
    regions = [
        {"region": draw.choice(["north", "south"]), "since": draw.choice(at), "rate": rate / 4}
        for rate in range(9)
    ]
    customers = [
        {
            "customer": draw.choice(["ann", "bob"]),
            "moved": draw.choice(at),
            "region": draw.choice(["north", "south", None]),
            "active": draw.choice([True, False, None]),
        }
        for _ in range(12)
    ]
    for rows in (payments, lines, regions, customers):
        draw.shuffle(rows)
    return {
        "payments": payments,
        "merchants": lines,
        "regions": regions,
        "customers": customers,
    }


def spine(rows: Rows) -> Rows:
    """Return questions: every row itself, and each customer at each moment, some with nulls."""
    draw = random.Random(3)  # noqa: S311  repeatable, not secret
    asked: Rows = [{**row, "asked_at": row["at"]} for row in rows]
    for moment in moments():
        for who in ("ann", "bob", "eve"):
            asked.append({**draw.choice(rows), "customer": who, "at": moment, "asked_at": moment})
    asked += [
        {**asked[0], "customer": None},
        {**asked[1], "at": None, "asked_at": None},
        {**asked[2], "customer": "nobody"},
    ]
    for row in asked:
        row |= {"shop": draw.choice(["m1", "m2", "m9", None]), "amount": draw.choice([1.0, None])}
    return asked


_KINDS = {VARCHAR: pl.String, DOUBLE: pl.Float64, BOOLEAN: pl.Boolean, BIGINT: pl.Int64}


def frame(rows: Rows, fields: Sequence[Field]) -> pl.DataFrame:
    """Return ``rows`` as a frame of the fields' types."""
    schema = {f.name: _KINDS.get(f.type, pl.Datetime("us", "UTC")) for f in fields}
    return pl.DataFrame([{name: row[name] for name in schema} for row in rows], schema=schema)
