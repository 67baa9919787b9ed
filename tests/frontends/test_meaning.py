"""The hash of meaning: what is written otherwise keeps it, what means something else does not."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from front_scope import COUNTRY, MERCHANTS, TXN, read, shop

from featurekit.frontends.from_sql import read_view
from featurekit.frontends.scope import Header, Scope
from featurekit.ir.canonical import meaning_hash
from featurekit.ir.definitions import Source, Vocabulary
from featurekit.ir.view import View

CELL = """SELECT SUM(t.amount) FILTER (WHERE m.kind = 'food' AND t.qty > 1) OVER last_30d AS food,
  MAX(t.qty) OVER (ORDER BY event_time ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS most
FROM txn t LEFT JOIN merchants m ON t.merchant_id = m.merchant_id"""
OPTIONS = {"max_age": "30d", "delay": "5m", "per": "row"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("SELECT ", "select -- the sums\n\n   "),
        (" AS food", " /* of food */ food"),
        (" AS food", ' AS "food"'),
        ("m.kind = 'food' AND t.qty > 1", "t.qty > 1 AND (m.kind = 'food')"),
        ("t.qty > 1", "1 < t.qty"),
        ("m.kind = 'food'", "'food' = m.kind"),
        ("t.merchant_id = m.merchant_id", "(m.merchant_id = t.merchant_id)"),
        ("ON t.merchant_id = m.merchant_id", "USING (merchant_id)"),
        ("LEFT JOIN", "LEFT OUTER JOIN"),
        ("OVER last_30d", "OVER (last_30d)"),
        ("OVER last_30d", "OVER (LAST_30D)"),
        (
            "OVER last_30d",
            "OVER (RANGE BETWEEN INTERVAL '30' DAY PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW)",
        ),
        ("ORDER BY event_time ROWS BETWEEN 3 PRECEDING AND CURRENT ROW", "ROWS 3 PRECEDING"),
        ("ORDER BY event_time", "PARTITION BY t.customer_id ORDER BY t.event_time ASC"),
        ("t LEFT JOIN merchants m", "AS t LEFT JOIN merchants AS m"),
    ],
)
def test_what_is_written_otherwise_keeps_the_meaning(old: str, new: str) -> None:
    text = CELL.replace(old, new)
    assert text != CELL
    assert meaning_hash(read(text, **OPTIONS)) == meaning_hash(read(CELL, **OPTIONS))


def test_aliases_are_no_meaning() -> None:
    bare = CELL.replace("t.", "txn.").replace("m.", "merchants.")
    bare = bare.replace("txn t ", "txn ").replace("merchants m ", "merchants ")
    other = CELL.replace("t.", "a.").replace("m.", "b.").replace(" t ", " a ").replace(" m ", " b ")
    for text in (bare, other):
        assert meaning_hash(read(text, **OPTIONS)) == meaning_hash(read(CELL, **OPTIONS))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("last_30d", "last_31d"),
        ("last_30d", "calendar_30d"),
        ("last_30d", "last_30d_before_1s"),
        ("last_30d", "(RANGE INTERVAL '30' DAY PRECEDING)"),
        ("last_30d", "(RANGE BETWEEN INTERVAL '30' DAY PRECEDING AND INTERVAL '1' DAY PRECEDING)"),
        ("3 PRECEDING", "4 PRECEDING"),
        ("CURRENT ROW", "1 PRECEDING"),
        ("CURRENT ROW", "CURRENT ROW EXCLUDE CURRENT ROW"),
        ("ROWS BETWEEN 3", "ROWS BETWEEN UNBOUNDED"),
        ("merchants m", "merchants m AS OF REQUEST"),
        ("t.merchant_id = m", "t.qty = m"),
        ("m.kind = 'food' AND", "m.kind = 'food' OR"),
        ("t.qty > 1", "t.qty >= 1"),
        ("t.qty > 1", "t.qty > 1 AND t.ok"),
        ("SUM(t.amount)", "SUM(t.price)"),
        ("SUM(t.amount)", "COALESCE(SUM(t.amount)"),
        ("AS food", "AS foods"),
    ],
)
def test_what_means_something_else_has_another_hash(old: str, new: str) -> None:
    text = CELL.replace(old, new)
    text = text.replace(" AS food", ", 0) AS food") if "COALESCE" in text else text
    assert text != CELL
    assert meaning_hash(read(text, **OPTIONS)) != meaning_hash(read(CELL, **OPTIONS))


ENTITY = "SELECT COUNT(*) OVER last_7d AS n FROM txn"


@pytest.mark.parametrize(
    "options",
    [
        {"zone": "Europe/London"},
        {"delay": "6m"},
        {"fresh": "every 15m"},
        {"fresh": "daily 02:00 UTC"},
        {"fresh": "daily 02:00 Europe/London"},
        {"fresh": "weekly monday 02:00 UTC"},
        {"per": "row"},
        {"entity": "merchant"},
    ],
    ids=str,
)
def test_what_the_header_says_is_meaning(options: dict[str, str]) -> None:
    assert meaning_hash(read(ENTITY, **options)) != meaning_hash(read(ENTITY))


@pytest.mark.parametrize(
    "options",
    [
        {"owner": "other@example.com"},
        {"description": "How many"},
        {"fresh": "Realtime"},
        {"name": "other"},
        {"dialect": "postgres"},
    ],
    ids=str,
)
def test_what_is_said_about_a_view_is_no_meaning(options: dict[str, str]) -> None:
    assert meaning_hash(read(ENTITY, **options)) == meaning_hash(read(ENTITY))


def test_an_inner_join_is_another_meaning_than_a_left_one() -> None:
    inner = (
        "SELECT MAX(qty) OVER today AS q FROM txn JOIN merchants USING (merchant_id) WHERE fee > 1"
    )
    assert meaning_hash(read(inner)) != meaning_hash(read(inner.replace("JOIN", "LEFT JOIN")))


def test_how_old_a_joined_row_may_be_is_meaning() -> None:
    hashes = {
        meaning_hash(read(CELL, **{**OPTIONS, "max_age": age}))  # type: ignore[arg-type]  # words
        for age in ("30d", "31d")
    }
    assert len(hashes) == 2


def over(source: Source | None = None, vocabulary: Vocabulary | None = None) -> View:
    """Return one view over a shop in which one definition differs."""
    known = shop()
    sources = {**known.sources, **({source.name: source} if source else {})}
    words = {**known.vocabularies, **({vocabulary.name: vocabulary} if vocabulary else {})}
    text = (
        "SELECT COUNT(*) FILTER (WHERE VOCAB(kind, country) = 'DE') OVER today AS n"
        " FROM txn LEFT JOIN merchants USING (merchant_id)"
    )
    scope = Scope(known.entities, sources, words, known.views)
    return read_view(Header("v", "txn", "customer", "risk@example.com"), text, scope)


changed: Callable[..., Source] = dataclasses.replace


@pytest.mark.parametrize(
    "source",
    [
        changed(TXN, available="day"),
        changed(TXN, tie="qty"),
        changed(TXN, zone="Asia/Tokyo"),
        changed(MERCHANTS, tie="fee"),
        changed(MERCHANTS, available="since"),
        changed(MERCHANTS, zone="Asia/Tokyo"),
    ],
)
def test_times_ties_and_zones_of_sources_are_meaning_joined_ones_too(source: Source) -> None:
    assert meaning_hash(over(source)) != meaning_hash(over())


def test_where_a_source_lies_is_no_meaning() -> None:
    for source in (TXN, MERCHANTS):
        assert meaning_hash(over(changed(source, location="elsewhere"))) == meaning_hash(over())


def test_a_vocabulary_is_meaning() -> None:
    more = dataclasses.replace(COUNTRY, entries=(*COUNTRY.entries, ("FR", ())))
    folded = dataclasses.replace(COUNTRY, ignore_case=True)
    hashes = {meaning_hash(over(vocabulary=v)) for v in (COUNTRY, more, folded)}
    assert len(hashes) == 3
