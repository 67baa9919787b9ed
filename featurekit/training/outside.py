"""How many values lie outside of what the rules of a source allow: what serving would refuse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from featurekit.backends.to_polars import PURPOSE, expression
from featurekit.frontends.remarks import Lint
from featurekit.ir.definitions import Otherwise, Rule, Source
from featurekit.ir.nodes import Column
from featurekit.ir.rules import holds, relations, rule_text
from featurekit.ir.view import View
from featurekit.lazy import require
from featurekit.training.sources import SourceData, collected
from featurekit.training.spine import Spine

if TYPE_CHECKING:
    import polars as pl

_BECOMES = {
    Otherwise.REFUSE: "is refused in serving, and left out here",
    Otherwise.NULL: "is null here and in serving",
    Otherwise.DEFAULT: "is the default here and in serving",
}


def counted(frame: pl.LazyFrame, source: Source) -> dict[Rule, int]:
    """Return by rule how many rows of ``frame`` have a value that it does not allow.

    Rules of columns that ``frame`` does not have are left out.
    """
    pl = require("polars", PURPOSE)
    present = frame.collect_schema()
    asked = {}
    for rule in source.rules:
        field = source.field(rule.column)
        if field is None or rule.column not in present:
            continue
        condition = holds(rule, Column(source.name, field.name, field.type, field.required))
        if condition is not None:
            test = expression(condition, lambda column: pl.col(column.name), pl.lit(None), {})
            asked[rule] = (~test).sum()
    if not asked:
        return {}
    found = frame.select(count.alias(str(n)) for n, count in enumerate(asked.values()))
    counts = collected(found, f"source {source.name!r}").row(0)
    return dict(zip(asked, map(int, counts), strict=True))


Outside = dict[tuple[str, Rule], int]
"""By source and rule, how many questions have a value that it does not allow."""


def outside_questions(
    asked: Spine, views: Mapping[str, View], data: Mapping[str, SourceData]
) -> Outside:
    """Return what rules of requests, and of rows in hand, do not allow of the questions."""
    return {
        (source.name, rule): count
        for source in _sources(views)
        if not _is_stored(source, data)
        for rule, count in counted(asked.rows.lazy(), source).items()
    }


def outside_rules(
    views: Mapping[str, View], data: Mapping[str, SourceData], questions: Outside
) -> tuple[Lint, ...]:
    """Remark on rows and questions that rules of the views' sources do not allow (FK275)."""
    lints: list[Lint] = []
    for source in _sources(views):
        name, stored = source.name, _is_stored(source, data)
        found = (
            counted(data[name].frame, source)
            if stored
            else {rule: count for (of, rule), count in questions.items() if of == name}
        )
        for rule, count in found.items():
            becomes = _BECOMES[rule.otherwise]
            if not stored and rule.otherwise is Otherwise.REFUSE:
                becomes = "is refused in serving; here the question is answered with it"
            if count:
                whose = f"rows of '{name}'" if stored else "questions"
                text = (
                    f"{count:,} {whose} have a {rule.column} outside of {rule_text(rule)}: "
                    f"such a value {becomes}"
                )
                fix = f"look at what delivers them, or widen the rule of {rule.column}"
                lints.append(Lint("FK275", text, fix))
    return tuple(lints)


def _sources(views: Mapping[str, View]) -> list[Source]:
    found = {source.name: source for view in views.values() for source in _ruled(view)}
    return list(found.values())


def _is_stored(source: Source, data: Mapping[str, SourceData]) -> bool:
    return source.name in data and source.time is not None


def _ruled(view: View) -> list[Source]:
    return [source for source in relations(view).values() if source.rules]
