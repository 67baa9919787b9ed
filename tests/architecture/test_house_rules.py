"""The rules that reviews would otherwise have to enforce."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "featurekit").rglob("*.py"))
ENGINES = ("polars", "duckdb", "sqlglot", "IPython", "ipywidgets", "jinja2", "nbformat", "numpy")
MOST_LINES = 350


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_file_that_takes_a_minute_to_scroll_is_two_files() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in MODULES
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }
    assert long == {}


def test_imports_point_down_and_the_core_imports_no_engine() -> None:
    lint = run(str(Path(sys.executable).parent / "lint-imports"), "--no-cache")
    assert lint.returncode == 0, lint.stdout


def test_every_rule_of_ruff_holds() -> None:
    lint = run(sys.executable, "-m", "ruff", "check", "--no-cache", "featurekit", "tests")
    assert lint.returncode == 0, lint.stdout


def test_the_code_is_formatted() -> None:
    check = run(
        sys.executable, "-m", "ruff", "format", "--no-cache", "--check", "featurekit", "tests"
    )
    assert check.returncode == 0, check.stdout


@pytest.mark.slow
def test_the_types_are_strict_and_hold() -> None:
    check = run(sys.executable, "-m", "mypy", "--no-incremental")
    assert check.returncode == 0, check.stdout


def test_importing_the_package_loads_no_engine() -> None:
    script = "import sys, json, featurekit; print(json.dumps(sorted(sys.modules)))"
    loaded = set(json.loads(run(sys.executable, "-c", script).stdout))
    assert loaded & set(ENGINES) == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_engines_are_imported_where_they_are_needed(path: Path) -> None:
    """At the top of a module an engine would be loaded by whoever imports the module's names."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [
        name.partition(".")[0]
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
        )
    ]
    allowed = {"IPython"} if "notebook" in path.parts else set()  # it only runs inside IPython
    assert set(found) & set(ENGINES) <= allowed


def test_nothing_is_pickled_and_no_stored_text_is_executed() -> None:
    suspects = {"eval", "exec", "compile", "__import__"}
    found: dict[str, set[str]] = {}
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        called = {
            node.func.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        imported = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        if bad := (called & suspects) | (imported & {"pickle", "cloudpickle", "marshal", "shelve"}):
            found[str(path.relative_to(ROOT))] = bad
    assert found == {}


def test_the_readme_opens_with_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = text.split("```")[1].splitlines()[1:]
    assert len(block) == 2
    assert "featurekit demo" in block[0]
    assert "pytest" in block[1]
