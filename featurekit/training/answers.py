"""Aggregates over windows, for many questions at once.

An aggregate with a column algebra is folded over ranges: what was certainly known, then the late
rows. One without gathers the rows of each window, in bounded pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from featurekit.backends.to_polars import PURPOSE, polars_type
from featurekit.datatypes import Kind
from featurekit.errors.definition import NoSpelling
from featurekit.ir.nodes import Aggregate
from featurekit.ir.windows import Window
from featurekit.lazy import require
from featurekit.ops import AGGREGATES, AggregateFunction, Different, Fading, Gap, Moments, Ranked
from featurekit.training import sweeps
from featurekit.training.different import counted
from featurekit.training.fading import faded, of_rows
from featurekit.training.quantiles import Ranks
from featurekit.training.ranges import Group, folded, operands, parts_of
from featurekit.training.reading import Reading
from featurekit.training.sight import Sight, Span

if TYPE_CHECKING:
    import polars as pl


def answered(
    reading: Reading,
    aggregates: Sequence[Aggregate],
    zone: str,
    done: Callable[[int], None] = lambda _: None,
) -> dict[Aggregate, pl.Series]:
    """Return the answers of ``aggregates``, one a spine row.

    They are put in the spine's order as soon as they are there, so that each lies in memory once.

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
        answers |= _stretched(reading.sight, folded(reading, some, spans))
        done(len(answers))
    different = [
        a
        for a in others
        if isinstance(AGGREGATES[a.function].lift, Different) and not reading.asks(parts_of(a))
    ]
    answers |= _stretched(reading.sight, _different(reading, different, spans))
    done(len(answers))
    for alike in _fading(reading, others):
        answers |= _stretched(reading.sight, faded(reading, alike, spans))
        done(len(answers))
    ranked = [a for a in others if _ranked(reading, a)]
    answers |= _stretched(reading.sight, _quantiles(reading, ranked, spans))
    done(len(answers))
    for aggregate in [a for a in others if a not in answers]:
        found = {aggregate: _gathered(reading, aggregate, spans[aggregate.window])}
        answers |= _stretched(reading.sight, found)
        done(len(answers))
    return {a: answers[a] for a in aggregates}


def _stretched(
    sight: Sight, found: Mapping[Aggregate, pl.Series]
) -> dict[Aggregate, pl.Series]:  # fmt: skip
    """Return the answers that spine rows get, from those of questions; no rows' where none ask."""
    pl = require("polars", PURPOSE)
    answers = pl.DataFrame([answer.alias(str(n)) for n, answer in enumerate(found.values())])
    if not sight.asked.complete:
        empty = {str(n): [empty_answer(AGGREGATES[a.function])] for n, a in enumerate(found)}
        nobody = pl.DataFrame(empty, schema=answers.schema)
        answers = pl.concat([answers, nobody])
    # in one piece: else each row would be looked for in all of them
    rows = answers.rechunk()[sight.asked.row] if found else answers
    return dict(zip(found, rows, strict=True))


def _grouped(
    reading: Reading, aggregates: Iterable[Aggregate]
) -> tuple[list[Group], list[Aggregate]]:
    groups: dict[Any, Group] = {}
    gathered = []
    for aggregate in aggregates:
        lift = AGGREGATES[aggregate.function].lift
        if isinstance(lift, Gap) or aggregate.order or reading.asks(parts_of(aggregate)):
            gathered.append(aggregate)
            continue
        meaning = (
            (lift.values, lift.products) if isinstance(lift, Moments) else (lift.start, lift.merge)
        )
        key = (*meaning, aggregate.arguments, aggregate.where)
        group = groups.setdefault(key, Group(lift, aggregate))
        group.members.append(aggregate)
        if aggregate.window not in group.windows:
            group.windows.append(aggregate.window)
    return list(groups.values()), gathered


def _fading(reading: Reading, aggregates: Iterable[Aggregate]) -> Iterable[list[Aggregate]]:
    """Return those whose values fade, together what is read of one column."""
    alike: dict[Any, list[Aggregate]] = {}
    for aggregate in aggregates:
        fading = isinstance(AGGREGATES[aggregate.function].lift, Fading)
        if fading and not reading.asks(parts_of(of_rows(aggregate))):
            alike.setdefault((aggregate.arguments, aggregate.where), []).append(aggregate)
    return alike.values()


# --- counting different values


def _different(
    reading: Reading, aggregates: Sequence[Aggregate], spans: Mapping[Window, Span]
) -> dict[Aggregate, pl.Series]:
    """Return the answers of aggregates that count values, those of one argument together."""
    alike: dict[Any, list[Aggregate]] = {}
    for aggregate in aggregates:
        alike.setdefault((parts_of(aggregate), aggregate.current), []).append(aggregate)
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
    plain = not (aggregate.current or reading.asks(parts_of(aggregate)) or reading.sight.sees_late)
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
        ranks = Ranks(reading.sight, _counting(members[0], reading.of_rows(parts_of(members[0]))))
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
    parts = parts_of(aggregate)
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
    first = len(parts_of(aggregate)) - len(aggregate.order)
    keys = [pl.col(str(first + number)) for number in range(len(aggregate.order))]
    doubles = [one.key.type.kind is Kind.DOUBLE for one in aggregate.order]
    plain = [key + 0.0 if double else key for key, double in zip(keys, doubles, strict=True)]
    falling = [False, *(one.descending for one in aggregate.order)]
    return rows.sort("q", *plain, descending=falling, nulls_last=True, maintain_order=True)


def empty_answer(row: AggregateFunction) -> Any:
    """Return what an aggregate answers when its window is empty."""
    return row.algebra.result(row.algebra.start())
