"""Rows as stores write them down: exact for every type, and read by later versions."""

from __future__ import annotations

import datetime as dt
import importlib
import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from package_runs import running
from sample_packages import thin_package

INSTANTS = st.datetimes(timezones=st.just(dt.UTC)).map(lambda at: at.replace(fold=0))
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.decimals(allow_nan=False, allow_infinity=False, places=9),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.dates(),
    INSTANTS,
)
FIRST = dt.datetime.min.replace(tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with running(thin_package(), tmp_path_factory.mktemp("thin")):
        yield importlib.import_module("thin_features.rows")


def sort_key(value: Any) -> tuple[Any, ...]:
    if value is None:
        return (0,)
    return (2,) if isinstance(value, float) and math.isnan(value) else (1, value)


def told_apart(value: Any) -> Any:
    """Return what is equal only for values of one type, one scale and one sign."""
    if isinstance(value, tuple):
        return tuple(told_apart(member) for member in value)
    return type(value).__name__, repr(value)


@settings(max_examples=60)
@given(row=st.dictionaries(st.text(), VALUES), times=st.tuples(INSTANTS, INSTANTS, st.booleans()))
def test_every_value_of_the_language_comes_back_exactly(
    rows: Any, row: dict[str, Any], times: tuple[dt.datetime, dt.datetime, bool]
) -> None:
    time, known, unique = times
    keys = tuple(sort_key(value) for value in row.values())
    entry = rows.Entry((time, *keys), unique, (known, *keys) if unique else (), known, row)
    line = rows.line_of(entry)
    assert line.isascii()
    assert "\n" not in line
    for read in (rows.entry_of(line), rows.entry_of(line.encode())):
        assert told_apart(read.order) == told_apart(entry.order)
        assert told_apart(read.rank) == told_apart(entry.rank)
        assert (read.unique, read.known) == (unique, known)
        assert list(read.row) == list(row)
        assert [told_apart(v) for v in read.row.values()] == [told_apart(v) for v in row.values()]


WRITTEN = {
    '[1,1718204645000001,[{"t":1718204645000000},0],[{"t":1718204645000001},0,[0],[2]],'
    '{"number":9223372036854775807,"price":{"n":"-1.50"},"due":{"d":"2024-06-30"},'
    '"at":{"t":-62135596800000000},"ratio":{"f":"nan"},"zero":-0.0,'
    '"city":"\\u00df","none":null}]': (
        (dt.datetime(2024, 6, 12, 15, 4, 5, tzinfo=dt.UTC), (1, 2**63 - 1)),
        {
            "number": 2**63 - 1,
            "price": Decimal("-1.50"),
            "due": dt.date(2024, 6, 30),
            "at": FIRST,
            "ratio": math.nan,
            "zero": -0.0,
            "city": "ß",
            "none": None,
        },
    ),
    '[1,0,[{"t":0},[1,"a"],{"i":7}],null,{"city":"b"},"said by a later package"]': (
        (dt.datetime(1970, 1, 1, tzinfo=dt.UTC), (1, "a"), 7),
        {"city": "b"},
    ),
}
"""Lines of the first version; they must be read for ever."""


@pytest.mark.parametrize("line", WRITTEN)
def test_what_was_once_written_is_read(rows: Any, line: str) -> None:
    order, row = WRITTEN[line]
    entry = rows.entry_of(line)
    assert (entry.order, repr(entry.row)) == (order, repr(row))
    assert entry.unique == ("null,{" not in line)


def test_the_first_version_is_written_as_ever(rows: Any) -> None:
    line = next(iter(WRITTEN))
    assert rows.line_of(rows.entry_of(line)) == line


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{}",
        "null",
        "[]",
        "[2,0,[],null,{}]",
        '["1",0,[],null,{}]',
        "[[],0,[],null,{}]",
        "[1]",
        "[1,0,[],null]",
        "[1,0,[],null,[]]",
        "[1,null,[],null,{}]",
        "[1,0,[3],null,{}]",
        '[1,0,[],null,{"a":{"x":1}}]',
        '[1,0,[],null,{"a":{}}]',
        '[1,0,[],null,{"a":{"t":1e999}}]',
        '[1,0,[],null,{"a":{"n":"one"}}]',
        f"[1,{10**30},[],null,{{}}]",
        "[" * 100_000,
    ],
)
def test_what_cannot_be_read_is_an_error_that_says_so(rows: Any, line: str) -> None:
    with pytest.raises(rows.StoreError) as caught:
        rows.entry_of(line)
    assert caught.value.code == "store_format"


def test_texts_of_keys_are_equal_where_keys_are(rows: Any) -> None:
    moment = dt.datetime(2024, 6, 12, tzinfo=dt.UTC)
    keys = [
        ("a", "b"),
        ('a","b',),
        ("1",),
        (1,),
        (True,),
        (0.0,),
        (moment,),
        (moment.date(),),
        (Decimal("1.50"),),
        ("{}",),
        ("",),
        (),
    ]
    assert len({rows.key_text(key) for key in keys}) == len(keys)
    assert rows.key_text((-0.0,)) == rows.key_text((0.0,))
