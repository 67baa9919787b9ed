"""An export writes its own files, all or none, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from receiving import package, tree

from featurekit.errors.export import (
    DamagedManifest,
    ForeignFiles,
    HandEdited,
    MissingTarget,
    TargetNotAFolder,
    UnsafePath,
)
from featurekit.export.journal import FOLDER
from featurekit.export.repository import plan, write

HERE = Path(__file__).parent
MANIFEST = "churn_features/v1_0/manifest.json"
VIEWS = "churn_features/v1_0/views.py"
OUTSIDE = (
    *("../x.py", "/etc/x", "a/../../x", "a//b", "", ".", "a/.", ".git/hooks/x", "A/.GIT/x", "a."),
    *("a\\b", "c:x", "a b", "a\n", "é", "a/-x", f"{FOLDER}/0", 'a"b', "$(id)", "a/" + 200 * "b"),
)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "service"


def export(target: Path, files: dict[str, str] | None = None) -> dict[str, str]:
    done = write(plan(target, files or package()))
    return {change.path: change.mark for change in done.changes}


# --- what is written


def test_a_first_export_makes_the_folder_and_every_file(target: Path) -> None:
    marks = export(target)
    assert set(marks.values()) == {"+"}
    assert set(tree(target)) == set(package())
    assert tree(target)[VIEWS] == package()[VIEWS].encode()


def test_planning_writes_nothing(target: Path) -> None:
    changes = plan(target, package()).changes
    assert [change.mark for change in changes] == ["+"] * len(package())
    assert [change.path for change in changes] == sorted(package())
    assert not target.exists()


def test_the_same_export_again_changes_no_byte(target: Path) -> None:
    export(target)
    before, times = tree(target), {p: p.stat().st_mtime_ns for p in target.rglob("*")}
    again = plan(target, package())
    assert again.unchanged
    assert set(export(target).values()) == {"="}
    assert tree(target) == before
    assert {p: p.stat().st_mtime_ns for p in target.rglob("*")} == times


def test_a_changed_file_is_replaced_and_the_rest_kept(target: Path) -> None:
    export(target)
    marks = export(target, package(views="NEW = 1\n"))
    assert {path for path, mark in marks.items() if mark == "~"} == {VIEWS, MANIFEST}
    assert tree(target)[VIEWS] == b"NEW = 1\n"


def test_another_version_lies_beside_the_first(target: Path) -> None:
    export(target)
    marks = export(target, package("1.1"))
    assert marks["churn_features/__init__.py"] == "~"
    assert marks["churn_features/v1_1/views.py"] == "+"
    assert VIEWS not in marks
    assert tree(target)[VIEWS] == package()[VIEWS].encode()
    assert plan(target, package("1.1")).unchanged


def test_which_version_is_active_is_the_receivers_decision(target: Path) -> None:
    export(target)
    active = target / "churn_features" / "active.json"
    active.write_text('{"active": "0.9"}')
    marks = export(target, package("1.1"))
    assert marks["churn_features/active.json"] == "="
    assert active.read_text() == '{"active": "0.9"}'


def test_a_file_that_a_version_has_no_more_is_removed(target: Path) -> None:
    export(target, package(extra="EXTRA = 1\n"))
    marks = export(target)
    assert marks["churn_features/v1_0/extra.py"] == "-"
    assert set(tree(target)) == set(package())


def test_an_edited_file_that_a_version_has_no_more_is_left_alone(target: Path) -> None:
    export(target, package(extra="EXTRA = 1\n"))
    extra = target / "churn_features" / "v1_0" / "extra.py"
    extra.write_text("MINE = 1\n")
    export(target)
    assert extra.read_text() == "MINE = 1\n"


def test_line_ends_that_git_changed_are_no_edit(target: Path) -> None:
    export(target)
    file = target / VIEWS
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert plan(target, package()).unchanged
    assert export(target, package(views="NEW = 1\n"))[VIEWS] == "~"


def test_a_package_whose_name_looks_like_a_versions_folder_is_no_version(target: Path) -> None:
    files = {path.replace("churn", "visits"): text for path, text in package().items()}
    files["visits_features/manifest.json"] = "{}\n"
    export(target, files)
    assert plan(target, files).unchanged
    assert export(target, files | {"visits_features/manifest.json": "[]\n"})


# --- what is refused


def test_a_file_edited_by_hand_is_never_overwritten(target: Path) -> None:
    export(target)
    (target / VIEWS).write_text("MINE = 1\n")
    before = tree(target)
    planned = plan(target, package(views="NEW = 1\n", windows="NEW = 2\n"))
    assert planned.edited == (VIEWS,)
    assert ("!", VIEWS) in [(change.mark, change.path) for change in planned.changes]
    with pytest.raises(HandEdited) as refused:
        write(planned)
    assert VIEWS in refused.value.problem
    assert f"git -C {target.absolute()} checkout -- {VIEWS}" in refused.value.fix
    assert tree(target) == before


def test_an_edit_is_refused_also_when_nothing_else_changed(target: Path) -> None:
    export(target)
    (target / VIEWS).write_text("MINE = 1\n")
    with pytest.raises(HandEdited):
        export(target)


def test_a_deleted_generated_file_is_written_again(target: Path) -> None:
    export(target)
    (target / VIEWS).unlink()
    assert export(target)[VIEWS] == "+"


def test_an_edited_manifest_is_noticed(target: Path) -> None:
    export(target)
    manifest = target / MANIFEST
    manifest.write_text(manifest.read_text().replace("churn", "other"))
    with pytest.raises(HandEdited) as refused:
        export(target)
    assert MANIFEST in refused.value.problem


def test_an_edit_made_between_plan_and_write_is_refused(target: Path) -> None:
    export(target)
    planned = plan(target, package(views="NEW = 1\n"))
    (target / VIEWS).write_text("MINE = 1\n")
    with pytest.raises(HandEdited):
        write(planned)
    assert (target / VIEWS).read_text() == "MINE = 1\n"
    assert not (target / FOLDER).exists()


def test_somebody_elses_file_in_the_way_is_refused(target: Path) -> None:
    (target / "churn_features").mkdir(parents=True)
    (target / "churn_features" / "__init__.py").write_text("# ours\n")
    before = tree(target)
    with pytest.raises(ForeignFiles) as refused:
        export(target)
    assert "churn_features/__init__.py" in refused.value.problem
    assert tree(target) == before


def test_the_same_bytes_that_lie_there_already_are_no_obstacle(target: Path) -> None:
    (target / "churn_features").mkdir(parents=True)
    text = package()["churn_features/__init__.py"]
    (target / "churn_features" / "__init__.py").write_text(text)
    assert export(target)["churn_features/__init__.py"] == "="


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"format": 1, "generated": []}'])
def test_a_damaged_manifest_stops_the_export(target: Path, content: str) -> None:
    export(target)
    (target / MANIFEST).write_text(content)
    before = tree(target)
    with pytest.raises(DamagedManifest):
        export(target)
    assert tree(target) == before


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_path_that_is_not_plainly_inside_is_refused(target: Path, path: str) -> None:
    with pytest.raises(UnsafePath):
        plan(target, {path: "x"})
    assert not target.exists()


def test_two_paths_that_are_one_where_case_does_not_count_are_refused(target: Path) -> None:
    with pytest.raises(UnsafePath):
        plan(target, {"a/B.py": "x", "A/b.py": "y"})


@pytest.mark.parametrize("place", ["churn_features", "churn_features/v1_0", VIEWS, "tests"])
def test_no_link_is_followed(target: Path, tmp_path: Path, place: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("theirs")
    link = target / place
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(outside / "file" if place == VIEWS else outside)
    with pytest.raises(UnsafePath, match="link"):
        export(target)
    assert tree(outside) == {"file": b"theirs"}


def test_a_file_where_a_folder_goes_and_a_folder_where_a_file_goes_are_refused(
    target: Path,
) -> None:
    target.mkdir()
    (target / "churn_features").write_text("a file")
    with pytest.raises(UnsafePath, match="not a folder"):
        export(target)
    (target / "churn_features").unlink()
    (target / VIEWS).mkdir(parents=True)
    with pytest.raises(UnsafePath, match="not a file"):
        export(target)


def test_a_target_whose_parent_is_missing_is_refused_with_the_command(tmp_path: Path) -> None:
    with pytest.raises(MissingTarget) as refused:
        plan(tmp_path / "no" / "such", package())
    assert "mkdir -p" in refused.value.fix
    assert not (tmp_path / "no").exists()


def test_a_target_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for target in (tmp_path / "file", tmp_path / "file" / "inner"):
        with pytest.raises(TargetNotAFolder):
            plan(target, package())
