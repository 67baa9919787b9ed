"""A spine on Spark keeps the order of its rows, however it is stored and whoever reads it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from featurekit.datatypes import DATE, TIMESTAMP
from featurekit.ir.definitions import Field
from featurekit.training.spark_spine import PLACE, numbered
from featurekit.training.spark_tables import Table, opened, typed

ROWS = 60_000


@pytest.fixture
def eight(spark: Any) -> Any:
    before = spark.conf.get("spark.sql.shuffle.partitions")
    spark.conf.set("spark.sql.shuffle.partitions", "8")
    yield spark
    spark.conf.set("spark.sql.shuffle.partitions", before)


def _answers(spine: Any) -> list[int]:
    """Return the column ``n`` of rows that came in any order and were put in the spine's."""
    made = spine.ordered(spine.frame.orderBy("other"))
    return [row.n for row in made.select("n").collect()]


def _range(spark: Any, rows: int, parts: int) -> Table:
    frame = spark.range(0, rows, 1, parts).selectExpr("id AS n", "pmod(id * 7919, 1009) AS other")
    return Table(frame)


@pytest.mark.parametrize(
    ("rows", "parts", "pieces"), [(0, 1, 1), (1, 1, 1), (ROWS, 1, 6), (ROWS, 3, 6), (ROWS, 20, 8)]
)
def test_answers_come_in_the_order_of_the_spine(
    rows: int, parts: int, pieces: int, eight: Any
) -> None:
    spine = numbered(_range(eight, rows, parts), None)
    made = spine.ordered(spine.frame)
    held = made.selectExpr("spark_partition_id() AS p").groupBy("p").count().collect()
    assert _answers(spine) == list(range(rows))
    assert spine.pieces == pieces
    assert max([row["count"] for row in held], default=0) <= 2 * rows / pieces + 1


def test_a_spine_of_many_files_is_in_the_order_of_their_names(eight: Any, tmp_path: Path) -> None:
    # Spark reads the largest file first
    for name, first, last in (("a", 0, 10), ("b", 10, 20_000), ("c", 20_000, 20_500)):
        rows = pl.DataFrame({"n": range(first, last)}).with_columns(other=pl.col("n") * 7 % 101)
        rows.write_parquet(tmp_path / f"{name}.parquet")
    asked = opened(eight, "*.parquet", tmp_path, spine=True)
    assert asked.placed
    spine = numbered(asked, None)
    assert _answers(spine) == list(range(20_500))
    assert set(spine.frame.columns) == {"n", "other", "fk_moment", PLACE}


def test_one_file_says_nothing_of_where_its_rows_lie(eight: Any, tmp_path: Path) -> None:
    pl.DataFrame({"n": range(50), "other": [0] * 50}).write_parquet(tmp_path / "one.parquet")
    asked = opened(eight, "one.parquet", tmp_path, spine=True)
    assert (asked.placed, asked.frame.columns) == (False, ["n", "other"])
    assert _answers(numbered(asked, None)) == list(range(50))


def test_moments_are_read_as_utc_in_any_zone(elsewhere: Any) -> None:
    at = dt.datetime(2024, 3, 10, 2, 30, tzinfo=dt.UTC)  # no such clock reading in New York
    frame = elsewhere.createDataFrame(pl.DataFrame({"at": [at]}).to_arrow())
    made = numbered(Table(frame), "at").frame
    assert made.selectExpr("CAST(fk_moment AS STRING)").first()[0] == "2024-03-10 02:30:00"


def test_times_of_other_eras_are_null(elsewhere: Any) -> None:
    frame = elsewhere.sql(
        "SELECT timestamp_micros(n) AS at, date_add(DATE '0001-01-01', d) AS day FROM VALUES"
        " (-62135596800000000, 0), (-62135596800000001, -1),"
        " (253402300799999999, 3652058), (253402300800000000, 3652059) AS t(n, d)"
    )
    fields = (Field("at", TIMESTAMP), Field("day", DATE))
    made = typed(Table(frame), fields, None, "source 's'")
    found = made.selectExpr("CAST(at AS STRING)", "CAST(day AS STRING)").collect()
    assert [tuple(row) for row in found] == [
        ("0001-01-01 00:00:00", "0001-01-01"),
        (None, None),
        ("9999-12-31 23:59:59.999999", "9999-12-31"),
        (None, None),
    ]
