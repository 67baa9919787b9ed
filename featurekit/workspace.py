"""The flow, verb by verb, in order: the first file to read.

Sources and vocabularies are registered, a cell is read (``feature``), named and versioned
(``publish``), pinned (``feature_set``), answered for a spine (``training_set``), answered again by
the generated serving code (``served``), proven equal (``parity``) and handed over (``export``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from featurekit.catalog.catalog import Catalog
from featurekit.catalog.location import configured_catalog, data_root
from featurekit.catalog.records import Metadata
from featurekit.catalog.state import PublishedView
from featurekit.catalog.store import open_store
from featurekit.draft import Draft, read_cell
from featurekit.frontends import fields as columns
from featurekit.frontends.arguments import (
    Aliases,
    Clock,
    Progress,
    checked_grain,
    listed_names,
    typed,
)
from featurekit.frontends.scope import Header
from featurekit.ir.definitions import Entity, Source, Vocabulary
from featurekit.selection import Selection, select
from featurekit.training.session import SessionRows

if TYPE_CHECKING:
    import polars as pl

    from featurekit.delivery import Delivery
    from featurekit.parity.report import ParityReport
    from featurekit.proof import Preview
    from featurekit.training.sets import TrainingSet
    from featurekit.training.sources import SourceData


def utc_now() -> str:
    """Return the present moment in UTC, ISO 8601 to the second; the only clock there is."""
    return dt.datetime.now(tz=dt.UTC).isoformat(timespec="seconds")


@typed
class Workspace:
    """A connected catalog, this session's data, and every verb.

    Attributes:
        catalog: Names, versions and owners.
        root: The folder that relative data paths refer to: the one that holds the catalog.
    """

    def __init__(self, catalog: str | Path | None = None, *, clock: Clock = utc_now) -> None:
        self.url = str(catalog or configured_catalog())
        self.catalog = Catalog(open_store(self.url))
        self.root = data_root(self.url)
        self._clock = clock
        self.rows = SessionRows(self.root)

    # --- what cells may name

    def entity(self, name: str, *keys: str) -> Entity:
        """Name what features are properties of: ``entity("customer", "customer_id:string")``."""
        entity = Entity(name, columns.entity_keys(name, keys))
        self.catalog.register_entity(entity, at=self._clock())
        return entity

    def source(
        self,
        name: str,
        data: Any = None,
        *,
        entity: str | Sequence[str] | None = None,
        time: str | None = None,
        available: str | None = None,
        tie: str | None = None,
        kind: str = "events",
        zone: str | None = None,
        schema: str | Mapping[str, str] | None = None,
    ) -> Source:
        """Register rows: a frame, a path or glob (parquet, csv), a list of dicts with ``schema``.

        For a request, ``schema`` names its columns and ``data``, if given, is a sample of requests
        for previews and parity checks. A frame lives in this session only: export refuses it.
        Raises FK2xx for data that is missing, malformed, or lacks a column named here.
        """
        from featurekit.training.sources import describe

        declared = Source(
            name=name,
            kind=columns.source_kind(kind),
            fields=columns.parse_fields(schema) if schema else (),
            entities=columns.names_in(entity),
            time=time or None,
            available=available or None,
            tie=tie or None,
            zone=zone or None,
        )
        source = describe(declared, data, root=self.root, entities=self.catalog.entities())
        self.rows.keep(source, data)
        self.rows.try_reading(source)
        self.catalog.register_source(source, at=self._clock())
        return source

    def vocabulary(
        self,
        name: str,
        entries: Aliases,
        *,
        unknown: str | None = None,
        ignore_case: bool = False,
    ) -> Vocabulary:
        """Say which spellings mean the same: ``{"US": ["USA", "United States"]}``.

        ``unknown``: None answers null, ``"outside"`` makes it a contract violation, any other text
        is the bucket for values that are not listed.
        """
        entries = {value: listed_names(aliases) for value, aliases in entries.items()}
        found = Vocabulary.of(name, entries, unknown, ignore_case=ignore_case)
        vocabulary = columns.unambiguous(found)
        self.catalog.register_vocabulary(vocabulary, at=self._clock())
        return vocabulary

    # --- a cell becomes a draft, a draft a version, versions a set

    def feature(
        self,
        name: str,
        text: str,
        *,
        source: str | None = None,
        entity: str | None = None,
        owner: str | None = None,
        per: str | None = None,
        language: str = "sql",
        dialect: str = "duckdb",
        zone: str = "UTC",
        max_age: str | None = None,
        fresh: str = "realtime",
        delay: str | None = None,
        description: str | None = None,
        tags: str | Sequence[str] = (),
    ) -> Draft:
        """Read one cell: each named expression of ``text`` is a feature of the view ``name``.

        ``language`` is ``sql`` or ``polars``, which is tried against polars itself.
        Raises FK1xx, with the place in the text and what to write instead.
        """
        header = Header(
            name=name,
            source=source,
            entity=entity,
            owner=owner,
            per=checked_grain(per),
            language=language,
            dialect=dialect,
            zone=zone,
            max_age=max_age,
            fresh=fresh,
            delay=delay,
            description=description,
            tags=tuple(listed_names(tags)),
        )
        record = read_cell(self.catalog, header, text, self._clock())
        self.catalog.save_draft(record)
        return Draft(self.catalog, record)

    def draft(self, name: str) -> Draft:
        """Return the draft called ``name``; raises FK309, when there is none."""
        return Draft.of(self.catalog, name)

    def publish(self, name: str) -> str:
        """Give the draft its version and return it: ``"1.0"``; unchanged: the version it equals.

        Raises FK3xx without an owner or a draft, or when it uses another draft.
        """
        return self.publication(name).version

    def publication(self, name: str) -> PublishedView:
        """Publish the draft; return all that this did."""
        return self.catalog.publish(name, at=self._clock())

    def feature_set(
        self,
        name: str,
        members: str | Sequence[str],
        *,
        owner: str | None = None,
        description: str | None = None,
    ) -> str:
        """Pin what a model uses and return the set's version.

        Args:
            name: The set's name.
            members: ``view@2`` or ``view@2:feature``; each is pinned to its exact version.
            owner: Who answers for it; mandatory.
            description: One sentence.
        """
        metadata = Metadata(owner or "", description or "")
        members = listed_names(members)
        return self.catalog.publish_set(name, members, metadata, at=self._clock()).version

    # --- answers

    def training_set(
        self,
        spine: Any,
        what: str | Sequence[str],
        *,
        time: str | None = None,
        engine: str = "polars",
    ) -> pl.DataFrame:
        """Return the spine's columns and rows, in order, then ``view__feature`` as of each moment.

        Args:
            spine: A frame, a file's path, or a list of dicts: keys, time, request columns, labels.
            what: A set, a view, ``view@version``, ``view:feature``, or a list of such.
            time: The spine's column of the moment of asking; None: nothing that is asked needs it.
            engine: ``polars`` or ``duckdb``.
        """
        return self.training(spine, what, time=time, engine=engine).frame

    def training(
        self,
        spine: Any,
        what: str | Sequence[str],
        *,
        time: str | None = None,
        engine: str = "polars",
        progress: Progress | None = None,
    ) -> TrainingSet:
        """Return the training set together with the report on it."""
        from featurekit.training.engines import run

        chosen, rows = self.asked(what)
        frame = self.rows.frame(spine)
        return run(engine, frame, chosen.wanted, chosen.views, rows, time=time, progress=progress)

    def served(
        self, what: str | Sequence[str], spine: Any, *, time: str | None = None
    ) -> pl.DataFrame:
        """Return what ``training_set`` returns, answered by the generated serving code.

        Its package runs in a process of its own and is fed the sources' rows event by event.
        """
        from featurekit import proof

        chosen, rows = self.asked(what)
        return proof.served(chosen, self.rows.frame(spine), rows, time=time)

    def parity(
        self,
        what: str | Sequence[str],
        *,
        rows: int = 1000,
        spine: Any = None,
        time: str | None = None,
        progress: Progress | None = None,
    ) -> ParityReport:
        """Ask training and the generated serving code the same questions; compare every value.

        Without a ``spine``, ``rows`` questions are drawn from the sources' rows.
        """
        from featurekit import proof

        chosen, data = self.asked(what)
        if spine is None:
            frame, time = proof.questions(chosen, data, self._samples(chosen), rows)
        else:
            frame = self.rows.frame(spine)
        return proof.parity(chosen, frame, data, time=time, progress=progress)

    def preview(self, name: str) -> Preview:
        """Answer sampled questions with a draft or view: profile, parity and cost for its card."""
        from featurekit import proof

        chosen, rows = self.asked(name)
        return proof.preview(chosen, rows, self._samples(chosen))

    def value_changes(self, name: str) -> list[dict[str, Any]]:
        """Return how a draft's values differ from the current version's, on the same questions."""
        from featurekit import proof

        draft, rows = self.asked(name)
        current, _ = self.asked(name, drafts=False)
        return proof.value_changes(current, draft, rows, self._samples(draft))

    # --- handing over, and looking after

    def export(
        self,
        what: str,
        *,
        to: str | Path,
        target: str = "python",
        dry_run: bool = False,
        branch: str | None = None,
        progress: Progress | None = None,
    ) -> Delivery:
        """Write a published set's serving package and its parity tests into a repository.

        Nothing is written with ``dry_run``; a file that somebody edited is never overwritten:
        FK4xx says what is in the way.
        """
        from featurekit import delivery

        chosen, rows = self.asked(what, drafts=False)
        published, samples = self.catalog.resolve_set(what), self._samples(chosen)
        order = delivery.Order(chosen, published, Path(to), target, branch)
        return delivery.deliver(
            order, self.catalog, rows, samples, dry_run=dry_run, progress=progress
        )

    def check_export(self, path: str | Path) -> dict[str, Any]:
        """Say whether an exported package is complete, unedited and current."""
        from featurekit.export.check import check_export

        return check_export(Path(path), self.catalog)

    def deprecate(self, name: str, reason: str = "") -> None:
        """Mark ``view@version`` as not to be used anew."""
        self.catalog.deprecate(name, reason, at=self._clock())

    def rollback(self, name: str) -> None:
        """Make ``view@version`` the current version (without one: the one before the current)."""
        bare, _, version = name.partition("@")
        self.catalog.rollback(bare, at=self._clock(), to=version or None)

    def ops(self) -> list[dict[str, Any]]:
        """Return the operators and aggregates, a row each: signature, nulls, targets, gaps."""
        from featurekit.ops.listing import listing

        return listing()

    def asked(
        self, what: str | Sequence[str], *, drafts: bool = True
    ) -> tuple[Selection, dict[str, SourceData]]:
        """Return what ``what`` names, and the rows of its sources from where they lie now."""
        chosen = select(self.catalog, what, drafts=drafts)
        return chosen, self.rows.open_all(chosen.sources, self.catalog.sources())

    def _samples(self, chosen: Selection) -> dict[str, SourceData]:
        """Return the sample rows of those request sources that have any."""
        return self.rows.open_all(chosen.requests, self.catalog.sources(), optional=True)
