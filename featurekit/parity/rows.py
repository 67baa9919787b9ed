"""Rows to try: what a case is, what a selection of features is asked with, and one row to vary.

A case is small and complete: the rows of each source, the question, the moment. Training and
serving both answer it, and both must say the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from featurekit.backends.plan import Wanted, trimmed
from featurekit.backends.python_joins import reads_history
from featurekit.datatypes import DataType, Kind
from featurekit.ir.definitions import Source, SourceKind
from featurekit.ir.nodes import Call, Column, Expression, InVocabulary, Literal, walk
from featurekit.ir.view import Join, View, moment_column, request_columns
from featurekit.parity.ordinary import NOON, key_value, typical
from featurekit.parity.serve import Interface

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One question with everything that its answer rests on.

    Attributes:
        name: What it tests, in words.
        history: The rows of each source, in the order in which they arrive.
        entity: The keys of the question.
        request: The request columns.
        as_of: The moment of asking.
    """

    name: str
    history: Mapping[str, tuple[Row, ...]]
    entity: Row
    request: Row
    as_of: dt.datetime


@dataclass(frozen=True, slots=True)
class Meeting:
    """What a special row, or the question, is joined with.

    Attributes:
        view: Whose join.
        join: The join.
        rows: The columns that are special in each row that is met.
        in_hand: Whether the question meets them; else the last special row does.
        alone: Whether nothing ordinary lies behind them.
    """

    view: View
    join: Join
    rows: Sequence[Row]
    in_hand: bool = False
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A case before it has an entity of its own: rows are made once the keys are known.

    Attributes:
        name: What it tests.
        rows: Of each source, the columns that are special in each row.
        as_of: The moment of asking.
        request: The request columns that are special.
        entity: The keys that are special.
        background: Whether ordinary rows lie behind the special ones.
        spread: Whether each special row is there once for every condition on rows, and passes it.
        meets: What is joined.
    """

    name: str
    rows: Mapping[str, Sequence[Row]]
    as_of: dt.datetime = NOON
    request: Row | None = None
    entity: Row | None = None
    background: bool = True
    spread: bool = False
    meets: Meeting | None = None


@dataclass(frozen=True)
class Shape:
    """What the wanted features read: views, sources, keys, request columns.

    Attributes:
        wanted: The answers.
        views: Every view they rest on, by reference.
    """

    wanted: tuple[Wanted, ...]
    views: Mapping[str, View]

    @cached_property
    def readers(self) -> tuple[View, ...]:
        """The views that read the rows of a source of their own from a store."""
        return tuple(
            v
            for v in self.views.values()
            if v.source and v.source.kind is not SourceKind.REQUEST and reads_history(v)
        )

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """Those sources, and the ones that views join, by name."""
        joins = [join for view in self.views.values() for join in view.joins]
        return {**self.own, **{join.source.name: join.source for join in joins}}

    @cached_property
    def own(self) -> Mapping[str, Source]:
        """The sources of those views, by name."""
        return {view.source.name: view.source for view in self.readers if view.source}

    @cached_property
    def keys(self) -> Mapping[str, DataType]:
        """The key columns of a question."""
        entities = [entity for view in self.views.values() for entity in view.entities]
        return {key.name: key.type for entity in entities for key in entity.keys}

    @cached_property
    def requests(self) -> Mapping[str, Source]:
        """The request sources, by name."""
        found = {source.name: source for view in self.views.values() for source in view.requests}
        for view in self.views.values():
            if view.source and view.source.kind is SourceKind.REQUEST:
                found[view.source.name] = view.source
        return found

    @cached_property
    def request(self) -> Mapping[str, DataType]:
        """The columns of a request, or of the row in hand, that are read."""
        read = {
            column.name: column.type
            for view in self.views.values()
            for column in request_columns(view)
        }
        declared = [field.name for source in self.requests.values() for field in source.fields]
        return {name: read[name] for name in dict.fromkeys([*declared, *read]) if name in read}

    @cached_property
    def moments(self) -> tuple[str, ...]:
        """The columns of a question at whose times rows in hand are asked."""
        found = (moment_column(view).name for view in self.views.values() if view.scores_rows)
        return tuple(dict.fromkeys(found))

    @cached_property
    def _at_the_moment(self) -> bool:
        """Whether some view is asked at the question's moment rather than at its row's time."""
        return any(view.source and not view.scores_rows for view in self.views.values())

    def moment(self, request: Row, as_of: dt.datetime | None) -> dt.datetime | None:
        """Return the latest moment at which a question is asked for one of the views."""
        asked = [as_of] if self._at_the_moment or not self.moments else []
        asked += [request[name] for name in self.moments]
        return max((moment for moment in asked if moment is not None), default=None)

    @cached_property
    def required(self) -> frozenset[tuple[str, str]]:
        """The columns, by source, that are promised never to be null."""
        every = (*self.sources.values(), *self.requests.values())
        return frozenset((s.name, f.name) for s in every for f in s.fields if f.required)

    @cached_property
    def interface(self) -> Interface:
        """What a package for these features is fed and asked with."""
        sources = {
            name: {field.name: field.type for field in source.fields}
            for name, source in self.sources.items()
        }
        one_moment = len(self.moments) + self._at_the_moment <= 1
        return Interface(sources, self.keys, self.request, forgets=one_moment)

    @cached_property
    def expressions(self) -> tuple[Expression, ...]:
        """Every expression of every view."""
        views = self.views.values()
        roots = [feature.expression for view in views for feature in view.features]
        roots += [view.where for view in views if view.where is not None]
        return (*roots, *(c for view in views for join in view.joins for _, c in join.on))

    @cached_property
    def read(self) -> Mapping[tuple[str, str], DataType]:
        """The columns that are read, by source or request and name, sorted; joined ones, too."""
        found = {
            self._place(node): node.type
            for root in self.expressions
            for node in walk(root)
            if isinstance(node, Column) and node.relation not in self.views
        }
        return dict(sorted(found.items()))

    @cached_property
    def _joined(self) -> Mapping[str, str]:
        """The source of each join, by the join's name."""
        joins = (join for view in self.views.values() for join in view.joins)
        return {join.name: join.source.name for join in joins}

    def _place(self, column: Column) -> tuple[str, str]:
        return self._joined.get(column.relation, column.relation), column.name

    @cached_property
    def hints(self) -> Mapping[tuple[str, str], tuple[Any, ...]]:
        """For a column the constants it meets: what it is compared with, or a vocabulary's words.

        Values at and beside these are where a definition changes its mind.
        """
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for root in self.expressions:
            for node in walk(root):
                for column in walk(node):
                    if isinstance(column, Column):
                        place = found.setdefault(self._place(column), {})
                        for value in _met(node, column):
                            place.setdefault(repr(value), value)
        return {place: tuple(values.values()) for place, values in found.items() if values}


def _met(node: Expression, column: Column) -> Iterable[Any]:
    """Return the constants directly in ``node`` that ``column``, somewhere in it, may meet."""
    match node:
        case Call(_, arguments):
            for part in arguments:
                if isinstance(part, Literal) and part.type.kind is column.type.kind:
                    yield from () if part.value is None else (part.value,)
        case InVocabulary(_, words) if column.type.kind is Kind.VARCHAR:
            for value, aliases in words.entries:
                yield from (value, *aliases[:1])
        case _:
            pass


def shape(wanted: Sequence[Wanted], views: Mapping[str, View]) -> Shape:
    """Return what ``wanted`` reads."""
    return Shape(tuple(wanted), trimmed(wanted, views))


def source_row(
    made: Shape,
    source: Source,
    entity: Row,
    time: dt.datetime,
    number: int,
    serial: int = 0,
    changed: Row | None = None,
) -> dict[str, Any]:
    """Return one ordinary row of ``source`` for ``entity``; ``number`` varies its values.

    Args:
        made: What is read.
        source: Whose row.
        entity: The keys, which it carries where it has such columns.
        time: Its event time; it is available then, too, unless ``changed`` says otherwise.
        number: Different numbers give different values.
        serial: Different serials give different ties.
        changed: Columns that are given.
    """
    row: dict[str, Any] = {}
    for place, field in enumerate(source.fields):
        hints = made.hints.get((source.name, field.name), ())
        # columns go through their values at different paces, so that all combinations turn up
        refusals = [rule for rule in source.refusals if rule.column == field.name]
        row[field.name] = typical(field.type, number + place * (number // 5), hints, refusals)
    if source.tie and source.tie not in {source.time, source.available}:
        tie = source.field(source.tie)
        row[source.tie] = key_value(tie.type, serial) if tie else None
    row.update({name: entity[name] for name in entity if name in row})
    if source.time:
        row[source.time] = time
    if source.available:
        row[source.available] = time
    return {**row, **(changed or {})}
