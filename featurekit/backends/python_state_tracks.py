"""What a window state keeps of each row, and how each aggregate is read from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from featurekit.backends.python_numbers import Numbers
from featurekit.backends.python_syntax import Names, annotation
from featurekit.ir.definitions import Source
from featurekit.ir.nodes import Aggregate, AsOf, Column, Expression, Literal, walk
from featurekit.ir.view import View, aggregates
from featurekit.ops import AGGREGATES, AggregateFunction

OWN = (
    *("entries", "entry", "row", "at", "t", "request", "as_of", "history", "seen", "ahead"),
    *("place", "since", "known", "windows", "tracks", "operators", "views", "lock"),
    *("state", "value", "dt", "rows", "mark", "x", "contract", "times", "asked", "newest"),
    *("self", "left", "before", "math", "unicodedata", "Decimal", "available"),
    *("forget", "push", "insert", "cut", "until", "track"),
)
"""Names that window states use for themselves."""
_NUMBERED = re.compile(r"(asked|place)_[0-9]+")
"""What views keep in a state: when they were asked last, and where their windows begin and end."""
_BESIDE = ("counts", "sums", "wild", "most", "most_at", "least", "least_at")


class Kept(Enum):
    """What an aggregate is read from, for any stretch of rows."""

    COUNTS = auto()
    DOUBLES = auto()
    WHOLES = auto()
    MOST = auto()
    LEAST = auto()
    ENDS = auto()
    TALLY = auto()
    RANKED = auto()
    VALUES = auto()
    BLOCKS = auto()


_KEPT = {
    **dict.fromkeys(("count_rows", "count_values", "count_if"), Kept.COUNTS),
    **dict.fromkeys(("sum_double", "avg_double"), Kept.DOUBLES),
    **dict.fromkeys(("sum_bigint", "avg_bigint"), Kept.WHOLES),
    **dict.fromkeys(("max_double", "max"), Kept.MOST),
    **dict.fromkeys(("min_double", "min"), Kept.LEAST),
    **dict.fromkeys(("first", "last", "list_last", "lag"), Kept.ENDS),
    **dict.fromkeys(("count_distinct", "count_distinct_double"), Kept.TALLY),
    **dict.fromkeys(("mode", "mode_double", "top_k", "top_k_double"), Kept.TALLY),
    **dict.fromkeys(("entropy", "entropy_double"), Kept.TALLY),
    **dict.fromkeys(("median", "quantile_cont"), Kept.RANKED),
    **dict.fromkeys(("string_agg", "decay_sum"), Kept.VALUES),
}
EAGER = frozenset({Kept.COUNTS, Kept.DOUBLES, Kept.WHOLES, Kept.MOST, Kept.LEAST})
"""What is kept up to date with each row; the rest follows when it is asked."""


def kept(node: Aggregate) -> Kept:
    """Return what ``node`` is read from; what has no index of its own is merged from blocks."""
    return _KEPT.get(node.function, Kept.BLOCKS)


def family(row: AggregateFunction) -> Any:
    """Return the algebra whose states ``row`` shares: AVG reads the states of SUM."""
    known = {other.algebra for other in AGGREGATES.values()}
    return next(algebra for algebra in reversed(row.algebra.__mro__) if algebra in known)


def keeps_state(view: View) -> bool:
    """Whether a window state can stand in for the rows of ``view``.

    It cannot where an aggregate takes of a row what is not the row's own: another row that it is
    joined with, a column of the request; or where the author puts the rows in another order.
    """
    if view.source is None or view.looks_up or not view.entities:
        return False
    folded = aggregates(view)
    return bool(folded) and all(_of_rows(node, view.source) for node in folded)


def _of_rows(node: Aggregate, source: Source) -> bool:
    roots = [*varying(node), *([node.where] if node.where else [])]
    parts = [part for root in roots for part in walk(root)]
    own = all(part.relation == source.name for part in parts if isinstance(part, Column))
    return own and not node.order and not any(isinstance(part, AsOf) for part in parts)


def varying(node: Aggregate) -> tuple[Expression, ...]:
    """Return the arguments that differ from row to row."""
    row = AGGREGATES[node.function]
    return tuple(
        argument
        for argument, parameter in zip(node.arguments, row.parameters, strict=True)
        if not (parameter.constant or isinstance(argument, AsOf))
    )


def constants(node: Aggregate) -> tuple[Any, ...]:
    """Return the arguments that are the same for each row."""
    return tuple(argument.value for argument in node.arguments if isinstance(argument, Literal))


@dataclass
class Track:
    """What some aggregates take of a row.

    Attributes:
        name: What it is called.
        arguments: Its values.
        where: Which rows count.
        current: Whether the row in hand may be among them.
        nulls: Whether a row counts whose value is null.
        kept: What is kept of it.
        folded: Whether states are merged from blocks of it.
    """

    name: str
    arguments: tuple[Expression, ...]
    where: Expression | None
    current: bool
    nulls: bool
    truth: bool
    kept: set[Kept] = field(default_factory=set)
    folded: bool = False

    def always(self, source: Source) -> bool:
        """Whether each row counts."""
        return self.where is None and not self.truth and not self.may_be_null(source)

    def may_be_null(self, source: Source) -> bool:
        """Whether a value may be null, so that its row does not count."""
        sure = (
            isinstance(a, Column) and (a.required or (a.name == source.time and not self.current))
            for a in self.arguments
        )
        return not self.nulls and not all(sure)

    @property
    def annotation(self) -> str:
        """The type of a value, as the function that takes it says it."""
        if self.truth or not self.arguments:
            return "bool"
        kinds = [annotation(argument.type, nullable=self.nulls) for argument in self.arguments]
        if len(kinds) == 1 and not self.nulls:
            return kinds[0]
        return f"tuple[{', '.join(kinds)}]"

    @property
    def found(self) -> str:
        """How a state says it: it is made when first asked for."""
        several = ", several=True" * (len(self.arguments) > 1 or self.nulls)
        return f"tracks.of(self._tracks, _{self.name}{several})"

    @property
    def lazy(self) -> bool:
        """Whether values are held one by one, or taken of the row in hand."""
        return self.folded or self.current or bool(self.kept - EAGER)


class TrackNames:
    """What the tracks of all streams of a file are called: each apart from what stands beside."""

    def __init__(self) -> None:
        self._names = Names(OWN)
        self._given: set[str] = set()
        self._beside: set[str] = set()

    def new(self, wish: str) -> str:
        """Return ``wish``, or the nearest name to it that is free."""
        while True:
            name = self._names.new(wish)
            beside = {f"{name}_{word}" for word in _BESIDE}
            free = name not in self._beside and not beside & self._given
            if free and not _NUMBERED.fullmatch(name):
                self._given.add(name)
                self._beside |= beside
                return name


class Tracks:
    """The tracks of one stream, shared by its views."""

    def __init__(self, source: Source, names: TrackNames) -> None:
        self.source = source
        self._names = names
        self._numbers = Numbers()
        self._by_key: dict[tuple[Any, ...], Track] = {}

    def __iter__(self) -> Iterator[Track]:
        return iter(self._by_key.values())

    def of(self, node: Aggregate) -> Track:
        """Return what ``node`` takes of a row."""
        arguments = varying(node)
        row = AGGREGATES[node.function]
        numbers = tuple(self._numbers.of(argument) for argument in arguments)
        where = None if node.where is None else self._numbers.of(node.where)
        truth = node.function == "count_if"
        key = (numbers, where, node.current, row.keeps_nulls, truth)
        if key not in self._by_key:
            columns = [p.name for a in arguments for p in walk(a) if isinstance(p, Column)]
            wish = f"{'_'.join(columns[:2]) or 'rows'}{'_if' * (where is not None)}"
            name = self._names.new(wish)
            self._by_key[key] = Track(
                name, arguments, node.where, node.current, row.keeps_nulls, truth
            )
        return self._by_key[key]
