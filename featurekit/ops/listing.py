"""The table as a user reads it: one row an operator or aggregate."""

from __future__ import annotations

from typing import Any

from featurekit.ops import AGGREGATES, OPERATORS
from featurekit.ops.aggregate import AggregateFunction
from featurekit.ops.gap import Gap
from featurekit.ops.operator import Operator
from featurekit.ops.spellings import aggregate_said

SQL = ("duckdb", "postgres", "spark")
TARGETS = ("python", "polars", *SQL)


def listing() -> list[dict[str, Any]]:
    """Return every operator, then every aggregate, by name."""
    operators = [_operator(OPERATORS[name]) for name in sorted(OPERATORS)]
    return operators + [_aggregate(AGGREGATES[name]) for name in sorted(AGGREGATES)]


def _operator(row: Operator) -> dict[str, Any]:
    _, fixed, variable, _ = row.signature
    gaps = _gaps({"polars": row.polars, **{name: row.spelled(name) for name in SQL}})
    inside = ", ".join(str(p) for p in row.parameters)
    return {
        "name": row.name,
        "kind": "operator",
        "surfaces": list(row.surfaces),
        "signature": f"{row.name}({inside}) -> {fixed or variable}",
        "nulls": row.nulls.value,
        "targets": [target for target in TARGETS if target not in gaps],
        "gaps": gaps,
        "cases": [case.text for case in row.cases],
        "doc": row.doc,
    }


def _aggregate(row: AggregateFunction) -> dict[str, Any]:
    said = {name: aggregate_said(row.name, row.sql, name, ()) for name in SQL}
    gaps = _gaps({"polars": row.polars, **said})
    inside = ", ".join(str(p) for p in row.parameters if not p.implicit)
    return {
        "name": row.name,
        "kind": "aggregate",
        "surfaces": list(row.surfaces),
        "signature": f"{row.name}({inside}) -> {row.result}",
        "nulls": "seen" if row.keeps_nulls else "skipped",
        "targets": [target for target in TARGETS if target not in gaps],
        "gaps": gaps,
        "cases": [case.text for case in row.cases],
        "doc": row.doc,
    }


def _gaps(spellings: dict[str, Any]) -> dict[str, str]:
    return {target: s.why for target, s in spellings.items() if isinstance(s, Gap)}
