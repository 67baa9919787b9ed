"""What an author says about a view beside its text, and what the text may name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from featurekit.ir.definitions import Entity, Source, Vocabulary
from featurekit.ir.view import View


@dataclass(frozen=True, slots=True)
class Header:
    """The arguments of ``%%feature``; all but the name may be left out.

    Attributes:
        name: The view's name.
        source: A source, or the views it derives from, comma separated (``flights``,
            ``carrier_delays@1,origin_weather``); None: what FROM says.
        entity: Whose features these are; None: the source's only entity.
        owner: Who answers for it; mandatory.
        per: ``entity`` or ``row``.
        language: ``sql`` or ``polars``.
        dialect: The dialect of the text.
        zone: IANA zone of calendar windows.
        max_age: ``7d``: how old a snapshot's row may be; None: any age.
        fresh: ``realtime``.
        delay: ``5m``: added to each row's availability.
        strict: Whether a null that the expression makes of inputs that have values is outside of
            the contract.
        description: One line for the catalog; None: the cell's leading comment.
        tags: Words for the catalog.
        label: Whether the cell is a ``%%label``: what is to be predicted, read from what came.
        ahead: ``30d``: how long after the moment a label's look-up answers.
    """

    name: str
    source: str | None = None
    entity: str | None = None
    owner: str | None = None
    per: Literal["entity", "row"] = "entity"
    language: str = "sql"
    dialect: str = "duckdb"
    zone: str = "UTC"
    max_age: str | None = None
    fresh: str = "realtime"
    delay: str | None = None
    strict: bool = False
    description: str | None = None
    tags: tuple[str, ...] = ()
    label: bool = False
    ahead: str | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What a text may name.

    Attributes:
        entities: By name.
        sources: By name.
        vocabularies: By name.
        views: By what an author may write (``v``, ``v@1``, ``v@1.0``): the pinned reference and
            the view.
    """

    entities: Mapping[str, Entity] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    vocabularies: Mapping[str, Vocabulary] = field(default_factory=dict)
    views: Mapping[str, tuple[str, View]] = field(default_factory=dict)
