"""Views as Python: readable lines, nulls tested once, the body's meaning and nothing else."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from featurekit.backends.python_layout import WIDTH
from featurekit.backends.python_module import Module
from featurekit.backends.python_operators import copied, import_lines
from featurekit.backends.python_view import Asked
from featurekit.backends.to_python import view_code
from featurekit.datatypes import BIGINT, BOOLEAN, DOUBLE, VARCHAR, DataType
from featurekit.frontends.from_sql import read_view
from featurekit.frontends.scope import Header, Scope
from featurekit.ir.definitions import Field, Source, SourceKind, Unknown, Vocabulary
from featurekit.ir.nodes import Call, Case, Column, Expression, InVocabulary, Literal
from featurekit.ir.view import Feature, Grain, View
from featurekit.ops import OPERATORS, Nulls

NOW = dt.datetime(2024, 6, 12, tzinfo=dt.UTC)
FIELDS = (
    Field("a", DOUBLE, required=True),
    Field("b", DOUBLE, required=True),
    Field("n", BIGINT, required=True),
    Field("x", DOUBLE),
    Field("y", DOUBLE),
    Field("p", BOOLEAN),
    Field("q", BOOLEAN),
    Field("word", VARCHAR),
    Field("sure", VARCHAR, required=True),
)
REQUEST = Source("asked", SourceKind.REQUEST, FIELDS)


def view(text: str, vocabularies: Mapping[str, Vocabulary] | None = None) -> View:
    scope = Scope({}, {"asked": REQUEST}, vocabularies or {}, {})
    header = Header(name="facts", owner="ann@example.com", source="asked")
    return read_view(header, f"SELECT {text} FROM asked", scope)  # noqa: S608  a cell of this test


def lines(made: View | str, texts: Mapping[str, str] | None = None) -> list[str]:
    """Return the statements of the view's function, without the last."""
    module = Module(["facts"])
    given = view(made) if isinstance(made, str) else made
    code = view_code(module, Asked(given, "facts", texts=texts or {}))
    body = code.text[code.text.index("def facts(") :].split("\n\n\n")[0].splitlines()
    last = next(n for n, line in enumerate(body) if line.startswith("    return {"))
    return [line.removeprefix("    ") for line in body[2:last]]


def served(made: View) -> Any:
    """Return the view's function, compiled beside its operators."""
    module = Module(["facts"])
    code = view_code(module, Asked(made, "facts"))
    head = "from __future__ import annotations\n"
    operators = ModuleType("operators")
    copies = copied(module.operators)
    exec(f"{head}{import_lines(copies.imports)}\n{copies.text}", vars(operators))  # noqa: S102  generated code is executed, not only compared
    namespace: dict[str, Any] = {"operators": operators}
    constants = "\n".join(module.constants.values())
    imports = import_lines(module.imports)
    exec(f"{head}{imports}\nfrom typing import TypedDict\n{constants}\n{code.text}", namespace)  # noqa: S102  generated code is executed, not only compared
    return namespace["facts"]


def meaning(node: Expression, row: Mapping[str, Any]) -> Any:
    """Return what ``node`` means: the operators' bodies, one after the other."""
    match node:
        case Literal(value):
            return value
        case Column(_, name):
            return row[name]
        case Call(operator, arguments):
            table = OPERATORS[operator]
            values = [meaning(argument, row) for argument in arguments]
            if table.nulls is Nulls.PROPAGATE and None in values:
                return None
            return table.body(*values)
        case Case(branches, default):
            for condition, answer in branches:
                if meaning(condition, row) is True:
                    return meaning(answer, row)
            return meaning(default, row)
        case _:
            raise TypeError(node)


def test_what_cannot_be_null_is_not_tested_for_null() -> None:
    assert lines("a + b AS total") == [
        'total = request["a"] + request["b"]',
    ]


def test_a_null_is_tested_once_before_what_needs_it() -> None:
    assert lines("x / y AS ratio") == [
        'x = request["x"]',
        'y = request["y"]',
        "ratio = None if x is None or y is None or y == 0.0 else x / y",
    ]


def test_comparisons_of_constants_are_gone() -> None:
    assert lines("a / 2 AS half") == ['half = request["a"] / 2.0']


def test_coalesce_with_a_constant_is_never_null_afterwards() -> None:
    assert lines("COALESCE(x, 0) AS known, known + a AS more") == [
        'x = request["x"]',
        "known = 0.0 if x is None else x",
        'more = known + request["a"]',
    ]


def test_what_is_used_twice_is_computed_once_in_either_order() -> None:
    made = lines("(a + b) * 2 AS twice, (b + a) * 3 AS thrice")
    assert sum("request" in line for line in made) == 1
    assert made[0] == 'a_add = request["a"] + request["b"]'


def test_a_feature_is_used_by_its_name_even_when_it_stands_below() -> None:
    assert lines("later + 1 AS early, a * b AS later") == [
        'later = request["a"] * request["b"]',
        "early = later + 1.0",
    ]


def test_the_text_of_a_feature_stands_above_its_line() -> None:
    assert lines("a + 1 AS more", {"more": "a + 1\nimport os"}) == [
        "# a + 1 import os",
        'more = request["a"] + 1.0',
    ]


def test_conditions_read_as_python_and_null_is_not_true() -> None:
    assert lines("IF(x > 1 AND NOT p, 1, 0) AS flag") == [
        'x = request["x"]',
        'flag = 1 if x is not None and (not x <= 1.0) and (request["p"] is False) else 0',
    ]


def test_what_a_condition_proves_is_not_tested_again() -> None:
    assert lines("CASE WHEN x IS NULL THEN -1 ELSE x + 1 END AS z")[-1] == (
        "z = -1.0 if x is None else x + 1.0"
    )


def test_many_comparisons_with_constants_become_one_look_up() -> None:
    text = (
        "CASE sure WHEN 'a' THEN 1 WHEN 'b' THEN 2 WHEN 'c' THEN 3 WHEN 'd' THEN 4 ELSE 0 END AS z"
    )
    assert lines(text) == ['sure = request["sure"]', "z = _LOOKUP.get(sure, 0)"]
    answer = served(view(text))
    row = dict.fromkeys((field.name for field in FIELDS), None)
    assert [answer(None, {**row, "sure": s}, NOW)["z"] for s in "abcde"] == [1, 2, 3, 4, 0]


def test_a_null_is_not_looked_up() -> None:
    text = "CASE word WHEN 'a' THEN 1 WHEN 'b' THEN 2 WHEN 'c' THEN 3 WHEN 'd' THEN 4 END AS z"
    answer = served(view(text))
    row = dict.fromkeys((field.name for field in FIELDS), None)
    assert [answer(None, {**row, "word": s}, NOW)["z"] for s in ("a", None, "e")] == [1, None, None]


def test_locals_never_hide_what_python_or_the_file_needs() -> None:
    made = lines("a AS request_, a + 1 AS float, a + 2 AS math, a + 3 AS operators, a + 4 AS row")
    assigned = [line.partition(" = ")[0] for line in made]
    assert not {"float", "math", "operators", "row", "request"} & set(assigned)


def test_a_long_line_is_broken_where_a_reader_would() -> None:
    text = (
        "CASE WHEN x > 1000 THEN 'more than a thousand' WHEN x > 100 THEN 'hundreds' "
        "ELSE sure END AS size_"
    )
    made = lines(text)
    assert max(map(len, made)) <= WIDTH
    assert [line.split()[0] for line in made[-5:-1]] == [
        "size",
        '"more',
        "else",
        "else",
    ]


@pytest.mark.parametrize("unknown", list(Unknown))
def test_a_vocabulary_is_one_look_up(unknown: Unknown) -> None:
    bucket = "other" if unknown is Unknown.BUCKET else None
    words = Vocabulary("land", (("GB", ("Great Britain", "Caf\u00e9")),), True, unknown, bucket)  # noqa: FBT003  ignore_case
    answer = (
        served(
            View(
                "facts",
                Grain.ROW,
                (Feature("land", InVocabulary(Column("asked", "word", VARCHAR), words)),),
                REQUEST,
                requests=(REQUEST,),
            )
        )
        if unknown is not Unknown.OUTSIDE
        else None
    )
    if answer is None:
        made = view("VOCAB(word, land) AS land", {"land": words})
        code = view_code(Module(["facts"]), Asked(made, "facts"))
        assert "Status.OUTSIDE_CONTRACT" in code.text
        return
    found = [answer(None, {"word": w}, NOW)["land"] for w in (" gb ", "CAFE\u0301", "x", None)]
    assert found == ["GB", "GB", bucket, None]


NUMBERS = st.one_of(
    st.none(),
    st.floats(),
    st.sampled_from([0.0, -0.0, 1.0, -1.0, math.inf, math.nan, 5e-324, 1e308]),
)
CONDITIONS = (
    "x > y",
    "x <= 1",
    "x >= y AND p",
    "NOT (x < 2 OR q)",
    "p AND NOT q",
    "p OR q",
    "x IS NULL OR y > x",
    "x BETWEEN 0 AND y",
    "x IN (0, 1, y)",
    "word IN ('a', 'b')",
    "x IS DISTINCT FROM y",
    "NOT (p AND x = 1)",
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    x=NUMBERS,
    y=NUMBERS,
    p=st.sampled_from([True, False, None]),
    q=st.sampled_from([True, False, None]),
    word=st.sampled_from(["a", "c", None]),
)
def test_generated_functions_mean_what_the_bodies_mean(
    *, x: float | None, y: float | None, p: bool | None, q: bool | None, word: str | None
) -> None:
    row = {"a": 1.5, "b": -2.0, "n": 3, "x": x, "y": y, "p": p, "q": q, "word": word, "sure": "s"}
    got = FUNCTION(None, row, NOW)
    for feature in VIEW.features:
        expected = meaning(feature.expression, row)
        answer = got[feature.name]
        assert type(answer) is type(expected), feature.name
        if isinstance(expected, float):
            same = expected == answer or (math.isnan(expected) and math.isnan(answer))
            assert same, feature.name
            assert math.copysign(1, expected) == math.copysign(1, answer) or math.isnan(expected)
        else:
            assert answer == expected, feature.name


VIEW = view(
    ", ".join(
        part
        for number, condition in enumerate(CONDITIONS)
        for part in (
            f"{condition} AS value_{number}",
            f"CASE WHEN {condition} THEN x * 2 ELSE COALESCE(y, a) END AS case_{number}",
        )
    )
)
FUNCTION = served(VIEW)


def test_a_type_of_the_language_has_an_annotation() -> None:
    kinds: list[DataType] = [field.type for field in FIELDS]
    made = View(
        "facts",
        Grain.ROW,
        tuple(
            Feature(f"f{n}", Column("asked", f.name, k, f.required))
            for n, (f, k) in enumerate(zip(FIELDS, kinds, strict=True))
        ),
        REQUEST,
        requests=(REQUEST,),
    )
    code = view_code(Module(["facts"]), Asked(made, "facts"))
    assert dict(code.fields)["f0"] == "float"
    assert dict(code.fields)["f7"] == "str | None"
