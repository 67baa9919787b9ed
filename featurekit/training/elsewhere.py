"""What a training set is that another engine computes where its rows lie."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from featurekit.backends.plan import Wanted
from featurekit.ir.view import View

Written = tuple[int, dict[str, int]]
"""Rows, and by answer how many have none."""


@dataclass(frozen=True, slots=True)
class RemoteReport:
    """What is known of a training set before anybody computes it.

    Attributes:
        columns: Each answer's column and type.
        explain: Asks the engine how it is going to compute it.
    """

    columns: tuple[tuple[str, str], ...]
    explain: Callable[[], str]

    @property
    def plan(self) -> str:
        """How the engine is going to compute it, in its own words."""
        return self.explain()


@dataclass(frozen=True, slots=True)
class RemoteTrainingSet:
    """The spine's columns, then one column an answer, in the spine's order, still to be computed.

    Attributes:
        frame: The engine's own: a Spark DataFrame.
        report: The facts.
        save: Writes the rows to a place, whole or not at all, and counts what was written.
    """

    frame: Any
    report: RemoteReport
    save: Callable[[str], Written]


def answer_types(
    wanted: Sequence[Wanted], views: Mapping[str, View]
) -> tuple[tuple[str, str], ...]:
    """Return each answer's column and type."""
    found = ((one.column, views[one.reference].feature(one.feature)) for one in wanted)
    return tuple((column, str(f.expression.type)) for column, f in found if f is not None)
