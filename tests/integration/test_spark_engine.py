"""engine="spark" answers what the oracle means, and what the polars engine answers on real data."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from labels_by_loops import by_loops, labelled, questions, strayed, trade_rows
from polars.testing import assert_frame_equal
from spark_rows import _arrow, _utc
from trade import published, registered
from training_queries import Rows, Server, grain_cases, shop_cells, window_cases

import featurekit as fk
from featurekit.backends.plan import Wanted
from featurekit.datatypes import BIGINT, DOUBLE, TIMESTAMP, VARCHAR
from featurekit.errors.engines import NotAnsi, OutputExists
from featurekit.ir.definitions import Entity, Field, Source, SourceKind
from featurekit.ir.nodes import Aggregate, Call, Column
from featurekit.ir.view import Feature, Grain, View
from featurekit.ir.windows import parse_window
from featurekit.notebook import cards
from featurekit.parity.compare import answers, compare
from featurekit.selection import select
from featurekit.training import spark_engine
from featurekit.training.sets import training_set
from featurekit.training.sources import language_type, open_source
from featurekit.training.spark_engine import spark_training_set
from featurekit.training.spark_tables import opened, typed
from featurekit.verbs import Session, run_line

NOTEBOOKS = Path(fk.__file__).parents[1] / "notebooks"
AT = dt.datetime(2013, 5, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Engine(Server):
    """The engine in the place of a server: it brings its tables itself."""

    spark: Any = None

    def answered(self, spine: Any, views: Any, rows: Any, wanted: Any) -> Rows:
        """Return what the engine answers."""
        fields, asked = spine
        named = {s.name: s for v in views.values() for s in v.stored}
        held = {
            name: _table({f.name: f.type for f in source.fields}, rows[name])
            for name, source in named.items()
        }
        made = spark_training_set(
            self.spark,
            _table(fields, asked),
            wanted,
            views,
            held,
            time="asked_at",
            root=Path(),
        )
        table = made.frame.toArrow().to_pylist()
        return [{name: _utc(value) for name, value in row.items()} for row in table]


def _table(fields: Any, rows: Rows) -> Any:
    columns = [pa.array([row.get(n) for row in rows], _kind(kind)) for n, kind in fields.items()]
    return pa.Table.from_arrays(columns, names=list(fields))


def _kind(kind: Any) -> Any:
    made = _arrow(kind)
    return pa.timestamp("us", "UTC") if made == pa.timestamp("us") else made


@pytest.fixture
def engine(elsewhere: Any) -> Engine:
    return Engine("spark", lambda *_: None, lambda *_: [], elsewhere)


@pytest.mark.parametrize("case", grain_cases.cases()[::7], ids=lambda case: case.name)
def test_rows_in_hand_joins_and_refreshes_answer_what_is_meant(case: Any, engine: Engine) -> None:
    assert engine.grain_case(case) == []


def test_a_golden_case_answers_what_is_meant(engine: Engine) -> None:
    assert engine.golden_case(shop_cells.CELLS[0]) == []


@pytest.mark.parametrize("many", [1, 1000])
def test_aggregates_over_windows_answer_what_is_meant(
    many: int, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy, found = spark_engine._busy, []

    def noted(*given: Any) -> Any:
        found.append(busy(*given))
        return found[-1]

    for name, value in (("MANY", many), ("OFTEN", many), ("_busy", noted)):
        monkeypatch.setattr(spark_engine, name, value)
    some = window_cases.every_aggregate()[::12]
    assert engine.over_windows(some, window_cases.VARIANTS[0], window_cases.WINDOWS[::3]) == []
    assert any(keys is not None for keys in found) == (many == 1)


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({}, [1, 1, 0]),
        ({"available": "loaded_at"}, [1, None, None]),
        ({"until": "2024-03-25T04:00:00Z"}, [1, None, None]),
    ],
    ids=str,
)
def test_labels_are_known_as_far_as_their_source_is(
    spark: Any, more: dict[str, Any], wanted: list[Any]
) -> None:
    workspace, spine = strayed(**more)
    options: dict[str, Any] = {"time": "asked_at", "labels": "churned"}
    made = workspace.training_set(spine, [], engine="spark", spark=spark, **options)
    assert [row["label__churned__n"] for row in made.collect()] == wanted


def test_labels_answer_what_loops_over_the_events_find(elsewhere: Any) -> None:
    workspace = published(registered(fk.Workspace(":memory:"), pl.DataFrame(trade_rows())))
    labelled(workspace)
    spine = questions(trade_rows())
    options = {"time": "asked_at", "labels": "churned"}
    made = workspace.training_set(spine, "churn", engine="spark", spark=elsewhere, **options)
    got = pl.from_arrow(made.toArrow())
    assert isinstance(got, pl.DataFrame)
    wanted = by_loops(trade_rows(), spine)
    assert_frame_equal(got.select(wanted.columns), wanted, abs_tol=1e-9)
    assert got.columns == workspace.training_set(spine, "churn", **options).columns


@pytest.fixture(scope="module")
def flights(tmp_path_factory: pytest.TempPathFactory) -> tuple[fk.Workspace, pl.DataFrame]:
    """Return the first notebook's definitions over its data, and a spine."""
    folder = tmp_path_factory.mktemp("flights")
    shutil.copytree(NOTEBOOKS / "data", folder / "data")
    session = Session(catalog=str(folder / "catalog"))
    cells = json.loads((NOTEBOOKS / "01_first_feature.ipynb").read_text())["cells"]
    for text in ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"):
        if text.startswith("%%feature"):
            line, _, cell = text.partition("\n")
            magic, _, rest = line.removeprefix("%%").partition(" ")
            run_line(session, magic, rest, cell)
        elif text.startswith(("%entity", "%source", "%vocab", "%feature publish", "%%featureset")):
            _lines(session, text)
    asked = pl.read_parquet(folder / "data" / "flights.parquet").sample(400, seed=2013)
    spine = asked.select(
        *("flight_id", "carrier", "origin", "dest", "sched_dep", "sched_arr", "distance"),
        is_late=pl.col("arr_delay") > 15,
    )
    spine.write_parquet(folder / "spine.parquet")
    return session.workspace, spine


def _lines(session: Session, text: str) -> None:
    if text.startswith("%%"):
        line, _, cell = text.partition("\n")
        magic, _, rest = line.removeprefix("%%").partition(" ")
        run_line(session, magic, rest, cell)
        return
    for line in filter(None, text.splitlines()):
        magic, _, rest = line.removeprefix("%").partition(" ")
        run_line(session, magic, rest)


def test_real_data_answers_as_the_polars_engine_does(
    flights: tuple[fk.Workspace, pl.DataFrame], elsewhere: Any, tmp_path: Path
) -> None:
    ws, spine = flights
    meant = ws.training_set(spine, "late_arrival", time="sched_dep")
    options = {"tables": {"weather": "observed"}, "spark": elsewhere}
    elsewhere.read.parquet(f"file://{ws.root}/data/weather.parquet").createOrReplaceTempView(
        "observed"
    )
    made = ws.training_elsewhere(
        str(ws.root / "spine.parquet"), "late_arrival", time="sched_dep", **options
    )
    rows, nulls = made.save(str(tmp_path / "out"))
    got = pl.read_parquet(tmp_path / "out" / "*.parquet").select(meant.columns)
    chosen = select(ws.catalog, "late_arrival")
    columns = answers(chosen.wanted, chosen.views)
    names = [answer.column for answer in columns]
    assert (rows, list(tmp_path.iterdir())) == (400, [tmp_path / "out"])
    assert nulls == {name: meant[name].null_count() for name in names}
    assert got.select(spine.columns).equals(spine)
    assert compare(meant.to_dicts(), got.to_dicts(), columns) == ()
    assert "Exchange" in made.report.plan
    assert "Cartesian" not in made.report.plan
    with pytest.raises(OutputExists):
        made.save(str(tmp_path / "out"))


def test_all_flights_of_two_weeks_answer_as_the_polars_engine_does(spark: Any) -> None:
    columns = ("carrier", "origin", "sched_dep", "landed_at", "flight_id", "arr_delay", "distance")
    rows = pl.read_parquet(NOTEBOOKS / "data" / "flights.parquet", columns=list(columns))
    rows = rows.filter(pl.col("sched_dep") < dt.datetime(2013, 1, 15, tzinfo=dt.UTC))
    fields = tuple(
        Field(name, language_type(kind) or VARCHAR) for name, kind in rows.schema.items()
    )
    times = {"time": "sched_dep", "available": "landed_at", "tie": "flight_id"}
    source = Source("flights", SourceKind.EVENTS, fields, ("carrier",), **times)
    delay = Column("flights", "arr_delay", fields[5].type)
    features = [
        Feature(f"{name} {window}", Aggregate(name, given, made, type=kind))
        for name, given, kind in (
            ("count_rows", (), BIGINT),
            ("max", (delay,), delay.type),
            ("last", (delay,), delay.type),
            ("stddev_samp", (Call("bigint_to_double", (delay,), DOUBLE),), DOUBLE),
        )
        for window in ("last_7d", "all_time")
        if (made := parse_window(window))
    ]
    entity = Entity("carrier", (Field("carrier", VARCHAR),))
    view = View("v", Grain.ENTITY, tuple(features), source, (entity,), zone="America/New_York")
    wanted = [Wanted("v@1.0", "v", feature.name, feature.name) for feature in features]
    views, asked = {"v@1.0": view}, rows.select("carrier", asked_at="sched_dep")
    data = {"flights": open_source(source, Path(), rows)}
    meant = training_set(asked, wanted, views, data, time="asked_at").frame
    held = {"flights": rows.to_arrow()}
    made = spark_training_set(
        spark, asked.to_arrow(), wanted, views, held, time="asked_at", root=Path()
    )
    assert "Window" in made.report.plan
    assert "pairs" not in made.report.plan
    got = pl.from_arrow(made.frame.toArrow()).select(meant.columns)
    assert compare(meant.to_dicts(), got.to_dicts(), answers(wanted, views)) == ()


def test_views_of_the_session_are_as_they_were(
    flights: tuple[fk.Workspace, pl.DataFrame], spark: Any
) -> None:
    ws, spine = flights
    spark.range(3).createOrReplaceTempView("weather")
    before = {one.name for one in spark.catalog.listTables()}
    frame = spark.createDataFrame(spine.to_arrow())
    ws.training_set(frame, "origin_weather", time="sched_dep", engine="spark")
    assert {one.name for one in spark.catalog.listTables()} == before
    assert spark.table("weather").count() == 3


@pytest.mark.parametrize(
    ("spine", "time", "code"),
    [
        (pl.DataFrame({"origin": ["EWR"]}), "at", "FK205"),
        (pl.DataFrame({"at": [AT]}), "at", "FK205"),
        (pl.DataFrame({"origin": [1], "at": [AT]}), "at", "FK207"),
        (pl.DataFrame({"origin": ["EWR"], "at": [AT.replace(tzinfo=None)]}), "at", "FK209"),
        (pl.DataFrame({"origin": ["EWR"], "at": [AT]}), None, "FK212"),
        (pl.DataFrame({"origin": ["EWR"], "at": [AT], "fk_place": [1]}), "at", "FK290"),
        ("nowhere.parquet", "at", "FK201"),
        ("no_such_table", "at", "FK242"),
    ],
)
def test_a_spine_that_does_not_do_is_refused(
    spine: Any, time: str | None, code: str, flights: tuple[fk.Workspace, Any], spark: Any
) -> None:
    with pytest.raises(fk.FeatureError) as refused:
        flights[0].training_set(spine, "origin_weather", time=time, engine="spark", spark=spark)
    assert refused.value.code == code


def test_a_session_whose_casts_are_not_ansi_is_refused(
    flights: tuple[fk.Workspace, pl.DataFrame], spark: Any
) -> None:
    spark.conf.set("spark.sql.ansi.enabled", "false")
    try:
        with pytest.raises(NotAnsi):
            flights[0].training_set(
                flights[1], "origin_weather", time="sched_dep", engine="spark", spark=spark
            )
    finally:
        spark.conf.set("spark.sql.ansi.enabled", "true")


@pytest.mark.parametrize("zone", [None, "America/New_York"])
def test_text_files_are_read_as_elsewhere(zone: str | None, tmp_path: Path, elsewhere: Any) -> None:
    texts = ["2024-03-10 02:30:00", "2024-11-03 01:30:00", "2024-05-01 00:00:00", ""]
    if zone is None:
        texts = ["2024-03-10T02:30:00Z", "2024-11-03T01:30:00.000001Z", ""]
    lines = [f'{text},"a ""{n}"",\nb",{n}.5,007' for n, text in enumerate(texts)]
    (tmp_path / "rows.csv").write_text("\n".join(["at,name,size,code", *lines]) + "\n")
    fields = [("at", TIMESTAMP), ("name", VARCHAR), ("size", DOUBLE), ("code", VARCHAR)]
    source = Source("s", SourceKind.EVENTS, tuple(Field(*f) for f in fields), (), "at", zone=zone)
    source = replace(source, location="rows.csv")
    meant = open_source(source, tmp_path).frame.collect()
    made = typed(opened(elsewhere, "rows.csv", tmp_path), source.fields, zone, "source 's'")
    got = pl.from_arrow(made.toArrow())
    assert isinstance(got, pl.DataFrame)
    assert got.with_columns(pl.col("at").dt.replace_time_zone("UTC")).equals(meant)


def test_the_command_line_writes_and_explains(
    flights: tuple[fk.Workspace, pl.DataFrame], tmp_path: Path, spark: Any
) -> None:
    ws, spine = flights
    session, out = Session(), tmp_path / "out"
    session.use(ws)
    words = f"origin_weather --spine {ws.root}/spine.parquet --time sched_dep --engine spark"
    planned = run_line(session, "trainset", f"{words} --explain")
    assert "Physical Plan" in cards.text(planned)
    facts = run_line(session, "trainset", f"{words} --out {out}")
    assert facts["rows"] == pl.read_parquet(out / "*.parquet").height == len(spine)
    assert "400 rows" in cards.text(facts)
    with pytest.raises(fk.FeatureError, match="where should"):
        run_line(session, "trainset", words)
    with pytest.raises(fk.FeatureError, match="names no table"):
        run_line(session, "trainset", f"{words} --out {out} --table weather")
    assert spark.catalog.currentDatabase() == "default"
