"""Input that is wrong or strange: a typed error or the right answer, never wrong rows.

One test an item.
What fills a disk while pieces are spilled stands with the pieces (``test_pieces``).
"""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from trade import OWNER, at, define, row

import featurekit as fk
from featurekit.notebook import cards
from featurekit.training import bounded, orders
from featurekit.verbs import Session, run_line

WAYS: list[dict[str, Any]] = [{}, {"engine": "duckdb"}, {"memory": "150KB"}]
HERE = pytest.mark.parametrize("way", WAYS, ids=["polars", "duckdb", "in pieces"])
FEATURES = """SELECT SUM(amount) OVER last_7d AS spent, COUNT(*) OVER all_time AS n,
  LAST(status) OVER all_time AS status, LAST(homes.city) OVER last_7d AS city
FROM transactions LEFT JOIN homes ON homes.customer_id = transactions.customer_id"""
WHAT = ["seen", "home"]


def events(count: int = 200) -> pl.DataFrame:
    """Return transactions in the order of time, some known a day later."""
    draw = random.Random(5)  # noqa: S311  made-up rows, the same every time
    rows = [
        row(
            number,
            draw.choice("abcde"),
            at(1) + dt.timedelta(minutes=137 * number),
            loaded_at=at(1) + dt.timedelta(minutes=137 * number, days=draw.choice([0, 0, 1])),
            amount=float(draw.randrange(100)) / 4,
            status=draw.choice(["settled", "open"]),
        )
        for number in range(count)
    ]
    return pl.DataFrame(rows)


def moves() -> pl.DataFrame:
    """Return where customers lived, in the order of time."""
    return pl.DataFrame(
        {
            "customer_id": ["a", "b", "c"] * 20,
            "moved_at": [at(1) + dt.timedelta(hours=7 * number) for number in range(60)],
            "city": [f"city {number}" for number in range(60)],
        }
    )


def questions(count: int = 60) -> pl.DataFrame:
    times = [at(1) + dt.timedelta(hours=9 * number, minutes=5) for number in range(count)]
    return pl.DataFrame({"customer_id": ["a", "b", "e", "z"] * (count // 4), "asked_at": times})


def workspace(
    rows: Any, homes: Any = None, *, tie: str | None = "transaction_id", where: Any = ":memory:"
) -> fk.Workspace:
    """Return a workspace whose view ``seen`` has windows and a join, and ``home`` a look-up."""
    made = fk.Workspace(where)
    made.entity("customer", "customer_id:string")
    made.source(
        *("transactions", rows),
        entity="customer",
        time="event_time",
        available="loaded_at",
        tie=tie,
    )
    places = moves() if homes is None else homes
    made.source("homes", places, entity="customer", time="moved_at", kind="snapshot")
    define(made, FEATURES, "seen")
    made.feature("home", "SELECT city FROM homes", owner=OWNER, max_age="2d")
    return made


def answers(made: fk.Workspace, spine: Any, way: dict[str, Any]) -> pl.DataFrame:
    found = made.training_set(spine, WHAT, time="asked_at", **way)
    assert isinstance(found, pl.DataFrame)
    return found


def meant() -> pl.DataFrame:
    found = answers(workspace(events()), questions(), {})
    assert found["seen__spent"].null_count() < len(found) / 2
    assert found["home__city"].null_count() < len(found)
    return found


@HERE
def test_sources_in_any_order_answer_as_sorted_ones_do(way: dict[str, Any], tmp_path: Path) -> None:
    for seed in (1, 2):
        shuffled = [
            frame.sample(fraction=1.0, shuffle=True, seed=seed) for frame in (events(), moves())
        ]
        assert_frame_equal(answers(workspace(*shuffled), questions(), way), meant())
        for frame, name in zip(shuffled, ("t", "h"), strict=True):
            frame.write_parquet(tmp_path / f"{name}.parquet", row_group_size=16)
        files = [str(tmp_path / f"{name}.parquet") for name in ("t", "h")]
        assert_frame_equal(answers(workspace(*files), questions(), way), meant())
    spine = questions().sample(fraction=1.0, shuffle=True, seed=3).with_row_index("place")
    found = answers(workspace(*shuffled), spine, way)
    assert found["place"].to_list() == spine["place"].to_list()
    assert_frame_equal(found.drop("place").sort("asked_at"), meant())


@HERE
def test_every_column_of_times_may_have_a_zone_of_its_own(way: dict[str, Any]) -> None:
    rows = events().with_columns(
        pl.col("event_time").dt.convert_time_zone("America/New_York"),
        pl.col("loaded_at").dt.convert_time_zone("Asia/Kathmandu").dt.cast_time_unit("ns"),
    )
    homes = moves().with_columns(pl.col("moved_at").dt.cast_time_unit("ms"))
    spine = questions().with_columns(pl.col("asked_at").dt.convert_time_zone("Europe/Berlin"))
    found = answers(workspace(rows, homes), spine, way)
    assert_frame_equal(found.drop("asked_at"), meant().drop("asked_at"))
    naive = spine.with_columns(pl.col("asked_at").dt.replace_time_zone(None))
    with pytest.raises(fk.FeatureError) as caught:
        answers(workspace(rows, homes), naive, way)
    assert caught.value.code == "FK209"


@HERE
def test_questions_before_the_first_event_find_nothing(way: dict[str, Any]) -> None:
    times = [at(1), at(1) - dt.timedelta(days=9_000), dt.datetime(1800, 1, 1, tzinfo=dt.UTC)]
    spine = pl.DataFrame({"customer_id": ["a"] * 3, "asked_at": times})
    found = answers(workspace(events()), spine, way)
    assert found["seen__n"].to_list() == [0, 0, 0]
    for name in ("seen__spent", "seen__status", "seen__city", "home__city"):
        assert found[name].null_count() == 3


@HERE
@pytest.mark.parametrize("key", [pl.Int64, pl.Float64, pl.Date, pl.Binary])
def test_keys_of_another_type_are_refused_and_not_matched(way: dict[str, Any], key: Any) -> None:
    keys = pl.Series("customer_id", [None] * 60, dtype=pl.Int64).fill_null(7)
    spine = questions().with_columns(
        keys.cast(pl.String).cast(pl.Binary) if key == pl.Binary else keys.cast(key)
    )
    with pytest.raises(fk.FeatureError) as caught:
        answers(workspace(events()), spine, way)
    assert caught.value.code in {"FK206", "FK207"}
    assert "customer_id" in caught.value.problem


@HERE
def test_keys_that_are_narrower_or_categories_are_the_same_keys(way: dict[str, Any]) -> None:
    spine = questions().with_columns(pl.col("customer_id").cast(pl.Categorical))
    found = answers(workspace(events()), spine, way)
    assert_frame_equal(found.drop("customer_id"), meant().drop("customer_id"))


@HERE
def test_a_source_that_changes_while_it_is_read_is_refused(
    way: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "t.parquet"
    events().write_parquet(file)
    made = workspace(str(file))

    def meanwhile(answer: Any) -> Any:
        def slowly(*given: Any, **named: Any) -> Any:
            found = answer(*given, **named)
            events(201).write_parquet(file)
            return found

        return slowly

    monkeypatch.setattr(orders, "run", meanwhile(orders.run))
    monkeypatch.setattr(bounded, "in_pieces", meanwhile(bounded.in_pieces))
    with pytest.raises(fk.FeatureError) as caught:
        answers(made, questions(), way)
    assert caught.value.code == "FK216"


@HERE
def test_a_file_that_is_cut_short_before_it_is_read_is_refused_and_no_panic(
    way: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "t.parquet"
    events(20_000).write_parquet(file)
    made = workspace(str(file))

    def before(answer: Any) -> Any:
        def late(*given: Any, **named: Any) -> Any:
            events(3).write_parquet(file)
            return answer(*given, **named)

        return late

    monkeypatch.setattr(orders, "run", before(orders.run))
    monkeypatch.setattr(bounded, "in_pieces", before(bounded.in_pieces))
    with pytest.raises(fk.FeatureError) as caught:
        answers(made, questions(), way)
    assert caught.value.code == "FK216"


@HERE
def test_a_file_that_was_written_anew_is_read_anew(way: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "t.parquet"
    events().write_parquet(file)
    made = workspace(str(file))
    assert_frame_equal(answers(made, questions(), way), meant())
    more = events().with_columns(pl.col("amount") + 1_000, status=pl.lit("settled"))
    more.reverse().write_parquet(file, row_group_size=7)
    found = answers(made, questions(), way)
    assert_frame_equal(found, answers(workspace(more), questions(), {}))


@HERE
def test_a_missing_column_is_named(way: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "t.parquet"
    events().write_parquet(file)
    made = workspace(str(file))
    with pytest.raises(fk.FeatureError, match="customer_id") as caught:
        answers(made, questions().drop("customer_id"), way)
    assert caught.value.code == "FK205"
    events().drop("amount").write_parquet(file)
    with pytest.raises(fk.FeatureError, match="amount") as caught:
        answers(made, questions(), way)
    assert caught.value.code == "FK205"


@HERE
def test_no_rows_on_either_side_are_answered(way: dict[str, Any]) -> None:
    found = answers(workspace(events()), questions().clear(), way)
    assert found.schema == meant().schema
    assert len(found) == 0
    empty = workspace(events().clear(), moves().clear())
    found = answers(empty, questions(), way)
    assert found["seen__n"].to_list() == [0] * 60
    assert found["home__city"].null_count() == 60
    assert len(answers(empty, questions().clear(), way)) == 0


@pytest.mark.slow
@pytest.mark.parametrize("way", [{}, {"memory": "1GB"}], ids=["polars", "in pieces"])
def test_one_entity_may_have_five_million_events(way: dict[str, Any], tmp_path: Path) -> None:
    count, second = 5_000_000, 1_000_000
    n = pl.int_range(count, eager=True)
    rows = pl.DataFrame(
        {
            "id": pl.select(pl.when(n % 50 == 0).then(n % 1000).otherwise(-1)).to_series(),
            "at": ((n * 7_919) % count * second).cast(pl.Datetime("us", "UTC")),
            "x": (n % 1_000).cast(pl.Float64) / 4,
        }
    )
    file = tmp_path / "rows.parquet"
    rows.write_parquet(file)
    made = fk.Workspace(":memory:")
    made.entity("thing", "id:bigint")
    made.source("rows", str(file), entity="thing", time="at")
    text = "SELECT SUM(x) OVER last_1h AS s, COUNT(*) OVER last_1d AS n, MAX(x) OVER all_time AS m"
    made.feature("big", text, source="rows", owner=OWNER)
    times = [(number * 2_501 * second) % (count * second) for number in range(2_000)]
    spine = pl.DataFrame(
        {"id": [-1] * 2_000, "at": pl.Series(times).cast(pl.Datetime("us", "UTC"))}
    )
    found = made.training_set(spine, "big", time="at", **way)
    own = rows.filter(id=-1).sort("at")
    sums, seconds = [0.0, *own["x"].cum_sum()], own["at"].dt.epoch("s")
    for place in range(0, 2_000, 37):
        end = times[place] // second
        low = [int(seconds.search_sorted(end - back)) for back in (3_600, 86_400)]
        high = int(seconds.search_sorted(end))
        most = own["x"].head(high).max()
        wanted = (sums[high] - sums[low[0]] if high > low[0] else None, high - low[1], most)
        assert found.row(place)[2:] == wanted
    session = Session()
    session.use(made)
    spine.write_parquet(tmp_path / "spine.parquet")
    words = f"big --spine {tmp_path}/spine.parquet --time at --memory 100MB"
    facts = run_line(session, "trainset", f"{words} --out {tmp_path}/out.parquet")
    assert "more than --memory" in cards.text(facts)
    assert_frame_equal(pl.read_parquet(tmp_path / "out.parquet"), found)


def test_asking_at_the_events_own_times_is_remarked_on_the_card(tmp_path: Path) -> None:
    session = Session()
    session.use(workspace(events()))
    spine = events().select("customer_id", asked_at="event_time")
    spine.write_parquet(tmp_path / "spine.parquet")
    words = f"seen --spine {tmp_path}/spine.parquet --time asked_at --out train"
    facts = run_line(session, "trainset", words, None, {"x": 1})
    told = cards.text(facts)
    assert "FK271" in told
    assert "seen: homes" in told
    assert "matched" in told
