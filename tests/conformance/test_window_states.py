"""Window states of packages: every aggregate over every window, rows in any order, at any time."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from package_runs import running
from state_cases import Served, arrivals, differences, spec_of, with_the_row_in_hand
from window_cases import (
    COLUMNS,
    VARIANTS,
    WINDOWS,
    Variant,
    events,
    every_aggregate,
    moments,
    spine,
    view,
    wanted_of,
)

from featurekit.datatypes import DOUBLE, TIMESTAMP, VARCHAR
from featurekit.ir.definitions import Entity, Field, Source, SourceKind
from featurekit.ir.nodes import Aggregate, Column
from featurekit.ir.view import Feature, Grain, View
from featurekit.ir.windows import parse_window
from featurekit.training.oracle import naive

Serve = Callable[..., Served]
FEW = ("last_3d_before_1d", "calendar_1d", "last_3_rows")
FOLDED = ("sum_double", "max_double", "min", "var_pop", "median", "mode_double", "sum_decimal")
FOLDED += ("sum_bigint", "count_distinct_double", "streak_double", "list_last", "avg_double")
GRAINS = [Grain.ENTITY, Grain.ROW]


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Packages by variant, grain and windows, each rendered once; states are new for each test."""
    packages: dict[Any, tuple[Any, list[View]]] = {}
    with ExitStack() as stack:

        def of(
            variant: Variant, grain: Grain, windows: tuple[str, ...], only: tuple[str, ...] = ()
        ) -> Served:
            key = (variant, grain, windows, only)
            if key not in packages:
                rows = [row for row in every_aggregate() if not only or row.name in only]
                made = [view(row, variant, windows) for row in rows]
                views = [replace(one, name=f"the_{one.name}") for one in made]
                if grain is Grain.ROW:
                    views = [with_the_row_in_hand(one) for one in views]
                name = f"every_{len(packages)}"
                folder: Path = tmp_path_factory.mktemp(name)
                module = stack.enter_context(running(spec_of(views, name), folder))
                packages[key] = (module.v1_0, views)
            return Served(*packages[key])

        yield of


def asked(grain: Grain, who: str, at: Any, draw: random.Random, rows: list[Any]) -> dict[str, Any]:
    """Return what comes with a question: at row grain a row of the source."""
    if grain is Grain.ENTITY:
        return {}
    return {**draw.choice(rows), "customer": who, "at": at}


def met(served: Served, variant: Variant, grain: Grain, seed: int, questions: int) -> None:
    """Deliver rows with questions between them, at any moment, and compare each answer."""
    draw = random.Random(seed)  # noqa: S311  repeatable, not secret
    rows = events(seed, wild=variant.wild)
    for number, row in enumerate(arrivals(rows, variant, seed)):
        served.add(row)
        if draw.random() < questions / len(rows) or number == len(rows) - 1:
            who, at = draw.choice(["ann", "ann", "bob"]), draw.choice(moments())
            request = asked(grain, who, at, draw, rows)
            told, meant = served.answers(who, request, at)
            own = [r for r in [*rows, request] if r and r["customer"] == who]
            assert differences(served.views, told, meant, own) == []


@pytest.mark.parametrize("grain", GRAINS)
def test_states_answer_what_functions_over_the_rows_do(serve: Serve, grain: Grain) -> None:
    variant = VARIANTS[3]
    met(serve(variant, grain, FEW), variant, grain, 1, 12)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("grain", GRAINS)
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: v.name)
def test_states_answer_for_every_window_what_functions_over_the_rows_do(
    serve: Serve, variant: Variant, grain: Grain, seed: int
) -> None:
    met(serve(variant, grain, WINDOWS), variant, grain, seed, 25)


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: v.name)
def test_states_answer_what_the_oracle_means(serve: Serve, variant: Variant) -> None:
    served = serve(variant, Grain.ENTITY, WINDOWS)
    rows = events(7, wild=variant.wild)
    for row in arrivals(rows, variant, 7):
        served.add(row)
    views = {f"{one.name}@1.0": one for one in served.views}
    questions = [q for q in spine() if q["customer"] and q["asked_at"]]
    meant = naive(questions, wanted_of(views), views, {"events": rows}, "asked_at")
    for question, want in zip(questions, meant, strict=True):
        given, _ = served.answers(question["customer"], {}, question["asked_at"])
        own = [r for r in rows if r["customer"] == question["customer"]]
        assert differences(served.views, given, want, own) == []


_HARD = [0.0, -0.0, 1.0, 0.1, 1e16, -1e16, 1e308, -1e308, 5e-324, 1e-9, math.inf, -math.inf]
_MOMENT = st.integers(0, 24).map(
    lambda n: (
        dt.datetime(2024, 3, 9, tzinfo=dt.UTC) + dt.timedelta(hours=n // 4, microseconds=n % 4)
    )
)
_EVENT = st.fixed_dictionaries(
    {
        "customer": st.just("ann"),
        "at": _MOMENT,
        "double": st.none() | st.sampled_from([*_HARD, math.nan]),
        "bigint": st.none() | st.sampled_from([0, 1, 2**63 - 1, -(2**63)]),
        "money": st.none() | st.sampled_from([Decimal("0.01"), Decimal("-99999999.99")]),
        "text": st.none() | st.sampled_from(["", "a", "B"]),
        "flag": st.none() | st.booleans(),
        "known": _MOMENT,
        "number": st.integers(0, 30),
    }
).map(lambda row: {**dict.fromkeys(COLUMNS), **row})


@settings(max_examples=30, deadline=None, database=None, derandomize=True)
@given(
    steps=st.lists(st.tuples(_EVENT, st.none() | _MOMENT), min_size=1, max_size=30),
    variant=st.sampled_from([VARIANTS[0], VARIANTS[5]]),
)
def test_whatever_comes_whenever_states_answer_as_functions_do(
    serve: Serve, steps: list[Any], variant: Variant
) -> None:
    served = serve(variant, Grain.ENTITY, ("last_2h", "last_3_rows", "all_time"), FOLDED)
    rows = []
    for event, moment in steps:
        served.add(event)
        rows.append(event)
        if moment is not None:
            given, meant = served.answers("ann", {}, moment)
            assert differences(served.views, given, meant, rows) == []


def test_states_of_two_halves_join_to_the_state_of_all(serve: Serve) -> None:
    variant, windows = VARIANTS[5], ("last_2h", "last_3_rows", "all_time")
    one, other, whole = (serve(variant, Grain.ENTITY, windows, FOLDED) for _ in range(3))
    rows = [row for row in events(5) if row["customer"] == "ann"]
    for number, row in enumerate(rows):
        (one if number % 2 else other).add(row)
        whole.add(row)
    one.states["ann"].take(other.states["ann"].entries)
    for moment in moments():
        joined, _ = one.answers("ann", {}, moment)
        _, meant = whole.answers("ann", {}, moment)
        assert differences(whole.views, joined, meant, rows) == []


def test_windows_that_begin_before_the_calendar_does_have_every_row(serve: Serve) -> None:
    variant, windows = VARIANTS[5], ("last_800d", "last_800d_before_1d", "all_time_before_800d")
    served = serve(variant, Grain.ENTITY, windows, FOLDED)
    years = [dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in (1, 2, 2024)]
    times = [year + dt.timedelta(hours=hour) for year in years for hour in range(4)]
    rows = [{**row, "at": at, "known": at} for row, at in zip(events(9), times, strict=False)]
    for row in rows:
        served.add({**row, "customer": "ann"})
    for at in (years[2] + dt.timedelta(days=1), years[1] + dt.timedelta(days=2), years[2]):
        given, meant = served.answers("ann", {}, at)
        assert differences(served.views, given, meant, rows) == []


def test_columns_of_any_name_have_tracks_of_their_own(tmp_path: Path) -> None:
    names = ("forget", "new", "amount", "amount_sums", "amount_most_at", "sums", "cursors", "value")
    keys = (Field("row", VARCHAR), Field("shop", VARCHAR))
    source = Source(
        "events",
        SourceKind.EVENTS,
        (*keys, Field("at", TIMESTAMP), *(Field(name, DOUBLE) for name in names)),
        ("row", "shop"),
        time="at",
    )
    views = []
    for key in keys:
        features = [
            Feature(
                f"{row}_{name}",
                Aggregate(row, (Column("events", name, DOUBLE),), window, type=DOUBLE),
            )
            for row in ("sum_double", "max_double", "median")
            for name in names
            for window in [parse_window("last_1d")]
            if window
        ]
        entity = Entity(key.name, (key,))
        views.append(View(f"by_{key.name}", Grain.ENTITY, tuple(features), source, (entity,)))
    at = dt.datetime(2024, 3, 9, tzinfo=dt.UTC)
    event = {name: float(place) for place, name in enumerate(names)}
    with running(spec_of(views, "named"), tmp_path) as module:
        features = module.Features()
        features.ingest("events", {"row": "r", "shop": "s", "at": at, **event})
        answer = features.get({"row": "r", "shop": "s"}, as_of=at + dt.timedelta(hours=1))
    for name, value in event.items():
        assert {answer.values[f"by_row__{row}_{name}"] for row in ("sum_double", "median")} == {
            value
        }
