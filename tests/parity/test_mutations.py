"""The vectors mean something: nearly every small mistake in a feature fails one of them."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from shop_cells import CELLS
from shop_packages import of_functions, package_of, shape_of, trainer

from featurekit.parity.edges import derived_cases
from featurekit.parity.prove import case_lines, compare_served
from featurekit.parity.rows import Shape
from featurekit.parity.serve import serve_here
from featurekit.parity.vectors import expected

_OTHER: dict[type, type] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
_VIEWS, _STATE = "shop_features/v1_0/views.py", "shop_features/v1_0/state.py"


def functions(tree: ast.Module) -> list[ast.FunctionDef]:
    """Return the functions that make values; those that explain a null make none."""
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    found += [m for c in classes for m in c.body if isinstance(m, ast.FunctionDef)]
    return [node for node in found if not node.name.endswith("_absence")]


def mutants(text: str) -> Iterator[tuple[str, str]]:
    """Yield the line that is wrong now and the whole text, for one mistake after another."""
    tree, lines = ast.parse(text), text.splitlines()
    for number, owner in enumerate(functions(tree)):
        for place, node in enumerate(ast.walk(owner)):
            for change in changes(node):
                wrong = copy.deepcopy(tree)
                change(list(ast.walk(functions(wrong)[number]))[place])
                yield lines[getattr(node, "lineno", 1) - 1].strip(), ast.unparse(wrong)


def changes(node: ast.AST) -> Iterator[Callable[[Any], object]]:
    match node:
        case ast.Compare(_, [op]) if type(op) in _OTHER:
            yield lambda n: setattr(n, "ops", [_OTHER[type(op)]()])
        case ast.BinOp(_, op) | ast.BoolOp(op) if type(op) in _OTHER:
            yield lambda n: setattr(n, "op", _OTHER[type(op)]())
        case ast.Constant(bool() as value):
            yield lambda n: setattr(n, "value", not value)
        case ast.Constant(int() | float() as value):
            yield lambda n: setattr(n, "value", value + 1)
        case ast.IfExp(_, body, orelse):
            yield lambda n: (setattr(n, "body", orelse), setattr(n, "orelse", body))
        case _:
            pass


def survivors(made: Shape, path: str) -> tuple[int, list[str]]:
    """Return how many mistakes were tried and the lines of those that no vector noticed."""
    package, cases = package_of(made), derived_cases(made)
    if path == _VIEWS:
        package = of_functions(package)
    meant, lines = expected(cases, made, trainer(made)), list(case_lines(made, cases))
    tried, alive = 0, []
    for line, text in mutants(package.get(path, "")):
        tried += 1
        given = serve_here({**package, path: text}, made.interface, lines).answers
        if not compare_served(made, [{}] * len(given), meant, given).differences:
            alive.append(line)
    return tried, alive


@pytest.mark.slow
def test_nearly_every_mistake_in_a_generated_feature_fails_a_vector() -> None:
    counted = [survivors(shape_of(case), _VIEWS) for case in CELLS]
    tried = sum(count for count, _ in counted)
    alive = [line for _, lines in counted for line in lines]
    assert tried > 60
    # the rest mean the same: two answers that are null together, a default below its only bound
    assert len(alive) <= 0.05 * tried, alive
