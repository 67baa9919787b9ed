"""What is said of a view's rows: ties, rows kept, matches of joins."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest

from featurekit.datatypes import BIGINT, TIMESTAMP, VARCHAR
from featurekit.frontends.from_sql import read_view
from featurekit.frontends.row_lints import Seen
from featurekit.frontends.scope import Header, Scope
from featurekit.ir.definitions import Entity, Field, Source, SourceKind
from featurekit.training.observing import seen
from featurekit.training.sources import SourceData

START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
PERSON = Entity("person", (Field("person", VARCHAR),))
PLACE = Entity("place", (Field("place", VARCHAR),))
VISITS = Source(
    "visits",
    SourceKind.EVENTS,
    (Field("person", VARCHAR), Field("at", TIMESTAMP), Field("place", VARCHAR)),
    ("person",),
    time="at",
)
PLACES = Source(
    "places",
    SourceKind.SNAPSHOT,
    (Field("place", VARCHAR), Field("since", TIMESTAMP), Field("size", BIGINT)),
    ("place",),
    time="since",
)
HOMES = Source(
    "homes",
    SourceKind.SNAPSHOT,
    (Field("person", VARCHAR), Field("since", TIMESTAMP), Field("place", VARCHAR)),
    ("person",),
    time="since",
)
HERE = Source("here", SourceKind.REQUEST, (Field("spot", VARCHAR),))
SOURCES = (VISITS, PLACES, HOMES, HERE)
ROWS = {
    # ada visits every hour for 100 days, bob once a day, and always at the same moment twice
    "visits": [
        *(
            {"person": "ada", "at": START + dt.timedelta(hours=n), "place": "park"}
            for n in range(2_400)
        ),
        *(
            {"person": "bob", "at": START + dt.timedelta(days=n // 2), "place": "zoo"}
            for n in range(200)
        ),
    ],
    "places": [{"place": "park", "since": START + dt.timedelta(days=50, hours=-1), "size": 1}],
    "homes": [{"person": "ada", "since": START + dt.timedelta(days=70), "place": "park"}] * 4,
}
TYPES = {VARCHAR: pl.String, TIMESTAMP: pl.Datetime("us", "UTC"), BIGINT: pl.Int64}
DATA = {
    source.name: SourceData(
        source,
        pl.LazyFrame(ROWS[source.name], {field.name: TYPES[field.type] for field in source.fields}),
    )
    for source in (VISITS, PLACES, HOMES)
}
FRAMES = {name: data.frame.collect() for name, data in DATA.items()}


def observed(text: str, **options: str) -> Seen:
    """Return what is seen of the rows of a cell's view."""
    entities = {entity.name: entity for entity in (PERSON, PLACE)}
    scope = Scope(entities, {source.name: source for source in SOURCES})
    header = Header("v", owner="a@example.com", **options)  # type: ignore[arg-type]  # words
    return seen(read_view(header, text, scope), FRAMES, DATA)


@pytest.mark.parametrize(
    ("window", "kept"),
    [
        ("last_10d", 240),
        ("calendar_10d", 264),
        ("last_20_rows", 20),
        ("last_5_rows_before_5", 10),
        ("last_9999_rows", 2_400),
        ("last_365d", 2_400),
        ("last_1d_before_9d", 240),
    ],
)
def test_the_rows_kept_are_those_of_the_busiest_entity(window: str, kept: int) -> None:
    found = observed(f"SELECT COUNT(*) OVER {window} AS n FROM visits").kept  # noqa: S608  a cell
    assert found == pytest.approx(kept, abs=max(kept * 0.11, 0))


def test_all_time_keeps_rows_only_for_what_has_no_state_of_fixed_size() -> None:
    assert observed("SELECT COUNT(*) OVER all_time AS n FROM visits").kept == 0
    assert observed("SELECT COUNT(DISTINCT place) OVER all_time AS n FROM visits").kept == 2_400


def test_rows_of_one_moment_are_counted_where_rows_are_scored() -> None:
    text = "SELECT COUNT(*) OVER last_10d AS n FROM visits"
    assert (observed(text, per="row").tied, observed(text).tied) == (200, 0)


JOINED = "SELECT SUM(size) OVER last_10d AS n FROM visits LEFT JOIN places{} USING (place)"


@pytest.mark.parametrize("per", ["row", "entity"])
def test_the_share_of_rows_that_match_is_as_of_their_time(per: str) -> None:
    ((name, share),) = observed(JOINED.format(""), per=per).matched
    assert name == "places"
    assert share == pytest.approx(1_200 / 2_600, abs=0.01)
    young = observed(JOINED.format(""), per=per, max_age="10d").matched
    assert young[0][1] == pytest.approx(240 / 2_600, abs=0.01)


def test_rows_of_a_snapshot_meet_what_they_join_at_their_own_time() -> None:
    text = "SELECT size FROM homes LEFT JOIN places USING (place)"
    assert observed(text).matched == (("places", 1.0),)


def test_nothing_is_said_of_what_comes_with_a_question() -> None:
    assert observed("SELECT size FROM here LEFT JOIN places ON places.place = spot") == Seen()
    text = "SELECT size FROM visits LEFT JOIN places ON places.place = here.spot"
    assert observed(text).matched == ()


def test_nothing_is_said_of_no_rows() -> None:
    view = read_view(
        Header("v", owner="a@example.com"),
        JOINED.format(""),
        Scope({"person": PERSON, "place": PLACE}, {s.name: s for s in SOURCES}),
    )
    empty = {name: replace(data, frame=data.frame.head(0)) for name, data in DATA.items()}
    assert seen(view, {n: f.head(0) for n, f in FRAMES.items()}, empty) == Seen()
