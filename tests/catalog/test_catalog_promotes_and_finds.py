"""Promotion, feature sets, search, and many at once."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path

import pytest
from shop_definitions import (
    AT,
    COUNT,
    LATER,
    ORDERS,
    OWNER,
    changed,
    draft,
    total,
    view,
)

from featurekit.catalog.catalog import Catalog
from featurekit.catalog.records import Metadata
from featurekit.catalog.store import DirectoryStore, MemoryStore
from featurekit.errors.catalog import (
    CatalogError,
    InvalidSet,
    NothingEarlier,
    UnknownName,
)
from featurekit.ir.definitions import Member
from featurekit.ir.nodes import Expression


@pytest.fixture
def catalog() -> Catalog:
    return Catalog(MemoryStore())


def publish(catalog: Catalog, name: str = "spend", **features: Expression) -> str:
    return catalog.publish(draft(view(name, **features)), AT).version


# --- promotion


def test_rolling_back_makes_an_earlier_version_current_and_removes_nothing(
    catalog: Catalog,
) -> None:
    publish(catalog, a=total(30))
    publish(catalog, a=total(7))
    assert catalog.rollback("spend", LATER).version == "1.0"
    assert catalog.resolve("spend").version == "1.0"
    assert catalog.resolve("spend@2").version == "2.0"
    assert catalog.history("spend")[-1].detail == "rolled back from 2.0"
    with pytest.raises(NothingEarlier):
        catalog.rollback("spend", LATER)
    assert catalog.rollback("spend@2.0", LATER).version == "2.0"
    assert catalog.rollback("spend", LATER, to="1").version == "1.0"
    before = catalog.store.last()
    catalog.rollback("spend", LATER, to="1.0")
    assert catalog.store.last() == before


def test_publishing_an_earlier_meaning_makes_that_version_current(catalog: Catalog) -> None:
    publish(catalog, a=total(30))
    publish(catalog, a=total(7))
    again = catalog.publish(draft(view(a=total(30))), LATER)
    assert (again.version, again.current) == ("1.0", True)
    assert catalog.versions("spend") == ("1.0", "2.0")


def test_adding_to_a_rolled_back_version_keeps_the_promise_of_its_line(catalog: Catalog) -> None:
    publish(catalog, a=total(30))
    publish(catalog, a=total(30), b=COUNT)
    catalog.rollback("spend", AT)
    assert publish(catalog, a=total(30), c=COUNT) == "2.0"  # 1.2 would lack what 1.1 has
    catalog.rollback("spend", AT, to="1.0")
    assert publish(catalog, a=total(30), b=COUNT, c=total(1)) == "1.2"


def test_a_deprecated_version_says_why_and_is_passed_over(catalog: Catalog) -> None:
    publish(catalog, a=total(30))
    publish(catalog, a=total(30), b=COUNT)
    gone = catalog.deprecate("spend@1.1", "counts twice", LATER)
    assert gone.deprecated == "counts twice"
    assert catalog.resolve("spend@1").version == "1.0"
    assert catalog.resolve("spend@1.1").deprecated == "counts twice"
    assert catalog.history("spend")[-1].what == "deprecated"
    before = catalog.store.last()
    catalog.deprecate("spend@1.1", "counts twice", LATER)
    assert catalog.store.last() == before
    with pytest.raises(UnknownName):
        catalog.deprecate("other", "why", AT)


# --- feature sets


def test_a_set_pins_each_view_to_its_exact_version(catalog: Catalog) -> None:
    publish(catalog, a=total(30), b=COUNT)
    made = catalog.publish_set("churn", ["spend@1:a"], OWNER, AT)
    assert made.set.members == (Member("spend", "1.0", ("a",)),)
    publish(catalog, a=total(7), b=COUNT)
    assert catalog.resolve_set("churn").set.members[0].reference == "spend@1.0"
    assert catalog.feature_sets()[0].reference == "churn@1.0"


def test_versions_of_a_set_follow_its_columns(catalog: Catalog) -> None:
    publish(catalog, a=total(30), b=COUNT)
    publish(catalog, "visits", n=COUNT)

    def made(*lines: str | tuple[str, str]) -> str:
        return catalog.publish_set("churn", lines, OWNER, AT).version

    assert made("spend:a") == "1.0"
    assert made(("spend@1", "a")) == "1.0"
    assert made("spend:a", "spend:b") == "1.1"
    assert made("spend:a,b", "visits") == "1.2"
    assert made("spend:a") == "1.0"
    assert made("visits") == "2.0"
    assert catalog.versions("churn") == ("1.0", "1.1", "1.2", "2.0")
    assert catalog.rollback("churn", AT).version == "1.2"


def test_a_set_whose_view_only_grew_gets_a_minor_version(catalog: Catalog) -> None:
    publish(catalog, a=total(30))
    catalog.publish_set("churn", ["spend:a"], OWNER, AT)
    publish(catalog, a=total(30), b=COUNT)
    assert catalog.publish_set("churn", ["spend:a"], OWNER, AT).version == "1.1"
    publish(catalog, a=total(7), b=COUNT)
    assert catalog.publish_set("churn", ["spend:a"], OWNER, AT).version == "2.0"


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ([], "no features"),
        (["spend:c"], "no feature 'c'"),
        (["spend:"], "no feature ''"),
        (["spend@1.0", "spend@2.0"], "as 1.0 and as 2.0"),
    ],
)
def test_a_set_that_cannot_be_a_table_is_refused(
    catalog: Catalog, lines: list[str], problem: str
) -> None:
    publish(catalog, a=total(30))
    publish(catalog, a=total(7))
    with pytest.raises(InvalidSet, match=problem):
        catalog.publish_set("churn", lines, OWNER, AT)


def test_a_set_of_an_unknown_view_or_a_draft_is_refused(catalog: Catalog) -> None:
    catalog.save_draft(draft())
    with pytest.raises(UnknownName):
        catalog.publish_set("churn", ["spend"], OWNER, AT)


# --- search


def test_search_ranks_names_over_features_over_words(catalog: Catalog) -> None:
    catalog.publish(draft(view("spend", a=COUNT)), AT)
    catalog.publish(draft(view("visits", spend_30d=total(30))), AT)
    said = Metadata("web@example.com", "How much they spend.", ("clicks",))
    catalog.publish(draft(view("other", x=total(1)), said), AT)
    assert [found.published.name for found in catalog.search("SPEND")] == [
        "spend",
        "visits",
        "other",
    ]
    assert catalog.search("spend")[1].matched == ("feature: spend_30d",)


def test_search_wants_every_word_and_filters_by_tag_and_owner(catalog: Catalog) -> None:
    catalog.publish(draft(view("spend", spend_30d=total(30))), AT)
    said = Metadata("web@example.com", "Visits.", ("clicks",))
    catalog.publish(draft(view("visits", n=COUNT), said), AT)
    assert [f.published.name for f in catalog.search("spend 30d amount")] == ["spend"]
    assert catalog.search("spend nothing") == ()
    assert [f.published.name for f in catalog.search(tag="CLICKS")] == ["visits"]
    assert [f.published.name for f in catalog.search(owner="risk@")] == ["spend"]
    assert [f.published.name for f in catalog.search("")] == ["spend", "visits"]


def test_a_deprecated_view_ranks_lower(catalog: Catalog) -> None:
    publish(catalog, "spend_a")
    publish(catalog, "spend_b")
    catalog.deprecate("spend_a", "old", AT)
    assert [f.published.name for f in catalog.search("spend")] == ["spend_b", "spend_a"]


# --- many at once


def test_threads_that_publish_at_once_all_succeed(tmp_path: Path) -> None:
    catalog = Catalog(DirectoryStore(tmp_path / "catalog"))
    failures: list[Exception] = []

    def work(number: int) -> None:
        try:
            for days in (1, 2, 3):
                catalog.publish(draft(view(f"view_{number}", a=total(days))), AT)
                catalog.search("view")
        except CatalogError as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert [published.version for published in catalog.views()] == ["3.0"] * 6
    assert Catalog(DirectoryStore(tmp_path / "catalog")).views() == catalog.views()


def test_a_second_catalog_on_the_same_folder_sees_what_the_first_wrote(tmp_path: Path) -> None:
    first = Catalog(DirectoryStore(tmp_path / "catalog"))
    second = Catalog(DirectoryStore(tmp_path / "catalog"))
    assert second.views() == ()
    publish(first, a=total(30))
    assert second.resolve("spend").version == "1.0"
    assert publish(second, a=total(30), b=COUNT) == "1.1"
    assert first.resolve("spend").version == "1.1"


def test_a_version_keeps_the_source_it_was_published_with(catalog: Catalog) -> None:
    publish(catalog)
    later = changed(view(), source=dataclasses.replace(ORDERS, available="at"))
    assert catalog.publish(draft(later), AT).version == "2.0"
    assert catalog.resolve("spend@1.0").view.source == ORDERS
