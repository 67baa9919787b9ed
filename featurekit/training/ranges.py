"""Aggregates whose answers are read off the states of ranges of rows.

Aggregates that differ in their windows, or only in what they read off a state, are folded together:
what was certainly known, then the late rows, then the row in hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from featurekit.backends.to_polars import PURPOSE, polars_type
from featurekit.ir.nodes import Aggregate, Expression, Literal
from featurekit.ir.windows import Window
from featurekit.lazy import require
from featurekit.ops import AGGREGATES, Gap, Lift, Moments
from featurekit.training.exact import Layout, laid_out
from featurekit.training.folding import Singles, columns, fold, merged
from featurekit.training.reading import Reading
from featurekit.training.sight import Pairs, Sight, Span

if TYPE_CHECKING:
    import polars as pl


@dataclass(slots=True)
class Group:
    """Aggregates that differ in their windows or only in what they read off the same state."""

    lift: Lift | Moments
    example: Aggregate
    windows: list[Window] = field(default_factory=list)
    members: list[Aggregate] = field(default_factory=list)

    @property
    def parts(self) -> tuple[Expression, ...]:
        """What is read of each row."""
        return parts_of(self.example)


@dataclass(frozen=True, slots=True)
class _Folding:
    """How a group's rows are folded.

    Attributes:
        singles: The states after each single row.
        in_hand: Those of the rows in hand, where they count.
        layout: Of sums, how they are added up.
    """

    singles: Singles
    in_hand: pl.DataFrame | None
    layout: Layout | None

    def finished(self, states: pl.DataFrame, *, current: bool) -> pl.DataFrame:
        """Return what answers are read off; the row in hand comes after the others."""
        whole = states
        if current and self.in_hand is not None:
            whole = merged(self.singles.lift, states, self.in_hand)
        return self.layout.rounded(whole) if self.layout is not None else whole


def folded(
    reading: Reading,
    groups: Sequence[Group],
    spans: Mapping[Window, Span],
) -> dict[Aggregate, pl.Series]:
    """Return the answers of every member of ``groups``, one a question."""
    own = [[spans[window] for window in group.windows] for group in groups]
    foldings = [_folding(reading, *each) for each in zip(groups, own, strict=True)]
    answers: dict[Aggregate, Any] = {}
    for group, folding, found in zip(groups, foldings, _over(reading, foldings, own), strict=True):
        for window, states in zip(group.windows, found, strict=True):
            answers |= _read_off(group, window, states, folding)
    return answers


def totals(
    reading: Reading, moments: Moments, example: Aggregate, spans: Sequence[Span]
) -> Callable[[Sequence[Span]], list[pl.DataFrame]]:
    """Return what tells, of parts of ``spans``, what ``moments.result`` reads, one a question.

    ``example`` says what is read of each row.
    """
    folding = _folding(reading, Group(moments, example), spans)

    def told(parts: Sequence[Span]) -> list[pl.DataFrame]:
        (found,) = _over(reading, [folding], [parts])
        return [folding.finished(states, current=False) for states in found]

    return told


def _over(
    reading: Reading, foldings: Sequence[_Folding], spans: Sequence[Sequence[Span]]
) -> Iterator[list[pl.DataFrame]]:
    """Yield the states over the ``spans`` of each of ``foldings``."""
    pl = require("polars", PURPOSE)
    certain = [[(span.start, span.certain) for span in own] for own in spans]
    known: list[list[Any]] = []
    late: list[list[list[Any]]] = [[] for _ in foldings]
    for pairs in reading.sight.late() if foldings else ():
        for number, folding in enumerate(foldings):
            own = folding.singles
            rows = own.gather(pairs.row)
            behind = _late_ranges(reading.sight, spans[number], pairs)
            if len(known) == number and own.swept:
                known.append(fold(own, certain[number]))
            if len(known) > number:
                late[number].append(fold(rows, behind))
                continue
            # the first late rows go along with the certain ones: a fold costs by its levels
            cuts = [len(low) for low, _ in certain[number]]
            later = [(low + len(own), high + len(own)) for low, high in behind]
            joined = [
                (pl.concat([low, more_low]), pl.concat([high, more_high]))
                for (low, high), (more_low, more_high) in zip(certain[number], later, strict=True)
            ]
            both = fold(own.then(rows), joined)
            known.append([one.head(cut) for one, cut in zip(both, cuts, strict=True)])
            late[number].append([one.slice(cut) for one, cut in zip(both, cuts, strict=True)])
    for number, folding in enumerate(foldings):
        lift = folding.singles.lift
        found = known[number] if known else fold(folding.singles, certain[number])
        if late[number]:
            more = (pl.concat(parts) for parts in zip(*late[number], strict=True))
            found = [merged(lift, one, other) for one, other in zip(found, more, strict=True)]
        yield found


def _folding(reading: Reading, group: Group, spans: Sequence[Span]) -> _Folding:
    pl = require("polars", PURPOSE)
    frames = [reading.of_rows(group.parts)]
    if any(member.current for member in group.members):
        frames.append(reading.in_hand(group.parts))
    arguments = operands(group.example)
    counts = None if group.example.where is None else pl.col(str(len(arguments)))
    layout = None
    if isinstance(group.lift, Moments):
        longest = max(map(_longest, spans), default=0)
        layout, frames = laid_out(group.lift, arguments, frames, longest + 1, counts)
        lift = layout.lift
        started = lift.start(pl)
    else:
        lift = group.lift
        started = lift.start(pl, *arguments)
        if counts is not None:
            empty = lift.empty
            started = {n: pl.when(counts).then(s).otherwise(empty[n]) for n, s in started.items()}
    single, *hands = [Singles(lift, frame, started) for frame in frames]
    return _Folding(single, hands[0].states() if hands else None, layout)


def _longest(span: Span) -> int:
    """Return how many rows the longest range has."""
    return max(int((span.end - span.start).max() or 0), 0)  # type: ignore[arg-type]  # integers


def _late_ranges(
    sight: Sight, spans: Sequence[Span], pairs: Pairs
) -> list[tuple[pl.Series, pl.Series]]:
    """Return the ranges of ``pairs`` that are late rows of their questions, span by span."""
    pl = require("polars", PURPOSE)
    begin, stop = pairs.questions
    size = len(sight.history) + 1
    places = pairs.question * size + pairs.row
    own = pl.int_range(begin, stop, eager=True) * size

    def found(positions: Any) -> Any:
        return places.search_sorted(own + positions[begin:stop]).cast(pl.Int64)

    return [(found(span.certain), found(span.end)) for span in spans]


def _read_off(
    group: Group, window: Window, states: pl.DataFrame, folding: _Folding
) -> dict[Aggregate, pl.Series]:
    """Return the answers over ``window``."""
    pl = require("polars", PURPOSE)
    members = [member for member in group.members if member.window == window]
    finished = {
        current: folding.finished(states, current=current)
        for current in dict.fromkeys(member.current for member in members)
    }
    answers = {}
    for member in members:
        lift = AGGREGATES[member.function].lift
        assert not isinstance(lift, Gap)  # noqa: S101  only those are folded
        whole = finished[member.current]
        answer = lift.result(pl, {name: pl.col(name) for name in whole.columns})
        typed = answer.cast(polars_type(member.type))
        answers[member] = columns(whole, {"answer": typed})["answer"]
    return answers


def parts_of(aggregate: Aggregate) -> tuple[Expression, ...]:
    """Return what ``aggregate`` reads of each row: its arguments, its condition, its order."""
    where = () if aggregate.where is None else (aggregate.where,)
    return (*aggregate.arguments, *where, *(one.key for one in aggregate.order))


def operands(aggregate: Aggregate) -> list[Any]:
    """Return what a spelling is given: the column of each argument, the value of a constant."""
    pl = require("polars", PURPOSE)
    parameters = AGGREGATES[aggregate.function].parameters
    return [
        argument.value
        if parameter.constant and isinstance(argument, Literal)
        else pl.col(str(number))
        for number, (parameter, argument) in enumerate(
            zip(parameters, aggregate.arguments, strict=True)
        )
    ]
