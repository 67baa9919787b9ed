"""One kernel for the tests of this folder; each test gets a fresh catalog in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel_session import Kernel, kernel
from trade import hourly


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
    return hourly(300, tmp_path_factory.mktemp("data") / "transactions.parquet")


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
