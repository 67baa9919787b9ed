"""What a rule on a column means, as expressions: every target reads the same ones.

A rule that changes a value stands wherever the column is read, so it is part of what a view means.
A rule that refuses is a condition on the rows of a source: a stored row that it refuses is as good
as none, and a question that it refuses gets no answer in serving.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import reduce
from typing import Any

from featurekit.datatypes import BOOLEAN, Kind
from featurekit.ir.definitions import Otherwise, Rule, Source, SourceKind
from featurekit.ir.nodes import Call, Case, Column, Expression, Literal, walk_outside_aggregates
from featurekit.ir.view import View


def holds(rule: Rule, column: Column) -> Expression | None:
    """Return the condition that ``rule`` allows a value; None where it allows every one."""
    double = "_double" if column.type.kind is Kind.DOUBLE else ""
    parts: list[Expression] = []
    if rule.options:
        options = (Literal(value, column.type) for value in rule.options)
        parts.append(Call(f"in{double}", (column, *options), BOOLEAN))
    for name, bound in (("ge", rule.low), ("le", rule.high)):
        if bound is not None:
            bounds = (column, Literal(bound, column.type))
            parts.append(Call(f"{name}{double}", bounds, BOOLEAN))
    return _all(parts)


def guarded(rule: Rule, column: Column, source: Source) -> Expression:
    """Return what reading ``column`` of ``source`` means under ``rule``.

    A rule that refuses changes no value. A default stands for a value of a row that is there: a
    look-up that finds no row still answers null.
    """
    if rule.otherwise is Otherwise.REFUSE:
        return column
    default = Literal(rule.default, column.type)
    condition = holds(rule, column)
    time = source.field(source.time) if source.time else None
    if rule.default is not None and source.kind is SourceKind.SNAPSHOT and time is not None:
        found = _known(Column(column.relation, time.name, time.type, time.required))
        within = (condition or _known(column), column)
        return Case((within, (found, default)), Literal(None, column.type), column.type)
    if condition is None:
        return Call("coalesce", (column, default), column.type)
    return Case(((condition, column),), default, column.type)


def _known(column: Column) -> Expression:
    return Call("is_not_null", (column,), BOOLEAN)


def admitted(source: Source) -> Expression | None:
    """Return the condition that the contract lets a row of ``source`` in; None: every row."""
    parts: list[Expression] = []
    for rule in source.refusals:
        field = source.field(rule.column)
        if field is not None:
            column = Column(source.name, field.name, field.type, field.required)
            condition = holds(rule, column)
            absent = Call("is_null", (column,), BOOLEAN)
            parts += [Call("or", (absent, condition), BOOLEAN)] if condition else []
    return _all(parts)


def _all(parts: Iterable[Expression]) -> Expression | None:
    every = list(parts)
    return reduce(lambda a, b: Call("and", (a, b), BOOLEAN), every) if every else None


def relations(view: View) -> dict[str, Source]:
    """Return the source of each relation of ``view`` that is one: its own, joins, requests."""
    found = {source.name: source for source in view.requests}
    found |= {view.source.name: view.source} if view.source else {}
    return found | {join.name: join.source for join in view.joins}


def under_rules(view: View) -> dict[Expression, Column]:
    """Return the columns that a rule changes by what reading them means."""
    return {
        guarded(rule, column, source): column
        for relation, source in relations(view).items()
        for rule in source.rules
        if rule.otherwise is not Otherwise.REFUSE and (field := source.field(rule.column))
        for column in [Column(relation, field.name, field.type, field.required)]
    }


def outside_makes_null(view: View, root: Expression) -> tuple[tuple[Column, Expression], ...]:
    """Return the columns in ``root`` that are null where a rule does not allow them, guarded.

    Not those inside of aggregates, which see a null like any other.
    """
    known = relations(view)
    found: dict[Column, Expression] = {}
    for node in walk_outside_aggregates(root):
        if isinstance(node, Column) and node.relation in known:
            source = known[node.relation]
            rule = source.rule(node.name)
            if rule and rule.otherwise is Otherwise.NULL:
                found[node] = guarded(rule, node, source)
    return tuple(found.items())


def allows(rule: Rule, value: Any) -> bool:
    """Whether ``rule`` allows a value that is not null; NaN is the greatest number."""
    if rule.options:
        return value in rule.options
    above = rule.low is None or not value < rule.low
    return above and (rule.high is None or bool(value <= rule.high))


def rule_text(rule: Rule) -> str:
    """Return ``rule`` as an author writes it."""
    becomes = f"else {rule.otherwise.value}"
    if rule.otherwise is Otherwise.DEFAULT:
        becomes = f"default {value_text(rule.default)}"
    return f"{allowed_text(rule)} {becomes}".lstrip()


def allowed_text(rule: Rule) -> str:
    """Return what ``rule`` allows, as an author writes it; the empty string for everything."""
    if rule.options:
        return f"one of {', '.join(map(value_text, rule.options))}"
    low, high = ("" if end is None else value_text(end) for end in (rule.low, rule.high))
    return f"{low}..{high}" if low or high else ""


def value_text(value: object) -> str:
    """Return a value as an author writes it in a rule."""
    match value:
        case bool():
            return str(value).lower()
        case dt.datetime():
            return value.isoformat().replace("+00:00", "Z")
        case dt.date():
            return value.isoformat()
        case str():
            return "'" + value.replace("'", "''") + "'"
        case _:
            return str(value)
