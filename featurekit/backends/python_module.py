"""What a generated file needs besides its functions: imports, constants, operators."""

from __future__ import annotations

import ast
import datetime as dt
import inspect
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from typing import Any

from featurekit.backends.python_sources import (
    Definition,
    Imported,
    package_name,
    reachable,
    resolve,
)
from featurekit.backends.python_syntax import Names, dotted, literal, spelled

OWN = (
    *("operators", "windows", "request", "as_of", "history", "used", "row", "t"),
    *("visible", "latest", "reasons", "in_hand", "in_hand_joined", "seen", "joined", "older"),
    *("why", "dt", "math", "Decimal"),
)
"""Names that generated functions use for themselves."""


@cache
def imported_names() -> frozenset[str]:
    """Return every name that the bodies of operators and aggregates import."""
    own = {"Callable", "Sequence", "Mapping", "TypedDict", "itemgetter", "Status", "Request"}
    own |= {"gravest"}
    return frozenset(own | {one.alias for one in reachable() if isinstance(one, Imported)})


class Module:
    """Collects, while functions are made, what must stand above them.

    Attributes:
        names: The file's own names.
        imports: What of the standard library is used.
        operators: The operators and aggregates that are used.
        constants: Name and source of each constant, in order of first use.

    Args:
        taken: The names that the file's functions will have.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.names = Names({*OWN, *imported_names(), *taken})
        self.imports: set[Imported] = {Imported("datetime", None, "dt")}
        self.operators: set[Definition] = set()
        self.constants: dict[str, str] = {}
        self._known: dict[tuple[str, str, str], str] = {}

    def literal(self, value: Any) -> ast.expr:
        """Return how functions of this file say ``value``."""
        if isinstance(value, float) and (value != value or value in {float("inf"), -float("inf")}):  # noqa: PLR0124  NaN
            self.imports.add(Imported("math", None, "math"))
        if not isinstance(value, Decimal | dt.date):
            return literal(value)
        if isinstance(value, Decimal):
            self.imports.add(Imported("decimal", "Decimal", "Decimal"))
        return self.constant(type(value).__name__, spelled(literal(value)))

    def constant(self, wish: str, source: str, annotation: str = "") -> ast.expr:
        """Return the name of a constant of this file, made at first use."""
        key = (wish, annotation, source)
        if key not in self._known:
            name = "_" + self.names.new(wish).upper()
            while name in self.constants:
                name = "_" + self.names.new(wish).upper()
            self._known[key] = name
            self.constants[name] = f"{name}{annotation and f': {annotation}'} = {source}"
        return ast.Name(self._known[key])

    def operator(self, definition: Definition) -> ast.expr:
        """Return how functions of this file call something of ``operators.py``."""
        self.operators.add(definition)
        return dotted(f"operators.{package_name(definition)}")

    def global_name(self, module: str, name: str) -> ast.expr:
        """Return how a name of an operator's own module is said here."""
        symbol = resolve(module, name)
        if isinstance(symbol, Imported):
            self.imports.add(symbol)
            return ast.Name(symbol.alias)
        return self.operator(symbol)


def parameters_of(body: Any) -> list[inspect.Parameter]:
    """Return the parameters of an operator's body, in order."""
    return list(inspect.signature(body).parameters.values())
