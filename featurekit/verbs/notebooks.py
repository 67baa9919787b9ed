"""Checking notebooks without a kernel: do their cells still mean what the catalog holds?"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from featurekit.draft import read_cell
from featurekit.errors import FeatureError, UsageError
from featurekit.frontends.scope import Header
from featurekit.ir.canonical import meaning_hash
from featurekit.lazy import require
from featurekit.verbs.verb import split_line

if TYPE_CHECKING:
    from featurekit.workspace import Workspace

_MOST_OUTPUT = 100_000  # bytes a cell
_CELLS = ("%%feature ", "%%label ")


class NotANotebook(UsageError):
    """FK911: a file that is no notebook."""

    code = "FK911"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            "the file cannot be read as a notebook",
            where=path,
            why=" ".join(reason.split())[:200],
            fix="name an .ipynb file",
        )


def check_notebook(workspace: Workspace, path: Path) -> dict[str, Any]:
    """Return how many ``%%feature`` and ``%%label`` cells were checked, and one line a problem.

    A problem is a cell that is refused, that no published version equals, widget state that would
    be dead on reopening, or an output over 100 kB.
    """
    nbformat = require("nbformat", "to read a notebook")
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as refused:  # noqa: BLE001  nbformat raises whatever its parsers do
        raise NotANotebook(str(path), str(refused)) from None
    problems: list[str] = []
    checked = 0
    if "widgets" in notebook.metadata:
        problems.append(f"{path}: widget state is saved in the notebook; clear it before saving")
    last = {_view_name(cell): n for n, cell in enumerate(notebook.cells) if _view_name(cell)}
    for number, cell in enumerate(notebook.cells):
        if sum(len(str(output)) for output in cell.get("outputs", ())) > _MOST_OUTPUT:
            problems.append(f"{path}, cell {number + 1}: outputs of more than 100 kB")
        name = _view_name(cell)
        if name:
            checked += 1
            problem = _differs(workspace, cell.source, final=last[name] == number)
            if problem:
                problems.append(f"{path}, cell {number + 1}: {problem}")
    return {"cells": checked, "problems": problems}


def _view_name(cell: Any) -> str | None:
    if cell.cell_type != "code" or not cell.source.startswith(_CELLS):
        return None
    words = cell.source.split("\n", 1)[0].split()
    return words[1] if len(words) > 1 else None


def _differs(workspace: Workspace, source: str, *, final: bool) -> str | None:
    """Return why the cell is not what the catalog holds; a view's last cell must be current."""
    from featurekit.verbs import VERBS

    line, _, text = source.partition("\n")
    try:
        magic, *words = split_line(line)
        options = VERBS[magic.removeprefix("%%")].parser().parse_args(words)
        meaning = meaning_hash(read_cell(workspace.catalog, _header(options), text, "").view)
    except FeatureError as refused:
        return refused.headline
    versions = workspace.catalog.versions(options.name)
    published = [workspace.catalog.resolve(f"{options.name}@{v}") for v in versions]
    equal = [one for one in published if one.meaning == meaning]
    if not equal:
        return f"'{options.name}' differs from every published version"
    if final and not any(one.current for one in equal):
        return f"'{options.name}' equals version {equal[0].version}, which is not the current one"
    return None


def _header(options: argparse.Namespace) -> Header:
    given = vars(options)
    return Header(
        name=options.name,
        source=options.source,
        entity=options.entity,
        owner=options.owner,
        per="row" if given.get("per") == "row" else "entity",
        language="polars" if options.polars else "sql",
        zone=options.zone,
        max_age=options.max_age,
        fresh=given.get("fresh", "realtime"),
        delay=options.delay,
        strict=given.get("strict", False),
        description=options.description,
        tags=tuple(options.tag),
        label="ahead" in given,
        ahead=given.get("ahead"),
    )
