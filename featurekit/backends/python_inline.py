"""The body of an operator with its arguments put in: what generated code says for a call."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from featurekit.backends import python_fold as fold
from featurekit.backends.python_module import Module, parameters_of
from featurekit.backends.python_sources import definition_of, free_names, return_expression
from featurekit.datatypes import Kind
from featurekit.ops import Nulls, Operator

_LONGEST_INLINE = 48


@dataclass(frozen=True, slots=True)
class Value:
    """Source of a value, and whether it can be None."""

    node: ast.expr
    nullable: bool


def applied(module: Module, row: Operator, values: list[Value]) -> Value:
    """Return the operator applied to arguments that may stand where they are used.

    Where the operator propagates nulls, the caller has tested them: the arguments are not null.
    """
    body = _inlined(row, values)
    if body is None:
        target = module.operator(definition_of(row.body))
        return Value(ast.Call(target, [v.node for v in values], []), row.makes_null)
    given = _arguments(row, values)
    nullable = frozenset(name for name, value in given.items() if value.nullable)
    can_be_none = row.makes_null and fold.may_be_none(body, nullable)
    outer = {
        name: module.global_name(row.body.__module__, name)
        for name in sorted(free_names(body) - given.keys())
    }
    places = {name: value.node for name, value in given.items()} | outer
    return Value(_Replace(_without_float(body, places)).visit(body), can_be_none)


def _arguments(row: Operator, values: list[Value]) -> dict[str, Value]:
    """Return parameter name to argument; a repeated parameter takes a tuple of the rest."""
    given: dict[str, Value] = {}
    rest = list(values)
    for parameter in parameters_of(row.body):
        if parameter.kind is parameter.VAR_POSITIONAL:
            given[parameter.name] = Value(
                ast.Tuple([v.node for v in rest], ast.Load()), nullable=False
            )
        else:
            given[parameter.name] = rest.pop(0)
    return given


def _inlined(row: Operator, values: list[Value]) -> ast.expr | None:
    """Return the body with constants put in and folded, or None where it must be called."""
    body = return_expression(row.body.__module__, row.body.__name__)
    if body is None:
        return None
    given = _arguments(row, values)
    fixed = {name: value.node for name, value in given.items() if fold.is_constant(value.node)}
    if any(isinstance(v.node, ast.Tuple) and name not in fixed for name, v in given.items()):
        return None

    def is_none(node: ast.expr) -> bool | None:
        if isinstance(node, ast.Name) and node.id in given:
            return None if given[node.id].nullable else False
        return fold.constant(node) is None if fold.is_constant(node) else None

    made = fold.folded(_Replace(fixed).visit(copy.deepcopy(body)), is_none)
    return made if sum(1 for _ in ast.walk(made)) <= _LONGEST_INLINE else None


def uses(row: Operator, values: list[Value], *, assume_present: bool) -> list[int]:
    """Return how often each argument stands in what will be written for the operator."""
    body = _inlined(row, [Value(v.node, v.nullable and not assume_present) for v in values])
    if body is None:
        return [1] * len(values)
    read = [node.id for node in ast.walk(body) if isinstance(node, ast.Name)]
    names = [p.name for p in parameters_of(row.body) if p.kind is not p.VAR_POSITIONAL]
    counted = [read.count(name) for name in names]
    return counted + [1] * (len(values) - len(counted))


_MIXES = (ast.Add, ast.Sub, ast.Mult, ast.Div)


def _without_float(body: ast.expr, places: dict[str, ast.expr]) -> dict[str, ast.expr]:
    """Take ``float()`` off one side of arithmetic: a float and an int compute just that."""
    match body:
        case ast.BinOp(ast.Name(left), op, ast.Name(right)) if isinstance(op, _MIXES):
            pass
        case _:
            return places
    if left == right or left not in places or right not in places:
        return places
    bare = {name: _unfloated(places[name]) for name in (left, right)}
    inside = {name: inner for name, inner in bare.items() if inner is not None}
    return {**places, **inside} if len(inside) == 1 else places


def _unfloated(node: ast.expr) -> ast.expr | None:
    match node:
        case ast.Call(ast.Name("float"), [inner], []):
            return inner
        case _:
            return None


class _Replace(ast.NodeTransformer):
    def __init__(self, places: Mapping[str, ast.expr]) -> None:
        self._places = places

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return copy.deepcopy(self._places.get(node.id, node))

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name) and (node.value.id, node.attr) == ("dt", "UTC"):
            return ast.Attribute(ast.Attribute(node.value, "timezone"), "utc")
        self.generic_visit(node)
        return node


LOGIC: dict[str, Callable[..., ast.expr]] = {
    "and": fold.both,
    "or": fold.either,
    "not": fold.negated,
}


@cache
def logic(row: Operator) -> str | None:
    """Return ``and``, ``or`` or ``not`` where the truth table of ``row`` is that one's.

    So conditions read as Python's own words; in them only "true or not" matters.
    """
    kinds = {p.type.kind if p.type else None for p in row.parameters}
    if (
        kinds != {Kind.BOOLEAN}
        or row.signature[1] is None
        or row.signature[1].kind is not Kind.BOOLEAN
    ):
        return None

    def answer(*given: bool | None) -> bool | None:
        if row.nulls is Nulls.PROPAGATE and None in given:
            return None
        outcome: bool | None = row.body(*given)
        return outcome

    three = (True, False, None)
    if len(row.parameters) == 1:
        return "not" if [answer(a) for a in three] == [False, True, None] else None
    if len(row.parameters) != 2 or row.parameters[1].repeated:  # noqa: PLR2004  a and b
        return None
    table = {(a, b): answer(a, b) for a in three for b in three}
    if any(table[a, b] is None for a in three[:2] for b in three[:2]):
        return None
    if all((v is True) == (a is True and b is True) for (a, b), v in table.items()):
        return "and"
    if all((v is True) == (a is True or b is True) for (a, b), v in table.items()):
        return "or"
    return None
