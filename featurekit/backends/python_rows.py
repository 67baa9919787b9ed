"""Expressions over one row of a window: in place, or as a function of that row."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from featurekit.backends.python_expressions import Scope
from featurekit.backends.python_inline import Value
from featurekit.backends.python_joins import Joins
from featurekit.backends.python_module import Module
from featurekit.backends.python_numbers import Numbers
from featurekit.backends.python_syntax import annotation, names_in, row_type, spelled
from featurekit.ir.definitions import Source
from featurekit.ir.nodes import Column, Expression, walk
from featurekit.ir.view import View


class RowCode:
    """How a view's aggregates read rows; functions of a row are collected in ``functions``."""

    def __init__(
        self, module: Module, view: View, source: Source, joins: Joins, function: str
    ) -> None:
        self.functions: list[str] = []
        self._module = module
        self._view = view
        self._source = source
        self._joins = joins
        self._function = function
        self._numbers = Numbers()
        self._said: dict[tuple[int, bool, bool], str] = {}

    def joined(self, nodes: Iterable[Expression]) -> bool:
        """Whether any of ``nodes`` reads a column of what a row is joined with."""
        names = {join.name for join in self._view.joins}
        columns = (n for node in nodes for n in walk(node) if isinstance(n, Column))
        return any(column.relation in names for column in columns)

    def text(self, node: Expression, *, condition: bool, current: bool = False) -> str:
        """Return how to say ``node`` over ``row``: in place, or as the call of a function.

        Args:
            node: A value, or a condition that counts where it is true.
            condition: Which of the two it is.
            current: Whether ``row`` may be the row in hand.
        """
        key = (self._numbers.of(node), condition, current)
        if key not in self._said:
            self._said[key] = self._new(node, condition=condition, current=current)
        return self._said[key]

    def _new(self, node: Expression, *, condition: bool, current: bool) -> str:
        def column(wanted: Column) -> Value:
            found = self._joins.column(wanted)
            if found is not None:
                return found
            inside = wanted.relation == self._source.name
            place = ast.Name("row" if inside else "request")
            dated = inside and wanted.name == self._source.time and not current
            nullable = not (wanted.required or dated)
            return Value(ast.Subscript(place, ast.Constant(wanted.name)), nullable)

        names = self._joins.names()
        scope = Scope(self._module, names, column, timeless=self._joins.timeless)
        scope.prepare([node])
        made = Value(scope.truth(node), nullable=False) if condition else scope.value(node)
        text = spelled(made.node)
        if not scope.lines:
            return text
        result = "bool" if condition else annotation(node.type, nullable=made.nullable)
        lines = [*scope.lines, f"return {f'bool({text})' if condition else text}"]
        return self._as_function(lines, result, condition=condition, current=current)

    def _as_function(self, lines: list[str], result: str, *, condition: bool, current: bool) -> str:
        name = self._module.names.new(f"{self._function}_{'counts' if condition else 'value'}")
        row = row_type(self._source) + (" | Request" if current else "")
        kinds = {"row": row, **self._joins.row_kinds, **self._joins.kinds}
        read = names_in(lines)
        outer = [word for word in kinds if word in read]
        given = ", ".join(f"{word}: {kinds[word]}" for word in outer)
        doc = (
            "Return whether the row counts." if condition else "Return what is aggregated of a row."
        )
        body = [f'"""{doc}"""', *lines]
        head = f"def _{name}({given}) -> {result}:"
        self.functions.append("\n".join([head, *(f"    {line}" for line in body)]))
        return f"_{name}({', '.join(outer)})"
