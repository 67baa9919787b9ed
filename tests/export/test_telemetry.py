"""What a running package says about itself, what it keeps to itself, and that it never matters."""

from __future__ import annotations

import datetime as dt
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from package_runs import imported, put
from sample_packages import BASKET, PAYMENTS, package, shop_views
from shop_events import ENTITY, HOUR, NOW, REQUEST, payment, weather
from trade import define

import featurekit as fk
from featurekit.catalog.records import CODEC
from featurekit.export.render import render
from featurekit.ir.canonical import meaning_hash
from featurekit.ir.definitions import Source
from featurekit.verbs import Session, run_line

MICROSECOND = dt.timedelta(microseconds=1)
OPEN = {"payments": ("amount", "customer_id", "city"), "basket": ("amount", "items", "country")}


def shop(folder: Path, loggable: Mapping[str, tuple[str, ...]], name: str = "shop") -> Path:
    return put(render(package(shop_views(), name, loggable=loggable)), folder)


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with imported("shop_features", shop(tmp_path_factory.mktemp("closed"), {})) as module:
        yield module


def rows(module: Any, folder: Path, share: float = 1.0, **question: Any) -> list[dict[str, Any]]:
    """Ask one question and return the lines that were written."""
    lines: list[str] = []
    features = observed(module, folder, lines.append, share)
    features.ingest("payments", payment(1, NOW - HOUR, 4.25, city="Leeds"))
    features.ingest("weather", weather(NOW - HOUR, float("nan")))
    features.get(ENTITY, {**REQUEST, **question}, as_of=NOW)
    return [json.loads(line) for line in lines]


def observed(module: Any, folder: Path, sink: Any, share: float = 1.0) -> Any:
    file = folder / "settings.json"
    file.write_text(json.dumps({"active": "1.0", "log_sample": share}))
    telemetry = module.Telemetry(sink, now=lambda: NOW)
    return module.Features(settings=file, telemetry=telemetry)


def valid(module: Any, lines: list[dict[str, Any]]) -> None:
    schema = json.loads(Path(module.__file__).with_name("telemetry.schema.json").read_text())
    checker = jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    checker.check_schema(schema)
    for line in lines:
        checker.validate(line)


def test_rows_and_events_are_as_the_published_schema_says(closed: Any, tmp_path: Path) -> None:
    (row,) = rows(closed, tmp_path)
    lines: list[str] = []
    features = observed(closed, tmp_path, lines.append)
    (tmp_path / "settings.json").write_text("{")
    features.reload()
    (event,) = map(json.loads, lines)
    assert (event["kind"], event["code"]) == ("event", "unknown_version")
    valid(closed, [row, event])
    assert (row["version"], row["meaning"], row["at"]) == (
        *("1.0", "0123456789abcdef"),
        "2024-06-12T15:04:05Z",
    )
    assert row["status"]["city_payments__payments_1d"] == "PRESENT"
    for spoilt in ({**row, "payload": 1}, {**row, "status": {"x": "GOOD"}}, {"kind": "row"}):
        with pytest.raises(jsonschema.ValidationError):
            valid(closed, [spoilt])


def test_nothing_that_is_not_marked_is_in_a_row(closed: Any, tmp_path: Path) -> None:
    (row,) = rows(closed, tmp_path, country="Great Britain", discount=777.125)
    for inputs in (row["entity"], row["request"]):
        assert all(value is None or set(value) == {"sha256"} for value in inputs.values())
    shown = {name for name, value in row["values"].items() if not isinstance(value, dict)}
    told = {name for name in shown if row["values"][name] is not None}
    assert told == {"customer_spend__payments_7d", "city_payments__payments_1d"}  # they only count
    line = json.dumps(row)
    for secret in ("c1", "Leeds", "Britain", "777.125", "12.5", "4.25", "2024-06-30"):
        assert f'"{secret}' not in line
        assert f" {secret}" not in line


def test_what_is_marked_is_in_the_row_and_so_is_what_rests_on_nothing_else(tmp_path: Path) -> None:
    with imported("open_features", shop(tmp_path, OPEN, "open")) as module:
        (row,) = rows(module, tmp_path)
        valid(module, [row])
    assert row["entity"] == {"customer_id": "c1", "city": "Leeds"}
    assert row["request"]["amount"] == 12.5
    assert set(row["request"]["due"]) == {"sha256"}
    assert row["values"]["customer_spend__spend_30d"] == 4.25
    assert row["values"]["basket_size__land"] == "US"
    assert set(row["values"]["customer_spend__dearest"]) == {"sha256"}  # of payments.price
    assert set(row["values"]["basket_size__net"]) == {"sha256"}  # of basket.discount, too
    assert set(row["values"]["wind__wind"]) == {"sha256"}


def test_equal_values_have_equal_hashes_and_others_do_not(closed: Any, tmp_path: Path) -> None:
    telemetry = sys.modules["shop_features.telemetry"]
    values = [
        *(None, True, 1, "1", 1.5, float("nan"), Decimal("1.50"), dt.date(2024, 1, 1), NOW),
        *(["a", "b"], ["a"], "NaN "),
    ]
    hashes = [json.dumps(telemetry.hidden(value)) for value in values]
    assert len(set(hashes)) == len(values)
    there = NOW.astimezone(dt.timezone(dt.timedelta(hours=5)))
    assert telemetry.hidden(there) == telemetry.hidden(NOW)


PAYLOADS = """
import sys, datetime as dt
sys.path.insert(0, sys.argv[1])
from shop_features.telemetry import Question, draw, payload
now = dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)
there = now.astimezone(dt.timezone(dt.timedelta(hours=5)))
for asked in (
    Question({"b": 1, "a": "x"}, {"z": 2.5, "y": None, "t": there}, now),
    Question({"a": "x", "b": 1}, {"y": None, "t": now, "z": 2.5}, there),
):
    print(payload(asked), draw(asked))
"""


def test_the_same_question_has_the_same_payload_and_draw_in_every_process(tmp_path: Path) -> None:
    folder = str(shop(tmp_path, {}))
    said = {
        subprocess.run(
            [sys.executable, "-c", PAYLOADS, folder],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len({line for text in said for line in text.splitlines()}) == 1


def test_what_is_drawn_is_a_share_of_the_questions_whatever_they_carry(closed: Any) -> None:
    telemetry = sys.modules["shop_features.telemetry"]
    asked = [
        *(telemetry.Question({"n": n}, {}, NOW) for n in range(20_000)),
        *(telemetry.Question({}, {"t": str(n), "x": 1.0}, NOW) for n in range(20_000)),
        *(
            telemetry.Question({}, {}, NOW + n * dt.timedelta(microseconds=1))
            for n in range(20_000)
        ),
    ]
    for part in (asked[:20_000], asked[20_000:40_000], asked[40_000:]):
        draws = [telemetry.draw(one) for one in part]
        assert 140 < sum(drawn < 0.01 for drawn in draws) < 260
        assert 9_700 < sum(drawn < 0.5 for drawn in draws) < 10_300
        assert min(draws) >= 0
        assert max(draws) < 1


def test_the_same_questions_are_logged_every_time(closed: Any, tmp_path: Path) -> None:
    def logged() -> list[str]:
        lines: list[str] = []
        features = observed(closed, tmp_path, lines.append, 0.3)
        for n in range(200):
            features.get(ENTITY, {**REQUEST, "items": n}, as_of=NOW)
        return [json.loads(line)["payload"] for line in lines]

    first = logged()
    assert 30 < len(first) < 90
    assert logged() == first


def raising(line: str) -> None:
    raise RuntimeError(line)


@pytest.mark.parametrize(
    "sink", [raising, Path("/dev/full"), Path("/none/x")], ids=["raises", "disk full", "no folder"]
)
def test_a_sink_that_fails_is_counted_and_answers_stand(
    closed: Any, tmp_path: Path, sink: Any
) -> None:
    features = observed(closed, tmp_path, sink)
    for _ in range(3):
        assert features.get(ENTITY, REQUEST, as_of=NOW).values["payments_1d"] == 0
    metrics = features.metrics()
    assert (metrics.unlogged, metrics.logged, metrics.answers) == (3, 0, {"1.0": 3})


def test_a_file_takes_a_line_a_row_also_after_it_was_rotated(closed: Any, tmp_path: Path) -> None:
    log = tmp_path / "rows.jsonl"
    features = observed(closed, tmp_path, log)
    features.get(ENTITY, REQUEST, as_of=NOW)
    log.rename(tmp_path / "rows.1.jsonl")
    features.get(ENTITY, REQUEST, as_of=NOW)
    features.get(ENTITY, REQUEST, as_of=NOW)
    assert len(log.read_text().splitlines()) == 2
    assert features.metrics().logged == 3


def test_without_a_sink_rows_go_to_a_logger_when_somebody_listens_there(
    closed: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    features = observed(closed, tmp_path, None)
    with caplog.at_level(logging.WARNING, "shop_features.telemetry"):
        features.get(ENTITY, REQUEST, as_of=NOW)
    assert (caplog.records, features.metrics().logged) == ([], 0)
    with caplog.at_level(logging.INFO, "shop_features.telemetry"):
        features.get(ENTITY, REQUEST, as_of=NOW)
    (record,) = caplog.records
    valid(closed, [json.loads(record.getMessage())])


def test_answers_errors_statuses_and_times_are_counted(closed: Any, tmp_path: Path) -> None:
    features = observed(closed, tmp_path, None, 0.0)
    features.ingest("weather", weather(NOW - HOUR))
    for country in ("US", "Mars"):
        features.get(ENTITY, {**REQUEST, "country": country}, as_of=NOW)
    for spoilt in ({}, {**REQUEST, "amount": "x"}, {**REQUEST, "amount": "y"}):
        with pytest.raises(closed.ContractError):
            features.get(ENTITY, spoilt, as_of=NOW)
    with pytest.raises(closed.ContractError):
        features.ingest("nowhere", {})
    found = features.metrics()
    assert found.answers == {"1.0": 2}
    assert found.errors == {"missing_field": 1, "wrong_type": 2, "unknown_source": 1}
    assert found.events == 1
    assert found.statuses["OUTSIDE_CONTRACT"] == 2
    assert sum(found.statuses.values()) == 2 * 19
    assert (sum(found.took), len(found.took)) == (2, len(found.took))
    assert 0 < found.seconds < 1


def test_threads_are_counted_exactly(closed: Any, tmp_path: Path) -> None:
    features = observed(closed, tmp_path, print, 0.5)

    def ask() -> None:
        for _ in range(200):
            features.get(ENTITY, REQUEST, as_of=NOW)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert features.metrics().answers == {"1.0": 800}


# --- what is loggable is no part of a meaning


def test_what_may_be_logged_changes_no_meaning_and_old_records_say_nothing_of_it() -> None:
    from dataclasses import replace

    view = shop_views("customer_spend")["customer_spend@1.0"]
    marked = replace(view, source=replace(PAYMENTS, loggable=("amount",)))
    assert meaning_hash(view) == meaning_hash(marked)
    record = CODEC.encode(BASKET)
    assert record.pop("loggable") == []
    assert CODEC.decode(record, Source) == BASKET
    open_one = replace(BASKET, loggable=("amount", "items"))
    assert CODEC.decode(CODEC.encode(open_one), Source) == open_one


def test_a_source_that_is_registered_anew_opens_its_columns_at_the_next_export(
    desk: Path,
) -> None:
    workspace = fk.Workspace("catalog")
    service = desk / "service"
    workspace.export("churn", to=service)
    line = "transactions transactions.parquet --entity customer --time event_time"
    line += " --available loaded_at --tie transaction_id"
    session = Session()
    session.use(workspace)
    marked = run_line(session, "source", f"{line} --loggable status,amount")
    assert marked["loggable"] == ["amount", "status"]
    define(workspace)
    assert workspace.publish("customer_spend") == "1.0"
    delivery = workspace.export("churn", to=service)
    marks = {change.path: change.mark for change in delivery.changes}
    assert marks["churn_features/v1_0/views.py"] == "="
    own = (service / "churn_features/v1_0/__init__.py").read_text()
    shown = own.partition("LOGGED")[2].partition("_SHORT")[0]
    assert '"customer_spend__spend_30d"' in shown
    with pytest.raises(fk.FeatureError) as refused:
        run_line(session, "source", f"{line} --loggable amuont")
    assert (refused.value.code, refused.value.fix) == ("FK205", "--loggable amount")
