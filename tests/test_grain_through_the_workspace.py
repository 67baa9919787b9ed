"""Views per row, frames, joins and refreshes from their cell to proven answers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from featurekit import Workspace
from featurekit.verbs.view_facts import of_diff, of_draft, of_lineage

START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
CELLS: dict[str, tuple[str, dict[str, str]]] = {
    "rows": (
        """SELECT amount, amount / AVG(amount) OVER last_30d AS share,
          SUM(number) OVER (ORDER BY paid_at) AS so_far, COUNT(*) OVER (ROWS 3 PRECEDING) AS few
        FROM payments""",
        {"per": "row"},
    ),
    "joined": (
        """SELECT COUNT(*) FILTER (WHERE m.kind = 'food') OVER last_7d AS food,
          MAX(m.fee) OVER (RANGE INTERVAL '9' DAY PRECEDING) AS fee
        FROM payments p LEFT JOIN merchants m ON m.merchant_id = p.merchant_id""",
        {},
    ),
    "joined_rows": (
        """SELECT m.kind, MAX(m.fee) OVER (ROWS 2 PRECEDING) AS fee
        FROM payments p LEFT JOIN merchants m ON m.merchant_id = p.merchant_id""",
        {"per": "row"},
    ),
    "joined_now": (
        """SELECT COUNT(*) FILTER (WHERE m.kind = 'food') OVER last_7d AS food
        FROM payments LEFT JOIN merchants m AS OF REQUEST USING (merchant_id)""",
        {},
    ),
    "matched": (
        "SELECT COUNT(*) OVER last_7d AS n FROM payments JOIN merchants USING (merchant_id)",
        {},
    ),
    "daily": (
        "SELECT MAX(amount) OVER last_7d AS most, COUNT(*) OVER today AS n FROM payments",
        {"fresh": "daily 02:00 Europe/London"},
    ),
    "asked": (
        "SELECT kind, basket * fee AS cost FROM checkout LEFT JOIN merchants USING (merchant_id)",
        {"max_age": "30d"},
    ),
    "mixed": (
        """SELECT m.kind AS asked_kind, COUNT(*) OVER last_7d AS n
        FROM payments LEFT JOIN merchants m ON m.merchant_id = checkout.merchant_id""",
        {},
    ),
    "derived": (
        "SELECT rows.so_far / daily.n AS ratio, joined_rows.fee FROM rows, daily, joined_rows",
        {},
    ),
}
USED = ("rows", "daily", "joined_rows")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, pl.DataFrame]:
    """Return a workspace with every cell defined, and its payments."""
    folder: Path = tmp_path_factory.mktemp("shop")
    payments = pl.DataFrame(
        {
            "number": range(300),
            "customer_id": [f"c{n * 7 % 8}" for n in range(300)],
            "merchant_id": [f"m{n * 5 % 6}" for n in range(300)],
            "paid_at": [START + dt.timedelta(hours=n * n % 997) for n in range(300)],
            "amount": [n % 13 / 4 for n in range(300)],
        }
    )
    merchants = pl.DataFrame(
        {
            "merchant_id": [f"m{n % 5}" for n in range(20)],
            "since": [START + dt.timedelta(days=2 * n) for n in range(20)],
            "kind": ["food" if n * n % 3 else "toys" for n in range(20)],
            "fee": [n / 8 for n in range(20)],
        }
    )
    payments.write_parquet(folder / "payments.parquet")
    merchants.write_parquet(folder / "merchants.parquet")
    made = Workspace(str(folder / "catalog"))
    made.entity("customer", "customer_id:string")
    made.entity("merchant", "merchant_id:string")
    paths = (str(folder / "payments.parquet"), str(folder / "merchants.parquet"))
    made.source("payments", paths[0], entity="customer", time="paid_at", tie="number")
    made.source("merchants", paths[1], entity="merchant", time="since", kind="snapshot")
    columns = {"merchant_id": "string", "basket": "double"}
    made.source("checkout", kind="request", schema=columns)
    for name, (text, options) in CELLS.items():
        made.feature(name, text, owner="risk@example.com", **options)
        if name in USED:
            made.publish(name)
    return made, payments


@pytest.mark.parametrize("name", CELLS)
def test_both_engines_and_the_served_code_answer_alike(
    shop: tuple[Workspace, pl.DataFrame], name: str
) -> None:
    workspace, payments = shop
    spine = payments.tail(120).with_columns(asked_at=pl.col("paid_at"), basket=pl.lit(2.0))
    by_polars, by_duckdb = (
        workspace.training_set(spine, name, time="asked_at", engine=engine)
        for engine in ("polars", "duckdb")
    )
    assert_frame_equal(by_polars, by_duckdb)
    answers = by_polars.select(pl.col(f"^{name}__.*$"))
    assert all(column.n_unique() > 1 for column in answers)
    report = workspace.parity(name, spine=spine.head(40), time="asked_at")
    assert (report.rows, report.differences) == (40, 0)


@pytest.mark.parametrize("name", CELLS)
def test_a_card_can_be_drawn(shop: tuple[Workspace, pl.DataFrame], name: str) -> None:
    workspace, _ = shop
    text, options = CELLS[name]
    draft = workspace.feature(name, text, owner="risk@example.com", **options)
    facts = of_draft(workspace, draft)
    (parity,) = [badge for badge in facts["badges"] if badge["label"] == "parity"]
    assert parity["level"] == "ok", parity
    assert facts["lineage"] == of_lineage(workspace, name)["lineage"]
    assert draft.package()


def test_only_columns_that_an_answer_rests_on_are_asked_for(
    shop: tuple[Workspace, pl.DataFrame],
) -> None:
    workspace, payments = shop
    spine = payments.select("customer_id", "paid_at", "number", "merchant_id")
    for engine in ("polars", "duckdb"):
        made = workspace.training_set(spine, ["rows:so_far", "rows:few"], engine=engine)
        assert made["rows__few"].max() == 4
    assert workspace.served("rows:few", spine)["rows__few"].equals(made["rows__few"])


def test_a_card_says_that_a_join_matches_seldom(shop: tuple[Workspace, pl.DataFrame]) -> None:
    workspace, _ = shop
    lints = of_draft(workspace, workspace.draft("joined"))["lints"]
    (found,) = [one["text"] for one in lints if one["code"] == "FKL10"]
    assert found.endswith("of the rows found a row of merchants as of their time")


def test_lineage_goes_through_joins(shop: tuple[Workspace, pl.DataFrame]) -> None:
    workspace, _ = shop
    lines = {one["feature"]: one["columns"] for one in of_lineage(workspace, "joined")["lineage"]}
    assert lines["food"] == ["merchants.kind", "payments.merchant_id"]
    assert lines["fee"] == ["merchants.fee", "payments.merchant_id"]


def test_a_diff_says_what_a_schedule_changes(shop: tuple[Workspace, pl.DataFrame]) -> None:
    workspace, _ = shop
    text, options = CELLS["daily"]
    workspace.feature("often", text, owner="risk@example.com", **options)
    workspace.publish("often")
    workspace.feature("often", text, owner="risk@example.com", fresh="every 15m")
    changes = {one["feature"]: one["change"] for one in of_diff(workspace, "often")["changes"]}
    assert changes["(freshness)"].startswith("daily 02:00 Europe/London: the answer of")
    assert "→ every 15m: " in changes["(freshness)"]
    assert "(fresh)" not in changes
