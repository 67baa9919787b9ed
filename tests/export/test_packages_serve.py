"""What a rendered package does with events and questions: statuses, contract, store, versions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from package_runs import running
from sample_packages import package, shop_package, shop_views
from shop_events import DAY, ENTITY, HOUR, NOW, REQUEST, payment, weather


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with running(shop_package(), tmp_path_factory.mktemp("shop")) as module:
        yield module


def status(answer: Any, name: str) -> str:
    return str(answer.status[name].value)


def test_a_stranger_is_not_found_and_counts_are_zero(shop: Any) -> None:
    answer = shop.Features().get(ENTITY, REQUEST, as_of=NOW)
    assert answer.values["spend_30d"] is None
    assert status(answer, "spend_30d") == "NOT_FOUND"
    assert answer.values["payments_7d"] == 0
    assert status(answer, "payments_7d") == "PRESENT"
    assert status(answer, "mood__mean_spend") == "NOT_FOUND"


def test_a_null_of_somebody_known_is_null(shop: Any) -> None:
    features = shop.Features()
    features.ingest("payments", payment(1, NOW - 60 * DAY))
    answer = features.get(ENTITY, REQUEST, as_of=NOW)
    assert status(answer, "spend_30d") == "NULL"
    assert status(answer, "dearest") == "PRESENT"


def test_an_old_look_up_is_stale_and_what_rests_on_it_says_so(shop: Any) -> None:
    features = shop.Features()
    features.ingest("weather", weather(NOW - 7 * HOUR))
    answer = features.get(ENTITY, REQUEST, as_of=NOW)
    assert answer.values["wind"] is None
    assert status(answer, "wind") == "STALE"
    assert status(answer, "mood__calm") == "STALE"
    features.ingest("weather", weather(NOW - 6 * HOUR, 11.0))
    answer = features.get(ENTITY, REQUEST, as_of=NOW)
    assert (answer.values["wind"], answer.values["calm"]) == (11.0, False)


@pytest.mark.parametrize(
    ("country", "land", "said"),
    [
        (" Great britain ", "GB", "PRESENT"),
        ("US", "US", "PRESENT"),
        ("Mars", None, "OUTSIDE_CONTRACT"),
        (None, None, "NULL"),
    ],
)
def test_a_category_is_canonical_or_outside_the_contract(
    shop: Any, country: str | None, land: str | None, said: str
) -> None:
    answer = shop.Features().get(ENTITY, {**REQUEST, "country": country}, as_of=NOW)
    assert answer.values["land"] == land
    assert status(answer, "land") == said


def test_a_feature_that_two_views_have_needs_its_full_name(tmp_path: Path) -> None:
    one = shop_views("wind")["wind@1.0"]
    spec = package({"wind@1.0": one, "gale@1.0": replace(one, name="gale")}, "two")
    with running(spec, tmp_path) as module:
        answer = module.Features().get({"city": "Leeds"}, as_of=NOW)
        assert answer.values["gale__windy"] is None
        with pytest.raises(module.UnknownFeature) as caught:
            answer.values["windy"]
    assert isinstance(caught.value, KeyError)
    assert "gale__windy" in str(caught.value)


def test_the_questions_own_moment_is_not_visible_and_what_comes_late_waits(shop: Any) -> None:
    features = shop.Features()
    features.ingest("payments", payment(1, NOW - HOUR, 1.0))
    features.ingest("payments", payment(2, NOW, 10.0))
    features.ingest("payments", payment(3, NOW - HOUR, 100.0, booked=NOW - 5 * HOUR / 60))
    features.ingest("payments", payment(4, NOW - HOUR, 1000.0, booked=None))
    assert features.get(ENTITY, REQUEST, as_of=NOW).values["spend_30d"] == 1.0
    later = NOW + dt.timedelta(microseconds=1)
    assert features.get(ENTITY, REQUEST, as_of=later).values["spend_30d"] == 101.0


def test_of_two_deliveries_the_one_available_first_counts_whatever_the_order(shop: Any) -> None:
    first = payment(1, NOW - HOUR, 1.0)
    second = payment(1, NOW - HOUR, 2.0, booked=NOW - HOUR + HOUR / 2)
    for order in ((first, second, first), (second, first, second)):
        features = shop.Features()
        for event in order:
            features.ingest("payments", event)
        answer = features.get(ENTITY, REQUEST, as_of=NOW)
        assert answer.values["spend_30d"] == 1.0


def test_one_event_feeds_every_key_it_carries(shop: Any) -> None:
    features = shop.Features()
    features.ingest("payments", payment(1, NOW - HOUR, customer_id=None))
    answer = features.get(ENTITY, REQUEST, as_of=NOW)
    assert (answer.values["payments_1d"], answer.values["payments_7d"]) == (1, 0)


def test_a_null_key_in_a_question_matches_nothing(shop: Any) -> None:
    features = shop.Features()
    features.ingest("payments", payment(1, NOW - HOUR))
    answer = features.get({**ENTITY, "customer_id": None}, REQUEST, as_of=NOW)
    assert status(answer, "spend_30d") == "NOT_FOUND"


def test_a_column_that_nothing_reads_may_be_left_out_but_must_be_of_its_type(shop: Any) -> None:
    features = shop.Features()
    for more in ({}, {"never_read": None}, {"never_read": "a"}):
        features.get(ENTITY, {**REQUEST, **more}, as_of=NOW)
    for wrong, code in ((1, "wrong_type"), (b"a", "wrong_type"), ("\ud800", "lone_surrogate")):
        with pytest.raises(shop.ContractError) as caught:
            features.get(ENTITY, {**REQUEST, "never_read": wrong}, as_of=NOW)
        assert (caught.value.code, caught.value.field) == (code, "request.never_read")


def test_a_required_column_that_nothing_reads_may_be_left_out_but_not_null(tmp_path: Path) -> None:
    view = shop_views("basket_size")["basket_size@1.0"]
    kept = tuple(feature for feature in view.features if feature.name == "land")
    spec = package({"basket_size@1.0": replace(view, features=kept)}, "land")
    with running(spec, tmp_path) as module:
        assert module.Features().get({}, {"country": "US"}, as_of=NOW).values["land"] == "US"
        for wrong, code in ((None, "null"), ("1", "wrong_type")):
            with pytest.raises(module.ContractError) as caught:
                module.Features().get({}, {"country": "US", "amount": wrong}, as_of=NOW)
            assert (caught.value.code, caught.value.field) == (code, "request.amount")


def test_times_of_any_zone_become_utc(shop: Any) -> None:
    features = shop.Features()
    zone = dt.timezone(dt.timedelta(hours=-4))
    features.ingest("payments", payment(1, (NOW - HOUR).astimezone(zone)))
    assert features.get(ENTITY, REQUEST, as_of=NOW.astimezone(zone)).values["spend_30d"] == 1.0


def test_decimals_get_their_scale_or_are_refused(shop: Any) -> None:
    features = shop.Features()
    features.ingest("payments", payment(1, NOW - HOUR, price=Decimal("7.1")))
    dearest = features.get(ENTITY, REQUEST, as_of=NOW).values["dearest"]
    assert str(dearest) == "7.10"
    for wrong in (Decimal("1.005"), Decimal("123456789.00"), Decimal("sNaN"), Decimal("Infinity")):
        with pytest.raises(shop.ContractError) as caught:
            features.ingest("payments", payment(2, NOW, price=wrong))
        assert (caught.value.code, caught.value.field) == ("out_of_range", "payments.price")
        assert caught.value.value is wrong


def test_errors_never_show_the_value(shop: Any) -> None:
    with pytest.raises(shop.ContractError) as caught:
        shop.Features().get({**ENTITY, "customer_id": 4929123}, REQUEST, as_of=NOW)
    assert "4929123" not in str(caught.value)
    assert caught.value.value == 4929123


FAR = dt.datetime(9999, 12, 31, 23, tzinfo=dt.timezone(-HOUR))
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-(2**70), max_value=2**70),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["\ud800", "x" * 1_000, b"a", NOW.replace(tzinfo=None), FAR]),
    st.datetimes(timezones=st.just(dt.UTC)),
    st.dates(),
    st.decimals(),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)


def adversarial(good: dict[str, Any]) -> st.SearchStrategy[Any]:
    changed = st.dictionaries(st.sampled_from([*good, "other"]), ODD, min_size=1, max_size=3)
    left_out = st.sampled_from(list(good)).map(lambda k: {n: v for n, v in good.items() if n != k})
    keys = st.one_of(st.none(), st.integers(), st.text(max_size=3), st.just("\ud800"))
    odd_keys = st.dictionaries(keys, ODD, max_size=3)
    return st.one_of(changed.map(lambda more: {**good, **more}), left_out, odd_keys, ODD)


@settings(
    max_examples=300,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    event=adversarial(payment(1, NOW)),
    source=st.one_of(st.sampled_from(["payments", "weather", "basket"]), ODD),
    entity=adversarial(ENTITY),
    request=adversarial(REQUEST),
    moment=st.one_of(st.just(NOW), ODD),
)
def test_whatever_comes_in_is_answered_or_refused_with_a_typed_error(
    shop: Any, event: Any, source: Any, entity: Any, request: Any, moment: Any
) -> None:
    features = shop.Features()
    refused: list[Any] = []

    def attempt(call: Callable[[], Any]) -> Any:
        try:
            return call()
        except shop.ContractError as error:
            refused.append(error)
            return None

    attempt(lambda: features.ingest(source, event))
    asked = ((entity, REQUEST, NOW), (ENTITY, request, NOW), (ENTITY, REQUEST, moment))
    for who, what, when in asked:
        answer = attempt(partial(features.get, who, what, as_of=when))
        if answer is not None:
            assert list(answer.values) == list(answer.status)
    for error in refused:
        assert error.code
        assert str(error).encode().startswith(error.field.encode())
