"""The numbers of the first view, each as a ratio or a time against its aim, in one run.

python tests/benchmarks/bench_first_view.py
"""

from __future__ import annotations

import importlib
import math
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import hand_written
from taking_turns import paired

import featurekit as fk
from featurekit.notebook.demo import notebooks_folder

ROUNDS = 15
_FEATURES = 20


def fresh(script: str) -> float:
    """Return the median seconds that ``script`` reports of itself over fresh interpreters."""
    found = [
        float(
            subprocess.run(
                [sys.executable, "-c", script], capture_output=True, text=True, check=True
            ).stdout
        )
        for _ in range(7)
    ]
    return statistics.median(found)


def served_row() -> tuple[float, float, float]:
    """Time the generated function of 20 row-level features against the one written by hand."""
    ws = fk.Workspace(":memory:")
    ws.source("purchase", kind="request", schema=hand_written.REQUEST)
    draft = ws.feature(
        "purchase_facts", hand_written.CELL, source="purchase", owner="bench@example.com"
    )
    with tempfile.TemporaryDirectory() as folder:
        for path, text in draft.package().items():
            (Path(folder) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / path).write_text(text, encoding="utf-8")
        sys.path.insert(0, folder)
        name = next(p.split("/")[0] for p in draft.package() if p.endswith("views.py"))
        version = next(p.split("/")[1] for p in draft.package() if p.endswith("views.py"))
        views = importlib.import_module(f"{name}.{version}.views")
        rows = hand_written.requests(5_000)
        moment = rows[0]["bought_at"]

        def generated(row: dict[str, Any]) -> Any:
            return views.purchase_facts(None, row, moment)

        for row in rows:
            wanted, got = hand_written.by_hand(row), generated(row)
            assert len(got) == _FEATURES
            for feature, value in wanted.items():
                same = got[feature] == value or math.isclose(got[feature], value, rel_tol=1e-12)
                assert same, (feature, value, got[feature])
        return paired(generated, lambda row: hand_written.by_hand(row), rows, ROUNDS)


def flights() -> tuple[fk.Workspace, str]:
    """Return a workspace with the demo's sources, and the data's folder."""
    data = str(notebooks_folder() / "data")
    ws = fk.Workspace(":memory:")
    ws.entity("carrier", "carrier:string")
    ws.entity("airport", "origin:string")
    ws.source(
        "flights",
        f"{data}/flights.parquet",
        entity="carrier,airport",
        time="sched_dep",
        available="landed_at",
        tie="flight_id",
    )
    ws.source(
        "weather", f"{data}/weather.parquet", entity="airport", time="observed_at", kind="snapshot"
    )
    return ws, data


WINDOWS = """
SELECT
  AVG(arr_delay) OVER last_24h AS avg_24h, AVG(arr_delay) OVER last_7d AS avg_7d, AVG(arr_delay) OVER last_30d AS avg_30d,
  MAX(arr_delay) OVER last_24h AS max_24h, MAX(arr_delay) OVER last_7d AS max_7d, MAX(arr_delay) OVER last_30d AS max_30d,
  COUNT(*) OVER last_24h AS n_24h, COUNT(*) OVER last_7d AS n_7d, COUNT(*) OVER last_30d AS n_30d,
  STDDEV_SAMP(arr_delay) OVER last_7d AS spread_7d, SUM(distance) OVER last_7d AS miles_7d,
  COUNT_IF(arr_delay > 15) OVER last_7d AS late_7d, MIN(dep_delay) OVER calendar_1d AS min_yesterday,
  AVG(dep_delay) OVER calendar_7d AS avg_week, COUNT(*) OVER today AS n_today, LAST(arr_delay) OVER last_24h AS latest
"""
WEATHER = "SELECT temp AS temperature, wind_speed AS wind, visib AS visibility, precip AS rain"


def training() -> float:
    """Time a training set of 100,000 flights with 20 features."""
    import polars as pl

    ws, data = flights()
    ws.feature(
        "w",
        WINDOWS,
        source="flights",
        entity="carrier",
        owner="bench@example.com",
        zone="America/New_York",
    )
    ws.feature(
        "x", WEATHER, source="weather", entity="airport", owner="bench@example.com", max_age="3h"
    )
    spine = pl.read_parquet(f"{data}/flights.parquet").sample(100_000, seed=1)
    started = time.perf_counter()
    made = ws.training_set(spine, ["w", "x"], time="sched_dep")
    seconds = time.perf_counter() - started
    assert len(made.columns) - len(spine.columns) == _FEATURES
    return seconds


def card() -> float:
    """Time a ``%%feature`` cell until its card is made, in a fresh session: the median of three."""
    from featurekit.notebook import cards
    from featurekit.verbs import Session, run_line

    spent = []
    for _ in range(3):
        ws, _ = flights()
        session = Session()
        session.use(ws)
        started = time.perf_counter()
        facts = run_line(
            session,
            "feature",
            "carrier_delays --from flights --entity carrier --owner bench@example.com",
            "SELECT AVG(arr_delay) OVER last_7d AS avg_7d, COUNT(*) OVER last_24h AS n_24h, "
            "MAX(arr_delay) OVER calendar_1d AS worst",
        )
        cards.bundle(facts)
        spent.append(time.perf_counter() - started)
    return statistics.median(spent)


def main() -> None:
    """Print the table."""
    rows: list[tuple[str, str, str]] = []
    generated, hand, ratio = served_row()
    rows.append(
        (
            "served view, 20 row-level features",
            f"{ratio:.2f} x by hand ({generated:.2f} / {hand:.2f} us)",
            "1.2 x",
        )
    )
    timed = "import time; t = time.perf_counter(); {}; print(time.perf_counter() - t)"
    rows.append(
        ("import featurekit", f"{fresh(timed.format('import featurekit')) * 1e3:.0f} ms", "100 ms")
    )
    shell = (
        "import time; from IPython.core.interactiveshell import InteractiveShell as S; s = S.instance(); "
        "t = time.perf_counter(); s.run_line_magic('load_ext', 'featurekit'); print(time.perf_counter() - t)"
    )
    rows.append(("%load_ext featurekit", f"{fresh(shell) * 1e3:.0f} ms", "400 ms"))
    rows.append(("card of a %%feature cell, 336,776 flights", f"{card():.2f} s", "1 s"))
    rows.append(("training set, 100,000 x 20 features", f"{training():.2f} s", "10 s"))
    for name, measured, aim in rows:
        print(f"{name:<44} {measured:<38} aim {aim}")


if __name__ == "__main__":
    main()
