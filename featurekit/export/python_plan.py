"""What a package holds, worked out from its specification once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from featurekit.backends.plan import Wanted, ordered
from featurekit.backends.python_module import OWN, imported_names
from featurekit.backends.python_syntax import Names
from featurekit.export.package import PackageSpec
from featurekit.export.python_contract import Check, row_check, united
from featurekit.export.python_version import StreamSpec, streams
from featurekit.ir.definitions import Source, SourceKind
from featurekit.ir.nodes import Column, walk
from featurekit.ir.view import View

TAKEN = (
    *("store", "entity", "request", "as_of", "moment", "who", "asked", "values", "status"),
    *("present", "statuses", "views", "contract", "operators", "windows", "explained", "history"),
)
"""What generated functions call their own things, so no view's function is called so."""


@dataclass(frozen=True)
class Plan:
    """A package before it is text.

    Attributes:
        spec: What was asked for.
        wanted: The answers, in order.
        order: The references of the views that are needed, each after those it uses.
        views: Those views, with the features that are needed.
        functions: What the function of each is called.
    """

    spec: PackageSpec
    wanted: tuple[Wanted, ...]
    order: tuple[str, ...]
    views: Mapping[str, View]
    functions: Mapping[str, str]

    @cached_property
    def streams(self) -> tuple[StreamSpec, ...]:
        """The rows that are kept."""
        return streams(self.views.values())

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """The sources whose rows are kept, by name."""
        found = {stream.source.name: stream.source for stream in self.streams}
        return tuple(found[name] for name in sorted(found))

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """What comes in: rows, entity, request."""
        return (*(row_check(source) for source in self.sources), self._entity, self._request)

    @property
    def _entity(self) -> Check:
        keys = {key for stream in self.streams for key in stream.keys}
        declared = united(
            field
            for described in self.spec.views.values()
            for entity in described.view.entities
            for field in entity.keys
        )
        fields = tuple(field for field in declared if field.name in keys)
        return Check("entity", "Entity", "entity", fields, declared)

    @property
    def _request(self) -> Check:
        """What questions carry: the columns that are read; others that are declared may come."""
        declared = united(
            field
            for described in self.spec.views.values()
            for source in requests(described.view)
            for field in source.fields
        )
        read = {name for view in self.views.values() for name in _request_columns(view)}
        fields = tuple(field for field in declared if field.name in read)
        return Check("request", "Request", "request", fields, declared)


def requests(view: View) -> tuple[Source, ...]:
    """Return the request sources of ``view``."""
    own = (view.source,) if view.source and view.source.kind is SourceKind.REQUEST else ()
    return tuple(dict.fromkeys((*own, *view.requests)))


def _request_columns(view: View) -> set[str]:
    names = {source.name for source in requests(view)}
    roots = [feature.expression for feature in view.features]
    roots += [view.where] if view.where is not None else []
    nodes = (node for root in roots for node in walk(root))
    return {n.name for n in nodes if isinstance(n, Column) and n.relation in names}


def plan(spec: PackageSpec) -> Plan:
    """Return what ``spec`` needs: views and features that no answer rests on are left out."""
    views = {reference: described.view for reference, described in spec.views.items()}
    wanted = tuple(
        Wanted(member.reference, member.view, feature, f"{member.view}__{feature}")
        for member in spec.set.members
        for feature in member.features
    )
    needed = {(one.reference, one.feature) for one in wanted}
    kept: dict[str, View] = {}
    for reference in reversed(ordered(views)):
        view = views[reference]
        features = tuple(f for f in view.features if (reference, f.name) in needed)
        if features:
            kept[reference] = replace(view, features=features)
            nodes = (node for f in features for node in walk(f.expression))
            needed |= {(n.relation, n.name) for n in nodes if isinstance(n, Column)}
    order = tuple(reference for reference in ordered(views) if reference in kept)
    return Plan(spec, wanted, order, kept, _function_names(spec, order, kept))


def _function_names(
    spec: PackageSpec, order: Sequence[str], views: Mapping[str, View]
) -> dict[str, str]:
    """Members keep their view's name; another version of a view, used below, gets a number."""
    members = {member.reference for member in spec.set.members}
    local = (stream.local for stream in streams(views.values()))
    names = Names({*TAKEN, *OWN, *imported_names(), *local})
    first = [reference for reference in order if reference in members]
    rest = [reference for reference in order if reference not in members]
    functions: dict[str, str] = {}
    for reference in (*first, *rest):
        functions[reference] = names.new(views[reference].name)
        names.new(f"{functions[reference]}_absence")  # what stands beside it in the file
    return functions
