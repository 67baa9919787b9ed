"""Which rows and questions the contract lets in: what it refuses has no answer to compare."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from featurekit.ir.definitions import Rule
from featurekit.ir.rules import allows
from featurekit.parity.rows import Case, Row, Shape


def refusals(made: Shape) -> tuple[Rule, ...]:
    """Return the rules by which questions are refused: of requests, and of rows in hand."""
    in_hand = [v.source for v in made.views.values() if v.scores_rows and v.source]
    sources = (*made.requests.values(), *in_hand)
    return tuple(dict.fromkeys(rule for source in sources for rule in source.refusals))


def admits(made: Shape, request: Row) -> bool:
    """Whether a question with ``request`` is answered; it carries the columns that are read."""
    known = [rule for rule in refusals(made) if rule.column in made.request]
    return _allowed(known, request)


def let_in(made: Shape, cases: Iterable[Case]) -> tuple[Case, ...]:
    """Return those of ``cases`` whose question is let in, without the rows that are refused."""
    return tuple(
        replace(
            case, history={name: _kept(made, name, rows) for name, rows in case.history.items()}
        )
        for case in cases
        if admits(made, case.request)
    )


def _kept(made: Shape, name: str, rows: tuple[Row, ...]) -> tuple[Row, ...]:
    return tuple(row for row in rows if _allowed(made.sources[name].refusals, row))


def _allowed(rules: Iterable[Rule], row: Row) -> bool:
    given = ((rule, row.get(rule.column)) for rule in rules)
    return all(value is None or allows(rule, value) for rule, value in given)
