"""A view is put together from what was read, the same way whatever language it was written in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from featurekit.datatypes import Kind
from featurekit.errors.meaning import Untyped
from featurekit.frontends.freshness import check_schedule, schedule
from featurekit.frontends.ground import Ground, check_header
from featurekit.frontends.labels import ahead, check_direction
from featurekit.frontends.naming import Holds
from featurekit.frontends.reading import Reading
from featurekit.frontends.scope import Header, Scope
from featurekit.ir.definitions import Source, SourceKind
from featurekit.ir.nodes import Column, walk
from featurekit.ir.view import Feature, View


def no_rows(ground: Ground) -> str:
    """Return why there are no rows to aggregate; the empty string where there are."""
    own = [relation for relation in ground.relations if relation.own]
    if any(relation.has_rows for relation in own):
        return ""
    if any(relation.holds is Holds.ANSWERS for relation in own):
        return "a derived view combines answers, each of them one value"
    return "a request is one row in hand, and every request is answered"


def assembled(
    header: Header, ground: Ground, scope: Scope, reading: Reading, features: Mapping[str, Any]
) -> View:
    """Return the view of ``features``, each read by ``reading``.

    Raises:
        DefinitionError: FK126 a feature that is NULL and nothing else, FK151 a schedule that
            cannot be kept, FK140, FK170 and FK171 what looks the wrong way, and whatever reading
            says.
    """
    name, max_age, delay = check_header(header)
    made = tuple(Feature(feature, reading.feature(feature)) for feature in features)
    for feature in made:
        if feature.expression.type.kind is Kind.NULL:
            raise Untyped(feature.name, reading.place(features[feature.name]))
    looks_up = ground.source is not None and ground.source.kind is SourceKind.SNAPSHOT
    view = View(
        name,
        ground.grain,
        made,
        ground.source,
        ground.entities,
        _requests(made, ground, scope),
        tuple(reference for reference, _ in ground.uses),
        reading.where if looks_up else None,
        header.zone,
        max_age,
        delay,
        schedule(header),
        ground.joins,
        ahead(header, ground),
        header.strict,
    )
    check_schedule(view, header.fresh)
    check_direction(view, reading, features)
    return view


def _requests(features: tuple[Feature, ...], ground: Ground, scope: Scope) -> tuple[Source, ...]:
    """Return the request sources whose columns the features read, by name."""
    found: dict[str, Source] = {}
    if ground.source is not None and ground.source.kind is SourceKind.REQUEST:
        found[ground.source.name] = ground.source
    for _, view in ground.uses:
        found |= {source.name: source for source in view.requests}
    kind = SourceKind.REQUEST
    requests = {s.name: s for s in scope.sources.values() if s.kind is kind}
    read = [node for feature in features for node in walk(feature.expression)]
    read += [column for join in ground.joins for _, column in join.on]
    for node in read:
        if isinstance(node, Column) and node.relation in requests:
            found[node.relation] = requests[node.relation]
    return tuple(found[name] for name in sorted(found))
