"""What no target can say is counted, and the count may only shrink."""

from __future__ import annotations

import json
from pathlib import Path

from featurekit.ops import AGGREGATES, OPERATORS, Gap
from featurekit.ops.spellings import NotTried

BASELINE = Path(__file__).with_name("baseline.json")
_TRIED = ("postgres", "spark")
_DOCUMENTED = ("snowflake", "bigquery")
"""Text only: nothing of it has run on the engine."""


def counted() -> dict[str, object]:
    """Return how many operators and cases there are, and each target's gaps by name."""
    rows = sorted(OPERATORS.items())
    return {
        "operators": len(rows),
        "cases": sum(len(row.cases) for _, row in rows),
        "aggregates": len(AGGREGATES),
        "gaps": {
            "polars": [name for name, row in rows if isinstance(row.polars, Gap)],
            "duckdb": [name for name, row in rows if isinstance(row.spelled("duckdb"), Gap)],
            "postgres": [name for name, row in rows if type(row.spelled("postgres")) is Gap],
            "spark": [name for name, row in rows if type(row.spelled("spark")) is Gap],
            "aggregates in polars": _without("polars"),
            "aggregates in duckdb": _without("sql"),
        },
        **{
            f"tried on {name}": sum(not isinstance(row.spelled(name), NotTried) for _, row in rows)
            for name in _TRIED
        },
        **{
            f"said from the documentation of {name}": sum(
                not isinstance(row.spelled(name), Gap) for _, row in rows
            )
            for name in _DOCUMENTED
        },
    }


def _without(target: str) -> list[str]:
    rows = sorted(AGGREGATES.items())
    return [name for name, row in rows if isinstance(getattr(row, target), Gap)]


def test_gaps_only_shrink_and_operators_and_cases_only_grow() -> None:
    before = json.loads(BASELINE.read_text())
    now = json.loads(json.dumps(counted()))
    for target, names in now["gaps"].items():
        assert set(names) <= set(before["gaps"][target]), f"{target} has new gaps"
    for name in _TRIED:
        assert now[f"tried on {name}"] >= before[f"tried on {name}"], f"{name} lost an operator"
    for name in _DOCUMENTED:
        key = f"said from the documentation of {name}"
        assert now[key] >= before[key], f"{name} lost an operator"
    assert now["operators"] >= before["operators"], "an operator is gone"
    assert now["aggregates"] >= before["aggregates"], "an aggregate is gone"
    assert now["cases"] >= before["cases"], "a case is gone"


if __name__ == "__main__":
    BASELINE.write_text(json.dumps(counted(), indent=2) + "\n")
