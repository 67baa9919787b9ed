"""Every damage to the log is noticed, and its error names the file and the way back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from catalog_folders import catalog_in, entry, publish
from shop_definitions import AT, OWNER, draft

from featurekit.catalog.store import DirectoryStore, MemoryStore, open_store
from featurekit.errors.catalog import (
    BrokenChain,
    CatalogError,
    CorruptDraft,
    CorruptEntry,
    ForeignFile,
    MissingEntry,
    NewerFormat,
    StoreComesLater,
)

DANGLING = (
    b'{"format": 1, "sequence": 1, "at": "", "previous": "", '
    b'"records": [{"is": "MadeCurrent", "name": "x", "version": "1.0"}]}'
)


# --- damage


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 100,
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"{}",
        b'{"format": 1}',
        b'{"format": true, "sequence": 1, "at": "", "records": [], "previous": ""}',
        b'{"format": 1, "sequence": 2, "at": "", "records": [], "previous": ""}',
        b'{"format": 1, "sequence": 1, "at": 5, "records": [], "previous": ""}',
        b'{"format": 1, "sequence": 1, "at": "", "records": [{"is": "Shell"}], "previous": ""}',
        DANGLING,
        b"[" * 100_000,
    ],
)
def test_a_damaged_or_foreign_entry_is_an_error_that_names_the_file(
    folder: Path, content: bytes
) -> None:
    publish(folder)
    entry(folder, 1).write_bytes(content)
    for _ in range(2):
        with pytest.raises(CorruptEntry) as refused:
            catalog_in(folder).views()
    assert refused.value.where == str(entry(folder, 1))
    assert "restore" in refused.value.fix


def test_every_half_of_an_entry_is_noticed(folder: Path) -> None:
    publish(folder)
    whole = entry(folder, 1).read_bytes()
    for length in range(0, len(whole) - 2, 97):
        entry(folder, 1).write_bytes(whole[:length])
        with pytest.raises(CorruptEntry):
            catalog_in(folder).views()


def test_a_version_that_is_none_is_damage(folder: Path) -> None:
    publish(folder)
    damaged = entry(folder, 1).read_text().replace('"version": "1.0"', '"version": "one"')
    entry(folder, 1).write_text(damaged)
    with pytest.raises(CorruptEntry, match="'one' is not a version"):
        catalog_in(folder).views()


def test_a_changed_entry_breaks_the_chain(folder: Path) -> None:
    publish(folder, 3)
    changed = entry(folder, 2).read_text().replace("risk@example.com", "evil@example.com")
    entry(folder, 2).write_text(changed)
    with pytest.raises(BrokenChain) as refused:
        catalog_in(folder).views()
    assert refused.value.where == str(entry(folder, 3))


def test_an_entry_of_another_catalog_breaks_the_chain(tmp_path: Path) -> None:
    publish(tmp_path / "one", 2)
    publish(tmp_path / "other", 2, name="visits")
    entry(tmp_path / "one", 2).write_bytes(entry(tmp_path / "other", 2).read_bytes())
    with pytest.raises(BrokenChain):
        catalog_in(tmp_path / "one").views()


def test_a_missing_entry_is_an_error_that_names_it(folder: Path) -> None:
    publish(folder, 3)
    entry(folder, 2).unlink()
    with pytest.raises(MissingEntry) as refused:
        catalog_in(folder).views()
    assert refused.value.where == str(entry(folder, 2))


@pytest.mark.parametrize("name", ["00000002 (conflicted copy).json", "notes.txt", "2.json"])
def test_a_foreign_file_in_the_log_is_an_error(folder: Path, name: str) -> None:
    publish(folder)
    (folder / "log" / name).write_text("{}")
    with pytest.raises(ForeignFile):
        catalog_in(folder).views()


def test_an_operating_systems_hidden_files_are_passed_over(folder: Path) -> None:
    publish(folder)
    (folder / "log" / ".DS_Store").write_bytes(b"\0")
    (folder / "notes.txt").write_text("mine")
    assert catalog_in(folder).versions("spend") == ("1.0",)


def test_a_newer_format_asks_for_an_upgrade(folder: Path) -> None:
    catalog = publish(folder)
    catalog.save_draft(draft())
    content = json.loads(entry(folder, 1).read_text())
    entry(folder, 1).write_text(json.dumps({**content, "format": 2, "more": []}))
    with pytest.raises(NewerFormat, match="upgrade"):
        catalog_in(folder).views()
    (folder / "drafts" / "spend.json").write_text('{"format": 2}')
    with pytest.raises(NewerFormat):
        catalog_in(folder).draft("spend")


def test_a_log_that_was_replaced_is_read_anew(folder: Path, tmp_path: Path) -> None:
    catalog = publish(folder, 2)
    for sequence in (1, 2):
        entry(folder, sequence).unlink()
    assert catalog.views() == ()
    publish(folder, 2, name="visits")
    assert [published.name for published in catalog.views()] == ["visits"]


@pytest.mark.parametrize("content", ["", "{", '{"format": 1}', '{"format": 1, "draft": {}}'])
def test_a_damaged_draft_is_an_error_and_can_be_discarded(folder: Path, content: str) -> None:
    catalog = catalog_in(folder)
    catalog.save_draft(draft())
    (folder / "drafts" / "spend.json").write_text(content)
    with pytest.raises(CorruptDraft) as refused:
        catalog.draft("spend")
    assert "run its %%feature cell again" in refused.value.fix
    catalog.save_draft(draft())
    assert catalog.draft("spend") == draft()


def test_a_draft_under_anothers_name_is_an_error(folder: Path) -> None:
    catalog = catalog_in(folder)
    catalog.save_draft(draft())
    (folder / "drafts" / "spend.json").rename(folder / "drafts" / "other.json")
    with pytest.raises(CorruptDraft, match="draft of 'spend'"):
        catalog.draft("other")


# --- where a catalog can lie


def test_a_path_is_a_folder_and_memory_is_memory(tmp_path: Path) -> None:
    assert isinstance(open_store(":memory:"), MemoryStore)
    plain, url = open_store(str(tmp_path / "a")), open_store(f"file://{tmp_path}/a")
    assert isinstance(plain, DirectoryStore)
    assert isinstance(url, DirectoryStore)
    assert plain.root == url.root
    assert not plain.root.exists()


@pytest.mark.parametrize(
    "url", ["sqlite:///a.db", "postgresql://me:secret@db.example.com/x", "s3://bucket"]
)
def test_other_stores_come_later_and_say_what_works_now(url: str) -> None:
    with pytest.raises(StoreComesLater) as refused:
        open_store(url)
    assert "--catalog ./catalog" in refused.value.fix
    assert "secret" not in str(refused.value)


def test_every_error_of_the_store_has_its_own_code() -> None:
    classes = CatalogError.__subclasses__()
    codes = [cls.code for cls in classes]
    assert len(set(codes)) == len(codes) > 20
    assert all(code.startswith("FK3") for code in codes)


def test_a_set_written_by_one_process_is_read_by_another(folder: Path) -> None:
    publish(folder).publish_set("churn", ["spend@1"], OWNER, AT)
    assert catalog_in(folder).resolve_set("churn").metadata == OWNER
