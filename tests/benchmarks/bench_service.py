"""Requests per second and p99 of the generated service on one core, beside one written by hand.

python tests/benchmarks/bench_service.py [--seconds 5] [--rounds 5] [--connections 8] [--no-redis]

Each server is a process of its own on core 0, the client is on core 1. Answers are checked equal first,
then the servers take turns, round by round; medians of the rounds, ratios within a round.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import itertools
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "export")]

from package_runs import put
from sample_packages import package

import featurekit as fk
from featurekit.export.render import render

NOW = dt.datetime(2024, 6, 12, tzinfo=dt.UTC)
OWNER = "bench@example.com"
CUSTOMERS, EVENTS = 100, 20
SPEND = """SELECT SUM(amount) OVER last_7d AS sum_7d, COUNT(*) OVER last_7d AS times_7d,
MAX(amount) OVER last_7d AS most_7d, SUM(amount) OVER last_30d AS sum_30d,
COUNT(*) OVER last_30d AS times_30d, MAX(amount) OVER last_30d AS most_30d FROM payments"""
BASKET = """SELECT amount / items AS per_item, amount > 100 AS large, country = 'US' AS domestic,
amount * 100 AS cents FROM basket"""


def exported(folder: Path) -> None:
    """Write the generated package with its service."""
    made = fk.Workspace(":memory:")
    made.entity("customer", "customer_id:string")
    rows = [{"customer_id": "c", "amount": 1.0, "happened": NOW, "number": 1}]
    made.source("payments", rows, entity="customer", time="happened", tie="number")
    schema = "amount:double! items:bigint! country:string"
    made.source("basket", kind="request", schema=schema)
    made.feature("spend", SPEND, source="payments", owner=OWNER)
    made.feature("basket", BASKET, source="basket", owner=OWNER)
    views = {f"{name}@1.0": made.draft(name).view for name in ("spend", "basket")}
    put(render(replace(package(views, "bench"), service=True)), folder)


def events() -> Iterator[dict[str, Any]]:
    """Yield what happened."""
    chance = random.Random(7)
    for number in range(CUSTOMERS * EVENTS):
        at = NOW - dt.timedelta(seconds=chance.randrange(1, 40 * 86400))
        yield {
            "customer_id": f"c{number % CUSTOMERS}",
            "amount": round(chance.uniform(1, 500), 2),
            "happened": at.isoformat(),
            "number": number,
        }


def questions() -> list[bytes]:
    """Return requests, ready to be sent."""
    chance = random.Random(11)
    made: list[bytes] = []
    for _ in range(500):
        body = {
            "entity": {"customer_id": f"c{chance.randrange(CUSTOMERS)}"},
            "request": {"amount": round(chance.uniform(1, 300), 2), "items": 3, "country": "US"},
            "as_of": NOW.isoformat(),
        }
        made.append(request("/features", body))
    return made


def request(path: str, body: dict[str, Any]) -> bytes:
    """Return a request's bytes."""
    text = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(text)}\r\n\r\n".encode() + text


async def sent(reader: Any, writer: Any, message: bytes) -> bytes:
    """Send a request over a connection that is open and return the answer's body."""
    writer.write(message)
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 20" in head[:12], head
    length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
    return await reader.readexactly(int(length)) if length else b""


async def together(port: int, messages: list[bytes]) -> list[bytes]:
    """Send every message once and return the answers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    made = [await sent(reader, writer, message) for message in messages]
    writer.close()
    return made


async def pressed(
    port: int, messages: list[bytes], connections: int, seconds: float
) -> tuple[float, list[float]]:
    """Ask over so many connections for so long; return requests a second, and their times."""
    times: list[float] = []
    until = time.perf_counter() + seconds

    async def one(start: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for at in itertools.count(start * 37):
            began = time.perf_counter()
            if began > until:
                break
            await sent(reader, writer, messages[at % len(messages)])
            times.append(time.perf_counter() - began)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(connections)))
    return len(times) / (time.perf_counter() - began), sorted(times)


@contextlib.contextmanager
def server(folder: Path, *command: str, port: int) -> Iterator[tuple[int, int]]:
    """Run a server on core 0 for the length of a block; give its process and its port."""
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, {0}),  # noqa: PLW1509  nothing else runs here
    )
    try:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield process.pid, port
    finally:
        process.terminate()
        process.wait(20)


def spent(process: int) -> float:
    """Return the seconds of processor time that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def contenders(redis: bool) -> dict[str, tuple[str, ...]]:  # noqa: FBT001  the only argument
    """Return what runs each server, but for its port."""
    hand = str(HERE / "service_by_hand.py")
    made = {
        "by hand, memory": (hand, "{port}", "memory"),
        "generated, memory": ("-m", "bench_features.service", "--port", "{port}"),
    }
    if redis:
        url = "redis://127.0.0.1:6379/13"
        made["by hand, Redis"] = (hand, "{port}", "redis")
        served = ("-m", "bench_features.service", "--port", "{port}", "--store", url)
        made["generated, Redis"] = served
    return made


def same(one: bytes, other: bytes) -> bool:
    """Whether two answers say the same, sums within rounding."""
    first, second = json.loads(one), json.loads(other)
    near = all(
        a == b or (isinstance(a, float) and abs(a - b) < 1e-9 * abs(a))
        for a, b in zip(
            *([said["values"][n] for n in first["values"]] for said in (first, second)), strict=True
        )
    )
    return near and first["status"] == second["status"] and first["as_of"] == second["as_of"]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--no-redis", action="store_true")
    given = parser.parse_args()
    os.sched_setaffinity(0, {1 % (os.cpu_count() or 1)})
    if not given.no_redis:
        import redis

        with redis.Redis(db=13) as client:
            for prefix in ("bench_features", "featurekit:bench:hand"):
                for key in client.scan_iter(f"{prefix}:*", count=1000):
                    client.delete(key)
    with tempfile.TemporaryDirectory() as place, contextlib.ExitStack() as running:
        folder = Path(place)
        exported(folder)
        ports: dict[str, tuple[int, int]] = {}
        for number, (name, command) in enumerate(contenders(not given.no_redis).items()):
            port = 18431 + number
            said = [part.format(port=port) for part in command]
            ports[name] = running.enter_context(server(folder, *said, port=port))
        fed = [request("/ingest/payments", event) for event in events()]
        asked = questions()
        answers: dict[str, list[bytes]] = {}
        for name, (_, port) in ports.items():
            asyncio.run(together(port, fed))
            answers[name] = asyncio.run(together(port, asked))
        first = next(iter(answers.values()))
        for name, found in answers.items():
            assert all(same(a, b) for a, b in zip(first, found, strict=True)), name
        measured(ports, asked, given)


def measured(
    ports: dict[str, tuple[int, int]], asked: list[bytes], given: argparse.Namespace
) -> None:
    """Measure the servers in turns and print the table."""
    found: dict[str, list[tuple[float, ...]]] = {name: [] for name in ports}
    for _ in range(given.rounds):
        for name, (process, port) in ports.items():
            before = spent(process)
            rate, times = asyncio.run(pressed(port, asked, given.connections, given.seconds))
            used = (spent(process) - before) / len(times) * 1e6
            _, single = asyncio.run(pressed(port, asked, 1, given.seconds / 2))
            late = times[int(len(times) * 0.99)] * 1e3
            found[name].append((rate, late, statistics.median(single) * 1e3, used))
    print(f"{given.connections} connections; 1 server core; medians of {given.rounds} rounds")
    heads = ("requests/s", "p99 ms", "p50 alone ms", "CPU us each", "CPU, by hand 1")
    print(" " * 20 + "".join(f"{head:>16}" for head in heads))
    for name, rounds in found.items():
        hand = found["by hand, " + name.partition(", ")[2]]
        ratio = statistics.median(a[3] / b[3] for a, b in zip(rounds, hand, strict=True))
        rate, late, single, used = (
            statistics.median(column) for column in zip(*rounds, strict=True)
        )
        print(f"{name:20}{rate:16,.0f}{late:16.2f}{single:16.3f}{used:16.0f}{ratio:16.2f}")


if __name__ == "__main__":
    main()
