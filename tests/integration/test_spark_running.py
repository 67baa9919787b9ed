"""Windows over busy keys answer what the oracle means; here every key with two rows is busy."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from spark_rows import make_table, typed
from training_queries import Server, window_cases

from featurekit.backends import to_sql_bounds
from featurekit.backends.plan import Wanted
from featurekit.backends.to_sql_running import in_pairs, runs
from featurekit.datatypes import BIGINT, DOUBLE, TIMESTAMP, VARCHAR
from featurekit.ir.definitions import Entity, Field, Source, SourceKind
from featurekit.ir.nodes import Aggregate, Column, Literal
from featurekit.ir.view import Feature, Grain, View
from featurekit.ir.windows import LastRows, Rolling
from featurekit.ops.spark_running import RUNNING
from featurekit.training.spark_tables import DIALECT

SOME = [row for row in window_cases.every_aggregate() if row.name in RUNNING]
WINDOWS = ("last_2h", "last_3d_before_1d", "all_time", "calendar_2w", "today", "month_to_date")
VARIANTS = [window_cases.VARIANTS[place] for place in (2, 3, 5)]


@pytest.fixture
def server(spark: Any, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setattr(to_sql_bounds, "MANY", 1)
    monkeypatch.setattr(to_sql_bounds, "OFTEN", 1)
    return Server("spark", partial(make_table, spark), partial(typed, spark))


@pytest.mark.parametrize("group", range(len(VARIANTS)))
def test_windows_over_many_rows_answer_what_is_meant(group: int, server: Server) -> None:
    windows = WINDOWS[group :: len(VARIANTS)]
    assert server.over_windows(SOME[group :: len(VARIANTS)], VARIANTS[group], windows) == []


def test_the_latest_rows_are_found_on_a_line(server: Server) -> None:
    names = ("last", "count_rows", "median", "list_last")
    some = [row for row in window_cases.every_aggregate() if row.name in names]
    windows = ["last_1_rows", "last_3_rows", "last_2_rows_before_1"]
    assert server.over_windows(some, window_cases.VARIANTS[5], windows) == []


X = Column("events", "x", DOUBLE)
FIELDS = (Field("k", VARCHAR), Field("t", TIMESTAMP), Field("x", DOUBLE), Field("y", DOUBLE))
EVENTS = Source("events", SourceKind.EVENTS, FIELDS, ("e",), time="t")


def _view(**features: Aggregate) -> View:
    made = tuple(Feature(name, node) for name, node in features.items())
    return View("v", Grain.ENTITY, made, EVENTS, (Entity("e", FIELDS[:1]),))


def _of(function: str, *arguments: Any) -> Aggregate:
    return Aggregate(function, arguments, Rolling(3_600_000_000, 0), type=DOUBLE)


def test_values_that_are_all_the_same_do_not_spread_at_all(server: Server) -> None:
    # sums of 0.1 over unlike numbers of rows have means that differ in their last digit
    pair = (X, Column("events", "y", DOUBLE))
    nodes = {name: _of(name, X) for name in ("var_pop", "stddev_samp")}
    nodes |= {name: _of(name, *pair) for name in ("covar_pop", "covar_samp", "corr")}
    at = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    rows = [
        {"k": "a", "t": at + dt.timedelta(seconds=n * n), "x": 0.1, "y": float(n)}
        for n in range(60)
    ]
    asked = [{"k": "a", "asked_at": at + dt.timedelta(seconds=n * n + 1)} for n in range(4, 60)]
    wanted = [Wanted("v@1.0", "v", name, name) for name in nodes]
    spine = ({"k": VARCHAR, "asked_at": TIMESTAMP}, asked)
    got = server.answered(spine, {"v@1.0": _view(**nodes)}, {"events": rows}, wanted)
    found = {name: {row[name] for row in got} for name in nodes}
    assert found.pop("corr") == {None}
    assert set.union(*found.values()) == {0.0}


def test_few_of_the_latest_values_are_kept_by_parts() -> None:
    some = {n: _of("list_last", X, Literal(n, BIGINT)) for n in (1, 100, 101)}
    kept = [n for n, node in some.items() if runs(_view(last=node), node, DIALECT)]
    assert kept == [1, 100]


def test_what_meets_rows_pair_by_pair_is_named() -> None:
    latest = {f"latest_{n}": replace(_of("median", X), window=LastRows(n, 0)) for n in (100, 101)}
    view = _view(total=_of("sum_double", X), middle=_of("median", X), **latest)
    assert in_pairs(view, DIALECT) == ["middle", "latest_101"]
