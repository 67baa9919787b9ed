"""Rendered packages of every aggregate, and their window states beside what they stand in for."""

from __future__ import annotations

import datetime as dt
import importlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from window_cases import Variant, numbers

from featurekit.export.package import Described, PackageSpec
from featurekit.ir.definitions import FeatureSet, Member
from featurekit.ir.view import Feature, Grain, View
from featurekit.ops import AGGREGATES
from featurekit.ops.bounds import agree

Row = dict[str, Any]


def spec_of(views: Sequence[View], name: str) -> PackageSpec:
    """Return a package of all features of ``views``."""
    return PackageSpec(
        set=FeatureSet(
            name, tuple(Member(v.name, "1.0", tuple(f.name for f in v.features)) for v in views)
        ),
        version="1.0",
        hash="0123456789abcdef",
        views={f"{v.name}@1.0": Described(v, "ann@example.com", f"{v.name}.", {}) for v in views},
        toolkit="0.1.0",
        owner="ann@example.com",
        description="Every aggregate.",
        changes=(),
    )


def with_the_row_in_hand(view: View) -> View:
    """Return ``view`` at row grain: each second of its features counts the row in hand, too."""
    features = tuple(
        Feature(f.name, replace(f.expression, current=bool(number % 2)))  # type: ignore[type-var]  # an aggregate
        for number, f in enumerate(view.features)
    )
    return replace(view, grain=Grain.ROW, features=features)


@dataclass
class Served:
    """The states of one running package, fed row by row.

    Attributes:
        version: The version's module.
        views: The definitions.
    """

    version: Any
    views: Sequence[View]

    def __post_init__(self) -> None:
        self.module = importlib.import_module(f"{self.version.__name__}.views")
        states = importlib.import_module(f"{self.version.__name__}.state")
        (self.kind,) = [k for n, k in vars(states).items() if n.startswith("EventsBy")]
        self.states: dict[str, Any] = {}

    def entries(self, row: Row) -> list[Any]:
        """Return the entry of ``row``, none where it is never visible."""
        return [(key[0], entry) for _, key, entry in self.version.entries("events", row)]

    def add(self, row: Row) -> None:
        """Deliver a row."""
        for who, entry in self.entries(row):
            self.states.setdefault(who, self.kind()).add(entry)

    def answers(self, who: str, request: Row, as_of: dt.datetime | None) -> tuple[Row, Row]:
        """Return what the state of ``who`` answers, and what the functions over its rows do."""
        state = self.states.get(who) or self.kind()
        given: Row = {}
        meant: Row = {}
        for view in self.views:
            told = getattr(state, view.name)(request, as_of)
            pure = getattr(self.module, view.name)(state.rows, request, as_of)
            given |= {f"{view.name}__{name}": value for name, value in told.items()}
            meant |= {f"{view.name}__{name}": value for name, value in pure.items()}
        return given, meant


def differences(views: Sequence[View], given: Row, meant: Row, rows: Sequence[Row]) -> list[str]:
    """Return where answers differ by more than the aggregate's bound."""
    found = []
    for view in views:
        row = AGGREGATES[view.name.removeprefix("the_")]
        for feature in view.features:
            name = f"{view.name}__{feature.name}"
            values = numbers(row, feature.name, rows)
            if not agree(row.bound, values, given[name], meant[name]):
                found.append(f"{name}: got {given[name]!r}, means {meant[name]!r}")
    return found


def arrivals(rows: Sequence[Row], variant: Variant, seed: int) -> list[Row]:
    """Return ``rows`` in some order; where a tie column tells them apart, some twice."""
    draw = random.Random(seed)  # noqa: S311  repeatable, not secret
    again = draw.sample(list(rows), len(rows) // 3) if variant.tie else []
    made = [*rows, *again]
    if seed % 3:
        draw.shuffle(made)
    else:
        made.sort(key=lambda row: (row["at"] is None, row["at"]))
        for _ in range(len(made) // 6):  # a few come late
            made.insert(draw.randrange(len(made)), made.pop(draw.randrange(len(made))))
    return made
