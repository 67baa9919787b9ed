"""The table as a user reads it: one row an operator or aggregate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from featurekit.ops import AGGREGATES, OPERATORS
from featurekit.ops.aggregate import AggregateFunction
from featurekit.ops.gap import Gap
from featurekit.ops.operator import Operator
from featurekit.ops.spellings import aggregate_said

SQL = ("duckdb", "postgres", "spark")
DOCUMENTED = {
    name: f"{name} (text only, from the documentation)" for name in ("snowflake", "bigquery")
}
"""Engines that nothing has run on: what their targets are called."""
TARGETS = ("python", "polars", *SQL, *DOCUMENTED.values())


def listing() -> list[dict[str, Any]]:
    """Return every operator, then every aggregate, by name."""
    operators = [_operator(OPERATORS[name]) for name in sorted(OPERATORS)]
    return operators + [_aggregate(AGGREGATES[name]) for name in sorted(AGGREGATES)]


def _operator(row: Operator) -> dict[str, Any]:
    _, fixed, variable, _ = row.signature
    gaps = _gaps({"polars": row.polars, **_named(row.spelled)})
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
    said = _named(lambda dialect: aggregate_said(row.name, row.sql, dialect, ()))
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


def _named(said: Callable[[str], str | Gap]) -> dict[str, str | Gap]:
    """Return what each dialect says, by what its target is called."""
    return {DOCUMENTED.get(name, name): said(name) for name in (*SQL, *DOCUMENTED)}


def _gaps(spellings: dict[str, Any]) -> dict[str, str]:
    return {target: s.why for target, s in spellings.items() if isinstance(s, Gap)}
