"""What a comparison of training and serving found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from featurekit.parity.compare import Answer, Difference

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class FeatureParity:
    """One feature's line: how many rows were compared, how many differ, and how many were null."""

    column: str
    type: str
    rows: int
    differences: int
    nulls: int


@dataclass(frozen=True, slots=True)
class WorstRow:
    """A row that shows a difference: what was asked and what came."""

    asked: Mapping[str, Any]
    difference: Difference


@dataclass(frozen=True, slots=True)
class ParityReport:
    """Whether training and serving agree.

    Attributes:
        rows: How many rows were asked.
        compared: How many values were compared.
        differences: How many of them differ.
        worst: The first rows that differ, with what was asked.
        features: One line a feature.
    """

    rows: int
    compared: int
    differences: int
    worst: tuple[WorstRow, ...]
    features: tuple[FeatureParity, ...]

    @property
    def held(self) -> bool:
        """Whether something was compared and nothing differs."""
        return self.differences == 0 and self.compared > 0


def report(
    asked: Sequence[Mapping[str, Any]],
    expected: Sequence[Mapping[str, Any]],
    columns: Sequence[Answer],
    differences: Sequence[Difference],
) -> ParityReport:
    """Sum up a comparison.

    Args:
        asked: What each row asked: entity, request and moment.
        expected: What training answered.
        columns: The features.
        differences: What ``compare`` found.
    """
    by_column = {answer.column: 0 for answer in columns}
    for difference in differences:
        by_column[difference.column] += 1
    features = tuple(
        FeatureParity(
            answer.column,
            str(answer.type),
            len(expected),
            by_column[answer.column],
            sum(row[answer.column] is None for row in expected),
        )
        for answer in columns
    )
    worst = tuple(WorstRow(asked[d.row], d) for d in differences[:MOST_SHOWN])
    compared = len(expected) * len(columns)
    return ParityReport(len(expected), compared, len(differences), worst, features)
