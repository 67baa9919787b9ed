"""Batch scoring as it is run: stores that fail, Parquet, progress, and what ends it half-way."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from package_runs import put, running
from redis_server import redis_url
from sample_packages import shop_package
from test_batch import EVENTS, GOOD, STRANGER, TOP, row

from featurekit.export.render import render

QUESTIONS = TOP + GOOD + STRANGER + row(at="2024-06-12T00:00:00")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with running(shop_package(), tmp_path_factory.mktemp("shop")) as module:
        yield module


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("events.csv").write_text(EVENTS)
    Path("q.csv").write_text(QUESTIONS)
    return tmp_path


def scored(store: Any = None, **more: Any) -> tuple[Any, list[float]]:
    """Score ``q.csv``; return the report, and how long was paused."""
    from shop_features.batch import Job, score
    from shop_features.batch.progress import Progress

    pauses: list[float] = []
    job = Job(
        Path(more.pop("questions", "q.csv")),
        Path(more.pop("out", "out.csv")),
        events=more.pop("events", [("payments", Path("events.csv"))]),
        keep=["id"],
        **more,
    )
    report = score(job, store, progress=Progress(io.StringIO()), sleep=pauses.append)
    return report, pauses


def flaky(shop: Any, failures: int, code: str = "store_timeout") -> Any:
    class Flaky(shop.MemoryStore):
        left = failures

        def _maybe(self) -> None:
            if self.left:
                self.left -= 1
                raise shop.StoreError(code, "not now")

        def append(self, *given: Any) -> None:
            self._maybe()
            super().append(*given)

        def changes(self, *given: Any) -> Any:
            self._maybe()
            return super().changes(*given)

    return Flaky(slack=None)


def test_a_store_that_fails_for_a_while_is_asked_again(shop: Any, folder: Path) -> None:
    plain, _ = scored()
    expected = Path("out.csv").read_text()
    report, pauses = scored(flaky(shop, 4))
    assert Path("out.csv").read_text() == expected
    assert report.questions == plain.questions
    assert pauses == [0.2, 0.4, 0.8, 1.6]
    assert report.retries == 4


def test_a_store_that_keeps_failing_ends_the_run_and_leaves_no_answers(
    shop: Any, folder: Path
) -> None:
    before = sorted(folder.iterdir())
    for failures, code in ((5, "store_timeout"), (1, "store_format")):
        with pytest.raises(shop.StoreError):
            scored(flaky(shop, failures, code))
        assert sorted(folder.iterdir()) == before, code


def test_rows_that_might_count_twice_are_delivered_once(shop: Any, folder: Path) -> None:
    Path("visits.csv").write_text("customer_id,at,page\nc1,2024-06-11T00:00:00Z,home\n")
    with pytest.raises(shop.StoreError):
        scored(flaky(shop, 1), events=[("visits", Path("visits.csv"))])


@pytest.mark.parametrize("library", ["pyarrow", "polars"])
def test_parquet_goes_in_and_out_with_its_types(
    shop: Any, folder: Path, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if library == "polars":
        monkeypatch.setitem(sys.modules, "pyarrow", None)
    at = dt.datetime(2024, 6, 12, tzinfo=dt.UTC)
    asked = pl.DataFrame(
        {
            "id": [1, 2, 3],
            "customer_id": ["c1", "c9", "c1"],
            "city": ["Rome", None, "Rome"],
            "amount": [10.0, float("nan"), None],
            "items": [2, 2, 2],
            "discount": pl.Series([None, None, None], dtype=pl.Float64),
            "country": ["USA", None, None],
            "due": [dt.date(2024, 5, 1), None, None],
            "as_of": pl.Series([at, at, at], dtype=pl.Datetime("ns", "UTC")),
        }
    )
    asked.write_parquet("q.parquet")
    report, _ = scored(questions="q.parquet", out="out.parquet")
    made = pl.read_parquet("out.parquet")
    assert made["customer_spend__dearest"].to_list() == [Decimal("10.00"), None]
    assert made.schema["customer_spend__dearest"] == pl.Decimal(10, 2)
    assert made.schema["as_of"] == pl.Datetime("us", "UTC")
    assert made["id"].to_list() == ["1", "2"]
    assert made["basket_size__early"].to_list() == [True, None]
    assert report.questions.facts()["violations"][0]["field"] == "request.amount"
    (aside,) = [json.loads(x) for x in Path("out.parquet.rejected.jsonl").read_text().splitlines()]
    assert (aside["row"], aside["given"]["as_of"]) == (3, "2024-06-12T00:00:00Z")
    scored(out="other.csv")
    scored(out="other.parquet")
    frame = pl.read_parquet("other.parquet")
    assert frame.height == 2
    assert frame["customer_spend__spend_30d"].to_list() == [19.5, None]


@pytest.mark.parametrize("library", ["pyarrow", "polars"])
def test_digits_below_a_microsecond_are_not_cut_off(
    shop: Any, folder: Path, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if library == "polars":
        monkeypatch.setitem(sys.modules, "pyarrow", None)
    frame = (
        pl.read_csv("q.csv").head(1).with_columns(as_of=pl.lit(1).cast(pl.Datetime("ns", "UTC")))
    )
    frame.write_parquet("q.parquet")
    with pytest.raises(ValueError, match="'as_of' holds times with digits below a microsecond"):
        scored(questions="q.parquet", out="out.csv")
    assert not Path("out.csv").exists()


def test_without_a_library_parquet_is_refused_in_words(
    shop: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shop_features.batch import Unavailable

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "polars", None)
    Path("q.parquet").write_bytes(b"")
    with pytest.raises(Unavailable, match="pip install pyarrow"):
        scored(questions="q.parquet")
    with pytest.raises(Unavailable, match="pip install pyarrow"):
        scored(out="out.parquet")


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_is_a_bar_on_a_terminal_and_plain_lines_elsewhere(
    shop: Any, *, terminal: bool
) -> None:
    from shop_features.batch.progress import Progress

    class Stream(io.StringIO):
        def isatty(self) -> bool:
            return terminal

    stream, now = Stream(), [0.0]
    progress = Progress(stream, lambda: now[0])
    for second in range(31):
        now[0] = float(second)
        progress.at("questions", second, second / 30)
    progress.end()
    said = stream.getvalue()
    if terminal:
        assert "\n" not in said
        assert "100%" in said
        assert said.endswith("\r")
        assert set(said.rsplit("\r", 2)[1]) == {" "}
    else:
        assert said.splitlines() == [
            "questions: 33%, 10 rows",
            "questions: 67%, 20 rows",
            "questions: 100%, 30 rows",
        ]


VALUES = {
    "BOOLEAN": st.booleans(),
    "BIGINT": st.integers(-(2**63), 2**63 - 1),
    "DOUBLE": st.floats(),
    "DECIMAL(38,9)": st.decimals(allow_nan=False, allow_infinity=False, places=9),
    "DATE": st.dates(),
    "TIMESTAMP": st.datetimes(timezones=st.just(dt.UTC)).map(lambda at: at.replace(fold=0)),
    "VARCHAR": st.text(st.characters(codec="utf-8"), min_size=1),
}


@pytest.mark.parametrize("kind", VALUES)
def test_what_is_written_is_read_back_exactly(shop: Any, kind: str) -> None:
    from shop_features import wire

    @settings(max_examples=50, deadline=None, database=None)
    @given(st.none() | VALUES[kind])
    def there_and_back(value: Any) -> None:
        text = wire.text_reader(kind)("x", wire.to_text(value))
        said = json.dumps({"x": wire.to_json(value)}, allow_nan=False)
        from_json = wire.json_reader(kind)("x", wire.parsed(said)["x"])
        for back in (text, from_json):
            assert type(back) is type(value) or isinstance(back, int | float)
            assert repr(float(back) if kind == "DOUBLE" and back is not None else back) == repr(
                value
            )

    there_and_back()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_killed_leaves_no_half_answers(tmp_path: Path, number: int) -> None:
    put(render(shop_package()), tmp_path)
    (tmp_path / "q.csv").write_text(TOP + GOOD * 300_000)
    command = [
        sys.executable,
        "-B",
        "-m",
        "shop_features.batch",
        "q.csv",
        "out.csv",
        "--keep",
        "id",
    ]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 20
    while not list(tmp_path.glob(".out.csv.part")) and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(process.pid, number)
    process.communicate(timeout=20)
    assert process.returncode == {signal.SIGTERM: 143, signal.SIGINT: 130}.get(number, -number)
    assert not (tmp_path / "out.csv").exists()
    assert not (tmp_path / "out.csv.rejected.jsonl").exists()
    if number != signal.SIGKILL:  # within the first second there is nothing to continue
        assert not list(tmp_path.glob(".out*"))


@pytest.mark.parametrize("store", ["sqlite", "redis"])
def test_events_and_questions_meet_in_a_store_that_lasts(
    shop: Any, folder: Path, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shop_features.batch.__main__ as command

    monkeypatch.setattr(command.signal, "signal", lambda *_: None)
    place = "sqlite:features.db"
    if store == "redis":
        import redis

        place = redis_url(12)
        with redis.Redis.from_url(place) as client:
            for key in client.scan_iter("shop_features:*"):
                client.delete(key)
    Path("none.csv").write_text(TOP)
    fed = ["none.csv", "none.out.csv", "--events", "payments=events.csv", "--keep", "id"]
    assert command.main([*fed, "--store", place]) == 0
    assert command.main(["q.csv", "out.csv", "--keep", "id", "--store", place]) == 1
    lasting = Path("out.csv").read_text()
    scored()
    assert lasting == Path("out.csv").read_text()
    assert "19.5" in lasting


def test_a_disk_that_is_full_ends_with_three_and_leaves_nothing_half_written(
    tmp_path: Path,
) -> None:
    put(render(shop_package()), tmp_path)
    (tmp_path / "q.csv").write_text(TOP + GOOD * 3_000)

    def run(most: int) -> tuple[int, str]:
        command = [sys.executable, "-B", "-m", "shop_features.batch", "q.csv", "out.csv"]
        limit = (most, resource.RLIM_INFINITY)
        done = subprocess.run(
            [*command, "--keep", "id"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit),
        )
        return done.returncode, done.stderr.strip()

    code, said = run(100_000)
    assert code == 3
    assert said.endswith("File too large; no answers were written")
    assert not list(tmp_path.glob("*out.csv*"))
    assert run(resource.RLIM_INFINITY)[0] == 0
    assert (tmp_path / "out.csv").stat().st_size > 100_000


def test_a_store_that_is_not_there_ends_with_three(
    shop: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import shop_features.batch.__main__ as command

    monkeypatch.setattr(command.signal, "signal", lambda *_: None)
    monkeypatch.setattr("shop_features.batch.running._FIRST_PAUSE", 0.001)
    before = sorted(folder.iterdir())
    asked = ["q.csv", "out.csv", "--keep", "id", "--store"]
    assert command.main([*asked, "redis://127.0.0.1:1/0"]) == 3
    assert "store_unavailable" in capsys.readouterr().err
    assert command.main([*asked, "mysql://x"]) == 2
    assert "'mysql' names no store" in capsys.readouterr().err
    assert sorted(folder.iterdir()) == before
