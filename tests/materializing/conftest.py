"""A published set over invented rows, and the package that engineering got of it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shop_floor


@pytest.fixture
def ws(tmp_path: Path) -> Any:
    return shop_floor.workspace(tmp_path, shop_floor.floor())


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The exported package, imported."""
    folder = tmp_path_factory.mktemp("receiving")
    made = shop_floor.workspace(tmp_path_factory.mktemp("floor"), shop_floor.floor())
    made.export("floor", to=folder)
    sys.path.insert(0, str(folder))
    yield importlib.import_module("floor_features")
    sys.path.remove(str(folder))
    for module in [m for m in sys.modules if m.partition(".")[0] == "floor_features"]:
        del sys.modules[module]
