"""Columns as an author lists them are read, or refused with the nearest type."""

from __future__ import annotations

import pytest

from featurekit.errors import FeatureError
from featurekit.frontends.fields import BadField, parse_fields


@pytest.mark.parametrize(
    "text",
    [
        "customer_id:string, at:timestamp",
        "customer_id:string at:timestamp",
        "customer_id:string,at:timestamp",
        " customer_id:string , at:timestamp,",
    ],
)
def test_commas_and_spaces_stand_between_columns(text: str) -> None:
    assert [field.name for field in parse_fields(text)] == ["customer_id", "at"]


def test_a_space_or_comma_inside_of_a_type_belongs_to_it() -> None:
    fields = parse_fields("amount:decimal(10, 2)!, other:DECIMAL(4,1)")
    assert [str(field.type) for field in fields] == ["DECIMAL(10,2)", "DECIMAL(4,1)"]
    assert [field.required for field in fields] == [True, False]


def test_the_fix_for_a_bad_column_is_itself_accepted() -> None:
    assert len(parse_fields(BadField("customer").fix)) == 2


@pytest.mark.parametrize(
    ("word", "problem", "fix"),
    [
        ("amount:dubble", "unknown type 'dubble'; did you mean double", "amount:double"),
        ("at:timestmp!", "unknown type 'timestmp'; did you mean timestamp", "at:timestamp!"),
        ("at:blob", "unknown type 'blob'", "customer_id:string, amount:double!"),
    ],
)
def test_an_unknown_type_is_named_with_the_nearest(word: str, problem: str, fix: str) -> None:
    with pytest.raises(FeatureError) as caught:
        parse_fields(word)
    assert (caught.value.code, caught.value.problem, caught.value.fix) == ("FK907", problem, fix)
