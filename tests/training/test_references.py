"""What a feature set looked like in training is kept with its version, and stays readable."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from trade import OWNER, define, published, registered, spine, write_rows

import featurekit as fk
from featurekit import cli
from featurekit.errors import CatalogError


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_rows(tmp_path)
    monkeypatch.chdir(tmp_path)
    published(registered(fk.Workspace("catalog"), "transactions.parquet"))
    return tmp_path


MAKE = ["trainset", "churn", "--spine", "spine.parquet", "--time", "asked_at"]


def commits() -> int:
    return sum(path.is_file() for path in Path("catalog").rglob("*"))


def test_a_profile_is_kept_with_the_sets_version_and_read_by_another_session(desk: Path) -> None:
    assert fk.Workspace("catalog").profile("churn") is None
    assert cli.main(MAKE) == 0
    kept = fk.Workspace("catalog").profile("churn@1")
    assert kept is not None
    assert (kept.name, kept.version, kept.rows) == ("churn", "1.0", 8)
    frame = fk.Workspace("catalog").training_set("spine.parquet", "churn", time="asked_at")
    for one in kept.features:
        answers = frame[one.column].drop_nulls()
        assert one.nulls == 8 - len(answers)
        assert one.distinct == answers.n_unique()
        assert len(one.quantiles) == 21
        assert (one.quantiles[0], one.quantiles[-1]) == (answers.min(), answers.max())
        assert one.quantiles == tuple(sorted(one.quantiles))


def test_the_same_again_adds_nothing_and_other_questions_do(desk: Path) -> None:
    assert cli.main(MAKE) == 0
    before = commits()
    assert cli.main(MAKE) == 0
    assert commits() == before
    spine().head(2).write_parquet("spine.parquet")
    assert cli.main(MAKE) == 0
    kept = fk.Workspace("catalog").profile("churn")
    assert kept is not None
    assert kept.rows == 2


def test_no_profile_leaves_it_out_and_so_do_views_and_frames_only(desk: Path) -> None:
    assert cli.main([*MAKE, "--no-profile"]) == 0
    assert cli.main([*MAKE[:1], "customer_spend", *MAKE[2:]]) == 0
    fk.Workspace("catalog").training_set("spine.parquet", "churn", time="asked_at")
    assert fk.Workspace("catalog").profile("churn") is None


def test_texts_truths_times_and_lists_have_profiles(trade: fk.Workspace) -> None:
    text = """SELECT LAST(country) OVER all_time AS land, MAX(event_time) OVER all_time AS latest,
              BOOL_OR(status = 'open') OVER all_time AS open,
              LIST_LAST(amount, 3) OVER all_time AS l
              FROM transactions"""
    define(trade, text, "many")
    trade.publish("many")
    trade.feature_set("wide", ["many@1"], owner=OWNER)
    trade.keep_profile(trade.training(spine(), "wide", time="asked_at"))
    kept = trade.profile("wide")
    assert kept is not None
    land, latest, opened, lists = kept.features
    assert land.top[0][1] >= land.top[-1][1]
    assert sum(count for _, count in land.top) == 8 - land.nulls
    assert latest.quantiles[-1] == 1_709_769_540_000_000.0
    assert {value for value, _ in opened.top} == {"true", "false"}
    assert lists.distinct is None
    assert lists.quantiles[0] == 1.0


def test_a_set_that_is_not_there_has_no_profile(churn: fk.Workspace) -> None:
    with pytest.raises(fk.FeatureError) as caught:
        churn.profile("chrun")
    assert caught.value.code == "FK303"


def test_no_rows_leave_the_profile_as_it_was(churn: fk.Workspace) -> None:
    churn.keep_profile(churn.training(spine(), "churn", time="asked_at"))
    churn.keep_profile(churn.training(spine().head(0), "churn", time="asked_at"))
    kept = churn.profile("churn")
    assert kept is not None
    assert kept.rows == 8


def test_only_answers_that_are_numbers_have_quantiles(churn: fk.Workspace) -> None:
    nobody = pl.DataFrame({"customer_id": ["x"], "asked_at": [spine()["asked_at"][0]]})
    churn.keep_profile(churn.training(nobody, "churn", time="asked_at"))
    kept = churn.profile("churn")
    assert kept is not None
    assert [len(one.quantiles) for one in kept.features] == [0, 21, 0]


def test_a_training_set_that_cannot_be_written_keeps_no_profile(desk: Path) -> None:
    assert cli.main([*MAKE, "--out", "no/such/folder.parquet"]) == 2
    assert fk.Workspace("catalog").profile("churn") is None


def test_a_catalog_that_refuses_is_told_and_the_training_set_stays(
    desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise CatalogError("nobody may write here")

    monkeypatch.setattr("featurekit.catalog.catalog.Catalog.keep_profile", refuse)
    assert cli.main([*MAKE, "--out", "train.parquet"]) == 0
    assert "nobody may write here" in capsys.readouterr().out
    assert Path("train.parquet").exists()


def test_only_a_training_set_has_a_profile_to_keep(churn: fk.Workspace) -> None:
    with pytest.raises(fk.FeatureError) as caught:
        churn.keep_profile(spine())  # type: ignore[arg-type]  # what is tried
    assert caught.value.code == "FK913"


def test_bounded_memory_keeps_the_same_profile_and_remarks(desk: Path) -> None:
    assert cli.main(MAKE) == 0
    whole = fk.Workspace("catalog").profile("churn")
    rows = pl.read_parquet("spine.parquet")
    rows.with_columns(knows=pl.int_range(len(rows)) % 2).write_parquet("spine.parquet")
    bounded = [*MAKE, "--memory", "1GB", "--out", "train.parquet"]
    assert cli.main([*bounded, "--dry-run"]) == 0
    assert sorted(p.name for p in desk.iterdir() if p.name.startswith("train")) == []
    fresh = fk.Workspace("catalog").training_file(
        "spine.parquet",
        *("churn", "train.parquet"),
        memory="1GB",
        time="asked_at",
        label="knows",
        lock=True,
        dry_run=True,
    )
    made = fk.Workspace("catalog").training(
        "spine.parquet", "churn", time="asked_at", label="knows"
    )
    assert fresh.lints == made.report.lints
    assert fresh.profile == whole
    assert [(c.column, c.type, c.nulls) for c in fresh.columns] == [
        (c.column, c.type, c.nulls) for c in made.report.columns
    ]
    assert not Path("train.parquet").exists()


def test_a_label_that_is_no_column_is_refused_before_anything_is_computed(
    desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def never(*_: object, **__: object) -> None:
        pytest.fail("computed")

    monkeypatch.setattr("featurekit.training.orders.run", never)
    monkeypatch.setattr("featurekit.training.bounded.in_pieces", never)
    for more in ([], ["--memory", "1GB", "--out", "train.parquet"]):
        assert cli.main([*MAKE, "--label", "nope", *more]) == 2
        assert "FK205" in capsys.readouterr().err


def test_what_an_engine_does_not_do_is_refused_and_never_left_out(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spark = ["--engine", "spark", "--out", "folder"]
    for more in (
        [*spark, "--memory", "1GB"],
        [*spark, "--label", "y"],
        ["--explain"],
        ["--table", "transactions=t"],
    ):
        assert cli.main([*MAKE, *more]) == 2
        said = capsys.readouterr().err
        assert "FK244" in said
        assert "fix: " in said
    for more in (["--memory", "1GB"], ["--explain"], ["--table", "a=b"]):
        assert cli.main(["trainset", "--lock", "train.parquet.lock.json", *more]) == 2
        assert "FK920" in capsys.readouterr().err


def test_a_plan_names_the_answers(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("duckdb")
    assert cli.main([*MAKE, "--engine", "duckdb", "--explain", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    made = fk.Workspace("catalog").training("spine.parquet", "churn", time="asked_at")
    assert told["features"] == [
        {"column": one.column, "type": one.type} for one in made.report.columns
    ]
