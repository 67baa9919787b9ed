"""The semantics sheet: what a view resolves to, with nothing left to an engine's default."""

from __future__ import annotations

from featurekit.ir.definitions import SourceKind
from featurekit.ir.nodes import Aggregate, Call, Column, Expression, InVocabulary, walk
from featurekit.ir.rules import relations, rule_text
from featurekit.ir.schedules import schedule_name
from featurekit.ir.view import Grain, Join, View, aggregates, joins_read
from featurekit.ir.windows import (
    AllTime,
    Calendar,
    LastRows,
    Rolling,
    ToDate,
    Window,
    length_name,
    window_name,
)
from featurekit.ops import AGGREGATES, OPERATORS


def semantics(view: View) -> tuple[tuple[str, str], ...]:
    """Return the sheet of ``view`` as (aspect, what holds) pairs, in a fixed order."""
    sheet: list[tuple[str, str]] = [
        ("answered for", _grain(view)),
        ("null", "an operator with a null argument answers null unless its page says otherwise"),
    ]
    if view.strict:
        said = "outside of the contract where all that a feature reads has values"
        sheet.append(("strict", f"a null is {said}"))
    if view.source is not None and view.source.kind is not SourceKind.REQUEST:
        sheet += [
            ("visible", _visible(view)),
            ("ties", _ties(view)),
            ("duplicates", _duplicates(view)),
        ]
    sheet += [(f"join {join.name}", _joined(join)) for join in view.joins]
    found = aggregates(view)
    sheet += [(f"window {window_name(w)}", _edges(w, view.zone)) for w in _windows(found)]
    if found:
        sheet.append(("empty window", "counts answer 0, every other aggregate null"))
    if any(node.current for node in found):
        sheet.append(("current row", "the row in hand counts, after the rows of its window"))
    if view.looks_up or view.joins:
        age = "never" if view.max_age is None else f"when older than {length_name(view.max_age)}"
        sheet.append(("stale", f"{age}; a stale row answers null"))
    sheet += [("unknown category", text) for text in _vocabularies(view)]
    sheet += [(f"rule {column}", text) for column, text in _rules(view)]
    if view.is_label:
        sheet += _of_label(view)
    elif view.source is None or view.source.kind is not SourceKind.REQUEST:
        sheet.append(("freshness", _freshness(view)))
    sheet.append(("zone", view.zone))
    sheet.append(("equality", _equality(view)))
    return tuple(sheet)


def _grain(view: View) -> str:
    names = ", ".join(entity.name for entity in view.entities)
    if view.is_label:
        return f"{names} at any moment t, in hindsight"
    if view.scores_rows and view.source is not None:
        return (
            f"a row of {view.source.name} in hand, at its {view.source.time} t, among its {names}"
        )
    if view.grain is Grain.ROW:
        return "the request in hand"
    return f"{names} at any moment t; the moment itself is no event"


def _visible(view: View) -> str:
    source = view.source
    assert source is not None  # noqa: S101  the caller looked
    if view.is_label:
        return f"every row that {source.name} holds, whenever it became known"
    delay = f" + {length_name(view.delay)}" if view.delay else ""
    known = f"{source.available or source.time}{delay}"
    if known == source.time:
        return f"rows with {source.time} < t"
    return f"rows with {source.time} < t and {known} < t"


def _joined(join: Join) -> str:
    keys = " and ".join(f"{join.name}.{key} = {c.relation}.{c.name}" for key, c in join.on)
    moment = "the moment of asking" if join.at_request else "the row's event time"
    return f"its latest row visible at {moment}, {keys}; null where there is none"


def _of_label(view: View) -> list[tuple[str, str]]:
    """Return how far a label looks, and when it is not known yet."""
    source = view.source
    assert source is not None  # noqa: S101  a label has a source
    late = f" and {length_name(view.delay)} more" if view.delay else ""
    ahead = [("look-up", f"the state at t + {length_name(view.ahead)}")] if view.ahead else []
    last = f"its last {source.time}"
    if source.available:
        last += f", none later than its last {source.available}"
    until = f"null until {source.name} goes as far as its window's end{late}: to --until, or {last}"
    return [*ahead, ("not known yet", until), ("serving", "never: nobody knows it at t")]


def _freshness(view: View) -> str:
    if view.fresh is None:
        return "realtime"
    return f"{schedule_name(view.fresh)}: the answer of the last refresh at or before t"


def _ties(view: View) -> str:
    tie = view.source.tie if view.source else None
    return f"ordered by {tie}" if tie else "ordered by the whole row's canonical order"


def _duplicates(view: View) -> str:
    if view.source and view.source.tie and view.is_label:
        return f"equal {view.source.tie} and time count once; the first in canonical order wins"
    if view.source and view.source.tie:
        return f"equal {view.source.tie} and time count once; the row known first wins"
    return "none: the source names no tie column"


def _windows(found: tuple[Aggregate, ...]) -> tuple[Window, ...]:
    return tuple(sorted({node.window for node in found}, key=window_name))


def _edges(window: Window, zone: str) -> str:
    match window:
        case Rolling(length, offset) if offset < 0:
            start = f"t + {length_name(-offset - length)}" if length + offset else "t"
            own = "" if length + offset else "; what happens at t itself is in it"
            return f"[{start}, t + {length_name(-offset)}), elapsed time{own}"
        case Rolling(length, 0):
            return f"[t - {length_name(length)}, t), elapsed time"
        case Rolling(length, offset):
            whole = length_name(length + offset)
            return f"[t - {whole}, t - {length_name(offset)}), elapsed time"
        case Calendar(count, unit):
            return f"the {count} whole {unit.value}s before the current one, {zone}"
        case ToDate(unit):
            return f"from the start of the current {unit.value} to t, {zone}"
        case LastRows(count, offset):
            behind = f" that precede the latest {offset}" if offset else ""
            return f"the latest {count} visible rows{behind}"
        case AllTime(offset):
            until = f" before t - {length_name(offset)}" if offset else ""
            return f"every visible row{until}; state grows without bound"


def _vocabularies(view: View) -> tuple[str, ...]:
    found = {
        node.vocabulary.name: node.vocabulary
        for feature in view.features
        for node in walk(feature.expression)
        if isinstance(node, InVocabulary)
    }
    return tuple(
        f"{name}: {vocabulary.bucket or vocabulary.unknown.value}"
        for name, vocabulary in sorted(found.items())
    )


def _rules(view: View) -> list[tuple[str, str]]:
    """Return the rules of what the view reads; by one that refuses it reads whole rows."""
    read = {
        (node.relation, node.name)
        for feature in view.features
        for node in walk(feature.expression)
        if isinstance(node, Column)
    }
    return [
        (f"{source.name}.{rule.column}", rule_text(rule))
        for relation, source in relations(view).items()
        for rule in source.rules
        if rule in source.refusals or (relation, rule.column) in read
    ]


def _equality(view: View) -> str:
    ulps = 0
    bounded = False
    for feature in view.features:
        for node in walk(feature.expression):
            if isinstance(node, Call):
                ulps = max(ulps, OPERATORS[node.operator].ulps)
            elif isinstance(node, Aggregate):
                bounded = bounded or AGGREGATES[node.function].bound != "exact"
    parts = [
        "summed floats within 1e-9 of the sum of absolute values" if bounded else "",
        f"transcendental functions within {ulps} units in the last place" if ulps else "",
    ]
    return "exact, except " + " and ".join(p for p in parts if p) if any(parts) else "exact"


def lineage(view: View) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return, for each feature, the ``source.column`` it is computed from, sorted.

    Columns that only decide which rows count or meet (filters, joins) are included; the keys by
    which rows are found and times are not.
    """
    return tuple((feature.name, _origins(view, feature.expression)) for feature in view.features)


def _origins(view: View, expression: Expression) -> tuple[str, ...]:
    sources = {join.name: join.source.name for join in view.joins}
    joined = [column for join in joins_read(view, [expression]) for _, column in join.on]
    read = [node for node in walk(expression) if isinstance(node, Column)]
    found = {f"{sources.get(c.relation, c.relation)}.{c.name}" for c in (*read, *joined)}
    return tuple(sorted(found))
