"""What every SQL engine needs of the tables that a training query reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from featurekit.errors.data import SameButForCase
from featurekit.ir.definitions import Source
from featurekit.ir.view import View


def sources_of(views: Mapping[str, View]) -> tuple[Source, ...]:
    """Return the sources whose rows ``views`` read, each once."""
    found = {source.name: source for view in views.values() for source in view.stored}
    return tuple(found.values())


def refuse_same_but_for_case(
    tables: Mapping[str, Iterable[str]], views: Mapping[str, View]
) -> None:
    """Refuse names that an SQL engine cannot tell apart.

    Args:
        tables: The columns of each table, by its name.
        views: By reference; each is a step of the query.

    Raises:
        SameButForCase: FK291.
    """
    for name, columns in tables.items():
        _distinct(name, columns)
    _distinct("the query", tables)
    for reference, view in views.items():
        _distinct(reference, [feature.name for feature in view.features])


def _distinct(table: str, names: Iterable[str]) -> None:
    seen: dict[str, str] = {}
    for name in names:
        if name.lower() in seen:
            raise SameButForCase(table, seen[name.lower()], name)
        seen[name.lower()] = name
