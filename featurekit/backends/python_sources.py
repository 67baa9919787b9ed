"""The source of operators and aggregates, taken out of ``ops`` with everything it refers to.

What an operator means is its body, so the body is what a package contains: the same text, without
its decorator and its cases.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from featurekit.ops import AGGREGATES, OPERATORS

_OWN = "featurekit."
_PLAIN = {"ConstantText": "str", "ConstantInt": "int", "ConstantDouble": "float"}
_PLAIN |= {"ConstantLength": "int", "EventTime": "dt.datetime", "Moment": "dt.datetime"}
_BUILTINS = frozenset(dir(builtins))
_LINT_MARK = re.compile(r"\s+# noqa[^\n]*$")


@dataclass(frozen=True, slots=True, order=True)
class Imported:
    """A name of the standard library: ``import datetime as dt``, ``from math import log``."""

    module: str
    name: str | None
    alias: str

    @property
    def text(self) -> str:
        """The import statement."""
        if self.name is None:
            given = "" if self.alias == self.module else f" as {self.alias}"
            return f"import {self.module}{given}"
        given = "" if self.alias == self.name else f" as {self.alias}"
        return f"from {self.module} import {self.name}{given}"


@dataclass(frozen=True, slots=True, order=True)
class Definition:
    """A function, class or constant of this toolkit, by module and name."""

    module: str
    name: str


Symbol = Imported | Definition


@cache
def _lines(module: str) -> tuple[str, ...]:
    return tuple(inspect.getsource(importlib.import_module(module)).splitlines())


@cache
def _statements(module: str) -> dict[str, ast.stmt]:
    """Every name that ``module`` binds at its top, and the statement that binds it."""
    found: dict[str, ast.stmt] = {}
    for statement in ast.parse("\n".join(_lines(module))).body:
        for name in _bound(statement):
            found[name] = statement
    return found


def _bound(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.FunctionDef(name) | ast.ClassDef(name):
            yield name
        case ast.Assign(targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(ast.Name(name)):
            yield name
        case ast.Import(names) | ast.ImportFrom(_, names):
            yield from (alias.asname or alias.name for alias in names)
        case _:
            pass


def resolve(module: str, name: str) -> Symbol:
    """Return what ``name`` stands for in ``module``, followed to where it is defined."""
    statement = _statements(module)[name]
    match statement:
        case ast.Import(names):
            (alias,) = [a for a in names if (a.asname or a.name) == name]
            return Imported(alias.name, None, name)
        case ast.ImportFrom(origin, names):
            (alias,) = [a for a in names if (a.asname or a.name) == name]
            origin = origin or ""
            if not origin.startswith(_OWN):
                return Imported(origin, alias.name, name)
            if name not in _statements(origin):
                return Imported(f"{origin}.{alias.name}", None, name)
            return resolve(origin, alias.name)
        case _:
            return Definition(module, name)


def statement_of(definition: Definition) -> ast.stmt:
    """Return the statement that binds ``definition``."""
    return _statements(definition.module)[definition.name]


def needs(definition: Definition) -> tuple[Symbol, ...]:
    """Return what ``definition`` refers to directly, sorted by name."""
    statement = statement_of(definition)
    names = sorted(free_names(statement) - {definition.name} - _PLAIN.keys())
    return tuple(resolve(definition.module, name) for name in names)


def definition_of(thing: Any) -> Definition:
    """Return where a body or an algebra is defined."""
    return Definition(thing.__module__, thing.__qualname__)


@cache
def reachable() -> frozenset[Symbol]:
    """Return everything that the bodies of the whole table rest on, themselves included."""
    waiting: list[Symbol] = [definition_of(row.body) for row in OPERATORS.values()]
    waiting += [definition_of(row.algebra) for row in AGGREGATES.values()]
    seen: set[Symbol] = set()
    while waiting:
        symbol = waiting.pop()
        if symbol not in seen:
            seen.add(symbol)
            waiting += needs(symbol) if isinstance(symbol, Definition) else ()
    return frozenset(seen)


@cache
def package_name(definition: Definition) -> str:
    """Return what ``definition`` is called in a package, where all modules of ``ops`` are one.

    A name that two modules use for two things carries its module's name.
    """
    others = [d for d in reachable() if isinstance(d, Definition) and d.name == definition.name]
    if len(others) < 2:  # noqa: PLR2004  one is itself
        return definition.name
    module = definition.module.rpartition(".")[2]
    return f"{definition.name}_{module.upper() if definition.name.isupper() else module}"


def free_names(node: ast.AST) -> set[str]:
    """Return the names that ``node`` reads and does not bind itself, builtins left out."""
    read: set[str] = set()
    bound: set[str] = set()
    parts = [node]
    while parts:
        part = parts.pop()
        match part:
            case ast.Name(name, ast.Load()):
                read.add(name)
            case ast.Name(name):
                bound.add(name)
            case ast.arg(name):
                bound.add(name)
            case ast.FunctionDef(name) if part is not node:
                bound.add(name)
            case ast.ExceptHandler(_, str() as name):
                bound.add(name)
            case _:
                pass
        parts += [child for child in ast.iter_child_nodes(part) if not _decorates(part, child)]
    return read - bound - _BUILTINS


def _decorates(parent: ast.AST, child: ast.AST) -> bool:
    return isinstance(parent, ast.FunctionDef | ast.ClassDef) and child in parent.decorator_list


def source_of(definition: Definition) -> str:
    """Return the text of ``definition`` as a package contains it."""
    statement = statement_of(definition)
    end = statement.end_lineno or statement.lineno
    lines = list(_lines(definition.module)[statement.lineno - 1 : end])
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        for owner in (statement, *(m for m in statement.body if isinstance(m, ast.FunctionDef))):
            _shorten(owner, lines, statement.lineno)
    kept = [_LINT_MARK.sub("", line) for line in lines if line != _DROPPED]
    return adapted("\n".join(kept))


_DROPPED = "\0"


def _shorten(owner: ast.FunctionDef | ast.ClassDef, lines: list[str], first: int) -> None:
    """Take the ``Cases:`` out of the docstring of ``owner``."""
    doc = ast.get_docstring(owner)
    if doc is None or "Cases:" not in doc:
        return
    place = owner.body[0]
    start, end = place.lineno - first, (place.end_lineno or place.lineno) - first
    indent = " " * place.col_offset
    text = doc.partition("Cases:")[0].strip().replace("\\", "\\\\")
    body = [f"{indent}{line}".rstrip() for line in text.split("\n")]
    body[0] = f'{indent}"""{body[0].strip()}'
    body = [body[0] + '"""'] if len(body) == 1 else [*body, f'{indent}"""']
    lines[start] = "\n".join(body)
    for index in range(start + 1, end + 1):
        lines[index] = _DROPPED


def adapted(text: str) -> str:
    """Return ``text`` in the words of Python 3.10, constants' annotations as plain types."""
    for name, plain in _PLAIN.items():
        text = re.sub(rf"\b{name}\b", plain, text)
    return re.sub(r"\bdt\.UTC\b", "dt.timezone.utc", text)


@cache
def return_expression(module: str, name: str) -> ast.expr | None:
    """Return the body of a function as one expression, or None where it is more than that.

    ``if a: return x`` followed by ``return y`` is the expression ``x if a else y``.
    """
    statement = _statements(module)[name]
    assert isinstance(statement, ast.FunctionDef)  # noqa: S101  operators are functions
    body = statement.body[1:] if ast.get_docstring(statement) is not None else statement.body
    made = _as_expression(body)
    if made is None or any(not isinstance(part, _SIMPLE) for part in ast.walk(made)):
        return None
    return made


_SIMPLE = (
    ast.Name,
    ast.Constant,
    ast.BinOp,
    ast.UnaryOp,
    ast.BoolOp,
    ast.Compare,
    ast.IfExp,
    ast.Call,
    ast.keyword,
    ast.Attribute,
    ast.Subscript,
    ast.Slice,
    ast.Tuple,
    ast.expr_context,
    ast.operator,
    ast.unaryop,
    ast.boolop,
    ast.cmpop,
)


def _as_expression(body: list[ast.stmt]) -> ast.expr | None:
    match body:
        case [ast.Return(ast.expr() as value)]:
            return value
        case [ast.If(test, then, []), *rest] if rest:
            first, last = _as_expression(then), _as_expression(rest)
            return ast.IfExp(test, first, last) if first and last else None
        case [ast.If(test, then, orelse)]:
            first, last = _as_expression(then), _as_expression(orelse)
            return ast.IfExp(test, first, last) if first and last else None
        case _:
            return None
