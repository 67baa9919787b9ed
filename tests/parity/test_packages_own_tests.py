"""A package of trends, lists and orders is typed, and passes the tests that come with it."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from shop_cells import CELLS
from shop_packages import package_of, shape_of, specification, trainer
from team_checks import mypy_says, ran

from featurekit.export.render import render
from featurekit.parity.edges import derived_cases
from featurekit.parity.prove import statuses
from featurekit.parity.vectors import expected, vector_lines


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    (case,) = [one for one in CELLS if one.name == "trends_lists_and_orders"]
    made = shape_of(case)
    cases = derived_cases(made)
    said = statuses(made, package_of(made), cases)
    lines = vector_lines(cases, expected(cases, made, trainer(made)), made, said)
    files = render(replace(specification(made), vectors="\n".join(lines) + "\n"))
    place = tmp_path_factory.mktemp("habits")
    for path, text in files.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text, encoding="utf-8")
    return place


def test_it_passes_its_own_tests(folder: Path) -> None:
    command = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")
    done = ran(sys.executable, "-B", *command, folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_is_typed(folder: Path) -> None:
    assert mypy_says(folder, "shop_features") == ""
