"""What the rows of a view are joined with: which row of a snapshot held at a moment.

A function of a view takes, for each source that it joins, a function from a key to that key's rows.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from featurekit.backends.python_inline import Value
from featurekit.backends.python_module import OWN, Module, imported_names
from featurekit.backends.python_syntax import (
    Names,
    annotation,
    identifier,
    length,
    names_in,
    quoted,
    row_type,
    spelled,
)
from featurekit.ir.definitions import Field, Source
from featurekit.ir.nodes import Aggregate, Column, walk, walk_outside_aggregates
from featurekit.ir.view import Join, View, aggregates, columns_in_hand, moment_column, used_joins


def rows_function(source: Source, keys: Sequence[str], module: str = "") -> str:
    """Return the type of the function from a key of ``source`` to that key's rows.

    ``module`` stands before the type of a row.
    """
    fields = (source.field(name) for name in keys)
    given = ", ".join(annotation(f.type, nullable=False) for f in fields if f)
    return f"Callable[[{given}], Sequence[{module}{row_type(source)}]]"


def joined_sources(view: View) -> tuple[tuple[Source, tuple[str, ...]], ...]:
    """Return the sources that ``view`` joins, with the columns of the key, each pair once."""
    return tuple(dict.fromkeys((j.source, tuple(name for name, _ in j.on)) for j in view.joins))


def reads_history(view: View) -> bool:
    """Whether the rows of the entity matter: a view per row may do with the row in hand."""
    return bool(view.entities) and (not view.scores_rows or bool(aggregates(view)))


def keys_in_hand(view: View) -> tuple[Field, ...]:
    """Return the keys that the row in hand must carry.

    Those that are read, and those that may be null where it would count in its own frames.
    """
    read = {column.name for column in columns_in_hand(view)}
    counts = view.scores_rows and any(node.current for node in aggregates(view))
    keys = dict.fromkeys(key for entity in view.entities for key in entity.keys)
    return tuple(key for key in keys if key.name in read or (counts and not key.required))


class Joins:
    """The joins of one view function.

    Attributes:
        functions: The functions that find what a row is joined with.
        timeless: Whether the row in hand may have no time.
    """

    def __init__(self, module: Module, view: View, function: str) -> None:
        self.functions: list[str] = []
        self.timeless = view.scores_rows and not moment_column(view).required
        self._module = module
        self._view = view
        self._function = function
        names = Names({*OWN, *imported_names()})
        self._local = {join.name: names.new(join.name) for join in view.joins}
        self._given = {
            pair: names.new(identifier(f"{pair[0].name}_by_{'_'.join(pair[1])}").lower())
            for pair in joined_sources(view)
        }
        self._finders: dict[str, str] = {}
        self._met: str | None = None
        inside = {
            node.relation
            for root in (*aggregates(view), *([view.where] if view.where else []))
            for node in walk(root)
            if isinstance(node, Column)
        }
        self._inside = used_joins(view, inside)

    def names(self) -> Names:
        """Return fresh names for a function's locals."""
        return Names({*OWN, *imported_names(), *self._local.values(), *self._given.values()})

    @property
    def moment_kind(self) -> str:
        """The type of the moment of asking."""
        return "dt.datetime | None" if self.timeless else "dt.datetime"

    @property
    def kinds(self) -> dict[str, str]:
        """The parameters that a view has besides its rows, with their types."""
        given = {name: rows_function(*pair) for pair, name in self._given.items()}
        return {"request": "Request", "as_of": self.moment_kind, **given}

    @property
    def row_kinds(self) -> dict[str, str]:
        """What stands beside a row of a window, with types."""
        return {self._local[j.name]: f"{row_type(j.source)} | None" for j in self._inside}

    @property
    def target(self) -> str:
        """How a row of a window and what it is joined with are called."""
        return ", ".join(["row", *self.row_kinds])

    def column(self, node: Column) -> Value | None:
        """Return how a column of a join is read, or None for another column."""
        if node.relation not in self._local:
            return None
        local = ast.Name(self._local[node.relation])
        absent = ast.Compare(local, [ast.Is()], [ast.Constant(None)])
        found = ast.Subscript(local, ast.Constant(node.name))
        return Value(ast.IfExp(absent, ast.Constant(None), found), nullable=True)

    # --- rows of windows

    def met(self) -> str:
        """Return the call that puts beside ``row`` what it is joined with."""
        if self._met is None:
            lines = [
                f"{self._local[j.name]} = {self._found(j, 'row', self._time_of('row'))}"
                for j in self._inside
            ]
            read = names_in(lines)
            kinds = {word: kind for word, kind in self.kinds.items() if word in read}
            assert self._view.source is not None  # noqa: S101  rows are of a source
            own = row_type(self._view.source)
            given = ", ".join(f"{word}: {kind}" for word, kind in {"row": own, **kinds}.items())
            result = f"tuple[{', '.join([own, *self.row_kinds.values()])}]"
            name = f"_{self._module.names.new(f'{self._function}_joined')}"
            doc = '"""Return a row and what it is joined with, None where it meets nothing."""'
            body = [doc, *lines, f"return {self.target}"]
            head = f"def {name}({given}) -> {result}:"
            self.functions.append("\n".join([head, *(f"    {line}" for line in body)]))
            self._met = f"{name}({', '.join(['row', *kinds])})"
        return self._met

    def _time_of(self, row: str) -> str:
        source = self._view.source
        return f"{row}[{quoted(source.time)}]" if source and source.time else "as_of"

    def _found(self, join: Join, row: str, time: str, *, any_age: bool = False) -> str:
        """Return the call that finds what ``row`` is joined with at its time, or when asked."""
        keys = [self._key(column, row) for _, column in join.on]
        given = self._given[join.source, tuple(name for name, _ in join.on)]
        moment = "as_of" if join.at_request else time
        finder = self._finder(join, any_age=any_age)
        return f"{finder}({', '.join([given, *keys, moment])})"

    def _key(self, column: Column, row: str) -> str:
        if (joined := self.column(column)) is not None:
            return spelled(joined.node)
        own = self._view.source is not None and column.relation == self._view.source.name
        return f"{row if own else 'request'}[{quoted(column.name)}]"

    # --- the row in hand, or the one that was looked up

    def bare(self) -> tuple[Join, ...]:
        """Return the joins of the row whose columns stand outside of aggregates."""
        nodes = [n for f in self._view.features for n in walk_outside_aggregates(f.expression)]
        read = {n.relation for n in nodes if isinstance(n, Column)}
        if any(n.current for n in nodes if isinstance(n, Aggregate)):
            read |= {join.name for join in self._inside}
        return used_joins(self._view, read)

    def bare_lines(self, joins: Iterable[Join]) -> list[str]:
        """Return the lines that find what that row is joined with."""
        return [f"{self._local[join.name]} = {self.bare_found(join)}" for join in joins]

    def bare_found(self, join: Join, *, any_age: bool = False) -> str:
        """Return what finds the row of one of them; of any age: stale ones, too."""
        if not self._view.looks_up:
            return self._found(join, "request", "as_of", any_age=any_age)
        found = self._found(join, "latest", self._time_of("latest"), any_age=any_age)
        return f"None if latest is None else {found}"

    def local(self, join: Join) -> str:
        """Return what the row of ``join`` is called."""
        return self._local[join.name]

    # --- the functions that find a row

    def _finder(self, join: Join, *, any_age: bool) -> str:
        """Return the function that finds the row of a source that held at a moment."""
        source, keys = join.source, tuple(name for name, _ in join.on)
        given, age = self._given[source, keys], self._view.max_age
        if given not in self._finders:
            name = f"_{self._module.names.new(f'{self._function}_{identifier(source.name)}')}"
            self._finders[given] = name
            names = Names({*OWN, *self._given.values(), "at", "found"})
            asked = {names.new(key): source.field(key) for key in keys}
            kinds = {word: annotation(f.type, nullable=True) for word, f in asked.items() if f}
            head = ", ".join(
                [
                    f"{given}: {rows_function(source, keys)}",
                    *(f"{word}: {kind}" for word, kind in kinds.items()),
                    f"at: {self.moment_kind}",
                ]
            )
            said = f"({head}) -> {row_type(source)} | None:"
            passed = ", ".join([given, *asked, "at"])
            any_name = f"{name}_of_any_age" if age is not None else name
            lines = self._finding(source, f"{given}({', '.join(asked)})", list(asked))
            self.functions.append("\n".join([f"def {any_name}{said}", *lines]))
            if age is not None:
                lines = self._ageing(source, f"{any_name}({passed})", age)
                self.functions.append("\n".join([f"def {name}{said}", *lines]))
        stale = any_age and age is not None
        return f"{self._finders[given]}_of_any_age" if stale else self._finders[given]

    def _finding(self, source: Source, rows: str, keys: list[str]) -> list[str]:
        delay = self._view.delay
        before = f"windows.earlier(at, {length(delay)})" if delay else "at"
        time = self._getter(source, "time", source.time or "")
        if source.available:
            field = self._getter(source, "available", source.available)
            found = f"windows.last_known({rows}, {time}, at, {field}, {before})"
        else:
            found = f"windows.last_before({rows}, {time}, {before})"
        nulls = " or ".join(f"{word} is None" for word in [*keys, *["at"] * self.timeless])
        doc = f'"""Return the row of {source.name} that held at a moment: the latest one known."""'
        return [
            f"    {line}" for line in (doc, f"if {nulls}:", "    return None", f"return {found}")
        ]

    def _ageing(self, source: Source, found: str, age: int) -> list[str]:
        absent = "found is None or at is None" if self.timeless else "found is None"
        old = f"found[{quoted(source.time or '')}] < windows.earlier(at, {length(age)})"
        lines = (
            f'"""Return that row of {source.name}, unless it is too old."""',
            f"found = {found}",
            f"if {absent} or {old}:",
            "    return None",
            "return found",
        )
        return [f"    {line}" for line in lines]

    def _getter(self, source: Source, what: str, field: str) -> str:
        return getter(self._module, source, what, field)


def getter(module: Module, source: Source, what: str, field: str) -> str:
    """Return the constant that takes a time of ``source`` out of a row."""
    return spelled(module.constant(f"{source.name}_{what}".upper(), f"itemgetter({quoted(field)})"))
