"""Rows in hand, as-of joins and refreshes from the cell to a package whose own tests pass."""

from __future__ import annotations

import datetime as dt
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import featurekit as fk

OWNER = "ada@example.com"
START = dt.datetime(2024, 3, 1, tzinfo=dt.UTC)

CELLS: dict[str, tuple[str, dict[str, Any]]] = {
    "payment_risk": (
        """-- A payment as it is scored, among those before it.
        SELECT paid, paid / AVG(paid) OVER last_7d AS against_usual,
          COUNT(*) OVER (RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW) AS day_so_far,
          SUM(paid) OVER (ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS last_four,
          m.kind AS kind
        FROM payments LEFT JOIN merchants m USING (merchant_id)""",
        {"source": "payments", "entity": "customer", "per": "row", "max_age": "20d"},
    ),
    "food": (
        """SELECT COUNT(*) FILTER (WHERE m.kind = 'food') OVER last_30d AS food_30d,
          SUM(paid * fee) OVER last_7d_before_1d AS fees
        FROM payments LEFT JOIN merchants m USING (merchant_id)""",
        {"source": "payments", "entity": "customer", "delay": "5m"},
    ),
    "nightly": (
        "SELECT SUM(paid) OVER last_30d AS spent, LAST(paid) OVER last_3_rows AS n FROM payments",
        {"source": "payments", "entity": "customer", "fresh": "daily 02:30 Europe/London"},
    ),
}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> fk.Workspace:
    """Payments at merchants that change, and views of every grain over them."""
    monkeypatch.chdir(tmp_path)
    draw = random.Random(5)  # noqa: S311  made-up rows, the same every time

    def moment() -> dt.datetime:
        return START + dt.timedelta(minutes=draw.randrange(60 * 24 * 60))

    payments = [
        {
            "number": number,
            "customer_id": draw.choice("abc"),
            "merchant_id": draw.choice([1, 2, 3, None]),
            "at": (at := moment()),
            "known": at + dt.timedelta(minutes=draw.choice([0, 0, 1, 500])),
            "paid": draw.choice([1.5, -2.25, 10.0, None]),
        }
        for number in range(300)
    ]
    merchants = [
        {
            "merchant_id": draw.choice([1, 2]),
            "since": moment(),
            "kind": draw.choice(["food", "books", None]),
            "fee": draw.choice([0.25, 0.5]),
        }
        for _ in range(20)
    ]
    pl.DataFrame(payments).write_parquet("payments.parquet")
    pl.DataFrame(merchants).write_parquet("merchants.parquet")
    ws = fk.Workspace("catalog")
    ws.entity("customer", "customer_id:string")
    ws.entity("merchant", "merchant_id:int")
    ws.source("merchants", "merchants.parquet", kind="snapshot", entity="merchant", time="since")
    ws.source(
        "payments",
        "payments.parquet",
        entity=["customer", "merchant"],
        time="at",
        available="known",
        tie="number",
    )
    for name, (text, options) in CELLS.items():
        ws.feature(name, text, owner=OWNER, **options)
        ws.publish(name)
    ws.feature_set("grains", [f"{name}@1" for name in CELLS], owner=OWNER)
    return ws


def test_each_view_is_served_as_it_is_trained(shop: fk.Workspace) -> None:
    for name in CELLS:
        report = shop.parity(name, rows=200)
        assert report.held, report.worst
    rows = pl.read_parquet("payments.parquet").drop_nulls("merchant_id")
    asked = rows.rename({"known": "asked_at"})
    trained = shop.training_set(asked, "grains", time="asked_at")
    assert shop.served("grains", asked, time="asked_at").equals(trained)


def test_a_package_of_every_grain_passes_its_own_tests(shop: fk.Workspace, tmp_path: Path) -> None:
    made = shop.export("grains", to=tmp_path / "service")
    assert made.vectors > 100
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path / "service",
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
    assert shop.check_export(tmp_path / "service")["held"]
