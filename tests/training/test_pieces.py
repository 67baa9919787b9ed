"""Within bounded memory the answers are the same, and nothing is left behind."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import featurekit as fk
from featurekit.notebook import cards
from featurekit.training import pieces
from featurekit.verbs import Session, run_line

TESTS = Path(__file__).parents[1]
START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
CELL = """
SELECT SUM(amount) OVER last_1d AS spent, AVG(amount) OVER last_7d AS mean,
  COUNT(*) OVER last_30d AS n, LAST(shop) OVER last_7d AS latest, MAX(amount) OVER all_time AS most
FROM payments
"""


def _rows(count: int, who: int) -> pl.DataFrame:
    """Return payments of uneven customers, in cents, so that every sum is exact."""
    n = pl.int_range(count, eager=True)
    return pl.DataFrame(
        {
            "payment": n,
            "customer": ((n * n) % who).cast(pl.String),
            "shop": "s" + ((n * 7) % 5).cast(pl.String),
            "at": pl.select(pl.lit(START) + pl.duration(minutes=(n * 37) % 90_000)).to_series(),
            "amount": (n % 997).cast(pl.Float64) / 4,
        }
    )


@pytest.fixture
def shop(tmp_path: Path) -> fk.Workspace:
    rows = _rows(5_000, 101)
    rows.write_parquet(tmp_path / "payments.parquet")
    rows.head(400).select(
        pl.when(pl.col("payment") % 50 != 7).then("customer").alias("customer"),
        "shop",
        asked_at=pl.col("at") + pl.duration(days=2),
        label=pl.col("payment") % 2,
    ).write_parquet(tmp_path / "spine.parquet")
    ws = fk.Workspace(str(tmp_path / "catalog"))
    ws.entity("customer", "customer:string")
    ws.entity("shop", "shop:string")
    ws.source(
        *("payments", "payments.parquet"), entity=["customer", "shop"], time="at", tie="payment"
    )
    ws.feature("spend", CELL, source="payments", entity="customer", owner="a@example.com")
    ws.feature(
        *("shops", "SELECT COUNT(*) OVER last_7d AS n FROM payments"),
        source="payments",
        entity="shop",
        owner="a@example.com",
    )
    ws.publish("spend")
    ws.publish("shops")
    ws.feature(
        "ratio",
        "SELECT spent / NULLIF(mean, 0) AS r",
        source="spend@1,shops@1",
        owner="a@example.com",
    )
    ws.publish("ratio")
    ws.feature_set("all", ["spend@1", "shops@1", "ratio@1"], owner="a@example.com")
    return ws


def _left(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir() if one.name.startswith("."))


def test_the_rows_are_those_of_the_run_in_memory(
    shop: fk.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "_LEAST", 90)
    spine = str(shop.root / "spine.parquet")
    meant = shop.training_set(spine, "all", time="asked_at")
    told: list[tuple[str, int, int]] = []
    out = shop.root / "out.parquet"
    made = shop.training_file(
        spine, "all", out, time="asked_at", memory="200kB", progress=lambda *at: told.append(at)
    )
    assert (made.pieces > 9, len(made.parts) > 3, made.rows) == (True, True, 400)
    assert pl.read_parquet(out).equals(meant)
    assert pl.read_parquet(out).schema == meant.schema
    assert made.nulls == {name: meant[name].null_count() for name in made.nulls}
    assert told[-1] == ("putting together", 400, 400)
    assert _left(shop.root) == []
    again = shop.training_set(spine, "all", time="asked_at", memory="1MB", tmp=shop.root)
    assert again.equals(meant)


_FLOATS = """
SELECT SUM(x) OVER last_30d AS s, AVG(x) OVER last_30d AS m, VAR_POP(x) OVER last_30d AS v,
  STDDEV_SAMP(x) OVER all_time AS sd, COVAR_POP(x, amount) OVER last_30d AS c,
  CORR(x, amount) OVER last_7d AS r, SLOPE(x) OVER last_30d AS slope,
  STDDEV_SAMP(x) FILTER (WHERE amount > 50) OVER last_30d AS dear
FROM floats
"""


@pytest.mark.parametrize("known", [None, "known"])
def test_floats_are_the_same_to_the_last_bit_however_they_are_cut(
    known: str | None, shop: fk.Workspace
) -> None:
    rows = _rows(3_000, 37)
    late = pl.duration(hours=(pl.col("payment") % 11) ** 2)
    own = rows.with_columns(x=(pl.col("payment") * 0.37).sin() * 1e3 / 7, known=pl.col("at") + late)
    own.write_parquet(shop.root / "floats.parquet")
    more = {} if known is None else {"available": known}
    shop.source(*("floats", "floats.parquet"), entity="customer", time="at", tie="payment", **more)
    shop.feature("floats", _FLOATS, source="floats", entity="customer", owner="a@example.com")
    spine = str(shop.root / "spine.parquet")
    meant = shop.training_set(spine, "floats", time="asked_at")
    assert meant["floats__sd"].n_unique() > 50
    for memory in ("90kB", "300kB", "1MB"):
        made = shop.training_set(spine, "floats", time="asked_at", memory=memory)
        assert repr(made.rows()) == repr(meant.rows())


def test_a_lock_makes_the_same_pieces_again(shop: fk.Workspace) -> None:
    spread = "SELECT STDDEV_SAMP(amount) OVER last_30d AS sd, SUM(amount) OVER last_7d AS s"
    shop.feature("spread", f"{spread} FROM payments", entity="customer", owner="a@example.com")
    session = Session()
    session.use(shop)
    out = shop.root / "train.parquet"
    words = f"spread --spine {shop.root}/spine.parquet --time asked_at --memory 900kB --out {out}"
    facts = run_line(session, "trainset", words)
    assert facts["lock"] == str(shop.root / "train.parquet.lock.json")
    again = run_line(session, "trainset", f"--lock {facts['lock']} --out {shop.root}/again.parquet")
    assert [one["nulls"] for one in again["features"]] == [
        one["nulls"] for one in facts["features"]
    ]
    assert pl.read_parquet(shop.root / "again.parquet").equals(pl.read_parquet(out))
    kept = (shop.root / "train.parquet.lock.json").read_text(encoding="utf-8")
    assert (shop.root / "again.parquet.lock.json").read_text(encoding="utf-8") == kept
    _rows(5_001, 101).write_parquet(shop.root / "payments.parquet")
    with pytest.raises(fk.FeatureError, match=r"payments\.parquet") as caught:
        shop.reproduce(facts["lock"])
    assert caught.value.code == "FK217"


def test_why_answers_are_null_is_added_up_over_the_pieces(shop: fk.Workspace) -> None:
    text = "SELECT COUNT(*) OVER next_55d = 0 AS gone, MAX(amount) OVER next_2d AS most"
    shop.label("left", f"{text} FROM payments", entity="customer", owner="a@example.com")
    spine = str(shop.root / "spine.parquet")
    asked = {"time": "asked_at", "labels": "left"}
    meant = shop.training(spine, "all", **asked).report.causes or {}
    out = shop.root / "out.parquet"
    made = shop.training_file(spine, "all", out, memory="900kB", lock=True, **asked)
    assert made.pieces > 2
    assert made.causes == {name: why for name, why in meant.items() if "ratio" not in name}
    assert made.causes["label__left__gone"].too_early > 0
    assert made.causes["spend__spent"].no_row > 0


def test_how_many_rows_each_view_matched_is_added_up_over_the_pieces(shop: fk.Workspace) -> None:
    spine = str(shop.root / "spine.parquet")
    lost = pl.DataFrame({"customer": ["nobody"], "shop": ["s1"], "asked_at": [START], "label": 0})
    whole = pl.concat(
        [pl.read_parquet(spine), lost.cast({"label": pl.Int64})], how="diagonal_relaxed"
    )
    whole.write_parquet(spine)
    meant = shop.training(spine, "all", time="asked_at").report.views
    made = shop.training_file(
        spine, "all", shop.root / "out.parquet", time="asked_at", memory="300kB"
    )
    assert made.pieces > 2
    assert made.views == tuple(replace(view, median_age=None) for view in meant)
    assert 0 < made.views[0].matched < 401
    session = Session()
    session.use(shop)
    words = f"all --spine {spine} --time asked_at --memory 500kB --out {shop.root}/out.parquet"
    facts = run_line(session, "trainset", words)
    assert facts["features"][0]["matched"] == made.views[0].matched / 401
    assert "matched" in cards.text(facts)
    none = shop.training_file(
        whole.head(0), "all", shop.root / "o.parquet", time="asked_at", memory="1MB"
    )
    assert [view.matched for view in none.views] == [0, 0, 0]


def test_a_piece_holds_of_a_joined_snapshot_what_its_rows_can_meet(
    shop: fk.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    n = pl.int_range(2_000, eager=True)
    homes = pl.DataFrame(
        {
            "customer": (n % 500).cast(pl.String),
            "moved": pl.select(pl.lit(START) + pl.duration(minutes=n * 31)).to_series(),
            "city": "c" + (n % 7).cast(pl.String),
        }
    )
    homes.write_parquet(shop.root / "homes.parquet")
    shop.source("homes", "homes.parquet", entity="customer", time="moved", kind="snapshot")
    shop.source("asking", kind="request", schema="customer:string")
    named = {"owner": "a@example.com"}
    met = " FROM payments p LEFT JOIN homes h ON h.customer = p.customer"
    text = "SELECT LAST(h.city) OVER all_time AS city" + met
    shop.feature("lived", text, entity="customer", **named)
    shop.feature("sold", f"{text} WHERE h.city <> 'c1'", entity="shop", **named)
    shop.feature("each", "SELECT h.city AS own" + met, entity="customer", per="row", **named)
    text = "SELECT h.city AS now FROM asking a LEFT JOIN homes h ON h.customer = a.customer"
    shop.feature("hand", text, **named)
    held: list[int] = []
    answer = pieces.training_set

    def counting(spine: Any, wanted: Any, views: Any, data: Any, **more: Any) -> Any:
        held.append(data["homes"].frame.select(pl.len()).collect().item())
        return answer(spine, wanted, views, data, **more)

    monkeypatch.setattr(pieces, "training_set", counting)
    spine = pl.read_parquet(shop.root / "spine.parquet")
    meant = shop.training_set(spine, ["lived", "sold", "hand"], time="asked_at")
    made = shop.training_set(spine, ["lived", "sold", "hand"], time="asked_at", memory="900kB")
    assert made.equals(meant)
    assert meant["lived__city"].n_unique() > 3
    assert held
    assert max(held[:3]) < 200
    rows = pl.read_parquet(shop.root / "payments.parquet").head(300)
    meant = shop.training_set(rows, "each")
    assert shop.training_set(rows, "each", memory="900kB").equals(meant)


def test_a_spine_without_rows_and_one_entity_alone(shop: fk.Workspace) -> None:
    spine = pl.read_parquet(shop.root / "spine.parquet")
    for some in (spine.head(0), spine.filter(customer=spine["customer"][0])):
        meant = shop.training_set(some, "all", time="asked_at")
        assert shop.training_set(some, "all", time="asked_at", memory="50kB").equals(meant)


def test_what_does_not_do_is_refused_as_it_is_in_memory(shop: fk.Workspace) -> None:
    spine = pl.read_parquet(shop.root / "spine.parquet")
    for bad, at, code in (
        (spine.drop("customer"), "asked_at", "FK205"),
        (spine.with_columns(customer=1), "asked_at", "FK207"),
        (spine, None, "FK212"),
    ):
        with pytest.raises(fk.FeatureError) as refused:
            shop.training_set(bad, "all", time=at, memory="1GB")
        assert refused.value.code == code
    with pytest.raises(fk.FeatureError, match="no size"):
        shop.training_set(spine, "all", time="asked_at", memory="much")
    with pytest.raises(fk.FeatureError, match="a bound on memory"):
        shop.training_set(spine, "all", time="asked_at", memory="1GB", engine="duckdb")


SCRIPT = """
import resource, sys, time
from pathlib import Path
import featurekit as fk
ws = fk.Workspace(sys.argv[1] + "/catalog")
limit = int(sys.argv[2])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
def told(stage, done, total):
    print(stage, flush=True)
    while not limit:
        time.sleep(0.1)
try:
    ws.training_file(sys.argv[1] + "/spine.parquet", "all", sys.argv[1] + "/out.parquet",
        time="asked_at", memory="1MB", progress=told)
except fk.FeatureError as refused:
    print(refused.code, refused, flush=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def _run(folder: Path, limit: int) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", SCRIPT, str(folder), str(limit)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)


def test_a_full_disk_is_told_with_the_folder_and_what_to_do(shop: fk.Workspace) -> None:
    with _run(shop.root, 4_000) as running:
        said, _ = running.communicate(timeout=120)
    assert "FK245" in said
    assert "--tmp" in said
    assert str(shop.root) in said
    assert _left(shop.root) == []
    assert not (shop.root / "out.parquet").exists()


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_leaves_nothing_for_long(sign: int, shop: fk.Workspace) -> None:
    with _run(shop.root, 0) as running:
        assert running.stdout is not None
        assert running.stdout.readline().startswith("piece")
        assert _left(shop.root) != []
        running.send_signal(sign)
        running.wait(timeout=60)
    assert not (shop.root / "out.parquet").exists()
    if sign == signal.SIGINT:
        assert _left(shop.root) == []
    shop.training_file(
        shop.root / "spine.parquet", "all", shop.root / "o.csv", time="asked_at", memory="1GB"
    )
    assert _left(shop.root) == []


TERMINATED = """
import signal, sys
from dying import die_around
from featurekit.__main__ import main
die_around(sys.argv[1], sys.argv[2], int(sys.argv[3]), signal.SIGTERM)
sys.argv[1:] = sys.argv[4:]
sys.exit(main())
"""


@pytest.mark.parametrize(
    ("when", "call", "count"),
    [
        ("after", "mkdir", 1),
        ("before", "open", 1),
        ("after", "mkdir", 2),
        ("before", "mkdir", 9),
        ("before", "replace", 1),
        ("after", "replace", 1),
        ("before", "rmdir", 1),
        ("after", "rmdir", 4),
        ("before", "close", 1),
    ],
)
def test_a_terminated_run_leaves_nothing_and_nothing_half_written(
    when: str, call: str, count: int, shop: fk.Workspace
) -> None:
    out = shop.root / "out.parquet"
    words = ["trainset", "all", "--spine", str(shop.root / "spine.parquet"), "--time", "asked_at"]
    words += ["--memory", "100kB", "--out", str(out), "--catalog", str(shop.root / "catalog")]
    done = subprocess.run(
        [sys.executable, "-c", TERMINATED, when, call, str(count), *words],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path])},
        check=False,
    )
    assert (done.returncode, done.stdout) == (143, ""), done.stderr
    assert done.stderr == "terminated; nothing was half-written\n"
    assert [*_left(shop.root), *shop.root.glob(".*.part")] == []
    assert not out.exists() or len(pl.read_parquet(out)) == 400


def test_the_pieces_of_a_run_at_work_are_left_alone(shop: fk.Workspace) -> None:
    other = shop.root / ".featurekit-pieces-other"
    other.mkdir()
    spine = shop.root / "spine.parquet"
    held = os.open(other, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    shop.training_file(spine, "spend", shop.root / "o.csv", time="asked_at", memory="1GB")
    assert _left(shop.root) == [other.name]
    os.close(held)


def test_what_a_run_left_that_was_killed_while_it_removed_its_pieces_is_removed(
    shop: fk.Workspace,
) -> None:
    for name in ("half", "empty"):
        (shop.root / f".featurekit-pieces-{name}").mkdir()
    (shop.root / ".featurekit-pieces-half" / "000000.parquet").write_bytes(b"PAR1")
    spine = shop.root / "spine.parquet"
    shop.training_file(spine, "spend", shop.root / "o.csv", time="asked_at", memory="1GB")
    assert _left(shop.root) == []


def test_the_command_line_says_how_it_was_cut(shop: fk.Workspace) -> None:
    session = Session()
    session.use(shop)
    words = f"all --spine {shop.root}/spine.parquet --time asked_at --memory 500kB"
    facts = run_line(session, "trainset", f"{words} --out {shop.root}/out.parquet")
    assert facts["rows"] == 400
    assert "pieces; the largest" in cards.text(facts)
    for more in ("", f" --out {shop.root}/out.parquet --engine duckdb"):
        with pytest.raises(fk.FeatureError):
            run_line(session, "trainset", words + more)


@pytest.mark.parametrize("name", ["\0row", "\0piece"])
def test_a_column_named_like_the_pieces_own_is_refused(name: str, shop: fk.Workspace) -> None:
    spine = pl.read_parquet(shop.root / "spine.parquet").with_columns(pl.lit(1).alias(name))
    with pytest.raises(fk.FeatureError) as refused:
        shop.training_set(spine, "all", time="asked_at", memory="1GB")
    assert refused.value.code == "FK290"
    assert shop.training_set(spine, "all", time="asked_at")[name].to_list() == [1] * 400


def test_the_questions_are_remarked_on_as_in_memory(shop: fk.Workspace) -> None:
    """Asked twice, without a key or a time, outside of rules: the card says the same of either."""
    shop.source("visit", kind="request", schema="age:bigint", rules={"age": "0..120 else null"})
    shop.source(
        *("sales", "payments.parquet"), entity=["customer"], time="at", tie="payment",
        rules={"amount": "0..100 else null"},
    )  # fmt: skip
    cell = "SELECT SUM(amount) OVER last_7d AS sold FROM sales"
    shop.feature("sold", cell, source="sales", entity="customer", owner="a@example.com")
    cell = "SELECT visit.age + 1 AS older FROM visit"
    shop.feature("visits", cell, source="visit", owner="a@example.com")
    place = pl.int_range(len(spine := pl.read_parquet(shop.root / "spine.parquet")), eager=True)
    spine = spine.with_columns(
        pl.when(place % 90 != 3).then("asked_at").alias("asked_at"),
        age=pl.when(place % 7 != 0).then(place * 1).otherwise(30).cast(pl.Int64),
    )
    spine = pl.concat([spine, spine.gather_every(9), spine.head(5)])
    spine.write_parquet(shop.root / "spine.parquet")
    asked = {"time": "asked_at", "label": "label"}
    given = str(shop.root / "spine.parquet")
    meant = shop.training(given, ["sold", "visits"], **asked)
    out, what = shop.root / "out.parquet", ["sold", "visits"]
    made = shop.training_file(given, what, out, memory="100kB", lock=True, **asked)
    assert made.pieces > 2
    assert made.spine == meant.report.spine
    assert made.spine is not None
    assert made.spine.duplicates > 40
    assert made.lints == meant.report.lints
    assert [one.code for one in made.lints].count("FK275") == 2
    session = Session()
    session.use(shop)
    words = f"sold visits --spine {given} --time asked_at --out {out}"
    cards_of = [run_line(session, "trainset", f"{words}{more}") for more in ("", " --memory 100kB")]
    whole, cut = ({(b["label"], b["text"]) for b in one["badges"]} for one in cards_of)
    assert {label for label, _ in whole} >= {"no key", "no time", "asked twice"}
    assert {pair for pair in cut if pair[0] not in {"in pieces", "large entity"}} == whole
