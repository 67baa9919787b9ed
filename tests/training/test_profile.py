"""Profiles: one line of facts for a column of any type."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from featurekit.training.profile import BINS, profile

INF, NAN = float("inf"), float("nan")


def test_numbers_are_counted_in_bins_of_equal_width() -> None:
    (facts,) = profile(pl.DataFrame({"x": [*range(12), None]}), ["x"])
    assert facts == {
        "name": "x",
        "type": "BIGINT",
        "rows": 13,
        "nulls": 1,
        "distinct": 12,
        "min": 0,
        "median": 5.5,
        "max": 11,
        "shape": [1] * 12,
    }


def test_what_is_not_finite_counts_as_a_value_but_has_no_place() -> None:
    (facts,) = profile(pl.DataFrame({"x": [1.0, NAN, INF, -INF, 3.0, None]}), ["x"])
    assert (facts["distinct"], facts["nulls"]) == (5, 1)
    assert (facts["min"], facts["median"], facts["max"]) == (1.0, 2.0, 3.0)
    assert sum(facts["shape"]) == 2


def test_the_widest_range_has_a_shape() -> None:
    (facts,) = profile(pl.DataFrame({"x": [-1.7e308, 0.0, 1.7e308]}), ["x"])
    assert (facts["shape"][0], facts["shape"][-1], sum(facts["shape"])) == (1, 1, 3)


def test_texts_show_their_most_frequent_values() -> None:
    words = ["b"] * 3 + ["a"] * 5 + [chr(ord("c") + n) for n in range(20)] + [None]
    (facts,) = profile(pl.DataFrame({"x": words}), ["x"])
    assert (facts["min"], facts["median"], facts["max"]) == ("a", None, "v")
    assert facts["shape"] == [5, 3, *[1] * (BINS - 2)]


def test_times_have_a_middle_that_is_one_of_them() -> None:
    days = [dt.date(2024, 1, day) for day in (1, 2, 9, 31)]
    moments = [dt.datetime(2024, 1, 1, hour, tzinfo=dt.UTC) for hour in (1, 2, 3, 4)]
    frame = pl.DataFrame({"d": days, "t": moments})
    day, moment = profile(frame, ["d", "t"])
    assert (day["type"], day["median"]) == ("DATE", dt.date(2024, 1, 2))
    assert (moment["type"], moment["median"]) == ("TIMESTAMP", moments[1])
    assert sum(day["shape"]) == sum(moment["shape"]) == 4


def test_decimals_and_booleans_have_facts() -> None:
    frame = pl.DataFrame(
        {
            "m": pl.Series([Decimal("1.50"), Decimal("2.50")], dtype=pl.Decimal(10, 2)),
            "b": [True, None],
        }
    )
    money, flag = profile(frame, ["m", "b"])
    assert (money["type"], money["min"], money["max"]) == (
        "DECIMAL(10,2)",
        Decimal("1.50"),
        Decimal("2.50"),
    )
    assert (flag["type"], flag["nulls"], flag["shape"]) == ("BOOLEAN", 1, [1])


@pytest.mark.parametrize("dtype", [pl.Int64, pl.Float64, pl.String, pl.Boolean, pl.Date])
def test_a_column_without_values_has_no_range(dtype: type[pl.DataType]) -> None:
    for values in ([], [None, None]):
        (facts,) = profile(pl.DataFrame({"x": pl.Series(values, dtype=dtype)}), ["x"])
        assert (facts["rows"], facts["nulls"], facts["distinct"]) == (len(values), len(values), 0)
        assert (facts["min"], facts["median"], facts["max"], facts["shape"]) == (
            None,
            None,
            None,
            [],
        )


def test_one_value_is_one_bin_and_columns_keep_their_order() -> None:
    frame = pl.DataFrame({"a": [7, 7], "b": ["x", "y"]})
    assert [facts["name"] for facts in profile(frame, ["b", "a"])] == ["b", "a"]
    assert profile(frame, ["a"])[0]["shape"] == [2]
    assert profile(frame, []) == ()


def test_of_a_list_its_length_is_measured() -> None:
    frame = pl.DataFrame({"x": [["a", "b", "c"], ["a"], None, ["a"]]})
    (facts,) = profile(frame, ["x"])
    assert (facts["type"], facts["nulls"], facts["distinct"]) == ("LIST<VARCHAR>", 1, 2)
    assert (facts["min"], facts["median"], facts["max"]) == (1, 1.0, 3)
    assert (facts["shape"][0], facts["shape"][-1], sum(facts["shape"])) == (2, 1, 3)
