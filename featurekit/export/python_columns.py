"""``columns.py`` of a version: what comes in and what is answered, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from featurekit.backends.plan import Wanted
from featurekit.backends.python_syntax import quoted
from featurekit.backends.python_view import ViewCode
from featurekit.datatypes import NULL, DataType
from featurekit.export.python_contract import Check
from featurekit.export.python_plan import Plan


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer: its column, its type, whether it can be null, and its definition as text."""

    column: str
    type: DataType
    nullable: bool
    text: str


def answers(plan: Plan, codes: Mapping[str, ViewCode]) -> tuple[Answered, ...]:
    """Return what a version answers, in order."""
    return tuple(
        Answered(
            one.column,
            _answer_type(plan, one),
            codes[one.reference].nullable(one.feature),
            plan.spec.views[one.reference].texts.get(one.feature, ""),
        )
        for one in plan.wanted
    )


def column_groups(plan: Plan, answered: Iterable[Answered]) -> list[tuple[str, list[str]]]:
    """Return the entries of the tables of entity, request and answers."""
    *_, entity, request = plan.checks
    given = [_column(one.column, one.type, nullable=one.nullable) for one in answered]
    return [("entity", _fields(entity)), ("request", _fields(request)), ("answers", given)]


def event_columns(plan: Plan) -> list[tuple[str, list[str]]]:
    """Return the entries of the table of each source's rows."""
    *rows, _, _ = plan.checks
    return [(quoted(check.said), _fields(check)) for check in rows]


def _answer_type(plan: Plan, one: Wanted) -> DataType:
    feature = plan.views[one.reference].feature(one.feature)
    return NULL if feature is None else feature.expression.type


def _fields(check: Check) -> list[str]:
    return [
        _column(field.name, field.type, nullable=not field.required, needed=check.needs(field))
        for field in (*check.fields, *check.optional)
    ]


def _column(name: str, kind: DataType, *, nullable: bool = True, needed: bool = True) -> str:
    said: Iterable[str] = (
        quoted(str(kind)),
        *(() if nullable else ("nullable=False",)),
        *(() if needed else ("needed=False",)),
    )
    return f"{quoted(name)}: Column({', '.join(said)})"
