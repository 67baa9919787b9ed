"""What the tests of a package's window states must know of its definitions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from featurekit.backends.python_state_tracks import Kept, keeps_state, kept, varying
from featurekit.backends.python_syntax import quoted
from featurekit.export.python_plan import Plan
from featurekit.export.python_streams import own_stream
from featurekit.ir.nodes import Aggregate, Column, Expression, walk
from featurekit.ir.view import View, aggregates
from featurekit.ir.windows import Rolling
from featurekit.ops import AGGREGATES

_UNBOUND = frozenset({"slope", "correlation"})


def state_tests(plan: Plan) -> dict[str, Any]:
    """Return what the tests of window states are rendered from."""
    held = {
        plan.functions[reference]: plan.views[reference]
        for reference in plan.order
        if own_stream(plan.views[reference]) in plan.states and keeps_state(plan.views[reference])
    }
    listed = [
        (f"state.{plan.states[stream.place]}", f"version.{stream.constant}", tuple(stream.keys))
        for stream in plan.streams
        if stream.place in plan.states
    ]
    return {
        "streams": [(kind, stream, _tuple(keys)) for kind, stream, keys in listed],
        "lengths": sorted({0, *(span for view in held.values() for span in _lengths(view))}),
        "moments": _tuple(sorted(plan.checks[-1].moments)),
        "squared": list(_features(held, _squared)),
        "rounded": list(_features(held, _rounded)),
    }


def _tuple(names: Any) -> str:
    quotes = [quoted(name) for name in names]
    return f"({', '.join(quotes)}{',' * (len(quotes) == 1)})"


def _lengths(view: View) -> Iterator[int]:
    """Yield how long after a row something happens to it, in microseconds."""
    yield view.delay
    for node in aggregates(view):
        if isinstance(node.window, Rolling):
            yield node.window.length + node.window.offset
            yield node.window.offset


def _features(held: dict[str, View], chosen: Any) -> Iterator[str]:
    for function, view in held.items():
        for feature in view.features:
            if chosen(feature.expression):
                yield f"({quoted(function)}, {quoted(feature.name)})"


def _inexact(root: Expression) -> list[Aggregate]:
    """Return the aggregates of which merged parts answer other last digits than single rows."""
    nodes = [node for node in walk(root) if isinstance(node, Aggregate)]
    return [
        node
        for node in nodes
        if AGGREGATES[node.function].bound != "exact" and kept(node) is Kept.BLOCKS
    ]


def _rounded(root: Expression) -> bool:
    """Whether no bound is promised, whatever the rows: of what is made of rounded aggregates."""
    found = _inexact(root)
    bare = all(isinstance(a, Column) for node in found for a in varying(node))
    bound = any(AGGREGATES[node.function].bound in _UNBOUND for node in found)
    return bool(found) and (bound or not bare or found[0] is not root)


def _squared(root: Expression) -> bool:
    """Whether the bound is a share of the largest value's square."""
    bounds = {AGGREGATES[node.function].bound for node in _inexact(root)}
    return "square" in bounds and not _rounded(root)
