"""What a view stands on: its source or views, its entities, its header, all found and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from featurekit.errors import Where
from featurekit.errors import listed as enumerated
from featurekit.errors.definition import (
    BadOption,
    EntityMissing,
    JoinRefused,
    KeyMissing,
    OwnerMissing,
    PerRowRefused,
    SourceMissing,
    TimeMissing,
)
from featurekit.errors.labels import LabelAsFeature, LabelRefused
from featurekit.errors.names import Cycle, UnknownEntity, UnknownSource, UnknownView, UnknownZone
from featurekit.frontends.lengths import length_meant, length_of
from featurekit.frontends.naming import Holds, Relation, checked_name, matching
from featurekit.frontends.scope import Header, Scope
from featurekit.frontends.spoken import dialects
from featurekit.frontends.zones import is_zone, zones
from featurekit.ir.definitions import Entity, Field, Source, SourceKind
from featurekit.ir.view import Grain, Join, View

_HOLDS = {
    SourceKind.EVENTS: Holds.EVENTS,
    SourceKind.SNAPSHOT: Holds.LATEST,
    SourceKind.REQUEST: Holds.ASKED,
}


@dataclass(frozen=True, slots=True)
class Listed:
    """One name after FROM, and what the cell calls it."""

    name: str
    alias: str | None
    where: Where | str | None


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a cell's names come from and whose features they become."""

    relations: tuple[Relation, ...]
    source: Source | None
    entities: tuple[Entity, ...]
    uses: tuple[tuple[str, View], ...]
    grain: Grain
    joins: tuple[Join, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that say whose the source's rows are."""
        return tuple(key.name for entity in self.entities for key in entity.keys)


def check_header(header: Header) -> tuple[str, int | None, int]:
    """Return the view's name, its maximum age and its delay, in microseconds.

    Raises:
        DefinitionError: FK118 zone, FK131 name, FK150 owner, FK151 any other option.
    """
    name = checked_name("view", header.name, "the name after %%feature")
    if not (header.owner or "").strip():
        raise OwnerMissing(name)
    for option, given, allowed in (
        ("--language", header.language, ("sql", "polars")),
        ("--dialect", header.dialect, dialects()),
        ("--per", header.per, ("entity", "row")),
    ):
        if given not in allowed:
            why = f"this version knows {enumerated(allowed)}"
            raise BadOption(option, given, why, f"{option} {allowed[0]}")
    if not is_zone(header.zone):
        raise UnknownZone(header.zone, zones(), "--zone")
    max_age, delay = (
        None if text is None else checked_length(option, text)
        for option, text in (("--max-age", header.max_age), ("--delay", header.delay))
    )
    return name, max_age, delay or 0


def checked_length(option: str, text: str) -> int:
    """Return the microseconds that an option says.

    Raises:
        BadOption: FK151.
    """
    found = length_of(text)
    if found is None:
        why = "a length is a whole number and s, m (minutes), h, d or w"
        meant = length_meant(text)
        fix = f"{option} {meant}" if meant else f"{option} LENGTH, such as 90m, 3h, 7d or 2w"
        raise BadOption(option, text, why, fix)
    return found


def settle(
    header: Header, name: str, listed: Sequence[Listed], scope: Scope, *, joins: bool = False
) -> Ground:
    """Return what the view called ``name`` reads, from its header and its FROM.

    ``joins`` says whether snapshots will be joined to it, whose rows have an age.

    Raises:
        DefinitionError: FK107, FK110, FK115, FK117, FK133, FK151 to FK156, FK170.
    """
    words = [word.strip() for word in (header.source or "").split(",") if word.strip()]
    wanted = [Listed(word, None, "--from") for word in words] or list(listed)
    if not wanted:
        raise SourceMissing(name, [*scope.sources, *scope.views])
    for item in [*wanted, *listed]:
        _known(item, scope)
    sources = [item for item in wanted if found_source(item.name, scope)]
    wanted = list(listed) if sources and len(listed) > 1 else wanted
    if sources and len(wanted) > 1:
        _refuse_mixed(header, wanted, scope)
        why = "without the key by which a row is found, each row would meet every other"
        fix = look_up(wanted[1].name, wanted[1].name, wanted[0].name, scope)
        raise JoinRefused("FROM names two sources without a join", why, fix, wanted[1].where)
    _agreed(wanted, listed, scope)
    if header.label:
        _refuse_without_rows(found_source(wanted[0].name, scope))
    if sources:
        return _over_source(
            header, found_source(sources[0].name, scope), listed, scope, joins=joins
        )
    if joins:
        why = "a derived view combines answers, and an answer has no moment at which to look up"
        fix = (
            f"LEFT JOIN in a view of its own over a source, then --from {wanted[0].name},that_view"
        )
        raise JoinRefused("a derived view joins nothing", why, fix, wanted[0].where)
    return _over_views(header, name, wanted, listed, scope)


def _refuse_mixed(header: Header, wanted: Sequence[Listed], scope: Scope) -> None:
    """Refuse views beside a source: a derived view reads answers, so the source needs a view."""
    views = [item.name for item in wanted if found_view(item.name, scope)]
    (other, *_) = [item for item in wanted if found_source(item.name, scope)]
    source = found_source(other.name, scope)
    if not views or source is None:
        return
    made = f"{source.name}_values"
    columns = ", ".join(one.name for one in source.fields if one.name not in views)
    if source.kind is SourceKind.EVENTS:
        columns = "COUNT(*) OVER last_30d AS n"
    why = "a derived view combines answers of views; rows and requests have no answers yet"
    entity = f" --entity {source.entities[0]}" if source.entities else ""
    fix = (
        f"%%feature {made} --from {source.name}{entity} --owner {header.owner}\n"
        f"SELECT {columns} FROM {source.name}\n"
        f"-- then here --from {','.join([*views, made])}"
    )
    raise JoinRefused(f"FROM names a view beside the source {source.name!r}", why, fix, other.where)


def _refuse_without_rows(source: Source | None) -> None:
    if source is None or source.kind is SourceKind.REQUEST:
        why = "what comes later is read from rows; answers and requests are of the moment itself"
        fix = "--from a source of events or snapshots: SUM(amount) OVER next_30d"
        raise LabelRefused("a label reads the rows of one source", why, fix, "--from")


def _known(item: Listed, scope: Scope) -> None:
    if found_source(item.name, scope) or found_view(item.name, scope):
        return
    if "@" in item.name:
        raise UnknownView(item.name, scope.views, item.where)
    plain = [view for view in scope.views if "@" not in view]
    raise UnknownSource(item.name, [*scope.sources, *plain], item.where)


def _agreed(wanted: Sequence[Listed], listed: Sequence[Listed], scope: Scope) -> None:
    """Refuse a FROM that names something else than the header."""

    def meant(items: Sequence[Listed]) -> set[str]:
        return {_meant(item.name, scope) for item in items}

    if listed and meant(wanted) != meant(listed):
        said = ", ".join(item.name for item in listed)
        header = ",".join(item.name for item in wanted)
        why = f"the cell says FROM {said}, the header another"
        raise BadOption("--from", header, why, f"--from {said.replace(' ', '')}")


def _meant(name: str, scope: Scope) -> str:
    source, view = found_source(name, scope), found_view(name, scope)
    return source.name if source else view[0] if view else name


def known_entities(source: Source, scope: Scope) -> list[Entity]:
    """Return the entities of a source that the scope has, in the source's order."""
    return [scope.entities[name] for name in source.entities if name in scope.entities]


def look_up(name: str, word: str, own: str, scope: Scope) -> str:
    """Return the join of the source ``name``, called ``word``, by the key of its first entity."""
    source = found_source(name, scope)
    known = known_entities(source, scope) if source is not None else []
    keys = [key.name for key in known[0].keys] if known else ["key"]
    named = name + (f" {word}" if word != name else "")
    return f"LEFT JOIN {named} ON " + " AND ".join(f"{word}.{key} = {own}.{key}" for key in keys)


def found_source(name: str, scope: Scope) -> Source | None:
    """Return the source that ``name`` means, or None."""
    found = matching(name, scope.sources, quoted=False)
    return scope.sources[found[0]] if len(found) == 1 else None


def found_view(name: str, scope: Scope) -> tuple[str, View] | None:
    """Return the pinned reference and the view that ``name`` means, or None."""
    found = matching(name, scope.views, quoted=False)
    if len(found) == 1:
        return scope.views[found[0]]
    return next(((ref, view) for ref, view in scope.views.values() if ref == name), None)


def _over_source(
    header: Header, source: Source | None, listed: Sequence[Listed], scope: Scope, *, joins: bool
) -> Ground:
    assert source is not None  # noqa: S101  settle found it by this name
    aliases = tuple(item.alias for item in listed if item.alias)
    in_hand = header.per == "row" and source.kind is SourceKind.EVENTS
    holds = Holds.IN_HAND if in_hand else _HOLDS[source.kind]
    own = Relation(source.name, (source.name, *aliases), source.fields, holds, source=source)
    if source.kind is SourceKind.REQUEST:
        if not joins:
            _only_for_rows(header, "a request is one row in hand")
        if header.entity:
            why = "a request is one row in hand and belongs to no entity"
            raise BadOption("--entity", header.entity, why, "leave --entity out")
        return Ground((own,), source, (), (), Grain.ROW)
    if header.per == "row" and not in_hand:
        raise PerRowRefused(source.name)
    if header.max_age and source.kind is not SourceKind.SNAPSHOT and not joins:
        why = f"{source.name!r} holds events, and a window already says how far back it looks"
        raise BadOption("--max-age", header.max_age, why, "leave --max-age out")
    if source.time is None or source.field(source.time) is None:
        raise TimeMissing(source.name, source.time)
    entities = _entities(header, source, scope)
    grain = Grain.ROW if in_hand else Grain.ENTITY
    return Ground((own, *_requests(scope)), source, entities, (), grain)


def _only_for_rows(header: Header, why: str) -> None:
    for option, given in (("--max-age", header.max_age), ("--delay", header.delay)):
        if given:
            raise BadOption(option, given, f"{why}; nothing is looked up", f"leave {option} out")


def _requests(scope: Scope) -> tuple[Relation, ...]:
    return tuple(
        Relation(source.name, (source.name,), source.fields, Holds.ASKED, own=False, source=source)
        for _, source in sorted(scope.sources.items())
        if source.kind is SourceKind.REQUEST
    )


def _entities(header: Header, source: Source, scope: Scope) -> tuple[Entity, ...]:
    words = [word.strip() for word in (header.entity or "").split(",") if word.strip()]
    if not words and len(source.entities) != 1:
        raise EntityMissing(source.name, source.entities)
    entities: list[Entity] = []
    for word in words or source.entities:
        known = matching(word, scope.entities, quoted=False)
        if len(known) != 1:
            raise UnknownEntity(word, scope.entities)
        entity = scope.entities[known[0]]
        if entity.name not in source.entities:
            why = f"source {source.name!r} carries the keys of {enumerated(source.entities)}"
            raise UnknownEntity(word, source.entities, why)
        check_keys(source, entity)
        entities.append(entity)
    return tuple(dict.fromkeys(entities))


def check_keys(source: Source, entity: Entity) -> None:
    """Refuse an entity whose keys ``source`` does not carry.

    Raises:
        KeyMissing: FK155.
    """
    for key in entity.keys:
        found = source.field(key.name)
        if found is None or found.type != key.type:
            raise KeyMissing(source.name, entity.name, key.name, found and found.type)


def _over_views(
    header: Header, name: str, wanted: Sequence[Listed], listed: Sequence[Listed], scope: Scope
) -> Ground:
    uses: dict[str, View] = {}
    words: dict[str, list[str]] = {}
    for item in [*wanted, *listed]:
        found = found_view(item.name, scope)
        if found is None:
            raise UnknownView(item.name, scope.views, item.where)
        reference, view = found
        if view.is_label:
            raise LabelAsFeature(item.name)
        uses[reference] = view
        said = words.setdefault(reference, [reference.partition("@")[0], reference])
        said += [word for word in (item.name, item.alias) if word and word not in said]
    _refuse_cycles(name, uses, scope)
    _only_for_rows(header, "a derived view combines answers")
    own = tuple(
        Relation(reference, tuple(words[reference]), _answers(view), Holds.ANSWERS)
        for reference, view in uses.items()
    )
    entities = tuple(dict.fromkeys(e for view in uses.values() for e in view.entities))
    strange = header.entity and header.entity not in {entity.name for entity in entities}
    if header.entity and strange:
        why = "a derived view has the entities of the views it uses"
        raise UnknownEntity(header.entity, [entity.name for entity in entities], why)
    entire = any(view.grain is Grain.ENTITY for view in uses.values())
    if entire and header.per == "row":
        raise PerRowRefused(", ".join(uses))
    grain = Grain.ENTITY if entire else Grain.ROW
    return Ground((*own, *_requests(scope)), None, entities, tuple(uses.items()), grain)


def _answers(view: View) -> tuple[Field, ...]:
    return tuple(Field(f.name, f.expression.type) for f in view.features)


def _refuse_cycles(name: str, uses: Mapping[str, View], scope: Scope) -> None:
    """Refuse a view that needs itself, at whatever version, through whatever others."""
    pinned = dict(scope.views.values())
    paths: list[tuple[str, ...]] = [(name, reference) for reference in uses]
    seen: set[str] = set()
    while paths:
        path = paths.pop()
        reference = path[-1]
        if reference.partition("@")[0] == name:
            raise Cycle("view", [step.partition("@")[0] for step in path], "--from")
        if reference in seen:
            continue
        seen.add(reference)
        view = uses.get(reference) or pinned.get(reference)
        paths += [(*path, used) for used in (view.uses if view else ())]
