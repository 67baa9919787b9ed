"""A ``%%feature`` cell in SQL becomes a view: checked, typed, with every name resolved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from featurekit.errors import Where
from featurekit.errors.definition import ClauseRefused, StarRefused
from featurekit.errors.names import DuplicateFeature, FeatureWithoutName
from featurekit.frontends import (
    read_aggregates,
    read_calls,
    read_patterns,
    read_times,
    read_values,
)
from featurekit.frontends.assembling import assembled, no_rows
from featurekit.frontends.binding import apply
from featurekit.frontends.from_clause import listed_sources
from featurekit.frontends.ground import Ground, check_header, settle
from featurekit.frontends.literal_text import identifier
from featurekit.frontends.naming import Names, Relation, checked_name, suggested_name
from featurekit.frontends.read_joins import check_read, joined_ground
from featurekit.frontends.reader import Reader
from featurekit.frontends.scope import Header, Scope
from featurekit.frontends.spoken import spoken
from featurekit.frontends.sql_parser import Text, deep_stack, leading_comment, read_select
from featurekit.frontends.window_clauses import Rows, window_clauses
from featurekit.ir.nodes import Expression
from featurekit.ir.view import Grain, View

__all__ = ["leading_comment", "read_view"]

_FORMS = {
    **read_values.FORMS,
    **read_patterns.FORMS,
    **read_calls.FORMS,
    **read_times.FORMS,
    **read_aggregates.FORMS,
}
_KEPT = {"expressions", "from_", "where", "kind", "joins", "windows"}
_CLAUSES = {
    "with_": (
        "WITH",
        ("WITH",),
        "its rows would come from another query at another moment",
        "make it a view of its own, and derive from it",
    ),
    "distinct": (
        "DISTINCT",
        ("DISTINCT",),
        "a view answers for one entity at a time; it has no duplicates",
        "COUNT(DISTINCT x) OVER last_30d",
    ),
    "group": (
        "GROUP BY",
        ("GROUP_BY",),
        "the entity says for whom, and each aggregate's window says over what",
        "--entity customer, and SUM(amount) OVER last_30d",
    ),
    "having": (
        "HAVING",
        ("HAVING",),
        "a view answers for every entity",
        "CASE WHEN COUNT(*) OVER last_30d > 3 THEN ... END",
    ),
    "order": (
        "ORDER BY",
        ("ORDER_BY",),
        "a view is not a list; rows inside a window are in the order of time",
        "leave it out; FIRST(x) and LAST(x) follow the time of the rows",
    ),
    "limit": (
        "LIMIT",
        ("LIMIT", "FETCH"),
        "a view is not a list",
        "SUM(amount) OVER last_20_rows",
    ),
}
_SETS = {"Union": "UNION", "Except": "EXCEPT", "Intersect": "INTERSECT"}


def read_view(header: Header, text: str, scope: Scope) -> View:
    """Return the view that ``text`` defines under ``header``.

    Raises:
        DefinitionError: FK101 to FK156, with the place in ``text`` where there is one.
    """
    with deep_stack():
        return _read(header, text, scope)


def _read(header: Header, text: str, scope: Scope) -> View:
    name, _, _ = check_header(header)
    select, places = read_select(text, header.dialect)
    _check_clauses(select, places)
    listed, joins = listed_sources(select, places, scope)
    ground = settle(header, name, listed, scope, joins=bool(joins))
    ground, matched = joined_ground(ground, joins, scope, places)
    features = _features(select, places, ground)
    reader = Reader(
        names=Names(ground.relations, features, lambda f, r: _is_column(features[f], r, f)),
        vocabularies=scope.vocabularies,
        no_rows=no_rows(ground),
        text=places,
        forms=_FORMS,
        rows=_rows(select, places, ground),
        whole_division=spoken(header.dialect).whole_division,
    )
    reader.where = _where(select, matched, reader)
    view = assembled(header, ground, scope, reader, features)
    check_read(view, joins, reader.where)
    return view


def _check_clauses(select: Any, places: Text) -> None:
    kind = type(select).__name__
    if kind in _SETS:
        why = "two queries have two meanings; a view has one"
        fix = "make two views, and derive from both"
        raise ClauseRefused(_SETS[kind], why, fix, places.first(_SETS[kind]))
    for key, (clause, tokens, why, fix) in _CLAUSES.items():
        if select.args.get(key):
            raise ClauseRefused(clause, why, fix, places.first(*tokens))
    for key, value in select.args.items():
        if value and key not in _KEPT:
            clause = key.rstrip("_").upper().replace("_", " ")
            where = places.first(clause) or places.first("SELECT")
            raise ClauseRefused(clause, "it has no meaning for a feature", "leave it out", where)


def _features(select: Any, places: Text, ground: Ground) -> dict[str, Any]:
    """Return the unread expression of each feature by name.

    Raises:
        DefinitionError: FK106 a star, FK130 no name, FK131 a name that cannot be, FK132 twice.
    """
    features: dict[str, Any] = {}
    for item in select.expressions:
        node, written, where = _named(item, places, ground)
        name = checked_name("feature", written, where)
        if name in features:
            raise DuplicateFeature(name, where)
        features[name] = node
    if not features:
        raise FeatureWithoutName("name", places.first("SELECT"))
    return features


def _named(item: Any, places: Text, ground: Ground) -> tuple[Any, str, Where | None]:
    kind = type(item).__name__
    if kind == "Star" or (kind == "Column" and type(item.this).__name__ == "Star"):
        own = [f.name for r in ground.relations if r.own for f in r.fields]
        raise StarRefused(_spelled(own), places.place(item))
    if kind == "Alias":
        alias = item.args["alias"]
        return item.this, str(alias.this), places.place(alias)
    if kind == "Column":
        return item, str(item.this.this), places.place(item)
    raise FeatureWithoutName(suggested_name(places.source_of(item)[:40]), places.place(item))


def _is_column(node: Any, relation: Relation, name: str) -> bool:
    while type(node).__name__ == "Paren":
        node = node.this
    if type(node).__name__ != "Column" or str(node.this.this).lower() != name:
        return False
    table = node.args.get("table")
    return table is None or table.this in relation.words


def _rows(select: Any, places: Text, ground: Ground) -> Rows:
    clauses = window_clauses(select.args.get("windows") or (), places)
    source = None if no_rows(ground) else ground.source
    in_hand = ground.grain is Grain.ROW
    return Rows(source, ground.keys, in_hand, clauses)


def _where(select: Any, matched: Expression | None, reader: Reader) -> Expression | None:
    """Return what every aggregated row satisfies: that inner joins find a match, and WHERE."""
    found = select.args.get("where")
    if found is None:
        return matched
    if reader.no_rows:
        fix = "CASE WHEN <condition> THEN <value> END"
        raise ClauseRefused("WHERE here", reader.no_rows, fix, reader.text.first("WHERE"))
    condition = reader.condition(found.this, "WHERE", inside=True)
    return condition if matched is None else apply("AND", [matched, condition], None)


def _spelled(columns: Sequence[str]) -> list[str]:
    """Return the columns as a SELECT lists them, each under a name that a feature may have."""
    named: dict[str, str] = {}
    for column in columns:
        made = near = suggested_name(column)
        number = 1
        while made in named:
            number += 1
            made = f"{near}_{number}"
        plain = identifier(column)
        named[made] = plain if made == column.lower() else f"{plain} AS {made}"
    return list(named.values())
