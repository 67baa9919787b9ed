"""Views as Python functions: what serving runs, line by line as a reviewer would write it.

Every view becomes one pure function: ``history`` (the entity's rows, sorted; nothing for a request
view; ``used``, the answers it rests on, for a derived view), ``request`` and ``as_of``. A parameter
that a view does not need stays, so that all of them are called alike. A view with joins takes after
these, for each source that it joins, a function from a key to that key's rows.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from featurekit.backends.python_absence import absence
from featurekit.backends.python_expressions import Scope, wish
from featurekit.backends.python_inline import Value
from featurekit.backends.python_joins import Joins, reads_history
from featurekit.backends.python_layout import laid_out
from featurekit.backends.python_module import Module
from featurekit.backends.python_state_tracks import keeps_state
from featurekit.backends.python_syntax import (
    annotation,
    camel,
    documented,
    names_in,
    quoted,
    spelled,
    typed_dict,
)
from featurekit.backends.python_view import (
    Answering,
    Asked,
    ViewCode,
    as_function,
    asked_at,
    parameters,
    reads_columns,
)
from featurekit.backends.python_windows import Rows
from featurekit.ir.definitions import SourceKind
from featurekit.ir.nodes import Aggregate, Column
from featurekit.ir.view import View, aggregates


def view_code(module: Module, asked: Asked) -> ViewCode:
    """Return ``asked`` as Python; what it needs besides is collected in ``module``."""
    view = asked.view
    answer = module.names.new(camel(asked.function))
    uses = module.names.new(f"{camel(asked.function)}Uses")
    joins = Joins(module, view, asked.function)
    rows = _rows(module, asked, joins)
    scope = _scope(module, asked, joins, rows)
    apart = keeps_state(view) and not _only_folds(view)
    given = parameters(asked, joins, uses)
    doc = f'"""{documented(asked.description or f"Return the answers of {view.name}.")}"""'
    if apart and rows:
        fields, made, lines, answering = _in_two(module, asked, joins, rows, scope)
    else:
        made, answering = "", None
        fields, entries = _features(asked, scope)
        looks_up = any(map(reads_columns, view.features))
        lines = rows.opening(windows=True, latest=looks_up) if rows else []
        lines += [*joins.bare_lines(joins.bare()), *(rows.in_hand() if rows else []), *scope.lines]
        lines.append(f"return {entries}")
        if rows and keeps_state(view):
            answering = _of_folds(view, rows, joins)
    body = [doc, *asked_at(view, lines)]
    function = as_function(f"def {asked.function}({given}) -> {answer}:", body)
    parts = [typed_dict(answer, fields, f"The answers of {view.name}.")]
    if view.source is None:
        parts.append(_uses_type(asked, uses))
    reasons = _reasons(module, asked, fields, joins, rows, uses)
    parts += [*joins.functions, *(rows.functions if rows else []), function]
    parts += [part for part in (made.replace("-> _:", f"-> {answer}:"), reasons) if part]
    text = laid_out("\n\n\n".join(parts))
    return ViewCode(asked.function, answer, fields, text, bool(reasons), answering)


Fields = tuple[tuple[str, str], ...]


def _reasons(
    module: Module, asked: Asked, fields: Fields, joins: Joins, rows: Rows | None, uses: str
) -> str:
    """Return the function that says why an answer is null; "" where none ever is."""
    nullable = {name for name, kind in fields if kind.endswith("| None")}
    beside = rows.again() if rows else None
    scope = _scope(module, asked, joins, beside)
    return absence(asked, nullable, joins, beside, scope, uses) if nullable else ""


def _features(asked: Asked, scope: Scope) -> tuple[Fields, str]:
    """Write the lines of the features; return their types and the dictionary of them."""
    expressions = {feature.name: feature.expression for feature in asked.view.features}
    scope.prepare(expressions.values(), expressions, asked.texts)
    answers = {name: scope.feature(name, node) for name, node in expressions.items()}
    fields = tuple(
        (name, annotation(expressions[name].type, nullable=value.nullable))
        for name, value in answers.items()
    )
    entries = ", ".join(f"{quoted(name)}: {spelled(value.node)}" for name, value in answers.items())
    return fields, f"{{{entries}}}"


def _only_folds(view: View) -> bool:
    """Whether every feature is an aggregate as it stands."""
    return all(isinstance(feature.expression, Aggregate) for feature in view.features)


def _of_folds(view: View, rows: Rows, joins: Joins) -> Answering:
    """Return how a view is answered whose features are aggregates as they stand."""
    folded = aggregates(view)
    names = joins.names()
    local = {node: names.new(wish(node)) for node in folded}
    entries = [f"{quoted(f.name)}: {local[f.expression]}" for f in view.features]  # type: ignore[index]  # aggregates
    call = f"{{{', '.join(entries)}}}"
    return Answering(view, rows.row, joins, folded, call, tuple(local.values()))


def _in_two(
    module: Module, asked: Asked, joins: Joins, rows: Rows, scope: Scope
) -> tuple[Fields, str, list[str], Answering]:
    """Write the aggregates, and what is made of them as a function of its own.

    So window states, which come by the aggregates in another way, make the same of them.
    """
    folded = aggregates(asked.view)
    scope.prepare(folded)
    values = {node: scope.named(node) for node in folded}
    local = {node: spelled(value.node) for node, value in values.items()}
    inner = joins.names()
    for name in local.values():
        inner.new(name)
    read = _column_reader(asked, joins)
    answers = Scope(
        module,
        inner,
        read,
        lambda node: Value(ast.Name(local[node]), values[node].nullable),
        timeless=joins.timeless,
    )
    fields, entries = _features(asked, answers)
    lines = [*joins.bare_lines(joins.bare()), *answers.lines, f"return {entries}"]
    needed = names_in(lines)
    outer = {word: kind for word, kind in joins.kinds.items() if word in needed}
    kinds = {
        local[node]: annotation(node.type, nullable=value.nullable)
        for node, value in values.items()
    }
    name = module.names.new(f"{asked.function}_answers")
    given = ", ".join(f"{word}: {kind}" for word, kind in (outer | kinds).items())
    said = f'"""Return the answers of {asked.view.name}, made of what its windows hold."""'
    made = as_function(f"def {name}({given}) -> _:", [said, *lines])
    call = f"{name}({', '.join([*outer, *kinds])})"
    opening = [*rows.opening(windows=True), *rows.in_hand(), *scope.lines]
    answering = Answering(
        asked.view, rows.row, joins, folded, f"views.{call}", tuple(local.values())
    )
    return fields, made, [*opening, f"return {call}"], answering


def _uses_type(asked: Asked, name: str) -> str:
    """Return the TypedDict of the answers that a derived view rests on."""
    fields = [(code.function, code.answer) for code in asked.used.values()]
    return typed_dict(name, fields, f"What {asked.view.name} rests on.")


def _rows(module: Module, asked: Asked, joins: Joins) -> Rows | None:
    source = asked.view.source
    if source is None or source.kind is SourceKind.REQUEST or not reads_history(asked.view):
        return None
    return Rows(module, asked.view, source, joins, asked.function)


def _scope(module: Module, asked: Asked, joins: Joins, rows: Rows | None) -> Scope:
    def aggregate(node: Aggregate) -> Value:
        assert rows is not None  # noqa: S101  only views over rows aggregate
        return rows.aggregate(scope, node)

    read = _column_reader(asked, joins)
    scope = Scope(module, joins.names(), read, aggregate, timeless=joins.timeless)
    return scope


def _column_reader(asked: Asked, joins: Joins) -> Callable[[Column], Value]:
    """Return how a column outside aggregates is read."""
    view = asked.view

    def column(node: Column) -> Value:
        key = ast.Constant(node.name)
        if (code := asked.used.get(node.relation)) is not None:
            answers = ast.Subscript(ast.Name("used"), ast.Constant(code.function))
            return Value(ast.Subscript(answers, key), code.nullable(node.name))
        if (joined := joins.column(node)) is not None:
            return joined
        if view.looks_up and view.source and node.relation == view.source.name:
            absent = ast.Compare(ast.Name("latest"), [ast.Is()], [ast.Constant(None)])
            found = ast.Subscript(ast.Name("latest"), key)
            return Value(ast.IfExp(absent, ast.Constant(None), found), nullable=True)
        return Value(ast.Subscript(ast.Name("request"), key), nullable=not node.required)

    return column
