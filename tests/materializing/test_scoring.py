"""Files of answers: those of training, for everybody, as of a moment; whole or not there."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import shop_floor as floor

from featurekit.errors import FeatureError
from featurekit.errors import materializing as errors

AT = floor.START + 30 * floor.DAY


def read(file: Path) -> pl.DataFrame:
    return pl.read_parquet(file)


def test_a_file_has_the_answers_of_training_for_everybody(ws: Any, tmp_path: Path) -> None:
    out = tmp_path / "scores.parquet"
    made = ws.materialize("floor", as_of=AT, out=out)
    spine = pl.DataFrame({"machine": ["m1", "m2", "m3", "ß4"]}).with_columns(as_of=pl.lit(AT))
    wanted = ws.training_set(spine, "floor", time="as_of")
    assert read(out).equals(wanted)
    assert (made.rows, made.unchanged, made.set) == (4, False, "floor@1.0")
    record = json.loads((tmp_path / "scores.parquet.manifest.json").read_text())
    assert (record["set"], record["as_of"], record["rows"]) == (
        "floor@1.0",
        "2024-03-31T00:00:00Z",
        4,
    )
    assert record["sources"]["rounds"]["visible"] == 196


def test_the_same_run_again_changes_nothing_and_a_later_one_replaces(
    ws: Any, tmp_path: Path
) -> None:
    out = tmp_path / "scores.parquet"
    ws.materialize("floor", as_of=AT, out=out)
    stamps = {file: file.stat().st_mtime_ns for file in tmp_path.glob("scores.*")}
    assert ws.materialize("floor", as_of=AT, out=out).unchanged
    assert {file: file.stat().st_mtime_ns for file in tmp_path.glob("scores.*")} == stamps
    later = ws.materialize("floor", as_of=AT + floor.DAY, out=out)
    assert (later.replaced, later.unchanged) == (AT, False)
    assert set(read(out)["as_of"]) == {AT + floor.DAY}


def test_whom_to_answer_for_can_be_given(ws: Any, tmp_path: Path) -> None:
    asked = pl.DataFrame({"machine": ["m2", "nobody", "m2"], "rank": [1, 2, 3]})
    asked.write_csv(tmp_path / "asked.csv")
    for given in (asked, tmp_path / "asked.csv", asked.to_dicts()):
        out = tmp_path / f"{type(given).__name__}.parquet"
        ws.materialize("floor", as_of=AT, out=out, entities=given)
        assert read(out).select("machine", "rank").equals(asked)
        assert read(out)["rounds_of__rounds_5d"].to_list() == [3, 0, 3]


def test_a_view_alone_is_written_as_text(ws: Any, tmp_path: Path) -> None:
    ws.materialize("rounds_of@1.0:who", as_of="2024-03-31T02:00:00+02:00", out=tmp_path / "w.csv")
    assert pl.read_csv(tmp_path / "w.csv")["rounds_of__who"].to_list() == ["z", "z", "y"]


def test_outputs_of_something_else_are_left_alone(ws: Any, tmp_path: Path) -> None:
    out = tmp_path / "scores.parquet"
    ws.materialize("floor", as_of=AT, out=out)
    before = out.read_bytes()
    with pytest.raises(errors.OutputOfAnother):
        ws.materialize("heat", as_of=AT, out=out)
    foreign = tmp_path / "foreign.csv"
    foreign.write_text("mine")
    with pytest.raises(errors.OutputNotMade):
        ws.materialize("floor", as_of=AT, out=foreign)
    for damaged in ("", "{}", "[]", '{"format": 99}'):
        (tmp_path / "scores.parquet.manifest.json").write_text(damaged)
        with pytest.raises(errors.OutputNotMade):
            ws.materialize("floor", as_of=AT, out=out)
    assert (out.read_bytes(), foreign.read_text()) == (before, "mine")


def test_a_file_that_only_shares_its_stem_with_answers_is_somebody_elses(
    ws: Any, tmp_path: Path
) -> None:
    ws.materialize("floor", as_of=AT, out=tmp_path / "scores.parquet")
    foreign = tmp_path / "scores.csv"
    foreign.write_text("mine")
    with pytest.raises(errors.OutputNotMade):
        ws.materialize("floor", as_of=AT, out=foreign)
    foreign.unlink()
    assert ws.materialize("floor", as_of=AT + floor.DAY, out=foreign).replaced is None
    assert ws.materialize("floor", as_of=AT, out=tmp_path / "scores.parquet").unchanged


@pytest.mark.parametrize(
    ("as_of", "error"),
    [
        ("2024-03-31T00:00:00", errors.BadMoment),
        (dt.datetime(2024, 3, 31), errors.BadMoment),  # noqa: DTZ001  that is the point
        ("yesterday", errors.BadMoment),
        ("0001-01-01T00:00:00+14:00", errors.BadMoment),
        (7, errors.BadMoment),
        (floor.START - 700 * floor.DAY, errors.NothingVisible),
    ],
)
def test_moments_that_do_not_do_are_refused(
    ws: Any, tmp_path: Path, as_of: Any, error: type[FeatureError]
) -> None:
    for out in ("scores.parquet", "store.sqlite"):
        with pytest.raises(error):
            ws.materialize("floor", as_of=as_of, out=tmp_path / out)
        assert not list(tmp_path.glob("scores.*"))


def test_names_and_places_that_do_not_do_are_refused(ws: Any, tmp_path: Path) -> None:
    with pytest.raises(FeatureError) as caught:
        ws.materialize("flor", as_of=AT, out=tmp_path / "scores.parquet")
    assert caught.value.code == "FK350"
    for out in ("scores.xlsx", "a\0.csv", "a\0.db", f"{'a' * 5000}.csv", "", "http://x/a.csv"):
        with pytest.raises(errors.UnknownOutput):
            ws.materialize("floor", as_of=AT, out=out)
    with pytest.raises(FeatureError) as caught:
        ws.materialize("floor", as_of=AT, out=tmp_path / "no" / "scores.parquet")
    assert caught.value.code == "FK230"
    with pytest.raises(FeatureError):
        ws.materialize("heat", as_of=AT, out=tmp_path / "store.sqlite")


def test_what_no_source_knows_must_be_given(ws: Any, tmp_path: Path) -> None:
    ws.source("question", schema="weight:double", kind="request")
    ws.feature("weighed", "SELECT weight * 2 AS twice FROM question", owner=floor.OWNER)
    for what in ("weighed", ["heat", "state_of"][0] + ":heat_3d,state_of"):
        with pytest.raises(errors.EntitiesNotKnown if what == "weighed" else FeatureError):
            ws.materialize(what, as_of=AT, out=tmp_path / "scores.parquet")
    out = tmp_path / "weighed.parquet"
    ws.materialize("weighed", as_of=AT, out=out, entities=[{"weight": 1.5}])
    assert read(out)["weighed__twice"].to_list() == [3.0]


def test_a_failure_while_writing_leaves_the_file_before(
    ws: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "scores.parquet"
    ws.materialize("floor", as_of=AT, out=out)
    before = out.read_bytes()

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    with pytest.raises(FeatureError) as caught:
        ws.materialize("floor", as_of=AT + floor.DAY, out=out)
    assert caught.value.code == "FK230"
    assert out.read_bytes() == before
    assert sorted(file.name for file in tmp_path.glob("*scores*")) == [
        "scores.parquet",
        "scores.parquet.manifest.json",
    ]
