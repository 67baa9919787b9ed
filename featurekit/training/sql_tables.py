"""What every SQL engine needs of the tables that a training query reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from featurekit.backends.to_sql_dialect import Dialect
from featurekit.backends.to_sql_joins import Crowd
from featurekit.errors.data import SameButForCase
from featurekit.ir.definitions import Source
from featurekit.ir.nodes import Aggregate
from featurekit.ir.view import View, aggregates


def sources_of(views: Mapping[str, View]) -> tuple[Source, ...]:
    """Return the sources whose rows ``views`` read, each once."""
    found = {source.name: source for view in views.values() for source in view.stored}
    return tuple(found.values())


def crowds(
    views: Mapping[str, View], eases: Callable[[View, Aggregate, Dialect], bool], dialect: Dialect
) -> dict[Crowd, View]:
    """Return where busy keys are worth to be found, each with the first view that asks there.

    Args:
        views: By reference.
        eases: Whether an aggregate need not meet a busy key's rows one by one.
        dialect: Of whom that is asked.
    """
    found: dict[Crowd, View] = {}
    for view in views.values():
        if view.source and any(eases(view, node, dialect) for node in aggregates(view)):
            found.setdefault((view.source.name, view.keys), view)
    return found


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
