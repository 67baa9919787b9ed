"""What a package holds, worked out from its specification once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from featurekit.backends.plan import Wanted, trimmed
from featurekit.backends.python_joins import keys_in_hand
from featurekit.backends.python_module import OWN, imported_names
from featurekit.backends.python_state_tracks import keeps_state
from featurekit.backends.python_syntax import Names, camel
from featurekit.export.package import PackageSpec
from featurekit.export.python_contract import Check, row_check, united
from featurekit.export.python_fetching import Fetching
from featurekit.export.python_streams import Place, StreamSpec, own_stream, streams
from featurekit.ir.definitions import Field, Rule, Source, SourceKind
from featurekit.ir.view import View, moment_column, request_columns

TAKEN = (
    *("histories", "entity", "request", "as_of", "moment", "who", "asked", "values", "status"),
    *(
        "state",
        "tracks",
        "present",
        "statuses",
        "views",
        "contract",
        "operators",
        "windows",
        "explained",
        "history",
    ),
    *("rows", "entries", "lock", "mark", "add", "take", "follow", "times"),  # what a State has
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
    def fetching(self) -> Fetching:
        """What is fetched for the views."""
        own = (*TAKEN, *OWN, *imported_names(), *self.functions.values())
        kinds = {place: f"state.{name}" for place, name in self.states.items()}
        return Fetching(self.views, self.streams, kinds, own)

    @cached_property
    def states(self) -> Mapping[Place, str]:
        """What the class of window states of a stream is called, where its views need one."""
        held = {own_stream(view) for view in self.views.values() if keeps_state(view)}
        return {s.place: camel(s.constant.lower()) for s in self.streams if s.place in held}

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """The sources whose rows are kept, by name."""
        found = {stream.source.name: stream.source for stream in self.streams}
        return tuple(found[name] for name in sorted(found))

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """What comes in: rows, entity, request."""
        return (
            *(row_check(stream.source, stream.fields) for stream in self._first_streams),
            self._entity,
            self._request,
        )

    @property
    def _first_streams(self) -> tuple[StreamSpec, ...]:
        """One stream of each source, by name."""
        found = {stream.source.name: stream for stream in reversed(self.streams)}
        return tuple(found[name] for name in sorted(found))

    @property
    def _entity(self) -> Check:
        kept = [own_stream(view) for view in self.views.values()]
        keys = {key for place in kept if place for key in place[1]}
        keys |= {key.name for key in self._keys_in_hand}
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
        described = [one.view for one in self.spec.views.values()]
        read = {column.name for view in self.views.values() for column in request_columns(view)}
        rows = [field for view in described for field in _row_fields(view)]
        asked = [
            field for view in described for source in requests(view) for field in source.fields
        ]
        known = {field.name for field in asked}
        declared = united([*asked, *(f for f in rows if f.name in read or f.name not in known)])
        needed = tuple(field for field in declared if field.name in read)
        keys = tuple(key for key in self._keys_in_hand if key.name not in read)
        moments = {moment_column(view).name for view in self.views.values() if view.scores_rows}
        return Check(
            "request",
            "Request",
            "request",
            needed,
            declared,
            keys=keys,
            moments=frozenset(moments),
            rules=_rules(described),
        )

    @property
    def _keys_in_hand(self) -> tuple[Field, ...]:
        return united(key for view in self.views.values() for key in keys_in_hand(view))


def _rules(views: Sequence[View]) -> tuple[Rule, ...]:
    """Return the rules of what questions carry: requests, and rows in hand."""
    asked = [source for view in views for source in requests(view)]
    asked += [view.source for view in views if view.scores_rows and view.source]
    return tuple(dict.fromkeys(rule for source in asked for rule in source.rules))


def _row_fields(view: View) -> list[Field]:
    """Return the fields of the row in hand besides its keys."""
    if not view.scores_rows or view.source is None:
        return []
    return [field for field in view.source.fields if field.name not in view.keys]


def requests(view: View) -> tuple[Source, ...]:
    """Return the request sources of ``view``."""
    own = (view.source,) if view.source and view.source.kind is SourceKind.REQUEST else ()
    return tuple(dict.fromkeys((*own, *view.requests)))


def plan(spec: PackageSpec) -> Plan:
    """Return what ``spec`` needs: views and features that no answer rests on are left out."""
    views = {reference: described.view for reference, described in spec.views.items()}
    wanted = tuple(
        Wanted(member.reference, member.view, feature, f"{member.view}__{feature}")
        for member in spec.set.members
        for feature in member.features
    )
    kept = trimmed(wanted, views)
    return Plan(spec, wanted, tuple(kept), kept, _function_names(spec, tuple(kept), kept))


def _function_names(
    spec: PackageSpec, order: Sequence[str], views: Mapping[str, View]
) -> dict[str, str]:
    """Members keep their view's name; another version of a view, used below, gets a number."""
    members = {member.reference for member in spec.set.members}
    names = Names({*TAKEN, *OWN, *imported_names()})
    first = [reference for reference in order if reference in members]
    rest = [reference for reference in order if reference not in members]
    functions: dict[str, str] = {}
    for reference in (*first, *rest):
        functions[reference] = names.new(views[reference].name)
        names.new(f"{functions[reference]}_absence")  # what stands beside it in the file
    return functions
