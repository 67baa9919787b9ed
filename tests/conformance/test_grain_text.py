"""Views per row, frames, joins and schedules as SQL: read back, they mean the same."""

from __future__ import annotations

import pytest
from grain_cases import (
    CUSTOMER,
    CUSTOMERS,
    EVENTS,
    LATE,
    LATE_MERCHANTS,
    MERCHANTS,
    REGIONS,
    REQUEST,
    TIED,
    WARES,
    Case,
    cases,
)

from featurekit.datatypes import VARCHAR
from featurekit.frontends.from_sql import read_view
from featurekit.frontends.scope import Header, Scope
from featurekit.frontends.to_text import view_text
from featurekit.ir.canonical import canonical
from featurekit.ir.definitions import Entity, Field
from featurekit.ir.schedules import schedule_name
from featurekit.ir.view import View

ENTITIES = (
    CUSTOMER,
    Entity("merchant", (Field("merchant", VARCHAR),)),
    Entity("region", (Field("region", VARCHAR),)),
)
SOURCES = (EVENTS, LATE, TIED, MERCHANTS, LATE_MERCHANTS, REGIONS, CUSTOMERS, REQUEST)


def scope_of(case: Case, view: View) -> Scope:
    """Return what the text of ``view`` may name: of each source the one that it reads."""
    sources = {source.name: source for source in (*SOURCES, *view.stored, *view.requests)}
    views = {reference: (reference, v) for reference, v in case.views.items() if v is not view}
    return Scope({e.name: e for e in ENTITIES}, sources, {"wares": WARES}, views)


def header_of(view: View) -> Header:
    """Return the arguments under which ``view`` is read."""

    def length(found: int | None) -> str | None:
        return f"{found // 1_000_000}s" if found else None

    return Header(
        view.name,
        owner="risk@example.com",
        entity="customer" if view.entities and view.source else None,
        per=view.grain.value,
        zone=view.zone,
        max_age=length(view.max_age),
        delay=length(view.delay),
        fresh=schedule_name(view.fresh),
    )


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_the_text_of_a_view_means_the_same(case: Case) -> None:
    for view in case.views.values():
        text = view_text(view)
        again = read_view(header_of(view), text, scope_of(case, view))
        assert canonical(again) == canonical(view), text
        assert view_text(again) == text
