"""What of a package's questions and answers may be written into a log as it is.

A column that its source marks as loggable, an entity's key or a request's field of that name, and a
feature that rests on nothing but such columns. Everything else is hashed, so a feature that only
passes a name or an amount on does not give away what its source keeps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from featurekit.backends.python_syntax import quoted
from featurekit.export.python_plan import Plan, requests
from featurekit.ir.definitions import Source
from featurekit.ir.semantics import lineage
from featurekit.ir.view import View


@dataclass(frozen=True, slots=True)
class Logged:
    """Names of an entity's keys, of a request's fields, of features."""

    entity: tuple[str, ...]
    request: tuple[str, ...]
    features: tuple[str, ...]

    @property
    def sets(self) -> dict[str, str]:
        """The source of what stands between the parentheses of each set."""
        named = {"entity": self.entity, "request": self.request, "features": self.features}
        return {name: _set(names) for name, names in named.items()}


def logged(plan: Plan) -> Logged:
    """Return what a version's log may show."""
    *_, entity, request = plan.checks
    stored, asked = _marked(plan, _stored(plan)), _marked(plan, _asked(plan))
    marked = {f"{source}.{name}" for source, names in plan.spec.loggable.items() for name in names}
    shown = (w.column for w in plan.wanted if _origins(plan, w.reference, w.feature) <= marked)
    return Logged(
        tuple(key.name for key in entity.accepted if key.name in stored),
        tuple(field.name for field in request.accepted if field.name in asked),
        tuple(dict.fromkeys(shown)),
    )


def _origins(plan: Plan, reference: str, feature: str) -> set[str]:
    """Return the columns of sources that a feature comes from, through the views it uses."""
    found: set[str] = set()
    for column in dict(lineage(plan.views[reference])).get(feature, ()):
        relation, _, name = column.rpartition(".")
        inside = relation in plan.views
        found |= _origins(plan, relation, name) if inside else {column}
    return found


def _marked(plan: Plan, sources: Iterable[Source]) -> set[str]:
    return {column for source in sources for column in plan.spec.loggable.get(source.name, ())}


def _views(plan: Plan) -> list[View]:
    return [described.view for described in plan.spec.views.values()]


def _stored(plan: Plan) -> list[Source]:
    return [source for view in _views(plan) for source in view.stored]


def _asked(plan: Plan) -> list[Source]:
    """Return what a request's fields come from: request sources, and those of rows in hand."""
    rows = [view.source for view in _views(plan) if view.source and view.scores_rows]
    return [*rows, *(source for view in _views(plan) for source in requests(view))]


def _set(names: Iterable[str]) -> str:
    members = ", ".join(quoted(name) for name in names)
    return f"{{{members}}}" if members else ""
