"""Files of questions become files of answers: the same functions, and no row is lost."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from package_runs import running
from sample_packages import shop_package

EVENTS = """customer_id,city,amount,price,refunded,happened,booked,number
c1,Rome,12.5,10.00,false,2024-06-10T09:30:00Z,2024-06-10 09:30:00+00,1
c1,Rome,7,3.25,,2024-06-11T09:30:00.5+02:00,2024-06-10 09:30:00+00,2
"""
TOP = "id,customer_id,city,amount,items,discount,country,due,as_of\n"
GOOD = "1,c1,Rome,10,2,,USA,2024-05-01,2024-06-12T00:00:00Z\n"
STRANGER = "2,c9,,NaN,2,,,,2024-06-12T00:00:00+02:00\n"
UTC = dt.UTC


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with running(shop_package(), tmp_path_factory.mktemp("shop")) as module:
        yield module


@pytest.fixture
def batch(shop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The command, run in a folder with events; the package is imported once."""
    import shop_features.batch.__main__ as command

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command.signal, "signal", lambda *_: None)
    Path("events.csv").write_text(EVENTS)
    return command.main


FED = ("--events", "payments=events.csv")


def ask(
    batch: Any, text: str, *more: str, suffix: str = ".csv"
) -> tuple[int, list[dict[str, str]]]:
    Path(f"q{suffix}").write_text(text)
    code = batch([f"q{suffix}", "out.csv", *FED, *more])
    made = Path("out.csv")
    return code, list(csv.DictReader(made.read_text().splitlines())) if made.exists() else []


def rejected() -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path("out.csv.rejected.jsonl").read_text().splitlines()]


def test_each_row_is_answered_as_a_question_is(shop: Any, batch: Any) -> None:
    code, rows = ask(batch, TOP + GOOD + STRANGER, "--keep", "id")
    assert code == 0
    features = shop.Features()
    for event in csv.DictReader(EVENTS.splitlines()):
        features.ingest(
            "payments",
            {
                **event,
                "amount": float(event["amount"]),
                "price": Decimal(event["price"]),
                "refunded": False if event["refunded"] else None,
                "happened": dt.datetime.fromisoformat(event["happened"]),
                "booked": dt.datetime.fromisoformat(event["booked"]),
                "number": int(event["number"]),
            },
        )
    answer = features.get(
        {"customer_id": "c1", "city": "Rome"},
        {
            "amount": 10.0,
            "items": 2,
            "discount": None,
            "country": "USA",
            "due": dt.date(2024, 5, 1),
        },
        as_of=dt.datetime(2024, 6, 12, tzinfo=UTC),
    )
    said = {name: "" if value is None else str(value) for name, value in answer.values.items()}
    assert {name: rows[0][name] for name in said} == {
        name: text.lower() if text in {"True", "False"} else text for name, text in said.items()
    }
    assert {n: rows[0][f"{n}__status"] for n in said} == {
        n: why.value for n, why in answer.status.items()
    }
    assert [row["id"] for row in rows] == ["1", "2"]
    assert rows[0]["customer_spend__dearest"] == "10.00"
    assert (rows[1]["as_of"], rows[1]["amount"]) == ("2024-06-11T22:00:00Z", "NaN")
    assert (rows[1]["customer_spend__spend_30d"], rows[1]["city"]) == ("", "")
    assert rows[1]["customer_spend__spend_30d__status"] == "NOT_FOUND"


def row(amount: str = "1", items: str = "2", due: str = "", at: str = "2024-06-12T00:00Z") -> str:
    return f"3,c1,Rome,{amount},{items},,,{due},{at}\n"


BAD = {
    "naive": (row(at="2024-06-12T00:00:00"), "naive_time", "as_of"),
    "no moment": (row(at=""), "null", "as_of"),
    "text for a number": (row("much"), "wrong_type", "request.amount"),
    "null where it must not be": (row(""), "null", "request.amount"),
    "a float for an integer": (row(items="2.0"), "wrong_type", "request.items"),
    "a huge integer": (row(items=f"{10**60}"), "out_of_range", "request.items"),
    "65 bits": (row(items=f"{2**63}"), "out_of_range", "request.items"),
    "a huge double": (row("1e999"), "out_of_range", "request.amount"),
    "no such day": (row(due="2024-02-30"), "out_of_range", "request.due"),
    "less than a microsecond": (row(at="2024-06-12T00:00:00.0000001Z"), "wrong_type", "as_of"),
    "the calendar's end": (row(at="9999-12-31T23:59:59-10:00"), "out_of_range", "as_of"),
    "too few cells": ("3,c1\n", "unreadable", "csv"),
    "too many cells": (row(at="2024-06-12T00:00Z,"), "unreadable", "csv"),
    "an open quote": (row('"1'), "unreadable", "csv"),
    "a quote inside": (row('"1"1'), "unreadable", "csv"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_row_that_is_wrong_goes_aside_and_the_others_are_answered(
    batch: Any, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    line, error, field = BAD[name]
    code, rows = ask(batch, TOP + GOOD + line, "--keep", "id")
    assert code == 1
    assert [row["id"] for row in rows] == ["1"]
    (aside,) = rejected()
    assert (aside["row"], aside["code"], aside["field"]) == (2, error, field)
    given = aside["given"]
    assert line.rstrip("\n") == (given.rstrip("\n") if isinstance(given, str) else ",".join(given))
    assert f"{error} '{field}': 1, rows 2" in capsys.readouterr().out


def test_bytes_that_are_no_text_are_refused_and_kept(batch: Any) -> None:
    Path("q.csv").write_bytes((TOP + GOOD).encode() + b"3,c\xff1,,1,2,,,,2024-06-12T00:00Z\n")
    assert batch(["q.csv", "out.csv", "--keep", "id"]) == 1
    (aside,) = rejected()
    assert (aside["code"], aside["field"]) == ("lone_surrogate", "entity.customer_id")
    assert aside["given"][1].encode(errors="surrogateescape") == b"c\xff1"


LINE = {
    "customer_id": "c1", "city": None, "amount": 1, "items": 2, "discount": "Infinity",
    "country": "", "due": "2024-05-01", "as_of": "2024-06-12T00:00:00Z",
}  # fmt: skip
BAD_LINES = {
    "no JSON": ('{"a":', "unreadable", "json"),
    "no object": ("[1]", "unreadable", "json"),
    "a name twice": ('{"city": 1, "city": 2}', "unreadable", "json"),
    "NaN bare": ('{"amount": NaN}', "unreadable", "json"),
    "1e999": ('{"amount": 1e999}', "unreadable", "json"),
    "deep": ("[" * 100_000, "unreadable", "json"),
    "many digits": ("1" * 10_000, "unreadable", "json"),
    "a field that is not declared": (json.dumps({**LINE, "x": 1}), "unknown_field", "request.x"),
    "a field too few": ('{"as_of": "2024-06-12T00:00:00Z"}', "missing_field", "entity.customer_id"),
    "no moment": (json.dumps({**LINE, "as_of": None}), "null", "as_of"),
    "a number for a moment": (json.dumps({**LINE, "as_of": 17}), "wrong_type", "as_of"),
    "text for a double": (json.dumps({**LINE, "amount": "1"}), "wrong_type", "request.amount"),
    "true for an integer": (json.dumps({**LINE, "items": True}), "wrong_type", "request.items"),
    "an object for text": (json.dumps({**LINE, "city": {}}), "wrong_type", "entity.city"),
    "a lone surrogate": (json.dumps({**LINE, "city": "\ud800"}), "lone_surrogate", "entity.city"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_line_of_json_that_is_wrong_goes_aside(batch: Any, name: str) -> None:
    line, error, field = BAD_LINES[name]
    code, rows = ask(batch, json.dumps(LINE) + f"\n\n{line}\n", suffix=".jsonl")
    assert (code, len(rows)) == (1, 1)
    assert rows[0]["discount"] == "Infinity"
    (aside,) = rejected()
    assert (aside["row"], aside["code"], aside["field"]) == (2, error, field)
    given = aside["given"]
    assert (given if isinstance(given, str) else json.dumps(given)) == line


WRONG = {
    "no file": (["none.csv", "out.csv"], "No such file"),
    "an unknown ending": (["q.txt", "out.csv"], "none of .csv, .jsonl"),
    "an unknown ending of the answers": (
        ["q.csv", "out.xls", "--keep", "id"],
        "none of .csv, .jsonl",
    ),
    "no answers": (["q.csv"], "--dry-run"),
    "a column that is not declared": (["q.csv", "out.csv"], "'id' are not fields"),
    "a column that is missing": (["q.csv", "out.csv", "--time", "at"], "no column 'at'"),
    "an unknown source": (["q.csv", "out.csv", "--events", "x=events.csv"], "payments, visits"),
    "an unknown version": (["q.csv", "out.csv", "--version", "9.9"], "9.9"),
    "no moment": (["q.csv", "out.csv", "--as-of", "yesterday"], "TIMESTAMP"),
    "a naive moment": (["q.csv", "out.csv", "--as-of", "2024-06-12T00:00:00"], "without a zone"),
    "a folder that is not there": (["q.csv", "none/out.csv"], "not a folder"),
    "an answer that is kept": (["q.csv", "out.csv", "--keep", "amount"], "written anyway"),
    "no columns": (["empty.csv", "out.csv"], "names no columns"),
    "a column twice": (["twice.csv", "out.csv"], "'a' twice"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_usage_is_said_and_nothing_is_written(
    batch: Any, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, text = WRONG[name]
    Path("q.csv").write_text(TOP + GOOD)
    Path("q.txt").write_text(TOP + GOOD)
    Path("empty.csv").write_text("")
    Path("twice.csv").write_text("a,a\n")
    before = sorted(Path().iterdir())
    assert batch(arguments) == 2
    assert text in capsys.readouterr().err
    assert sorted(Path().iterdir()) == before


def test_answers_that_are_there_are_not_written_over_unasked(batch: Any) -> None:
    Path("out.csv").write_text("precious")
    assert ask(batch, TOP + GOOD, "--keep", "id")[0] == 2
    assert Path("out.csv").read_text() == "precious"
    assert ask(batch, TOP + GOOD, "--keep", "id", "--overwrite")[0] == 0
    assert "precious" not in Path("out.csv").read_text()


def test_a_dry_run_checks_every_row_and_writes_nothing(
    batch: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("q.csv").write_text(TOP + GOOD + BAD["naive"][0])
    before = sorted(Path().iterdir())
    assert batch(["q.csv", *FED, "--keep", "id", "--dry-run", "--json"]) == 1
    facts = json.loads(capsys.readouterr().out)
    assert sorted(Path().iterdir()) == before
    assert facts["dry_run"]
    assert not facts["held"]
    assert facts["events"]["payments"]["taken"] == 2
    assert facts["questions"] == {
        "rows": 2,
        "taken": 1,
        "refused": 1,
        "violations": [
            {"code": "naive_time", "field": "as_of", "count": 1, "first_rows": [2]},
        ],
    }


def test_one_moment_holds_for_all_rows_when_it_is_said(batch: Any) -> None:
    top, good = TOP.replace(",as_of", ""), GOOD.replace(",2024-06-12T00:00:00Z", "")
    code, rows = ask(batch, top + good, "--keep", "id", "--as-of", "2024-06-10T12:00:00+02:00")
    assert code == 0
    assert rows[0]["as_of"] == "2024-06-10T10:00:00Z"
    assert rows[0]["customer_spend__spend_30d"] == "12.5"


def test_what_ends_the_run_leaves_nothing_behind(
    batch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shop_features.batch import scoring

    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(scoring, "_line", interrupted)
    Path("q.csv").write_text(TOP + BAD["naive"][0] + GOOD)
    before = sorted(Path().iterdir())
    assert batch(["q.csv", "out.csv", "--keep", "id"]) == 130
    assert sorted(Path().iterdir()) == before
