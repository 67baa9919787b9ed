"""check-export: whole, unedited and current, or a problem with its path and its fix."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from receiving import package

from featurekit.catalog.catalog import Catalog
from featurekit.catalog.records import Draft, Metadata
from featurekit.catalog.state import PublishedSet
from featurekit.catalog.store import MemoryStore
from featurekit.datatypes import BIGINT, VARCHAR
from featurekit.errors.export import DamagedManifest, NewerManifest, NotAPackage
from featurekit.export.check import check_export
from featurekit.export.journal import FOLDER
from featurekit.export.manifest import manifest_facts, manifest_text, read_manifest
from featurekit.export.repository import plan, write
from featurekit.ir.definitions import Entity, Field, Source, SourceKind, Vocabulary
from featurekit.ir.nodes import Aggregate, Column, InVocabulary
from featurekit.ir.view import Feature, Grain, View
from featurekit.ir.windows import AllTime

AT = "2026-01-31T12:00:00+00:00"
OWNER = Metadata("risk@example.com", "How often a customer came.", ("core",))
CUSTOMER = Entity("customer", (Field("customer_id", VARCHAR),))
VISITS = Source("visits", SourceKind.EVENTS, (Field("page", VARCHAR),), ("customer",), "at")
PAGES = Vocabulary("pages", (("home", ("start",)),))
COUNT = Aggregate("count_rows", (), AllTime(), None, type=BIGINT)
LATEST = Aggregate(
    "last", (InVocabulary(Column("visits", "page", VARCHAR), PAGES),), AllTime(), type=VARCHAR
)


@pytest.fixture
def service(tmp_path: Path) -> Path:
    target = tmp_path / "service"
    write(plan(target, package()))
    return target


def problems(service: Path, catalog: Catalog | None = None) -> list[tuple[str, str]]:
    facts = check_export(service, catalog)
    assert facts["held"] == (not facts["problems"])
    assert all(problem["text"] and problem["fix"] for problem in facts["problems"])
    return [(problem["problem"], problem["path"]) for problem in facts["problems"]]


def draft(name: str, **features: Any) -> Draft:
    named = tuple(Feature(feature, expression) for feature, expression in features.items())
    view = View(name, Grain.ENTITY, named, VISITS, (CUSTOMER,))
    return Draft(name, {}, "SELECT", view, OWNER, AT)


def published() -> tuple[Catalog, PublishedSet]:
    catalog = Catalog(MemoryStore())
    catalog.publish(draft("comings", visits=COUNT, page=LATEST), AT)
    return catalog, catalog.publish_set("churn", ["comings"], OWNER, AT)


# --- whole and unedited


@pytest.mark.parametrize("part", ["", "churn_features", "churn_features/v1_0"])
def test_a_fresh_package_holds_wherever_it_is_asked_for(service: Path, part: str) -> None:
    facts = check_export(service / part)
    assert facts["held"]
    assert facts["packages"] == [
        {"package": "churn_features", "set": ["churn"], "versions": ["1.0"], "active": "1.0"}
    ]
    assert facts["files"] == len(package()) - 2  # the manifest itself, and active.json


def test_versions_side_by_side_hold_together(service: Path) -> None:
    write(plan(service, package("1.1")))
    assert problems(service) == []
    assert check_export(service)["packages"][0]["versions"] == ["1.0", "1.1"]


def test_a_newer_version_than_the_active_one_is_told_and_is_no_failure(service: Path) -> None:
    assert check_export(service)["notes"] == []
    write(plan(service, package("1.1")))
    facts = check_export(service)
    assert facts["held"]
    assert facts["packages"][0]["active"] == "1.0"
    assert facts["notes"] == [
        {
            "problem": "inactive",
            "path": "churn_features/active.json",
            "text": "churn_features holds 1.1, and 1.0 answers",
            "fix": "python -m churn_features activate 1.1",
        }
    ]
    (service / "churn_features/active.json").write_text('{"active": "1.1"}\n')
    assert check_export(service)["notes"] == []


def test_an_edited_file_is_named(service: Path) -> None:
    file = service / "churn_features" / "v1_0" / "views.py"
    file.write_text(file.read_text() + "# mine\n")
    assert problems(service) == [("edited", "churn_features/v1_0/views.py")]


def test_an_edited_test_is_named(service: Path) -> None:
    path = "tests/churn_features/v1_0/test_parity.py"
    (service / path).write_text("def test_nothing() -> None: ...\n")
    assert problems(service) == [("edited", path)]


def test_a_missing_file_is_named(service: Path) -> None:
    (service / "churn_features" / "v1_0" / "windows.py").unlink()
    assert problems(service) == [("missing", "churn_features/v1_0/windows.py")]


def test_an_edited_manifest_is_named(service: Path) -> None:
    manifest = service / "churn_features" / "v1_0" / "manifest.json"
    manifest.write_text(manifest.read_text().replace("m1", "m2"))
    assert problems(service) == [("edited", "churn_features/v1_0/manifest.json")]


def test_a_version_without_its_manifest_is_incomplete(service: Path) -> None:
    write(plan(service, package("1.1")))
    (service / "churn_features" / "v1_0" / "manifest.json").unlink()
    assert problems(service) == [
        ("incomplete", "churn_features/v1_0"),
        ("active", "churn_features/active.json"),
    ]


def test_an_interrupted_export_is_incomplete(service: Path) -> None:
    (service / FOLDER).mkdir()
    journal = '[{"path": "x.py", "old": null, "new": "0"}]'
    (service / FOLDER / "journal.json").write_text(journal)
    assert problems(service) == [("incomplete", FOLDER)]


@pytest.mark.parametrize("content", ["", "[]", '{"active": "7.0"}', '{"active": ["1.0"]}'])
def test_an_active_version_that_is_not_there_is_a_problem(service: Path, content: str) -> None:
    (service / "churn_features" / "active.json").write_text(content)
    assert problems(service) == [("active", "churn_features/active.json")]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('"shadow": "7.0"', "the shadow is '7.0'; the package holds 1.0"),
        ('"shadow": ["1.0"]', "the shadow is ['1.0']; the package holds 1.0"),
        ('"shadwo": "1.0"', "there is no setting 'shadwo'; there are active, log_sample, shadow"),
        ('"log_sample": 2', "log_sample must be a number from 0 to 1"),
        ('"log_sample": true', "log_sample must be a number from 0 to 1"),
        ('"log_sample": NaN', "log_sample must be a number from 0 to 1"),
    ],
)
def test_settings_that_the_package_would_refuse_are_a_problem(
    service: Path, settings: str, said: str
) -> None:
    (service / "churn_features/active.json").write_text(f'{{"active": "1.0", {settings}}}')
    facts = check_export(service)
    assert facts["packages"][0]["active"] == "1.0"
    (problem,) = facts["problems"]
    assert (problem["problem"], problem["text"]) == (
        "active",
        f"churn_features/active.json: {said}",
    )


def test_settings_that_the_package_follows_are_none(service: Path) -> None:
    (service / "churn_features/active.json").write_text(
        '{"active": "1.0", "shadow": "1.0", "log_sample": 0.01}'
    )
    assert check_export(service)["held"]


def test_a_missing_active_file_is_a_problem(service: Path) -> None:
    (service / "churn_features" / "active.json").unlink()
    assert problems(service) == [("missing", "churn_features/active.json")]


def test_a_manifest_cannot_point_outside(service: Path) -> None:
    manifest = service / "churn_features" / "v1_0" / "manifest.json"
    text = manifest.read_text().replace("tests/churn_features", "../../churn_features")
    manifest.write_text(text)
    assert ("missing", "../../churn_features/v1_0/test_parity.py") in problems(service)


@pytest.mark.parametrize("place", [".", "nowhere"])
def test_a_folder_without_a_package_is_an_error(tmp_path: Path, place: str) -> None:
    with pytest.raises(NotAPackage):
        check_export(tmp_path / place)


def test_a_damaged_or_newer_manifest_is_an_error(service: Path) -> None:
    manifest = service / "churn_features" / "v1_0" / "manifest.json"
    manifest.write_text("{")
    with pytest.raises(DamagedManifest):
        check_export(service)
    manifest.write_text('{"format": 2}')
    with pytest.raises(NewerManifest):
        check_export(service)


# --- current


def exported(service: Path, made: PublishedSet) -> None:
    write(plan(service, package(made.version, meaning=made.meaning)))


def test_a_package_of_the_catalogs_current_version_is_current(tmp_path: Path) -> None:
    catalog, made = published()
    exported(tmp_path / "service", made)
    assert problems(tmp_path / "service", catalog) == []


def test_a_package_is_stale_when_the_catalog_has_a_newer_version(tmp_path: Path) -> None:
    catalog, made = published()
    exported(tmp_path / "service", made)
    catalog.publish_set("churn", ["comings:visits"], OWNER, AT)
    assert problems(tmp_path / "service", catalog) == [("stale", "churn")]
    catalog.rollback("churn", AT)
    assert problems(tmp_path / "service", catalog) == []


def test_a_package_of_a_deprecated_version_is_stale(tmp_path: Path) -> None:
    catalog, made = published()
    exported(tmp_path / "service", made)
    catalog.deprecate("churn@1.0", "counts twice", AT)
    facts = check_export(tmp_path / "service", catalog)
    assert "counts twice" in facts["problems"][0]["text"]


def test_a_package_of_another_catalog_says_so(tmp_path: Path) -> None:
    _, made = published()
    exported(tmp_path / "service", made)
    stale = [("stale", "churn_features/v1_0/manifest.json")]
    assert problems(tmp_path / "service", Catalog(MemoryStore())) == stale
    other = Catalog(MemoryStore())
    other.publish(draft("comings", visits=COUNT), AT)
    other.publish_set("churn", ["comings"], OWNER, AT)
    assert problems(tmp_path / "service", other) == stale


# --- what a manifest says


def test_a_manifest_says_who_what_and_from_which_columns() -> None:
    catalog, _ = published()
    used = Column("comings@1.0", "page", VARCHAR)
    derived = View(
        "same", Grain.ENTITY, (Feature("p", used),), None, (CUSTOMER,), uses=("comings@1.0",)
    )
    catalog.publish(Draft("same", {"tags": ("a",)}, "SELECT", derived, OWNER, AT), AT)
    made = catalog.publish_set("churn", ["same", "comings:visits"], OWNER, AT)
    views = [catalog.resolve(name) for name in ("comings", "same")]
    facts = manifest_facts(made, views, package="churn_features", toolkit="0.1.0")
    assert facts["set"]["owner"] == "risk@example.com"
    assert [(line["column"], line["reads"]) for line in facts["features"]] == [
        ("same__p", ["visits.page"]),
        ("comings__visits", []),
    ]
    assert set(facts["views"]) == {"same@1.0", "comings@1.0"}
    assert facts["views"]["comings@1.0"]["meaning"] == views[0].meaning
    assert ["empty window", "counts answer 0, every other aggregate null"] in (
        facts["views"]["comings@1.0"]["semantics"]
    )
    assert set(facts["sources"]) == {"visits"}
    assert set(facts["vocabularies"]) == {"pages"}
    text = manifest_text(facts, {"a.py": "A = 1\n"})
    assert text == manifest_text(facts, {"a.py": "A = 1\n"})
    assert read_manifest(text, "manifest.json").sealed
