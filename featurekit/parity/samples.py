"""Questions drawn from real rows: seeded, always the same for the same data.

What is drawn covers the data rather than its bulk: each key that there is (as far as the number of
questions allows), rows with nulls, and the least and greatest value of each column that is read.
The moment of asking lies at, just before and just after what happened, where edges are.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from featurekit.datatypes import TIMESTAMP
from featurekit.ir.definitions import Source
from featurekit.ir.view import request_columns
from featurekit.ir.windows import MICROSECOND
from featurekit.lazy import require
from featurekit.parity.admission import let_in
from featurekit.parity.edges import ordinary_request
from featurekit.parity.ordinary import NOON
from featurekit.parity.rows import Case, Row, Shape
from featurekit.parity.sample_joins import by_key, with_joined
from featurekit.parity.vectors import PURPOSE, frame, time_column

if TYPE_CHECKING:
    import polars as pl

_JITTER = (
    dt.timedelta(0),
    MICROSECOND,
    -MICROSECOND,
    dt.timedelta(minutes=1),
    dt.timedelta(hours=7),
    dt.timedelta(days=1),
)
_MOST_ROWS = 40
_TRIES = 8
_LATEST = 3 * 24 * 3600 * 1_000_000  # microseconds after a row
_AFTER = 2


def sampled_questions(
    made: Shape,
    sources: Mapping[str, pl.DataFrame],
    requests: Mapping[str, pl.DataFrame],
    rows: int,
    seed: int = 20240612,
) -> tuple[pl.DataFrame, str]:
    """Return a spine of ``rows`` questions and the name of its column of moments.

    Args:
        made: What is asked.
        sources: The rows of each source, in the language's types.
        requests: Sample requests of those request sources that have any.
        rows: How many questions; fewer come when there are not so many different ones.
        seed: Another seed, other questions.
    """
    chance = random.Random(seed)  # noqa: S311  a reproducible draw, not a secret
    anchors = {
        name: _anchors(made, source, sources[name], chance)
        for name, source in sorted(_asked_about(made).items())
    }
    drawn = {name: _shuffled(frame_.to_dicts(), chance) for name, frame_ in requests.items()}
    time = time_column(made)
    questions: dict[tuple[Any, ...], dict[str, Any]] = {}
    for number in range(_TRIES * rows):
        if len(questions) == rows:
            break
        question: dict[str, Any] = {**dict.fromkeys(made.keys), **ordinary_request(made)}
        moment = NOON
        for name, found in anchors.items():
            if found:
                row = found[number % len(found)]
                question.update(_asked_with(made, name, row))
                moment = row[_asked_about(made)[name].time or ""] or moment
        for some in drawn.values():
            if some:
                question.update(_known(made, some[number % len(some)]))
        # half of them at the edges of windows, the rest some time later
        later = dt.timedelta(microseconds=chance.randrange(_LATEST))
        jitter = later if number % 2 else chance.choice(_JITTER)
        question[time] = moment + jitter
        question.update(dict.fromkeys(made.moments, question[time]))
        questions.setdefault(tuple(question.values()), question)
    return frame(questions.values(), {**made.keys, **made.request, time: TIMESTAMP}), time


def _asked_about(made: Shape) -> dict[str, Source]:
    """Return the sources whose rows say what can be asked, by name.

    Those of entities and of rows in hand, and those that a request's own columns are joined with.
    """
    views = made.views.values()
    found = {v.source.name: v.source for v in views if v.source and v.source in v.stored}
    joins = [join for view in views for join in view.joins]
    asked = [j for j in joins if any(column.relation in made.requests for _, column in j.on)]
    return {**found, **{join.source.name: join.source for join in asked}}


def _asked_with(made: Shape, name: str, row: Row) -> dict[str, Any]:
    """Return what a question takes from a row: keys, what is in hand, what it is joined by."""
    asked = {key: row[key] for key in made.keys if key in row}
    for view in made.views.values():
        own = (column for column in request_columns(view) if column.relation == name)
        asked.update({column.name: row[column.name] for column in own})
        on = (pair for join in view.joins if join.source.name == name for pair in join.on)
        asked.update({c.name: row[key] for key, c in on if c.relation in made.requests})
    return asked


def _known(made: Shape, row: Row) -> dict[str, Any]:
    return {name: row[name] for name in row if name in made.request or name in made.keys}


def _shuffled(rows: list[Any], chance: random.Random) -> list[Any]:
    chance.shuffle(rows)
    return rows


def _anchors(
    made: Shape, source: Source, rows: pl.DataFrame, chance: random.Random
) -> list[dict[str, Any]]:
    """Return rows to ask about: first one of each key and each extreme, then drawn ones."""
    pl = require("polars", PURPOSE)
    if rows.is_empty():
        return []
    keys = [key for key in made.keys if key in rows.columns]
    numbered = rows.with_row_index("\0row")
    first: list[int] = []
    if keys:
        first += numbered.group_by(keys, maintain_order=True).first()["\0row"].to_list()
    for relation, column in made.read:
        if relation == source.name:
            place = numbered.select(
                low=pl.col(column).arg_min(),
                high=pl.col(column).arg_max(),
                null=pl.col(column).is_null().arg_max(),
            )
            first += [found for found in place.row(0) if found is not None]
    drawn = [chance.randrange(len(rows)) for _ in range(min(len(rows), 2000))]
    chosen = list(dict.fromkeys([*_shuffled(first, chance)[:1000], *drawn]))
    return rows[chosen].to_dicts()


def sampled_cases(
    made: Shape, spine: pl.DataFrame, time: str, sources: Mapping[str, pl.DataFrame]
) -> tuple[Case, ...]:
    """Return a case for each row of ``spine`` with the latest real rows behind it.

    The history is cut to the latest rows, so that a vector can be read; the expected answer is
    computed on exactly these rows.
    """
    near = {
        name: _by_entity(made, source, sources[name], spine) for name, source in made.own.items()
    }
    keyed = by_key(made, sources)
    cases = []
    for number, question in enumerate(spine.to_dicts(), start=1):
        history = {
            name: tuple(_near(made.own[name], parts, question, question[time]))
            for name, parts in near.items()
        }
        entity = {name: question[name] for name in made.keys}
        request = {name: question[name] for name in made.request}
        history = with_joined(made, history, question, question[time], keyed)
        cases.append(Case(f"sampled row {number}", history, entity, request, question[time]))
    return let_in(made, cases)


_ByEntity = Mapping[tuple[str, ...], Mapping[tuple[Any, ...], "pl.DataFrame"]]


def _by_entity(made: Shape, source: Source, rows: pl.DataFrame, spine: pl.DataFrame) -> _ByEntity:
    """Return the rows of each entity asked about, in order of time, by key columns and keys."""
    pl = require("polars", PURPOSE)
    assert source.time is not None  # noqa: S101  only requests have no time
    columns = [field.name for field in source.fields]
    order = [source.time, source.tie] if source.tie else [source.time, *columns]
    dated = rows.select(columns).filter(pl.col(source.time).is_not_null())
    parts = {}
    for keys in dict.fromkeys(view.keys for view in made.readers if view.source == source):
        asked = spine.select(keys).drop_nulls().unique()
        own = dated.join(asked, on=list(keys), how="semi").sort(order)
        parts[keys] = own.partition_by(keys, as_dict=True)
    return parts


def _near(source: Source, parts: _ByEntity, question: Row, moment: dt.datetime) -> Iterator[Row]:
    """Yield the rows around the question's moment of each entity that it asks about."""
    found: dict[tuple[Any, ...], Row] = {}
    for keys, entities in parts.items():
        own = entities.get(tuple(question[key] for key in keys))
        if own is None:
            continue
        place = own[source.time or ""].search_sorted(moment)
        for row in own[max(place - _MOST_ROWS, 0) : place + _AFTER].to_dicts():
            found.setdefault(tuple(row.values()), row)
    yield from sorted(found.values(), key=lambda row: row[source.time or ""])
