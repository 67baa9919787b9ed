"""Fixtures for the tests of the whole: a small made-up trade, registered and published."""

from __future__ import annotations

from pathlib import Path

import pytest
from counting import Counting
from trade import published, registered, write_rows

import featurekit as fk


def pytest_configure(config: pytest.Config) -> None:
    """Count the values that are compared."""
    config.pluginmanager.register(Counting())


@pytest.fixture
def trade() -> fk.Workspace:
    """A catalog in memory with ``customer``, ``transactions`` and ``country``."""
    return registered(fk.Workspace(":memory:"))


@pytest.fixture
def churn() -> fk.Workspace:
    """As ``trade``, with ``customer_spend`` 1.0 and the set ``churn`` 1.0."""
    return published(registered(fk.Workspace(":memory:")))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with data files and a published catalog; the process stands in it."""
    monkeypatch.delenv("FEATUREKIT_CATALOG", raising=False)
    monkeypatch.chdir(tmp_path)
    write_rows(tmp_path)
    published(registered(fk.Workspace("catalog"), "transactions.parquet"))
    return tmp_path
