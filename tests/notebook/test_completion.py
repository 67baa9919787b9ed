"""Tab inside the magics: asked of a real kernel, the way a front end asks."""

from __future__ import annotations

import pytest
from kernel_session import Kernel


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("%fk ", ["build", "connect", "help", "status"]),
        ("%fk con", ["connect"]),
        ("%feature pub", ["publish"]),
        ("%source t data.parquet --av", ["--available"]),
        ("%source transactions data.parquet --time ev", ["event_time"]),
        ("%source t data.parquet --kind sn", ["snapshot"]),
        ("%%feature v --from tr", ["transactions"]),
        ("%%feature v --from transactions --entity cu", ["customer"]),
        ("%%feature v --from transactions --zone Europe/Lond", ["Europe/London"]),
        ("%%feature v --from transactions\nSELECT SUM(am", ["amount"]),
        ("%%feature v\nSELECT 1 FROM tr", ["transactions"]),
        ("%%feature v --from transactions\nSELECT SUM(amount) OVER last_3", ["last_30d"]),
        ("%%feature v --from transactions\nSELECT COAL", ["COALESCE"]),
        ("%%feature v --from transactions\nSELECT COUNT_", ["COUNT_IF"]),
        ('%%feature v --polars --from transactions\nx = pl.col("am', ["amount"]),
        ('%%feature v --polars --from transactions\nx = pl.len().over("last_3', ["last_30d"]),
        ("%%feature v --polars --from transactions\nx = pl.coal", ["pl.coalesce"]),
        ("%%feature v --polars --from transactions\nx = pl.col('a').dro", [".drop_nulls"]),
        ("%%feature v --polars --from transactions\nx = fk.hash_b", ["fk.hash_bucket"]),
        ("%%label v --from transactions --ah", ["--ahead"]),
        ("%%label v --from transactions\nSELECT SUM(amount) OVER ne", ["next_30d"]),
        ("%%label v --from transactions\nSELECT SUM(am", ["amount"]),
        ("x = 1\n%entity customer customer_id:string\n%catalog --ta", ["--tag"]),
    ],
)
def test_tab_offers_what_can_stand_there(defined: Kernel, typed: str, offered: list[str]) -> None:
    found = defined.complete(typed)
    assert [name for name in offered if name not in found] == []


def test_a_flag_that_is_written_already_is_not_offered_again(defined: Kernel) -> None:
    found = defined.complete("%source t data.parquet --time event_time --t")
    assert found == ["--tie"]


def test_python_cells_are_left_alone(defined: Kernel) -> None:
    assert "transactions" not in defined.complete("transac")
    assert defined.complete("import zoneinf") == ["zoneinfo"]


def test_without_a_catalog_nothing_is_offered_and_nothing_fails(session: Kernel) -> None:
    session.run("open('catalog', 'w').close()")
    assert "transactions" not in session.complete("%%feature v --from tr")
