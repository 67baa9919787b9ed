"""Asking training and serving the same questions, and summing up where they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from featurekit.datatypes import DataType
from featurekit.errors.export import PackageBroken
from featurekit.lazy import require
from featurekit.parity.admission import admits
from featurekit.parity.arrivals import arrivals
from featurekit.parity.compare import Difference, answers, compare
from featurekit.parity.report import ParityReport, report
from featurekit.parity.rows import Case, Row, Shape
from featurekit.parity.serve import Conversation, Line, Served, serve, serve_here, timeline
from featurekit.parity.vectors import PURPOSE, Train, expected, frame

if TYPE_CHECKING:
    import polars as pl

Package = Mapping[str, str]


def served_answers(
    made: Shape,
    package: Package,
    spine: pl.DataFrame,
    sources: Mapping[str, pl.DataFrame],
    time: str | None,
) -> tuple[Served, ...]:
    """Return the package's answer to each row of ``spine``, in its order.

    The sources' rows are fed event by event as they arrive, each question between them at its
    moment; a question without a moment or without a key is asked like any other.

    Args:
        made: What is asked.
        package: The rendered files, ``{path: text}``.
        spine: Keys and request columns in the language's types, and the moment.
        sources: The rows of each source, in the language's types.
        time: The spine's column of moments.
    """
    questions = [
        (
            {name: row[name] for name in made.keys},
            {name: row[name] for name in made.request},
            row[time] if time else None,
        )
        for row in spine.to_dicts()
    ]
    events = (
        event
        for name, rows in sources.items()
        if name in made.sources
        for event in arrivals(made, made.sources[name], rows, spine, time)
    )
    moments = [made.moment(request, as_of) for _, request, as_of in questions]
    lines, asked = timeline(made.interface, events, questions, moments)
    conversation = serve(package, made.interface, lines)
    ordered: list[Served] = [Served({}, {})] * len(questions)
    for place, answer in zip(asked, conversation.answers, strict=True):
        ordered[place] = answer
    return tuple(ordered)


def served_frame(made: Shape, spine: pl.DataFrame, given: Sequence[Served]) -> pl.DataFrame:
    """Return ``spine`` with the package's answers beside it, as a training set has them.

    A question that the contract refuses is answered with nulls.

    Raises:
        TypeError: an answer is not of its feature's type.
        PackageBroken: FK501, for any other error of the package.
    """
    pl = require("polars", PURPOSE)
    broken = [str(answer.error) for answer in given if _broken(answer)]
    if broken:
        raise PackageBroken("it raised an error when it was asked", broken[0])
    columns: dict[str, DataType] = {a.column: a.type for a in answers(made.wanted, made.views)}
    rows = [{name: answer.values.get(name) for name in columns} for answer in given]
    return pl.concat([spine, frame(rows, columns)], how="horizontal")  # type: ignore[no-any-return]  # late


def compare_served(
    made: Shape, asked: Sequence[Row], wanted: Sequence[Row], given: Sequence[Served]
) -> ParityReport:
    """Compare the training path's rows with the package's answers.

    A question that a rule refuses has no answer in serving, whatever training makes of it.
    """
    columns = answers(made.wanted, made.views)
    refused = {row for row, one in enumerate(given) if _kept_out(made, asked[row], one)}
    different = [
        one
        for one in compare(wanted, [answer.values for answer in given], columns)
        if one.row not in refused
    ]
    seen = {(one.row, one.column) for one in different}
    different += [  # an error is no answer, also where null is expected
        Difference(row, column.column, wanted[row][column.column], None)
        for row, answer in enumerate(given)
        for column in columns
        if (row, column.column) not in seen
        and (_broken(answer) or _let_in(made, asked[row], answer))
    ]
    said = [_with_error(d, given[d.row]) for d in different]
    return report(asked, wanted, columns, said)


def _broken(answer: Served) -> bool:
    """Whether the package failed, other than by refusing what its contract refuses."""
    return answer.error is not None and not answer.error.startswith("ContractError:")


def _kept_out(made: Shape, asked: Row, answer: Served) -> bool:
    """Whether a question was refused that a rule of the definition refuses: as it should be."""
    by_rule = answer.error is not None and answer.error.endswith("[not_allowed]")
    return by_rule and not admits(made, asked)


def _let_in(made: Shape, asked: Row, answer: Served) -> bool:
    """Whether a question was answered that a rule of the definition refuses."""
    return answer.error is None and not admits(made, asked)


def _with_error(difference: Difference, given: Served) -> Difference:
    if given.error is None:
        return difference
    return Difference(
        difference.row, difference.column, difference.expected, None, f"raised {given.error}"
    )


def statuses(made: Shape, package: Package, cases: Sequence[Case]) -> list[Mapping[str, str]]:
    """Return why each null answer of ``package`` to ``cases`` is null: what is there to be kept."""
    answered = serve_here(package, made.interface, case_lines(made, cases)).answers
    return [
        {name: said for name, said in answer.status.items() if answer.values.get(name) is None}
        for answer in answered
    ]


def prove_cases(made: Shape, package: Package, cases: Sequence[Case], train: Train) -> ParityReport:
    """Ask each case of training and of the package in a process of its own, and compare."""
    conversation = serve(package, made.interface, case_lines(made, cases))
    return _case_report(made, cases, expected(cases, made, train), conversation)


def prove_cases_here(
    made: Shape,
    package: Package,
    cases: Sequence[Case],
    train: Train,
    before: Callable[[], bool],
) -> ParityReport:
    """Compare as many cases as ``before`` allows, in this process: the card's quick check."""
    conversation = serve_here(package, made.interface, case_lines(made, cases), before=before)
    some = cases[: len(conversation.answers)]
    return _case_report(made, some, expected(some, made, train), conversation)


def _case_report(
    made: Shape, cases: Sequence[Case], wanted: Sequence[Row], conversation: Conversation
) -> ParityReport:
    asked = [{"case": c.name, **c.entity, **c.request, "as_of": c.as_of} for c in cases]
    return compare_served(made, asked, wanted, conversation.answers)


def case_lines(made: Shape, cases: Iterable[Case]) -> Iterator[Line]:
    """Yield the lines about ``cases``: a fresh store, the rows as they arrive, the question."""
    for case in cases:
        yield ["fresh"]
        for name, rows in case.history.items():
            for row in rows:
                yield made.interface.event(name, row)
        yield made.interface.question(case.entity, case.request, case.as_of)
