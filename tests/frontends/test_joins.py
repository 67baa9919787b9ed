"""As-of joins: many spellings of one look-up, and what each part of it means."""

from __future__ import annotations

import pytest
from front_scope import MERCHANTS, REGIONS, SCORING, TERMS, TXN, read

from featurekit.datatypes import BIGINT, VARCHAR
from featurekit.ir.canonical import meaning_hash
from featurekit.ir.nodes import Column
from featurekit.ir.schedules import At, Every
from featurekit.ir.view import Grain, Join, View, aggregates, request_columns

BY_MERCHANT = (("merchant_id", Column("txn", "merchant_id", BIGINT)),)
BASE = "SELECT COUNT(*) FILTER (WHERE {}.kind = 'food') OVER last_30d AS n FROM txn {}"


def joined(joins: str, word: str = "m", **options: str) -> View:
    """Return a view of one aggregate that reads what ``word`` is joined as."""
    return read(BASE.format(word, joins), **options)


def test_a_join_is_a_look_up_by_the_keys_of_an_entity() -> None:
    view = read(
        "SELECT SUM(discount * rate) OVER last_30d AS n FROM txn t"
        " LEFT JOIN terms d ON d.merchant_id = t.merchant_id AND d.customer_id = t.customer_id"
        " LEFT JOIN merchants m ON t.merchant_id = m.merchant_id"
        " LEFT JOIN regions USING (region_id)"
    )
    keys = (("customer_id", Column("txn", "customer_id", VARCHAR)), *BY_MERCHANT)
    by_region = (("region_id", Column("merchants", "region_id", BIGINT)),)
    assert view.joins == (
        Join("terms", TERMS, keys),
        Join("merchants", MERCHANTS, BY_MERCHANT),
        Join("regions", REGIONS, by_region),
    )
    assert view.stored == (TXN, TERMS, MERCHANTS, REGIONS)


@pytest.mark.parametrize(
    "joins",
    [
        "t LEFT JOIN merchants m ON m.merchant_id = t.merchant_id",
        "t LEFT OUTER JOIN merchants AS m ON t.merchant_id = m.merchant_id",
        "LEFT JOIN merchants m USING (merchant_id)",
        "left join MERCHANTS m on (m.MERCHANT_ID = (txn.merchant_id)) -- why",
        'LEFT JOIN "merchants" "m" USING ("merchant_id")',
    ],
)
def test_spellings_of_one_join_have_one_hash(joins: str) -> None:
    plain = joined("LEFT JOIN merchants ON merchants.merchant_id = txn.merchant_id", "merchants")
    assert meaning_hash(joined(joins)) == meaning_hash(plain)


@pytest.mark.parametrize("name", ["AS OF REQUEST m", "m AS OF REQUEST", "AS m as of Request"])
def test_a_join_may_be_as_of_the_request(name: str) -> None:
    view = joined(f"LEFT JOIN merchants {name} USING (merchant_id)")
    assert view.joins == (Join("merchants", MERCHANTS, BY_MERCHANT, at_request=True),)
    assert meaning_hash(view) != meaning_hash(joined("LEFT JOIN merchants m USING (merchant_id)"))


def test_each_of_two_joins_of_one_source_has_a_name_and_a_moment() -> None:
    view = read(
        "SELECT COUNT(*) FILTER (WHERE m.kind <> was.kind) OVER last_30d AS n FROM txn"
        " LEFT JOIN merchants was USING (merchant_id)"
        " LEFT JOIN merchants AS m AS OF REQUEST ON m.merchant_id = txn.merchant_id"
    )
    assert [(join.name, join.at_request) for join in view.joins] == [
        ("merchants", False),
        ("merchants#2", True),
    ]
    (count,) = aggregates(view)
    assert "merchants#2" in repr(count.where)


def test_an_inner_join_is_a_condition() -> None:
    inner = joined("JOIN merchants m USING (merchant_id) WHERE ok")
    spelled = joined(
        "LEFT JOIN merchants m USING (merchant_id) WHERE m.merchant_id IS NOT NULL AND ok"
    )
    assert meaning_hash(inner) == meaning_hash(spelled)


def test_a_row_in_hand_brings_the_key_of_a_join() -> None:
    view = read("SELECT kind FROM txn LEFT JOIN merchants m USING (merchant_id)", per="row")
    assert view.grain is Grain.ROW
    assert [column.name for column in request_columns(view)] == ["event_time", "merchant_id"]


def test_a_request_is_joined_at_the_moment_of_asking() -> None:
    view = read("SELECT kind, fee FROM order_now LEFT JOIN merchants USING (merchant_id)", None)
    (join,) = view.joins
    assert join.at_request
    assert join.on == (("merchant_id", Column("order_now", "merchant_id", BIGINT)),)
    assert (view.grain, view.entities) == (Grain.ROW, ())


def test_a_name_that_using_joins_is_the_own_column() -> None:
    using = joined("LEFT JOIN merchants m USING (merchant_id) WHERE merchant_id > 3")
    named = joined("LEFT JOIN merchants m USING (merchant_id) WHERE txn.merchant_id > 3")
    assert meaning_hash(using) == meaning_hash(named)


def test_a_maximum_age_is_that_of_joined_rows() -> None:
    view = joined("LEFT JOIN merchants m USING (merchant_id)", max_age="7d")
    assert view.max_age == 7 * 86_400_000_000


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("every 15m", Every(900_000_000)),
        ("daily 02:00 Europe/London", At(120, "Europe/London")),
        ("Weekly Monday 06:30 UTC", At(390, "UTC", 0)),
        ("Realtime", None),
    ],
)
def test_a_schedule_is_part_of_the_meaning(text: str, meant: object) -> None:
    view = read("SELECT COUNT(*) OVER last_30d AS n FROM txn", fresh=text)
    assert view.fresh == meant
    same = meaning_hash(view) == meaning_hash(read("SELECT COUNT(*) OVER last_30d AS n FROM txn"))
    assert same is (meant is None)


def test_a_view_of_events_may_read_a_request_beside_a_join() -> None:
    view = read(
        "SELECT scoring.amount / MAX(m.fee) OVER last_30d AS share FROM txn"
        " LEFT JOIN merchants m USING (merchant_id)"
    )
    assert view.requests == (SCORING,)
