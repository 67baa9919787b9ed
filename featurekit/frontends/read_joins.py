"""JOIN: as-of look-ups of snapshots by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from featurekit.datatypes import BOOLEAN
from featurekit.errors import Where, listed
from featurekit.errors.definition import JoinRefused, TimeMissing
from featurekit.errors.names import UnknownSource
from featurekit.frontends.from_clause import Joined
from featurekit.frontends.ground import Ground, check_keys, found_source, known_entities, look_up
from featurekit.frontends.naming import Holds, Name, Names, Relation
from featurekit.frontends.scope import Scope
from featurekit.frontends.sql_parser import Text
from featurekit.ir.definitions import Entity, Source, SourceKind
from featurekit.ir.nodes import Call, Column, Expression
from featurekit.ir.view import Join, View, joins_read


def joined_ground(
    ground: Ground, joins: Sequence[Joined], scope: Scope, text: Text
) -> tuple[Ground, Expression | None]:
    """Return ``ground`` with the joined sources, and the condition that inner joins make.

    Raises:
        DefinitionError: FK107 a join that is no look-up by key, FK110, FK111, FK154, FK155.
    """
    condition: Expression | None = None
    for join in joins:
        known = [_without(relation, join.word) for relation in ground.relations]
        reading = _Reading(replace(ground, relations=tuple(known)), join, scope, text)
        made, relation = reading.joined()
        known.insert(sum(r.own for r in known), relation)
        ground = replace(ground, relations=tuple(known), joins=(*ground.joins, made))
        if not join.node.args.get("side"):
            condition = _both(condition, reading.matched(made, relation))
    return ground, condition


def check_read(view: View, joins: Sequence[Joined], where: Expression | None) -> None:
    """Refuse a join that nothing reads.

    Raises:
        JoinRefused: FK107.
    """
    roots = [feature.expression for feature in view.features]
    read = joins_read(view, [*roots, where] if where is not None else roots)
    for made, join in zip(view.joins, joins, strict=True):
        if made not in read:
            why = "it would be looked up for every row, and no feature would differ"
            problem = f"{join.word!r} is joined and never read"
            raise JoinRefused(problem, why, f"leave {join.word} out", join.listed.where)


def _without(relation: Relation, word: str) -> Relation:
    """Return ``relation`` by its alias alone where a joined source takes its name."""
    words = tuple(known for known in relation.words if known != word)
    return replace(relation, words=words) if words and word == relation.name else relation


def _both(one: Expression | None, other: Expression) -> Expression:
    return other if one is None else Call("and", (one, other), BOOLEAN)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One JOIN being read; ``ground`` is what stands before it."""

    ground: Ground
    join: Joined
    scope: Scope
    text: Text

    @property
    def _where(self) -> Where | str | None:
        return self.join.listed.where

    def joined(self) -> tuple[Join, Relation]:
        """Return the look-up, and the relation of its columns."""
        source = self._source()
        sources = [self.ground.source, *(join.source for join in self.ground.joins)]
        number = 1 + sum(s is not None and s.name == source.name for s in sources)
        name = source.name if number == 1 else f"{source.name}#{number}"
        relation = Relation(name, (self._word(),), source.fields, Holds.ASKED, source=source)
        equal = dict(self._equal(relation))
        entity = self._entity(source, equal)
        self._check_types(relation, equal)
        holds = self._holds(equal)
        using = frozenset(word.name for word in self.join.node.args.get("using") or ())
        hidden = frozenset(name for name in equal if using)
        at_request = self.join.at_request or holds is Holds.ASKED
        on = tuple((key.name, equal[key.name]) for key in entity.keys)
        return Join(name, source, on, at_request), replace(relation, holds=holds, hidden=hidden)

    def matched(self, join: Join, relation: Relation) -> Expression:
        """Return the condition that a row has a match."""
        if not relation.has_rows:
            why = "every request is answered, so a missing match can only be null"
            where = self.text.place(self.join.node)
            fix = f"LEFT JOIN {self.text.source_of(self.join.node)}"
            raise JoinRefused("an inner JOIN cannot leave out a request", why, fix, where)
        key, column = join.on[0]
        return Call("is_not_null", (Column(join.name, key, column.type),), BOOLEAN)

    def _source(self) -> Source:
        name = self.join.listed.name
        source = found_source(name, self.scope)
        if source is None:
            if any(
                name in {reference, known} for known, (reference, _) in self.scope.views.items()
            ):
                why = "a view is an answer, not rows that have a key and a time"
                fix = f"a view of its own, derived from both: --from this_view,{name}"
                raise JoinRefused(f"the view {name!r} cannot be joined", why, fix, self._where)
            raise UnknownSource(name, self.scope.sources, self._where)
        if source.kind is SourceKind.REQUEST:
            why = "a request is one row in hand, and its columns are at hand without a join"
            fix = f"{source.name}.{source.fields[0].name}, with no JOIN"
            raise JoinRefused(f"{source.name!r} is a request", why, fix, self._where)
        if source.kind is SourceKind.EVENTS:
            why = "a row would meet many events (fan-out), where a look-up meets at most one row"
            fix = (
                f"a view of its own over {source.name} with aggregates over windows, and a third "
                "that derives from both"
            )
            raise JoinRefused(f"{source.name!r} holds events", why, fix, self._where)
        if source.time is None or source.field(source.time) is None:
            raise TimeMissing(source.name, source.time)
        return source

    def _word(self) -> str:
        word = self.join.word
        taken = {w.lower() for r in self.ground.relations if r.own for w in r.words}
        if word.lower() in taken:
            why = "each of them needs a name of its own"
            fix = f"LEFT JOIN {self.join.listed.name} AS {word}_2 ON ..."
            raise JoinRefused(f"two sources are called {word!r}", why, fix, self._where)
        return word

    def _equal(self, relation: Relation) -> Iterator[tuple[str, Column]]:
        """Yield the joined column and the other one of each equality."""
        names = Names((*self.ground.relations, relation), {}, lambda _, __: False)
        before = Names(self.ground.relations, {}, lambda _, __: False)
        seen: set[str] = set()
        for node in self.join.node.args.get("using") or ():
            name = self._name(node)
            key = names.column(replace(name, qualifier=relation.words[0]))
            yield self._once(key, self._as_it_is(before.column(name)), seen, name.where)
        on = self.join.node.args.get("on")
        for node in _conjuncts(on) if on is not None else ():
            where = self.text.place(node)
            sides = [self._side(side, names) for side in self._sides(node)]
            mine_first = sides[0].relation == relation.name
            if mine_first == (sides[1].relation == relation.name):
                shown = self.text.source_of(node)
                why = f"one side is a key of {relation.words[0]}, the other a column before it"
                raise JoinRefused(f"{shown} joins nothing", why, self._fix(), where)
            mine, other = sides if mine_first else sides[::-1]
            yield self._once(mine, self._as_it_is(other), seen, where)

    def _as_it_is(self, column: Column) -> Column:
        """Return ``column``, whose values no rule may change: rows meet by what was delivered."""
        names = Names(self.ground.relations, {}, lambda _, __: False)
        if names.meaning(column) != column:
            why = "a row is found by the value that came, and the rule puts another in its place"
            fix = f"a rule that refuses: --rule '{column.name}=... else refuse'"
            raise JoinRefused(f"{column.name} has a rule", why, fix, self._where)
        return column

    def _once(
        self, mine: Column, other: Column, seen: set[str], where: Where | None
    ) -> tuple[str, Column]:
        if mine.name in seen:
            why = "a key is equal to one column; what else must hold is a condition"
            fix = "a FILTER (WHERE ...) of the aggregate"
            raise JoinRefused(f"{mine.name} is joined on twice", why, fix, where)
        seen.add(mine.name)
        return mine.name, other

    def _sides(self, node: Any) -> tuple[Any, Any]:
        if type(node).__name__ == "EQ":
            return node.this, node.expression
        shown = self.text.source_of(node) or "this"
        why = "a look-up finds its row by keys that are equal, so that there is at most one"
        kind = "OR" if type(node).__name__ == "Or" else shown
        fix = f"{self._fix()}, and the rest as FILTER (WHERE ...) of the aggregates"
        raise JoinRefused(f"{kind} cannot stand in ON", why, fix, self.text.place(node))

    def _side(self, node: Any, names: Names) -> Column:
        while type(node).__name__ == "Paren":
            node = node.this
        column = type(node).__name__ == "Column"
        name = replace(self._name(node.this if column else node), where=self.text.place(node))
        table = node.args.get("table") if column else None
        if table is None:
            return names.column(name)
        quoted = bool(table.args.get("quoted"))
        return names.column(replace(name, qualifier=table.name, qualifier_quoted=quoted))

    def _name(self, node: Any) -> Name:
        where = self.text.place(node)
        if type(node).__name__ == "Identifier":
            quoted = bool(node.args.get("quoted"))
            return Name(node.name, quoted, None, qualifier_quoted=False, where=where)
        why = "keys are columns; what is computed from one has no place in a look-up"
        shown = self.text.source_of(node) or "this"
        raise JoinRefused(f"{shown} is not a column", why, self._fix(), where)

    def _entity(self, source: Source, equal: Mapping[str, Column]) -> Entity:
        known = known_entities(source, self.scope)
        for entity in known:
            if {key.name for key in entity.keys} == set(equal):
                check_keys(source, entity)
                return entity
        keys = [" and ".join(key.name for key in entity.keys) for entity in known]
        shown = " and ".join(equal)
        why = f"by another column there may be many rows (fan-out); its keys: {listed(keys)}"
        problem = f"{source.name!r} is not looked up by {shown}"
        raise JoinRefused(problem, why, self._fix(), self.text.place(self.join.node))

    def _fix(self) -> str:
        """Return the join by the key of the source's first entity."""
        own = self.ground.relations[0].words[-1]
        return look_up(self.join.listed.name, self.join.word, own, self.scope)

    def _check_types(self, relation: Relation, equal: Mapping[str, Column]) -> None:
        types = {field.name: field.type for field in relation.fields}
        for name, column in equal.items():
            if types[name] != column.type:
                left, right = f"{column.name} is {column.type}", f"{name} is {types[name]}"
                why = "engines convert keys in different ways, and miss rows without a word"
                fix = f"%source with {column.name}:{types[name]}, read from data of that type"
                where = self.text.place(self.join.node)
                raise JoinRefused(f"{left} and {right}", why, fix, where)

    def _holds(self, equal: Mapping[str, Column]) -> Holds:
        """Return where the joined columns may stand: where those that they are found by may."""
        by_name = {relation.name: relation for relation in self.ground.relations}
        left = [by_name[column.relation] for column in equal.values()]
        inside = all(relation.has_rows for relation in left)
        bare = all(relation.holds is not Holds.EVENTS for relation in left)
        if inside:
            return Holds.IN_HAND if bare else Holds.EVENTS
        if bare:
            return Holds.ASKED
        why = "an event has no columns of the question, and the question none of an event"
        where = self.text.place(self.join.node)
        problem = "a row is found by columns of an event and of a request at once"
        raise JoinRefused(problem, why, self._fix(), where)


def _conjuncts(node: Any) -> Iterator[Any]:
    rest = [node]
    while rest:
        node = rest.pop()
        match type(node).__name__:
            case "Paren":
                rest.append(node.this)
            case "And":
                rest += [node.expression, node.this]
            case _:
                yield node
