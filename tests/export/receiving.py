"""A receiving folder, and small packages that stand for rendered ones."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from featurekit.export.manifest import manifest_text

IDENTITY = {"user.name": "Ada", "user.email": "ada@example.com"}


def package(version: str = "1.0", meaning: str = "m1", **texts: str) -> dict[str, str]:
    """A package of the set ``churn``; ``texts`` replaces files of the version by their stem."""
    folder = "v" + version.replace(".", "_")
    facts = {
        "format": 1,
        "set": {"name": "churn", "version": version, "meaning": meaning},
        "files": {"views.py": "what the renderer says"},
    }
    views = {"views": f'"""Version {version}."""\n', "windows": "WINDOWS = 1\n"} | texts
    return {
        "churn_features/__init__.py": f'"""Newest: {version}."""\n',
        "churn_features/active.json": f'{{"active": "{version}"}}\n',
        f"churn_features/{folder}/manifest.json": manifest_text(facts),
        f"tests/churn_features/{folder}/test_parity.py": "def test_x() -> None: ...\n",
    } | {f"churn_features/{folder}/{stem}.py": text for stem, text in views.items()}


def tree(folder: Path) -> Mapping[str, bytes]:
    """Every file below ``folder`` but git's own, with its bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def repository(folder: Path, *, identity: bool = True) -> Path:
    """An engineering repository with one commit."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    for key, value in IDENTITY.items():
        git(folder, "config", key, value)
    (folder / "README.md").write_text("A service.\n")
    git(folder, "add", "README.md")
    git(folder, "commit", "--quiet", "-m", "Begin")
    if not identity:
        for key in IDENTITY:
            git(folder, "config", "--unset", key)
    return folder
