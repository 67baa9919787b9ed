"""A lock file makes a training set again, or names what is not as it was."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from trade import OWNER, SPEND, define, published, registered, spine, write_rows

import featurekit as fk
from featurekit import cli
from featurekit.ir.definitions import Source, SourceKind
from featurekit.training import orders
from featurekit.training.fingerprints import of_frame, watched
from featurekit.verbs import VERBS, Session, run
from featurekit.version import VERSION

MAKE = ["trainset", "churn", "--spine", "spine.parquet", "--time", "asked_at"]
AGAIN = ["trainset", "--lock", "train.parquet.lock.json", "--out", "again.parquet"]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_rows(tmp_path)
    monkeypatch.chdir(tmp_path)
    published(registered(fk.Workspace("catalog"), "transactions.parquet"))
    assert cli.main([*MAKE, "--out", "train.parquet"]) == 0
    return tmp_path


def test_a_lock_lies_beside_the_training_set_and_makes_it_again(desk: Path) -> None:
    assert cli.main(AGAIN) == 0
    assert (desk / "again.parquet").read_bytes() == (desk / "train.parquet").read_bytes()
    kept = (desk / "train.parquet.lock.json").read_text(encoding="utf-8")
    assert (desk / "again.parquet.lock.json").read_text(encoding="utf-8") == kept
    facts = json.loads(kept)
    assert (facts["set"], facts["engine"], facts["featurekit"]) == ("churn@1.0", "polars", VERSION)
    assert list(facts["sources"]["transactions"]["files"]) == ["transactions.parquet"]
    assert facts["spine"]["given"] == "spine.parquet"


def test_the_same_call_writes_the_same_bytes_wherever_the_file_was_copied(desk: Path) -> None:
    kept = (desk / "train.parquet.lock.json").read_bytes()
    rows = (desk / "transactions.parquet").read_bytes()
    (desk / "transactions.parquet").unlink()
    (desk / "transactions.parquet").write_bytes(rows)
    os.utime(desk / "transactions.parquet", (1, 1))
    assert cli.main([*MAKE, "--out", "train.parquet"]) == 0
    assert (desk / "train.parquet.lock.json").read_bytes() == kept


def test_training_sets_of_one_stem_have_locks_of_their_own(desk: Path) -> None:
    kept = (desk / "train.parquet.lock.json").read_bytes()
    pl.read_parquet("spine.parquet").head(3).write_parquet("few.parquet")
    words = ["trainset", "churn", "--spine", "few.parquet", "--time", "asked_at"]
    assert cli.main([*words, "--out", "train.csv"]) == 0
    assert (desk / "train.parquet.lock.json").read_bytes() == kept
    assert cli.main(AGAIN) == 0


@pytest.mark.parametrize("more", [[], ["--memory", "1GB"]])
@pytest.mark.parametrize(
    ("out", "code", "fix"),
    [
        ("nowhere/train.parquet", "FK230", "in a folder that exists"),
        ("train.json", "FK203", "also a variable"),
    ],
)
def test_an_output_that_cannot_be_is_refused_before_the_work(
    desk: Path, more: list[str], out: str, code: str, fix: str
) -> None:
    session = Session()
    session.use(fk.Workspace("catalog"))
    told: list[object] = []
    session.progress = lambda *at: told.append(at)
    with pytest.raises(fk.FeatureError) as caught:
        run(VERBS["trainset"], session, [*MAKE[1:], *more, "--out", out])
    assert caught.value.code == code
    assert fix in caught.value.fix
    assert told == []


def more_rows() -> None:
    frame = pl.read_parquet("transactions.parquet")
    pl.concat([frame, frame.head(1)]).write_parquet("transactions.parquet")


def other_spine() -> None:
    spine().with_columns(left=pl.lit(0)).write_parquet("spine.parquet")


def shorter_spine() -> None:
    spine().head(2).write_parquet("spine.parquet")


def another_column() -> None:
    frame = pl.read_parquet("transactions.parquet").with_columns(extra=1)
    frame.write_parquet("transactions.parquet")
    registered(fk.Workspace("catalog"), "transactions.parquet")


CHANGES: dict[str, tuple[Callable[[], None], str]] = {
    "rows": (more_rows, "source 'transactions': the file 'transactions.parquet'"),
    "spine": (other_spine, "the spine's column 'left'"),
    "questions": (shorter_spine, "the spine: 2 rows, not 8"),
    "column": (another_column, "source 'transactions'"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_is_named_and_nothing_is_written(
    change: str, desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    happen, named = CHANGES[change]
    happen()
    capsys.readouterr()
    assert cli.main(AGAIN) == 2
    said = capsys.readouterr().err
    assert "FK217" in said
    assert named in said
    assert not (desk / "again.parquet").exists()


def test_a_later_version_of_the_view_changes_nothing(desk: Path) -> None:
    workspace = fk.Workspace("catalog")
    define(workspace, SPEND.replace("last_30d", "last_60d"))
    workspace.publish("customer_spend")
    workspace.feature_set("churn", ["customer_spend@2"], owner=OWNER)
    assert cli.main(AGAIN) == 0
    assert (desk / "again.parquet").read_bytes() == (desk / "train.parquet").read_bytes()


def test_a_draft_that_changed_is_named(desk: Path) -> None:
    workspace = fk.Workspace("catalog")
    define(workspace, "SELECT COUNT(*) OVER last_7d AS n FROM transactions", "fresh")
    made = workspace.training("spine.parquet", "fresh", time="asked_at", lock=True)
    assert made.lock is not None
    Path("fresh.lock.json").write_text(made.lock.text, encoding="utf-8")
    assert_frame_equal(workspace.reproduce("fresh.lock.json").frame, made.frame)
    define(workspace, "SELECT COUNT(*) OVER last_8d AS n FROM transactions", "fresh")
    with pytest.raises(fk.FeatureError, match="the meaning of view 'fresh@draft'") as caught:
        workspace.reproduce(Path("fresh.lock.json"))
    assert caught.value.code == "FK217"


def test_answers_that_differ_by_themselves_are_named_with_the_versions(desk: Path) -> None:
    facts = json.loads(Path("train.parquet.lock.json").read_text(encoding="utf-8"))
    facts["featurekit"] = "0.0.1"
    facts["answers"]["customer_spend__spend_30d"] = "Float64 0"
    Path("train.parquet.lock.json").write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(fk.FeatureError) as caught:
        fk.Workspace("catalog").reproduce("train.parquet.lock.json")
    assert "customer_spend__spend_30d" in caught.value.problem
    assert "0.0.1" in caught.value.problem


def test_frames_are_locked_by_their_values(churn: fk.Workspace) -> None:
    made = churn.training(spine(), "churn", time="asked_at", lock=True)
    assert made.lock is not None
    assert "columns" in made.lock.sources["transactions"]
    assert made.lock.spine["given"] is None


def test_a_lock_of_a_frame_needs_the_frame(desk: Path) -> None:
    workspace = fk.Workspace("catalog")
    made = workspace.training(spine(), "churn", time="asked_at", lock=True)
    assert made.lock is not None
    Path("frame.lock.json").write_text(made.lock.text, encoding="utf-8")
    with pytest.raises(fk.FeatureError) as caught:
        workspace.reproduce("frame.lock.json")
    assert caught.value.code == "FK221"
    assert_frame_equal(workspace.reproduce("frame.lock.json", spine=spine()).frame, made.frame)
    with pytest.raises(fk.FeatureError) as caught:
        workspace.reproduce("frame.lock.json", spine=spine().reverse())
    assert caught.value.code == "FK217"


def test_a_query_is_locked_and_run_again(desk: Path) -> None:
    text = "SELECT customer_id, asked_at FROM 'spine.parquet' WHERE asked_at IS NOT NULL"
    words = ["trainset", "churn", "--time", "asked_at", "--spine", text, "--engine", "duckdb"]
    assert cli.main([*words, "--out", "q.csv"]) == 0
    assert cli.main(["trainset", "--lock", "q.csv.lock.json", "--out", "r.csv"]) == 0
    assert (desk / "r.csv").read_bytes() == (desk / "q.csv").read_bytes()
    assert json.loads(Path("r.csv.lock.json").read_text(encoding="utf-8"))["engine"] == "duckdb"


NEARLY = """{"format": 1, "featurekit": "1", "engine": "polars", "set": null, "what": ["a"],
"time": null, "views": {}, "answers": {}, "spine": {}, "sources": {}}"""


@pytest.mark.parametrize(
    "content",
    [
        *("", "[]", "{}", '{"format": 2}', "null", '"text"', "{" * 9_000),
        *(NEARLY.replace('["a"]', "[1]"), NEARLY.replace("{}}", '{"a": 1}}'), NEARLY),
    ],
)
def test_what_is_no_lock_is_refused(content: str, desk: Path) -> None:
    Path("bad.lock.json").write_text(content, encoding="utf-8")
    with pytest.raises(fk.FeatureError) as caught:
        fk.Workspace("catalog").reproduce("bad.lock.json")
    assert caught.value.code == "FK220"
    with pytest.raises(fk.FeatureError, match="FK220"):
        fk.Workspace("catalog").reproduce("nothing.lock.json")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["trainset"], "FK919"),
        (["trainset", "churn"], "FK919"),
        (["trainset", "churn", "--lock", "train.parquet.lock.json"], "FK920"),
        (["trainset", "--lock", "train.parquet.lock.json", "--engine", "duckdb"], "FK920"),
    ],
)
def test_words_that_do_not_go_together_are_refused(
    words: list[str], code: str, desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(words) == 2
    assert code in capsys.readouterr().err


# --- fingerprints


def test_a_frames_fingerprint_is_of_its_values_not_of_how_it_lies() -> None:
    frame = pl.DataFrame({"a": [1, None, 3], "b": ["x", None, ""], "c": [0.5, None, float("nan")]})
    pieces = pl.concat([frame.head(1), frame.tail(2)], rechunk=False)
    assert of_frame(pieces) == of_frame(frame)
    under = frame.with_columns(a=pl.when(pl.col("a").is_null()).then(None).otherwise(pl.col("a")))
    assert of_frame(under) == of_frame(frame)


VALUES: list[list[Any]] = [
    *([None, 1], [1, None], [0, 1], [1, 0], [0.0, 1.0], [-0.0, 1.0], [True, False]),
    *(["", "ab"], ["a", "b"], [None, "ab"], ["ab", ""], [b"a", b""], [b"", b"a"]),
    *([[1], []], [[], [1]], [[1], None], [[None], [1]], [[1, 2]], [{"x": 1}, {"x": 2}]),
    *([{"x": 2}, {"x": 1}], [None, None], [1], []),
]


def test_frames_that_differ_have_different_fingerprints() -> None:
    found = [json.dumps(of_frame(pl.DataFrame({"v": values}))) for values in VALUES]
    assert len(set(found)) == len(VALUES)


def test_a_file_that_is_written_while_it_is_read_is_noticed(tmp_path: Path) -> None:
    write_rows(tmp_path)
    source = Source("transactions", SourceKind.EVENTS, (), location="transactions.parquet")
    with watched([source], tmp_path):
        pass
    with (
        pytest.raises(fk.FeatureError, match=r"'transactions\.parquet' is another") as caught,
        watched([source], tmp_path),
    ):
        write_rows(tmp_path, count=61)
    assert caught.value.code == "FK216"


def test_a_training_set_of_a_source_that_changes_meanwhile_is_refused(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = orders.run

    def slowly(*given: Any, **named: Any) -> Any:
        made = answer(*given, **named)
        more_rows()
        return made

    monkeypatch.setattr(orders, "run", slowly)
    for ask in (fk.Workspace.training_set, fk.Workspace.training):
        with pytest.raises(fk.FeatureError) as caught:
            ask(fk.Workspace("catalog"), spine(), "churn", time="asked_at")
        assert caught.value.code == "FK216"


def test_what_duckdb_added_up_is_added_up_again_to_the_last_digit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    n = pl.int_range(30_000, eager=True)
    start = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    rows = pl.DataFrame(
        {
            "customer_id": (n % 50).cast(pl.String),
            "event_time": pl.select(pl.lit(start) + pl.duration(minutes=n)).to_series(),
            "amount": (n.hash(seed=7) % 10_007).cast(pl.Float64) / 7,
        }
    )
    rows.write_parquet("rows.parquet")
    rows.select("customer_id", asked_at="event_time").gather_every(10).write_parquet(
        "asked.parquet"
    )
    workspace = fk.Workspace("catalog")
    workspace.entity("customer", "customer_id:string")
    workspace.source("transactions", "rows.parquet", entity="customer", time="event_time")
    define(workspace, "SELECT SUM(amount) OVER last_7d AS s FROM transactions", name="sums")
    words = ["trainset", "sums", "--spine", "asked.parquet", "--time", "asked_at"]
    assert cli.main([*words, "--engine", "duckdb", "--out", "train.parquet"]) == 0
    for _ in range(3):
        assert cli.main(AGAIN) == 0
    assert Path("again.parquet").read_bytes() == Path("train.parquet").read_bytes()
