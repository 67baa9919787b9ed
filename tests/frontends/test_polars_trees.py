"""The trees that polars keeps of its expressions, pinned: a new polars that changes one is noticed.

``FEATUREKIT_UPDATE_GOLDEN=1`` writes what comes out; the difference is then read like code: each
changed node is a form of ``polars_*.py`` to look at again.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from test_from_polars import AGGREGATES, CELLS, VALUES

from featurekit.frontends import (
    polars_aggregates,
    polars_functions,
    polars_operators,
    polars_texts,
    polars_times,
    polars_windows,
)
from featurekit.frontends.polars_cell import read_cell
from featurekit.frontends.polars_literals import listed
from featurekit.frontends.polars_reader import named_function, opened
from featurekit.frontends.polars_trees import aggregates_out, changed, leniently, spelled_out

GOLDEN = Path(__file__).parents[1] / "golden" / "polars" / "trees.json"
MORE = (
    *('pl.arctan2("amount", "qty")', 'pl.col("amount").sin()', 'pl.col("a").cos()'),
    *('pl.col("amount").tan()', 'pl.col("amount").sign()', 'pl.col("amount").ceil()'),
    *('pl.col("amount").is_not_nan()', 'pl.col("amount").is_infinite()', 'pl.col("a").first()'),
    *('pl.col("amount").is_not_null()', 'pl.any_horizontal("a", "b")', 'pl.col("a").drop_nans()'),
    *('pl.all_horizontal("a", "b")', 'pl.col("channel").str.ends_with("b")', 'pl.col("a") <= 1'),
    *('pl.col("c").str.strip_chars_start(" ")', 'pl.col("c").str.strip_chars_end(" ")'),
    *('pl.col("c").str.pad_end(5, "0")', 'pl.col("c").str.replace_all("[0-9]", "#")'),
    *(f'pl.col("t").dt.{part}()' for part in ("year", "quarter", "month", "iso_year", "day")),
    *(f'pl.col("t").dt.{part}()' for part in ("ordinal_day", "hour", "minute", "second", "date")),
    *(f'(pl.col("t") - pl.col("u")).dt.total_{unit}()' for unit in ("hours", "minutes")),
    *(f'(pl.col("t") - pl.col("u")).dt.total_{unit}()' for unit in ("seconds", "microseconds")),
    *('pl.col("t").dt.timestamp("us")', 'pl.col("a").ne_missing(1)', 'pl.col("a") != 1'),
    *('pl.col("a").last(ignore_nulls=True)', 'pl.col("a").last()'),
    *('pl.col("a").eq(1) | pl.col("b").ge(1)', "pl.lit(1.5) * 2"),
    *('pl.col("t").dt.convert_time_zone("UTC")', 'pl.col("c").str.to_uppercase()'),
    *('pl.col("c").str.to_lowercase()', 'pl.col("c").str.reverse()', 'pl.datetime(2024, "a", 1)'),
    'pl.col("c").str.to_integer()',
)


def trees() -> dict[str, Any]:
    """Return the tree of every expression that the tests read, by its text."""
    expressions = [*(text for text, _ in AGGREGATES), *(text for text, _ in VALUES), *MORE]
    cells = [f"x = {text}" for text in expressions] + [text for text, _ in CELLS]
    found: dict[str, Any] = {}
    for text in cells:
        cell = read_cell(text)
        found[text] = {name: readable(tree) for name, tree in cell.features.items()}
        found[text] |= {"filter": [readable(tree) for tree in cell.filters]} if cell.filters else {}
    return found


def readable(tree: Any) -> Any:
    """Return ``tree`` with lists of constants as values; polars keeps them as bytes of Arrow."""
    values = listed(tree)
    return {"list": values} if values is not None else changed(tree, readable)


def test_the_trees_of_polars_are_those_that_the_forms_read() -> None:
    made = json.dumps(trees(), indent=1, sort_keys=True, default=str) + "\n"
    if os.environ.get("FEATUREKIT_UPDATE_GOLDEN"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(made, encoding="utf-8")
    assert made == GOLDEN.read_text(encoding="utf-8")


def seen(tree: Any) -> set[str]:
    """Return the names of the functions and kinds of nodes in ``tree``."""
    kind, body = opened(tree)
    found = {kind}
    if kind == "Function":
        name = named_function(body["function"])[0]
        found = {name, name.rpartition(".")[2]}
    if kind == "Agg":
        found.add(opened(body)[0])

    def inner(part: Any) -> Any:
        found.update(seen(part))
        return part

    changed(tree, inner)
    return found


def test_every_form_has_a_tree_that_is_pinned() -> None:
    pinned: set[str] = set()
    for cell in [read_cell(text) for text in trees()]:
        for tree in (*cell.features.values(), *cell.filters):
            pinned |= seen(tree)
    modules = (polars_aggregates, polars_functions, polars_operators, polars_texts, polars_times)
    functions = {name for module in modules for name in module.FUNCTIONS}
    forms = {*polars_aggregates.FORMS, *polars_operators.FORMS, *polars_windows.FORMS}
    assert (functions | forms | set(polars_aggregates.MEANINGS)) - pinned == set()


@pytest.mark.parametrize(("text", "_"), VALUES, ids=lambda text: text[:60])
def test_taking_a_tree_apart_leaves_what_is_not_changed(text: str, _: str) -> None:
    tree = read_cell(f"x = {text}").features["x"]
    assert changed(tree, lambda part: part) == tree
    assert aggregates_out(tree, {}) == tree
    assert spelled_out(tree, {}, "x") == tree
    assert leniently(leniently(tree)) == leniently(tree)


def test_aggregates_are_taken_out_without_their_windows() -> None:
    cell = read_cell('x = (pl.col("amount").sum() / pl.len()).over("today") + pl.col("Len")')
    found: dict[str, Any] = {}
    outer = aggregates_out(cell.features["x"], found)
    assert list(found.values()) == [{"Agg": {"Sum": {"Column": "amount"}}}, "Len"]
    assert seen(outer) == {"BinaryExpr", "Column"}
