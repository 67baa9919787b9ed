from __future__ import annotations

from collections.abc import Iterator

import pytest
from targets import Duck


@pytest.fixture(scope="session")
def duck() -> Iterator[Duck]:
    opened = Duck()
    yield opened
    opened.close()
