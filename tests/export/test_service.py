"""The service answers as the package does, and its OpenAPI says exactly what it takes."""

from __future__ import annotations

import ast
import datetime as dt
import json
import logging
import math
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from package_runs import put
from sample_packages import grain_package, package, shop_package
from service_runs import NOW, Caller, conforms, serving, tried
from test_packages_keep_rules import workspace
from test_render import HOSTILE as TEXTS
from test_render import spoilt

from featurekit.datatypes import TIMESTAMP, VARCHAR, decimal
from featurekit.export.package import PackageSpec
from featurekit.export.render import render
from featurekit.ir.definitions import Entity, Field, Source, SourceKind
from featurekit.ir.nodes import Aggregate, Column
from featurekit.ir.view import Feature, Grain, View
from featurekit.ir.windows import AllTime

EVENT = {
    "customer_id": "c1", "city": "Rome", "amount": 1.5, "price": "12.50", "refunded": None,
    "happened": "2024-06-11T02:00:00+02:00", "booked": "2024-06-11T00:00:00Z", "number": 1,
}  # fmt: skip
ENTITY = {"customer_id": "c1", "city": "Rome"}
REQUEST = {"amount": 10, "items": 2, "discount": None, "country": "USA", "due": "2024-05-01"}
HOSTILE = (
    'x"); import os; ("',
    "json",
    "class",
    "model_config",
    "__init__",
    "\n\u2028#",
    "../../etc",
    "{path}",
    "<script>",
    "\u00e9\U0001f600",
    "copy",
    "Double",
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with serving(shop_package(), tmp_path_factory.mktemp("shop")) as module:
        yield module


def created(features: Any = None, **more: Any) -> Any:
    from shop_features.service import create_app

    return create_app(features, clock=lambda: NOW, **more)


@pytest.fixture
def call(shop: Any) -> Caller:
    return Caller(created())


def test_an_answer_is_what_the_package_answers(shop: Any, call: Caller) -> None:
    features = shop.Features()
    happened = dt.datetime(2024, 6, 11, tzinfo=dt.UTC)
    features.ingest(
        "payments",
        {**EVENT, "price": Decimal("12.50"), "happened": happened, "booked": happened},
    )
    expected = features.get(ENTITY, {**REQUEST, "due": dt.date(2024, 5, 1)}, as_of=NOW)
    assert call("POST", "/ingest/payments", json=EVENT).status_code == 204
    answer = call("POST", "/features", json={"entity": ENTITY, "request": REQUEST})
    assert answer.status_code == 200
    facts = answer.json()
    assert facts["as_of"] == "2024-06-12T00:00:00Z"
    assert facts["version"] == "1.0"
    values = {n: str(v) if isinstance(v, Decimal) else v for n, v in expected.values.items()}
    assert facts["values"] == values
    assert facts["status"] == {name: why.value for name, why in expected.status.items()}
    assert facts["values"]["customer_spend__dearest"] == "12.50"


def test_numbers_that_json_has_no_word_for_are_strings_both_ways(call: Caller) -> None:
    for said, value in (("NaN", math.nan), ("Infinity", math.inf), ("-Infinity", -math.inf)):
        given = {"entity": ENTITY, "request": {**REQUEST, "amount": said}}
        values = call("POST", "/features", json=given).json()["values"]
        assert values["basket_size__net"] == said
        assert str(float(values["basket_size__net"])) == str(value)


def test_one_refused_question_leaves_the_others_of_a_batch_be(call: Caller) -> None:
    good = {"entity": ENTITY, "request": REQUEST, "as_of": "2024-06-01T00:00:00Z"}
    bad = {"entity": ENTITY, "request": {**REQUEST, "items": None}}
    made = call("POST", "/features/batch", json={"questions": [good, bad, 7, {}]})
    assert made.status_code == 200
    first, *rest = made.json()["answers"]
    assert (first["answer"]["as_of"], first["error"]) == ("2024-06-01T00:00:00Z", None)
    said = [(one["error"]["code"], one["error"]["field"]) for one in rest]
    assert said == [("null", "request.items"), ("wrong_type", "body"), ("missing_field", "entity")]


@pytest.mark.parametrize(
    ("questions", "code", "message"),
    [
        ([{}] * 1001, "out_of_range", "has too many members"),
        (7, "wrong_type", "wants a JSON array"),
        ({}, "wrong_type", "wants a JSON array"),
    ],
)
def test_questions_that_are_no_list_or_a_long_one_are_told_so(
    call: Caller, questions: Any, code: str, message: str
) -> None:
    said = call("POST", "/features/batch", json={"questions": questions})
    assert said.status_code == 422
    assert (said.json()["code"], said.json()["field"]) == (code, "questions")
    assert said.json()["message"] == f"questions: {message} [{code}]"


def test_a_body_that_is_not_said_to_be_json_is_told_so(call: Caller) -> None:
    plain = {"content-type": "text/plain"}
    said = call("POST", "/features", content=b'{"entity": {}}', headers=plain)
    assert said.status_code == 422
    assert "sent as application/json" in said.json()["message"]


BAD = {
    "no JSON": (b"{", "unreadable", "body"),
    "no UTF-8": (b'{"entity": "\xff"}', "unreadable", "body"),
    "a name twice": (b'{"entity": 1, "entity": 2}', "unreadable", "body"),
    "NaN bare": (b'{"entity": NaN}', "unreadable", "body"),
    "deep": (b"[" * 100_000, "unreadable", "body"),
    "many digits": (b"1" * 10_000, "unreadable", "body"),
    "no object": (b"[]", "wrong_type", "body"),
    "nothing": (b"", "missing_field", "body"),
    "no entity": (b"{}", "missing_field", "entity"),
    "a field too many": ({"x\n<b>": 1}, "unknown_field", "request.x\\n<b>"),
    "a field that is no text": ({"x\ud800": 1}, "wrong_type", "request"),
    "a field too few": ({"due": ...}, "missing_field", "request.due"),
    "null": ({"amount": None}, "null", "request.amount"),
    "text for a number": ({"amount": "1"}, "wrong_type", "request.amount"),
    "true for a number": ({"items": True}, "wrong_type", "request.items"),
    "65 bits": ({"items": 2**63}, "out_of_range", "request.items"),
    "a huge number": ({"amount": 10**400}, "out_of_range", "request.amount"),
    "half a number": ({"items": 1.5}, "wrong_type", "request.items"),
    "no such day": ({"due": "2024-02-30"}, "out_of_range", "request.due"),
    "a lone surrogate": ({"country": "\ud800"}, "lone_surrogate", "request.country"),
    "an object": ({"country": {"a": []}}, "wrong_type", "request.country"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_the_contract_refuses_is_answered_with_its_code(call: Caller, name: str) -> None:
    given, code, field = BAD[name]
    if isinstance(given, dict):
        asked = {**REQUEST, **given}
        kept = {key: value for key, value in asked.items() if value is not ...}
        given = json.dumps({"entity": ENTITY, "request": kept}).encode()
    answer = call("POST", "/features", content=given, headers={"content-type": "application/json"})
    said = answer.json()
    assert (answer.status_code, said["code"], said["field"]) == (422, code, field)
    assert said["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        ("2024-06-12T00:00:00", "naive_time"),
        ("9999-12-31T23:59:59Z", "out_of_range"),
        ("yesterday", "wrong_type"),
        (1718150400, "wrong_type"),
    ],
)
def test_a_moment_must_be_one(call: Caller, moment: Any, code: str) -> None:
    given = {"entity": ENTITY, "request": REQUEST, "as_of": moment}
    said = call("POST", "/features", json=given).json()
    assert (said["code"], said["field"]) == (code, "as_of")


class Broken:
    """A store that fails."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def append(self, *_: Any) -> None:  # noqa: D102  as the protocol says
        raise self.error

    def changes(self, *_: Any) -> Any:  # noqa: D102  as the protocol says
        raise self.error


def test_a_store_that_fails_is_said_so_with_when_to_come_again(shop: Any) -> None:
    error = shop.StoreError("store_unavailable", "no connection")
    call = Caller(created(shop.Features(Broken(error))))
    asked = {"entity": ENTITY, "request": REQUEST}
    for method, path, body in (
        ("POST", "/features", asked),
        ("POST", "/features/batch", {"questions": [asked]}),
        ("POST", "/ingest/payments", EVENT),
        ("GET", "/ready", None),
    ):
        answer = call(method, path, json=body)
        assert answer.status_code == 503, path
        assert answer.json()["code"] == "store_unavailable"
        assert answer.headers["retry-after"] == "1"
    assert call("GET", "/health").status_code == 200


def test_what_nobody_foresaw_is_said_without_what_it_was(
    shop: Any, caplog: pytest.LogCaptureFixture
) -> None:
    call = Caller(created(shop.Features(Broken(ZeroDivisionError("secret")))))
    answer = call("POST", "/features", json={"entity": ENTITY, "request": REQUEST})
    said = answer.json()
    assert (answer.status_code, said["code"]) == (500, "internal")
    assert said["request_id"] == answer.headers["x-request-id"]
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    logged = [one for one in caplog.records if one.exc_info]
    assert len(logged) == 1
    assert logged[0].__dict__["facts"]["request_id"] == said["request_id"]


def test_a_body_that_is_too_large_is_refused_unread(shop: Any) -> None:
    from shop_features.service import Limits

    call = Caller(created(limits=Limits(body=100)))
    answer = call("POST", "/features", content=b" " * 101)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")

    async def parts() -> Any:
        for _ in range(3):
            yield b" " * 50

    answer = call("POST", "/features", content=parts())
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_body_that_does_not_come_is_not_waited_for(shop: Any) -> None:
    import asyncio

    from shop_features.service import Limits

    call = Caller(created(limits=Limits(receive=0.05)))

    async def slowly() -> Any:
        yield b"{"
        await asyncio.sleep(5)
        yield b"}"

    answer = call("POST", "/features", content=slowly())
    assert (answer.status_code, answer.json()["code"]) == (408, "too_slow")


def test_a_store_that_hangs_is_not_waited_for(shop: Any) -> None:
    import threading

    from shop_features.service import Limits

    free = threading.Event()

    class Hanging(Broken):
        def changes(self, *_: Any) -> Any:
            free.wait(5)
            raise self.error

    features = shop.Features(Hanging(shop.StoreError("store_unavailable", "at last")))
    call = Caller(created(features, limits=Limits(answer=0.05)))
    try:
        answer = call("POST", "/features", json={"entity": ENTITY, "request": REQUEST})
    finally:
        free.set()
    assert (answer.status_code, answer.json()["code"]) == (503, "store_timeout")


def test_a_batch_that_nobody_waits_for_any_more_is_not_gone_on_with(shop: Any) -> None:
    import time

    from shop_features.service import Limits

    asked: list[float] = []

    class Slow(shop.MemoryStore):
        def changes(self, *given: Any) -> Any:
            asked.append(time.monotonic())
            time.sleep(0.02)
            return super().changes(*given)

    call = Caller(created(shop.Features(Slow()), limits=Limits(answer=0.1)))
    questions = [{"entity": ENTITY, "request": REQUEST}] * 100
    answer = call("POST", "/features/batch", json={"questions": questions})
    assert (answer.status_code, answer.json()["code"]) == (503, "store_timeout")
    time.sleep(0.5)
    assert asked[-1] - asked[0] < 0.4


def test_a_request_keeps_the_callers_id_where_it_is_a_plain_one(call: Caller) -> None:
    assert call("GET", "/health", headers={"X-Request-ID": "a-1"}).headers["x-request-id"] == "a-1"
    odd = call("GET", "/health", headers={"X-Request-ID": 'a"b c'}).headers["x-request-id"]
    assert len(odd) == 32


def test_each_request_is_a_line_of_json_without_values(
    call: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    from shop_features.service.notes import JsonLines

    with caplog.at_level(logging.INFO, logger="shop_features.service"):
        call("POST", "/features", json={"entity": ENTITY, "request": {**REQUEST, "items": "Rome"}})
        call("GET", "/no/such")
    first, second = [json.loads(JsonLines().format(record)) for record in caplog.records]
    assert {"method", "path", "status", "seconds", "request_id", "version", "code"} <= set(first)
    assert (first["path"], first["status"], first["code"]) == ("/features", 422, "wrong_type")
    assert (second["path"], second["status"], second["code"]) == ("other", 404, "not_found")
    assert "Rome" not in json.dumps(first)


def test_prometheus_reads_what_was_counted(call: Caller) -> None:
    call("POST", "/features", json={"entity": ENTITY, "request": REQUEST})
    call("POST", "/features", json={"entity": ENTITY})
    call("POST", "/ingest/payments", json=EVENT)
    page = call("GET", "/metrics")
    assert page.headers["content-type"].startswith("text/plain")
    for line in (
        'features_requests_total{path="/features",status="200"} 1.0',
        'features_requests_total{path="/features",status="422"} 1.0',
        'features_problems_total{code="missing_field"} 1.0',
        'features_answers_total{version="1.0"} 1.0',
        'features_active_version{version="1.0"} 1.0',
        "features_events_total 1.0",
        "features_settings_followed 1.0",
        'features_request_seconds_count{path="/features"} 2.0',
        'features_statuses_total{status="NOT_FOUND"} 9.0',
    ):
        assert line in page.text.splitlines(), page.text


def test_events_are_taken_only_where_that_is_wanted(shop: Any) -> None:
    call = Caller(created(ingest=False))
    assert call("POST", "/ingest/payments", json=EVENT).status_code == 404
    assert not [path for path in call("GET", "/openapi.json").json()["paths"] if "ingest" in path]


def test_without_fastapi_the_service_says_what_to_install(tmp_path: Path) -> None:
    import os
    import subprocess
    import sys

    put(render(replace(shop_package(), service=True)), tmp_path)
    blocked = tmp_path / "blocked"
    for name in ("fastapi", "pydantic", "starlette", "uvicorn", "prometheus_client"):
        put({f"{name}/__init__.py": f"raise ImportError('no {name}', name='{name}')"}, blocked)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(blocked)}
    asked = [sys.executable, "-B", "-c", "import shop_features; shop_features.Features()"]
    done = subprocess.run(asked, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    served = [sys.executable, "-B", "-m", "shop_features.service"]
    done = subprocess.run(
        served, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "pip install -r shop_features/service/requirements.txt" in done.stderr
    assert "Traceback" not in done.stderr


def hostile_package(name: str) -> PackageSpec:
    """Return a package whose source, fields, keys and features are all called so."""
    source = Source(
        name,
        SourceKind.EVENTS,
        (Field(name, VARCHAR), Field("at", TIMESTAMP), Field("x", decimal(5, 2))),
        (name,),
        time="at",
    )
    request = Source(f"{name} asked", SourceKind.REQUEST, (Field(name, VARCHAR),))
    key = Entity(name, (Field(name, VARCHAR),))
    newest = Aggregate("last", (Column(name, "x", decimal(5, 2)),), AllTime(), type=decimal(5, 2))
    own = View("own", Grain.ENTITY, (Feature(name, newest),), source, (key,))
    said = Column(request.name, name, VARCHAR)
    asked = View("asked", Grain.ROW, (Feature(name, said),), request, requests=(request,))
    return package({"own@1.0": own, "asked@1.0": asked}, "odd")


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_becomes_code_or_a_path_of_the_service(name: str, tmp_path: Path) -> None:
    with serving(hostile_package(name), tmp_path):
        from odd_features.service import create_app

        app = create_app(clock=lambda: NOW)
        call = Caller(app)
        paths = call("GET", "/openapi.json").json()["paths"]
        (ingest,) = [path for path in paths if path.startswith("/ingest/")]
        assert ingest.removeprefix("/ingest/").isidentifier()
        event = {name: "a", "at": "2024-06-11T00:00:00Z", "x": "1.50"}
        assert call("POST", ingest, json=event).status_code == 204
        asked = {"entity": {name: "a"}, "request": {name: "b"}}
        answer = call("POST", "/features", json=asked)
        assert answer.json()["values"] == {f"own__{name}": "1.50", f"asked__{name}": "b"}
        conforms(app, 5)


def test_the_openapi_says_what_the_contract_takes(shop: Any) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", created())
    came = tried(schema.include(path="/features"), 8)
    assert set(came["POST /features positive"]) == {200}
    assert set(came["POST /features negative"]) == {422}
    paths = schema.raw_schema["paths"]
    named = [one["operationId"] for path in paths.values() for one in path.values()]
    assert named[:3] == ["features", "features_batch", "ingest_payments"]
    assert "Retry-After" in paths["/features"]["post"]["responses"]["503"]["headers"]


@pytest.mark.slow
def test_the_openapi_says_exactly_what_the_contract_takes(shop: Any) -> None:
    came = conforms(created(), 150)
    assert set(came["POST /ingest/payments positive"]) == {204}


@pytest.mark.slow
def test_the_openapi_of_rows_in_hand_says_what_the_contract_takes(tmp_path: Path) -> None:
    with serving(grain_package(), tmp_path):
        from grain_features.service import create_app

        conforms(create_app(clock=lambda: NOW), 50)


@pytest.mark.slow
@pytest.mark.parametrize("text", TEXTS)
def test_no_text_of_an_author_becomes_code_of_the_service(text: str) -> None:
    plain, hostile = (render(replace(spoilt(one), service=True)) for one in ("plain", text))
    assert render(replace(spoilt(text), service=True)) == hostile
    for path, made in hostile.items():
        if path.endswith(".py") and "/service/" in path:
            assert _names(made) <= _names(plain[path])
        if path.endswith(("Dockerfile", "requirements.txt")):
            assert made.splitlines()[1:] == plain[path].splitlines()[1:]
            assert made.startswith("# Generated by")


def _names(text: str) -> set[str]:
    """Return what a file's code is made of, without its texts."""
    named = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.alias)
    nodes = list(ast.walk(ast.parse(text)))
    calls = {ast.dump(node.func) for node in nodes if isinstance(node, ast.Call)}
    words = {node.id for node in nodes if isinstance(node, ast.Name)}
    return calls | words | {node.name for node in nodes if isinstance(node, named)}


def test_rules_of_sources_are_in_the_openapi(tmp_path: Path) -> None:
    view = workspace().draft("score").view
    with serving(package({"score@1.0": view}, "preview"), tmp_path):
        from preview_features.service import create_app

        app = create_app(clock=lambda: NOW)
        schemas = Caller(app)("GET", "/openapi.json").json()["components"]["schemas"]
        amount = schemas["Request"]["properties"]["amount"]
        assert amount["anyOf"][0]["maximum"] == 1e6
        assert amount["description"] == "0.0..1000000.0"
        conforms(app, 3)
