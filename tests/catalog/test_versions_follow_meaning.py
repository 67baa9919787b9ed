"""What changes the meaning changes the version, by as much as it matters; nothing else does."""

from __future__ import annotations

import dataclasses

import pytest
from shop_definitions import AMOUNT, COUNT, LARGE, ORDERS, OWNER, changed, derived, total, view

from featurekit.catalog.diff import diff
from featurekit.catalog.records import Metadata
from featurekit.catalog.versions import (
    Level,
    classify,
    feature_hash,
    next_version,
    parse_reference,
)
from featurekit.datatypes import BIGINT, DOUBLE, VARCHAR
from featurekit.errors.catalog import InvalidReference
from featurekit.ir.canonical import meaning_hash
from featurekit.ir.definitions import Field, Source, SourceKind
from featurekit.ir.nodes import Aggregate, Call, Column
from featurekit.ir.schedules import At, Every
from featurekit.ir.view import Feature, Grain, Join, View
from featurekit.ir.windows import AllTime, Calendar, CalendarUnit, ToDate

OLD = view(spend_30d=total(30), orders=COUNT)


def test_the_same_definition_is_unchanged() -> None:
    assert classify(OLD, view(spend_30d=total(30), orders=COUNT)).level is Level.UNCHANGED


def test_other_words_about_the_same_definition_are_cosmetic() -> None:
    assert classify(OLD, OLD, same_metadata=False).level is Level.COSMETIC


def test_another_order_of_the_features_is_cosmetic() -> None:
    assert classify(OLD, view(orders=COUNT, spend_30d=total(30))).level is Level.COSMETIC


def test_a_source_that_moved_is_cosmetic() -> None:
    moved = dataclasses.replace(ORDERS, location="elsewhere/*.parquet")
    assert classify(OLD, changed(OLD, source=moved)).level is Level.COSMETIC


def test_the_order_of_a_commuting_and_changes_nothing() -> None:
    one, other = LARGE, Call("not", (LARGE,), LARGE.type)
    first = Aggregate("count_rows", (), AllTime(), Call("and", (one, other), LARGE.type))
    second = Aggregate("count_rows", (), AllTime(), Call("and", (other, one), LARGE.type))
    assert classify(view(n=first), view(n=second)).level is Level.UNCHANGED


def test_an_added_feature_is_additive() -> None:
    change = classify(OLD, view(spend_30d=total(30), orders=COUNT, spend_7d=total(7)))
    assert (change.level, change.added) == (Level.ADDITIVE, ("spend_7d",))


def test_a_removed_feature_changes_values() -> None:
    change = classify(OLD, view(orders=COUNT))
    assert (change.level, change.removed) == (Level.VALUES, ("spend_30d",))


def test_a_renamed_feature_is_one_removed_and_one_added() -> None:
    change = classify(OLD, view(spend=total(30), orders=COUNT))
    assert (change.added, change.removed) == (("spend",), ("spend_30d",))
    assert change.level is Level.VALUES


def test_another_window_changes_the_values_of_its_feature_only() -> None:
    change = classify(OLD, view(spend_30d=total(90), orders=COUNT))
    assert (change.level, change.changed) == (Level.VALUES, ("spend_30d",))


def test_another_type_is_a_change_of_type() -> None:
    retyped = dataclasses.replace(COUNT, type=DOUBLE)
    change = classify(OLD, view(spend_30d=total(90), orders=retyped))
    assert change.level is Level.TYPES
    assert (change.retyped, change.changed) == (("orders",), ("spend_30d",))


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("delay", 1),
        ("fresh", Every(900_000_000)),
        ("grain", Grain.ROW),
        ("where", LARGE),
        ("source", dataclasses.replace(ORDERS, available="at")),
        ("source", dataclasses.replace(ORDERS, tie="amount")),
    ],
)
def test_what_holds_for_the_whole_view_changes_every_feature(part: str, value: object) -> None:
    change = classify(OLD, changed(OLD, **{part: value}))
    assert change.level is Level.VALUES
    assert change.context == (part,)
    assert change.changed == ("spend_30d", "orders")


def test_another_zone_changes_only_what_reads_the_calendar() -> None:
    month = dataclasses.replace(total(30), window=Calendar(1, CalendarUnit.MONTH))
    today = dataclasses.replace(COUNT, window=ToDate(CalendarUnit.DAY))
    old = view(spend_30d=total(30), month=month, orders=COUNT, some=today)
    new = changed(old, zone="Europe/London")
    change = classify(old, new)
    assert (change.level, change.context) == (Level.VALUES, ("zone",))
    assert change.changed == ("month", "some")
    facts = diff(("1.0", old, OWNER, "a"), ("draft", new, OWNER, "a"))
    assert {"what": "zone", "old": "UTC", "new": "Europe/London"} in facts["meaning"]


def test_another_maximum_age_changes_only_what_is_looked_up_or_joined() -> None:
    old = joining(JOIN, orders=COUNT, kinds=KINDS)
    assert classify(old, changed(old, max_age=1)).changed == ("kinds",)
    snapshot = dataclasses.replace(ORDERS, kind=SourceKind.SNAPSHOT)
    held = Column(ORDERS.name, "amount", DOUBLE)
    old = changed(view(spend_30d=total(30), amount=held), source=snapshot)
    assert classify(old, changed(old, max_age=1)).changed == ("amount",)


def test_another_zone_of_a_source_is_said_in_one_line_and_moves_every_row() -> None:
    new = changed(OLD, source=dataclasses.replace(ORDERS, zone="Europe/London"))
    assert classify(OLD, new).changed == ("spend_30d", "orders")
    (line,) = diff(("1.0", OLD, OWNER, "a"), ("draft", new, OWNER, "a"))["meaning"]
    what = f"{ORDERS.name}: zone of its clock readings"
    assert line == {"what": what, "old": "UTC", "new": "Europe/London"}


def test_strictness_changes_what_nulls_are_called_and_no_value() -> None:
    strict = changed(OLD, strict=True)
    for old, new in ((OLD, strict), (strict, OLD)):
        change = classify(old, new)
        assert (change.level, change.changed) == (Level.STATUSES, ("spend_30d", "orders"))
        assert next_version(change.level, "1.2", ["1.0", "1.2"]) == "2.0"
        facts = diff(("1.0", old, OWNER, "a"), ("draft", new, OWNER, "a"))
        assert facts["impact"] == "statuses change"
        assert {one["change"] for one in facts["changes"]} == {"statuses"}
        assert [one["what"] for one in facts["meaning"]] == ["strict"]
    assert meaning_hash(OLD) != meaning_hash(strict)
    more = changed(view(spend_30d=total(90), orders=COUNT), strict=True)
    assert classify(OLD, more).level is Level.VALUES


def test_using_another_version_of_a_view_changes_values() -> None:
    change = classify(derived("d", "spend@1.0"), derived("d", "spend@1.1"))
    assert (change.level, change.changed) == (Level.VALUES, ("same",))


def test_equal_features_of_different_views_have_one_hash() -> None:
    one = Feature("a", total(30))
    other = Feature("b", total(30))
    assert feature_hash(view("x"), one) == feature_hash(view("y"), other)
    assert feature_hash(view("x"), one) != feature_hash(changed(view("x"), zone="Asia/Tokyo"), one)


@pytest.mark.parametrize(
    ("level", "base", "known", "expected"),
    [
        (Level.VALUES, None, [], "1.0"),
        (Level.UNCHANGED, "1.3", ["1.3"], "1.3"),
        (Level.COSMETIC, "1.3", ["1.3"], "1.3"),
        (Level.ADDITIVE, "1.3", ["1.0", "1.3"], "1.4"),
        (Level.ADDITIVE, "1.0", ["1.0", "1.3", "2.0"], "1.4"),
        (Level.ADDITIVE, "1.9", ["1.9", "1.10"], "1.11"),
        (Level.VALUES, "1.0", ["1.0", "2.5"], "3.0"),
        (Level.TYPES, "9.9", ["9.9"], "10.0"),
    ],
)
def test_a_version_number_follows_the_level_and_is_never_used_twice(
    level: Level, base: str | None, known: list[str], expected: str
) -> None:
    assert next_version(level, base, known) == expected


@pytest.mark.parametrize(
    ("text", "parts"),
    [("a", ("a", None, None)), ("a@1", ("a", 1, None)), ("a@1.12", ("a", 1, 12))],
)
def test_a_reference_is_a_name_and_perhaps_a_version(text: str, parts: tuple[object, ...]) -> None:
    assert parse_reference(text) == parts


@pytest.mark.parametrize("text", ["", "@1", "a@", "a@x", "a@1.", "a@01", "a@1.2.3", "a b", "a@-1"])
def test_what_is_not_a_reference_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidReference) as refused:
        parse_reference(text)
    assert refused.value.code == "FK305"
    assert "customer_spend@1" in refused.value.fix


def test_a_diff_says_impact_features_and_lines() -> None:
    new = view(spend_30d=total(90), orders=dataclasses.replace(COUNT, type=DOUBLE), n=COUNT)
    new = changed(new, features=new.features)
    said = Metadata("web@example.com", OWNER.description, OWNER.tags)
    facts = diff(("1.0", OLD, OWNER, "a\nb\nc"), ("draft", new, said, "a\nB\nc"))
    assert facts["impact"] == "type changes"
    assert facts["changes"] == [
        {"feature": "spend_30d", "change": "values: last_30d → last_90d"},
        {"feature": "orders", "change": f"type {BIGINT} → {DOUBLE}"},
        {"feature": "n", "change": "added"},
    ]
    assert facts["lines"] == [[" ", "a"], ["-", "b"], ["+", "B"], [" ", "c"]]
    assert facts["metadata"] == [{"what": "owner", "old": OWNER.owner, "new": "web@example.com"}]


def test_a_diff_of_equals_shows_no_lines() -> None:
    facts = diff(("1.0", OLD, OWNER, "a"), ("draft", OLD, OWNER, "a  -- spaced"))
    assert (facts["impact"], facts["lines"], facts["changes"]) == ("unchanged", [], [])


def test_a_diff_leaves_out_lines_far_from_a_change() -> None:
    lines = [f"line {number}" for number in range(40)]
    after = ["new", *lines[1:-1], "end"]
    facts = diff(
        ("1.0", OLD, OWNER, "\n".join(lines)),
        ("2.0", view(x=total(1), y=AMOUNT), OWNER, "\n".join(after)),
    )
    assert [" ", "…"] in facts["lines"]
    assert len(facts["lines"]) == 2 * (2 + 3) + 1
    assert {"feature": "orders", "change": "removed"} in facts["changes"]


KIND = Column("merchants", "kind", VARCHAR)
KINDS = Aggregate("count_distinct", (KIND,), AllTime())
CUSTOMERS = Source(
    "merchants", SourceKind.SNAPSHOT, (Field("customer_id", VARCHAR), Field("kind", VARCHAR))
)
JOIN = Join("merchants", CUSTOMERS, (("customer_id", Column("orders", "customer_id", VARCHAR)),))


def joining(*joins: Join, **features: Aggregate) -> View:
    """Return a view of ``features`` over orders that meet ``joins``."""
    return changed(view(**features), joins=joins)


def test_a_feature_over_a_new_join_is_additive() -> None:
    change = classify(view(orders=COUNT), joining(JOIN, orders=COUNT, kinds=KINDS))
    assert (change.level, change.added, change.context) == (Level.ADDITIVE, ("kinds",), ())


def test_another_moment_of_a_join_changes_the_features_that_read_it() -> None:
    asked = dataclasses.replace(JOIN, at_request=True)
    old, new = (joining(join, orders=COUNT, kinds=KINDS) for join in (JOIN, asked))
    change = classify(old, new)
    assert (change.level, change.changed) == (Level.VALUES, ("kinds",))
    hashes = [feature_hash(v, Feature("kinds", KINDS)) for v in (old, new)]
    assert hashes[0] != hashes[1]


def test_a_join_that_others_rest_on_changes_their_features() -> None:
    rest = (("customer_id", KIND),)
    chained = Join("merchants#2", CUSTOMERS, rest)
    far = Aggregate("count_distinct", (Column("merchants#2", "kind", VARCHAR),), AllTime())
    asked = dataclasses.replace(JOIN, at_request=True)
    change = classify(joining(JOIN, chained, far=far), joining(asked, chained, far=far))
    assert change.changed == ("far",)


def test_a_diff_says_in_words_what_a_schedule_a_join_and_a_frame_mean() -> None:
    asked = dataclasses.replace(JOIN, at_request=True)
    old = joining(JOIN, kinds=KINDS)
    framed = dataclasses.replace(KINDS, current=True)
    new = changed(joining(asked, kinds=framed), fresh=At(120, "Europe/London"))
    facts = diff(("1.0", old, OWNER, ""), ("draft", new, OWNER, ""))
    found = "merchants.customer_id = orders.customer_id; null where there is none"
    assert facts["changes"] == [
        {"feature": "kinds", "change": "values: all_time → all_time and the row in hand"}
    ]
    assert {one["what"]: (one["old"], one["new"]) for one in facts["meaning"]} == {
        "join merchants": (
            f"its latest row visible at the row's event time, {found}",
            f"its latest row visible at the moment of asking, {found}",
        ),
        "current row": ("none", "the row in hand counts, after the rows of its window"),
        "freshness": (
            "realtime",
            "daily 02:00 Europe/London: the answer of the last refresh at or before t",
        ),
    }
