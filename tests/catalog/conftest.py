"""Where a test's catalog lies."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return where a catalog may be made."""
    return tmp_path / "catalog"
