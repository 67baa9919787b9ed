"""A made-up shop floor: readings that come late and twice, visits without a tie, states joined."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import polars as pl

import featurekit as fk

OWNER = "ada@example.com"
START = dt.datetime(2024, 3, 1, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
DAYS = 40

HEAT = """SELECT SUM(heat) OVER last_3d AS heat_3d, MAX(heat) OVER last_12h AS hottest,
  COUNT(*) FILTER (WHERE s.state = 'on') OVER last_2d AS on_2d,
  LAST(heat) OVER last_2_rows AS latest
FROM readings LEFT JOIN states s USING (line)"""
ROUNDS = "SELECT COUNT(*) OVER last_5d AS rounds_5d, LAST(who) OVER last_5d AS who FROM rounds"
STATE = "SELECT state FROM states"


def readings(draw: random.Random, number: int) -> list[dict[str, Any]]:
    """Return readings of machines: some late, some twice, some without a line or a heat."""
    made = []
    for count in range(number):
        at = START + draw.randrange(DAYS * 24 * 60) * dt.timedelta(minutes=1)
        reading = {
            "machine": draw.choice(["m1", "m2", "m3", "ß4", None]),
            "line": draw.choice(["a", "b", None]),
            "heat": draw.choice([1.5, -0.0, 20.25, None, float("nan")]),
            "at": at if draw.random() < 0.97 else None,
            "known": at + draw.choice([0, 0, 0, 1, 30, 24 * 6]) * HOUR,
            "number": count // 2 if draw.random() < 0.2 else 10_000 + count,
        }
        made += [reading] * draw.choice([1, 1, 1, 2])
    return made


def rounds(draw: random.Random, number: int) -> list[dict[str, Any]]:
    """Return visits of people, of which each delivery counts."""
    made = []
    for _ in range(number):
        at = START + draw.randrange(DAYS * 24) * HOUR
        visit = {"machine": draw.choice(["m1", "m2", "m3"]), "at": at, "who": draw.choice("xyz")}
        made += [visit] * draw.choice([1, 1, 3])
    return made


def states(draw: random.Random, number: int) -> list[dict[str, Any]]:
    """Return states of lines, which seldom change."""
    return [
        {
            "line": draw.choice("ab"),
            "at": START + draw.randrange(DAYS * 24) * HOUR,
            "state": draw.choice(["on", "off"]),
        }
        for _ in range(number)
    ]


SCHEMAS: dict[str, dict[str, Any]] = {
    "readings": {
        "machine": pl.String,
        "line": pl.String,
        "heat": pl.Float64,
        "at": pl.Datetime("us", "UTC"),
        "known": pl.Datetime("us", "UTC"),
        "number": pl.Int64,
    },
    "rounds": {"machine": pl.String, "at": pl.Datetime("us", "UTC"), "who": pl.String},
    "states": {"line": pl.String, "at": pl.Datetime("us", "UTC"), "state": pl.String},
}


def floor(seed: int = 1, number: int = 600) -> dict[str, pl.DataFrame]:
    """Return the rows of all sources."""
    draw = random.Random(seed)  # noqa: S311  a reproducible draw, not a secret
    rows = {
        "readings": readings(draw, number),
        "rounds": rounds(draw, number // 4),
        "states": states(draw, number // 10),
    }
    return {name: pl.DataFrame(made, schema=SCHEMAS[name]) for name, made in rows.items()}


def write(rows: dict[str, pl.DataFrame], folder: Path) -> None:
    """Write the sources' files."""
    for name, frame in rows.items():
        frame.write_parquet(folder / f"{name}.parquet")


def workspace(folder: Path, rows: dict[str, pl.DataFrame]) -> fk.Workspace:
    """Return a workspace whose catalog and files lie in ``folder``, with a set ``floor``."""
    write(rows, folder)
    ws = fk.Workspace(folder / "catalog", clock=lambda: "2024-06-01T00:00:00+00:00")
    ws.entity("machine", "machine:string")
    ws.entity("line", "line:string")
    ws.source(
        "readings",
        "readings.parquet",
        entity=["machine", "line"],
        time="at",
        available="known",
        tie="number",
    )
    ws.source("rounds", "rounds.parquet", entity="machine", time="at")
    ws.source("states", "states.parquet", entity="line", time="at", kind="snapshot")
    for name, text, source, entity in (
        ("heat", HEAT, "readings", "machine"),
        ("rounds_of", ROUNDS, "rounds", "machine"),
        ("state_of", STATE, "states", "line"),
    ):
        ws.feature(name, text, source=source, entity=entity, owner=OWNER)
        ws.publish(name)
    ws.feature_set("floor", ["heat@1", "rounds_of@1"], owner=OWNER)
    return ws
