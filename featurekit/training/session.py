"""The rows behind source names in one session: files at their locations, frames in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from featurekit.errors.data import MissingFile, NoData
from featurekit.ir.definitions import Source
from featurekit.training.files import as_frame
from featurekit.training.fingerprints import Stamps, stamps
from featurekit.training.queries import is_query, queried
from featurekit.training.sources import SourceData, collected, open_source

if TYPE_CHECKING:
    import polars as pl

_TRIED = 1000
"""Rows; reading all of a large source would make its author wait twice."""


class SessionRows:
    """Opens each source once; frames that were registered live as long as this object.

    Attributes:
        root: The folder that relative paths refer to.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._frames: dict[str, Any] = {}
        self._opened: dict[str, tuple[tuple[Stamps, str | None], SourceData]] = {}

    def keep(self, source: Source, data: Any) -> None:
        """Remember a registered source's frame (nothing to remember for a file)."""
        self._opened.pop(source.name, None)
        self._frames.pop(source.name, None)
        if data is not None and source.location is None:
            self._frames[source.name] = data

    def has(self, source: Source) -> bool:
        """Whether there are rows behind ``source``."""
        return source.location is not None or source.name in self._frames

    def try_reading(self, source: Source) -> None:
        """Read the first rows of a source, if it has any, before anybody relies on it.

        Raises:
            DataError: FK2xx, for values that the declared types cannot hold.
        """
        if self.has(source):
            collected(self.open(source).frame.head(_TRIED), f"source {source.name!r}")

    def open(self, source: Source) -> SourceData:
        """Return the rows of a source, in the language's types.

        Files that were written anew are opened anew: what was read of them before, such as where
        their columns begin, is of other files.

        Raises:
            NoData: FK2xx, when it was a frame of a session that has ended.
        """
        now = (stamps(source, self.root) if source.location is not None else {}, source.until)
        known = self._opened.get(source.name)
        if known is None or known[0] != now:
            opened = open_source(source, self.root, self._frames.get(source.name))
            known = self._opened[source.name] = (now, opened)
        return known[1]

    def open_all(
        self, sources: Iterable[Source], known: Mapping[str, Source], *, optional: bool = False
    ) -> dict[str, SourceData]:
        """Return the rows of each source, by name, from where it lies now; raises as ``open``.

        Args:
            sources: As a view remembers them.
            known: As they are registered now, by name.
            optional: Leave out those without any rows.
        """
        located = [replace(s, location=known.get(s.name, s).location) for s in sources]
        return {s.name: self.open(s) for s in located if self.has(s) or not optional}

    def places(
        self, sources: Iterable[Source], known: Mapping[str, Source], given: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return where the rows of each source are: as ``given``, at its location, or in a frame.

        Raises:
            NoData: FK211.
        """
        found: dict[str, Any] = {}
        for source in sources:
            location = known.get(source.name, source).location
            place = given.get(source.name, location or self._frames.get(source.name))
            if place is None:
                raise NoData(source.name)
            found[source.name] = place
        return found

    def frame(
        self, data: Any, what: str = "the spine", tables: Mapping[str, Source] | None = None
    ) -> pl.DataFrame:
        """Return a frame of any make, a file, a query or a list of dicts as a polars frame.

        Other than a source's, a path is looked for where the command is given, then at the root;
        so are the files that a query names. ``tables`` are the sources that a query may read.
        """
        return collected(self.scanned(data, tables), what)

    def scanned(self, data: Any, tables: Mapping[str, Source] | None = None) -> pl.LazyFrame:
        """Return what ``frame`` does before it is read; only a query has run."""
        if tables is not None and isinstance(data, str) and is_query(data):
            return self._queried(data, tables).lazy()
        try:
            return as_frame(data, Path.cwd())
        except MissingFile:
            return as_frame(data, self.root)

    def _queried(self, text: str, tables: Mapping[str, Source]) -> pl.DataFrame:
        def rows(name: str) -> pl.DataFrame:
            return collected(self.open(tables[name]).frame, f"source {name!r}")

        names = [name for name, source in tables.items() if self.has(source)]
        return queried(text, (Path.cwd(), self.root.absolute()), names, rows)
