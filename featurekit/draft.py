"""A view as its author last defined it, and everything that can be asked of it at once."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from featurekit.catalog.catalog import Catalog
from featurekit.catalog.records import Draft as DraftRecord
from featurekit.catalog.records import HeaderValue, Metadata
from featurekit.catalog.state import PublishedView
from featurekit.catalog.versions import Change, classify
from featurekit.errors.catalog import NothingToPublish
from featurekit.errors.labels import ChangesSides
from featurekit.frontends.arguments import typed
from featurekit.frontends.scope import Header
from featurekit.ir.view import View
from featurekit.selection import scope, select

if TYPE_CHECKING:
    from featurekit.frontends.remarks import Lint


@typed
@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """A view as it was last defined; usable at once, exported only when published."""

    catalog: Catalog
    record: DraftRecord

    def __repr__(self) -> str:
        features = ", ".join(f"{name} {kind}" for name, kind in self.schema.items())
        return f"<draft of {self.name}: {features}>"

    @classmethod
    def of(cls, catalog: Catalog, name: str) -> Draft:
        """Return the saved draft called ``name``.

        Raises:
            NothingToPublish: FK309, when there is none.
        """
        record = catalog.draft(name)
        if record is None:
            raise NothingToPublish(name, catalog.drafts())
        return cls(catalog, record)

    @property
    def name(self) -> str:
        """The view's name."""
        return self.record.name

    @property
    def view(self) -> View:
        """Its meaning."""
        return self.record.view

    @property
    def schema(self) -> dict[str, str]:
        """Feature name to type: ``{"spend_30d": "DOUBLE"}``."""
        return {f.name: str(f.expression.type) for f in self.view.features}

    @property
    def lints(self) -> tuple[Lint, ...]:
        """What is allowed, but may not be what was meant."""
        from featurekit.frontends.lints import lint

        return lint(self.view, written_in(self.record.header), self.record.text)

    @property
    def text(self) -> str:
        """The canonical SQL of the language."""
        from featurekit.frontends.to_text import view_text

        return view_text(self.view)

    @property
    def current(self) -> PublishedView | None:
        """The published version that the bare name means, or None."""
        published = {view.name: view for view in self.catalog.views()}
        return published.get(self.name)

    @property
    def change(self) -> Change | None:
        """How this differs from the current version; None when there is none."""
        current = self.current
        if current is None:
            return None
        same = current.metadata.hash == self.record.metadata.hash
        return classify(current.view, self.view, same_metadata=same)

    def sql(self, dialect: str = "duckdb") -> str:
        """Return the training query: one statement over ``spine`` and the sources' tables."""
        from featurekit.backends.to_sql import training_query

        chosen = select(self.catalog, self.name)
        return training_query(chosen.wanted, chosen.views, dialect, "asked_at")

    def package(self) -> dict[str, str]:
        """Return the serving package for this draft alone, ``{path: text}``, as a preview."""
        from featurekit.proof import rendered

        return rendered(select(self.catalog, self.name))

    def python(self) -> str:
        """Return the source of the serving function that an export would contain."""
        from featurekit.export.render import view_module

        select(self.catalog, self.name)  # labels are refused
        return view_module(self.view)


def read_cell(catalog: Catalog, header: Header, text: str, at: str) -> DraftRecord:
    """Return the draft that a cell defines; nothing is saved.

    Raises:
        DefinitionError: FK1xx, with the place in the text and what to write instead.
    """
    view, comment = _read(catalog, header, text)
    _check_side(catalog, view)
    said = header.description or comment
    others = {"name"} if header.label else {"name", *_OF_LABELS}
    values = {k: v for k, v in asdict(header).items() if k not in others} | {"description": said}
    metadata = Metadata(header.owner or "", said or "", header.tags)
    return DraftRecord(view.name, values, text, view, metadata, at)


def _check_side(catalog: Catalog, view: View) -> None:
    """Refuse a name that was published for features as one of labels, and the reverse."""
    published = {one.name: one.view for one in catalog.views()}
    other = published.get(view.name)
    if other is not None and other.is_label is not view.is_label:
        raise ChangesSides(view.name, label=view.is_label)


def _read(catalog: Catalog, header: Header, text: str) -> tuple[View, str]:
    """Return what the text means, and its leading comment; polars is tried against its meaning."""
    if header.language == "polars":
        from featurekit.frontends import from_polars
        from featurekit.training.against_polars import try_against_polars

        read = from_polars.read_polars(header, text, scope(catalog))
        try_against_polars(read)
        return read.view, from_polars.leading_comment(text)
    from featurekit.frontends import from_sql

    view = from_sql.read_view(header, text, scope(catalog))
    return view, from_sql.leading_comment(text)


def written_in(header: Mapping[str, HeaderValue]) -> str:
    """Return the dialect of SQL that a cell is written in, or ``polars``."""
    polars = header.get("language") == "polars"
    return "polars" if polars else str(header.get("dialect", "duckdb"))


_OF_LABELS = {"label", "ahead"}
_FLAGS = {
    "source": "--from",
    "entity": "--entity",
    "owner": "--owner",
    "zone": "--zone",
    "per": "--per",
    "max_age": "--max-age",
    "fresh": "--fresh",
    "delay": "--delay",
    "ahead": "--ahead",
}
_USUAL = {"zone": "UTC", "fresh": "realtime", "per": "entity"}


def _in_line(value: object) -> str:
    """Return one word of a magic's line; a line end in it would begin the cell's text."""
    return shlex.quote(" ".join(str(value).split()))


def cell_text(name: str, header: Mapping[str, HeaderValue], text: str) -> str:
    """Return the ``%%feature`` or ``%%label`` cell that defines the view again."""
    words = ["%%label" if header.get("label") else "%%feature", name]
    words += ["--polars"] if header.get("language") == "polars" else []
    words += ["--strict"] if header.get("strict") else []
    for key, flag in _FLAGS.items():
        value = header.get(key)
        if value and value != _USUAL.get(key):
            words += [flag, _in_line(value)]
    tags = header.get("tags")
    for tag in tags if isinstance(tags, tuple | list) else ():
        words += ["--tag", _in_line(tag)]
    return f"{' '.join(words)}\n{text.strip()}\n"
