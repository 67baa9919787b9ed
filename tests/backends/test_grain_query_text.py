"""The training query's text for rows in hand, as-of joins and refreshes: golden, and as meant."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from shop_cells import NOW, Cell, questions, rows, views_of, wanted_of
from test_training_query_text import GOLDEN, sources, spine

from featurekit.backends.to_sql import training_query
from featurekit.ir.windows import MICROSECOND
from featurekit.parity.compare import answers, compare
from featurekit.training.duckdb_engine import duckdb_answers
from featurekit.training.oracle import naive

_JOINED = """SELECT COUNT(*) FILTER (WHERE now.checked) OVER last_30d AS at_checked,
COUNT(DISTINCT was.street) OVER last_30d AS streets
FROM payments LEFT JOIN addresses was USING (customer_id)
LEFT JOIN addresses now AS OF REQUEST USING (customer_id)"""
CELLS = (
    Cell(
        "row_in_hand",
        (
            (
                "payment",
                """SELECT amount / AVG(amount) OVER last_30d AS ratio,
                SUM(amount) OVER (ROWS 2 PRECEDING) AS latest,
                COUNT(*) OVER (RANGE INTERVAL 1 DAY PRECEDING) AS payments, street
                FROM payments LEFT JOIN addresses USING (customer_id)""",
                {"per": "row", "max_age": "30d"},
            ),
        ),
    ),
    Cell("joined_then_and_now", (("at_home", _JOINED, {"delay": "5m"}),)),
    Cell(
        "refreshed",
        (
            (
                "nightly",
                """SELECT COUNT(*) OVER all_time AS payments,
                SUM(amount) OVER month_to_date AS spent, AS_OF() AS refreshed FROM payments""",
                {"fresh": "daily 02:30 America/New_York", "zone": "America/New_York"},
            ),
            ("address", "SELECT street FROM addresses", {"fresh": "every 6h"}),
        ),
    ),
)


def asked() -> list[dict[str, Any]]:
    """Return the shop's questions, each about a payment, too."""
    made = []
    for number, question in enumerate(questions()):
        happened = None if number % 9 == 0 else NOW - (number % 4) * MICROSECOND
        made.append({**question, "happened": happened})
    return made


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
@pytest.mark.parametrize("case", CELLS, ids=lambda case: case.name)
def test_the_query_is_the_golden_one(case: Cell, dialect: str) -> None:
    views = views_of(case)
    made = training_query(wanted_of(views), views, dialect, "asked_at")
    file: Path = GOLDEN / case.name / f"{dialect}.sql"
    if os.environ.get("FEATUREKIT_GOLDEN") == "write":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(made, encoding="utf-8")
    assert made == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CELLS, ids=lambda case: case.name)
def test_the_golden_text_answers_what_is_meant(case: Cell) -> None:
    views, made, given = views_of(case), rows(), asked()
    wanted = wanted_of(views)
    schema: Mapping[str, Any] = {**spine().schema, "happened": pl.Datetime("us", "UTC")}
    frame = pl.DataFrame(given, schema=schema)
    got = duckdb_answers(frame, wanted, views, sources(views, made), time="asked_at")
    meant = naive(given, wanted, views, made, "asked_at")
    found = compare(meant, got.to_dicts(), answers(wanted, views))
    assert [f"{d.row} {d.column}: {d.expected!r}, got {d.got!r}" for d in found] == []
    for one in wanted:
        assert len({repr(row[one.column]) for row in meant}) > 1, one.column
