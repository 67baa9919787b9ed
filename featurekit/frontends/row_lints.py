"""Remarks that need a view's rows, too: one function a rule, its docstring its page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from featurekit.frontends.remarks import Lint, Remark
from featurekit.ir.view import View, aggregates

MANY_ROWS = 10_000
FEW_MATCHES = 0.9


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of the rows that a view reads.

    Attributes:
        tied: Rows that share entity and time with another one of the view's source.
        kept: How many rows of one entity its longest window holds, for the entity with the most.
        matched: By join the share of rows that found a match, from 0 to 1.
    """

    tied: int = 0
    kept: int = 0
    matched: tuple[tuple[str, float], ...] = ()


def lint_rows(view: View, seen: Seen) -> tuple[Lint, ...]:
    """Return the remarks about ``view`` over the rows that were seen."""
    return tuple(
        Lint(code, said, fix) for code, rule in RULES.items() for said, fix in rule(view, seen)
    )


def rows_tie_with_the_scored_one(view: View, seen: Seen) -> Iterator[Remark]:
    """FKL07: a scored row does not see the rows that share its moment.

    At row grain a view answers what the plain SQL query over its source does for that row, except
    where other rows of the entity have the very same time: SQL's RANGE frames count them as peers,
    its ROWS frames in any order, and here they are not visible, because nobody knows which came
    first. The count is of the source's rows that share entity and time with another one.
    """
    if seen.tied and view.scores_rows and view.source is not None and aggregates(view):
        said = f"{seen.tied:,} rows of {view.source.name} share their {view.source.time} with"
        fix = f"%source {view.source.name} ... --time COLUMN, one that tells the rows apart"
        yield f"{said} another of the same entity: these do not see each other", fix


def many_rows_are_kept(view: View, seen: Seen) -> Iterator[Remark]:
    """FKL09: one entity has very many rows in the view's longest window.

    Serving keeps the rows of a window until they leave it, and reads them to answer, so both memory
    and time grow with them. The number is that of the entity with the most rows, estimated from its
    rows a day where the window is shorter than its history.
    """
    if seen.kept > MANY_ROWS and view.source is not None:
        said = (
            f"one entity has about {seen.kept:,} rows of {view.source.name} in the longest window"
        )
        fix = "a shorter window, or a source of daily sums: %source DAILY ..."
        yield f"{said}: serving keeps them all and reads them to answer", fix


def joins_match_seldom(view: View, seen: Seen) -> Iterator[Remark]:
    """FKL10: a join found a match for less than 90 % of the rows.

    Its columns are NULL where there is none. Keys that are spelled otherwise, a snapshot whose
    first rows are younger than the events, and a maximum age look alike here: nothing matches.
    """
    for name, share in seen.matched:
        if share < FEW_MATCHES:
            join = next(join for join in view.joins if join.name == name)
            said = f"{share:.0%} of the rows found a row of {join.source.name} as of their time"
            moment = "" if join.at_request else ", or AS OF REQUEST where history is missing"
            yield said, f"compare the keys of both sources, and the first times{moment}"


RULES: Mapping[str, Callable[[View, Seen], Iterator[Remark]]] = {
    "FKL07": rows_tie_with_the_scored_one,
    "FKL09": many_rows_are_kept,
    "FKL10": joins_match_seldom,
}
