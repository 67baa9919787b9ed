"""What stands in an aggregate's parentheses: what the reader fills in, lengths, order, refusals."""

from __future__ import annotations

import pytest
from front_scope import read

from featurekit.datatypes import BIGINT, DOUBLE, TIMESTAMP, VARCHAR, list_of
from featurekit.errors import FeatureError
from featurekit.frontends.to_text import expression_text, view_text
from featurekit.ir.canonical import expression_hash
from featurekit.ir.nodes import Aggregate, AsOf, Column, Expression, Literal, Order
from featurekit.ir.windows import AllTime, LastRows

TIME = Column("txn", "event_time", TIMESTAMP)


def one(text: str, **header: str) -> Expression:
    """Return the meaning of a feature over the shop's events, which its text says again."""
    view = read(f"SELECT {text} AS x FROM txn", entity="customer", **header)  # noqa: S608  a cell of this test
    assert read(view_text(view), entity="customer", **header) == view
    return view.features[0].expression


def test_the_reader_fills_in_the_time_of_the_row() -> None:
    made = one("SLOPE(amount) OVER last_30d")
    assert isinstance(made, Aggregate)
    assert made.arguments == (Column("txn", "amount", DOUBLE), TIME)
    assert expression_text(made) == "SLOPE(amount) OVER last_30d"


def test_the_reader_fills_in_the_moment_of_asking() -> None:
    made = one("DECAY_SUM(amount, '7d') OVER all_time")
    assert isinstance(made, Aggregate)
    week = Literal(7 * 86_400_000_000, BIGINT)
    assert made.arguments == (Column("txn", "amount", DOUBLE), TIME, AsOf(), week)


@pytest.mark.parametrize(
    "length", ["'7D'", "'168h'", "'1w'", "INTERVAL 7 DAY", "INTERVAL '168' HOUR"]
)
def test_one_length_in_other_words_is_one_meaning(length: str) -> None:
    made = one(f"DECAY_SUM(amount, {length}) OVER all_time")
    assert expression_hash(made) == expression_hash(one("DECAY_SUM(amount, '7d') OVER all_time"))
    assert expression_text(made) == "DECAY_SUM(amount, '7d') OVER all_time"


def test_the_time_since_a_row_is_what_elapsed_since_its_time() -> None:
    for name, extreme in (("LAST", "MAX"), ("FIRST", "MIN")):
        short = one(f"TIME_SINCE_{name}('hours') FILTER (WHERE ok) OVER last_7d")
        moment = f"{extreme}(event_time) FILTER (WHERE ok) OVER last_7d"
        assert short == one(f"ELAPSED('hour', {moment}, AS_OF())")


def test_lag_counts_one_row_back_unless_it_says_otherwise() -> None:
    assert one("LAG(status) OVER all_time") == one("LAG(status, 1) OVER all_time")


def test_the_standards_lag_counts_back_from_the_row_in_hand() -> None:
    made = one("LAG(status, 2) OVER (PARTITION BY customer_id ORDER BY event_time)", per="row")
    assert isinstance(made, Aggregate)
    assert (made.window, made.current) == (AllTime(), False)
    last = one("LAST(status) OVER (ORDER BY event_time)", per="row")
    assert isinstance(last, Aggregate)
    assert last.current


def test_lists_have_the_type_of_their_members() -> None:
    assert one("LIST_LAST(status, 3) OVER last_30d").type == list_of(VARCHAR)
    assert one("TOP_K(qty, 3) OVER last_30d").type == list_of(BIGINT)
    chosen = one("CASE WHEN COUNT(*) OVER all_time > 2 THEN TOP_K(qty, 3) OVER last_30d END")
    assert chosen.type == list_of(BIGINT)


def test_rows_are_put_in_the_order_that_is_written() -> None:
    made = one("FIRST(status ORDER BY amount DESC, qty) OVER last_3_rows")
    assert isinstance(made, Aggregate)
    keys = (Column("txn", "amount", DOUBLE), Column("txn", "qty", BIGINT))
    assert made.order == (Order(keys[0], descending=True), Order(keys[1]))
    assert made.window == LastRows(3)
    other = one("FIRST(status ORDER BY amount, qty) OVER last_3_rows")
    assert expression_hash(made) != expression_hash(other)
    alone = one("FIRST(status) OVER last_3_rows")
    assert len({expression_hash(e) for e in (made, other, alone)}) == 3


REFUSED = (
    ("SUM(amount ORDER BY qty) OVER last_7d", "FK113", "SUM(x)"),
    ("COUNT(* ORDER BY qty) OVER last_7d", "FK113", "COUNT(x)"),
    ("FIRST(status ORDER BY qty NULLS FIRST) OVER last_7d", "FK113", "qty IS NULL DESC, qty"),
    ("FIRST(status ORDER BY qty LIMIT 1) OVER last_7d", "FK113", "LIST_LAST(x, 3)"),
    ("STRING_AGG(status, ',') WITHIN GROUP (ORDER BY qty) OVER last_7d", "FK113", "ORDER BY y)"),
    ("STRING_AGG(DISTINCT status, ',') OVER last_7d", "FK113", "TOP_K(x, 10)"),
    ("LAG(status) IGNORE NULLS OVER last_7d", "FK113", "FILTER (WHERE x IS NOT NULL)"),
    ("LAG(status) RESPECT NULLS OVER last_7d", "FK113", "leave it out"),
    ("LAG(status, 2, 'none') OVER last_7d", "FK120", "featurekit ops lag"),
    ("LAG(status, 0) OVER last_7d", "FK128", "LAG(status, 3)"),
    ("LIST_LAST(status, 1001) OVER last_7d", "FK128", "LIST_LAST(status, 3)"),
    ("TOP_K(status, qty) OVER last_7d", "FK125", "TOP_K(status, 2)"),
    ("TOP_K(status) OVER last_7d", "FK120", "featurekit ops top_k"),
    ("SLOPE(amount, event_time) OVER last_7d", "FK120", ""),
    ("SLOPE(status) OVER last_7d", "FK120", ""),
    ("DECAY_SUM(amount) OVER last_7d", "FK120", "featurekit ops decay_sum"),
    ("DECAY_SUM(amount, 7) OVER last_7d", "FK125", "'7d'"),
    ("DECAY_SUM(amount, '7 days') OVER last_7d", "FK128", "DECAY_SUM(amount, '7d')"),
    ("DECAY_SUM(amount, INTERVAL 1 MONTH) OVER last_7d", "FK128", "DECAY_SUM(amount, '7d')"),
    ("DECAY_SUM(amount, '0d') OVER last_7d", "FK128", "DECAY_SUM(amount, '7d')"),
    ("TIME_SINCE_LAST() OVER last_7d", "FK125", "'hour'"),
    ("TIME_SINCE_LAST('month') OVER last_7d", "FK125", "'hour'"),
    ("TIME_SINCE_LAST('hour')", "FK142", "OVER last_30d"),
    ("LENGTH(LIST_LAST(status, 2) OVER last_7d)", "FK120", "LAST(x)"),
    ("LIST_LAST(status, 2) OVER last_7d IS NULL", "FK120", "LAST(x)"),
)


@pytest.mark.parametrize(("text", "code", "fix"), REFUSED, ids=[text for text, _, _ in REFUSED])
def test_what_means_nothing_is_refused_with_what_to_write(text: str, code: str, fix: str) -> None:
    with pytest.raises(FeatureError) as caught:
        one(text)
    assert (caught.value.code, caught.value.where is not None) == (code, True)
    assert fix in caught.value.fix


def test_the_standards_lag_has_no_frame() -> None:
    frame = "ORDER BY event_time ROWS BETWEEN 3 PRECEDING AND CURRENT ROW"
    with pytest.raises(FeatureError) as caught:
        one(f"LAG(status) OVER ({frame})", per="row")
    assert caught.value.code == "FK108"
