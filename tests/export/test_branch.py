"""An export on a branch: one commit in the receiving repository, or nothing touched."""

from __future__ import annotations

from pathlib import Path

import pytest
from receiving import git, package, repository, tree

from featurekit.errors.export import (
    BranchExists,
    DirtyTree,
    ExportError,
    GitMissing,
    GitRefused,
    HandEdited,
    InvalidBranch,
    MissingTarget,
    NoIdentity,
    NotARepository,
)
from featurekit.export.branch import commit
from featurekit.export.repository import plan, write

MESSAGE = "Take in churn 1.0\n\nFor the churn model.\n"


@pytest.fixture(autouse=True)
def _no_identity_but_the_repositorys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{who}_NAME", raising=False)
        monkeypatch.delenv(f"GIT_{who}_EMAIL", raising=False)


@pytest.fixture
def service(tmp_path: Path) -> Path:
    return repository(tmp_path / "service")


def refused(service: Path, branch: str = "features/churn") -> ExportError:
    """The error of an export that must not touch anything."""
    before, references = tree(service), git(service, "for-each-ref")
    status = git(service, "status", "--porcelain")
    with pytest.raises(ExportError) as caught:
        commit(plan(service, package()), branch, MESSAGE)
    assert tree(service) == before
    assert git(service, "for-each-ref") == references
    assert git(service, "status", "--porcelain") == status
    return caught.value


def test_a_branch_holds_one_commit_with_the_package_and_its_message(service: Path) -> None:
    made = commit(plan(service, package()), "features/churn", MESSAGE)
    assert git(service, "rev-parse", "features/churn") == made
    assert git(service, "log", "--format=%s|%an", "main..features/churn") == (
        "Take in churn 1.0|Ada"
    )
    named = git(service, "show", "--name-only", "--format=", "features/churn").splitlines()
    assert sorted(named) == sorted(package())
    assert git(service, "rev-parse", "--abbrev-ref", "HEAD") == "features/churn"
    assert git(service, "status", "--porcelain") == ""
    assert plan(service, package()).unchanged


def test_the_branch_it_started_from_stays_as_it_was(service: Path) -> None:
    before = git(service, "rev-parse", "main")
    commit(plan(service, package()), "features/churn", MESSAGE)
    assert git(service, "rev-parse", "main") == before
    git(service, "switch", "--quiet", "main")
    assert set(tree(service)) == {"README.md"}


def test_a_part_of_a_larger_repository_can_receive(service: Path) -> None:
    part = service / "services" / "scoring"
    part.mkdir(parents=True)
    commit(plan(part, package()), "features/churn", MESSAGE)
    assert set(tree(part)) == set(package())
    assert git(service, "status", "--porcelain") == ""


def test_a_repository_without_commits_can_receive(tmp_path: Path) -> None:
    service = tmp_path / "fresh"
    service.mkdir()
    git(service, "init", "--quiet")
    git(service, "config", "user.name", "Ada")
    git(service, "config", "user.email", "ada@example.com")
    commit(plan(service, package()), "first", MESSAGE)
    assert set(tree(service)) == set(package())
    assert git(service, "rev-list", "--count", "HEAD") == "1"


def test_files_that_a_version_has_no_more_leave_the_branch(service: Path) -> None:
    commit(plan(service, package(extra="EXTRA = 1\n")), "one", MESSAGE)
    commit(plan(service, package()), "two", MESSAGE)
    assert set(tree(service)) == {"README.md", *package()}


def test_files_that_the_repository_ignores_are_in_the_commit(service: Path) -> None:
    (service / ".gitignore").write_text("*.json\n")
    git(service, "add", ".gitignore")
    git(service, "commit", "--quiet", "-m", "Ignore")
    write(plan(service, {"churn_features/settings.json": "{}"}))
    files = {"churn_features/settings.json": "{}", "churn_features/a.py": "A = 1\n"}
    commit(plan(service, files), "features/churn", MESSAGE)
    assert set(git(service, "ls-tree", "-r", "--name-only", "HEAD").splitlines()) >= set(files)


def test_an_unchanged_package_makes_no_branch(service: Path) -> None:
    commit(plan(service, package()), "one", MESSAGE)
    assert commit(plan(service, package()), "two", MESSAGE) is None
    assert "two" not in git(service, "branch", "--list")


def test_a_dirty_tree_is_refused(service: Path) -> None:
    (service / "README.md").write_text("Changed.\n")
    (service / "new.txt").write_text("")
    error = refused(service)
    assert isinstance(error, DirtyTree)
    assert "README.md, new.txt" in error.problem


def test_a_hand_edited_file_is_refused_before_git_is_asked(service: Path) -> None:
    commit(plan(service, package()), "one", MESSAGE)
    (service / "churn_features" / "v1_0" / "views.py").write_text("MINE = 1\n")
    assert isinstance(refused(service), HandEdited)


def test_a_folder_outside_a_repository_is_refused(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    with pytest.raises(NotARepository):
        commit(plan(plain, package()), "x", MESSAGE)
    assert tree(plain) == {}
    with pytest.raises(MissingTarget):
        commit(plan(tmp_path / "new", package()), "x", MESSAGE)
    assert not (tmp_path / "new").exists()


def test_an_existing_branch_is_refused(service: Path) -> None:
    git(service, "branch", "features/churn")
    error = refused(service)
    assert isinstance(error, BranchExists)
    assert "features/churn-2" in error.fix


def test_a_branch_below_another_branchs_name_is_refused_by_git(service: Path) -> None:
    git(service, "branch", "features")
    assert isinstance(refused(service, "features/churn"), GitRefused)


@pytest.mark.parametrize(
    "branch", ["", "-x", "--force", "a..b", "a b", "a~1", "@", "HEAD", "a.lock", "x\0y", "$(id)^"]
)
def test_a_name_that_is_no_branch_is_refused(service: Path, branch: str) -> None:
    assert isinstance(refused(service, branch), InvalidBranch)


def test_a_missing_identity_is_refused_with_the_commands(tmp_path: Path) -> None:
    service = repository(tmp_path / "anonymous", identity=False)
    error = refused(service)
    assert isinstance(error, NoIdentity)
    assert "config user.email you@example.com" in error.fix


def test_a_missing_git_is_an_error(service: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planned = plan(service, package())
    monkeypatch.setenv("PATH", str(service))
    with pytest.raises(GitMissing):
        commit(planned, "x", MESSAGE)


def test_hooks_of_the_receiving_repository_are_not_run(service: Path) -> None:
    hook = service / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntouch ran\n")
    hook.chmod(0o755)
    commit(plan(service, package()), "features/churn", MESSAGE)
    assert not (service / "ran").exists()


def test_a_hook_that_exports_is_not_led_to_its_own_repository(
    service: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    planned = plan(service, package())
    with monkeypatch.context() as patched:
        patched.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
        patched.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
        commit(planned, "features/churn", MESSAGE)
    assert set(tree(service)) == {"README.md", *package()}


def test_a_message_is_text_and_nothing_else(service: Path) -> None:
    message = "--amend $(touch ran) `touch ran`\n\n'; touch ran"
    commit(plan(service, package()), "features/churn", message)
    assert git(service, "log", "-1", "--format=%B") == message
    assert not list(service.rglob("ran"))
