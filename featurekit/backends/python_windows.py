"""The lines of a view function that find its rows: what is visible, and what is in each window."""

from __future__ import annotations

import ast

from featurekit.backends.python_expressions import Scope
from featurekit.backends.python_inline import Value
from featurekit.backends.python_module import OWN, Module, imported_names
from featurekit.backends.python_numbers import Numbers
from featurekit.backends.python_sources import definition_of
from featurekit.backends.python_syntax import Names, annotation, camel, quoted, spelled
from featurekit.ir.definitions import Source
from featurekit.ir.nodes import Aggregate, Column, Expression
from featurekit.ir.view import View
from featurekit.ir.windows import (
    UNITS,
    AllTime,
    Calendar,
    LastRows,
    Rolling,
    ToDate,
    Window,
    window_name,
)
from featurekit.ops import AGGREGATES

_UNIT_NAMES = {"d": "DAY", "h": "HOUR", "m": "MINUTE", "s": "SECOND"}


def row_type(source: Source) -> str:
    """Return the name of the TypedDict of a source's rows."""
    return f"{camel(source.name)}Row"


def length(microseconds: int) -> str:
    """Return ``30 * windows.DAY`` for a length of time."""
    for letter, name in _UNIT_NAMES.items():
        if microseconds % UNITS[letter] == 0:
            count = microseconds // UNITS[letter]
            return f"windows.{name}" if count == 1 else f"{count} * windows.{name}"
    return str(microseconds)


def _bounds(window: Window, zone: str) -> tuple[str, str]:
    match window:
        case Rolling(size, 0):
            return f"t - {length(size)}", "t"
        case Rolling(size, offset):
            return f"t - {length(offset)} - {length(size)}", f"t - {length(offset)}"
        case Calendar(count, unit):
            start = f"windows.unit_start(t, {quoted(zone)}, {quoted(unit.value)}, "
            return f"{start}{count})", f"{start}0)"
        case ToDate(unit):
            return f"windows.unit_start(t, {quoted(zone)}, {quoted(unit.value)}, 0)", "t"
        case LastRows() | AllTime():
            msg = "these windows have no bounds in time"
            raise ValueError(msg)


class Rows:
    """The rows of one view function: writes lines into ``scope`` and row functions above it."""

    def __init__(self, module: Module, view: View, source: Source, function: str) -> None:
        self.functions: list[str] = []
        self._module = module
        self._view = view
        self._source = source
        self._function = function
        self._numbers = Numbers()
        self._said: dict[tuple[object, ...], str] = {}
        self.uses_t = False

    # --- which rows

    @property
    def time(self) -> str:
        """The constant that takes the event time out of a row."""
        name = f"_{self._source.name.upper()}_TIME"
        return self._getter(name, self._source.time or "")

    def _getter(self, wish: str, field: str) -> str:
        made = self._module.constant(wish.strip("_"), f"itemgetter({quoted(field)})")
        return spelled(made)

    def visible(self) -> str:
        """Return the function that finds the rows that can be known at ``as_of``."""
        source, delay = self._source, self._view.delay
        before = f"windows.earlier(as_of, {length(delay)})" if delay else "as_of"
        first = f"windows.before(history, {self.time}, "
        if source.available:
            field = self._getter(f"{source.name}_available", source.available)
            found = f"windows.known({first}as_of), {field}, {before})"
        else:
            found = f"{first}{before})"
        lines = [f"    return {found}"]
        if self._view.looks_up and self._view.where is not None:
            test = self._row(self._view.where, condition=True)
            lines = [f"    seen = {found}", f"    return [row for row in seen if {test}]"]
        kind = f"Sequence[{row_type(source)}]"
        head = f"def _{self._function}_visible(history: {kind}, as_of: dt.datetime) -> {kind}:"
        return "\n".join(
            [head, '    """Return the rows that can be known at ``as_of``."""', *lines]
        )

    def opening(self, *, windows: bool = False, latest: bool = False) -> list[str]:
        """Return the lines that a function over the rows begins with.

        Args:
            windows: Whether it aggregates.
            latest: Whether it looks at the latest row.
        """
        lines = [f"visible = _{self._function}_visible(history, as_of)"]
        age = self._view.max_age
        latest = latest and self._view.looks_up
        if (windows and self.uses_t) or (latest and age is not None):
            lines.append("t = windows.to_micros(as_of)")
        if latest:
            oldest = "None" if age is None else f"t - {length(age)}"
            lines.append(f"latest = windows.latest(visible, {self.time}, {oldest})")
        return lines

    def window(self, scope: Scope, window: Window, where: Expression | None) -> str:
        """Return the local that holds the rows of ``window`` for which ``where`` is true."""
        key = ("window", window, where is not None and self._numbers.of(where))
        if key in self._said:
            return self._said[key]
        if where is None:
            local = self._window(scope, window)
        else:
            rows = self.window(scope, window, None)
            test = self._row(where, condition=True)
            local = scope.names.new(f"{window_name(window)}_if")
            scope.lines.append(f"{local} = [row for row in {rows} if {test}]")
        self._said[key] = local
        return local

    def _window(self, scope: Scope, window: Window) -> str:
        if isinstance(window, AllTime):
            return "visible"
        local = scope.names.new(window_name(window))
        if isinstance(window, LastRows):
            scope.lines.append(f"{local} = visible[-{window.count} :]")
            return local
        start, end = _bounds(window, self._view.zone)
        self.uses_t = True
        scope.lines.append(f"{local} = windows.between(visible, {self.time}, {start}, {end})")
        return local

    def aggregate(self, scope: Scope, node: Aggregate) -> Value:
        """Return the call that folds the rows of a window."""
        row = AGGREGATES[node.function]
        rows = self.window(scope, node.window, node.where)
        target = spelled(self._module.operator(definition_of(row.algebra)))
        if not node.arguments:
            values = rows
        else:
            said = [self._row(argument, condition=False) for argument in node.arguments]
            each = said[0] if len(said) == 1 else f"({', '.join(said)})"
            values = f"[{each} for row in {rows}]"
            if node.distinct:
                values = f"windows.distinct({values})"
        return Value(
            ast.parse(f"{target}.over({values})", mode="eval").body, nullable=row.null_on_empty
        )

    # --- one row

    def _row(self, node: Expression, *, condition: bool) -> str:
        """Return how to say ``node`` over ``row``: in place, or as the call of a function."""
        key = ("row", self._numbers.of(node), condition)
        if key in self._said:
            return self._said[key]
        outer: set[str] = set()

        def column(wanted: Column) -> Value:
            inside = wanted.relation == self._source.name
            place = "row" if inside else "request"
            if not inside:
                outer.add("request: Request")
            found = ast.Subscript(ast.Name(place), ast.Constant(wanted.name))
            sure = wanted.required or (inside and wanted.name == self._source.time)
            return Value(found, nullable=not sure)

        scope = Scope(self._module, Names({*OWN, *imported_names()}), column)
        scope.prepare([node])
        made = Value(scope.truth(node), nullable=False) if condition else scope.value(node)
        text = spelled(made.node)
        if any(isinstance(n, ast.Name) and n.id == "as_of" for n in ast.walk(made.node)):
            outer.add("as_of: dt.datetime")
        if scope.lines:
            outer |= {"as_of: dt.datetime"} if any("as_of" in s for s in scope.lines) else set()
            text = self._function_of_row(
                node, scope, text, sorted(outer), made, condition=condition
            )
        self._said[key] = text
        return text

    def _function_of_row(
        self,
        node: Expression,
        scope: Scope,
        text: str,
        outer: list[str],
        made: Value,
        *,
        condition: bool,
    ) -> str:
        kind = "counts" if condition else "value"
        name = self._module.names.new(f"{self._function}_{kind}")
        result = "bool" if condition else annotation(node.type, nullable=made.nullable)
        given = ", ".join([f"row: {row_type(self._source)}", *outer])
        doc = (
            "Return whether the row counts." if condition else "Return what is aggregated of a row."
        )
        answer = f"bool({text})" if condition else text
        body = [
            f'    """{doc}"""',
            *(f"    {line}" for line in scope.lines),
            f"    return {answer}",
        ]
        self.functions.append("\n".join([f"def _{name}({given}) -> {result}:", *body]))
        passed = ", ".join(["row", *(part.partition(":")[0] for part in outer)])
        return f"_{name}({passed})"
