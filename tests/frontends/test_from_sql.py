"""What a cell means: grain, names, conditions, features that use features."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from front_scope import CUSTOMER, SCORING, TXN, read, shop

from featurekit.datatypes import BIGINT, BOOLEAN, DOUBLE, Kind, decimal
from featurekit.errors import FeatureError, Where
from featurekit.frontends.from_sql import leading_comment, read_view
from featurekit.frontends.scope import Header
from featurekit.frontends.to_text import expression_text
from featurekit.ir.canonical import meaning_hash
from featurekit.ir.nodes import Aggregate, Call, Case, Column, Literal, walk
from featurekit.ir.view import Grain, aggregates, request_columns
from featurekit.ir.windows import Calendar, CalendarUnit, LastRows, Rolling


def same_meaning(first: str, second: str, source: str = "txn") -> bool:
    return meaning_hash(read(first, source)) == meaning_hash(read(second, source))


def test_a_view_over_events_belongs_to_its_entity() -> None:
    view = read("SELECT COUNT(*) OVER last_30d AS n FROM txn", delay="5m", zone="Asia/Tokyo")
    assert view.grain is Grain.ENTITY
    assert view.source == TXN
    assert view.entities == (CUSTOMER,)
    assert (view.delay, view.zone, view.where) == (300_000_000, "Asia/Tokyo", None)


def test_a_view_over_a_request_is_per_row_and_has_no_entity() -> None:
    view = read("SELECT amount * 2 AS twice FROM scoring", "scoring")
    assert (view.grain, view.entities, view.requests) == (Grain.ROW, (), (SCORING,))
    assert request_columns(view) == (Column("scoring", "amount", DOUBLE),)


def test_a_request_column_that_is_never_null_says_so() -> None:
    view = read("SELECT flag FROM scoring", "scoring")
    assert view.features[0].expression == Column("scoring", "flag", BOOLEAN, required=True)


def test_a_derived_view_has_the_entities_and_requests_of_what_it_uses() -> None:
    view = read("SELECT spend.total * twice AS x FROM basket@draft, spend@1", None)
    assert view.uses == ("basket@draft", "spend@1.0")
    assert (view.grain, view.source) == (Grain.ENTITY, None)
    assert (view.entities, view.requests) == ((CUSTOMER,), (SCORING,))


def test_a_derived_view_of_requests_is_per_row() -> None:
    assert read("SELECT twice + 1 AS x", "basket").grain is Grain.ROW


def test_from_may_be_left_out_where_the_header_says_it() -> None:
    bare = "SELECT COUNT(*) OVER last_30d AS n"
    assert same_meaning(bare, f"{bare} FROM txn AS t;")


def test_windows_are_read_by_name() -> None:
    view = read(
        "SELECT COUNT(*) OVER last_7d_before_7d AS a, COUNT(*) OVER Calendar_3MO AS b,"
        " COUNT(*) OVER (last_20_rows) AS c"
    )
    day = 86_400_000_000
    windows = [aggregate.window for aggregate in aggregates(view)]
    assert windows == [Rolling(7 * day, 7 * day), Calendar(3, CalendarUnit.MONTH), LastRows(20)]


def test_the_where_of_events_is_part_of_every_aggregate() -> None:
    assert same_meaning(
        "SELECT COUNT(*) FILTER (WHERE status = 'a') OVER today AS n FROM txn WHERE ok",
        "SELECT COUNT(*) FILTER (WHERE status = 'a' AND ok) OVER today AS n FROM txn",
    )


def test_the_where_of_a_snapshot_also_says_which_rows_are_looked_up() -> None:
    view = read("SELECT country, COUNT(*) OVER today AS n FROM customers WHERE vip", "customers")
    assert view.where == Column("customers", "vip", BOOLEAN)
    assert aggregates(view)[0].where == view.where


def test_features_use_one_another_in_any_order() -> None:
    view = read("SELECT b * 2 AS a, c + 1 AS b, COUNT(*) OVER today AS c")
    assert expression_text(view.features[0].expression) == "(COUNT(*) OVER today + 1) * 2"


def test_a_feature_may_have_the_name_of_the_column_it_is_made_of() -> None:
    view = read("SELECT amount * 2 AS amount, qty FROM scoring", "scoring")
    assert [feature.name for feature in view.features] == ["amount", "qty"]


def test_a_column_passed_on_under_its_own_name_may_be_used_bare() -> None:
    assert same_meaning(
        "SELECT amount, amount + 1 AS more FROM scoring",
        "SELECT scoring.amount, scoring.amount + 1 AS more FROM scoring",
        "scoring",
    )


def test_inside_an_aggregate_a_name_is_the_column_of_the_row() -> None:
    view = read("SELECT SUM(amount) OVER today AS amount, amount * 2 AS twice")
    (total,) = aggregates(view)
    assert total.arguments == (Column("txn", "amount", DOUBLE),)
    assert expression_text(view.features[1].expression) == "SUM(amount) OVER today * 2.0"


def test_names_ignore_case_and_an_exact_name_wins() -> None:
    view = read('SELECT LAST("Note") OVER today AS a, LAST(NOTE) OVER today AS b')
    columns = [aggregate.arguments[0] for aggregate in aggregates(view)]
    assert [c.name for c in columns if isinstance(c, Column)] == ["Note", "NOTE"]
    assert same_meaning(
        "select sum(AMOUNT) over LAST_3D as X", 'SELECT SUM(amount) OVER last_3d "x"'
    )


def test_request_columns_come_into_an_entity_view_qualified_or_bare() -> None:
    view = read("SELECT scoring.amount / (AVG(amount) OVER last_30d) AS a, os AS b FROM txn")
    assert [c.relation for c in request_columns(view)] == ["scoring", "device"]
    assert [source.name for source in view.requests] == ["device", "scoring"]


def test_an_alias_of_the_source_may_qualify_its_columns() -> None:
    assert same_meaning(
        "SELECT SUM(t.amount) OVER today AS s FROM txn AS t WHERE t.ok AND txn.qty > 1",
        "SELECT SUM(amount) OVER today AS s FROM txn WHERE qty > 1 AND ok",
    )


def test_literals_widen_without_a_cast() -> None:
    view = read(
        "SELECT amount / 2 AS a, price + 1 AS b, COALESCE(amount, 0) AS c FROM scoring", "scoring"
    )
    literals = [n for f in view.features for n in walk(f.expression) if isinstance(n, Literal)]
    assert [(x.value, x.type) for x in literals] == [
        (2.0, DOUBLE),
        (1, decimal(19, 0)),
        (0.0, DOUBLE),
    ]


def test_columns_widen_by_a_call_that_is_written_down() -> None:
    view = read("SELECT qty / 2 AS half FROM scoring", "scoring")
    made = view.features[0].expression
    assert isinstance(made, Call)
    assert made.arguments[0] == Call(
        "bigint_to_double", (Column("scoring", "qty", BIGINT),), DOUBLE
    )


def test_a_null_takes_the_type_of_what_stands_beside_it() -> None:
    view = read("SELECT CASE WHEN flag THEN NULL ELSE 1.5 END AS x FROM scoring", "scoring")
    made = view.features[0].expression
    assert isinstance(made, Case)
    assert made.branches[0][1] == Literal(None, DOUBLE)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("x > 1", "1 < x"),
        ("x BETWEEN 1 AND 3", "1 <= x AND 3 >= x"),
        ("NOT (x IN (1, 2))", "x NOT IN (1, 2)"),
        ("IF(x > 1, 2, 3)", "CASE WHEN x > 1 THEN 2 ELSE 3 END"),
        ("x::DOUBLE", "TRY_CAST(x AS FLOAT)"),
        ("COALESCE(x, y, 0)", "IFNULL(COALESCE(x, y), 0)"),
        ("x > 1 AND y < 2 AND x <> y", "y <> x AND (x > 1 AND 2 > y)"),
        ("EXTRACT(year FROM sent)", "DATE_PART('YEAR', sent)"),
        ("sent + INTERVAL '3 days'", "DATE_ADD('day', 3, sent)"),
        ("sent - INTERVAL 1 MONTH", "INTERVAL (-1) MONTH + sent"),
        ("x + y /* why */ * 2", "x + (y * 2) -- why"),
        ("TIMESTAMP '2024-01-01 01:00:00+01:00' < sent", "TIMESTAMP '2024-01-01' < sent"),
        ("x IS NOT NULL", "x NOTNULL"),
        ("CAST('a' AS VARCHAR)", "'a'"),
    ],
)
def test_two_spellings_of_one_meaning_have_one_hash(first: str, second: str) -> None:
    base = "SELECT qty AS x, LENGTH(channel) AS y, {}\nAS z FROM scoring"
    assert same_meaning(base.format(first), base.format(second), "scoring")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("SUM(qty) OVER last_30d", "SUM(qty) OVER last_31d"),
        ("SUM(qty) OVER last_7d", "SUM(qty) OVER calendar_7d"),
        ("COUNT(status) OVER today", "COUNT(DISTINCT status) OVER today"),
        ("COUNT(*) OVER today", "COUNT(*) FILTER (WHERE ok) OVER today"),
        ("SUM(price) OVER today", "SUM(CAST(price AS DOUBLE)) OVER today"),
        ("COUNT(*) OVER today - 1", "1 - COUNT(*) OVER today"),
    ],
)
def test_two_meanings_have_two_hashes(first: str, second: str) -> None:
    assert not same_meaning(f"SELECT {first} AS x", f"SELECT {second} AS x")


def test_hundreds_of_conditions_stay_shallow() -> None:
    wide = " OR ".join(f"qty = {n}" for n in range(500))
    view = read(f"SELECT {wide} AS x", "scoring")
    assert expression_text(view.features[0].expression) == wide


@pytest.mark.parametrize(
    ("text", "pointed"),
    [
        ("SELECT\n\tCOUNT(*) OVER today AS n,\n\tSUM(amout) OVER today AS s", "amout"),
        ("SELECT 'ß🙂' AS a,\n  FOO(1) AS b", "FOO"),
        ("SELECT -- one\n  COUNT(*) OVER\n    lats_30d AS n", "lats_30d"),
        ("SELECT COUNT(*) OVER today AS n, 1 AS\n  N", "N"),
        ("SELECT scoring.channel\n  || scoring.qty AS x", "scoring.qty"),
        ("SELECT SUM(status\n) OVER today AS x", "status"),
        ("SELECT CASE WHEN TRUE THEN nope END AS x", "nope"),
        ("SELECT COUNT(*) OVER today AS n FROM txn WHERE\n\n   status", "status"),
        ("SELECT\r\n  now()\r\n AS x", "now"),
        ("SELECT (current_date) AS x", "current_date"),
        ("SELECT LEAD(qty) OVER (ORDER BY event_time) AS x", "LEAD"),
        (
            "SELECT SUM(qty) OVER (ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS x",
            "FOLLOWING",
        ),
        ("SELECT 1 AS x,\n  2 3 AS y", "3"),
        ("SELECT COUNT(*) OVER today AS n FROM txn ORDER BY n", "ORDER BY"),
        ('SELECT 1 AS "a b"', '"a b"'),
        ("SELECT COUNT(*) FILTER (WHERE day > '2024-01-01') OVER today AS x", "day > '2024-01-01'"),
        ("SELECT COUNT(*) OVER today AS n FROM nowhere", "nowhere"),
    ],
)
def test_the_caret_stands_under_what_is_wrong(text: str, pointed: str) -> None:
    with pytest.raises(FeatureError) as raised:
        read(text, None, entity="customer") if "FROM" in text else read(text)
    where = raised.value.where
    assert isinstance(where, Where)
    line = text.splitlines()[where.line - 1]
    assert line[where.column - 1 :][: where.length] == pointed


def test_a_page_long_name_makes_no_page_long_error() -> None:
    with pytest.raises(FeatureError) as raised:
        read(f"SELECT {'x' * 90_000} AS y")
    assert len(str(raised.value)) < 2_000


@pytest.mark.parametrize("share", ["qty", "NULL", "0.5 + amount"])
def test_the_share_of_a_quantile_is_a_constant(share: str) -> None:
    with pytest.raises(FeatureError, match="QUANTILE_CONT needs a constant for its q"):
        read(f"SELECT QUANTILE_CONT(amount, {share}) OVER today AS a")


@pytest.mark.parametrize("share", ["1.5", "'a'"])
def test_the_share_of_a_quantile_is_from_0_to_1(share: str) -> None:
    with pytest.raises(FeatureError, match="QUANTILE_CONT does not take") as raised:
        read(f"SELECT QUANTILE_CONT(amount, {share}) OVER today AS a")
    assert "featurekit ops quantile_cont" in str(raised.value)


def test_the_constant_of_an_aggregate_is_printed_and_read_back() -> None:
    view = read("SELECT QUANTILE_CONT(qty, 1) OVER today AS a")
    assert expression_text(view.features[0].expression) == "QUANTILE_CONT(qty, 1.0) OVER today"
    assert aggregates(view)[0].arguments[1] == Literal(1.0, DOUBLE)


def test_a_constant_that_is_null_is_refused() -> None:
    with pytest.raises(FeatureError, match="ROUND needs a constant for its digits"):
        read("SELECT ROUND(amount, NULL) AS x FROM scoring", "scoring")


def test_the_headline_is_the_one_of_the_design() -> None:
    with pytest.raises(FeatureError) as raised:
        read("SELECT SUM(amout) OVER last_30d AS s FROM txn")
    headline = "FeatureError[FK111]: source 'txn' has no column 'amout'; did you mean 'amount'?"
    assert str(raised.value).splitlines()[-1] == headline


@pytest.mark.parametrize(
    ("text", "comment"),
    [
        ("-- What a customer\n--  settled.\nSELECT 1", "What a customer settled."),
        ("\n/* two\n lines */ SELECT 1 -- after", "two lines"),
        ("SELECT 1 -- after", ""),
        ("/* never closed", "never closed"),
        ("", ""),
    ],
)
def test_the_leading_comment_is_the_description(text: str, comment: str) -> None:
    assert leading_comment(text) == comment


def test_reading_leaves_the_recursion_limit_as_it_was() -> None:
    before = sys.getrecursionlimit()
    read("SELECT COUNT(*) OVER today AS n")
    assert sys.getrecursionlimit() == before


def test_cells_can_be_read_from_several_threads() -> None:
    texts = [f"SELECT {'(' * 60}SUM(qty) OVER last_{n}d{')' * 60} AS n" for n in range(1, 25)]
    with ThreadPoolExecutor(4) as pool:
        hashes = list(pool.map(lambda text: meaning_hash(read(text)), texts))
    assert hashes == [meaning_hash(read(text)) for text in texts]


def test_an_unpinned_name_is_pinned_when_the_view_is_made() -> None:
    view = read_view(Header("x", "spend", owner="a@example.com"), "SELECT n + 1 AS m", shop())
    assert view.uses == ("spend@1.0",)
    assert {n.relation for n in walk(view.features[0].expression) if isinstance(n, Column)} == {
        "spend@1.0"
    }


def test_every_aggregate_answers_with_the_type_of_the_table() -> None:
    view = read(
        "SELECT SUM(price) OVER today AS a, AVG(qty) OVER today AS b, MAX(day) OVER today AS c"
    )
    kinds = [a.type.kind for a in aggregates(view) if isinstance(a, Aggregate)]
    assert kinds == [Kind.DECIMAL, Kind.DOUBLE, Kind.DATE]
