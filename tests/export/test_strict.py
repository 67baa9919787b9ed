"""Strict views from the cell to a delivered package: what the status of a null says there."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from package_runs import imported
from service_runs import Caller
from team_checks import mypy_says

import featurekit as fk

OWNER = "ann@example.com"
NOW = dt.datetime(2024, 6, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
MADE, OUTSIDE = "OUTSIDE_CONTRACT", "OUTSIDE_CONTRACT"
SALES = [
    {"customer_id": "a", "at": NOW - 3 * DAY, "amount": 3.0, "code": "12"},
    {"customer_id": "a", "at": NOW - DAY / 2, "amount": -1.0, "code": "x"},
    {"customer_id": "b", "at": NOW - DAY, "amount": None, "code": None},
    {"customer_id": "c", "at": NOW - 20 * DAY, "amount": 2.0, "code": "7"},
]
HOMES = [
    {"customer_id": "a", "moved": NOW - DAY, "rooms": "four"},
    {"customer_id": "b", "moved": NOW - DAY, "rooms": None},
    {"customer_id": "c", "moved": NOW - 9 * DAY, "rooms": "4"},
]
SPEND = """SELECT SUM(amount) OVER last_7d AS spent, STDDEV_SAMP(amount) OVER last_1d AS spread,
SUM(CAST(code AS BIGINT)) OVER last_1d AS codes, LN(MIN(amount) OVER last_7d) AS low,
COUNT(*) OVER last_1d / COUNT(*) OVER last_7d AS busy, LAST(code) OVER last_7d AS latest,
CAST(checkout.said AS BIGINT) / checkout.price AS per, COALESCE(LN(checkout.price), 0) AS calm
FROM sales"""
HOME = "SELECT CAST(homes.rooms AS BIGINT) AS rooms, UPPER(homes.rooms) AS loud FROM homes"
RESTS = """SELECT LN(spent) AS log_spent, spent / checkout.price AS ratio, low + 1 AS lower,
VOCAB(checkout.country, country) AS land FROM spend"""
WHOLE = "SELECT spent + 1 AS more, low + 1 AS lower FROM spend"


def workspace() -> fk.Workspace:
    """Return views over sales, homes and requests: strict ones, and one that is not above them."""
    pl.DataFrame(SALES).write_parquet("sales.parquet")
    pl.DataFrame(HOMES).write_parquet("homes.parquet")
    made = fk.Workspace("catalog")
    made.entity("customer", "customer_id:string")
    made.source("sales", "sales.parquet", entity="customer", time="at")
    made.source("homes", "homes.parquet", kind="snapshot", entity="customer", time="moved")
    made.source("checkout", kind="request", schema="price:double! said:string country:string")
    made.vocabulary("country", {"US": ["USA"]}, unknown="outside")
    made.feature("spend", SPEND, source="sales", owner=OWNER, strict=True)
    made.feature("home", HOME, source="homes", owner=OWNER, max_age="5d", strict=True)
    made.publish("spend")
    made.feature("rests", RESTS, source="spend", owner=OWNER, strict=True)
    made.feature("whole", WHOLE, source="spend", owner=OWNER)
    views = ("spend", "home", "rests", "whole")
    for name in views[1:]:
        made.publish(name)
    made.feature_set("all", [f"{name}@1" for name in views], owner=OWNER)
    return made


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[fk.Workspace, Path]]:
    before = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("shop"))
    try:
        made = workspace()
        made.export("all", to="service", service=True)
        yield made, Path("service").resolve()
    finally:
        os.chdir(before)


@pytest.fixture(scope="module")
def module(delivered: tuple[fk.Workspace, Path]) -> Iterator[Any]:
    with imported("all_features", delivered[1]) as found:
        yield found


def fed(module: Any) -> Any:
    features = module.Features()
    for source, rows in (("sales", SALES), ("homes", HOMES)):
        for row in rows:
            features.ingest(source, row)
    return features


def said(answer: Any) -> dict[str, str]:
    return {name: why.value for name, why in answer.status.items()}


A = {
    "spend__spent": "PRESENT",
    "spend__spread": MADE,  # of one value
    "spend__codes": MADE,  # of "x", which is no number
    "spend__low": MADE,  # the logarithm of -1
    "spend__busy": "PRESENT",
    "spend__latest": "PRESENT",
    "spend__per": "PRESENT",
    "spend__calm": "PRESENT",
    "home__rooms": MADE,  # "four" is no number
    "home__loud": "PRESENT",
    "rests__log_spent": "PRESENT",
    "rests__ratio": "PRESENT",
    "rests__lower": OUTSIDE,  # what it rests on is
    "rests__land": "PRESENT",
    "whole__more": "PRESENT",
    "whole__lower": OUTSIDE,
}
WITHOUT = {"spend__spent": "NULL", "spend__spread": "NULL", "spend__codes": "NULL"} | {
    "spend__low": "NULL", "spend__latest": "NULL", "home__rooms": "NULL", "home__loud": "NULL",
    "rests__log_spent": "NULL", "rests__ratio": "NULL", "rests__lower": "NULL",
    "whole__more": "NULL", "whole__lower": "NULL",
}  # fmt: skip
UNKNOWN = dict.fromkeys(WITHOUT, "NOT_FOUND") | {"spend__busy": MADE}


@pytest.mark.parametrize(
    ("customer", "request_", "expected"),
    [
        ("a", {}, A),
        ("a", {"price": 0.0}, {**A, "spend__per": MADE, "rests__ratio": MADE}),
        ("a", {"said": "two"}, {**A, "spend__per": MADE}),
        ("a", {"said": None}, {**A, "spend__per": "NULL"}),
        ("a", {"country": "Mars"}, {**A, "rests__land": OUTSIDE}),
        ("a", {"country": None}, {**A, "rests__land": "NULL"}),
        ("b", {}, {**dict.fromkeys(A, "PRESENT"), **WITHOUT}),
        (
            "c",  # nothing in any window, and a home of long ago
            {},
            {**dict.fromkeys(A, "PRESENT"), **WITHOUT, "spend__busy": MADE}
            | {"home__rooms": "STALE", "home__loud": "STALE"},
        ),
        ("nobody", {}, {**dict.fromkeys(A, "PRESENT"), **UNKNOWN}),
    ],
)
def test_a_null_made_of_values_is_outside_of_the_contract(
    module: Any, customer: str, request_: Mapping[str, Any], expected: Mapping[str, str]
) -> None:
    given = {"price": 2.0, "said": "5", "country": "USA", **request_}
    answer = fed(module).get({"customer_id": customer}, given, as_of=NOW)
    assert said(answer) == expected
    for name, value in answer.values.items():
        assert (value is not None) == (answer.status[name].value == "PRESENT")


def test_training_counts_them_apart_on_every_engine(delivered: tuple[fk.Workspace, Path]) -> None:
    spine = pl.DataFrame(
        {
            "customer_id": ["a", "b", "c", "nobody"],
            "asked_at": [NOW] * 4,
            "price": [0.0, 2.0, 2.0, 2.0],
            "said": ["5", None, "5", "5"],
            "country": ["USA"] * 4,
        }
    )
    for engine in ("polars", "duckdb"):
        report = delivered[0].training(spine, "all", time="asked_at", engine=engine).report
        causes = report.causes or {}
        outside = {name: one.outside for name, one in causes.items() if one.outside}
        assert outside == {
            "spend__spread": 1, "spend__codes": 1, "spend__low": 1, "spend__busy": 2,
            "spend__per": 1, "home__rooms": 1, "rests__ratio": 1, "rests__lower": 1,
            "whole__lower": 1,
        }, engine  # fmt: skip
        assert sum(one.made for one in causes.values()) == 0


def test_counters_the_batch_report_and_the_service_say_it(
    module: Any, delivered: tuple[fk.Workspace, Path], tmp_path: Path
) -> None:
    asked = {"price": 2.0, "said": "5", "country": "USA"}
    features = fed(module)
    features.get({"customer_id": "a"}, asked, as_of=NOW)
    breaches = sum(why == MADE for why in A.values())
    assert features.metrics().statuses[MADE] == breaches == 6

    from all_features.service import create_app

    call = Caller(create_app(features, clock=lambda: NOW))
    answer = call("POST", "/features", json={"entity": {"customer_id": "a"}, "request": asked})
    assert answer.status_code == 200
    assert answer.json()["status"] == A
    assert answer.json()["values"]["home__rooms"] is None
    counted = f'features_statuses_total{{status="OUTSIDE_CONTRACT"}} {2 * breaches}'
    assert counted in call("GET", "/metrics").text
    schema = call("GET", "/openapi.json").text
    assert "OUTSIDE_CONTRACT" in schema

    for name, rows in (("sales", SALES), ("homes", HOMES)):
        lines = (json.dumps(row, default=dt.datetime.isoformat) for row in rows)
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines))
    top = "customer_id,price,said,country,as_of"
    (tmp_path / "q.csv").write_text(f"{top}\na,2,5,USA,2024-06-12T00:00:00Z\n")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "all_features.batch", "q.csv", "out.csv", "--json"),
            *("--events", "sales=sales.jsonl", "--events", "homes=homes.jsonl"),
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(delivered[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (row,) = csv.DictReader((tmp_path / "out.csv").read_text().splitlines())
    assert {name: row[f"{name}__status"] for name in A} == A
    assert f'"{MADE}"' in done.stdout


def test_the_package_passes_its_own_tests_and_says_what_is_strict(
    delivered: tuple[fk.Workspace, Path],
) -> None:
    folder = delivered[1]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=folder,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
    vectors = folder / "tests/all_features/v1_0/vectors.jsonl"
    statuses = [json.loads(line).get("status", {}) for line in vectors.read_text().splitlines()]
    reached = {name for one in statuses for name, why in one.items() if why == MADE}
    # every aggregate answers whatever it holds, so a sum or a latest value is never made null
    assert reached == set(A) - {"spend__spent", "spend__latest", "spend__calm", "home__loud"} - {
        "whole__more"
    }
    readme = (folder / "all_features/README.md").read_text()
    assert "where a view is strict, here\n`home`, `spend`, `rests`, also" in readme
    assert "the owner of the view" in (folder / "all_features/RUNBOOK.md").read_text()


def test_it_is_typed(delivered: tuple[fk.Workspace, Path]) -> None:
    assert mypy_says(delivered[1], "all_features/v1_0") == ""
