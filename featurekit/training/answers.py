"""Aggregates over windows, for many questions at once.

An aggregate with a column algebra is folded over ranges: what was certainly known, then the late
rows. One without gathers the rows of each window, in bounded pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from featurekit.backends.to_polars import PURPOSE, polars_type
from featurekit.datatypes import Kind
from featurekit.errors.definition import NoSpelling
from featurekit.ir.nodes import Aggregate, Expression, Literal
from featurekit.ir.windows import Window
from featurekit.lazy import require
from featurekit.ops import AGGREGATES, AggregateFunction, Different, Gap, Lift, Ranked
from featurekit.training import sweeps
from featurekit.training.different import counted
from featurekit.training.folding import Singles, columns, fold, merged
from featurekit.training.quantiles import Ranks
from featurekit.training.reading import Reading
from featurekit.training.sight import Pairs, Sight, Span

if TYPE_CHECKING:
    import polars as pl


@dataclass(slots=True)
class _Group:
    """Aggregates that differ in their windows or only in what they read off the same state."""

    lift: Lift
    example: Aggregate
    windows: list[Window] = field(default_factory=list)
    members: list[Aggregate] = field(default_factory=list)

    @property
    def parts(self) -> tuple[Expression, ...]:
        """What is read of each row."""
        return _parts(self.example)


def answered(
    reading: Reading,
    aggregates: Sequence[Aggregate],
    zone: str,
    done: Callable[[int], None] = lambda _: None,
) -> dict[Aggregate, pl.Series]:
    """Return the answers of ``aggregates``, one a question.

    Args:
        reading: The source's history, and the questions over it.
        aggregates: Distinct aggregates over that source.
        zone: Whose days their windows count.
        done: Told how many are finished.

    Raises:
        NoSpelling: FK190, an operator or aggregate without a polars spelling.
    """
    windows = dict.fromkeys(aggregate.window for aggregate in aggregates)
    spans = {window: reading.sight.span(window, zone) for window in windows}
    groups, others = _grouped(reading, aggregates)
    answers: dict[Aggregate, Any] = {}
    # late rows are gathered once for all; without any there is no need for all states at once
    for some in [groups] if reading.sight.sees_late else [[group] for group in groups]:
        answers |= _folded(reading, some, spans)
        done(len(answers))
    different = [
        a
        for a in others
        if isinstance(AGGREGATES[a.function].lift, Different) and not reading.asks(_parts(a))
    ]
    answers |= _different(reading, different, spans)
    done(len(answers))
    answers |= _quantiles(reading, [a for a in others if _ranked(reading, a)], spans)
    done(len(answers))
    for aggregate in [a for a in others if a not in answers]:
        answers[aggregate] = _gathered(reading, aggregate, spans[aggregate.window])
        done(len(answers))
    return {a: answers[a] for a in aggregates}


def _grouped(
    reading: Reading, aggregates: Iterable[Aggregate]
) -> tuple[list[_Group], list[Aggregate]]:
    groups: dict[Any, _Group] = {}
    gathered = []
    for aggregate in aggregates:
        lift = AGGREGATES[aggregate.function].lift
        if isinstance(lift, Gap) or aggregate.order or reading.asks(_parts(aggregate)):
            gathered.append(aggregate)
            continue
        key = (lift.start, lift.merge, aggregate.arguments, aggregate.where)
        group = groups.setdefault(key, _Group(lift, aggregate))
        group.members.append(aggregate)
        if aggregate.window not in group.windows:
            group.windows.append(aggregate.window)
    return list(groups.values()), gathered


def _parts(aggregate: Aggregate) -> tuple[Expression, ...]:
    where = () if aggregate.where is None else (aggregate.where,)
    return (*aggregate.arguments, *where, *(one.key for one in aggregate.order))


# --- folding ranges


def _folded(
    reading: Reading,
    groups: Sequence[_Group],
    spans: Mapping[Window, Span],
) -> dict[Aggregate, pl.Series]:
    pl = require("polars", PURPOSE)
    singles = [_singles(group, reading.of_rows(group.parts)) for group in groups]
    certain = [[(spans[w].start, spans[w].certain) for w in group.windows] for group in groups]
    known: list[list[Any]] = []
    late: list[list[list[Any]]] = [[] for _ in groups]
    for pairs in reading.sight.late() if groups else ():
        for number, (group, own) in enumerate(zip(groups, singles, strict=True)):
            rows = own.gather(pairs.row)
            behind = _late_ranges(reading.sight, group, spans, pairs)
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
    answers: dict[Aggregate, Any] = {}
    for number, group in enumerate(groups):
        folded = known[number] if known else fold(singles[number], certain[number])
        in_hand = _states_in_hand(reading, group)
        for place, (window, states) in enumerate(zip(group.windows, folded, strict=True)):
            whole = states
            if late[number]:
                whole = merged(group.lift, states, pl.concat([p[place] for p in late[number]]))
            answers |= _read_off(group, window, whole, in_hand)
    return answers


def _states_in_hand(reading: Reading, group: _Group) -> pl.DataFrame | None:
    if any(member.current for member in group.members):
        return _singles(group, reading.in_hand(group.parts)).states()
    return None


def _singles(group: _Group, found: pl.DataFrame) -> Singles:
    """Return the states after each single row; empty where the condition is not true.

    ``found`` holds the group's parts over those rows.
    """
    pl = require("polars", PURPOSE)
    aggregate, lift = group.example, group.lift
    started = lift.start(pl, *operands(aggregate))
    if aggregate.where is not None:
        counts = pl.col(str(len(aggregate.arguments)))
        started = {n: pl.when(counts).then(s).otherwise(lift.empty[n]) for n, s in started.items()}
    return Singles(lift, found, started, aggregate.where is not None)


def _late_ranges(
    sight: Sight, group: _Group, spans: Mapping[Window, Span], pairs: Pairs
) -> list[tuple[pl.Series, pl.Series]]:
    """Return the ranges of ``pairs`` that are late rows of their questions, window by window."""
    pl = require("polars", PURPOSE)
    begin, stop = pairs.questions
    size = len(sight.history) + 1
    places = pairs.question * size + pairs.row
    own = pl.int_range(begin, stop, eager=True) * size

    def found(positions: Any) -> Any:
        return places.search_sorted(own + positions[begin:stop]).cast(pl.Int64)

    return [(found(spans[w].certain), found(spans[w].end)) for w in group.windows]


def _read_off(
    group: _Group, window: Window, states: pl.DataFrame, in_hand: pl.DataFrame | None
) -> dict[Aggregate, pl.Series]:
    """Return the answers over ``window``; the row in hand comes after its rows, where it counts."""
    pl = require("polars", PURPOSE)
    answers = {}
    for member in [m for m in group.members if m.window == window]:
        lift = AGGREGATES[member.function].lift
        assert isinstance(lift, Lift)  # noqa: S101  only those are folded
        whole = states
        if member.current and in_hand is not None:
            whole = merged(lift, states, in_hand)
        answer = lift.result(pl, {name: pl.col(name) for name in whole.columns})
        typed = answer.cast(polars_type(member.type))
        answers[member] = columns(whole, {"answer": typed})["answer"]
    return answers


# --- counting different values


def _different(
    reading: Reading, aggregates: Sequence[Aggregate], spans: Mapping[Window, Span]
) -> dict[Aggregate, pl.Series]:
    """Return the answers of aggregates that count values, those of one argument together."""
    alike: dict[Any, list[Aggregate]] = {}
    for aggregate in aggregates:
        alike.setdefault((_parts(aggregate), aggregate.current), []).append(aggregate)
    answers: dict[Aggregate, Any] = {}
    for (parts, current), members in alike.items():
        values = _counting(members[0], reading.of_rows(parts))
        in_hand = _counting(members[0], reading.in_hand(parts)) if current else None
        asked = [spans[member.window] for member in members]
        counts = counted(reading.sight, values, asked, in_hand)
        answers |= dict(zip(members, counts, strict=True))
    return answers


def _counting(aggregate: Aggregate, found: pl.DataFrame) -> pl.Series:
    """Return the argument, null where the condition is not true."""
    pl = require("polars", PURPOSE)
    if aggregate.where is not None:
        counts = pl.col(str(len(aggregate.arguments)))
        found = found.select(pl.when(counts).then(pl.col("0")).alias("0"))
    return found["0"]


# --- quantiles


def _ranked(reading: Reading, aggregate: Aggregate) -> bool:
    """Whether the answers are read off values that are kept in order, without gathering rows."""
    plain = not (aggregate.current or reading.asks(_parts(aggregate)) or reading.sight.sees_late)
    ranked = isinstance(AGGREGATES[aggregate.function].lift, Ranked)
    return plain and ranked and sweeps.worth(len(reading.rows))


def _quantiles(
    reading: Reading, aggregates: Sequence[Aggregate], spans: Mapping[Window, Span]
) -> dict[Aggregate, pl.Series]:
    """Return the answers of quantiles; the values of one argument are put in order once."""
    answers: dict[Aggregate, Any] = {}
    alike: dict[Any, list[Aggregate]] = {}
    for aggregate in aggregates:
        alike.setdefault((aggregate.arguments[0], aggregate.where), []).append(aggregate)
    for members in alike.values():
        ranks = Ranks(reading.sight, _counting(members[0], reading.of_rows(_parts(members[0]))))
        for member in members:
            lift = AGGREGATES[member.function].lift
            own = lift.share if isinstance(lift, Ranked) else None
            share = operands(member)[1] if own is None else own
            answers[member] = ranks.quantile(spans[member.window], share)
    return answers


# --- gathering rows


def _gathered(reading: Reading, aggregate: Aggregate, span: Span) -> pl.Series:
    """Return the answers from the very rows, in the words of the aggregate's polars spelling."""
    pl = require("polars", PURPOSE)
    row = AGGREGATES[aggregate.function]
    if isinstance(row.polars, Gap):
        raise NoSpelling(row.name, "polars", row.polars.why)
    names = [str(number) for number in range(len(aggregate.arguments))]
    spelled = row.polars(pl, *operands(aggregate)).cast(polars_type(aggregate.type)).alias("answer")
    pieces = []
    for found in _found(reading, aggregate, span):
        rows = found
        if aggregate.where is not None:
            rows = rows.filter(pl.col(str(len(names))))
        if aggregate.order:
            rows = _sorted(rows, aggregate)
        pieces.append(rows.group_by("q", maintain_order=True).agg(spelled))
    every = pl.int_range(len(reading.sight.asked), eager=True).alias("q").to_frame()
    if not pieces:
        return pl.Series([], dtype=polars_type(aggregate.type))  # type: ignore[no-any-return]  # loaded late
    answers = pl.concat(pieces).with_columns(pl.lit(value=True).alias("found"))
    whole = every.join(answers, on="q", how="left", maintain_order="left")
    empty = empty_answer(AGGREGATES[aggregate.function])
    return whole.select(  # type: ignore[no-any-return]  # loaded late
        answer=pl.when(pl.col("found")).then("answer").otherwise(pl.lit(empty))
    )["answer"].cast(polars_type(aggregate.type))


def _found(reading: Reading, aggregate: Aggregate, span: Span) -> Iterator[pl.DataFrame]:
    """Yield the parts of ``aggregate`` over the rows of each question "q", in order, in pieces."""
    pl = require("polars", PURPOSE)
    parts = _parts(aggregate)
    values = None if reading.asks(parts) else reading.of_rows(parts)
    in_hand = reading.in_hand(parts) if aggregate.current else None
    for pairs in reading.sight.pairs(span):
        found = reading.of_pairs(parts, pairs) if values is None else values[pairs.row]
        found = found.with_columns(pairs.question.alias("q"))
        if in_hand is not None:
            begin, stop = pairs.questions
            own = in_hand[begin:stop].with_columns(q=pl.int_range(begin, stop, dtype=pl.Int64))
            found = pl.concat([found, own])
        yield found


def _sorted(rows: pl.DataFrame, aggregate: Aggregate) -> pl.DataFrame:
    """Return the rows of each question "q" in the order that the author wrote."""
    pl = require("polars", PURPOSE)
    first = len(_parts(aggregate)) - len(aggregate.order)
    keys = [pl.col(str(first + number)) for number in range(len(aggregate.order))]
    doubles = [one.key.type.kind is Kind.DOUBLE for one in aggregate.order]
    plain = [key + 0.0 if double else key for key, double in zip(keys, doubles, strict=True)]
    falling = [False, *(one.descending for one in aggregate.order)]
    return rows.sort("q", *plain, descending=falling, nulls_last=True, maintain_order=True)


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


def empty_answer(row: AggregateFunction) -> Any:
    """Return what an aggregate answers when its window is empty."""
    return row.algebra.result(row.algebra.start())
