"""A cell in polars is read statement by statement: which features it names, and by what trees.

Python's own parser reads the text; what it holds is built by calling the polars functions that
``polars_methods`` names, with constants and expressions. Nothing of the cell is run as Python.
"""

from __future__ import annotations

import ast
import json
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from featurekit.errors import Where
from featurekit.errors.names import DuplicateFeature, FeatureWithoutName
from featurekit.errors.polars import PolarsUnreadable
from featurekit.frontends.naming import checked_name
from featurekit.frontends.polars_values import Helper, Values, place_of

MOST_CHARACTERS = 100_000
_IMPORTS = {
    "import polars as pl",
    "import datetime as dt",
    "import datetime",
    "from datetime import date",
    "from datetime import datetime",
    "from datetime import timedelta",
    "from datetime import timezone",
}
_VERBS = ("select", "with_columns", "filter")


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell says.

    Attributes:
        text: As the author wrote it.
        features: Name to polars' tree.
        filters: What ``filter(...)`` asks of each row.
        helpers: What ``fk.name(...)`` stands for, by the name of the column in its place.
        built: Every expression that was built and where, inner ones first.
        places: Where each feature stands.
    """

    text: str
    features: dict[str, Any] = field(default_factory=dict)
    filters: list[Any] = field(default_factory=list)
    helpers: dict[str, Helper] = field(default_factory=dict)
    built: list[tuple[ast.expr, Any]] = field(default_factory=list)
    places: dict[str, Where | None] = field(default_factory=dict)

    def place(self, tree: Any) -> Where | None:
        """Return where the expression stands whose tree is ``tree``, or the first that holds it."""
        holding: ast.expr | None = None
        for node, made in self.built:
            found = tree_of(made)
            if found == tree:
                return place_of(self.text, node)
            if holding is None and _holds(found, tree):
                holding = node
        return place_of(self.text, holding) if holding is not None else None

    def source_of(self, tree: Any) -> str:
        """Return the author's spelling of ``tree``, in one line; empty where there is none."""
        for node, made in self.built:
            if tree_of(made) == tree:
                return " ".join((ast.get_source_segment(self.text, node) or "").split())
        return ""


def tree_of(expression: Any) -> Any:
    """Return polars' own tree of ``expression`` as JSON values."""
    return json.loads(expression.meta.serialize(format="json"))


def _holds(tree: Any, part: Any) -> bool:
    if tree == part:
        return True
    inner: Iterator[Any] = iter(())
    if isinstance(tree, dict):
        inner = iter(tree.values())
    elif isinstance(tree, list):
        inner = iter(tree)
    return any(_holds(child, part) for child in inner)


def leading_comment(text: str) -> str:
    """Return the comment lines before the first statement, as one line."""
    found: list[str] = []
    for line in text.splitlines():
        bare = line.strip()
        if bare and not bare.startswith("#"):
            break
        found.append(bare.lstrip("#").strip())
    return " ".join(" ".join(found).split())


def read_cell(text: str) -> Cell:
    """Return what ``text`` names.

    Raises:
        DefinitionError: FK102 too long or nested, FK130 to FK132 names, FK160 unreadable, FK161 and
            FK162 what is not carried, FK164 what polars itself does not take.
    """
    cell = Cell(text)
    values = Values(text, cell.helpers, cell.built)
    for statement in _statements(text):
        _read(statement, cell, values)
    if not cell.features:
        raise PolarsUnreadable("the cell names no feature", None)
    return cell


def _statements(text: str) -> list[ast.stmt]:
    if len(text) > MOST_CHARACTERS:
        raise PolarsUnreadable(f"the cell has more than {MOST_CHARACTERS:,} characters", None)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd numbers and escapes: nothing of it runs
            return ast.parse(text).body
    except SyntaxError as broken:
        line, column = broken.lineno or 1, broken.offset or 1
        fix = ""
        if text.lstrip().upper().startswith(("SELECT", "--")):
            fix = "leave --polars out: this looks like SQL"
        where = Where(text, line, max(column, 1), 1)
        problem = f"cannot read the Python: {broken.msg}"
        raise PolarsUnreadable(problem, where, "", fix) from None
    except (ValueError, RecursionError, MemoryError) as broken:
        raise PolarsUnreadable(f"cannot read the Python: {broken}", None) from None


def _read(statement: ast.stmt, cell: Cell, values: Values) -> None:
    match statement:
        case ast.Import() | ast.ImportFrom():
            _check_import(statement, cell)
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            _assigned(name, value, cell, values)
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            _assigned(name, value, cell, values)
        case ast.Expr(value=ast.Constant(value=str())):
            pass  # a text by itself explains what follows
        case ast.Expr(value=ast.Call(func=ast.Name(id=verb)) as call) if verb in _VERBS:
            _said(verb, call, cell, values)
        case ast.Expr(value=ast.List(elts=items) | ast.Tuple(elts=items)):
            for item in items:
                _selected(item, cell, values)
        case ast.Expr(value=value):
            _selected(value, cell, values)
        case _:
            kind = type(statement).__name__
            problem = f"a cell has no Python statement such as {kind.lower()!r}"
            raise PolarsUnreadable(problem, place_of(cell.text, statement))


def _check_import(statement: ast.Import | ast.ImportFrom, cell: Cell) -> None:
    spelled = ast.unparse(statement)
    head, _, names = spelled.partition(" import ")
    lines = [f"{head} import {name}" for name in names.split(", ")] if names else [spelled]
    if not set(lines) <= _IMPORTS:
        where = place_of(cell.text, statement)
        why = "pl, fk, dt, date, datetime, timedelta and timezone are there already"
        raise PolarsUnreadable(f"a cell cannot {spelled}", where, why)


def _assigned(name: str, value: ast.expr, cell: Cell, values: Values) -> None:
    made = values.value(value)
    values.names[name] = made
    if values.is_unfinished(made):
        fix = "pl.when(condition).then(value)"
        raise PolarsUnreadable(
            "pl.when(...) has no .then(...)", place_of(cell.text, value), "", fix
        )
    if values.is_expression(made) and not name.startswith("_"):
        tree = tree_of(made)
        where = place_of(cell.text, value)
        alias = tree["Alias"][1] if isinstance(tree, dict) and "Alias" in tree else name
        if alias not in {name, "date", "datetime", "duration"}:
            problem = f"this is called {name!r} and {alias!r}"
            raise PolarsUnreadable(problem, where, "a feature has one name", f"{name} = ...")
        _keep(name, tree, where, cell)


def _said(verb: str, call: ast.Call, cell: Cell, values: Values) -> None:
    where = place_of(cell.text, call)
    for item in call.args:
        nested = item.elts if isinstance(item, ast.List | ast.Tuple) else [item]
        for one in nested:
            if verb == "filter":
                cell.filters.append(tree_of(values.expression(one)))
            else:
                _selected(one, cell, values)
    for keyword in call.keywords:
        if keyword.arg is None or verb == "filter":
            fix = 'filter(pl.col("status") == "settled")'
            raise PolarsUnreadable(f"{verb} takes expressions", where, "", fix)
        _keep(keyword.arg, tree_of(values.expression(keyword.value)), where, cell)


def _selected(item: ast.expr, cell: Cell, values: Values) -> None:
    tree, where = tree_of(values.expression(item)), place_of(cell.text, item)
    match tree:
        case {"Alias": [_, str(name)]}:
            _keep(name, tree, where, cell)
        case {"Column": str(name)} if name not in cell.helpers:
            _keep(name, tree, where, cell)
        case _:
            unnamed = FeatureWithoutName("name", where)
            unnamed.fix = 'name = ..., or ....alias("name")'
            raise unnamed


def _keep(name: str, tree: Any, where: Where | None, cell: Cell) -> None:
    """Remember one feature.

    Raises:
        DefinitionError: FK131 a name that cannot be, FK132 two of one name.
    """
    lower = checked_name("feature", name, where)
    if lower in cell.features:
        twice = DuplicateFeature(lower, where)
        twice.fix = f"{lower}_2 = ..., or _{lower} = ... for what is only a step on the way"
        raise twice
    cell.features[lower], cell.places[lower] = tree, where
