"""Window states of packages: every aggregate over every window, rows in any order, at any time."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from package_runs import running
from state_cases import Served, arrivals, differences, spec_of, with_the_row_in_hand
from window_cases import (
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

from featurekit.ir.view import Grain, View
from featurekit.training.oracle import naive

Serve = Callable[[Variant, Grain, tuple[str, ...]], Served]
FEW = ("last_1d", "last_3d_before_1d", "calendar_1d", "last_3_rows", "all_time")
GRAINS = [Grain.ENTITY, Grain.ROW]


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Packages by variant, grain and windows, each rendered once; states are new for each test."""
    packages: dict[Any, tuple[Any, list[View]]] = {}
    with ExitStack() as stack:

        def of(variant: Variant, grain: Grain, windows: tuple[str, ...]) -> Served:
            key = (variant, grain, windows)
            if key not in packages:
                made = [view(row, variant, windows) for row in every_aggregate()]
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
            given, meant = served.answers(who, request, at)
            own = [r for r in [*rows, request] if r and r["customer"] == who]
            assert differences(served.views, given, meant, own) == []


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
