"""Aggregates over windows, for many questions at once.

An aggregate with a column algebra is folded over ranges: what was certainly known, then the late
rows. One without gathers the rows of each window, in bounded pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from featurekit.backends.to_polars import PURPOSE, expression, polars_type
from featurekit.errors.definition import NoSpelling
from featurekit.ir.nodes import Aggregate, AsOf, Expression, Literal, walk
from featurekit.ir.windows import Window
from featurekit.lazy import require
from featurekit.ops import AGGREGATES, AggregateFunction, Different, Gap, Lift
from featurekit.training.different import counted
from featurekit.training.folding import fold, merged
from featurekit.training.sight import Pairs, Sight, Span

if TYPE_CHECKING:
    import polars as pl

_AS_OF = "\0as of"


@dataclass(slots=True)
class _Group:
    """Aggregates that differ in their windows or only in what they read off the same state."""

    lift: Lift
    example: Aggregate
    windows: list[Window] = field(default_factory=list)
    members: list[Aggregate] = field(default_factory=list)


def answered(
    sight: Sight,
    aggregates: Sequence[Aggregate],
    zone: str,
    done: Callable[[int], None] = lambda _: None,
) -> dict[Aggregate, pl.Series]:
    """Return the answers of ``aggregates``: one a question, and one more for an empty window.

    Args:
        sight: The questions over the source's history.
        aggregates: Distinct aggregates over that source.
        zone: Whose days their windows count.
        done: Told how many are finished.

    Raises:
        NoSpelling: FK190, an operator or aggregate without a polars spelling.
    """
    spans = {window: sight.span(window, zone) for window in {a.window: None for a in aggregates}}
    groups, others = _grouped(aggregates)
    answers = _folded(sight, groups, spans, done)
    different = [
        a
        for a in others
        if isinstance(AGGREGATES[a.function].lift, Different) and not _asks(_parts(a))
    ]
    answers |= _different(sight, different, spans)
    done(len(answers))
    for aggregate in [a for a in others if a not in answers]:
        answers[aggregate] = _gathered(sight, aggregate, spans[aggregate.window])
        done(len(answers))
    return {a: _with_empty(a, answers[a]) for a in aggregates}


def _grouped(aggregates: Iterable[Aggregate]) -> tuple[list[_Group], list[Aggregate]]:
    groups: dict[Any, _Group] = {}
    gathered = []
    for aggregate in aggregates:
        lift = AGGREGATES[aggregate.function].lift
        if isinstance(lift, Gap) or aggregate.distinct or _asks(_parts(aggregate)):
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
    return (*aggregate.arguments, *where)


def _asks(parts: Iterable[Expression]) -> bool:
    return any(isinstance(node, AsOf) for part in parts for node in walk(part))


def _evaluated(parts: Sequence[Expression], rows: pl.DataFrame) -> pl.DataFrame:
    """Return ``parts`` over rows of a source as columns "0", "1", ... beside "row"."""
    pl = require("polars", PURPOSE)
    made = [
        expression(part, lambda c: pl.col(c.name), pl.col(_AS_OF), {})
        .cast(polars_type(part.type))
        .alias(f"\0{number}")
        for number, part in enumerate(parts)
    ]
    made.append(pl.int_range(pl.len()).alias("\0row"))
    return _columns(rows, made, [*(str(number) for number in range(len(parts))), "row"])


def looked_up(sight: Sight, where: Expression | None) -> pl.Series:
    """Return the position of the latest visible row for which ``where`` is true, else null."""
    pl = require("polars", PURPOSE)
    if where is None:
        return sight.latest
    if not _asks([where]):
        counts = _evaluated([where], sight.history.rows)["0"].fill_null(value=False)
        own = counts.arg_true().cast(pl.Int64)
        found = Sight(sight.history.only(counts), sight.asked).latest
        return own.gather(found)
    pieces = []
    for pairs in sight.pairs(sight.everything):
        counts = _evaluated([where], _with_moments(sight, pairs))["0"]
        rows = pairs.row.to_frame("row").with_columns(q=pairs.question).filter(counts)
        pieces.append(rows.group_by("q", maintain_order=True).agg(pl.col("row").last()))
    every = pl.int_range(len(sight.asked), eager=True).alias("q").to_frame()
    if not pieces:
        return sight.latest
    return every.join(pl.concat(pieces), on="q", how="left", maintain_order="left")["row"]  # type: ignore[no-any-return]  # loaded late


# --- folding ranges


def _folded(
    sight: Sight,
    groups: Sequence[_Group],
    spans: Mapping[Window, Span],
    done: Callable[[int], None],
) -> dict[Aggregate, pl.Series]:
    pl = require("polars", PURPOSE)
    count = len(sight.asked)
    states = [_start_states(group, sight.history.rows) for group in groups]
    certain: list[Any] = []
    late: list[list[Any]] = [[] for _ in groups]
    sizes = []
    for pairs in sight.late() if groups else ():
        sizes.append(pairs.questions[1] - pairs.questions[0])
        for number, (group, own) in enumerate(zip(groups, states, strict=True)):
            rows, ranges = own[pairs.row], _late_ranges(sight, group, spans, pairs)
            if len(certain) > number:
                late[number].append(fold(group.lift, rows, *ranges))
                continue
            # the first late rows go along with the certain ones: a fold costs by its levels
            known = _certain_ranges(group, spans)
            low, high = (pl.concat([k, r + len(own)]) for k, r in zip(known, ranges, strict=True))
            both = fold(group.lift, pl.concat([own, rows]), low, high)
            certain.append(both.head(len(known[0])))
            late[number].append(both.slice(len(known[0])))
    if not certain:
        pairs_ = zip(groups, states, strict=True)
        certain = [fold(group.lift, own, *_certain_ranges(group, spans)) for group, own in pairs_]
    answers: dict[Aggregate, Any] = {}
    for group, folded, pieces in zip(groups, certain, late, strict=True):
        for number, window in enumerate(group.windows):
            whole = folded.slice(number * count, count)
            if pieces:
                cut = zip(pieces, sizes, strict=True)
                behind = pl.concat([piece.slice(number * size, size) for piece, size in cut])
                whole = merged(group.lift, whole, behind)
            for member in group.members:
                if member.window == window:
                    answers[member] = _read_off(member, whole)
        done(len(answers))
    return answers


def _certain_ranges(group: _Group, spans: Mapping[Window, Span]) -> tuple[pl.Series, pl.Series]:
    """Return the ranges of rows that are certainly known, window by window."""
    pl = require("polars", PURPOSE)
    low = pl.concat([spans[window].start for window in group.windows])
    return low, pl.concat([spans[window].certain for window in group.windows])


def _start_states(group: _Group, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the state after each single row; empty where the condition is not true."""
    pl = require("polars", PURPOSE)
    aggregate, lift = group.example, group.lift
    found = _evaluated(_parts(aggregate), rows)
    started = lift.start(pl, *_operands(aggregate))
    if aggregate.where is not None:
        counts = pl.col(str(len(aggregate.arguments)))
        started = {n: pl.when(counts).then(s).otherwise(lift.empty[n]) for n, s in started.items()}
    made = [state.alias(f"\0{name}") for name, state in started.items()]
    return _columns(found, made, list(started))


def _late_ranges(
    sight: Sight, group: _Group, spans: Mapping[Window, Span], pairs: Pairs
) -> tuple[pl.Series, pl.Series]:
    """Return the ranges of ``pairs`` that are late rows of their questions, window by window."""
    pl = require("polars", PURPOSE)
    begin, stop = pairs.questions
    size = len(sight.history) + 1
    places = pairs.question * size + pairs.row
    own = pl.int_range(begin, stop, eager=True) * size

    def behind(positions: Callable[[Span], Any]) -> Any:
        parts = [own + positions(spans[window])[begin:stop] for window in group.windows]
        return places.search_sorted(pl.concat(parts)).cast(pl.Int64)

    return behind(lambda span: span.certain), behind(lambda span: span.end)


def _read_off(aggregate: Aggregate, states: pl.DataFrame) -> pl.Series:
    pl = require("polars", PURPOSE)
    lift = AGGREGATES[aggregate.function].lift
    assert isinstance(lift, Lift)  # noqa: S101  only those are folded
    answer = lift.result(pl, {name: pl.col(name) for name in states.columns})
    typed = answer.cast(polars_type(aggregate.type)).alias("\0answer")
    return _columns(states, [typed], ["answer"])["answer"]


# --- counting different values


def _different(
    sight: Sight, aggregates: Sequence[Aggregate], spans: Mapping[Window, Span]
) -> dict[Aggregate, pl.Series]:
    """Return the answers of aggregates that count values, those of one argument together."""
    pl = require("polars", PURPOSE)
    alike: dict[Any, list[Aggregate]] = {}
    for aggregate in aggregates:
        alike.setdefault(_parts(aggregate), []).append(aggregate)
    answers: dict[Aggregate, Any] = {}
    for parts, members in alike.items():
        found = _evaluated(parts, sight.history.rows)
        if members[0].where is not None:
            found = found.select(pl.when(pl.col("1")).then(pl.col("0")))
        counts = counted(sight, found["0"], [spans[member.window] for member in members])
        answers |= dict(zip(members, counts, strict=True))
    return answers


# --- gathering rows


def _gathered(sight: Sight, aggregate: Aggregate, span: Span) -> pl.Series:
    """Return the answers from the very rows, in the words of the aggregate's polars spelling."""
    pl = require("polars", PURPOSE)
    row = AGGREGATES[aggregate.function]
    if isinstance(row.polars, Gap):
        raise NoSpelling(row.name, "polars", row.polars.why)
    parts = _parts(aggregate)
    asks = _asks(parts)
    values = None if asks else _evaluated(parts, sight.history.rows)
    names = [str(number) for number in range(len(aggregate.arguments))]
    spelled = (
        row.polars(pl, *_operands(aggregate)).cast(polars_type(aggregate.type)).alias("answer")
    )
    pieces = []
    for pairs in sight.pairs(span):
        if values is None:
            rows = _with_moments(sight, pairs)
            found = _evaluated(parts, rows)
        else:
            found = values[pairs.row]
        found = found.with_columns(pairs.question.alias("q"))
        if aggregate.where is not None:
            found = found.filter(pl.col(str(len(names))))
        if aggregate.distinct:
            found = found.unique(["q", *names], keep="first", maintain_order=True)
        pieces.append(found.group_by("q", maintain_order=True).agg(spelled))
    every = pl.int_range(len(sight.asked), eager=True).alias("q").to_frame()
    if not pieces:
        return pl.Series([], dtype=polars_type(aggregate.type))  # type: ignore[no-any-return]  # loaded late
    answers = pl.concat(pieces).with_columns(pl.lit(value=True).alias("found"))
    whole = every.join(answers, on="q", how="left", maintain_order="left")
    empty = _empty(AGGREGATES[aggregate.function])
    return whole.select(  # type: ignore[no-any-return]  # loaded late
        answer=pl.when(pl.col("found")).then("answer").otherwise(pl.lit(empty))
    )["answer"].cast(polars_type(aggregate.type))


def _operands(aggregate: Aggregate) -> list[Any]:
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


def _with_moments(sight: Sight, pairs: Pairs) -> pl.DataFrame:
    pl = require("polars", PURPOSE)
    moments = sight.asked.time[pairs.question].cast(pl.Datetime("us", "UTC"))
    return sight.history.rows[pairs.row].with_columns(moments.alias(_AS_OF))


def _empty(row: AggregateFunction) -> Any:
    return row.algebra.result(row.algebra.start())


def _with_empty(aggregate: Aggregate, answers: pl.Series) -> pl.Series:
    pl = require("polars", PURPOSE)
    empty = _empty(AGGREGATES[aggregate.function])
    return pl.concat([answers, pl.Series([empty], dtype=answers.dtype)])  # type: ignore[no-any-return]  # loaded late


def _columns(rows: pl.DataFrame, made: Sequence[pl.Expr], names: Sequence[str]) -> pl.DataFrame:
    """Return the columns ``made``, called NUL and a name, without the NUL; constants stretched."""
    kept = [f"\0{name}" for name in names]
    return rows.lazy().with_columns(made).select(kept).collect().rename(lambda n: n[1:])
