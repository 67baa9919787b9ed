"""What may look ahead and what may not: windows of features, and everything in a label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from featurekit.errors.definition import BadOption
from featurekit.errors.labels import LabelRefused, LooksBackOnly
from featurekit.errors.meaning import ReadsTheFuture
from featurekit.frontends.ground import Ground, checked_length
from featurekit.frontends.reading import Reading
from featurekit.frontends.scope import Header
from featurekit.ir.definitions import SourceKind
from featurekit.ir.nodes import Aggregate, AsOf, Column, walk, walk_outside_aggregates
from featurekit.ir.view import Feature, View, aggregates, horizon
from featurekit.ir.windows import AllTime, Rolling, window_name

_NEXT = "SUM(amount) OVER next_30d"


def ahead(header: Header, ground: Ground) -> int | None:
    """Return how long after the moment a label's look-up answers; None for features.

    Raises:
        DefinitionError: FK151 an ``--ahead`` that is no length or has nothing to look up.
    """
    if not header.label:
        return None
    if header.per == "row" or header.fresh != "realtime":
        option, given = ("--per", "row") if header.per == "row" else ("--fresh", header.fresh)
        why = "a label is asked for an entity and a moment, and nobody refreshes or scores it"
        raise BadOption(option, given, why, f"leave {option} out")
    if header.strict:
        why = "a label is never served, so there is nobody to say it to"
        raise BadOption("--strict", "true", why, "leave --strict out")
    if header.ahead is None:
        return 0
    source = ground.source
    if source is not None and source.kind is not SourceKind.SNAPSHOT:
        why = f"{source.name!r} holds events, and a window says how far ahead it looks"
        raise BadOption("--ahead", header.ahead, why, f"{_NEXT}, without --ahead")
    return checked_length("--ahead", header.ahead)


def check_direction(view: View, reading: Reading, features: Mapping[str, Any]) -> None:
    """Refuse features that look ahead, and labels that do what only features can.

    Raises:
        DefinitionError: FK140, FK170, FK171.
    """
    for feature in view.features:
        where = reading.place(features[feature.name])
        if not view.is_label:
            for node in walk(feature.expression):
                if isinstance(node, Aggregate) and _is_ahead(node):
                    fix = "last_30d; what comes later is what is to be predicted: a %%label cell"
                    raise ReadsTheFuture(window_name(node.window), where, fix)
            continue
        _check_label(view, feature, where)
        if not horizon(view, feature.expression):
            raise LooksBackOnly(feature.name, where)
    _check_look_up(view)


def _is_ahead(node: Aggregate) -> bool:
    return isinstance(node.window, Rolling) and node.window.ahead > 0


def _check_label(view: View, feature: Feature, where: Any) -> None:
    requests = {source.name for source in view.requests}
    for node in walk(feature.expression):
        if isinstance(node, Aggregate):
            _check_aggregate(node, where)
        if isinstance(node, Column) and node.relation in requests:
            problem = f"label {feature.name!r} reads {node.relation}.{node.name} of the request"
            why = "a label is about what happened; what was asked stands in the spine already"
            raise LabelRefused(problem, why, "combine it with the spine's column afterwards", where)
    joins = {column.relation for _, column in (pair for j in view.joins for pair in j.on)}
    if requests & joins or any(join.at_request for join in view.joins):
        why = "a label knows the moments of its rows; the moment of asking belongs to features"
        fix = "leave AS OF REQUEST out: the state at the row's own time"
        raise LabelRefused("a label joins nothing as of the request", why, fix, where)
    if not view.ahead and any(
        isinstance(n, Column) for n in walk_outside_aggregates(feature.expression)
    ):
        why = "a state is looked up at one moment, and for a label that is a later one"
        fix = "%%label ... --ahead 30d: the state 30 days after the moment"
        raise LabelRefused(f"label {feature.name!r} does not say when", why, fix, where)


def _check_aggregate(node: Aggregate, where: Any) -> None:
    if not isinstance(node.window, Rolling | AllTime):
        name = window_name(node.window)
        why = "it is counted from the moment's own day, or by rows: it has no length to look ahead"
        raise LabelRefused(f"{name} cannot stand in a label", why, _NEXT, where)
    if any(isinstance(inner, AsOf) for part in node.arguments for inner in walk(part)):
        why = "it weighs rows by their age at the moment, and what comes later has none"
        fix = "ELAPSED('day', AS_OF(), MIN(event_time) OVER next_30d), or SUM(x) OVER next_30d"
        raise LabelRefused(f"{node.function.upper()} cannot stand in a label", why, fix, where)


def _check_look_up(view: View) -> None:
    """Refuse windows that reach past the moment of a look-up in the same label view."""
    reach = max(
        (a.window.ahead for a in aggregates(view) if isinstance(a.window, Rolling)), default=0
    )
    if view.is_label and view.ahead and reach > view.ahead:
        why = "all labels of a cell that looks up are asked at that moment"
        fix = "a cell for the look-up, and one for the windows"
        raise LabelRefused("a window looks further than --ahead", why, fix, "--ahead")
