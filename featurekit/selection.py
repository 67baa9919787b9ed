"""What a user names when asking for features: a set, a view, a pinned view, one feature of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from featurekit.backends.plan import Wanted
from featurekit.catalog.catalog import Catalog
from featurekit.errors import CatalogError, listed, nearest
from featurekit.errors.labels import FeatureAsLabel, LabelAsFeature
from featurekit.frontends.arguments import listed_names
from featurekit.frontends.scope import Scope
from featurekit.ir.definitions import Source
from featurekit.ir.view import View

LABEL = "label__"
"""What a label's column begins with: ``label__churned__in_30d``; a feature's has two parts."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The answers asked for, and every view that they rest on, by pinned reference."""

    name: str
    wanted: tuple[Wanted, ...]
    views: Mapping[str, View]

    def with_labels(self, labels: Selection) -> Selection:
        """Return both, the labels' columns last."""
        return replace(
            self, wanted=(*self.wanted, *labels.wanted), views={**self.views, **labels.views}
        )

    def covered(self, known: Mapping[str, Source]) -> Selection:
        """Return the same, labels with how far their sources go, which decides over them."""
        views = dict(self.views)
        for reference, view in self.views.items():
            if view.is_label and view.source is not None and view.source.name in known:
                source = replace(view.source, until=known[view.source.name].until)
                views[reference] = replace(view, source=source)
        return replace(self, views=views)

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources with rows of their own that the views read or join, each once, by name."""
        found = {source.name: source for view in self.views.values() for source in view.stored}
        return tuple(source for _, source in sorted(found.items()))

    @property
    def requests(self) -> tuple[Source, ...]:
        """The request sources whose columns the views read, each once, by name."""
        found = {source.name: source for view in self.views.values() for source in view.requests}
        return tuple(source for _, source in sorted(found.items()))

    @property
    def keys(self) -> tuple[str, ...]:
        """The key columns that a question must carry, each once."""
        names = [key for one in self.wanted for key in self._keys_of(one.reference)]
        return tuple(dict.fromkeys(names))

    def _keys_of(self, reference: str) -> tuple[str, ...]:
        view = self.views[reference]
        return (*view.keys, *(key for used in view.uses for key in self._keys_of(used)))


class UnknownSelection(CatalogError):
    """FK350: no feature set, view or draft, or a draft where only what is published may go."""

    code = "FK350"

    def __init__(self, name: str, known: Sequence[str], *, draft: bool = False) -> None:
        if draft:
            super().__init__(
                f"{name!r} is a draft: it has no published version",
                why="a draft may change at any moment; what is handed on may not",
                fix=f"%feature publish {name}",
            )
            return
        super().__init__(
            f"there is no feature set, view or draft '{name}'{nearest(name, known)}",
            fix=f"one of: {listed(known)}",
        )


class UnknownFeature(CatalogError):
    """FK351: a feature that the view does not have."""

    code = "FK351"

    def __init__(self, view: str, feature: str, known: Sequence[str]) -> None:
        super().__init__(
            f"view '{view}' has no feature '{feature}'{nearest(feature, known)}",
            fix=f"one of: {listed(known)}",
        )


class EmptySelection(CatalogError):
    """FK353: a list of names with nothing in it."""

    code = "FK353"

    def __init__(self) -> None:
        super().__init__("nothing is asked for", fix="name a feature set or a view")


class TwoVersions(CatalogError):
    """FK352: one view in two versions in one request: their columns would have the same names."""

    code = "FK352"

    def __init__(self, view: str, first: str, second: str) -> None:
        super().__init__(
            f"view '{view}' is asked for as {first} and as {second}",
            why="both would answer in the columns of the same names",
            fix=f"keep one of {first}, {second}",
        )


def select(
    catalog: Catalog, what: str | Sequence[str], *, drafts: bool = True, labels: bool = False
) -> Selection:
    """Return what ``what`` means: names or a list of names, of features or of ``labels``.

    A name is a feature set (``churn``, ``churn@1``), a view (``spend``, ``spend@1.2``), or one
    feature (``spend@1:spend_30d``). A view's bare name means its draft when there is one and
    ``drafts`` allows it, else its current version.

    Raises:
        UnknownSelection: FK350.
        UnknownFeature: FK351.
        TwoVersions: FK352.
        EmptySelection: FK353.
        LabelAsFeature: FK354.
        FeatureAsLabel: FK355.
    """
    names = listed_names(what)
    if not names:
        raise EmptySelection
    wanted: dict[str, Wanted] = {}
    views: dict[str, View] = {}
    for name in names:
        for reference, feature in _members(catalog, name, drafts=drafts):
            view_name = reference.partition("@")[0]
            column = f"{LABEL if labels else ''}{view_name}__{feature}"
            if column in wanted and wanted[column].reference != reference:
                raise TwoVersions(view_name, wanted[column].reference, reference)
            wanted[column] = Wanted(reference, view_name, feature, column)
            _collect(catalog, reference, views)
            if views[reference].is_label is not labels:
                if not labels:
                    raise LabelAsFeature(view_name)
                raise FeatureAsLabel(view_name, label_views(catalog))
    return Selection(names[0] if len(names) == 1 else "selection", tuple(wanted.values()), views)


def label_views(catalog: Catalog) -> list[str]:
    """Return the names of the views that are labels, drafts too."""
    published = {one.name: one.view for one in catalog.views()}
    drafts = {name: one.view for name in catalog.drafts() if (one := catalog.draft(name))}
    return sorted(name for name, view in {**published, **drafts}.items() if view.is_label)


def parted(catalog: Catalog, what: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the names in ``what`` that are of features, and those of labels."""
    known = set(label_views(catalog))
    sides: tuple[list[str], list[str]] = ([], [])
    for name in what:
        sides[re.split("[@:]", name)[0] in known].append(name)
    return sides


def _members(catalog: Catalog, name: str, *, drafts: bool) -> list[tuple[str, str]]:
    bare, _, feature = name.partition(":")
    if not feature and catalog.versions(bare.partition("@")[0]) and _is_set(catalog, bare):
        found = catalog.resolve_set(bare)
        return [(m.reference, f) for m in found.set.members for f in m.features]
    reference, view = find_view(catalog, bare, drafts=drafts)
    names = tuple(f.name for f in view.features)
    if feature and feature not in names:
        raise UnknownFeature(bare, feature, names)
    return [(reference, f) for f in ((feature,) if feature else names)]


def _is_set(catalog: Catalog, name: str) -> bool:
    return name.partition("@")[0] in {made.name for made in catalog.feature_sets()}


def find_view(catalog: Catalog, name: str, *, drafts: bool = True) -> tuple[str, View]:
    """Return the pinned reference and the view that ``name`` means.

    Raises:
        UnknownSelection: FK350.
    """
    bare, _, version = name.partition("@")
    draft = catalog.draft(bare) if (drafts and not version) or version == "draft" else None
    if draft is not None:
        return f"{draft.name}@draft", draft.view
    if not catalog.versions(bare):
        known = {view.name for view in catalog.views()} | {s.name for s in catalog.feature_sets()}
        made = set(catalog.drafts())
        usable = known | made if drafts else known
        raise UnknownSelection(name, sorted(usable), draft=not drafts and name in made)
    published = catalog.resolve(name)
    return published.reference, published.view


def _collect(catalog: Catalog, reference: str, views: dict[str, View]) -> None:
    if reference in views:
        return
    _, view = find_view(catalog, reference)
    views[reference] = view
    for used in view.uses:
        _collect(catalog, used, views)


def scope(catalog: Catalog) -> Scope:
    """Return everything that a cell may name: definitions, published views, drafts without one."""
    views: dict[str, tuple[str, View]] = {}
    for name in catalog.drafts():
        if draft := catalog.draft(name):
            views[name] = (f"{name}@draft", draft.view)
    for current in catalog.views():
        for version in catalog.versions(current.name):
            exact = catalog.resolve(f"{current.name}@{version}")
            views[exact.reference] = (exact.reference, exact.view)
            line = f"{current.name}@{version.partition('.')[0]}"
            views[line] = (exact.reference, exact.view)  # versions come oldest first
        views[current.name] = (current.reference, current.view)
    # what may be logged, and how far the rows go, is no part of a definition: it is asked of the
    # source as it is later on
    sources = {n: replace(one, loggable=(), until=None) for n, one in catalog.sources().items()}
    return Scope(catalog.entities(), sources, catalog.vocabularies(), views)
