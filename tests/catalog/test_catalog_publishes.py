"""The catalog's promises: names, drafts, owners, versions by meaning, pins."""

from __future__ import annotations

import dataclasses

import pytest
from shop_definitions import (
    AT,
    COUNT,
    CUSTOMER,
    LATER,
    ORDERS,
    OWNER,
    derived,
    draft,
    total,
    view,
)

from featurekit.catalog.catalog import Catalog
from featurekit.catalog.records import Metadata
from featurekit.catalog.store import MemoryStore
from featurekit.catalog.versions import Level
from featurekit.datatypes import BIGINT, VARCHAR
from featurekit.errors.catalog import (
    InvalidName,
    InvalidTime,
    MissingOwner,
    NameTaken,
    NothingToPublish,
    UnknownName,
    UnknownVersion,
    UsesDraft,
)
from featurekit.ir.definitions import Entity, Field, Unknown, Vocabulary
from featurekit.ir.nodes import Expression

HOSTILE = (
    *("../x", "class", "match", "CON", 'a"b', "x); DROP TABLE y", "<b>", "{{x}}", "a/b", "a\\b"),
    *("", " a", "a b", "1a", "a-b", "_a", "a__b", "é", "a" * 64, "a\n", "a\x00"),
)


@pytest.fixture
def catalog() -> Catalog:
    return Catalog(MemoryStore())


def publish(catalog: Catalog, name: str = "spend", **features: Expression) -> str:
    return catalog.publish(draft(view(name, **features)), AT).version


# --- entities, sources, vocabularies


def test_registering_the_same_again_changes_nothing(catalog: Catalog) -> None:
    assert catalog.register_entity(CUSTOMER, AT).changed
    assert not catalog.register_entity(CUSTOMER, LATER).changed
    assert catalog.register_source(ORDERS, AT).version == 1
    assert catalog.register_source(ORDERS, LATER).version == 1
    assert catalog.store.last() == 2


def test_a_changed_source_or_vocabulary_gets_the_next_version(catalog: Catalog) -> None:
    catalog.register_source(ORDERS, AT)
    moved = dataclasses.replace(ORDERS, location=None)
    assert catalog.register_source(moved, LATER).version == 2
    assert catalog.sources() == {"orders": moved}
    known = Vocabulary("country", (("US", ("USA",)),))
    assert catalog.register_vocabulary(known, AT).version == 1
    wider = dataclasses.replace(known, unknown=Unknown.OUTSIDE)
    assert catalog.register_vocabulary(wider, AT).version == 2
    assert catalog.vocabularies() == {"country": wider}


def test_an_entity_may_change_its_keys(catalog: Catalog) -> None:
    catalog.register_entity(CUSTOMER, AT)
    numbered = Entity("customer", (Field("customer_id", BIGINT),))
    assert catalog.register_entity(numbered, AT).version == 2
    assert catalog.entities() == {"customer": numbered}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_cannot_be_one_everywhere_is_refused(catalog: Catalog, name: str) -> None:
    for attempt in (
        lambda: catalog.register_entity(Entity(name, (Field("k", VARCHAR),)), AT),
        lambda: catalog.save_draft(draft(view(name))),
        lambda: catalog.publish(draft(view(name)), AT),
        lambda: catalog.publish_set(name, ["spend"], OWNER, AT),
    ):
        with pytest.raises(InvalidName) as refused:
            attempt()
        assert refused.value.code == "FK301"
    assert catalog.store.last() == 0
    assert catalog.drafts() == ()


def test_names_that_differ_only_by_case_are_refused(catalog: Catalog) -> None:
    catalog.register_entity(CUSTOMER, AT)
    publish(catalog)
    with pytest.raises(NameTaken):
        catalog.register_entity(dataclasses.replace(CUSTOMER, name="Customer"), AT)
    with pytest.raises(NameTaken):
        catalog.save_draft(draft(view("Spend")))
    with pytest.raises(NameTaken):
        catalog.publish(draft(view("SPEND")), AT)


def test_a_view_and_a_set_cannot_share_a_name(catalog: Catalog) -> None:
    publish(catalog)
    catalog.publish_set("churn", ["spend"], OWNER, AT)
    with pytest.raises(NameTaken, match="feature set 'churn'"):
        publish(catalog, "churn")
    with pytest.raises(NameTaken, match="view 'spend'"):
        catalog.publish_set("spend", ["spend"], OWNER, AT)


# --- drafts


def test_a_draft_is_kept_until_it_is_published(catalog: Catalog) -> None:
    catalog.save_draft(draft())
    assert catalog.draft("spend") == draft()
    assert catalog.store.last() == 0
    assert catalog.publish("spend", AT).version == "1.0"
    assert catalog.draft("spend") is None
    assert catalog.drafts() == ()


def test_saving_the_same_draft_later_keeps_the_first_time(catalog: Catalog) -> None:
    catalog.save_draft(draft())
    catalog.save_draft(dataclasses.replace(draft(), saved_at=LATER))
    kept = catalog.draft("spend")
    assert kept is not None
    assert kept.saved_at == AT
    catalog.save_draft(dataclasses.replace(draft(text="SELECT 2"), saved_at=LATER))
    replaced = catalog.draft("spend")
    assert replaced is not None
    assert (replaced.saved_at, replaced.text) == (LATER, "SELECT 2")


def test_a_draft_can_be_discarded(catalog: Catalog) -> None:
    catalog.save_draft(draft())
    assert catalog.discard_draft("spend")
    assert not catalog.discard_draft("spend")
    assert not catalog.discard_draft("../spend")


def test_publishing_an_older_text_keeps_a_newer_draft(catalog: Catalog) -> None:
    catalog.save_draft(draft(view(x=COUNT)))
    catalog.publish(draft(), AT)
    assert catalog.drafts() == ("spend",)


def test_publishing_without_a_draft_says_which_there_are(catalog: Catalog) -> None:
    catalog.save_draft(draft())
    with pytest.raises(NothingToPublish) as refused:
        catalog.publish("spent", AT)
    assert "did you mean 'spend'?" in refused.value.problem
    assert "spend" in refused.value.fix


# --- versions


def test_versions_follow_the_meaning(catalog: Catalog) -> None:
    assert publish(catalog, a=total(30)) == "1.0"
    assert publish(catalog, a=total(30)) == "1.0"
    assert publish(catalog, a=total(30), b=COUNT) == "1.1"
    assert publish(catalog, a=total(7), b=COUNT) == "2.0"
    assert publish(catalog, a=total(7)) == "3.0"
    assert catalog.versions("spend") == ("1.0", "1.1", "2.0", "3.0")


def test_publishing_what_did_not_change_writes_nothing(catalog: Catalog) -> None:
    publish(catalog)
    before = catalog.store.last()
    again = catalog.publish(draft(text="select   1 -- spaced"), LATER)
    assert (again.version, again.at, again.text) == ("1.0", AT, "SELECT 1")
    assert again.change is not None
    assert again.change.level is Level.UNCHANGED
    assert catalog.store.last() == before


def test_new_words_about_a_version_are_a_record_of_the_same_version(catalog: Catalog) -> None:
    publish(catalog)
    said = Metadata("web@example.com", "Other words.", ("core", "money"))
    again = catalog.publish(draft(metadata=said), LATER)
    assert (again.version, again.metadata, again.at) == ("1.0", said, AT)
    assert [event.what for event in catalog.history("spend")] == ["published", "described"]


def test_publishing_says_what_changed_and_against_which_version(catalog: Catalog) -> None:
    publish(catalog, a=total(30))
    made = catalog.publish(draft(view(a=total(7), b=COUNT)), AT)
    assert made.change is not None
    assert (made.previous, made.change.level) == ("1.0", Level.VALUES)
    assert (made.change.changed, made.change.added) == (("a",), ("b",))


def test_a_definition_without_an_owner_is_refused(catalog: Catalog) -> None:
    with pytest.raises(MissingOwner) as refused:
        catalog.publish(draft(metadata=Metadata("  ")), AT)
    assert "--owner" in refused.value.fix
    publish(catalog)
    with pytest.raises(MissingOwner):
        catalog.publish_set("churn", ["spend"], Metadata(""), AT)
    assert catalog.store.last() == 1


@pytest.mark.parametrize("at", ["", "yesterday", "2026-01-31", "2026-01-31T12:00:00"])
def test_a_time_that_is_no_instant_is_refused(catalog: Catalog, at: str) -> None:
    with pytest.raises(InvalidTime):
        catalog.publish(draft(), at)
    assert catalog.store.last() == 0


def test_a_definition_that_equals_another_views_says_so(catalog: Catalog) -> None:
    publish(catalog, "spend")
    made = catalog.publish(draft(view("expenses")), AT)
    assert made.equal_to == ("spend@1.0",)
    assert catalog.equal_to(view("third")) == ("expenses@1.0", "spend@1.0")
    assert catalog.equal_to(view("third", x=COUNT)) == ()


def test_a_reference_means_the_current_the_newest_of_a_line_or_exactly_one(
    catalog: Catalog,
) -> None:
    publish(catalog, a=total(30))
    publish(catalog, a=total(30), b=COUNT)
    publish(catalog, a=total(7))
    assert catalog.resolve("spend").version == "2.0"
    assert catalog.resolve("spend@1").version == "1.1"
    assert catalog.resolve("spend@1.0").version == "1.0"
    with pytest.raises(UnknownVersion, match=r"no version 1\.7"):
        catalog.resolve("spend@1.7")
    with pytest.raises(UnknownVersion):
        catalog.resolve("spend@3")
    with pytest.raises(UnknownName, match="did you mean 'spend'"):
        catalog.resolve("spent")


def test_finding_a_set_answers_none_where_resolving_refuses(catalog: Catalog) -> None:
    publish(catalog)
    assert catalog.find_set("spend") is None
    with pytest.raises(UnknownName):
        catalog.resolve_set("spend")
    catalog.publish_set("churn", ["spend"], OWNER, AT)
    assert catalog.find_set("churn@1") == catalog.resolve_set("churn")


# --- derived views


def test_a_derived_view_pins_what_it_uses(catalog: Catalog) -> None:
    publish(catalog)
    made = catalog.publish(draft(derived("ratio", "spend@1.0")), AT)
    assert made.view.uses == ("spend@1.0",)
    publish(catalog, a=total(7))
    assert catalog.resolve("ratio").view.uses == ("spend@1.0",)
    assert catalog.resolve("spend@1.0").view == view()


def test_a_published_view_cannot_use_a_draft(catalog: Catalog) -> None:
    catalog.save_draft(draft())
    with pytest.raises(UsesDraft) as refused:
        catalog.publish(draft(derived("ratio", "spend@draft")), AT)
    assert "%feature publish spend" in refused.value.fix
    assert catalog.store.last() == 0


def test_a_view_over_what_was_published_meanwhile_is_only_to_be_written_again(
    catalog: Catalog,
) -> None:
    publish(catalog)
    with pytest.raises(UsesDraft) as refused:
        catalog.publish(draft(derived("ratio", "spend@draft")), AT)
    assert refused.value.fix == "run the cell of ratio again"


@pytest.mark.parametrize("used", ["spend@1", "spend@1.7", "spend"])
def test_a_published_view_uses_exact_versions_only(catalog: Catalog, used: str) -> None:
    publish(catalog)
    with pytest.raises(UnknownVersion):
        catalog.publish(draft(derived("ratio", used)), AT)


def test_a_view_that_uses_an_unknown_view_is_refused(catalog: Catalog) -> None:
    with pytest.raises(UnknownName):
        catalog.publish(draft(derived("ratio", "spend@1.0")), AT)
