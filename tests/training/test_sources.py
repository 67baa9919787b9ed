"""Rows of any make in the language's types, and what is refused with a way out."""

from __future__ import annotations

import datetime as dt
import resource
import signal
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from featurekit.datatypes import BIGINT, BOOLEAN, DATE, DOUBLE, TIMESTAMP, VARCHAR, decimal
from featurekit.errors import DataError, FeatureError
from featurekit.ir.definitions import Entity, Field, Source, SourceKind
from featurekit.training.files import save_frame
from featurekit.training.inspection import inspected
from featurekit.training.sources import (
    SourceData,
    as_frame,
    collected,
    describe,
    infer_fields,
    normalised,
    open_source,
)

UTC = dt.UTC
PERSON = Entity("person", (Field("who", VARCHAR),))
VISITS = Source("visits", SourceKind.EVENTS, (), ("person",), time="at")
ROWS = [
    {"who": "ann", "at": dt.datetime(2024, 1, 1, 10, tzinfo=UTC), "paid": 1.5},
    {"who": "bob", "at": dt.datetime(2024, 1, 2, 10, tzinfo=UTC), "paid": 2.25},
]


def described(data: Any, source: Source = VISITS, root: Path = Path()) -> Source:
    return describe(source, data, root=root, entities={"person": PERSON})


def refused(code: str, run: Any, *arguments: Any, **named: Any) -> DataError:
    with pytest.raises(DataError) as failure:
        run(*arguments, **named)
    assert failure.value.code == code, failure.value
    assert failure.value.fix
    return failure.value


def test_every_polars_type_of_the_language_is_inferred() -> None:
    frame = pl.DataFrame(
        {
            "b": [True],
            "i": pl.Series([1], dtype=pl.Int8),
            "u": pl.Series([1], dtype=pl.UInt32),
            "f": pl.Series([1.5], dtype=pl.Float32),
            "m": pl.Series([Decimal("1.50")], dtype=pl.Decimal(12, 2)),
            "s": ["x"],
            "c": pl.Series(["x"], dtype=pl.Categorical),
            "d": [dt.date(2024, 1, 1)],
            "t": pl.Series([dt.datetime(2024, 1, 1, tzinfo=UTC)], dtype=pl.Datetime("ns", "UTC")),
        }
    )
    kinds = [field.type for field in infer_fields(frame.lazy())]
    assert kinds == [
        BOOLEAN,
        BIGINT,
        BIGINT,
        DOUBLE,
        decimal(12, 2),
        VARCHAR,
        VARCHAR,
        DATE,
        TIMESTAMP,
    ]


@pytest.mark.parametrize("values", [[[1, 2]], [{"a": 1}], [b"x"], [dt.time(1)], [None]])
def test_a_column_outside_the_language_is_refused(values: list[Any]) -> None:
    failure = refused("FK206", infer_fields, pl.DataFrame({"odd": values}).lazy())
    assert "'odd'" in failure.problem


def test_narrow_numbers_widen_and_nanoseconds_are_truncated() -> None:
    nanos = pl.Series([1_700_000_000_000_000_999], dtype=pl.Int64).cast(pl.Datetime("ns", "UTC"))
    frame = pl.DataFrame(
        {"i": pl.Series([1], dtype=pl.Int16), "f": pl.Series([1], dtype=pl.Int8), "t": nanos}
    )
    fields = (Field("i", BIGINT), Field("f", DOUBLE), Field("t", TIMESTAMP))
    found = normalised(frame.lazy(), fields, None, "the data").collect()
    assert dict(found.schema) == {"i": pl.Int64, "f": pl.Float64, "t": pl.Datetime("us", "UTC")}
    assert found["t"].dt.epoch("us").to_list() == [1_700_000_000_000_000]


def test_only_declared_columns_are_kept() -> None:
    fields = (Field("who", VARCHAR),)
    assert normalised(as_frame(ROWS), fields, None, "the data").collect_schema().names() == ["who"]


def test_a_naive_time_needs_a_zone_and_gets_the_instant() -> None:
    naive = [{"who": "ann", "at": dt.datetime(2024, 7, 1, 12)}]  # noqa: DTZ001  the point of it
    failure = refused("FK209", described, naive)
    assert "zone=" in failure.fix
    zoned = Source("visits", SourceKind.EVENTS, (), ("person",), time="at", zone="UTC")
    source = described(naive, zoned)
    found = open_source(source, Path(), naive).frame.collect()
    assert found["at"].to_list() == [dt.datetime(2024, 7, 1, 12, tzinfo=UTC)]


def test_local_time_becomes_the_earlier_instant_and_skips_the_gap_forward() -> None:
    walls = [(2024, 3, 10, 2, 30), (2024, 11, 3, 1, 30), (2024, 7, 1, 12, 0), (2024, 1, 1, 0, 0)]
    rows = [{"who": "ann", "at": dt.datetime(*wall)} for wall in walls]  # noqa: DTZ001  local times
    zone = "America/New_York"
    source = described(
        rows, Source("visits", SourceKind.EVENTS, (), ("person",), time="at", zone=zone)
    )
    found = open_source(source, Path(), rows).frame.collect()["at"].to_list()
    assert [(t.month, t.day, t.hour, t.minute) for t in found] == [
        (3, 10, 7, 30),
        (11, 3, 5, 30),
        (7, 1, 16, 0),
        (1, 1, 5, 0),
    ]


def test_a_date_as_time_is_its_midnight_in_the_zone() -> None:
    rows = [{"who": "ann", "at": dt.date(2024, 7, 1)}]
    zoned = Source("visits", SourceKind.SNAPSHOT, (), ("person",), time="at", zone="Asia/Tokyo")
    source = described(rows, zoned)
    assert source.field("at") == Field("at", TIMESTAMP)
    found = open_source(source, Path(), rows).frame.collect()["at"].to_list()
    assert found == [dt.datetime(2024, 6, 30, 15, tzinfo=UTC)]


def test_an_unknown_zone_is_refused() -> None:
    for zone in ("Mars/Olympus", "../etc/passwd", ""):
        odd = Source("visits", SourceKind.EVENTS, (), ("person",), time="at", zone=zone)
        refused("FK210", described, ROWS, odd)


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_files_and_globs_are_read_as_the_frames_they_were(tmp_path: Path, suffix: str) -> None:
    frame = pl.DataFrame(ROWS)
    for number, part in enumerate((frame.head(1), frame.tail(1))):
        path = tmp_path / f"part-{number}.{suffix}"
        part.write_parquet(path) if suffix == "parquet" else part.write_csv(path)
    source = described(f"part-*.{suffix}", root=tmp_path)
    assert source.location == f"part-*.{suffix}"
    found = open_source(source, tmp_path).frame.collect()
    assert found.select("who", "at", "paid").rows(named=True) == ROWS


def test_quotes_in_the_names_of_a_csv_are_read_as_they_were_meant(tmp_path: Path) -> None:
    named = pl.DataFrame({'say "hi"': ["007"], '"': [1], "a,b": [2], "plain": [3]})
    save_frame(named, tmp_path / "named.csv")
    fields = [Field('say "hi"', VARCHAR)]
    assert as_frame(tmp_path / "named.csv", fields=fields).collect().equals(named)


def test_csv_text_is_read_as_declared(tmp_path: Path) -> None:
    (tmp_path / "codes.csv").write_text("who,at,fee\n007,2024-01-01T00:00:00Z,1.10\n")
    fields = (Field("who", VARCHAR), Field("at", TIMESTAMP), Field("fee", decimal(10, 2)))
    source = Source("visits", SourceKind.EVENTS, fields, ("person",), time="at")
    found = open_source(described("codes.csv", source, tmp_path), tmp_path).frame.collect()
    assert found.row(0) == ("007", dt.datetime(2024, 1, 1, tzinfo=UTC), Decimal("1.10"))


def test_a_missing_file_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "visits.parquet").write_bytes(b"")
    failure = refused("FK201", described, "vists.parquet", root=tmp_path)
    assert "did you mean 'visits.parquet'" in failure.problem
    refused("FK201", described, "nowhere/*.csv", root=tmp_path)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 not really")
    refused("FK202", described, "bad.parquet", root=tmp_path)
    (tmp_path / "empty.csv").write_bytes(b"")
    refused("FK202", described, "empty.csv", root=tmp_path)


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data.xlsx").write_bytes(b"x")
    refused("FK203", described, "data.xlsx", root=tmp_path)


@pytest.mark.parametrize("data", [7, object(), ["a"], [1, 2]])
def test_what_is_no_table_is_refused(data: Any) -> None:
    refused("FK204", described, data)


def test_a_missing_column_is_named_with_its_role() -> None:
    source = Source("visits", SourceKind.EVENTS, (), ("person",), time="att")
    failure = refused("FK205", described, ROWS, source)
    assert "did you mean 'at'" in failure.problem
    tied = Source("visits", SourceKind.EVENTS, (), ("person",), time="at", tie="id")
    assert "tie-breaker" in refused("FK205", described, ROWS, tied).why


def test_a_source_of_events_says_when_they_happened() -> None:
    timeless = Source("visits", SourceKind.EVENTS, (), ("person",))
    assert "--time at" in refused("FK214", described, ROWS, timeless).fix


def test_a_key_is_no_time() -> None:
    odd = Source("visits", SourceKind.EVENTS, (), ("person",), time="at", available="who")
    refused("FK207", described, ROWS, odd)


def test_an_unknown_entity_is_named() -> None:
    with pytest.raises(FeatureError) as failure:
        described(ROWS, Source("visits", SourceKind.EVENTS, (), ("persom",), time="at"))
    assert failure.value.code == "FK115"
    assert "did you mean 'person'" in failure.value.problem


def test_a_column_of_another_type_is_refused_not_converted() -> None:
    fields = (Field("who", VARCHAR), Field("at", TIMESTAMP), Field("paid", BIGINT))
    refused(
        "FK207", described, ROWS, Source("visits", SourceKind.EVENTS, fields, ("person",), "at")
    )
    keyed = {"person": Entity("person", (Field("who", BIGINT),))}
    refused("FK207", describe, VISITS, ROWS, root=Path(), entities=keyed)


def test_values_that_do_not_fit_are_refused_when_they_are_read() -> None:
    frame = pl.DataFrame({"n": pl.Series([2**64 - 1], dtype=pl.UInt64)})
    lazy = normalised(frame.lazy(), (Field("n", BIGINT),), None, "the data")
    refused("FK208", collected, lazy, "the data")


def test_a_session_source_without_its_session_has_no_data() -> None:
    failure = refused("FK211", open_source, described(ROWS), Path())
    assert "visits" in failure.fix


def test_a_column_of_nulls_takes_the_declared_type() -> None:
    rows = [{"who": None, "at": None, "paid": None}]
    fields = (Field("who", VARCHAR), Field("at", TIMESTAMP), Field("paid", decimal(10, 2)))
    found = normalised(as_frame(rows, None, fields), fields, None, "the data").collect()
    assert found.schema["paid"] == pl.Decimal(10, 2)
    assert found.schema["at"] == pl.Datetime("us", "UTC")


def test_no_rows_are_fine_when_the_schema_is_declared() -> None:
    fields = (Field("who", VARCHAR), Field("at", TIMESTAMP))
    source = Source("visits", SourceKind.EVENTS, fields, ("person",), time="at")
    assert open_source(described([], source), Path(), []).frame.collect().height == 0


def test_other_libraries_frames_are_taken() -> None:
    arrow = pl.DataFrame(ROWS).to_arrow()
    assert as_frame(arrow).collect().rows(named=True) == ROWS
    pandas = pytest.importorskip("pandas").DataFrame({"who": ["ann", None], "n": [1.0, 2.0]})
    assert as_frame(pandas).collect().rows() == [("ann", 1.0), (None, 2.0)]


def test_a_request_may_have_no_data() -> None:
    source = Source("ask", SourceKind.REQUEST, (Field("x", DOUBLE),))
    assert describe(source, None, root=Path()) == source


def test_doubtful_rows_are_counted() -> None:
    at = dt.datetime(2024, 1, 1, tzinfo=UTC)
    rows = [
        {"who": "ann", "at": at, "known": at, "id": 1},
        {"who": "ann", "at": at, "known": None, "id": 1},
        {"who": "ann", "at": at, "known": at, "id": 2},
        {"who": None, "at": at + dt.timedelta(days=1), "known": at, "id": 3},
        {"who": "bob", "at": None, "known": at, "id": 4},
    ]
    plain = Source("visits", SourceKind.EVENTS, (), ("person",), "at", "known")
    found = inspected(open_source(described(rows, plain), Path(), rows), ["who"])
    assert (found.rows, found.ties, found.duplicates) == (5, 3, 0)
    assert (found.without_time, found.without_key, found.without_available) == (1, 1, 1)
    assert (found.first, found.last) == (at, at + dt.timedelta(days=1))
    tied = Source("visits", SourceKind.EVENTS, (), ("person",), "at", "known", "id")
    found = inspected(open_source(described(rows, tied), Path(), rows), ["who"])
    assert (found.ties, found.duplicates) == (0, 1)
    assert [c["name"] for c in found.columns] == ["who", "at", "known", "id"]


def test_a_request_sample_has_no_span() -> None:
    source = Source("ask", SourceKind.REQUEST, (Field("x", DOUBLE),))
    found = inspected(SourceData(source, as_frame([{"x": 1.0}])), [])
    assert (found.rows, found.first, found.ties) == (1, None, 0)


def test_rows_finer_than_a_microsecond_are_counted() -> None:
    moments = pl.Series("at", [1_000, 1_001, 2_999, None]).cast(pl.Datetime("ns", "UTC"))
    rows = pl.DataFrame({"who": ["ann"] * 4, "at": moments})
    source = described(rows, Source("visits", SourceKind.EVENTS, (), ("person",), "at"))
    assert inspected(open_source(source, Path(), rows), ["who"]).truncated == 2
    coarse = rows.with_columns(pl.col("at").dt.cast_time_unit("us"))
    assert inspected(open_source(source, Path(), coarse), ["who"]).truncated == 0


@pytest.mark.parametrize("name", ["rows.parquet", "rows.csv"])
def test_a_disk_that_is_full_leaves_what_was_there(name: str, tmp_path: Path) -> None:
    out = tmp_path / name
    save_frame(pl.DataFrame({"n": [1]}), out)
    before = out.read_bytes()
    rows = pl.DataFrame({"n": pl.int_range(200_000, eager=True).hash(seed=1)})
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        refused("FK230", save_frame, rows, out)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    assert out.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_of_pandas_an_index_with_a_name_is_a_column() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(ROWS)
    assert as_frame(frame).collect_schema().names() == ["who", "at", "paid"]
    assert as_frame(frame.set_index("who")).collect_schema().names() == ["who", "at", "paid"]
    both = as_frame(frame.set_index(["who", "at"])).collect()
    assert both.rows(named=True) == as_frame(frame).collect().rows(named=True)
    failure = refused("FK227", as_frame, frame.set_index("who", drop=False))
    assert "a name of its own" in failure.fix


def test_a_series_is_no_rows_with_columns() -> None:
    pandas = pytest.importorskip("pandas")
    refused("FK204", as_frame, pandas.DataFrame(ROWS)["who"])
    refused("FK204", as_frame, pl.Series([1]))


def test_times_that_are_not_alike_are_mended_in_the_file(tmp_path: Path) -> None:
    text = "who,at,paid\nann,2024-01-01T00:00:00Z,1.5\nann,2024-01-02 00:00:00,2.5\n"
    (tmp_path / "mixed.csv").write_text(text)
    failure = refused("FK207", described, "mixed.csv", root=tmp_path)
    assert failure.fix.startswith("write all of 'at' alike")
    declared = Source(
        "visits",
        SourceKind.EVENTS,
        (Field("who", VARCHAR), Field("at", TIMESTAMP), Field("paid", DOUBLE)),
        ("person",),
        time="at",
    )
    assert refused("FK207", described, "mixed.csv", declared, root=tmp_path).fix == failure.fix
