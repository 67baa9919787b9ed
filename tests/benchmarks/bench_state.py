"""Window state online: the generated one beside what is written by hand.

    python tests/benchmarks/bench_state.py [events] [entities] [rounds]

Twelve aggregates (sum, count, average, maximum over an hour, a day, a week); each event is taken in
and a question asked behind it. Events are drawn by a zipf law over entities. Answers are checked
against integer cents first; then all take turns, and the median of CPU time a round counts.
"""

from __future__ import annotations

import datetime as dt
import gc
import importlib
import random
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "export"), str(HERE.parents[1])]

from package_runs import running
from sample_packages import package
from state_yardsticks import DAY, HOUR, WEEK, Cascade, Lists, Rings

from featurekit.datatypes import BIGINT, DOUBLE, TIMESTAMP, VARCHAR
from featurekit.frontends.from_sql import read_view
from featurekit.frontends.scope import Header, Scope
from featurekit.ir.definitions import Entity, Field, Source, SourceKind

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)
START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
WINDOWS = ("last_1h", "last_1d", "last_7d")
Event = tuple[int, int, float, dt.datetime]


def definition() -> Any:
    """Return the package of the twelve aggregates."""
    fields = (
        Field("account", VARCHAR),
        Field("at", TIMESTAMP),
        Field("amount", DOUBLE, required=True),
        Field("number", BIGINT),
    )
    source = Source("payments", SourceKind.EVENTS, fields, ("account",), time="at", tie="number")
    entity = Entity("account", (Field("account", VARCHAR),))
    features = ", ".join(
        f"{call} OVER {window} AS {name}_{window[5:]}"
        for window in WINDOWS
        for call, name in (
            ("SUM(amount)", "sum"),
            ("COUNT(*)", "count"),
            ("AVG(amount)", "avg"),
            ("MAX(amount)", "max"),
        )
    )
    header = Header(name="spend", source="payments", entity="account", owner="ann@example.com")
    scope = Scope({"account": entity}, {"payments": source}, {}, {})
    cell = f"SELECT {features} FROM payments"  # noqa: S608  a cell of ours
    view = read_view(header, cell, scope)
    return package({"spend@1.0": view}, "speed")


def drawn(count: int, entities: int, seed: int = 3) -> list[Event]:
    """Return events in order of time over thirty days; no entity has two in one microsecond."""
    draw = random.Random(seed)
    shares = list(accumulate(1 / rank for rank in range(1, entities + 1)))
    keys = draw.choices(range(entities), cum_weights=shares, k=count)
    times = sorted(draw.sample(range(30 * 24 * 3600 * 1000), count))
    cents = [round(draw.lognormvariate(3, 1.2) * 100) for _ in range(count)]
    made = zip(keys, times, cents, strict=True)
    return [
        (key, to_micros(at := START + dt.timedelta(milliseconds=t)), cent / 100, at)
        for key, t, cent in made
    ]


def to_micros(moment: dt.datetime) -> int:
    """Return microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


def by_hand(kind: Callable[[], Any]) -> Callable[[Sequence[Event]], float]:
    """Return a round of a yardstick that is given microseconds and values."""

    def one(events: Sequence[Event]) -> float:
        update = kind().update
        began = time.process_time()
        for key, t, x, _ in events:
            update(key, t, x)
        return time.process_time() - began

    return one


def from_rows(kind: Callable[[], Any]) -> Callable[[Sequence[Any]], float]:
    """Return a round of a yardstick that is given rows and moments, as the generated state is."""

    def one(rows: Sequence[Any]) -> float:
        update = kind().update
        began = time.process_time()
        for key, entry, _ in rows:
            row = entry.row
            update(key, (row["at"] - EPOCH) // MICROSECOND, row["amount"])
        return time.process_time() - began

    return one


def named_from_rows(kind: Callable[[], Any]) -> Callable[[Sequence[Any]], float]:
    """Return a round of a yardstick that takes in the same rows and answers by the same names."""

    def one(rows: Sequence[Any]) -> float:
        update = kind().update
        began = time.process_time()
        for key, entry, _ in rows:
            row = entry.row
            s1, n1, a1, m1, s2, n2, a2, m2, s3, n3, a3, m3 = update(
                key, (row["at"] - EPOCH) // MICROSECOND, row["amount"]
            )
            _ = {
                "sum_1h": s1,
                "count_1h": n1,
                "avg_1h": a1,
                "max_1h": m1,
                "sum_1d": s2,
                "count_1d": n2,
                "avg_1d": a2,
                "max_1d": m2,
                "sum_7d": s3,
                "count_7d": n3,
                "avg_7d": a3,
                "max_7d": m3,
            }
        return time.process_time() - began

    return one


def generated(kind: Callable[[], Any]) -> Callable[[Sequence[Any]], float]:
    """Return a round of the generated state: it takes in the row, and is asked just after it."""

    def one(rows: Sequence[Any]) -> float:
        states: dict[int, Any] = {}
        asked: Any = {}
        began = time.process_time()
        for key, entry, moment in rows:
            state = states.get(key)
            if state is None:
                state = states[key] = kind()
            state.add(entry)
            state.spend(asked, moment)
        return time.process_time() - began

    return one


def check(events: Sequence[Event], rows: Sequence[Any], kind: Callable[[], Any]) -> int:
    """Compare all with sums of whole cents; return how many answers were compared."""
    peers = {"rings": Rings(), "lists": Lists(), "cascade": Cascade()}
    states: dict[int, Any] = {}
    before: dict[int, list[tuple[int, int]]] = {}
    compared = 0
    for (key, t, x, _), (_, entry, moment) in zip(events, rows, strict=True):
        held = before.setdefault(key, [])
        held.append((t, round(x * 100)))
        state = states.setdefault(key, kind())
        state.add(entry)
        given = list(state.spend({}, moment).values())
        meant: list[Any] = []
        for length in (HOUR, DAY, WEEK):
            inside = [cents for at, cents in held if at > t - length]
            total = sum(inside)
            meant += [total / 100, len(inside), total / 100 / len(inside), max(inside) / 100]
        told = {name: peer.update(key, t, x) for name, peer in peers.items()}
        for name, answers in {"generated": given, **told}.items():
            for got, want in zip(answers, meant, strict=True):
                if abs(got - want) > 1e-9 * max(1.0, abs(want)):
                    raise SystemExit(f"{name} answers {got}, not {want}")
            compared += 12
    return compared


def memory(rows: Sequence[Any], kind: Callable[[], Any]) -> tuple[float, float]:
    """Return bytes an entity and bytes a row, beside the rows themselves."""
    gc.collect()
    tracemalloc.start()
    states: dict[int, Any] = {}
    for key, entry, moment in rows:
        state = states.setdefault(key, None) or kind()
        states[key] = state
        state.add(entry)
        state.spend({}, moment)
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return used / len(states), used / len(rows)


def main(count: int = 1_000_000, entities: int = 10_000, rounds: int = 5) -> None:
    """Print the table."""
    events = drawn(count, entities)
    with running(definition(), Path(tempfile.mkdtemp())) as module:
        version = importlib.import_module(f"{module.__name__}.v1_0")
        kind = importlib.import_module(f"{module.__name__}.v1_0.state").PaymentsByAccount
        rows = []
        for number, (key, _, x, at) in enumerate(events):
            row = {"account": str(key), "at": at, "amount": x, "number": number}
            ((_, _, entry),) = version.entries("payments", row)
            rows.append((key, entry, at + MICROSECOND))
        few = min(count, 20_000)
        print(f"{check(events[:few], rows[:few], kind):,} answers are those of whole cents")
        gc.collect()
        gc.freeze()
        peers: dict[str, tuple[Callable[[Any], float], Any]] = {
            "rings of arrays by hand": (by_hand(Rings), events),
            "rings of lists by hand": (by_hand(Lists), events),
            "cascade of deques by hand": (by_hand(Cascade), events),
            "rings of arrays, from rows": (from_rows(Rings), rows),
            "rings of lists, from rows": (from_rows(Lists), rows),
            "rings of lists, rows to names": (named_from_rows(Lists), rows),
            "generated": (generated(kind), rows),
        }
        spent: dict[str, list[float]] = {name: [] for name in peers}
        for _ in range(rounds):
            for name, (one, given) in peers.items():
                spent[name].append(one(given) / count * 1e6)
        report(spent)
        entity, row = memory(rows[: count // 4], kind)
        print(f"memory beside the rows: {entity:,.0f} bytes an entity, {row:,.0f} a row")


def report(spent: dict[str, list[float]]) -> None:
    """Print microseconds an event, and how fast the generated state is beside each."""
    own = spent["generated"]
    print(f"{'':31}{'us an event':>12}{'generated is':>14}")
    for name, times in spent.items():
        ratio = statistics.median(a / b for a, b in zip(times, own, strict=True))
        print(f"{name:31}{statistics.median(times):12.2f}{ratio:12.2f} x")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
