"""What cells may name, and how a cell becomes a draft, a draft a version, versions a set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from featurekit.catalog.catalog import Catalog
from featurekit.catalog.location import configured_catalog, data_root
from featurekit.catalog.records import Metadata
from featurekit.catalog.state import PublishedView
from featurekit.catalog.store import open_store
from featurekit.draft import Draft, read_cell
from featurekit.frontends import fields as columns
from featurekit.frontends.arguments import Aliases, Clock, checked_grain, listed_names, typed
from featurekit.frontends.moments import moment_of, written_moment
from featurekit.frontends.rules import with_rules
from featurekit.frontends.scope import Header
from featurekit.ir.definitions import Entity, Source, Vocabulary
from featurekit.training.session import SessionRows


def utc_now() -> str:
    """Return the present moment in UTC, ISO 8601 to the second; the only clock there is."""
    return dt.datetime.now(tz=dt.UTC).isoformat(timespec="seconds")


@typed
class Definitions:
    """A connected catalog, this session's data, and the verbs that define.

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
        loggable: str | Sequence[str] = (),
        rules: Mapping[str, str] | None = None,
        until: Any = None,
    ) -> Source:
        """Register rows: a frame, a path or glob (parquet, csv), a list of dicts with ``schema``.

        For a request, ``schema`` names its columns and ``data``, if given, is a sample of requests
        for previews and parity checks. A frame lives in this session only: export refuses it.
        ``loggable`` are the columns that a serving package may log as they are; all others, which
        may be personal, it logs as hashes.
        ``rules`` says by column what it may hold, and what becomes of the rest:
        ``{"amount": "0..1e6 else null", "channel": "one of 'web', 'app' default 'web'"}``.
        ``until`` is the moment up to which all of its rows are there, such as when the file was
        made; without it they go up to the last one. Labels that look further are not known.
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
            loggable=tuple(sorted(set(columns.names_in(loggable)))),
            until=None if until is None else written_moment(moment_of(until, "--until")),
        )
        source = describe(declared, data, root=self.root, entities=self.catalog.entities())
        source = with_rules(source, rules or {}, self.catalog.entities())
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
        strict: bool = False,
        description: str | None = None,
        tags: str | Sequence[str] = (),
    ) -> Draft:
        """Read one cell: each named expression of ``text`` is a feature of the view ``name``.

        ``language`` is ``sql`` or ``polars``, which is tried against polars itself. ``strict``: a
        null although all that a feature reads has values is outside of the contract in serving.
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
            strict=strict,
            description=description,
            tags=tuple(listed_names(tags)),
        )
        return self._defined(header, text)

    def label(
        self,
        name: str,
        text: str,
        *,
        source: str | None = None,
        entity: str | None = None,
        owner: str | None = None,
        language: str = "sql",
        dialect: str = "duckdb",
        zone: str = "UTC",
        ahead: str | None = None,
        max_age: str | None = None,
        delay: str | None = None,
        description: str | None = None,
        tags: str | Sequence[str] = (),
    ) -> Draft:
        """Read one cell of labels: what is to be predicted, made of what comes after the moment.

        Its windows are ``next_30d``: the event of the very moment, which no feature sees, is in.
        ``ahead``: how long after the moment a look-up answers. ``delay``: how long after its
        window has ended a label is believed; until then it is null. Raises FK1xx as ``feature``.
        """
        header = Header(
            name=name,
            source=source,
            entity=entity,
            owner=owner,
            language=language,
            dialect=dialect,
            zone=zone,
            max_age=max_age,
            delay=delay,
            description=description,
            tags=tuple(listed_names(tags)),
            label=True,
            ahead=ahead,
        )
        return self._defined(header, text)

    def _defined(self, header: Header, text: str) -> Draft:
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
