"""FROM and JOIN as they stand in a text: which names, in which way, at which moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from featurekit.errors.definition import ClauseRefused, JoinRefused
from featurekit.frontends.ground import Listed, look_up
from featurekit.frontends.scope import Scope
from featurekit.frontends.sql_parser import Text

_KINDS = {
    "RIGHT": "it keeps rows that nothing in FROM has, and a view answers only for its own",
    "FULL": "it keeps rows that nothing in FROM has, and a view answers only for its own",
    "CROSS": "it meets every row, where a look-up meets at most one",
    "NATURAL": "it joins on whatever names the columns have today",
    "SEMI": "it only says whether there is a match",
    "ANTI": "it only says whether there is a match",
    "ASOF": "every join of a view is as of a moment, that of the row's event",
    "LATERAL": "a query would read other rows at another moment",
}


@dataclass(frozen=True, slots=True)
class Joined:
    """One JOIN clause as it stands in a text."""

    listed: Listed
    node: Any
    at_request: bool

    @property
    def word(self) -> str:
        """What the cell calls the joined rows."""
        return self.listed.alias or self.listed.name


def listed_sources(select: Any, text: Text, scope: Scope) -> tuple[list[Listed], list[Joined]]:
    """Return what FROM names, and what is joined to it; ``scope`` is for what errors advise.

    Raises:
        DefinitionError: FK105 a query or a clause after a name, FK107 a join that is none here.
    """
    found = select.args.get("from_")
    if found is None:
        return [], []
    from_names = [_table(found.this, text, scope)]
    joins: list[Joined] = []
    moments = dict(text.at_request)
    for node in select.args.get("joins") or ():
        told = {key for key, value in node.args.items() if value}
        if told == {"this"}:
            from_names.append(_table(node.this, text, scope))
            continue
        _check_kind(node, text, from_names[0], scope)
        table = _table(node.this, text, scope)
        parts = (node.this.this, getattr(node.this.args.get("alias"), "this", None))
        ends = [part.meta.get("end") for part in parts if part is not None]
        at_request = [moments.pop(end, None) for end in ends]
        joins.append(Joined(table, node, any(at_request)))
    for start, end in moments.values():
        why = "it says at which moment a joined source is looked up"
        where = text.at(start, end)
        fix = "LEFT JOIN merchants AS OF REQUEST ON merchants.key = this.key"
        for join in joins:
            on = text.source_of(join.node.args["on"]) if join.node.args.get("on") else "..."
            named = text.source_of(join.node.this)
            fix = f"LEFT JOIN {named} AS OF REQUEST ON {on}"
        raise JoinRefused("AS OF REQUEST stands after no joined source", why, fix, where)
    return from_names, joins


def _look_up(table: Any, own: str, scope: Scope) -> str:
    """Return the join of ``table`` by its key, or the words to fill in where it has no name."""
    if type(table).__name__ != "Table":
        return "LEFT JOIN NAME ON NAME.key = " + f"{own}.key"
    return look_up(table.name, table.alias or table.name, own, scope)


def _table(table: Any, text: Text, scope: Scope) -> Listed:
    where = text.place(table)
    if type(table).__name__ != "Table" or type(table.this).__name__ != "Identifier":
        raise ClauseRefused(
            "query or function after FROM",
            "a source has a name, a time and an owner; a query has none",
            "%source NAME PATH --entity ENTITY --time COLUMN, then FROM NAME",
            where,
        )
    if table.args.get("joins"):
        why = "each join is a look-up of its own, one after the other"
        inner = [join.this for join in table.args["joins"]]
        fix = " ".join(_look_up(one, table.alias_or_name, scope) for one in inner)
        raise JoinRefused("joins do not nest", why, fix, where)
    extra = {key for key, value in table.args.items() if value} - {"this", "alias", "db", "catalog"}
    if extra:
        clause = min(extra).upper()
        raise ClauseRefused(f"{clause} after FROM", "a source is read whole", "FROM name", where)
    alias = table.args.get("alias")
    if alias is not None and alias.args.get("columns"):
        raise ClauseRefused("column list after FROM", "columns keep their names", "FROM t", where)
    name = ".".join(part.this for part in table.parts)
    return Listed(name, alias.name if alias is not None else None, text.place(table.this))


def _check_kind(node: Any, text: Text, own: Listed, scope: Scope) -> None:
    where, on = text.place(node), node.args.get("on")
    named, told_on = text.source_of(node.this), text.source_of(on) if on is not None else ""
    fix = f"LEFT JOIN {named} ON {told_on}" if named and told_on else ""
    fix = fix or _look_up(node.this, own.alias or own.name, scope)
    words = [str(node.args.get(key) or "").upper() for key in ("method", "side", "kind")]
    words += ["LATERAL"] if type(node.this).__name__ == "Lateral" else []
    for word in words:
        if word in _KINDS:
            raise JoinRefused(f"a view has no {word} JOIN", _KINDS[word], fix, where)
        if word not in {"", "LEFT", "INNER", "OUTER"}:
            why = "it is no look-up of one row"
            raise JoinRefused(f"a view has no {word} JOIN", why, fix, where)
    told = {key for key, value in node.args.items() if value}
    if told - {"this", "side", "kind", "on", "using"} or not told & {"on", "using"}:
        why = "a look-up needs the key by which a row is found"
        raise JoinRefused("this join says no ON", why, fix, where)
