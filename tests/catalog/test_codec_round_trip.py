"""Records are data: what is written reads back exactly, and nothing else is accepted."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import string
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shop_definitions import AT, CUSTOMER, ORDERS, OWNER, draft, total, view

from featurekit import datatypes as types
from featurekit.catalog.codec import DEFINITIONS, Malformed
from featurekit.catalog.log import Commit, encode_commit
from featurekit.catalog.records import (
    CODEC,
    Deprecated,
    Draft,
    EntityRegistered,
    Metadata,
    ViewPublished,
)
from featurekit.errors.catalog import NotStorable
from featurekit.ir.canonical import canonical, meaning_hash
from featurekit.ir.definitions import Entity, Field, Source, SourceKind, Unknown, Vocabulary
from featurekit.ir.nodes import (
    Aggregate,
    AsOf,
    Call,
    Case,
    Column,
    Expression,
    InVocabulary,
    Literal,
)
from featurekit.ir.view import Feature, Grain, View
from featurekit.ir.windows import AllTime, Calendar, CalendarUnit, LastRows, Rolling, ToDate

TEXTS = st.text(max_size=12)
NAMES = st.text(string.ascii_lowercase, min_size=1, max_size=6)
WHOLE = (types.BOOLEAN, types.BIGINT, types.DOUBLE, types.VARCHAR, types.DATE, types.TIMESTAMP)
TYPES = st.sampled_from(
    [
        *(*WHOLE, types.NULL, types.INTERVAL, types.decimal(38, 0), types.decimal(10, 2)),
        *(types.list_of(types.VARCHAR), types.list_of(types.decimal(10, 2))),
    ]
)
INSTANTS = st.datetimes(timezones=st.just(dt.UTC))
LITERALS = st.one_of(
    st.builds(Literal, st.none(), TYPES),
    st.builds(Literal, st.booleans(), st.just(types.BOOLEAN)),
    st.builds(Literal, st.integers(-(2**63), 2**63 - 1), st.just(types.BIGINT)),
    st.builds(Literal, st.floats(allow_nan=False), st.just(types.DOUBLE)),
    st.builds(Literal, st.decimals(allow_nan=False, places=2), st.just(types.decimal(38, 2))),
    st.builds(Literal, TEXTS, st.just(types.VARCHAR)),
    st.builds(Literal, st.dates(), st.just(types.DATE)),
    st.builds(Literal, INSTANTS, st.just(types.TIMESTAMP)),
    st.builds(Literal, st.timedeltas(), st.just(types.INTERVAL)),
)
WINDOWS = st.one_of(
    st.builds(Rolling, st.integers(1), st.integers(0)),
    st.builds(Calendar, st.integers(1, 9999), st.sampled_from(CalendarUnit)),
    st.builds(ToDate, st.sampled_from(CalendarUnit)),
    st.builds(LastRows, st.integers(1)),
    st.just(AllTime()),
)
VOCABULARIES = st.builds(
    Vocabulary,
    NAMES,
    st.lists(st.tuples(TEXTS, st.lists(TEXTS, max_size=2).map(tuple)), max_size=3).map(tuple),
    st.booleans(),
    st.sampled_from(Unknown),
    st.none() | TEXTS,
)
LEAVES = LITERALS | st.builds(Column, NAMES, TEXTS, TYPES, st.booleans()) | st.just(AsOf())


def _grow(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(inner, min_size=1, max_size=3).map(tuple)
    branches = st.lists(st.tuples(inner, inner), min_size=1, max_size=2).map(tuple)
    return st.one_of(
        st.builds(Call, NAMES, several, TYPES),
        st.builds(Case, branches, inner, TYPES),
        st.builds(InVocabulary, inner, VOCABULARIES),
        st.builds(Aggregate, NAMES, several, WINDOWS, st.none() | inner, TYPES, st.booleans()),
    )


EXPRESSIONS = st.recursive(LEAVES, _grow, max_leaves=8)
FIELDS = st.lists(st.builds(Field, TEXTS, TYPES, st.booleans()), max_size=3).map(tuple)
ENTITIES = st.builds(Entity, NAMES, FIELDS)
MAYBE = st.none() | TEXTS
SOURCES = st.builds(
    Source,
    NAMES,
    st.sampled_from(SourceKind),
    FIELDS,
    st.lists(NAMES, max_size=2).map(tuple),
    MAYBE,
    MAYBE,
    MAYBE,
    MAYBE,
    MAYBE,
)
VIEWS = st.builds(
    View,
    NAMES,
    st.sampled_from(Grain),
    st.lists(st.builds(Feature, NAMES, EXPRESSIONS), min_size=1, max_size=3).map(tuple),
    st.none() | SOURCES,
    st.lists(ENTITIES, max_size=2).map(tuple),
    st.lists(SOURCES, max_size=1).map(tuple),
    st.lists(NAMES, max_size=2).map(tuple),
    st.none() | EXPRESSIONS,
    NAMES,
    st.none() | st.integers(0),
    st.integers(0),
)


def _through_json(value: Any, kind: Any) -> Any:
    return CODEC.decode(json.loads(json.dumps(CODEC.encode(value))), kind)


@given(VIEWS)
@settings(max_examples=120, deadline=None)
def test_a_view_reads_back_as_it_was_written(made: View) -> None:
    assert _through_json(made, View) == made


@given(VOCABULARIES, ENTITIES, SOURCES)
@settings(max_examples=60, deadline=None)
def test_definitions_read_back_as_they_were_written(
    vocabulary: Vocabulary, entity: Entity, source: Source
) -> None:
    assert _through_json(vocabulary, Vocabulary) == vocabulary
    assert _through_json(entity, Entity) == entity
    assert _through_json(source, Source) == source


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "-0.0", "5e-324", "1e308", "0.1"])
def test_a_float_keeps_every_bit(number: str) -> None:
    made = _through_json(Literal(float(number), types.DOUBLE), Literal)
    assert made.value.hex() == float(number).hex()


def test_a_record_with_all_its_parts_reads_back_and_keeps_its_meaning() -> None:
    record = ViewPublished(
        "spend", "1.0", "new", draft().header, "SELECT 'ß'", view(), "0", OWNER, OWNER.hash
    )
    again = _through_json(record, ViewPublished)
    assert again == record
    assert meaning_hash(again.view) == meaning_hash(record.view)


def test_a_draft_reads_back_with_its_header() -> None:
    assert _through_json(draft(), Draft) == draft()


def test_a_decimal_keeps_its_scale() -> None:
    made = _through_json(Literal(Decimal("1.50"), types.decimal(3, 2)), Literal)
    assert str(made.value) == "1.50"


def test_a_field_that_an_older_record_lacks_takes_its_default() -> None:
    encoded = CODEC.encode(ORDERS)
    del encoded["tie"]
    assert CODEC.decode(encoded, Source) == ORDERS


def test_a_view_that_is_not_strict_is_written_as_before_there_were_strict_ones() -> None:
    plain = view()
    encoded = CODEC.encode(plain)
    assert "strict" not in encoded
    assert CODEC.decode(encoded, View) == plain
    assert "strict" not in canonical(plain)
    strict = dataclasses.replace(plain, strict=True)
    assert CODEC.decode(CODEC.encode(strict), View) == strict
    assert CODEC.encode(strict) == {**encoded, "strict": True}
    assert canonical(strict) == {**canonical(plain), "strict": True}


def test_what_an_older_record_says_in_words_that_are_retired_is_passed_over() -> None:
    count = Aggregate("count_rows", (), AllTime())
    view = View("v", Grain.ENTITY, (Feature("n", count),))
    encoded = CODEC.encode(view)
    encoded["fresh"] = "realtime"
    encoded["features"][0]["expression"]["distinct"] = False
    assert CODEC.decode(encoded, View) == view
    encoded["features"][0]["expression"]["distinct"] = True
    with pytest.raises(Malformed, match="no field 'distinct'"):
        CODEC.decode(encoded, View)


def test_every_definition_class_can_be_written() -> None:
    known = {cls.__name__ for cls in DEFINITIONS}
    union = {cls.__name__ for cls in Expression.__args__}
    assert union <= known
    assert {Field.__name__, Vocabulary.__name__, View.__name__} <= known


@pytest.mark.parametrize(
    ("encoded", "reason"),
    [
        ({"is": "Popen", "args": "id"}, "Popen"),
        ({"is": "Call", "operator": 1, "arguments": [], "type": "DOUBLE"}, "Call.operator"),
        ({"is": "Call", "operator": "not", "arguments": {}, "type": "DOUBLE"}, "list"),
        ({"is": "Call", "operator": "not", "arguments": []}, "lacks its type"),
        ({"is": "AsOf", "extra": 1}, "no field 'extra'"),
        ({"is": "Literal", "value": "1", "type": "BIGINT"}, "not a BIGINT"),
        ({"is": "Literal", "value": True, "type": "BIGINT"}, "not a BIGINT"),
        ({"is": "Literal", "value": {"float": "x"}, "type": "DOUBLE"}, "not a float"),
        ({"is": "Literal", "value": {"decimal": "x"}, "type": "DOUBLE"}, "not a decimal"),
        ({"is": "Literal", "value": {"code": "1"}, "type": "DOUBLE"}, "'code'"),
        ({"is": "Literal", "value": {"a": 1, "b": 2}, "type": "DOUBLE"}, "plain value"),
        ({"is": "Literal", "value": 1.5, "type": "DOUBLE"}, "float"),
        ({"is": "Literal", "value": None, "type": "DOUBEL"}, "not a type"),
        (
            {"is": "Literal", "value": {"datetime": "2026-01-01T00:00:00"}, "type": "TIMESTAMP"},
            "not",
        ),
        ([], "list"),
        (None, "NoneType"),
    ],
)
def test_what_is_not_an_expression_is_refused_with_the_part(encoded: Any, reason: str) -> None:
    with pytest.raises(Malformed) as refused:
        CODEC.decode(encoded, Expression)
    assert reason in str(refused.value)


def test_an_unknown_enumeration_value_is_refused() -> None:
    encoded = CODEC.encode(ORDERS) | {"kind": "stream"}
    with pytest.raises(Malformed, match=r"Source\.kind: 'stream' is not a SourceKind"):
        CODEC.decode(encoded, Source)


def test_a_nesting_without_end_is_refused() -> None:
    encoded: Any = CODEC.encode(AsOf())
    for _ in range(3000):
        encoded = {"is": "InVocabulary", "argument": encoded, "vocabulary": None}
    with pytest.raises(Malformed, match="nested too deeply"):
        CODEC.decode(encoded, Expression)


def test_a_value_that_is_no_definition_cannot_be_written() -> None:
    with pytest.raises(NotStorable) as refused:
        CODEC.encode(Literal(object()))
    assert refused.value.code == "FK312"


def test_a_definition_that_would_read_back_differently_cannot_be_written() -> None:
    wrong = Literal(1, types.DOUBLE)
    commit = Commit(1, AT, (EntityRegistered(1, Entity("e", (Field("k", types.NULL),))),))
    assert encode_commit(commit, "")
    made = dataclasses.replace(view(), features=(Feature("f", wrong),))
    record = ViewPublished("spend", "1.0", "new", {}, "", made, "", OWNER, "")
    with pytest.raises(NotStorable, match="not a DOUBLE"):
        encode_commit(Commit(1, AT, (record,)), "")


def test_metadata_hashes_ignore_the_order_of_tags() -> None:
    assert Metadata("a", "b", ("x", "y")).hash == Metadata("a", "b", ("y", "x")).hash
    assert Metadata("a", "b", ("x",)).hash != Metadata("a", "b").hash


def test_the_same_commit_is_the_same_bytes() -> None:
    commit = Commit(1, AT, (Deprecated("a", "1.0", "ß"), EntityRegistered(1, CUSTOMER)))
    assert encode_commit(commit, "x") == encode_commit(commit, "x")
    assert encode_commit(commit, "x").isascii()
    assert total(1) == total(1)
