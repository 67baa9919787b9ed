"""Each folder is one cell and what it becomes: a view's canonical form and text, or an error.

``FEATUREKIT_UPDATE_GOLDEN=1`` writes what comes out; the difference is then read like code.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from front_scope import OWNER, shop

from featurekit.errors import FeatureError, definition, labels, meaning, names
from featurekit.frontends.from_sql import read_view
from featurekit.frontends.scope import Header
from featurekit.frontends.to_text import view_text
from featurekit.ir.canonical import canonical, meaning_hash
from featurekit.ir.view import View

GOLDEN = Path(__file__).parents[1] / "golden"
VIEWS = sorted(path.parent for path in (GOLDEN / "views").glob("*/cell.sql"))
ERRORS = sorted(path.parent for path in (GOLDEN / "errors").glob("*/cell.sql"))


def header_of(case: Path) -> Header:
    """Return the case's header: ``header.json`` over one that owns and reads what FROM says."""
    told = case / "header.json"
    options = json.loads(told.read_text(encoding="utf-8")) if told.exists() else {}
    return Header(**{"name": case.name, "owner": OWNER, **options})


def read_case(case: Path) -> View:
    return read_view(header_of(case), (case / "cell.sql").read_text(encoding="utf-8"), shop())


def check(path: Path, text: str) -> None:
    """Compare ``text`` with the golden file, or write it when asked to."""
    if os.environ.get("FEATUREKIT_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", VIEWS, ids=lambda case: case.name)
def test_a_cell_becomes_its_canonical_form_and_text(case: Path) -> None:
    view = read_case(case)
    check(case / "canonical.json", json.dumps(canonical(view), indent=2, sort_keys=True) + "\n")
    check(case / "canonical.sql", view_text(view) + "\n")


@pytest.mark.parametrize("case", VIEWS, ids=lambda case: case.name)
def test_the_canonical_text_of_a_cell_means_the_same(case: Path) -> None:
    view = read_case(case)
    again = read_view(header_of(case), view_text(view), shop())
    assert meaning_hash(again) == meaning_hash(view)
    assert view_text(again) == view_text(view)


@pytest.mark.parametrize("case", ERRORS, ids=lambda case: case.name)
def test_a_cell_that_cannot_be_says_what_where_and_how_to_fix_it(case: Path) -> None:
    with pytest.raises(FeatureError) as raised:
        read_case(case)
    error = raised.value
    assert error.why
    assert error.fix
    check(case / "error.txt", f"{error}\n")


def test_every_code_of_a_definition_error_has_a_golden_text() -> None:
    texts = [(case / "error.txt").read_text(encoding="utf-8") for case in ERRORS]
    codes = {text.rsplit("[", 1)[1][:5] for text in texts}
    classes = [
        found
        for module in (definition, labels, meaning, names)
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, definition.DefinitionError)
    ]
    raised_here = {c.code for c in classes if c.__module__.startswith("featurekit.errors")}
    assert raised_here - codes - {"FK100"} <= RAISED_ELSEWHERE


RAISED_ELSEWHERE = {"FK190"}
"""Codes of definition errors that back ends raise, with tests of their own."""
