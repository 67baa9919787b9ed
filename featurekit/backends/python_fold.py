"""Simplify Python expressions once it is known what is constant and what is never None.

All of this is Python's own meaning, so it holds for the body of any operator.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

NullFact = Callable[[ast.expr], bool | None]
"""Whether an expression is None: True, False, or None for not known."""

NONE = ast.Constant(None)
_UNKNOWN = object()

_COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
# only these are inverted: with NaN, `not (a < b)` is not `a >= b`
_INVERTED: dict[type[ast.cmpop], ast.cmpop] = {
    ast.Is: ast.IsNot(),
    ast.IsNot: ast.Is(),
    ast.Eq: ast.NotEq(),
    ast.NotEq: ast.Eq(),
    ast.In: ast.NotIn(),
    ast.NotIn: ast.In(),
}


def folded(node: ast.expr, is_none: NullFact) -> ast.expr:
    """Return ``node`` without the branches that cannot be taken."""
    made: ast.expr = _Fold(is_none).visit(node)
    return made


def constant(node: ast.expr) -> Any:
    """Return the value of a literal (a sign and tuples included), else the mark for unknown."""
    match node:
        case ast.Constant(value):
            return value
        case ast.UnaryOp(ast.USub(), ast.Constant(int() | float() as value)):
            return -value
        case ast.Tuple(parts):
            values = [constant(part) for part in parts]
            return _UNKNOWN if any(v is _UNKNOWN for v in values) else tuple(values)
        case _:
            return _UNKNOWN


def is_constant(node: ast.expr) -> bool:
    """Whether ``node`` is a literal."""
    return constant(node) is not _UNKNOWN


class _Fold(ast.NodeTransformer):
    def __init__(self, is_none: NullFact) -> None:
        self._is_none = is_none

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        if len(node.ops) != 1:
            return node
        op, right = node.ops[0], node.comparators[0]
        if isinstance(op, ast.Is | ast.IsNot):
            return self._identity(node, op, right)
        left_value, right_value = constant(node.left), constant(right)
        if left_value is _UNKNOWN and isinstance(op, ast.In | ast.NotIn):
            return ast.Compare(node.left, [op], [_as_set(right)])
        if left_value is _UNKNOWN or right_value is _UNKNOWN:
            return node
        try:
            return ast.Constant(_COMPARED[type(op)](left_value, right_value))
        except TypeError:  # None < 1, in a branch that is not taken
            return node

    def _identity(self, node: ast.Compare, op: ast.cmpop, right: ast.expr) -> ast.expr:
        same: bool | None = None
        expected = constant(right)
        if expected is None:
            same = self._is_none(node.left)
        elif isinstance(expected, bool) and is_constant(node.left):
            same = constant(node.left) is expected
        return node if same is None else ast.Constant(same == isinstance(op, ast.Is))

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        self.generic_visit(node)
        absorbing = isinstance(node.op, ast.Or)
        kept: list[ast.expr] = []
        for part in node.values:
            value = constant(part)
            if value is absorbing:
                return ast.Constant(absorbing)
            if value is not (not absorbing):
                kept.append(part)
        if not kept:
            return ast.Constant(not absorbing)
        if len(kept) == 1:
            return kept[0]
        return _not_below(kept) if absorbing and len(kept) == 2 else ast.BoolOp(node.op, kept)  # noqa: PLR2004  a or b

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        return negated(node.operand) if isinstance(node.op, ast.Not) else node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        self.generic_visit(node)
        test = constant(node.test)
        if isinstance(test, bool):
            return node.body if test else node.orelse
        return node


def _as_set(node: ast.expr) -> ast.expr:
    """Return a tuple of constants as the set that Python keeps as one constant."""
    value = constant(node)
    same = isinstance(value, tuple) and len({type(member) for member in value}) == 1
    if same and isinstance(node, ast.Tuple) and type(value[0]) in {str, int}:
        return ast.Set(node.elts)
    return node


def _not_below(parts: list[ast.expr]) -> ast.expr:
    """Return ``not a < c`` for ``a >= c or a != a``: the same for a NaN, in one comparison."""
    match parts:
        case [
            ast.Compare(ast.Name(one), [ast.GtE() | ast.Gt() as op], [bound]),
            ast.Compare(ast.Name(two), [ast.NotEq()], [ast.Name(three)]),
        ] if one == two == three and isinstance(value := constant(bound), float) and value == value:  # noqa: PLR0124  not NaN
            below: ast.cmpop = ast.Lt() if isinstance(op, ast.GtE) else ast.LtE()
            return ast.UnaryOp(ast.Not(), ast.Compare(ast.Name(one), [below], [bound]))
        case _:
            return ast.BoolOp(ast.Or(), parts)


def negated(node: ast.expr) -> ast.expr:
    """Return what is true exactly when ``node`` is false; ``node`` is a bool."""
    match node:
        case ast.Constant(bool() as value):
            return ast.Constant(not value)
        case ast.UnaryOp(ast.Not(), operand):
            return operand
        case ast.Compare(left, [op], comparators) if type(op) in _INVERTED:
            return ast.Compare(left, [_INVERTED[type(op)]], comparators)
        case ast.BoolOp(ast.Or(), values):
            return ast.BoolOp(ast.And(), [negated(value) for value in values])
        case _:
            return ast.UnaryOp(ast.Not(), node)


def truth(node: ast.expr) -> ast.expr:
    """Return what is truthy exactly when ``node`` is True, where only that matters.

    None counts as false, as in a WHERE or a WHEN.
    """
    match node:
        case ast.IfExp(test, ast.Constant(None | False), orelse):
            return both(negated(test), truth(orelse))
        case ast.IfExp(test, ast.Constant(True), orelse):
            return either(test, truth(orelse))
        case ast.IfExp(test, body, ast.Constant(None | False)):
            return both(test, truth(body))
        case ast.Constant(None):
            return ast.Constant(False)  # noqa: FBT003  the constructor's only argument
        case _:
            return node


def both(*parts: ast.expr) -> ast.expr:
    """Return ``a and b``, flattened."""
    return _joined(ast.And(), parts)


def either(*parts: ast.expr) -> ast.expr:
    """Return ``a or b``, flattened."""
    return _joined(ast.Or(), parts)


def _joined(op: ast.boolop, parts: tuple[ast.expr, ...]) -> ast.expr:
    absorbing = isinstance(op, ast.Or)
    flat: list[ast.expr] = []
    for part in parts:
        same = isinstance(part, ast.BoolOp) and type(part.op) is type(op)
        flat += part.values if same and isinstance(part, ast.BoolOp) else [part]
    if any(constant(part) is absorbing for part in flat):
        return ast.Constant(absorbing)
    kept = [part for part in flat if constant(part) is not (not absorbing)]
    if not kept:
        return ast.Constant(not absorbing)
    return kept[0] if len(kept) == 1 else ast.BoolOp(op, kept)


def proved(test: ast.expr, *, holds: bool) -> frozenset[str]:
    """Return the names that are not None when ``test`` is truthy (``holds``) or falsy."""
    match test:
        case ast.Compare(ast.Name(name), [ast.Is()], [ast.Constant(None)]):
            return frozenset() if holds else frozenset({name})
        case ast.Compare(ast.Name(name), [ast.IsNot()], [ast.Constant(None)]):
            return frozenset({name}) if holds else frozenset()
        case ast.UnaryOp(ast.Not(), operand):
            return proved(operand, holds=not holds)
        case ast.BoolOp(op, values) if isinstance(op, ast.And) == holds:
            return frozenset().union(*(proved(value, holds=holds) for value in values))
        case _:
            return frozenset()


def may_be_none(node: ast.expr, nullable: frozenset[str]) -> bool:
    """Whether ``node`` can be None when the names in ``nullable`` can be; unsure means yes."""
    match node:
        case ast.Constant(value):
            return value is None
        case ast.Name(name):
            return name in nullable
        case ast.IfExp(test, body, orelse):
            return may_be_none(body, nullable - proved(test, holds=True)) or may_be_none(
                orelse, nullable - proved(test, holds=False)
            )
        case ast.Subscript(_, ast.Slice()):
            return False
        case ast.BinOp() | ast.UnaryOp() | ast.Compare() | ast.Tuple() | ast.Attribute():
            return False
        case ast.BoolOp(_, values):
            return any(may_be_none(value, nullable) for value in values)
        case ast.Call(ast.Name("float" | "int" | "str" | "len" | "bool" | "abs")):
            return False
        case _:
            return True
