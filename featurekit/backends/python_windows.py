"""The lines of a view function that find its rows: what is visible, and what is in each window."""

from __future__ import annotations

import ast
from copy import copy

from featurekit.backends.python_expressions import Scope
from featurekit.backends.python_inline import Value
from featurekit.backends.python_joins import Joins, getter, keys_in_hand
from featurekit.backends.python_module import Module
from featurekit.backends.python_numbers import Numbers
from featurekit.backends.python_rows import RowCode
from featurekit.backends.python_sources import definition_of
from featurekit.backends.python_syntax import length, names_in, quoted, row_type, spelled
from featurekit.ir.definitions import Source
from featurekit.ir.nodes import Aggregate, Expression, children
from featurekit.ir.view import View
from featurekit.ir.windows import (
    AllTime,
    Calendar,
    LastRows,
    Rolling,
    ToDate,
    Window,
    window_name,
)
from featurekit.ops import AGGREGATES


def moment_before(microseconds: int) -> str:
    """Return how to say the moment so long before ``t``: ``t - windows.HOUR + 1``."""
    swapped = str.maketrans("+-", "-+")
    return f"t - {length(microseconds).translate(swapped)}" if microseconds else "t"


def bounds(window: Window, zone: str) -> tuple[str, str]:
    """Return the start and the end of ``window``."""
    match window:
        case Rolling(size, offset):
            return moment_before(size + offset), moment_before(offset)
        case Calendar(count, unit):
            start = f"windows.unit_start(t, {quoted(zone)}, {quoted(unit.value)}, "
            return f"{start}{count})", f"{start}0)"
        case ToDate(unit):
            return f"windows.unit_start(t, {quoted(zone)}, {quoted(unit.value)}, 0)", "t"
        case LastRows() | AllTime():
            msg = "these windows have no bounds in time"
            raise ValueError(msg)


def _last(window: LastRows) -> str:
    if window.offset:
        return f"visible[-{window.count + window.offset} : -{window.offset}]"
    return f"visible[-{window.count} :]"


class Rows:
    """The rows of one view function: writes lines into its scope, functions of rows above it."""

    def __init__(
        self, module: Module, view: View, source: Source, joins: Joins, function: str
    ) -> None:
        self._module = module
        self._view = view
        self._source = source
        self._joins = joins
        self._function = function
        self.row = RowCode(module, view, source, joins, function)
        self._numbers = Numbers()
        self._seen = ""
        self.begin()
        self._visible = self._visible_function()

    def begin(self) -> None:
        """Begin another function: nothing is written in it yet."""
        self._said: dict[tuple[object, ...], str] = {}
        self._uses_t = False
        self._in_hand: set[bool] = set()

    @property
    def functions(self) -> list[str]:
        """The functions that the view's function rests on."""
        return [*self.row.functions, self._visible]

    def again(self) -> Rows:
        """Return what writes the same rows into another function."""
        other = copy(self)
        other.begin()
        return other

    # --- which rows

    @property
    def time(self) -> str:
        """The constant that takes the event time out of a row."""
        return getter(self._module, self._source, "time", self._source.time or "")

    def _visible_function(self) -> str:
        """Return the function that finds the rows that can be known at ``as_of``."""
        source, delay, timeless = self._source, self._view.delay, self._joins.timeless
        before = f"windows.earlier(as_of, {length(delay)})" if delay else "as_of"
        first = f"windows.before(history, {self.time}, "
        if source.available:
            field = getter(self._module, source, "available", source.available)
            found = f"windows.known({first}as_of), {field}, {before})"
        else:
            found = f"{first}{before})"
        lines = ["if as_of is None:", "    return ()"] if timeless else []
        lines += self._filtered(found) if self._view.looks_up else [f"return {found}"]
        kind = f"Sequence[{row_type(source)}]"
        read = names_in(lines)
        kinds = {word: kind for word, kind in self._joins.kinds.items() if word in read}
        given = ", ".join(f"{w}: {k}" for w, k in {"history": kind, **kinds}.items())
        self._seen = f"_{self._function}_visible({', '.join(['history', *kinds])})"
        body = ['"""Return the rows that can be known at ``as_of``."""', *lines]
        head = f"def _{self._function}_visible({given}) -> {kind}:"
        return "\n".join([head, *(f"    {line}" for line in body)])

    def _filtered(self, found: str) -> list[str]:
        """Return the lines that keep the rows for which the condition of a look-up is true."""
        where = self._view.where
        if where is None:
            return [f"return {found}"]
        test = self.row.text(where, condition=True)
        if not self.row.joined([where]):
            return [f"seen = {found}", f"return [row for row in seen if {test}]"]
        target = self._joins.target
        lines = [f"seen = {found}", f"joined = [{self._joins.met()} for row in seen]"]
        return [*lines, f"return [row for {target} in joined if {test}]"]

    def opening(self, *, windows: bool = False, latest: bool = False) -> list[str]:
        """Return the lines that a function over the rows begins with.

        Args:
            windows: Whether it aggregates.
            latest: Whether it looks at the latest row.
        """
        lines = [f"visible = {self._seen}"]
        age = self._view.max_age
        latest = latest and self._view.looks_up
        if (windows and self._uses_t) or (latest and age is not None):
            timed = "windows.to_micros(as_of)"
            lines.append(
                f"t = 0 if as_of is None else {timed}" if self._joins.timeless else f"t = {timed}"
            )
        if latest:
            oldest = "None" if age is None else moment_before(age)
            lines.append(f"latest = windows.latest(visible, {self.time}, {oldest})")
        return lines

    def in_hand(self) -> list[str]:
        """Return the lines that say whether the row in hand counts in its own frames."""
        nulls = ["as_of is None"] if self._joins.timeless else []
        nulls += [
            f"request[{quoted(key.name)}] is None"
            for key in keys_in_hand(self._view)
            if not key.required
        ]
        otherwise = f"[] if {' or '.join(nulls)} else " if nulls else ""
        rows = {False: ("in_hand", "request"), True: ("in_hand_joined", f"({self._whole})")}
        lines = [
            f"{local} = {otherwise}[{row}]"
            for joined, (local, row) in rows.items()
            if joined in self._in_hand
        ]
        why = "# without a time or a key it is in no window, nor in its own"
        return [why, *lines] if lines and nulls else lines

    @property
    def _whole(self) -> str:
        return ", ".join(["request", *self._joins.row_kinds])

    # --- windows

    def _of(self, scope: Scope, node: Aggregate) -> str:
        """Return the local that holds the rows, or rows and what they meet, that ``node`` folds."""
        joined = self.row.joined(children(node))
        local = self._whole_window(scope, node.window, current=node.current, joined=joined)
        if node.where is None:
            return local
        key = ("if", local, self._numbers.of(node.where))
        if key not in self._said:
            target = f"({self._joins.target})" if joined else "row"
            test = self.row.text(node.where, condition=True, current=node.current)
            kept = scope.names.new(f"{'all_time' if local == 'visible' else local}_if")
            scope.lines.append(f"{kept} = [{target} for {target.strip('()')} in {local} if {test}]")
            self._said[key] = kept
        return self._said[key]

    def _whole_window(self, scope: Scope, window: Window, *, current: bool, joined: bool) -> str:
        key = ("window", window, current, joined)
        if key in self._said:
            return self._said[key]
        local = "visible"
        if current:
            before = self._whole_window(scope, window, current=False, joined=joined)
            hand = "in_hand_joined" if joined else "in_hand"
            self._in_hand.add(joined)
            row = f"{row_type(self._source)} | Request"
            kind = f"tuple[{', '.join([row, *self._joins.row_kinds.values()])}]" if joined else row
            wish = f"{window_name(window)}{'_joined' * joined}_and_row"
            local = scope.names.new(wish)
            scope.lines.append(f"{local}: list[{kind}] = [*{before}, *{hand}]")
        elif joined:
            rows = self._whole_window(scope, window, current=False, joined=False)
            local = scope.names.new(f"{window_name(window)}_joined")
            scope.lines.append(f"{local} = [{self._joins.met()} for row in {rows}]")
        elif window != AllTime():
            local = scope.names.new(window_name(window))
            scope.lines.append(f"{local} = {self._in_time(window)}")
        self._said[key] = local
        return local

    def _in_time(self, window: Window) -> str:
        if isinstance(window, LastRows):
            return _last(window)
        self._uses_t = True
        if isinstance(window, AllTime):
            end = f"windows.to_moment({moment_before(window.offset)})"
            return f"windows.before(visible, {self.time}, {end})"
        start, end = bounds(window, self._view.zone)
        return f"windows.between(visible, {self.time}, {start}, {end})"

    def aggregate(self, scope: Scope, node: Aggregate) -> Value:
        """Return the call that folds the rows of a window."""
        row = AGGREGATES[node.function]
        rows = self._ordered(scope, node, self._of(scope, node))
        target = spelled(self._module.operator(definition_of(row.algebra)))
        if not node.arguments:
            values = rows
        else:
            said = [self._said_of(argument, node) for argument in node.arguments]
            each = said[0] if len(said) == 1 else f"({', '.join(said)})"
            values = f"[{each} for {self._target(node)} in {rows}]"
        return Value(
            ast.parse(f"{target}.over({values})", mode="eval").body, nullable=row.null_on_empty
        )

    def _target(self, node: Aggregate) -> str:
        """Return what a comprehension over the rows that ``node`` folds calls each of them."""
        return self._joins.target if self.row.joined(children(node)) else "row"

    def _said_of(self, argument: Expression, node: Aggregate) -> str:
        return self.row.text(argument, condition=False, current=node.current)

    def _ordered(self, scope: Scope, node: Aggregate, rows: str) -> str:
        """Return the local that holds ``rows`` in the order that the aggregate asks for."""
        for one in reversed(node.order):
            local = scope.names.new(f"{window_name(node.window)}_ordered")
            key = self._said_of(one.key, node)
            keys = f"[{key} for {self._target(node)} in {rows}]"
            call = f"windows.ordered({rows}, {keys}, descending={one.descending})"
            scope.lines.append(f"{local} = {call}")
            rows = local
        return rows
