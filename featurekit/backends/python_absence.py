"""The function beside a view's that says why an answer is null."""

from __future__ import annotations

from collections.abc import Iterable

from featurekit.backends.python_expressions import Scope
from featurekit.backends.python_joins import Joins
from featurekit.backends.python_syntax import quoted, spelled
from featurekit.backends.python_view import Asked, as_function, asked_at, parameters, reads_columns
from featurekit.backends.python_windows import Rows
from featurekit.ir.definitions import Unknown
from featurekit.ir.nodes import (
    Aggregate,
    Column,
    Expression,
    InVocabulary,
    walk_outside_aggregates,
)
from featurekit.ir.rules import outside_makes_null
from featurekit.ir.view import Feature, Join, View, used_joins


def absence(asked: Asked, joins: Joins, rows: Rows | None, scope: Scope) -> str:
    """Return the function that says why an answer is null; "" where there is but one reason.

    Args:
        asked: The view.
        joins: What its rows are joined with.
        rows: Its rows, if it reads any.
        scope: The function's body, empty as yet.
    """
    view = asked.view
    if view.source is None:
        return _derived(asked)
    stale = view.looks_up and view.max_age is not None
    met = {join: _readers(view, join) for join in joins.bare() if _readers(view, join)}
    outside = {f.name: nodes for f in view.features if (nodes := _may_be_outside(view, f))}
    if rows is None and not met and not outside:
        return ""
    names = _listed(feature.name for feature in view.features)
    some = [f.name for f in view.features if view.scores_rows and _only_before(f)]
    lines: list[str] = []
    if rows and (some or not view.scores_rows):
        lines += rows.opening(latest=bool(stale or outside or (met and view.looks_up)))
    if rows and not view.scores_rows:
        lines += ["if not visible:", f"    return dict.fromkeys({names}, Status.NOT_FOUND)"]
    reasons = f"dict.fromkeys({names}, Status.NULL)"
    if not (some or stale or met or outside):
        return _function(asked, joins, [*lines, f"return {reasons}"])
    lines.append(f"reasons = {reasons}")
    if some:
        lines += ["if not visible:", *_because(some, "Status.NOT_FOUND")]
    if stale:
        looked_up = [feature.name for feature in view.features if reads_columns(feature)]
        lines += ["if latest is None:", *_because(looked_up, "Status.STALE")]
    lines += _unmet(view, joins, met)
    scope.prepare([given for pairs in outside.values() for given, _ in pairs])
    for name, pairs in outside.items():
        for pair in pairs:
            given, found = (spelled(scope.named(node).node) for node in pair)
            scope.lines.append(f"if {given} is not None and {found} is None:")
            scope.lines += _because([name], "Status.OUTSIDE_CONTRACT")
    return _function(asked, joins, [*lines, *scope.lines, "return reasons"])


def _function(asked: Asked, joins: Joins, lines: list[str]) -> str:
    head = f"def {asked.function}_absence({parameters(asked, joins)}) -> dict[str, Status]:"
    doc = '"""Return why each answer is null, if it is."""'
    return as_function(head, [doc, *asked_at(asked.view, lines)])


def _because(features: Iterable[str], reason: str) -> list[str]:
    return [f"    reasons[{quoted(name)}] = {reason}" for name in features]


def _listed(names: Iterable[str]) -> str:
    return f"[{', '.join(map(quoted, names))}]"


def _unmet(view: View, joins: Joins, met: dict[Join, list[str]]) -> list[str]:
    """Return the lines about rows that are joined with nothing."""
    lines = joins.bare_lines(used_joins(view, [join.name for join in met]))
    for join, features in met.items():
        local = joins.local(join)
        known = "latest is not None and " if view.looks_up else ""
        lines.append(f"if {known}{local} is None:")
        if view.max_age is None:
            lines += _because(features, "Status.NOT_FOUND")
        else:
            older = joins.bare_found(join, any_age=True)
            lines.append(f"    older = {older}")
            reason = "Status.NOT_FOUND if older is None else Status.STALE"
            lines += _because(features, reason)
    return lines


def _readers(view: View, join: Join) -> list[str]:
    """Return the features that read a column of ``join`` outside of aggregates."""
    return [
        feature.name
        for feature in view.features
        if any(
            isinstance(node, Column) and node.relation == join.name
            for node in walk_outside_aggregates(feature.expression)
        )
    ]


def _only_before(feature: Feature) -> bool:
    """Whether ``feature`` rests on rows before the one in hand, and not on that one."""
    nodes = list(walk_outside_aggregates(feature.expression))
    found = [node for node in nodes if isinstance(node, Aggregate)]
    return bool(found) and not any(node.current for node in found)


def _derived(asked: Asked) -> str:
    """The reason of a derived answer is the gravest reason of what it rests on."""
    entries: list[str] = []
    for feature in asked.view.features:
        read = [n for n in walk_outside_aggregates(feature.expression) if isinstance(n, Column)]
        reasons = [
            f"reasons[{quoted(asked.used[node.relation].function)}][{quoted(node.name)}]"
            for node in dict.fromkeys(read)
            if node.relation in asked.used
        ]
        entries.append(f"    {quoted(feature.name)}: gravest({', '.join(reasons)}),")
    head = (
        f"def {asked.function}_absence("
        "reasons: Mapping[str, Mapping[str, Status]]) -> dict[str, Status]:"
    )
    doc = '"""Return why each answer is null, if it is: the gravest reason below it."""'
    return as_function(head, [doc, "return {", *entries, "}"])


def _may_be_outside(view: View, feature: Feature) -> tuple[tuple[Expression, Expression], ...]:
    """Return what comes in and what the contract makes of it, null where it is outside."""
    words = (
        (node.argument, node)
        for node in dict.fromkeys(walk_outside_aggregates(feature.expression))
        if isinstance(node, InVocabulary) and node.vocabulary.unknown is Unknown.OUTSIDE
    )
    return (*words, *outside_makes_null(view, feature.expression))
