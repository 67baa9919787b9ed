"""Parts of a training set by time: disjoint, apart by the embargo, rows in their order."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from trade import at, define, published, registered, spine, write_rows

import featurekit as fk
from featurekit import cli
from featurekit.training.splits import split

DAY = 86_400_000_000


def days(*numbers: int | None) -> pl.DataFrame:
    """Return a row for each day of March, numbered in the order given."""
    times = [None if number is None else at(number) for number in numbers]
    schema = {"at": pl.Datetime("us", "UTC"), "n": pl.Int64}
    return pl.DataFrame({"at": times, "n": list(range(len(times)))}, schema=schema)


def kept(made: Any, name: str) -> list[int]:
    return made.frames[name]["at"].dt.day().to_list()  # type: ignore[no-any-return]  # a list


def test_ranges_are_half_open_and_rows_near_the_next_part_are_left_out() -> None:
    frame = days(9, 1, 5, 4, 3, 2, None, 20)
    parts = {"train": "/2024-03-05", "test": "2024-03-05/2024-03-10"}
    made = split(frame, "at", parts, 2 * DAY)
    assert kept(made, "train") == [1, 2]
    assert kept(made, "test") == [9, 5]
    train, test = made.parts
    assert (train.rows, train.embargoed, test.embargoed) == (2, 2, 0)
    assert (train.first, train.last) == (at(1), at(2))
    assert (made.without_time, made.outside) == (1, 1)
    assert kept(split(frame, "at", parts, 0), "train") == [1, 4, 3, 2]


def test_shares_follow_time_and_rows_of_one_moment_stay_together() -> None:
    made = split(days(*range(10, 0, -1)), "at", {"train": 0.5, "valid": 0.3, "test": 0.2}, 0)
    assert [sorted(kept(made, name)) for name in ("train", "valid", "test")] == [
        *([1, 2, 3, 4, 5], [6, 7, 8], [9, 10]),
    ]
    tied = split(days(1, 2, 2, 2, 3, 4), "at", {"train": 0.5, "test": 0.5}, 0)
    assert kept(tied, "train") == [1]
    assert kept(tied, "test") == [2, 2, 2, 3, 4]


@given(
    moments=st.lists(st.one_of(st.none(), st.integers(1, 28)), max_size=30),
    cut=st.integers(1, 28),
    gap=st.integers(0, 10),
)
def test_no_row_of_training_is_nearer_to_the_test_than_the_gap(
    moments: list[int | None], cut: int, gap: int
) -> None:
    frame = days(*moments)
    border = f"2024-03-{cut:02d}"
    made = split(frame, "at", {"train": f"/{border}", "test": f"{border}/"}, gap * DAY)
    train, test = made.frames["train"], made.frames["test"]
    assert not {*train["n"]} & {*test["n"]}
    assert all(one < at(cut) - dt.timedelta(days=gap) for one in train["at"])
    assert all(one >= at(cut) for one in test["at"])
    embargoed = sum(part.embargoed for part in made.parts)
    assert len(train) + len(test) + embargoed + made.without_time == len(frame)
    assert train["n"].to_list() == sorted(train["n"])


BAD: list[tuple[dict[str, Any], str]] = [
    ({"train": "/2024-03-05", "test": "2024-03-04/"}, "FK223"),
    ({"train": "2024-03-01/", "test": "2024-03-04/"}, "FK223"),
    ({"train": "/2024-03-05", "test": "/2024-03-06"}, "FK223"),
    ({"train": 0.8, "test": 0.3}, "FK223"),
    ({"train": 0.8, "test": "2024-03-04/"}, "FK222"),
    ({"train": 1.5}, "FK222"),
    ({"train": 0.0, "test": 0.5}, "FK222"),
    ({"train": float("nan")}, "FK222"),
    ({"train": "/"}, "FK222"),
    ({"train": "2024-03-04"}, "FK222"),
    ({"train": "yesterday/"}, "FK222"),
    ({"train": "2024-03-04/2024-03-04"}, "FK222"),
    ({}, "FK222"),
]


@pytest.mark.parametrize(("parts", "code"), BAD)
def test_parts_that_are_none_or_overlap_are_refused(parts: dict[str, Any], code: str) -> None:
    with pytest.raises(fk.FeatureError) as caught:
        split(days(*range(1, 11)), "at", parts, 0)
    assert caught.value.code == code


def test_a_number_that_is_no_share_is_blamed_and_not_the_range_beside_it() -> None:
    with pytest.raises(fk.FeatureError, match="'train' is 2024"):
        split(days(1, 2), "at", {"train": 2024, "test": "2024-03-04/"}, 0)


def test_a_range_may_say_its_offset(churn: fk.Workspace) -> None:
    frame = days(1, 2, 3)
    parts = {"train": "/2024-03-02T01:00+01:00", "test": "2024-03-02 00:00:00+00:00/"}
    made = split(frame, "at", parts, 0)
    assert (kept(made, "train"), kept(made, "test")) == ([1], [2, 3])


def test_the_gap_is_the_longest_window_of_the_features(churn: fk.Workspace) -> None:
    train = churn.training_set(spine(), "churn", time="asked_at")
    parts = {"train": "/2024-03-30", "test": "2024-03-30/"}
    made = churn.split(train, time="asked_at", **parts)
    assert made.gap == 30 * DAY
    assert made.parts[0].rows == 0
    assert churn.split(spine(), time="asked_at", what="churn", **parts).gap == 30 * DAY
    assert churn.split(train, time="asked_at", gap="6h", **parts).gap == DAY // 4
    assert_frame_equal(
        churn.split(train, time="asked_at", gap="0", **parts).frames["train"],
        train.filter(pl.col("asked_at") < at(30)),
    )


def test_a_gap_that_nothing_says_must_be_named(churn: fk.Workspace) -> None:
    with pytest.raises(fk.FeatureError) as caught:
        churn.split(spine(), time="asked_at", train=0.5, test=0.5)
    assert caught.value.code == "FK224"
    define(churn, "SELECT COUNT(*) OVER all_time AS n FROM transactions", "ever")
    with pytest.raises(fk.FeatureError) as caught:
        churn.split(spine(), time="asked_at", train=0.5, test=0.5, what="ever")
    assert caught.value.code == "FK224"
    with pytest.raises(fk.FeatureError, match="did you mean '7d'") as caught:
        churn.split(spine(), time="asked_at", train=0.5, test=0.5, gap="7 days")
    assert caught.value.code == "FK921"


def test_a_column_of_times_that_is_none_is_refused(churn: fk.Workspace) -> None:
    with pytest.raises(fk.FeatureError) as caught:
        churn.split(spine(), time="asked", train=0.5, gap="0")
    assert (caught.value.code, caught.value.fix) == ("FK205", "--time asked_at")
    naive = spine().with_columns(pl.col("asked_at").dt.replace_time_zone(None))
    with pytest.raises(fk.FeatureError) as caught:
        churn.split(naive, time="asked_at", train=0.5, gap="0")
    assert caught.value.code == "FK209"


def test_no_rows_make_empty_parts() -> None:
    made = split(days(), "at", {"train": "/2024-03-02", "test": "2024-03-02/"}, DAY)
    assert [part.rows for part in made.parts] == [0, 0]


def test_the_command_line_writes_the_parts_or_only_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_rows(tmp_path)
    monkeypatch.chdir(tmp_path)
    published(registered(fk.Workspace("catalog"), "transactions.parquet"))
    words = ["split", "spine.parquet", "--time", "asked_at", "--gap", "1d"]
    words += [
        "--train",
        "/2024-03-07T06:00",
        "--test",
        "2024-03-07T06:00/",
        "--out",
        "rows.parquet",
    ]
    assert cli.main([*words, "--dry-run", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["dry_run"]
    assert not list(tmp_path.glob("rows*"))
    assert cli.main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {**facts, "dry_run": False}
    for part in facts["parts"]:
        assert len(pl.read_parquet(part["kept"])) == part["rows"]
    assert cli.main(words) == 0
    assert "1 rows have no time" in capsys.readouterr().out


def test_a_training_sets_dry_run_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_rows(tmp_path)
    monkeypatch.chdir(tmp_path)
    workspace = published(registered(fk.Workspace("catalog"), "transactions.parquet"))
    before = sorted(tmp_path.rglob("*"))
    words = ["trainset", "churn", "--spine", "spine.parquet", "--time", "asked_at"]
    assert cli.main([*words, "--out", "train.parquet", "--dry-run"]) == 0
    assert sorted(tmp_path.rglob("*")) == before
    assert workspace.profile("churn") is None
