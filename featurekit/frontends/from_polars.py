"""A ``%%feature --polars`` cell becomes a view: the same canonical form as the equal SQL cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from featurekit.errors import Where
from featurekit.errors.definition import BadOption, ClauseRefused, DefinitionError
from featurekit.errors.polars import PolarsRefused
from featurekit.frontends import (
    polars_aggregates,
    polars_functions,
    polars_helpers,
    polars_operators,
    polars_texts,
    polars_times,
    polars_windows,
)
from featurekit.frontends.assembling import assembled, no_rows
from featurekit.frontends.binding import apply
from featurekit.frontends.ground import check_header, settle
from featurekit.frontends.naming import Names, Relation
from featurekit.frontends.polars_cell import Cell, leading_comment, read_cell
from featurekit.frontends.polars_reader import (
    Called,
    Form,
    Function,
    PolarsReader,
    Tree,
    named_function,
    opened,
)
from featurekit.frontends.polars_wording import reworded
from featurekit.frontends.scope import Header, Scope
from featurekit.ir.nodes import Expression
from featurekit.ir.view import Grain, View

__all__ = ["Read", "leading_comment", "read_polars"]

_FUNCTIONS: Mapping[str, Function] = {
    **polars_operators.FUNCTIONS,
    **polars_functions.FUNCTIONS,
    **polars_texts.FUNCTIONS,
    **polars_times.FUNCTIONS,
    **polars_aggregates.FUNCTIONS,
}


@dataclass(frozen=True, slots=True)
class Read:
    """A view, and what it was read from, so that one can be tried against the other.

    Attributes:
        view: What the cell means.
        features: Name to polars' tree, with windows in the one form.
        filters: What ``filter(...)`` asks of each row.
        meant: What each word of ``pl.col(...)``, and each column in the place of an
            ``fk.name(...)``, is inside an aggregate (True) and outside.
        places: Where each feature stands.
    """

    view: View
    features: Mapping[str, Tree]
    filters: tuple[Tree, ...]
    meant: Mapping[tuple[str, bool], Expression]
    places: Mapping[str, Where | None]


def read_polars(header: Header, text: str, scope: Scope) -> Read:
    """Return the view that ``text`` defines under ``header``.

    Raises:
        DefinitionError: FK102 to FK165, with the place in ``text`` where there is one.
    """
    try:
        return _read(header, text, scope)
    except DefinitionError as error:
        raise reworded(error) from None


def _read(header: Header, text: str, scope: Scope) -> Read:
    name, _, _ = check_header(header)
    if header.dialect != "duckdb":
        why = "a cell in polars is in no dialect of SQL"
        raise BadOption("--dialect", header.dialect, why, "leave --dialect out")
    ground = settle(header, name, (), scope)
    cell = read_cell(text)
    keys = [field.name for entity in ground.entities for field in entity.keys]
    features = {word: _normal(tree, keys, cell) for word, tree in cell.features.items()}
    reader = PolarsReader(
        names=Names(ground.relations, features, lambda f, r: _is_column(features[f], r, f)),
        vocabularies=scope.vocabularies,
        no_rows=no_rows(ground),
        cell=cell,
        time=ground.source.time if ground.source else None,
        forms=_FORMS,
        in_hand=ground.grain is Grain.ROW,
    )
    filters = tuple(_normal(tree, keys, cell) for tree in cell.filters)
    reader.where = _where(filters, reader)
    view = assembled(header, ground, scope, reader, features)
    return Read(view, features, filters, reader.meant, cell.places)


def _normal(tree: Tree, keys: list[str], cell: Cell) -> Tree:
    try:
        return polars_windows.normal(tree, keys)
    except DefinitionError as error:
        error.where = error.where or cell.place(tree)
        raise


def _is_column(tree: Tree, relation: Relation, name: str) -> bool:
    while opened(tree)[0] == "Alias":
        tree = opened(tree)[1][0]
    kind, word = opened(tree)
    return kind == "Column" and str(word).lower() in {
        name,
        *(f"{w}.{name}" for w in relation.words),
    }


def _where(filters: tuple[Tree, ...], reader: PolarsReader) -> Expression | None:
    found: Expression | None = None
    for tree in filters:
        if reader.no_rows:
            fix = "pl.when(condition).then(value)"
            raise ClauseRefused("filter here", reader.no_rows, fix, reader.place(tree))
        condition = reader.condition(tree, "filter", inside=True)
        found = condition if found is None else apply("AND", [found, condition], None)
    return found


def _function(reader: PolarsReader, body: Any) -> Expression:
    name, options = named_function(body["function"])
    form = _FUNCTIONS.get(name)
    if form is None:
        why = "the language has no such function"
        raise PolarsRefused(name.removesuffix("Expr"), why, "the same in SQL, or fk.name(...)")
    return form(Called(reader, body["input"], options))


_FORMS: Mapping[str, Form] = {
    **polars_operators.FORMS,
    **polars_aggregates.FORMS,
    **polars_windows.FORMS,
    **polars_helpers.FORMS,
    "Function": _function,
}
