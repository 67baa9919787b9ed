from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from targets import Duck

sys.path.append(str(Path(__file__).parents[1] / "export"))


@pytest.fixture(scope="session")
def duck() -> Iterator[Duck]:
    opened = Duck()
    yield opened
    opened.close()
