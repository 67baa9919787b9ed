"""Test vectors: cases with the training path's answers, as JSON lines that need no toolkit to read.

The first line says what follows::

    {"format": 1, "sources": {"flights": {"carrier": "VARCHAR", ...}}, "keys": {"carrier": ...},
     "request": {"amount": "DOUBLE"}, "answers": {"late__n": {"type": "BIGINT"},
     "late__mean": {"type": "DOUBLE", "relative": 1e-09, "ulps": 0}}}

Each other line is one case, rows in the order in which they arrive::

    {"name": "flights: a row exactly at the start of last_30d", "history": {"flights": [{...}]},
     "entity": {"carrier": "e0007"}, "request": {}, "as_of": "2024-06-12T15:04:05.678901+00:00",
     "expected": {"late__n": 3, "late__mean": null}, "status": {"late__mean": "NOT_FOUND"}}

Values are written as ``values.encode`` says. ``relative`` and ``ulps`` are how far a DOUBLE may lie
from the expected one; without them it is exact (NaN equals NaN, 0.0 equals -0.0). ``status`` says
why an answer is null, as the package said when it was exported.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from featurekit.backends.to_polars import polars_type
from featurekit.datatypes import BIGINT, TIMESTAMP, DataType
from featurekit.ir.definitions import Entity, Field, Source
from featurekit.ir.nodes import Column
from featurekit.ir.view import Join, View
from featurekit.lazy import require
from featurekit.parity.compare import EXACT, Answer, answers
from featurekit.parity.rows import Case, Row, Shape
from featurekit.parity.values import encode

if TYPE_CHECKING:
    import polars as pl

PURPOSE = "to compare training and serving"

Train = Callable[
    [Mapping[str, View], "pl.DataFrame", Mapping[str, "pl.DataFrame"], str], "pl.DataFrame"
]
"""The training path: views, spine, the rows of each source, its time column; to the answers."""

CASE = "fk_case"
"""The key that keeps the rows of different cases apart."""


def time_column(made: Shape) -> str:
    """Return a name for the spine's moment that no key or request column has."""
    name = "as_of"
    while name in made.keys or name in made.request:
        name += "_"
    return name


def frame(rows: Iterable[Row], columns: Mapping[str, DataType]) -> pl.DataFrame:
    """Return ``rows`` as a frame of exactly ``columns``, in the language's types."""
    pl = require("polars", PURPOSE)
    listed = list(rows)
    made = {
        name: pl.Series(name, [row[name] for row in listed], dtype=polars_type(kind))
        for name, kind in columns.items()
    }
    return pl.DataFrame(made)  # type: ignore[no-any-return]  # loaded late


def expected(cases: Sequence[Case], made: Shape, train: Train) -> list[dict[str, Any]]:
    """Return the training path's answers to ``cases``, in their order.

    One training set answers all of them: the number of the case becomes a key of every entity, so
    that the rows of one case are not another's, whatever keys they share.
    """
    time = time_column(made)
    views = {reference: _by_case(view) for reference, view in made.views.items()}
    asked_with = {**made.keys, **made.request, time: TIMESTAMP, CASE: BIGINT}
    questions = (
        {**case.entity, **case.request, time: case.as_of, CASE: number}
        for number, case in enumerate(cases)
    )
    sources = {
        name: frame(
            (
                {**row, CASE: n}
                for n, case in enumerate(cases)
                for row in case.history.get(name, ())
            ),
            {**columns, CASE: BIGINT},
        )
        for name, columns in made.interface.sources.items()
    }
    answered = train(views, frame(questions, asked_with), sources, time)
    return answered.select(one.column for one in made.wanted).to_dicts()


def _by_case(view: View) -> View:
    """Return ``view`` with the case as one more key of what it is answered for and joined with."""
    if not view.entities and not view.joins:
        return view
    case = Field(CASE, BIGINT)

    def wider(source: Source) -> Source:
        return replace(source, fields=(*source.fields, case))

    own = view.source and wider(view.source)
    joins = (
        replace(j, source=wider(j.source), on=(*j.on, (CASE, Column(_asks(j, view), CASE, BIGINT))))
        for j in view.joins
    )
    keyed = (*view.entities, Entity(CASE, (case,))) if view.entities else ()
    requests = (own if own and source.name == own.name else source for source in view.requests)
    return replace(view, source=own, entities=keyed, joins=tuple(joins), requests=tuple(requests))


def _asks(join: Join, view: View) -> str:
    """Return the relation whose rows begin the look-up: the view's source, or a request."""
    by_name = {other.name: other for other in view.joins}
    relation = join.on[0][1].relation
    return _asks(by_name[relation], view) if relation in by_name else relation


def vector_lines(
    cases: Sequence[Case],
    answered: Sequence[Mapping[str, Any]],
    made: Shape,
    statuses: Sequence[Mapping[str, str]],
) -> list[str]:
    """Return the lines of the vectors' file: the header, then a line a case."""
    columns = answers(made.wanted, made.views)
    lines = [json.dumps(_header(made, columns), ensure_ascii=True)]
    for case, values, said in zip(cases, answered, statuses, strict=True):
        line = {**_line(case, values, made, columns), "status": dict(said)}
        lines.append(json.dumps(line, ensure_ascii=True))
    return lines


def _header(made: Shape, columns: Sequence[Answer]) -> dict[str, Any]:
    def said(types: Mapping[str, DataType]) -> dict[str, str]:
        return {name: str(kind) for name, kind in types.items()}

    return {
        "format": 1,
        "sources": {name: said(types) for name, types in made.interface.sources.items()},
        "keys": said(made.keys),
        "request": said(made.request),
        "answers": {answer.column: _promise(answer) for answer in columns},
    }


def _promise(answer: Answer) -> dict[str, Any]:
    if answer.tolerance == EXACT:
        return {"type": str(answer.type)}
    allowed = answer.tolerance
    return {"type": str(answer.type), "relative": allowed.relative, "ulps": allowed.ulps}


def _line(
    case: Case, values: Mapping[str, Any], made: Shape, columns: Sequence[Answer]
) -> dict[str, Any]:
    def encoded(row: Row, types: Mapping[str, DataType]) -> dict[str, Any]:
        return {name: encode(row[name], kind) for name, kind in types.items()}

    return {
        "name": case.name,
        "history": {
            name: [encoded(row, types) for row in case.history.get(name, ())]
            for name, types in made.interface.sources.items()
        },
        "entity": encoded(case.entity, made.keys),
        "request": encoded(case.request, made.request),
        "as_of": encode(case.as_of, TIMESTAMP),
        "expected": {a.column: encode(values[a.column], a.type) for a in columns},
    }
