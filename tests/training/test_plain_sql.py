"""A view per row is the plain SQL query over its source: the same text, run by DuckDB."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

import duckdb
import polars as pl
import pytest

import featurekit as fk

CELL = """
SELECT
  paid AS paid,
  UPPER(shop) AS shop_name,
  paid - AVG(paid) OVER (PARTITION BY customer ORDER BY bought_at
      RANGE BETWEEN INTERVAL 1 DAY PRECEDING AND CURRENT ROW) AS above,
  SUM(price) OVER (PARTITION BY customer ORDER BY bought_at
      RANGE BETWEEN INTERVAL 6 HOUR PRECEDING AND CURRENT ROW) AS spent,
  SUM(price) FILTER (WHERE settled) OVER (PARTITION BY customer ORDER BY bought_at
      RANGE BETWEEN INTERVAL 1 DAY PRECEDING AND CURRENT ROW) AS settled,
  COUNT(*) OVER (PARTITION BY customer ORDER BY bought_at
      RANGE BETWEEN INTERVAL 2 HOUR PRECEDING AND INTERVAL 1 HOUR PRECEDING) AS hour_before,
  COUNT(*) FILTER (WHERE shop = 'b' AND paid > 1) OVER (PARTITION BY customer ORDER BY bought_at
      RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS of_b,
  COUNT(DISTINCT shop) OVER (PARTITION BY customer ORDER BY bought_at
      RANGE BETWEEN INTERVAL 1 DAY PRECEDING AND CURRENT ROW) AS shops,
  MAX(paid) OVER (PARTITION BY customer ORDER BY bought_at
      ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS most_of_four,
  MIN(paid) FILTER (WHERE NOT settled) OVER (PARTITION BY customer ORDER BY bought_at
      ROWS BETWEEN 9 PRECEDING AND CURRENT ROW) AS least_open,
  COUNT(paid) OVER (PARTITION BY customer ORDER BY bought_at
      ROWS BETWEEN 5 PRECEDING AND 2 PRECEDING) AS some_before,
  SUM(price) OVER (PARTITION BY customer ORDER BY bought_at
      RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL 3 HOUR PRECEDING) AS long_ago,
  MEDIAN(paid) OVER (PARTITION BY customer ORDER BY bought_at
      RANGE BETWEEN INTERVAL 1 DAY PRECEDING AND CURRENT ROW) AS middle
FROM payments
"""
COLUMNS = """customer VARCHAR, bought_at TIMESTAMPTZ, number BIGINT, paid DOUBLE,
price DECIMAL(9, 2), settled BOOLEAN, shop VARCHAR"""


def payments(seed: int) -> pl.DataFrame:
    """Return rows in any order, no two of a customer at one moment; sums of ``paid`` are exact."""
    draw = random.Random(seed)  # noqa: S311  repeatable, not secret
    start = dt.datetime(2024, 3, 9, tzinfo=dt.UTC)
    rows = []
    for customer in ("ann", "bob", "eve"):
        steps = draw.sample(range(4 * 24 * 4), 120 if customer != "eve" else 1)
        for step in steps:  # quarters of an hour, so that rows lie on the edges of frames
            at = start + dt.timedelta(minutes=15 * step, microseconds=draw.choice((-1, 0, 0, 1)))
            price = Decimal(draw.randint(-900, 900)).scaleb(-2)
            settled = draw.choice((True, False, None))
            paid = draw.choice((None, 0.5, 2.0, 7.25))
            rows.append((customer, at, len(rows), paid, price, settled, draw.choice("abc")))
    draw.shuffle(rows)
    moment = pl.Datetime("us", "UTC")
    kinds = [pl.String, moment, pl.Int64, pl.Float64, pl.Decimal(9, 2), pl.Boolean, pl.String]
    names = [line.split()[0] for line in COLUMNS.replace("(9, 2)", "").split(",")]
    return pl.DataFrame(rows, schema=dict(zip(names, kinds, strict=True)), orient="row")


@pytest.mark.parametrize("seed", range(5))
def test_a_view_per_row_is_its_text_run_over_the_source(seed: int) -> None:
    rows = payments(seed)
    assert rows.select("customer", "bought_at").is_duplicated().sum() == 0
    workspace = fk.Workspace(":memory:")
    workspace.entity("customer", "customer:string")
    workspace.source("payments", rows, entity="customer", time="bought_at")
    workspace.feature("scored", CELL, per="row", owner="a@example.com")
    trained = workspace.training_set(rows, "scored").sort("number")
    answers = trained.select(name for name in trained.columns if name.startswith("scored__"))
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        database.execute(f"CREATE TABLE payments ({COLUMNS})")
        database.executemany("INSERT INTO payments VALUES (?, ?, ?, ?, ?, ?, ?)", rows.rows())
        meant = database.sql(CELL.replace("FROM", ", number FROM")).order("number").fetchall()
    assert answers.rows() == [row[:-1] for row in meant]
    for name in answers.columns:
        assert answers[name].n_unique() > 2, f"{name} is always the same"
