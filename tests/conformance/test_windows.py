"""Every aggregate over every window, for every way rows become known: engine against oracle."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from window_cases import (
    COLUMNS,
    VARIANTS,
    WINDOWS,
    Variant,
    both,
    events,
    every_aggregate,
    numbers,
    spine,
    view,
)

from featurekit.ops import AggregateFunction, Fading, Moments, Ranked
from featurekit.ops.bounds import agree
from featurekit.training import sweeps

_ROWS = {variant.name: events(3, wild=variant.wild) for variant in VARIANTS}


def _differences(
    row: AggregateFunction, rows: list[dict[str, Any]], made: list[Any], meant: list[Any]
) -> list[str]:
    found = []
    for got, want in zip(made, meant, strict=True):
        for column in [name for name in want if "__" in name]:
            own = [r for r in rows if r["customer"] == want["customer"]]
            values = numbers(row, column.partition("__")[2], own)
            if not agree(row.bound, values, got[column], want[column]):
                where = f"{column} of {want['customer']} at {want['asked_at']}"
                found.append(f"{where}: got {got[column]!r}, means {want[column]!r}")
    return found


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: v.name)
@pytest.mark.parametrize("row", every_aggregate(), ids=lambda row: row.name)
def test_the_engine_answers_what_the_oracle_means(row: AggregateFunction, variant: Variant) -> None:
    rows = _ROWS[variant.name]
    one = view(row, variant, WINDOWS)
    assert one.features, f"{row.name} has no argument to try"
    made, meant = both(one, rows, spine())
    assert _differences(row, rows, made, meant) == []


_SWEPT = [
    row
    for row in every_aggregate()
    if getattr(row.lift, "ranges", None) in sweeps.FOLDED
    or isinstance(row.lift, Ranked | Moments | Fading)
]


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: v.name)
@pytest.mark.parametrize("row", _SWEPT, ids=lambda row: row.name)
def test_sweeps_answer_what_the_oracle_means(
    row: AggregateFunction, variant: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = _ROWS[variant.name]
    one = view(row, variant, WINDOWS)
    without, meant = both(one, rows, spine())
    monkeypatch.setattr(sweeps, "LEAST", 0)
    swept = Counter[str]()

    def counted(name: str, fold: Callable[..., Any], *given: Any) -> Any:
        swept.update([name])
        return fold(*given)

    for name in ("extremes", "added"):
        monkeypatch.setattr(sweeps, name, partial(counted, name, getattr(sweeps, name)))
    made, _ = both(one, rows, spine())
    assert _differences(row, rows, made, meant) == []
    if isinstance(row.lift, Moments | Fading):  # sums and spreads are the same to the last bit
        assert repr(made) == repr(without)
    assert _differences(row, rows, made, without) == []
    # quantiles are swept over elsewhere, and only where no rows are late
    assert swept or isinstance(row.lift, Ranked), f"{row.name} was not swept over"


def test_the_histories_exercise_every_window() -> None:
    count = next(row for row in every_aggregate() if row.name == "count_rows")
    for variant in VARIANTS:
        made, _ = both(view(count, variant, WINDOWS), _ROWS[variant.name], spine())
        for name in WINDOWS:
            counts = {row[f"count_rows__{name}_all"] for row in made}
            assert len(counts) > 1, f"{name} always sees {counts} rows when {variant.name}"


_MOMENT = st.integers(0, 40).map(
    lambda n: (
        dt.datetime(2024, 3, 9, tzinfo=dt.UTC) + dt.timedelta(hours=n // 4, microseconds=n % 4)
    )
)
_EVENT = st.fixed_dictionaries(
    {
        "customer": st.sampled_from(["ann", "bob", None]),
        "at": st.none() | _MOMENT,
        "double": st.none() | st.floats(-5, 5),
        "bigint": st.none() | st.integers(-3, 3),
        "flag": st.none() | st.booleans(),
        "known": st.none() | _MOMENT,
        "number": st.none() | st.integers(0, 3),
    }
).map(lambda row: {**dict.fromkeys(COLUMNS), **row})


@settings(max_examples=40, deadline=None, database=None, derandomize=True)
@given(
    rows=st.lists(_EVENT, max_size=25),
    asked=st.lists(
        st.fixed_dictionaries(
            {
                "customer": st.sampled_from(["ann", "bob", "eve", None]),
                "asked_at": st.none() | _MOMENT,
            }
        ),
        max_size=6,
    ),
    variant=st.sampled_from(VARIANTS),
    name=st.sampled_from(["count_rows", "first", "last", "sum_double", "count_distinct"]),
)
def test_any_history_is_answered_as_it_is_meant(
    rows: list[dict[str, Any]], asked: list[dict[str, Any]], variant: Variant, name: str
) -> None:
    row = next(row for row in every_aggregate() if row.name == name)
    windows = ("last_2h", "today", "last_1h_before_1h", "last_2_rows", "all_time")
    made, meant = both(view(row, variant, windows), rows, asked)
    assert _differences(row, rows, made, meant) == []
