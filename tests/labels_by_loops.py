"""Labels over made-up transactions, and what they are by loops over the events."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import polars as pl
from trade import OWNER, at, row

import featurekit as fk

CHURNED = """-- Whether nothing came, and what did.
SELECT
  COUNT(*) OVER next_2d = 0 AS gone,
  COUNT(*) OVER next_6h AS soon,
  SUM(amount) FILTER (WHERE status = 'settled') OVER next_1d_after_1d AS next_day,
  COALESCE(SUM(amount) OVER next_2d, 0) - COALESCE(SUM(amount) OVER last_2d, 0) AS grows_by,
  ELAPSED('second', AS_OF(), MIN(event_time) OVER next_2d) AS seconds_until
FROM transactions
"""
AHEAD = {"gone": 48, "soon": 6, "next_day": 48, "grows_by": 48, "seconds_until": 48}
NAMES = tuple(AHEAD)


def labelled(
    workspace: fk.Workspace, text: str = CHURNED, name: str = "churned", **more: Any
) -> Any:
    return workspace.label(name, text, source="transactions", owner=OWNER, **more)


def trade_rows(count: int = 40) -> list[dict[str, Any]]:
    """Return transactions over twenty days, many at equal times, some known only much later."""
    draw = random.Random(11)  # noqa: S311  made-up rows, the same every time
    rows = []
    for number in range(count):
        when = at(1) + dt.timedelta(hours=draw.randrange(24 * 20))
        late = dt.timedelta(days=draw.choice([0, 0, 0, 5]))
        rows.append(
            row(
                number,
                draw.choice("abc"),
                when,
                loaded_at=when + late,
                amount=draw.choice([None, 1.5, 20.25, -4.0]),
                status=draw.choice(["settled", "open"]),
            )
        )
    return rows


def questions(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Return moments at, just before and just after events and window edges, out of order."""
    moves = [0, 1, -1, *(n * 3_600_000_000 + d for n in (6, 24, 48) for d in (0, 1, -1))]
    asked = [
        (one["customer_id"], one["event_time"] - dt.timedelta(microseconds=move))
        for one in rows[::3]
        for move in moves
    ]
    asked += [("nobody", at(3)), (None, at(3)), ("a", None), ("b", at(19)), ("c", at(1))]
    schema = {"customer_id": pl.String, "asked_at": pl.Datetime("us", "UTC")}
    return pl.DataFrame(asked, schema=schema, orient="row")


def by_loops(rows: list[dict[str, Any]], spine: pl.DataFrame) -> pl.DataFrame:
    """Return the labels of CHURNED in straight loops over event times; nothing else is read."""
    last = max(one["event_time"] for one in rows)
    made = []
    for who, moment in spine.rows():
        answers: dict[str, Any] = dict.fromkeys(NAMES)
        if moment is not None:
            own = sorted(
                (one for one in rows if who is not None and one["customer_id"] == who),
                key=lambda one: one["event_time"],
            )

            def between(start: int, end: int, own: Any = own, moment: Any = moment) -> Any:
                low, high = (moment + dt.timedelta(hours=hours) for hours in (start, end))
                return [one for one in own if low <= one["event_time"] < high]

            def total(found: Any) -> Any:
                known = [one["amount"] for one in found if one["amount"] is not None]
                return sum(known) if known else None

            settled = [one for one in between(24, 48) if one["status"] == "settled"]
            first = next((one["event_time"] for one in between(0, 48)), None)
            answers = {
                "gone": not between(0, 48),
                "soon": len(between(0, 6)),
                "next_day": total(settled),
                "grows_by": (total(between(0, 48)) or 0.0) - (total(between(-48, 0)) or 0.0),
                "seconds_until": first and (first - moment).total_seconds(),
            }
            ripe = {name: moment + dt.timedelta(hours=AHEAD[name]) <= last for name in NAMES}
            answers = {name: answers[name] if ripe[name] else None for name in NAMES}
        made.append(answers)
    types = (pl.Boolean, pl.Int64, pl.Float64, pl.Float64, pl.Float64)
    return pl.DataFrame(
        [[one[name] for name in NAMES] for one in made],
        schema={f"label__churned__{n}": t for n, t in zip(NAMES, types, strict=True)},
        orient="row",
    )


def strayed(**more: Any) -> tuple[fk.Workspace, pl.DataFrame]:
    """Return a log of a month with one row dated fifty years later, and questions about it."""
    rows = [row(n, "ab"[n % 2], at(1) + dt.timedelta(hours=20 * n), amount=1.0) for n in range(30)]
    last = rows[-1]["event_time"]
    rows.append(row(30, "a", last.replace(year=2074)) | {"loaded_at": last})
    workspace = fk.Workspace(":memory:")
    workspace.entity("customer", "customer_id:string")
    frame = pl.DataFrame(rows)
    named: dict[str, Any] = {"entity": "customer", "time": "event_time"}
    workspace.source("transactions", frame, **named, **more)
    labelled(workspace, "SELECT COUNT(*) OVER next_2d AS n FROM transactions")
    moments = [at(3), last - dt.timedelta(days=1), last + dt.timedelta(days=400)]
    return workspace, pl.DataFrame({"customer_id": ["a"] * 3, "asked_at": moments})
