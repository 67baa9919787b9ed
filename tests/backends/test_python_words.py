"""The words of generated Python: copied bodies, literals, folding, layout."""

from __future__ import annotations

import ast
import math
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from featurekit.backends.python_fold import folded, may_be_none, negated, proved, truth
from featurekit.backends.python_layout import WIDTH, laid_out
from featurekit.backends.python_operators import copied, import_lines
from featurekit.backends.python_sources import definition_of, package_name, reachable
from featurekit.backends.python_syntax import literal, quoted, spelled, typed_dict
from featurekit.ops import AGGREGATES, OPERATORS


def test_the_whole_table_is_one_module_without_clashing_names() -> None:
    roots = [definition_of(row.body) for row in OPERATORS.values()]
    roots += [definition_of(row.algebra) for row in AGGREGATES.values()]
    text = copied(roots).text
    tree = ast.parse(text, feature_version=(3, 10))
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert len(names) == len(set(names))
    assert {package_name(root) for root in roots} <= set(names)
    assert "featurekit" not in text
    assert "Cases:" not in text
    assert {
        s.module.partition(".")[0] for s in reachable() if not s.module.startswith("featurekit")
    } <= (sys.stdlib_module_names)


@pytest.mark.parametrize("name", sorted(AGGREGATES))
def test_folding_a_window_is_the_algebra(name: str) -> None:
    row = AGGREGATES[name]
    copies = copied([definition_of(row.algebra)])
    namespace: dict[str, Any] = {}
    text = f"from __future__ import annotations\n{import_lines(copies.imports)}\n{copies.text}"
    exec(text, namespace)  # noqa: S102  generated code is executed, not only compared
    over = namespace[row.algebra.__name__].over
    for case in row.cases:
        if not case.arguments:
            assert over([]) == case.expected
            continue
        rows = row.rows(case)
        got = over([values[0] for values in rows] if len(case.arguments) == 1 else rows)
        expected = row.fold(rows)
        assert got == expected or (got != got and expected != expected)  # noqa: PLR0124  NaN


@given(st.text())
def test_any_text_is_one_literal(text: str) -> None:
    assert ast.literal_eval(quoted(text)) == text
    assert quoted(text).isascii()
    assert "\n" not in quoted(text)


@given(st.one_of(st.floats(), st.integers(-(2**63), 2**63 - 1), st.booleans(), st.none()))
def test_any_value_is_spelled_exactly(value: Any) -> None:
    got = eval(spelled(literal(value)), {"math": math})  # noqa: S307  our own literal
    assert type(got) is type(value)
    assert repr(got) == repr(value)


def test_keys_that_are_no_names_still_make_a_typed_dict() -> None:
    text = typed_dict("Odd", [("class", "int"), ("a b", "str | None")], "Odd.")
    namespace: dict[str, Any] = {}
    exec(f"from typing import TypedDict\n{text}", namespace)  # noqa: S102  generated code is executed, not only compared
    assert list(namespace["Odd"].__annotations__) == ["class", "a b"]


def parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("1 if 2 == 2 else x", "1"),
        ("x if 'a' in ('b', 'c') else y", "y"),
        ("True and x and False", "False"),
        ("x or False", "x"),
        ("x in ('a', 'b')", 'x in {"a", "b"}'),
        ("x in ('a', 1)", 'x in ("a", 1)'),
        ("not x is None", "x is not None"),
        ("x >= 1.0 or x != x", "not x < 1.0"),
        ("x > 1.0 or x != x", "not x <= 1.0"),
        ("x >= y or x != x", "x >= y or x != x"),
        ("x >= 1 or x != x", "x >= 1 or x != x"),
    ],
)
def test_folding_keeps_the_meaning(before: str, after: str) -> None:
    made = folded(parsed(before), lambda _: None)
    assert spelled(made) == after
    for x in (0.5, 1.0, 2.0, math.nan, math.inf):
        for y in (1.0, math.nan):
            names = {"x": x, "y": y}
            assert bool(eval(before, {}, names)) == bool(eval(after, {}, names))  # noqa: S307  texts of this test


def test_truth_negation_and_proof() -> None:
    assert spelled(truth(parsed("None if x is None else x > 1"))) == "x is not None and x > 1"
    assert spelled(negated(parsed("x < 1"))) == "not x < 1"
    assert proved(parsed("x is not None and y is not None"), holds=True) == {"x", "y"}
    assert proved(parsed("x is None or y is None"), holds=False) == {"x", "y"}
    assert proved(parsed("x is None or y is None"), holds=True) == frozenset()
    assert may_be_none(parsed("x if x is not None else y"), frozenset({"x", "y"}))
    assert not may_be_none(parsed("x if x is not None else y"), frozenset({"x"}))


@given(st.lists(st.sampled_from(["a", "bb", "(", ")", ", ", " or ", " else ", '"x, y"', " = "])))
def test_layout_changes_no_short_line(words: list[str]) -> None:
    text = "".join(words)[:WIDTH]
    assert laid_out(text) == text


def test_layout_keeps_the_syntax() -> None:
    for width in range(1, 12):
        names = ", ".join(f"name_{n}" for n in range(width))
        for text in (
            f"value = check(({names.replace(', ', '_')},))",
            f"value = call_of_something(first({names}), second=[{names}])",
            f"value = ordered({names}, [row[name] for row in {names.replace(', ', '_')}], b=True)",
            f"value = a if {names.replace(', ', ' or ')} else b if c else d",
            f"return {{{names.replace(', ', ': 1, ')}: 2}}",
            f"def function({names}) -> dict[str, int]: pass",
        ):
            assert ast.dump(ast.parse(laid_out(text).replace("return", "x ="))) == ast.dump(
                ast.parse(text.replace("return", "x ="))
            )
