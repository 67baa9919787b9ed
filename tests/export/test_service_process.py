"""A real process: it answers what schemathesis asks, and finishes what it began after SIGTERM."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import schemathesis
from package_runs import put
from sample_packages import shop_package
from service_runs import tried

from featurekit.export.render import render

SLOW = """
import sys, time
from shop_features.service import __main__ as command
from shop_features import MemoryStore
import shop_features.opening

class Slow(MemoryStore):
    def changes(self, *given):
        time.sleep(1.0)
        return super().changes(*given)

command.opened_store = lambda said: Slow()
sys.exit(command.main(sys.argv[1:] + ["--store", "slow"]))
"""
ENTITY = {"customer_id": "c1", "city": "Rome"}
REQUEST = {"amount": 10, "items": 2, "discount": None, "country": "USA", "due": "2024-05-01"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = put(render(replace(shop_package(), service=True)), tmp_path_factory.mktemp("shop"))
    (folder / "slow.py").write_text(SLOW)
    return folder


def started(shop: Path, *command: str) -> tuple[subprocess.Popen[str], str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-B", *command, "--port", str(port)],
        cwd=shop,
        env={"PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    url = f"http://127.0.0.1:{port}"
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{url}/health").status_code == 200:
                return process, url
        except httpx.TransportError:
            time.sleep(0.05)
    process.kill()
    raise AssertionError(process.communicate()[0])


@pytest.fixture
def served(shop: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process, url = started(shop, "-m", "shop_features.service")
    yield process, url
    process.kill()
    process.communicate()


@pytest.mark.slow
def test_a_real_server_holds_what_its_openapi_says(
    served: tuple[subprocess.Popen[str], str],
) -> None:
    process, url = served
    came = tried(schemathesis.openapi.from_url(f"{url}/openapi.json"), 10)
    assert came["POST /features positive"][200] > 3
    process.send_signal(signal.SIGTERM)
    lines = [json.loads(line) for line in process.communicate(timeout=20)[0].splitlines()]
    assert (lines[0]["message"], lines[-1]["message"]) == ("started", "stopped")
    assert process.returncode == 0
    assert {"request_id", "path", "status"} <= set(lines[5])


@pytest.mark.slow
def test_a_request_under_way_is_answered_after_sigterm_and_new_ones_are_not_taken(
    shop: Path,
) -> None:
    process, url = started(shop, "slow.py", "--seconds", "20")
    try:
        with ThreadPoolExecutor(1) as pool:
            asked = {"entity": ENTITY, "request": REQUEST}
            began = time.monotonic()
            answer = pool.submit(httpx.post, f"{url}/features", json=asked, timeout=30)
            time.sleep(0.5)
            process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            with pytest.raises(httpx.TransportError):
                httpx.get(f"{url}/health", timeout=5)
            assert answer.result().status_code == 200
            assert time.monotonic() - began > 2
        process.communicate(timeout=20)
        assert process.returncode in {0, -signal.SIGTERM}
    finally:
        process.kill()
        process.communicate()
