"""One kernel for the tests of this folder; each test gets a fresh catalog in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from kernel_session import Kernel, kernel


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """Return the kernel, without anything loaded."""
    with kernel(tmp_path_factory.mktemp("kernel")) as started:
        yield started


@pytest.fixture
def session(running: Kernel, tmp_path: Path) -> Kernel:
    """Return the kernel in a folder of its own, with the extension loaded anew."""
    running.run(f"import os; os.chdir({str(tmp_path)!r})")
    running.run("%reload_ext featurekit")
    return running


@pytest.fixture(scope="session")
def transactions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small file of invented transactions."""
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    rows = [
        {
            "txn_id": number,
            "customer_id": f"c{number % 5}",
            "amount": number % 50 + 0.5,
            "status": "settled" if number % 3 else "open",
            "event_time": start + dt.timedelta(hours=number),
        }
        for number in range(300)
    ]
    path = tmp_path_factory.mktemp("data") / "transactions.parquet"
    pl.DataFrame(rows).write_parquet(path)
    return path


@pytest.fixture
def defined(session: Kernel, transactions: Path) -> Kernel:
    """Return the kernel with an entity and a source."""
    for cell in (
        "%fk connect",
        "%entity customer customer_id:string",
        f"%source transactions {transactions} --entity customer --time event_time --tie txn_id",
    ):
        ran = session.run(cell)
        assert ran.error is None, ran.traceback
    return session
